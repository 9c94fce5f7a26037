import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.sources.document import charset_of, chinese_share, decode
from feedsvc.text import legal

SIMPLIFIED = "本报讯：全市春耕备耕工作全面展开，各地抢抓农时，科学安排茬口。“墒情不错”，合作社负责人说。"
TRADITIONAL = "本報訊：全市春耕備耕工作全面展開，各地搶抓農時，科學安排茬口。「雨水不錯」，合作社負責人說。"
ENCODED = [
    (SIMPLIFIED, "utf-8"),
    (SIMPLIFIED, "gbk"),
    (SIMPLIFIED + "㐀𠀀", "gb18030"),
    (TRADITIONAL, "utf-8"),
    (TRADITIONAL, "big5"),
    (TRADITIONAL, "gbk"),
]
CLAIMS = [
    None,
    "utf-8",
    "gb2312",
    "GBK",
    "gb18030",
    "big5",
    "iso-8859-1",
    "windows-1252",
    "utf-16",
    "utf-7",
    "nonsense",
    "",
]


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize(("text", "encoding"), ENCODED)
def test_chinese_is_exact_whatever_is_declared(text: str, encoding: str, claim: str | None) -> None:
    assert decode(text.encode(encoding), claim) == text


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize(("text", "encoding"), ENCODED)
def test_a_short_title_is_exact_whatever_is_declared(text: str, encoding: str, claim: str | None) -> None:
    assert decode(text[4:12].encode(encoding), claim) == text[4:12]


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
)
def test_a_byte_order_mark_outranks_every_declaration(encoding: str) -> None:
    mark = "" if encoding in ("utf-8-sig", "utf-16", "utf-32") else "\ufeff"
    assert decode((mark + SIMPLIFIED).encode(encoding), "gb2312") == SIMPLIFIED


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_markup_in_utf_16_needs_no_mark(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='utf-16'?><rss>{SIMPLIFIED}</rss>"
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "head",
    [
        '<?xml version="1.0" encoding="gb2312"?><rss>',
        "<?xml version='1.0' encoding='GBK' ?><rss>",
        '<html><head><meta charset="gbk">',
        '<html><head><META http-equiv="Content-Type" content="text/html; charset=gb2312">',
        '<?xml version="1.0" encoding="utf-16"?><rss>',
        '<html><head><meta charset="iso-8859-1">',
        '<html><head><meta charset="utf-8">',
    ],
)
def test_declarations_inside_the_document(head: str) -> None:
    text = head + SIMPLIFIED
    assert decode(text.encode("gbk")) == text


def test_declared_in_the_document_for_scripts_that_nothing_else_finds() -> None:
    text = '<?xml version="1.0" encoding="Shift_JIS"?><rss>東京のニュースをお届けします</rss>'
    assert decode(text.encode("cp932")) == text
    assert decode("новости города".encode("koi8-r"), "koi8-r") == "новости города"


@pytest.mark.parametrize("at", [0, 30, 61, 90])
def test_one_bad_byte_spoils_one_character_of_utf_8(at: int) -> None:
    body = bytearray(SIMPLIFIED.encode())
    body[at] = 0xFF
    for claim in (None, "utf-8", "gb2312", "iso-8859-1"):
        text = decode(bytes(body), claim)
        assert "\ufffd" in text
        assert sum(1 for c in text if c not in SIMPLIFIED and c != "\ufffd") == 0


def test_one_bad_byte_spoils_little_of_gbk() -> None:
    text = decode(SIMPLIFIED.encode("gbk")[:40] + b"\xff" + SIMPLIFIED.encode("gbk")[40:], "gb2312")
    assert text.startswith(SIMPLIFIED[:18])
    assert chinese_share(text) > 0.9


@pytest.mark.parametrize("claim", ["iso-8859-1", "windows-1252"])
def test_western_text_stays_western(claim: str) -> None:
    assert (
        decode("Un café très agréable à Genève".encode("latin-1"), claim) == "Un café très agréable à Genève"
    )
    assert decode("Un café très agréable".encode(), claim) == "Un café très agréable"


def test_western_utf_8_with_one_bad_byte_is_not_taken_for_chinese() -> None:
    body = "Déjà vu à l'été: énergie, santé, café, thé, marché, société, qualité".encode() + b"\xe9 fin"
    assert decode(body).startswith("Déjà vu à l'été")


def test_illegal_characters_and_line_ends() -> None:
    assert decode(b"a\x00\x08b\r\nc\rd\xc2\x85") == "ab\nc\nd"
    assert decode(codecs.BOM_UTF8 + "甲\ufeff乙".encode()) == "甲乙"
    assert decode(b"") == ""


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        ("text/html; charset=GB2312", "GB2312"),
        ('application/rss+xml;charset="utf-8"', "utf-8"),
        ("text/xml; CharSet = 'big5' ; x=y", "big5"),
        ("text/html", None),
        ("", None),
        (None, None),
    ],
)
def test_charset_of(header: str | None, charset: str | None) -> None:
    assert charset_of(header) == charset


@given(st.binary(max_size=300), st.sampled_from(CLAIMS))
def test_any_bytes_are_some_legal_text(body: bytes, claim: str | None) -> None:
    text = decode(body, claim)
    assert legal(text) == text


@given(st.text(max_size=200))
def test_any_text_in_utf_8_is_read_exactly(text: str) -> None:
    body = legal(text).replace("\ufeff", "")
    assert decode(codecs.BOM_UTF8 + body.encode()) == body
