"""Plain text: legal, equal, cut."""

import unicodedata
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc import text


@given(st.text())
def test_legal_text_is_legal_xml_and_settled(value: str) -> None:
    found = text.legal(value)
    element = ET.Element("a")
    element.text = found
    assert (ET.fromstring(ET.tostring(element, "utf-8")).text or "") == found
    assert text.legal(found) == found


def test_legal_text_is_exact() -> None:
    kept = "“你好”，\t世界\n𬱖 👨‍👩‍👧 ﹏ 豈"
    assert text.legal(kept) == kept
    assert text.legal("a\x00b\x0bc\x7fd\x85e\ufffef\ud800g\r\nh\ri") == "abcdefg\nh\ni"


def test_squeezed_text_is_one_line() -> None:
    assert text.squeeze(" 你\u200b好\n\n \u3000世界\ufeff ") == "你好 世界"
    assert text.squeeze("👨‍👩‍👧") == "👨‍👩‍👧"


def test_folded_text_matches_itself_however_written() -> None:
    assert text.fold("ＰＭ２．５ 超标") == text.fold("pm2.5超标")
    assert text.fold("１２月") == "12月"


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        ("短", 10, "短"),
        ("第一句。第二句很长很长", 8, "第一句。第二句…"),
        ("第一句话。第二句很长", 8, "第一句话。"),
        ("他说“走吧！”然后走了", 8, "他说“走吧！”"),
        ("没有句号的一长串文字", 6, "没有句号的…"),
        ("一家👨‍👩‍👧人出门", 5, "一家…"),
        ("e\u0301" * 8, 4, "e\u0301…"),
        ("第一句。注意！\ufe0f还有", 7, "第一句。"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f队", 4, "…"),
        ("가\u1100\u1161\u11a8나다", 4, "가…"),
    ],
)
def test_cut(value: str, limit: int, expected: str) -> None:
    assert text.cut(value, limit) == expected


@given(st.text(), st.integers(1, 50))
def test_cut_is_short_and_a_beginning(value: str, limit: int) -> None:
    found = text.cut(value, limit)
    assert len(found) <= limit
    assert value.startswith(found.removesuffix("…")) or found == value


def test_spelling_of_tags() -> None:
    assert text.spelling(" A/B,C ") == "A／B，C"
    assert text.spelling("..") == "．．"
    assert text.spelling("e\u0301") == "é"


@given(
    value=st.text(st.characters() | st.sampled_from("，：！？；（）％～－＋／\u3000\xa0…ＡéㄱÅ"), max_size=60)
)
def test_halfwidth_is_nfkc(value: str) -> None:
    assert text.halfwidth(value) == unicodedata.normalize("NFKC", value)
