"""The catalog in memory: snapshots never change, selections are right and newest first, changes are dated."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.catalog import Indexer, Snapshot, key_of
from feedsvc.model import Article, Clause, Facet, Selection
from tests.made import DAY, MINUTE, NOW, article

HELD_BY = {"330411": ("330000", "330400"), "330400": ("330000",), "330000": ()}


def indexer(limit: int = 1000) -> Indexer:
    return Indexer(sources=["paper", "other"], ancestors=lambda code: HELD_BY.get(code, ()), limit=limit)


def snapshot_of(*articles: Article) -> Snapshot:
    return indexer().next(Snapshot(), [(a, {}) for a in articles])


def wanted(facet: Facet, *values: str) -> Clause:
    return Clause(facet=facet, values=values)


def without(facet: Facet, *values: str) -> Clause:
    return Clause(facet=facet, values=values, excluded=True)


def seqs(snapshot: Snapshot, *clauses: Clause, limit: int = 50) -> list[int]:
    return [a.seq for a in snapshot.select(Selection(clauses=clauses), limit).articles]


def test_the_newest_published_come_first_whatever_order_they_arrived_in() -> None:
    late = article(3, published=NOW - DAY)
    assert seqs(snapshot_of(article(1), article(2), late)) == [2, 1, 3]


def test_articles_of_one_moment_stand_in_the_order_of_arrival() -> None:
    assert seqs(snapshot_of(*(article(n, published=NOW) for n in (1, 2, 3)))) == [3, 2, 1]


def test_clauses_are_and_values_are_or_and_minus_excludes() -> None:
    snapshot = snapshot_of(
        article(1, tags=("甲",), category="sport", regions=("330400",)),
        article(2, tags=("甲", "乙"), category="sport", source="other"),
        article(3, tags=("乙",), category="health", author="记者"),
    )
    assert seqs(snapshot, wanted(Facet.TAG, "甲")) == [2, 1]
    assert seqs(snapshot, wanted(Facet.TAG, "甲", "乙")) == [3, 2, 1]
    assert seqs(snapshot, wanted(Facet.TAG, "甲"), wanted(Facet.TAG, "乙")) == [2]
    assert seqs(snapshot, wanted(Facet.CATEGORY, "sport"), without(Facet.TAG, "乙")) == [1]
    assert seqs(snapshot, without(Facet.TAG, "甲", "没有")) == [3]
    assert seqs(snapshot, wanted(Facet.SOURCE, "other")) == [2]
    assert seqs(snapshot, wanted(Facet.AUTHOR, "记者")) == [3]
    assert seqs(snapshot, wanted(Facet.TAG, "没有")) == []


def test_a_region_holds_everything_below_it() -> None:
    snapshot = snapshot_of(article(1, regions=("330411",)), article(2, regions=("330000",)))
    assert seqs(snapshot, wanted(Facet.REGION, "330000")) == [2, 1]
    assert seqs(snapshot, wanted(Facet.REGION, "330400")) == [1]
    assert snapshot.counts(Facet.REGION) == {"330000": 2, "330400": 1, "330411": 1}
    assert snapshot.count(Facet.REGION, "330411") == 1


def test_a_snapshot_never_changes() -> None:
    before = snapshot_of(article(1, tags=("甲",)))
    picture = (dict(before.articles), dict(before.published.by_term), list(before.published.all))
    changed = article(1, revision=5, tags=("乙",))
    after = indexer().next(before, [(changed, {}), (article(2, revision=6, tags=("甲",)), {})])
    assert (dict(before.articles), dict(before.published.by_term), list(before.published.all)) == picture
    assert seqs(after, wanted(Facet.TAG, "乙")) == [1]
    assert seqs(after, wanted(Facet.TAG, "甲")) == [2]
    assert "tag:没有" not in after.published.by_term


def test_the_withdrawn_leave_and_are_remembered() -> None:
    before = snapshot_of(article(1, tags=("甲",)), article(2, tags=("甲",)))
    gone = article(1, revision=3, tags=("甲",), withdrawn=NOW)
    after = indexer().next(before, [(gone, {})])
    found = after.select(Selection(clauses=(wanted(Facet.TAG, "甲"),)), 10)
    assert ([a.seq for a in found.articles], [a.seq for a in found.withdrawn]) == ([2], [1])
    assert after.article(gone.id) == gone
    back = indexer().next(after, [(article(1, revision=4, tags=("甲",)), {})])
    assert seqs(back, wanted(Facet.TAG, "甲")) == [2, 1]


def test_articles_of_sources_no_longer_configured_stay_outside() -> None:
    snapshot = snapshot_of(article(1, source="former"), article(2))
    assert seqs(snapshot) == [2]
    assert snapshot.revision == 2


def test_a_catalog_is_bounded_and_keeps_the_newest() -> None:
    order = list(range(1, 201))
    random.Random(7).shuffle(order)
    snapshot = Snapshot()
    for revision, seq in enumerate(order, start=1):
        snapshot = indexer(limit=100).next(snapshot, [(article(seq, revision=revision), {})])
    assert 100 <= len(snapshot.articles) <= 102
    assert seqs(snapshot, limit=100) == list(range(200, 100, -1))
    assert snapshot.revision == 200


def test_pages_go_on_where_the_last_ended() -> None:
    snapshot = snapshot_of(*(article(n) for n in range(1, 6)))
    first, key = snapshot.page(Selection(), 2)
    second, key = snapshot.page(Selection(), 2, key)
    third, last = snapshot.page(Selection(), 2, key)
    assert [[a.seq for a in page] for page in (first, second, third)] == [[5, 4], [3, 2], [1]]
    assert last is None


def test_leading_tags_are_counted_among_the_newest() -> None:
    snapshot = snapshot_of(article(1, tags=("旧",)), article(2, tags=("甲", "乙")), article(3, tags=("乙",)))
    assert snapshot.leading_tags(5, among=2) == [("乙", 2), ("甲", 1)]


# -- when a selection last changed


def changed(snapshot: Snapshot, *clauses: Clause) -> datetime:
    return snapshot.select(Selection(clauses=clauses), 1).changed


def test_a_change_is_dated_and_so_is_what_an_article_leaves() -> None:
    before = snapshot_of(article(1, tags=("甲",), changed=NOW), article(2, tags=("乙",), changed=NOW))
    assert changed(before, wanted(Facet.TAG, "甲")) == NOW
    later = NOW + MINUTE
    moved = article(1, revision=3, tags=("丙",), changed=later)
    after = indexer().next(before, [(moved, {"tag:甲": int(later.timestamp())})])
    assert changed(after, wanted(Facet.TAG, "甲")) >= later
    assert changed(after, wanted(Facet.TAG, "丙")) == later
    assert changed(after, wanted(Facet.TAG, "乙")) == NOW
    assert changed(after) == later


def test_a_region_left_dates_all_that_hold_it() -> None:
    later = NOW + MINUTE
    before = snapshot_of(article(1, regions=("330411",), changed=NOW))
    moved = article(1, revision=2, changed=later)
    after = indexer().next(before, [(moved, {"region:330411": int(later.timestamp())})])
    assert changed(after, wanted(Facet.REGION, "330000")) >= later


def test_changes_within_a_second_are_dated_after_it() -> None:
    odd = NOW + timedelta(microseconds=1)
    assert changed(snapshot_of(article(1, changed=odd))) == NOW + timedelta(seconds=1)


def test_a_pruning_dates_everything() -> None:
    snapshot = indexer().next(
        snapshot_of(article(1, changed=NOW)), [], generation=int((NOW + DAY).timestamp())
    )
    assert changed(snapshot) == NOW + DAY


def test_an_empty_selection_has_a_date_too() -> None:
    assert changed(Snapshot(), wanted(Facet.TAG, "甲")) == datetime(1970, 1, 1, tzinfo=UTC)


ARTICLES = st.lists(
    st.builds(
        lambda minute, tags, category, gone: (minute, tuple(sorted(tags)), category, gone),
        st.integers(0, 50),
        st.sets(st.sampled_from("甲乙丙丁"), max_size=3),
        st.sampled_from([None, "sport", "health"]),
        st.booleans(),
    ),
    max_size=40,
)
CLAUSES = st.lists(
    st.builds(
        lambda facet, values, excluded: Clause(facet=facet, values=tuple(sorted(values)), excluded=excluded),
        st.just(Facet.TAG),
        st.sets(st.sampled_from("甲乙丙丁戊"), min_size=1, max_size=3),
        st.booleans(),
    )
    | st.just(wanted(Facet.CATEGORY, "sport")),
    max_size=4,
)


@given(ARTICLES, CLAUSES, st.integers(1, 20), st.randoms(use_true_random=False))
def test_any_selection_is_what_a_plain_look_at_every_article_gives(
    rows: list[tuple[int, tuple[str, ...], str | None, bool]],
    clauses: list[Clause],
    limit: int,
    chance: random.Random,
) -> None:
    articles = [
        article(
            n, published=NOW + minute * MINUTE, tags=tags, category=category, withdrawn=NOW if gone else None
        )
        for n, (minute, tags, category, gone) in enumerate(rows, start=1)
    ]
    arriving = articles[:]
    chance.shuffle(arriving)
    snapshot = Snapshot()
    for some in (arriving[: len(arriving) // 2], arriving[len(arriving) // 2 :]):
        snapshot = indexer().next(snapshot, [(a, {}) for a in some])

    def fits(a: Article) -> bool:
        terms = set(a.tags) | {a.category}
        return all(bool(terms & set(c.values)) != c.excluded for c in clauses)

    expected = sorted((a for a in articles if fits(a)), key=key_of, reverse=True)
    found = snapshot.select(Selection(clauses=tuple(clauses)), limit)
    assert list(found.articles) == [a for a in expected if not a.withdrawn][:limit]
    assert list(found.withdrawn) == [a for a in expected if a.withdrawn][:limit]


@pytest.mark.parametrize("excluded", [False, True])
def test_selections_that_hardly_overlap_are_whole(excluded: bool) -> None:
    many = [article(n, tags=("甲",) if n > 5 else ("甲", "乙")) for n in range(1, 3001)]
    many += [article(n, tags=("乙",)) for n in range(3001, 6001)]
    snapshot = indexer(10_000).next(Snapshot(), [(a, {}) for a in many])
    second = without(Facet.TAG, "丙") if excluded else wanted(Facet.TAG, "乙")
    expected = list(range(3000, 2950, -1)) if excluded else [5, 4, 3, 2, 1]
    assert seqs(snapshot, wanted(Facet.TAG, "甲"), second) == expected


def test_a_selection_moves_when_articles_come_change_or_leave_and_not_otherwise() -> None:
    both = Selection(clauses=(wanted(Facet.TAG, "甲"), wanted(Facet.CATEGORY, "sport")))
    before = snapshot_of(article(1, tags=("甲",), category="sport"), article(2, category="sport"))
    assert before.moved(both) == 1
    assert before.moved(Selection()) == 2
    elsewhere = indexer().next(before, [(article(3, tags=("乙",), category="sport"), {})])
    assert elsewhere.moved(both) == 1
    left = article(1, revision=4, category="sport")
    assert indexer().next(elsewhere, [(left, {"tag:甲": 0})]).moved(both) == 4
