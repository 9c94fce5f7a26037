"""States of feeds in ETags: read back by nobody but their own feed, and exact about what was in it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.catalog import Indexer, Selected, Snapshot
from feedsvc.model import Clause, Facet, Selection
from feedsvc.web import deltas
from feedsvc.web.deltas import State
from tests.made import DAY, NOW, article

STATE = State(revision=0x1F4, changed=1_795_000_000, oldest=0x6A3B << 28)
DIGEST = "0123456789abcdef" * 2
TAG = deltas.tag(DIGEST, STATE, "here")


@pytest.mark.parametrize(
    ("a_im", "expected"),
    [
        (None, False),
        ("", False),
        ("feed", True),
        ("Feed", True),
        ("feed, gzip", True),
        ("vcdiff, diffe ,feed;q=0.1", True),
        ("vcdiff, gzip", False),
        ("feed;q=0", False),
        ("feed; q=0.0", False),
        ("feed;q=nonsense", False),
        ("identity, feed;q=0.5", False),
        ("identity;q=0.5, feed", True),
        ("identity;q=0.5, feed;q=0.5", True),
        ("*", False),
        ("feeds", False),
    ],
)
def test_who_takes_changes(a_im: str | None, expected: bool) -> None:
    assert deltas.wanted(a_im) is expected


@pytest.mark.parametrize(
    "header", [f'"{TAG}"', f'W/"{TAG}"', f'"{TAG}-gz"', f'"{TAG}-br"', f'"x", W/"{TAG}-br" , "y"']
)
def test_a_tag_tells_the_state_it_was_made_of(header: str) -> None:
    found = deltas.base(header, "here")
    assert found is not None
    assert found.state == STATE
    assert found.etag in header
    assert found.etag.endswith('"')


@pytest.mark.parametrize(
    "opaque",
    [
        *(TAG[1:], TAG[:-1], f"{TAG}0", f"{TAG}-gzip", f"{TAG}-gz-br", TAG.upper(), DIGEST, "", "*"),
        f"f{TAG[1:]}",
        TAG.replace("-1f4.", "-1f5."),
        TAG.replace("-1f4.", "-."),
        TAG.replace("-1f4.", f"-{'f' * 40}."),
    ],
)
def test_what_is_no_tag_of_ours_is_no_state(opaque: str) -> None:
    assert deltas.base(f'"{opaque}"', "here") is None


def test_the_tag_of_another_feed_is_no_state() -> None:
    assert deltas.base(f'"{TAG}"', "there") is None


def test_the_latest_of_several_states_counts() -> None:
    later = deltas.tag(DIGEST[::-1], replace(STATE, revision=STATE.revision + 1), "here")
    for header in (f'"{TAG}", "{later}-gz"', f'"{later}-gz", "{TAG}"'):
        found = deltas.base(header, "here")
        assert found is not None
        assert found.etag == f'"{later}-gz"'


@given(st.text(max_size=200))
def test_any_header_is_read(header: str) -> None:
    assert deltas.base(header, "here") is None
    assert deltas.wanted(header) in (True, False)


@given(st.tuples(*[st.integers(0, 2**63)] * 3))
def test_any_state_is_read_back(numbers: tuple[int, int, int]) -> None:
    state = State(revision=numbers[0], changed=numbers[1], oldest=numbers[2])
    found = deltas.base(f'"{deltas.tag(DIGEST, state, "here")}"', "here")
    assert found is not None
    assert found.state == state


# What happens to one of eight articles: it is published, changed, retagged, or withdrawn.
STEPS = st.lists(st.tuples(st.integers(1, 8), st.sampled_from(["", "米", "水", "gone"])), max_size=25)


@given(STEPS, STEPS, st.integers(1, 4))
def test_a_state_holds_exactly_what_was_there(
    first: list[tuple[int, str]], then: list[tuple[int, str]], limit: int
) -> None:
    """Any history: of the articles now in a feed, those it had before, at the same revision."""
    indexer = Indexer(sources=["paper"], ancestors=lambda _: (), limit=100)
    seqs: dict[int, int] = {}

    def play(snapshot: Snapshot, steps: list[tuple[int, str]]) -> Snapshot:
        for number, what in steps:
            revision = snapshot.revision + 1
            one = article(
                number,
                revision=revision,
                changed=NOW + revision * timedelta(milliseconds=700),
                withdrawn=NOW if what == "gone" else None,
                tags=() if what in ("", "gone") else (what,),
            )
            one = replace(one, seq=seqs.setdefault(number, revision))
            snapshot = indexer.next(snapshot, [(one, {})])
        return snapshot

    earlier = play(Snapshot(), first)
    later = play(earlier, then)
    for selection in (Selection(), Selection(clauses=(Clause(facet=Facet.TAG, values=("米",)),))):
        had, has = earlier.select(selection, limit), later.select(selection, limit)
        state = deltas.state_of(had)
        assert [a for a in has.articles if state.holds(a)] == [a for a in has.articles if a in had.articles]
        new = {a.id for a in has.withdrawn if a.revision > earlier.revision}
        assert new <= {a.id for a in has.withdrawn if not state.holds(a)}
        assert not {a.id for a in has.withdrawn if not state.holds(a)} & {a.id for a in had.withdrawn} - new


def test_a_store_that_went_back_in_time_hides_nothing() -> None:
    """Restored from a backup, it gives the revisions after it again, to other articles."""
    kept = article(1, revision=1)
    lost, new = article(2, revision=2), article(3, revision=2, changed=NOW + DAY)
    state = deltas.state_of(Selected(articles=(lost, kept), withdrawn=(), changed=NOW))
    assert state.holds(kept)
    assert not state.holds(new)


def test_an_empty_feed_holds_nothing() -> None:
    empty = deltas.state_of(Selected(articles=(), withdrawn=(), changed=NOW))
    assert not empty.holds(article(1, revision=0))
