"""One pass over one source: what it brings, what goes wrong, when it is tried again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from feedsvc import refresh
from feedsvc.errors import (
    ChildError,
    DeadlineError,
    FeedsvcError,
    LeaseLostError,
    ReadError,
    RefusedUrlError,
    StatusError,
)
from feedsvc.fetch import Request, Response
from feedsvc.model import Article, Kind, Saved, Source, Stamp
from feedsvc.refresh import Failed, Outcome, Refreshed, Refresher
from feedsvc.store import Store
from tests.fakes import FakeTransport, InProcess, visits
from tests.made import DAY, MINUTE, NOW, source

PAPER = source()
FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>海风日报</title><link>https://paper.example/</link><description>d</description>
{items}
</channel></rss>"""
ITEM = (
    "<item><title>{title}</title><link>https://paper.example/{n}</link><guid>{n}</guid>"
    "<description>{title}的正文，烟台港昨日迎来一批三文鱼。</description></item>"
)


def feed_of(*titles: str) -> bytes:
    return FEED.format(items="".join(ITEM.format(title=t, n=n) for n, t in enumerate(titles))).encode()


def answer(body: bytes = b"", *, status: int = 200, etag: str | None = None) -> Response:
    return Response(
        url=PAPER.url or "",
        moved_to=None,
        status=status,
        body=body,
        content_type="application/rss+xml",
        etag=etag,
        last_modified=None,
    )


@dataclass(slots=True)
class Desk:
    """A refresher over a real store, with a clock set by hand, and no network."""

    store: Store
    folder: Source
    transport: FakeTransport = field(default_factory=FakeTransport)
    children: InProcess = field(default_factory=InProcess)
    now: datetime = NOW

    def refresh(self, which: Source = PAPER, *, owner: str = "me") -> Outcome:
        self.store.lease([which.id], owner, self.now, due_only=False)
        return self.refresher().refresh(which)

    def refresher(self) -> Refresher:
        return Refresher(
            store=self.store,
            visits=visits(self.transport, children=self.children),
            children=self.children,
            clock=lambda: self.now,
            owner="me",
            jitter=0.1,
            max_body=1000,
            chance=lambda: 0.5,
        )

    def articles(self) -> list[Article]:
        return [a for a, _ in self.store.changes(0)]

    def titles(self) -> set[str]:
        return {a.title for a in self.articles() if not a.withdrawn}

    def write(self, name: str, text: str) -> Path:
        assert self.folder.path is not None
        path = self.folder.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path


@pytest.fixture
def desk(tmp_path: Path, reader: None) -> Iterator[Desk]:
    store = Store.open(f"sqlite:///{tmp_path / 'feedsvc.db'}", NOW)
    folder = Source(id="folder", kind=Kind.FOLDER, title="夹", path=tmp_path / "in", region="330400")
    (tmp_path / "in").mkdir()
    store.sync([PAPER, folder], {"paper": "1", "folder": "1"}, NOW)
    yield Desk(store=store, folder=folder)
    store.close()


# -- feeds


def test_a_feed_is_fetched_read_tagged_and_saved(desk: Desk) -> None:
    desk.transport.replies[PAPER.url or ""] = answer(feed_of("三文鱼到烟台", "码头扩建"), etag='"1"')
    outcome = desk.refresh()
    assert outcome == Refreshed(source=PAPER, saved=Saved(new=2))
    assert desk.titles() == {"三文鱼到烟台", "码头扩建"}
    assert all("370600" in a.regions for a in desk.articles())
    state = desk.store.states()["paper"]
    assert (state.title, state.etag, state.failures) == ("海风日报", '"1"', 0)
    assert state.due == NOW + PAPER.interval
    assert state.lease_owner is None


def test_the_next_request_is_conditional_and_304_changes_nothing(desk: Desk) -> None:
    desk.transport.replies[PAPER.url or ""] = answer(feed_of("一则新闻"), etag='"1"')
    desk.refresh()
    before = desk.store.changes(0)
    desk.transport.replies[PAPER.url or ""] = answer(status=304)
    assert desk.refresh() == Refreshed(source=PAPER, saved=Saved())
    assert desk.transport.requests[-1].etag == '"1"'
    assert desk.store.changes(0) == before
    assert desk.store.states()["paper"].etag == '"1"'


def test_validators_of_a_feed_that_could_not_be_read_are_not_kept(desk: Desk) -> None:
    desk.transport.replies[PAPER.url or ""] = answer(b"<html><body>maintenance</body></html>", etag='"bad"')
    outcome = desk.refresh()
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, ReadError)
    assert desk.store.states()["paper"].etag is None


@pytest.mark.parametrize(
    "error",
    [
        StatusError("https://paper.example/feed", 500),
        DeadlineError("https://paper.example/feed", "no answer within 30 s"),
        RefusedUrlError("https://paper.example/feed", "leads to a private address"),
    ],
)
def test_a_failure_keeps_the_articles_and_says_why(desk: Desk, error: FeedsvcError) -> None:
    desk.transport.replies[PAPER.url or ""] = answer(feed_of("一则新闻"))
    desk.refresh()
    before = desk.store.changes(0)
    desk.transport.replies[PAPER.url or ""] = error
    outcome = desk.refresh()
    assert outcome == Failed(source=PAPER, error=error, due=NOW + PAPER.interval)
    state = desk.store.states()["paper"]
    assert (state.failures, state.cause, state.lease_owner) == (1, str(error), None)
    assert desk.store.changes(0) == before
    desk.transport.replies[PAPER.url or ""] = answer(feed_of("一则新闻"))
    assert isinstance(desk.refresh(), Refreshed)
    assert desk.store.states()["paper"].failures == 0


def test_failures_in_a_row_double_the_wait(desk: Desk) -> None:
    desk.transport.replies[PAPER.url or ""] = StatusError("https://paper.example/feed", 500)
    waits = []
    for _ in range(9):
        desk.refresh()
        waits.append(desk.store.states()["paper"].due - desk.now)
    assert waits[:3] == [timedelta(minutes=m) for m in (15, 30, 60)]
    assert waits[-1] == timedelta(hours=24)


def test_retry_after_is_obeyed(desk: Desk) -> None:
    desk.transport.replies[PAPER.url or ""] = StatusError(
        "https://paper.example/feed", 429, retry_after=timedelta(hours=3)
    )
    desk.refresh()
    assert desk.store.states()["paper"].due == NOW + timedelta(hours=3)


def test_what_was_read_under_a_lost_lease_is_dropped(desk: Desk) -> None:
    def slow(request: Request) -> Response:
        desk.now += 10 * MINUTE
        assert desk.store.lease(["paper"], "another", desk.now, due_only=False) == ["paper"]
        return answer(feed_of("一则新闻"))

    desk.transport.replies[PAPER.url or ""] = slow
    outcome = desk.refresh()
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, LeaseLostError)
    assert desk.articles() == []
    state = desk.store.states()["paper"]
    assert (state.lease_owner, state.failures) == ("another", 0)


def test_a_fault_of_ours_is_a_failure_of_one_source(desk: Desk) -> None:
    desk.children.fail = lambda *_: ZeroDivisionError("ours")
    desk.transport.replies[PAPER.url or ""] = answer(feed_of("一则新闻"))
    outcome = desk.refresh()
    assert isinstance(outcome, Failed)
    assert "internal error: ZeroDivisionError" in str(outcome.error)


def test_only_the_newest_items_asked_for_are_taken(desk: Desk) -> None:
    desk.transport.replies[PAPER.url or ""] = answer(feed_of("甲新闻", "乙新闻", "丙新闻"))
    desk.refresh(source(max_items=2))
    assert desk.titles() == {"甲新闻", "乙新闻"}


# -- what a feed takes back


def atom_of(*entries: str, gone: str = "") -> bytes:
    """An Atom feed of entries «id» or «id updated», and tombstones «ref when»."""
    body = ""
    for name, _, updated in (entry.partition(" ") for entry in entries):
        when = f"<updated>{updated}</updated>" if updated else ""
        body += (
            f"<entry><id>{name}</id><title>文章{name}</title>{when}<content>正文{name}。</content></entry>"
        )
    for ref, _, when in (each.partition(" ") for each in gone.split(",") if each):
        body += f'<at:deleted-entry ref="{ref}" when="{when}"/>'
    tombstones = "http://purl.org/atompub/tombstones/1.0"
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="{tombstones}">{body}</feed>'.encode()


def test_a_tombstone_withdraws_once_and_the_entry_comes_back(desk: Desk) -> None:
    def serve(body: bytes) -> Saved:
        desk.now += MINUTE
        desk.transport.replies[PAPER.url or ""] = answer(body)
        outcome = desk.refresh()
        assert isinstance(outcome, Refreshed)
        return outcome.saved

    tombstone = "甲 2026-11-22T04:01:30Z"
    assert serve(atom_of("甲", "乙")) == Saved(new=2)
    assert serve(atom_of("乙", gone=f"{tombstone},没见过的 2026-11-22T04:01:30Z")) == Saved(
        unchanged=1, withdrawn=1
    )
    before = desk.store.changes(0)
    assert serve(atom_of("乙", gone=tombstone)) == Saved(unchanged=1)
    assert serve(atom_of("乙")) == Saved(unchanged=1)  # tombstones do not stand for ever
    assert desk.store.changes(0) == before
    assert desk.titles() == {"文章乙"}
    ids = {a.title: a.id for a in desk.articles()}
    assert serve(atom_of("甲", "乙")) == Saved(edited=1, unchanged=1)
    assert {a.title: a.id for a in desk.articles() if not a.withdrawn} == ids


def test_an_entry_beside_its_tombstone_stays(desk: Desk) -> None:
    desk.transport.replies[PAPER.url or ""] = answer(atom_of("甲", gone="甲 2026-11-22T09:00:00Z"))
    assert desk.refresh() == Refreshed(source=PAPER, saved=Saved(new=1))
    assert desk.titles() == {"文章甲"}


def test_a_tombstone_older_than_the_article_is_none_of_its(desk: Desk) -> None:
    """An entry that came back, and dropped off the end of its feed where its old tombstone still stands."""
    desk.transport.replies[PAPER.url or ""] = answer(atom_of("甲 2026-11-21T00:00:00Z"))
    desk.refresh()
    desk.transport.replies[PAPER.url or ""] = answer(atom_of(gone="甲 2026-11-20T00:00:00Z"))
    assert desk.refresh() == Refreshed(source=PAPER, saved=Saved())
    desk.transport.replies[PAPER.url or ""] = answer(atom_of(gone="甲 2026-11-21T00:00:00Z"))
    assert desk.refresh() == Refreshed(source=PAPER, saved=Saved(withdrawn=1))


def test_a_source_takes_back_its_own_articles_alone(desk: Desk) -> None:
    other = source("other")
    desk.store.sync([PAPER, other], {"paper": "1", "other": "1"}, NOW)
    for each in (PAPER, other):
        desk.transport.replies[each.url or ""] = answer(atom_of("甲"))
        desk.refresh(each)
    desk.transport.replies[other.url or ""] = answer(atom_of(gone="甲 2026-11-22T09:00:00Z"))
    desk.refresh(other)
    assert {a.source: a.withdrawn is not None for a in desk.articles()} == {"paper": False, "other": True}


# -- folders


def test_a_folder_follows_its_files(desk: Desk) -> None:
    desk.write("a.md", "---\ntitle: 甲题\n---\n甲的正文。\n")
    path = desk.write("sub/b.txt", "乙题\n乙的正文写在这里。\n")
    assert desk.refresh(desk.folder) == Refreshed(source=desk.folder, saved=Saved(new=2))
    ids = {a.title: a.id for a in desk.articles()}
    # nothing changed: nothing is read
    desk.children.fail = lambda *_: AssertionError("read again")
    assert desk.refresh(desk.folder) == Refreshed(source=desk.folder, saved=Saved())
    desk.children.fail = lambda *_: None
    # changed
    desk.write("a.md", "---\ntitle: 甲题改\n---\n甲的正文。\n")
    desk.refresh(desk.folder)
    # moved
    path.rename(path.parent.parent / "c.txt")
    desk.refresh(desk.folder)
    assert desk.titles() == {"甲题改", "乙题"}
    assert {a.title: a.id for a in desk.articles()} == {"甲题改": ids["甲题"], "乙题": ids["乙题"]}
    # removed
    (path.parent.parent / "c.txt").unlink()
    assert desk.refresh(desk.folder) == Refreshed(source=desk.folder, saved=Saved(withdrawn=1))
    assert desk.titles() == {"甲题改"}


def test_a_file_that_cannot_be_read_spoils_nothing(desk: Desk) -> None:
    desk.write("a.json", "{not json")
    desk.write("b.md", "# 好文章\n\n正文。\n")
    assert desk.refresh(desk.folder) == Refreshed(source=desk.folder, saved=Saved(new=1))
    assert (desk.store.states()["folder"].cause or "").startswith("a.json: ")
    desk.write("a.json", '{"title": "修好了", "content_text": "正文"}')
    desk.refresh(desk.folder)
    assert desk.titles() == {"好文章", "修好了"}
    assert desk.store.states()["folder"].cause is None


def test_a_file_that_kills_its_child_is_found_and_the_others_are_read(desk: Desk) -> None:
    for name in ("a", "b", "c"):
        desk.write(f"{name}.md", f"# 文章{name}\n\n正文。\n")

    def killed(*arguments: object) -> Exception | None:
        stamps = arguments[2]
        assert isinstance(stamps, list)
        return ChildError("stopped") if "b.md" in dict(stamps) else None

    desk.children.fail = killed
    assert desk.refresh(desk.folder) == Refreshed(source=desk.folder, saved=Saved(new=2))
    assert desk.titles() == {"文章a", "文章c"}
    assert desk.store.states()["folder"].cause == "b.md: stopped"


def test_a_file_that_is_too_large_is_not_read(desk: Desk) -> None:
    desk.write("a.txt", "大" * 1000)
    desk.refresh(desk.folder)
    assert desk.titles() == set()
    assert "larger than" in (desk.store.states()["folder"].cause or "")


def test_many_files_are_saved_in_parts(desk: Desk) -> None:
    for n in range(100):
        desk.write(f"{n}.md", f"# 第{n}篇文章\n\n正文{n}。\n")
    assert desk.refresh(desk.folder) == Refreshed(source=desk.folder, saved=Saved(new=100))


def test_a_folder_that_is_gone_or_suddenly_empty_keeps_its_articles(desk: Desk, tmp_path: Path) -> None:
    for n in range(8):
        desk.write(f"{n}.md", f"# 第{n}篇文章\n\n正文{n}。\n")
    desk.refresh(desk.folder)
    (tmp_path / "in").rename(tmp_path / "elsewhere")
    assert isinstance(desk.refresh(desk.folder), Failed)
    (tmp_path / "in").mkdir()
    outcome = desk.refresh(desk.folder)
    assert isinstance(outcome, Failed)
    assert "8 files were there before" in str(outcome.error)
    assert len(desk.titles()) == 8


def test_a_files_own_category_counts_whatever_it_is_called(desk: Desk) -> None:
    for name, category in (("a", "三农"), ("b", "SPORT"), ("c", "本地")):
        desk.write(
            f"{name}.md",
            f"---\ntitle: 文章{name}\ncategory: {category}\n---\n县医院新院区启用，门诊量增加。\n",
        )
    desk.refresh(desk.folder)
    found = {a.title: a.category for a in desk.articles()}
    assert found == {"文章a": "agriculture", "文章b": "sport", "文章c": "health"}


def test_our_region_is_the_sources_own(desk: Desk) -> None:
    desk.write("a.md", "# 我市举行消防演练\n\n昨日上午，演练在市区举行。\n")
    desk.refresh(desk.folder)
    assert desk.articles()[0].regions == ("330400",)


# -- when


def test_backoff() -> None:
    hour = timedelta(hours=1)
    assert refresh.backoff(hour, 1, None, 1.0) == hour
    assert refresh.backoff(hour, 3, None, 1.1) == 4 * hour * 1.1
    assert refresh.backoff(hour, 1, 5 * hour, 0.9) == 5 * hour
    assert refresh.backoff(hour, 3, hour, 1.0) == 4 * hour
    assert refresh.backoff(hour, 10_000, None, 1.1) == DAY
    assert refresh.backoff(hour, 1, 99 * DAY, 1.0) == DAY
    assert refresh.backoff(30 * DAY, 1, None, 1.0) == DAY


def test_unchanged_means_the_same_files_with_the_same_stamps(desk: Desk) -> None:
    desk.write("a.md", "# 题目\n\n正文。\n")
    desk.write("b.json", "{")
    desk.refresh(desk.folder)
    known, unreadable = desk.store.stamps("folder")
    assert unreadable == {"b.json"}
    assert refresh.unchanged(desk.store, desk.folder, known)
    assert not refresh.unchanged(desk.store, desk.folder, {})
    assert not refresh.unchanged(desk.store, desk.folder, known | {"a.md": Stamp(size=0, mtime_ns=0)})
