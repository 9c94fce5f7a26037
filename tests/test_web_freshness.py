"""How long answers stay good: until the next refresh of a source that they can draw from."""

from datetime import timedelta

import pytest

from feedsvc.model import Clause, Facet, Selection, SourceState
from feedsvc.web.freshness import cache_control, drawn, ttl
from tests.made import MINUTE, NOW, source

FAST = source("fast", interval=MINUTE)
SLOW = source("slow", interval=60 * MINUTE)
OFF = source("off", interval=timedelta(seconds=10), enabled=False)
ALL = (FAST, SLOW, OFF)


def having(*values: str, excluded: bool = False) -> Selection:
    return Selection(clauses=(Clause(facet=Facet.SOURCE, values=values, excluded=excluded),))


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), [FAST, SLOW]),
        (Selection(clauses=(Clause(facet=Facet.TAG, values=("fast",)),)), [FAST, SLOW]),
        (having("slow"), [SLOW]),
        (having("fast", "slow"), [FAST, SLOW]),
        (having("off"), []),
        (having("fast", excluded=True), [SLOW]),
    ],
)
def test_a_selection_draws_from_what_its_source_clauses_leave(
    selection: Selection, expected: list[object]
) -> None:
    assert drawn(selection, ALL) == expected


def test_the_shortest_interval_counts() -> None:
    assert ttl([SLOW, FAST]) == MINUTE
    assert ttl([]) == 15 * MINUTE


@pytest.mark.parametrize(
    ("due", "seconds"),
    [
        ({"fast": 5 * MINUTE, "slow": 3 * MINUTE}, 180),
        ({"fast": 5 * MINUTE}, 300),
        ({"fast": 14 * MINUTE, "slow": 30 * MINUTE}, 840),
        ({"fast": 40 * MINUTE}, 900),
        ({"fast": timedelta(seconds=3)}, 60),
        ({"fast": -5 * MINUTE}, 60),
        ({}, 900),
    ],
)
def test_max_age_is_the_time_to_the_next_refresh(due: dict[str, timedelta], seconds: int) -> None:
    states = {ident: SourceState(id=ident, due=NOW + wait) for ident, wait in due.items()}
    directives = cache_control([FAST, SLOW], states, NOW).split(", ")
    assert directives[:2] == ["public", f"max-age={seconds}"]
    assert [directive.partition("=")[0] for directive in directives[2:]] == [
        "stale-while-revalidate",
        "stale-if-error",
    ]
