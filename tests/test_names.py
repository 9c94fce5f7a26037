"""Names that segmentation cuts apart, found in titles and bodies of our own writing."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedsvc.tagging import names
from feedsvc.tagging.segment import Segmenter


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter()


def find(
    segmenter: Segmenter, title: str, body: str = "", skip: frozenset[str] = frozenset()
) -> dict[str, str]:
    return names.find(segmenter.cut(title), segmenter.cut(body), segmenter.lexicon, skip)


@pytest.mark.parametrize(
    ("title", "name", "kind"),
    [
        ("话剧《海上灯塔》首演", "海上灯塔", names.WORK),
        ("渔村办起“夜渔课堂”", "夜渔课堂", names.QUOTED),
        ("【潮汐预报】今日大潮", "潮汐预报", names.QUOTED),
        ("钢琴家米洛·瓦伦汀到访", "米洛·瓦伦汀", names.FOREIGN),
        ("T-72坦克开进博物馆", "T-72", names.LATIN),
        ("海潮-9B火箭点火", "海潮-9B", names.LATIN),
        ("星海P60 Pro值不值", "P60 Pro", names.LATIN),
        ("星海 Note 12 Pro Max发布", "Note 12 Pro Max", names.LATIN),
    ],
)
def test_marks_tell_names(segmenter: Segmenter, title: str, name: str, kind: str) -> None:
    assert find(segmenter, title)[name] == kind


@pytest.mark.parametrize("title", ["他说“今天的风，真大。”", "价格-质量", "a@b-c.cn", "《》“”"])
def test_marks_without_names(segmenter: Segmenter, title: str) -> None:
    assert find(segmenter, title) == {}


def test_repeated_phrases_of_the_title_are_whole(segmenter: Segmenter) -> None:
    found = find(segmenter, "听潮书屋开到渔村", "听潮书屋有三千册书。孩子们放学就去听潮书屋。")
    assert found["听潮书屋"] == names.PHRASE


def test_a_phrase_that_is_mostly_parted_is_a_compound(segmenter: Segmenter) -> None:
    body = "渔村书屋开门。渔村在海边。书屋不大。渔村人爱书屋。渔村书屋好。渔村。书屋。"
    assert find(segmenter, "渔村书屋开门", body)["渔村书屋"] == names.COMPOUND


def test_nothing_joins_with_a_word_to_be_skipped(segmenter: Segmenter) -> None:
    body = "听潮书屋有三千册书。孩子们放学就去听潮书屋。"
    assert find(segmenter, "听潮书屋开到渔村", body, frozenset(("书屋",))) == {}


def test_persons_that_segmentation_cuts_apart(segmenter: Segmenter) -> None:
    body = "骆光标是船长。骆光标说，今年鱼多。"
    assert find(segmenter, "骆光标出海", body)["骆光标"] == names.PERSON


def test_two_persons_that_stand_together_are_two(segmenter: Segmenter) -> None:
    body = "鹿瓴是领队。王瓴洲是船长。鹿瓴说风大，王瓴洲说不怕。鹿瓴王瓴洲都上了船。鹿瓴先下。"
    found = find(segmenter, "鹿瓴王瓴洲出海", body)
    assert found["鹿瓴"] == found["王瓴洲"] == names.PERSON
    assert "鹿瓴王" not in found


def test_a_given_name_may_end_with_a_common_character(segmenter: Segmenter) -> None:
    body = "马瓴中是渔民。马瓴中说，网破了。"
    found = find(segmenter, "马瓴中补网", body)
    assert found["马瓴中"] == names.PERSON
    assert "马瓴" not in found


def test_spans_do_not_overlap(segmenter: Segmenter) -> None:
    found = names.spans(
        "在听潮书屋里听潮", {"听潮": names.QUOTED, "听潮书屋": names.PHRASE, "屋里": names.COINED}
    )
    assert found == [(1, 5, names.PHRASE), (6, 8, names.QUOTED)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=st.text("王鹿瓴·《》“”-T7海听潮书屋的, 。", max_size=30),
    body=st.text("王鹿瓴·《》“”听潮书屋的。", max_size=60),
)
def test_every_name_stands_in_the_text(segmenter: Segmenter, title: str, body: str) -> None:
    found = find(segmenter, title, body)
    assert all(name in title or name in body for name in found)
    marked = names.spans(title, found)
    assert all(before[1] <= after[0] for before, after in pairwise(marked))
