"""The store on a real SQLite file: what is saved, edited, withdrawn, leased, pruned; whose file it is."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from feedsvc.errors import (
    BusyStoreError,
    ForeignStoreError,
    LeaseLostError,
    NewerStoreError,
    StoreError,
)
from feedsvc.model import Article, Batch, Draft, Enclosure, Kind, ReadFile, Saved, Source, Stamp
from feedsvc.store import Store, database
from feedsvc.store.leases import LEASE
from feedsvc.store.schema import metadata
from tests.made import DAY, MINUTE, NOW, draft, source

PAPER = source()
FOLDER = Source(id="folder", kind=Kind.FOLDER, title="夹", path=Path("/nowhere"))
READING = {"paper": "1", "folder": "1", "other": "1"}


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'feedsvc.db'}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(url_in(tmp_path), NOW)
    opened.sync([PAPER, FOLDER, source("other")], READING, NOW)
    yield opened
    opened.close()


def put(
    store: Store, *drafts: Draft, now: datetime = NOW, of: Source = PAPER, etag: str | None = None
) -> Saved:
    assert store.lease([of.id], "me", now, due_only=False) == [of.id]
    return store.finish(of, "me", Batch(drafts=drafts, etag=etag), now, now + 15 * MINUTE)


def articles(store: Store) -> list[Article]:
    return [article for article, _ in store.changes(0)]


def put_files(
    store: Store, files: dict[str, list[Draft]], *, now: datetime = NOW, gone: set[str] | None = None
) -> Saved:
    """A pass over a folder in which exactly `files` had changed."""
    assert store.lease([FOLDER.id], "me", now, due_only=False) == [FOLDER.id]
    drafts: list[Draft] = []
    read: list[ReadFile] = []
    for name, found in files.items():
        stamp = Stamp(size=1, mtime_ns=int(now.timestamp()))
        read.append(ReadFile(name=name, stamp=stamp, first=len(drafts), last=len(drafts) + len(found)))
        drafts.extend(found)
    released = set(files) | (gone or set())
    batch = Batch(drafts=tuple(drafts), files=tuple(read))
    saved, _ = store.save_files(FOLDER, "me", batch, now, released=released, claimed=frozenset())
    return saved + store.finish_files(
        FOLDER, "me", gone or set(), now, now + 15 * MINUTE, changed=bool(files)
    )


# -- saving


def test_what_a_batch_brought_is_there_in_full(store: Store) -> None:
    published = NOW - DAY
    saved = put(
        store,
        draft(
            "三文鱼“游”到烟台",
            guid="g",
            link="https://paper.example/1",
            html="<p>鲜活</p>",
            summary="鲜活",
            author="作者",
            published=published,
            updated=published + MINUTE,
            enclosures=(Enclosure(url="https://paper.example/a.mp3", type="audio/mpeg", length=5),),
            rights="© 报社",
            tags=["三文鱼", "烟台"],
            category="finance",
            regions=["370600"],
        ),
    )
    assert saved == Saved(new=1)
    (article,) = articles(store)
    assert article == Article(
        id=article.id,
        source="paper",
        seq=1,
        revision=1,
        title="三文鱼“游”到烟台",
        link="https://paper.example/1",
        author="作者",
        published=published,
        updated=published + MINUTE,
        first_seen=NOW,
        changed=NOW,
        category="finance",
        tags=("三文鱼", "烟台"),
        regions=("370600",),
    )
    body = store.bodies([article.id])[article.id]
    assert (body.html, body.summary, body.rights) == ("<p>鲜活</p>", "鲜活", "© 报社")
    assert body.enclosures == (Enclosure(url="https://paper.example/a.mp3", type="audio/mpeg", length=5),)
    assert [(k.word, k.weight) for k in body.keywords] == [("三文鱼", 1.0), ("烟台", 1.0)]


def test_the_first_of_a_document_arrives_last_and_is_the_newest(store: Store) -> None:
    put(store, draft("一"), draft("二"), draft("三"))
    found = sorted(articles(store), key=lambda a: a.seq)
    assert [a.title for a in found] == ["三", "二", "一"]
    assert [a.published for a in found] == sorted(a.published for a in found)
    assert len({a.published for a in found}) == 3


def test_nothing_changed_writes_nothing(store: Store) -> None:
    drafts = [draft("一", guid="1", html="<p>x</p>", tags=["甲"]), draft("二", guid="2")]
    put(store, *drafts)
    before = store.changes(0)
    assert put(store, *drafts, now=NOW + MINUTE) == Saved(unchanged=2)
    assert store.changes(0) == before


def test_published_never_moves_and_updated_moves_with_the_text_only(store: Store) -> None:
    first = draft("题", guid="1", html="<p>一</p>", published=NOW - DAY)
    put(store, first)
    (born,) = articles(store)
    later = NOW + MINUTE
    # markup, tags, author: a new revision, the same updated
    put(store, replace(first, html='<p class="x">一</p>', author="某"), now=later)
    (marked,) = articles(store)
    assert (marked.revision, marked.updated, marked.changed) == (2, born.updated, later)
    # text: updated moves; published does not, whatever the source says
    put(store, replace(first, html="<p>二</p>", published=NOW), now=later + MINUTE)
    (edited,) = articles(store)
    assert (edited.published, edited.updated) == (born.published, later + MINUTE)
    assert (edited.id, edited.seq, edited.first_seen) == (born.id, born.seq, born.first_seen)


def test_an_edit_takes_the_sources_word_for_its_moment_if_it_can_be_true(store: Store) -> None:
    put(store, draft(guid="1", html="<p>一</p>", published=NOW - DAY))
    told = NOW - 5 * MINUTE
    put(store, draft(guid="1", html="<p>二</p>", published=NOW - DAY, updated=told))
    assert articles(store)[0].updated == told
    put(store, draft(guid="1", html="<p>三</p>", published=NOW - DAY, updated=NOW + DAY), now=NOW + MINUTE)
    assert articles(store)[0].updated == NOW + MINUTE


def test_future_and_absent_dates_are_first_seen(store: Store) -> None:
    put(store, draft("明天的", guid="1", published=NOW + DAY), draft("没有的", guid="2"))
    assert all(a.published == a.updated == a.first_seen <= NOW for a in articles(store))


def test_a_source_that_turns_to_headlines_takes_no_body_back(store: Store) -> None:
    put(
        store,
        draft(
            "题", guid="1", link="https://paper.example/1", html="<p>正文</p>", summary="正文", tags=["甲"]
        ),
    )
    put(store, draft("新题", guid="1", summary="别的"), now=NOW + MINUTE)
    (article,) = articles(store)
    assert (article.title, article.tags, article.link) == ("新题", ("甲",), "https://paper.example/1")
    assert store.bodies([article.id])[article.id].html == "<p>正文</p>"
    put(store, draft("新 题"), now=NOW + 2 * MINUTE)
    assert len(articles(store)) == 1
    assert articles(store)[0].title == "新题"


def test_what_an_edit_leaves_is_remembered(store: Store) -> None:
    put(store, draft(guid="1", tags=["甲", "乙"], category="sport"))
    later = NOW + MINUTE
    put(store, draft(guid="1", tags=["乙"], category="health"), now=later)
    ((_, left),) = store.changes(0)
    assert left == {"tag:甲": int(later.timestamp()), "category:sport": int(later.timestamp())}
    put(store, draft(guid="1", tags=["甲", "乙"], category="health"), now=later + MINUTE)
    ((_, left),) = store.changes(0)
    assert left == {"category:sport": int(later.timestamp())}


def test_one_guid_in_two_sources_is_two_articles(store: Store) -> None:
    put(store, draft(guid="1"))
    put(store, draft(guid="1"), of=source("other"))
    assert len({a.id for a in articles(store)}) == 2


def test_revisions_follow_one_another_over_all_sources(store: Store) -> None:
    put(store, draft("一", guid="1"), draft("二", guid="2"))
    put(store, draft("三", guid="1"), of=source("other"))
    put(store, draft("二改", guid="2"), now=NOW + MINUTE)
    assert [a.revision for a in articles(store)] == [2, 3, 4]
    assert store.newest() == 4
    assert [a.revision for a, _ in store.changes(2)] == [3, 4]
    assert [a.revision for a, _ in store.changes(0, limit=1)] == [2]


def test_validators_are_kept_with_the_articles_they_brought(store: Store) -> None:
    put(store, draft(), etag='"a"')
    assert store.states()["paper"].etag == '"a"'
    store.lease(["paper"], "me", NOW, due_only=False)
    store.finish(PAPER, "me", None, NOW + MINUTE, NOW + 2 * MINUTE)
    state = store.states()["paper"]
    assert (state.etag, state.last_success, state.due) == ('"a"', NOW + MINUTE, NOW + 2 * MINUTE)


# -- folders


def test_a_file_removed_withdraws_and_a_file_restored_brings_back(store: Store) -> None:
    whole = draft("题", slot="a.md", html="<p>x</p>", tags=["甲"])
    put_files(store, {"a.md": [whole]})
    (born,) = articles(store)
    assert put_files(store, {}, gone={"a.md"}, now=NOW + MINUTE) == Saved(withdrawn=1)
    (gone,) = articles(store)
    assert (gone.withdrawn, gone.changed, gone.revision) == (NOW + MINUTE, NOW + MINUTE, 2)
    assert store.bodies([gone.id]) == {}
    assert put_files(store, {"a.md": [whole]}, now=NOW + 2 * MINUTE) == Saved(edited=1)
    (back,) = articles(store)
    assert (back.id, back.withdrawn, back.published, back.updated) == (
        born.id,
        None,
        born.published,
        born.updated,
    )
    assert store.bodies([back.id])[back.id].html == "<p>x</p>"


def test_a_file_that_moved_keeps_its_article_and_withdraws_nothing(store: Store) -> None:
    put_files(store, {"a.md": [draft("题", slot="a.md", html="<p>x</p>")]})
    saved = put_files(store, {"b/a.md": [draft("题", slot="b/a.md", html="<p>x</p>")]}, gone={"a.md"})
    assert saved == Saved(unchanged=1)
    put_files(store, {"b/a.md": [draft("新题", slot="b/a.md", html="<p>x</p>")]}, now=NOW + MINUTE)
    assert [a.title for a in articles(store)] == ["新题"]


def test_a_headline_on_two_pages_lives_as_long_as_one_of_them(store: Store) -> None:
    put_files(store, {"1.txt": [draft("甲"), draft("乙")], "2.txt": [draft("乙")]})
    assert len(articles(store)) == 2
    assert put_files(store, {}, gone={"1.txt"}) == Saved(withdrawn=1)
    assert {a.title: a.withdrawn is None for a in articles(store)} == {"甲": False, "乙": True}


def test_a_file_that_cannot_be_read_keeps_its_articles(store: Store) -> None:
    put_files(store, {"a.md": [draft("题", slot="a.md")], "b.md": [draft("别", slot="b.md")]})
    store.lease(["folder"], "me", NOW, due_only=False)
    broken = ReadFile(name="a.md", stamp=Stamp(size=2, mtime_ns=2), first=0, last=0, problem="not YAML")
    store.save_files(FOLDER, "me", Batch(files=(broken,)), NOW, released={"a.md"}, claimed=frozenset())
    assert store.finish_files(FOLDER, "me", frozenset(), NOW, NOW, changed=True) == Saved()
    assert store.states()["folder"].cause == "a.md: not YAML"
    known, unreadable = store.stamps("folder")
    assert known["a.md"] == Stamp(size=2, mtime_ns=2)
    assert unreadable == {"a.md"}


def test_documents_by_hand_are_never_taken_for_files_gone(store: Store) -> None:
    file = ReadFile(name="/tmp/x.md", stamp=Stamp(size=1, mtime_ns=1), first=0, last=1)
    assert store.ingest(
        FOLDER, Batch(drafts=(draft("手工", slot="/tmp/x.md"),), files=(file,)), NOW
    ) == Saved(new=1)
    assert store.stamps("folder") == ({}, set())
    assert put_files(store, {"a.md": [draft("题", slot="a.md")]}) == Saved(new=1)
    assert all(a.withdrawn is None for a in articles(store))


# -- leases


def test_a_source_is_leased_once_until_it_is_given_back_or_runs_out(store: Store) -> None:
    assert store.lease(["paper"], "a", NOW) == ["paper"]
    assert store.lease(["paper"], "b", NOW) == []
    assert not store.any_due(["paper"], NOW)
    assert store.lease(["paper"], "b", NOW + LEASE) == ["paper"]
    with pytest.raises(LeaseLostError, match="paper"):
        store.finish(PAPER, "a", Batch(drafts=(draft(),)), NOW, NOW)
    assert articles(store) == []
    store.fail(PAPER, "a", NOW, "late")
    assert store.states()["paper"].failures == 0


def test_one_host_is_never_leased_twice_at_once(store: Store) -> None:
    twins = [source("one", url="https://same.example/1"), source("two", url="https://same.example/2")]
    store.sync(twins, {"one": "1", "two": "1"}, NOW)
    assert store.lease(["one", "two"], "a", NOW, limit=2) == ["one"]
    assert store.lease(["two"], "b", NOW) == []
    store.release(["a"])
    assert store.lease(["two"], "b", NOW) == ["two"]


def test_the_longest_due_comes_first_and_the_undue_not_at_all(store: Store) -> None:
    for ident, late in (("paper", 1), ("other", 5)):
        store.make_due(ident, NOW - late * MINUTE)
    store.make_due("folder", NOW + MINUTE)
    assert store.lease(["paper", "other", "folder"], "a", NOW, limit=5) == ["other", "paper"]
    assert store.any_due(["folder"], NOW + MINUTE)


def test_a_clock_set_back_neither_keeps_leases_nor_puts_sources_off(store: Store) -> None:
    put(store, draft(), now=NOW + 300 * DAY)
    store.lease(["other"], "gone", NOW + 300 * DAY)
    assert store.lease(["paper", "other"], "a", NOW, limit=2) == ["other", "paper"]


def test_failures_are_counted_until_the_next_success(store: Store) -> None:
    for number in (1, 2):
        store.lease(["paper"], "me", NOW, due_only=False)
        store.fail(PAPER, "me", NOW + DAY, "answered 500")
        state = store.states()["paper"]
        assert (state.failures, state.cause, state.due) == (number, "answered 500", NOW + DAY)
        assert state.lease_owner is None
    put(store, draft())
    state = store.states()["paper"]
    assert (state.failures, state.cause) == (0, None)


def test_a_new_place_or_way_of_reading_starts_anew(store: Store) -> None:
    put(store, draft(), etag='"a"')
    put_files(store, {"a.md": [draft("题", slot="a.md")]})
    store.sync([PAPER, FOLDER], READING, NOW + MINUTE)
    assert store.states()["paper"].etag == '"a"'
    store.sync([source(url="https://new.example/"), FOLDER], READING | {"folder": "2"}, NOW + MINUTE)
    state = store.states()["paper"]
    assert (state.etag, state.due) == (None, NOW + MINUTE)
    assert store.stamps("folder")[0]["a.md"] != Stamp(size=1, mtime_ns=int(NOW.timestamp()))


# -- upkeep


def test_pruning_removes_what_is_old_and_what_was_withdrawn_long_ago(store: Store) -> None:
    put(store, draft("旧", guid="1", html="<p>x</p>"), now=NOW - 401 * DAY)
    put_files(store, {"a.md": [draft("撤", slot="a.md")]}, now=NOW - 100 * DAY)
    put_files(store, {}, gone={"a.md"}, now=NOW - 91 * DAY)
    put(store, draft("新", guid="2"))
    before = store.generation()
    assert store.prune(NOW - 400 * DAY, NOW) == 2
    assert [a.title for a in articles(store)] == ["新"]
    assert store.generation() > before
    assert store.prune(NOW - 400 * DAY, NOW) == 0
    put(store, draft("旧", guid="1"), now=NOW + MINUTE)
    assert len(articles(store)) == 2


def test_a_fact_is_dated_from_when_it_became_true(store: Store) -> None:
    assert store.fact("rendering", "a", NOW) == NOW
    assert store.fact("rendering", "a", NOW + DAY) == NOW
    assert store.fact("rendering", "b", NOW + DAY) == NOW + DAY


def test_watch_tells_writes_of_others(store: Store) -> None:
    watch = store.watch()
    assert watch.moved()
    assert not watch.moved()
    put(store, draft())
    assert watch.moved()
    assert not watch.moved()
    watch.close()


# -- whose file it is


def test_opening_again_keeps_everything(store: Store, tmp_path: Path) -> None:
    put(store, draft())
    again = Store.open(url_in(tmp_path), NOW + DAY, thorough=True)
    assert articles(again) == articles(store)
    assert again.born() == int(NOW.timestamp())
    again.close()


def test_many_processes_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from datetime import UTC, datetime; from feedsvc.store import Store; "
        "Store.open(sys.argv[1], datetime.now(UTC)).close()"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, url_in(tmp_path)]) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0, 0, 0, 0]


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "feedsvc.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE theirs (x)")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(ForeignStoreError, match="another program"):
        Store.open(url_in(tmp_path), NOW)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["feedsvc.db"]


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "feedsvc.db"
    path.write_text("dear diary " * 100)
    with pytest.raises(ForeignStoreError, match="not an SQLite database"):
        Store.open(url_in(tmp_path), NOW)
    assert path.read_text() == "dear diary " * 100


def test_a_newer_schema_is_refused_and_untouched(store: Store, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "feedsvc.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num='9999'")
    raw.close()
    with pytest.raises(NewerStoreError, match="9999"):
        Store.open(url_in(tmp_path), NOW)


def test_a_locked_database_is_said_to_be(store: Store, tmp_path: Path) -> None:
    raw = sqlite3.connect(tmp_path / "feedsvc.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    waiting = Store(url_in(tmp_path), busy=0.05)
    try:
        with pytest.raises(BusyStoreError, match="locked"):
            waiting.make_due("paper", NOW)
        assert waiting.states()["paper"].id == "paper"
    finally:
        raw.close()
        waiting.close()


def test_a_damaged_database_is_said_to_be(store: Store, tmp_path: Path) -> None:
    put(store, *(draft(f"第{n}篇", guid=str(n), html="<p>正文</p>" * 50) for n in range(100)))
    store.close()
    path = tmp_path / "feedsvc.db"
    raw = bytearray(path.read_bytes())
    raw[8192:24576] = bytes(16384)
    path.write_bytes(raw)
    with pytest.raises(StoreError, match="damaged"):
        Store.open(url_in(tmp_path), NOW, thorough=True)


def test_only_files_of_sqlite_are_stores() -> None:
    for url in ("postgresql+psycopg://x/y", "sqlite://", "sqlite:///:memory:"):
        with pytest.raises(StoreError, match="allowed"):
            Store(url)


def test_migrations_make_exactly_the_schema(store: Store, tmp_path: Path) -> None:
    script = ScriptDirectory(str(Path(database.__file__).parent / "migrations"))
    assert script.get_current_head() == database.HEAD
    engine = create_engine(url_in(tmp_path))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA application_id")).scalar() == database.APPLICATION_ID
    engine.dispose()


def test_moments_keep_their_microseconds(store: Store) -> None:
    odd = datetime(2026, 11, 22, 4, 0, 0, 123457, tzinfo=UTC)
    put(store, draft(), now=odd)
    assert articles(store)[0].first_seen == odd
    assert articles(store)[0].first_seen - odd == timedelta(0)
