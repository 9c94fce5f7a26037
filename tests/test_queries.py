"""Queries and words: what stands in a text finds it, and nothing else does."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.queries import MAX_WORD, Query, canonical, words
from feedsvc.tagging.segment import Segmenter

TEXT = (
    "烟台三文鱼涨价3.5%，Open House 开到深夜。李雷说他去过上海：卡拉OK、Ｔ恤，还有 C++ 和 node.js；漁業豐收。"
)


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter()


def answers(query: str, said: Sequence[str]) -> bool:
    return bool(Query.of(canonical(query)).answers({word: {0} for word in said}))


@pytest.mark.parametrize(
    "query",
    [
        "三文鱼",
        "三文鱼 烟台",
        "烟台三文鱼",
        "烟台，三文鱼！",
        "３.５％",
        "open",
        "HOUSE ＯＰＥＮ",
        "李雷",
        "他去过上海",
        "卡拉ok",
        "t恤",
        "c++",
        "Node.js",
        "漁業",
        "涨价3.5",
    ],
)
def test_what_stands_in_a_text_finds_it(segmenter: Segmenter, query: str) -> None:
    assert answers(query, words(TEXT, segmenter.search_words))


@pytest.mark.parametrize(
    "query",
    [
        "带鱼",
        "三文鱼 带鱼",
        "三文鱼带鱼",
        "hous",
        "ouse",
        "3",
        "3.55",
        "渔业",  # traditional characters are others than simplified ones
        "openhouse",
        "",
        "！？",
    ],
)
def test_what_does_not_stand_in_a_text_does_not(segmenter: Segmenter, query: str) -> None:
    assert not answers(query, words(TEXT, segmenter.search_words))


def test_characters_from_all_over_a_text_make_no_word() -> None:
    assert answers("去上海", ("上海", "去"))
    assert answers("我的家", ("我的", "家"))
    assert not answers("上海", ("上", "海"))
    assert not answers("上海市", ("上", "海", "市"))
    assert answers("上", ("上", "海"))


def test_characters_that_follow_each_other_make_one() -> None:
    assert words("李雷，说", list) == ("李", "李雷", "说", "雷")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("烟台 三文鱼", "三文鱼 烟台"),
        ("  三文鱼\u3000烟台 烟台 ", "三文鱼 烟台"),
        ("三文鱼，烟台/带鱼", "三文鱼 带鱼 烟台"),
        ("ＯＰＥＮ Straße", "open strasse"),
        ("3.5%", "3.5"),
        ("C++ .rss", "c rss"),
        ("snake_case", "case snake"),
        ("，。！/", ""),
    ],
)
def test_a_query_has_one_spelling(given: str, expected: str) -> None:
    assert canonical(given) == expected


def test_words_are_folded_sorted_bounded_and_each_once() -> None:
    assert words("B a ａ Ⅳ\x00 \udcff", list) == ("a", "b", "iv")
    assert words("x" * MAX_WORD, list) == ("x" * MAX_WORD,)
    assert words("x" * (MAX_WORD + 1), list) == ()
    assert words("，。！", list) == ()


_WORD = st.text("上海去过的家三文鱼烟台", min_size=1, max_size=4) | st.sampled_from(["ok", "3.5", "t"])
# Two runs of Latin letters or digits beside each other would be one.
_CUT = st.lists(_WORD, min_size=1, max_size=8).filter(
    lambda said: not any(a.isascii() and b.isascii() for a, b in pairwise(said))
)


@given(_CUT, st.integers(0, 7), st.integers(1, 8))
@example(["上", "海", "的", "家"], 0, 4)
def test_whatever_begins_and_ends_with_words_is_found(said: list[str], start: int, length: int) -> None:
    """However a text was cut, all that stands in it from the start of a word to the end of one finds it."""
    found = words("".join(said), lambda _: said)
    query = "".join(said[start : start + length])
    assert not query or answers(query, found)


@given(st.text(max_size=60), st.lists(st.text(max_size=5), max_size=5))
def test_any_string_may_be_asked(query: str, said: list[str]) -> None:
    assert answers(query, said) in (True, False)
    assert all(words(query, list))
