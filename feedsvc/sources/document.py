"""Bytes -> text: the encodings of Chinese documents, declared rightly, wrongly or not at all."""

import codecs
import re
from collections.abc import Iterable
from functools import cache

from feedsvc.text import legal

_UTF8 = "utf-8"
_GB = "gb18030"
_BIG5 = "big5hkscs"
_LATIN = "windows-1252"
_UTF16 = ("utf-16-le", "utf-16-be")

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, _UTF8),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)

# What pages call them. An allow-list, since Python also knows utf-7, unicode_escape and others that are no
# encoding of any page but a way to smuggle markup.
_LABELS = (
    (re.compile(r"utf-?8(mb4)?|unicode-1-1-utf-8"), _UTF8),
    (
        re.compile(
            r"gb[-_]?2312(-?80)?|gb18030|(x-)?gbk|cp936|ms936|windows-936|x-cp20936|euc-?cn|chinese|csgb2312"
        ),
        _GB,
    ),
    (re.compile(r"big-?5(-?hkscs)?|(x-)?x-big5|cn-big5|cp950|csbig5"), _BIG5),
    (
        re.compile(
            r"(iso[-_]?)?8859-?1|iso-?8859-?15|latin-?[19]|l1|(windows-|cp)125[0-9]|(us-)?ascii|ansi.*"
        ),
        _LATIN,
    ),
    (re.compile(r"utf-?16(le)?|ucs-?2|unicode"), "utf-16-le"),
    (re.compile(r"utf-?16be"), "utf-16-be"),
    (re.compile(r"shift[-_]?jis|sjis|x-sjis|windows-31j|ms932"), "cp932"),
    (re.compile(r"(x-)?euc-?jp"), "euc_jp"),
    (re.compile(r"euc-?kr|ks_c_5601-1987|korean"), "cp949"),
    (re.compile(r"koi8-r"), "koi8_r"),
)
_CHARSET_PARAMETER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([\w.:+-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta\s[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_SNIFFED = 4096  # bytes searched for a declaration; browsers look at 1024, some CMSes write it later
_SAMPLE = 20_000  # characters that are weighed when two readings compete
_DISTINCT = 0.15  # by how much of its characters the less likely reading must read better


def decode(body: bytes, declared: str | None = None) -> str:
    """The text of `body`, legal for XML and without a byte-order mark; never fails.

    `declared` is the charset of the HTTP header. In this order: a byte-order mark; the declared charset
    (header, XML declaration, `<meta>`) if it decodes strictly; strict UTF-8; UTF-8 with a little damage;
    GB18030; Big5. A declaration is not believed where the bytes read far better as another (UTF-8 called GBK,
    Big5 called GB2312), and Latin-1 and its kin, which fit anything, only where nothing else fits. What
    cannot be read becomes U+FFFD.
    """
    return legal(_read(body, declared)).replace("\ufeff", "")


def charset_of(content_type: str | None) -> str | None:
    """The charset parameter of a Content-Type header, or None."""
    match = _CHARSET_PARAMETER.search(content_type or "")
    return match[1] if match else None


def _read(body: bytes, declared: str | None) -> str:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    claims = list(dict.fromkeys(_claims(body, declared)))
    utf8 = _strict(body, _UTF8) or _barely_damaged(body)
    for claim in claims:
        if claim == _LATIN or (claim in _UTF16 and b"\x00" not in body):
            continue  # an XML declaration that is readable as ASCII is not in UTF-16, whatever it says
        text = utf8 if claim == _UTF8 else _strict(body, claim)
        if text is not None:
            return _better(body, text, utf8) if claim in (_GB, _BIG5) else text
    if utf8 is not None:
        return utf8
    return _guess(body, western=_LATIN in claims)


def _claims(body: bytes, declared: str | None) -> Iterable[str]:
    head = body[:_SNIFFED]
    found = [declared or ""]
    found += [
        m[1].decode("ascii", "replace") for m in (_XML_DECLARATION.match(head), _META.search(head)) if m
    ]
    for label in found:
        for pattern, encoding in _LABELS:
            if pattern.fullmatch(label.strip().lower()):
                yield encoding


def _strict(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return None


def _barely_damaged(body: bytes) -> str | None:
    """`body` as UTF-8 where at most one character in ten is broken, and most that are not ASCII are whole."""
    text = body.decode(_UTF8, "replace")
    broken = text.count("\ufffd") - body.count("\ufffd".encode())
    whole = len(text) - len(text.encode("ascii", "ignore")) - broken
    return text if whole > 0 and broken * 10 <= whole else None


def _better(body: bytes, text: str, utf8: str | None) -> str:
    """`text`, read as declared (GB18030 or Big5), unless another reading is clearly the Chinese one."""
    rivals = [utf8, _strict(body, _GB), _strict(body, _BIG5)]
    return _most_chinese([text, *(r for r in rivals if r is not None and r != text)])


def _guess(body: bytes, *, western: bool) -> str:
    """`body` without a declaration that holds, and not UTF-8."""
    strict = [t for t in (_strict(body, _GB), _strict(body, _BIG5)) if t is not None]
    readings = strict or [body.decode(_GB, "replace"), body.decode(_BIG5, "replace")]
    best = _most_chinese(readings)
    if (western or not strict) and chinese_share(best) < 0.6:
        return body.decode(_LATIN, "replace")
    return best


def _most_chinese(readings: list[str]) -> str:
    """The first of `readings`, unless a later one has clearly more of common characters."""
    best, share = readings[0], chinese_share(readings[0])
    for text in readings[1:]:
        rival = chinese_share(text)
        if rival > share + _DISTINCT:
            best, share = text, rival
    return best


def chinese_share(text: str) -> float:
    """The share of common Chinese characters and punctuation among the non-ASCII characters of `text`, 0..1.

    Some 0.97 of news is common; of bytes read in the wrong encoding some 0.3 to 0.6. Text in ASCII has 1.
    """
    common = _common()
    sample = [c for c in text[:_SAMPLE] if c > "\x7f"]
    return sum(c in common for c in sample) / len(sample) if sample else 1.0


@cache
def _common() -> frozenset[str]:
    """The characters of everyday Chinese: level 1 of GB 2312 (3,755) and of Big5 (5,401), and punctuation."""
    simplified = (
        bytes((a, b)).decode("gb2312", "ignore") for a in range(0xB0, 0xD8) for b in range(0xA1, 0xFF)
    )
    trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    traditional = (bytes((a, b)).decode("big5", "ignore") for a in range(0xA4, 0xC7) for b in trails)
    marks = "，。、；：？！“”‘’（）《》〈〉【】「」『』—…·～－％＋／．　\xa0○〇①②③④⑤⑥℃×°" + "".join(
        chr(c) for c in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
    )
    return frozenset("".join((*simplified, *traditional, marks)))
