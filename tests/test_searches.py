"""Searches in a catalog over a real store: right at every revision, dated, bounded, the same everywhere."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.catalog import Indexer, Snapshot
from feedsvc.errors import StoreError
from feedsvc.model import Batch, Clause, Draft, Facet, Selection, Tombstone
from feedsvc.searches import Searches
from feedsvc.store import Store, occurrences
from feedsvc.store.archives import TermClause
from feedsvc.tail import Catalog
from tests.made import DAY, MINUTE, NOW, draft, source

PAPER = source()
WORDS = ("烟台", "带鱼", "三文鱼", "open")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = opened_in(tmp_path)
    yield opened
    opened.close()


def opened_in(folder: Path) -> Store:
    opened = Store.open(f"sqlite:///{folder / 'feedsvc.db'}", NOW)
    opened.sync([PAPER], {"paper": "1"}, NOW)
    return opened


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store that nothing was saved in yet: quicker to copy than to make."""
    folder = tmp_path_factory.mktemp("empty")
    opened_in(folder).close()
    return folder / "feedsvc.db"


def catalog_of(store: Store) -> Catalog:
    indexer = Indexer(sources=["paper"], ancestors=lambda _: (), limit=5000)
    made = Catalog(store, indexer, bodies=2, every=timedelta(milliseconds=5))
    made.load()
    return made


def said(guid: str, *words: str, **fields: object) -> Draft:
    """The article `guid` with exactly these words."""
    given: dict[str, object] = {"title": f"第{guid}篇", "guid": guid, "words": tuple(sorted(words))}
    return draft(**(given | fields))  # type: ignore[arg-type]


def put(store: Store, *drafts: Draft, minutes: int = 0, gone: Sequence[str] = ()) -> None:
    now = NOW + minutes * MINUTE
    store.lease(["paper"], "me", now, due_only=False)
    graves = tuple(Tombstone(id=guid, when=now) for guid in gone)
    store.finish(PAPER, "me", Batch(drafts=drafts, withdrawn=graves), now, now + DAY)


def search(*queries: str, excluded: bool = False) -> Clause:
    return Clause(facet=Facet.SEARCH, values=tuple(sorted(queries)), excluded=excluded)


def tagged(value: str) -> Clause:
    return Clause(facet=Facet.TAG, values=(value,))


def titles(snapshot: Snapshot, *clauses: Clause) -> set[str]:
    return {a.title for a in snapshot.select(Selection(clauses=clauses), 100).articles}


def changed(snapshot: Snapshot, *clauses: Clause) -> datetime:
    return snapshot.select(Selection(clauses=clauses), 100).changed


def came(store: Store, query: str) -> list[str]:
    """The titles that ever came into a search, in their order."""
    return [a.title for a in store.archive([TermClause(terms=(f"search:{query}",))], 0, 100)]


def test_all_words_must_occur_and_searches_are_clauses_like_others(store: Store) -> None:
    put(
        store,
        said("1", "烟台", "带鱼", tags=["甲"]),
        said("2", "烟台", "三文鱼", tags=["乙"]),
        said("3", "open", tags=["甲"]),
    )
    snapshot = catalog_of(store).snapshot
    assert titles(snapshot, search("烟台")) == {"第1篇", "第2篇"}
    assert titles(snapshot, search("三文鱼 烟台")) == {"第2篇"}
    assert titles(snapshot, search("烟台三文鱼")) == {"第2篇"}
    assert titles(snapshot, search("三文鱼", "open")) == {"第2篇", "第3篇"}
    assert titles(snapshot, search("烟台"), tagged("甲")) == {"第1篇"}
    assert titles(snapshot, search("烟台"), search("带鱼")) == {"第1篇"}
    assert titles(snapshot, search("烟台", excluded=True)) == {"第3篇"}
    assert titles(snapshot, tagged("甲"), search("open", excluded=True)) == {"第1篇"}
    assert titles(snapshot, search("没有")) == set()
    assert titles(snapshot, search("烟台 没有")) == set()
    found, following = snapshot.page(Selection(clauses=(search("烟台"),)), 1)
    rest, _ = snapshot.page(Selection(clauses=(search("烟台"),)), 1, following)
    assert [a.title for a in found + rest] == ["第1篇", "第2篇"]


def test_an_edit_is_found_by_its_new_words_only(store: Store) -> None:
    catalog = catalog_of(store)
    put(store, said("1", "烟台"), said("2", "烟台"))
    catalog.load()
    before = catalog.snapshot
    assert changed(before, search("烟台")) == NOW
    put(store, said("1", "带鱼"), minutes=1)
    catalog.load()
    assert titles(catalog.snapshot, search("烟台")) == {"第2篇"}
    assert titles(catalog.snapshot, search("带鱼")) == {"第1篇"}
    assert changed(catalog.snapshot, search("烟台")) == NOW + MINUTE
    assert changed(catalog.snapshot, search("open")) == datetime.fromtimestamp(0, UTC)
    assert catalog.snapshot.moved(Selection(clauses=(search("烟台"),))) == 3
    assert titles(before, search("烟台")) == {"第1篇", "第2篇"}


def test_what_does_not_change_is_not_written_and_leaves_nothing_touched(store: Store) -> None:
    put(store, said("1", "烟台", html="<p>一</p>"))
    put(store, said("1", "烟台", html="<p>一</p>"), minutes=1)
    assert store.newest() == 1
    put(store, said("1", "烟台", html="<p>一改</p>"), minutes=2)
    with store._engine.connect() as connection:
        assert occurrences.intervals(connection, "烟台") == {1: [(1, None)]}


def test_new_words_of_an_article_that_is_the_same_are_a_change(store: Store) -> None:
    """As when it was saved by a version without searches, or with another dictionary."""
    catalog = catalog_of(store)
    put(store, replace(said("1"), words=None))
    put(store, said("1", "烟台"), minutes=1)
    catalog.load()
    (article,) = catalog.snapshot.articles.values()
    assert (article.revision, article.wording, article.updated) == (2, 2, NOW)
    assert titles(catalog.snapshot, search("烟台")) == {"第1篇"}
    put(store, said("1", "烟台", "open"), minutes=2)
    put(store, said("1", "烟台", "open"), minutes=3)
    catalog.load()
    assert titles(catalog.snapshot, search("open 烟台")) == {"第1篇"}
    assert store.newest() == 3


def test_a_source_that_says_less_leaves_words_to_be_read_again(store: Store) -> None:
    put(store, said("1", "烟台", html="<p>烟台</p>"))
    put(store, said("1", "三文鱼", title="改了题"), minutes=1)
    catalog = catalog_of(store)
    assert titles(catalog.snapshot, search("烟台")) == {"改了题"}
    (unread,) = store.wordings.unread(10)
    assert (unread.title, unread.html, unread.revision) == ("改了题", "<p>烟台</p>", 2)
    assert store.wordings.save([(unread, ("改", "烟台"))], NOW + 2 * MINUTE) == 1
    catalog.load()
    assert titles(catalog.snapshot, search("改 烟台")) == {"改了题"}
    assert store.wordings.unread(10) == []


def test_words_of_an_article_that_changed_meanwhile_are_not_saved(store: Store) -> None:
    put(store, replace(said("1", tags=["甲"]), words=None), replace(said("2"), words=None))
    unread = store.wordings.unread(10)
    put(store, replace(said("1", tags=["乙"]), words=None), minutes=1)
    assert store.wordings.save([(one, ("烟台",)) for one in unread], NOW + 2 * MINUTE) == 1
    assert titles(catalog_of(store).snapshot, search("烟台")) == {"第2篇"}
    assert [one.title for one in store.wordings.unread(1)] == ["第1篇"]


def test_the_withdrawn_are_told_to_those_who_search(store: Store) -> None:
    put(store, said("1", "烟台"), said("2", "烟台"))
    put(store, gone=["1"], minutes=1)
    selected = catalog_of(store).snapshot.select(Selection(clauses=(search("烟台"),)), 10)
    assert [a.title for a in selected.articles] == ["第2篇"]
    assert [a.title for a in selected.withdrawn] == ["第1篇"]
    assert selected.changed == NOW + MINUTE
    put(store, said("1", "烟台"), minutes=2)
    assert titles(catalog_of(store).snapshot, search("烟台")) == {"第1篇", "第2篇"}


def test_archives_keep_their_places_whatever_is_edited_or_pruned(store: Store) -> None:
    put(store, said("1", "烟台"))
    put(store, said("2", "带鱼"), minutes=10)
    put(store, said("3", "烟台"), minutes=11)
    put(store, said("2", "带鱼", "烟台"), minutes=12)
    put(store, said("3", "带鱼"), minutes=13)
    assert came(store, "烟台") == ["第1篇", "第3篇", "第2篇"]
    put(store, said("3", "烟台"), minutes=14)
    assert came(store, "烟台") == ["第1篇", "第3篇", "第2篇"]
    store.prune(NOW + 5 * MINUTE, NOW + DAY)
    assert came(store, "烟台") == ["第3篇", "第2篇"]
    assert store.came([TermClause(terms=("search:烟台",))]) == 3
    assert titles(catalog_of(store).snapshot, search("烟台")) == {"第2篇", "第3篇"}


def test_archives_of_searches_with_other_clauses(store: Store) -> None:
    put(store, said("2", "烟台", "open", tags=["甲"]), said("1", "烟台", tags=["甲"]))
    both = [TermClause(terms=("search:烟台",)), TermClause(terms=("tag:甲",))]
    without = TermClause(terms=("search:open",), excluded=True)
    assert [a.title for a in store.archive(both, 0, 9)] == ["第1篇", "第2篇"]
    assert [a.title for a in store.archive([*both, without], 0, 9)] == ["第1篇"]
    put(store, said("2", "烟台", tags=["甲"]), minutes=1)
    assert [a.title for a in store.archive([*both, without], 0, 9)] == ["第1篇", "第2篇"]


class _Counting:
    """The wordings of a store, with what they were asked for."""

    def __init__(self, store: Store) -> None:
        self._wordings = store.wordings
        self.asked: list[str] = []

    def find(self, query: str, first: int, last: int) -> list[int]:
        self.asked.append(query)
        return self._wordings.find(query, first, last)

    def left(self, wordings: Sequence[int], last: int) -> tuple[datetime, int] | None:
        return self._wordings.left(wordings, last)


def test_a_search_is_found_once_a_snapshot_and_what_is_remembered_is_bounded(store: Store) -> None:
    put(store, *(said(str(n), "烟台") for n in range(50)))
    counting = _Counting(store)
    searches = Searches(counting, limit=5000)
    snapshot = replace(catalog_of(store).snapshot, finder=searches)
    for _ in range(3):
        assert len(titles(snapshot, search("烟台"))) == 50
    assert counting.asked == ["烟台"]
    for number in range(100):
        assert titles(snapshot, search(f"没有{number}")) == set()
        assert searches.size <= 5000
    titles(snapshot, search("烟台"))
    assert counting.asked.count("烟台") == 2


def test_without_the_store_a_search_that_is_not_known_fails(store: Store, tmp_path: Path) -> None:
    put(store, said("1", "烟台"))
    snapshot = catalog_of(store).snapshot
    assert titles(snapshot, search("烟台")) == {"第1篇"}
    store.close()
    for file in tmp_path.iterdir():
        file.unlink()
    assert titles(snapshot, search("烟台")) == {"第1篇"}
    with pytest.raises(StoreError):
        titles(snapshot, search("带鱼"))


def test_many_blocks_of_revisions(store: Store) -> None:
    put(store, *(said(str(n), "烟台", f"n{n % 7}") for n in range(1050)))
    put(store, *(said(str(n), "烟台", f"n{n % 5}") for n in range(0, 1050, 2)), minutes=1)
    snapshot = catalog_of(store).snapshot
    expected = {f"第{n}篇" for n in range(1050) if n % (7 if n % 2 else 5) == 3}
    found, _ = snapshot.page(Selection(clauses=(search("n3 烟台"),)), 2000)
    assert {a.title for a in found} == expected
    assert len(snapshot.page(Selection(clauses=(search("烟台"),)), 2000)[0]) == 1050


_SAID = st.lists(st.sampled_from(WORDS), max_size=3, unique=True)
_STEP = st.lists(st.tuples(st.integers(0, 3), _SAID | st.none()), min_size=1, max_size=3)


@settings(max_examples=20)
@given(st.lists(_STEP, min_size=1, max_size=6), st.sampled_from(["烟台", "三文鱼 带鱼", "烟台带鱼", "open"]))
def test_every_snapshot_is_right_for_ever(
    empty: Path, steps: list[list[tuple[int, list[str] | None]]], query: str
) -> None:
    """Whatever comes, changes, goes (None) and comes back: also when the store is ahead of the snapshot.

    Its answer changes only with the time that it tells, and a catalog that began later says the same.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(empty, folder)
        store = Store(f"sqlite:///{folder}/feedsvc.db")
        catalog = catalog_of(store)
        now: dict[str, list[str]] = {}
        known: list[tuple[Snapshot, set[str]]] = [(catalog.snapshot, set())]
        order: list[str] = []
        for minute, step in enumerate(steps):
            last = dict(step)
            brought = {f"{n}": words for n, words in last.items() if words is not None}
            gone = [f"{n}" for n, words in last.items() if words is None]
            put(store, *(said(g, *w) for g, w in brought.items()), minutes=minute, gone=gone)
            now = {guid: words for guid, words in (now | brought).items() if guid not in gone}
            catalog.load()
            right = {f"第{g}篇" for g, words in now.items() if _answers(query, words)}
            known.append((catalog.snapshot, right))
            order += sorted(right - set(order))
        fresh = catalog_of(store).snapshot
        for snapshot, right in known:
            late = replace(snapshot, finder=Searches(store.wordings))
            assert titles(snapshot, search(query)) == titles(late, search(query)) == right
            assert changed(snapshot, search(query)) == changed(late, search(query))
        for (one, before), (other, after) in pairwise(known):
            assert before == after or changed(one, search(query)) < changed(other, search(query))
        assert changed(fresh, search(query)) == changed(catalog.snapshot, search(query))
        assert sorted(came(store, query)) == sorted(order)
        store.close()


def _answers(query: str, words: list[str]) -> bool:
    needed = {"烟台带鱼": {"烟台", "带鱼"}}.get(query, set(query.split()))
    return needed <= set(words)
