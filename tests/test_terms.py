"""Terms in texts: the longest at each place, or every one."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.tagging.terms import Terms

LIST = st.lists(st.text("海宁市区电网a😀", min_size=1, max_size=4), min_size=1, max_size=8, unique=True)


def test_the_longest_hides_what_stands_inside() -> None:
    assert Terms(["海宁", "海宁市", "市区"]).find("在海宁市区") == [(1, 1, 4)]


def test_all_of_them_overlapping() -> None:
    found = Terms(["海宁", "海宁市", "市区"], overlapping=True).find("在海宁市区")
    assert sorted(found) == [(0, 1, 3), (1, 1, 4), (2, 3, 5)]


def test_no_terms_find_nothing() -> None:
    assert Terms([]).find("海宁") == []


@given(terms=LIST, value=st.text("海宁市区电网a😀，", max_size=30))
def test_every_place_of_every_term(terms: list[str], value: str) -> None:
    expected = {
        (number, start, start + len(term))
        for number, term in enumerate(terms)
        for start in range(len(value))
        if value.startswith(term, start)
    }
    assert set(Terms(terms, overlapping=True).find(value)) == expected
    longest = Terms(terms).find(value)
    assert set(longest) <= expected
    assert all(before[2] <= after[1] for before, after in pairwise(longest))
