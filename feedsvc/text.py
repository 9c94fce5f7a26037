"""Plain text: what XML allows, what equals what, and where it may be cut."""

import re
import unicodedata

# XML 1.0 (5th ed.) production 2, less the C1 controls it discourages and validators warn of.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NEWLINE = re.compile("\r\n?")
# What nobody sees and copying leaves behind: zero-width spaces, byte-order marks, soft hyphens, direction
# marks. Zero-width joiners stay, since emoji are made with them.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")
_SPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"[。！？!?…；;][”’」』）)\"]*|\.(?=\s)")
_COMMON_WIDE = tuple((c, unicodedata.normalize("NFKC", c)) for c in "，：！？；（）％～－＋／\u3000\xa0…")
_JOINER = "\u200d"


def legal(value: str) -> str:
    """`value` without the characters XML forbids; line ends become \\n. Everything else stays exact."""
    return _ILLEGAL.sub("", _NEWLINE.sub("\n", value))


def halfwidth(value: str) -> str:
    """`value` in NFKC: fullwidth letters and punctuation as halfwidth ones, and so on.

    What Chinese texts are full of is replaced first, since normalizing takes fifty times as long.
    """
    for wide, narrow in _COMMON_WIDE:
        value = value.replace(wide, narrow)
    return value if unicodedata.is_normalized("NFKC", value) else unicodedata.normalize("NFKC", value)


def squeeze(value: str) -> str:
    """`value` as one line: legal, invisible characters gone, runs of white space one space, ends stripped."""
    return _SPACE.sub(" ", _INVISIBLE.sub("", legal(value))).strip()


def fold(value: str) -> str:
    """`value` for matching: squeezed, NFKC (fullwidth is halfwidth), casefolded, without white space.

    Spaces go altogether, since Chinese text has none that mean anything; two titles that differ in them only
    are one title.
    """
    return "".join(unicodedata.normalize("NFKC", squeeze(value)).casefold().split())


def spelling(value: str) -> str:
    """A tag or author as addresses hold it: one line, NFC, `／` and `，` for the characters that separate.

    `.` and `..` become fullwidth too: as segments of a path they would be resolved away (RFC 3986, 5.2.4).
    """
    value = unicodedata.normalize("NFC", squeeze(value)).replace("/", "／").replace(",", "，")
    return value.replace(".", "．") if value in (".", "..") else value


def cut(value: str, limit: int) -> str:
    """At most `limit` characters of `value`, ending with a sentence if one ends in the second half.

    Otherwise cut between characters as people see them (never inside an emoji or before a combining mark) and
    closed with «…», which counts.
    """
    if len(value) <= limit:
        return value
    ends = (match.end() for match in _SENTENCE_END.finditer(value, 0, limit))
    end = max((end for end in ends if not _joined(value, end)), default=0)
    if end > limit // 2:
        return value[:end].rstrip()
    at = limit - 1
    while at > 0 and _joined(value, at):
        at -= 1
    return value[:at].rstrip() + "…"


def _joined(value: str, at: int) -> bool:
    """Whether the characters either side of position `at` are one character to a reader."""
    after, before = value[at], value[at - 1]
    return (
        unicodedata.combining(after) != 0
        or unicodedata.category(after) in ("Mn", "Me", "Mc")
        or _JOINER in (after, before)
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or ("\U0001f1e6" <= after <= "\U0001f1ff" and "\U0001f1e6" <= before <= "\U0001f1ff")
        or "\ufe00" <= after <= "\ufe0f"
        or "\U000e0020" <= after <= "\U000e007f"  # the tags that make a flag of a region
        or "\u1160" <= after <= "\u11ff"  # vowels and finals of Korean syllables in parts
    )
