"""One story, many reposts: what tells that two articles are the same one. The only module that imports rensa.

An article's fingerprint is a few hundred bytes, made where it is read. It holds

- minima: MinHash of the character 5-grams of title and text (Broder, "On the resemblance and containment of
  documents", 1997), from which the share of text that two articles have in common is estimated;
- clauses: a hash of each clause, in order, that tells its words from its numbers;
- facts: a hash of each number with its unit, and of each name of a place, school, firm or team;
- the letters of the title, and those the text begins with.

The minima find what is alike. Weather reports of two days, results of two draws, notices for two districts
are alike as well, so clauses and facts decide: who reposts cuts and adds, whole passages at a time; who fills
in a form again changes words and numbers in the middle of what stays. In doubt two articles are two stories.
"""

import hashlib
import re
import struct
import sys
import zlib
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher
from functools import lru_cache

from feedsvc import text

WINDOW = timedelta(days=7)  # between the publications of two articles of one story, at most
SHORT = 80  # characters of title and text without punctuation; fewer are compared whole

_GRAM = 5
_MINIMA = 128
_BANDS = 24  # of two minima each: of pairs with .4 of their text in common 98 % are looked at, with .5 all
_SEED = 20_261_122
_READ = 20_000  # characters of a text
_CLAUSES = 120
_FACTS = 48
_NUMBERED = 1 << 31
_MANNER = 1  # of fingerprints made as here; grows when they become others

_ALIKE = 0.4  # Jaccard similarity of 5-grams
_CONTAINED = 0.7  # the share of the shorter one's 5-grams that the other has too
_UNDER_ANOTHER_TITLE = 0.85  # the same where each has passages of its own: less is new over old background
_SHORT_WINDOW = timedelta(days=1)
_TELLING = 12  # characters; shorter texts, such as 停水通知, are said by many of different things
_AGREEING = 3  # facts in common for each that only one has, and another only the other
_FREE = 25  # clauses in common for each that may be worded otherwise, if the titles are the same
_TITLE, _LEAD = 40, 48  # letters
_FORM = 0.5  # the share of letters from which two titles, or two beginnings, are one form filled in twice
_SKELETON = 4  # characters of a clause beside its numbers, from which another number is another fact

_HEAD = struct.Struct("<BIIBBBB")
_SHORT_HEAD = struct.Struct("<BIQ")

# Who says it, not what is said: agencies and datelines, bylines, and the lines under an article.
_DATELINE = re.compile(
    r"^\s*[(\[【]?(?:本报|本网|本台|本刊|[^\s,。:;()\[\]【】]{2,14}?)[^\s,。:;()\[\]【】]{0,14}?(?:讯|电|消息|报道)"
    r"(?:[)\]】]:?|[:\s]|(?=\())\s*(?:\([^)\n]{0,40}\))?",
    re.MULTILINE,
)
_BYLINE = re.compile(
    r"[(\[【](?:本报|本网|全媒体|见习|实习|特约|首席)?"
    r"(?:记者|通讯员|来源|作者|编辑|责编|责任编辑|图|文|摄影|供图|原标题|完)"
    r"[^()\[\]【】\n]{0,60}[)\]】]"
)
_CREDIT = re.compile(
    r"^\s*(?:来源|稿源|文章来源|信息来源|转自|转载自|责任编辑|责编|编辑|编审|校对|初审|复审|终审|审核|监制|"
    r"作者|撰文|文字|图片|(?:本报|本网|全媒体|见习|实习)?记者|通讯员|原标题|版权声明|免责声明|声明|发布时间|点击|浏览|分享到)"
    r"[^\n。]{0,60}$",
    re.MULTILINE,
)
_SEPARATOR = re.compile(r"(?<=\d),(?=\d{3})")
_END = re.compile(r"[。!?;,\n]")
_UNSAID = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([^\W\d_]?)")
_NAME = re.compile(
    r"(?=([\u4e00-\u9fff]{2}(?:省|市|县|区|镇|乡|村|街道|大道|路|街|桥"
    r"|中学|小学|大学|学院|医院|公司|集团|队|站|杯|厂|店|馆)))"
)
_ANY_NAME = re.compile(r".?[我本全该各某这那个整].")  # 我市, 全区: the name of no place


@dataclass(frozen=True, slots=True)
class _Print:
    """A fingerprint read: `length` in characters, `grams` different 5-grams. Of a short one `whole` tells
    its text, and it has nothing else; 0 otherwise."""

    manner: int
    length: int
    whole: int = 0
    grams: int = 0
    minima: Sequence[int] = ()
    clauses: Sequence[int] = ()
    facts: Sequence[int] = ()
    title: str = ""
    lead: str = ""


def fingerprint(title: str, body: str) -> bytes:
    """The fingerprint of an article, given as plain text: the same on every machine.

    Those of another version of rensa's hashes, or of this module, are like none of these.
    """
    title, body = _plain(title), _plain(body[:_READ])
    said = _letters(f"{title}\n{body}")
    if len(said) < SHORT:
        return _SHORT_HEAD.pack(_manner(), len(said), _number(said))
    grams = {said[at : at + _GRAM] for at in range(len(said) - _GRAM + 1)}
    minima = array("H", (value & 0xFFFF for value in _minima(grams)))
    clauses = array("I", list(_clauses(body))[:_CLAUSES])
    facts = array("H", sorted(set(_facts(f"{title}\n{body}")))[:_FACTS])
    strings = (_letters(title)[:_TITLE].encode(), _letters(body)[:_LEAD].encode())
    sizes = (len(clauses), len(facts), *map(len, strings))
    numbers = (_lower_first(part).tobytes() for part in (minima, clauses, facts))
    return b"".join((_HEAD.pack(_manner(), len(said), len(grams), *sizes), *numbers, *strings))


def bands(fingerprint: bytes) -> tuple[int, ...]:
    """Numbers below 2**63 of which articles that are alike share one: 98 % of those alike by .4 do."""
    read = _read(fingerprint)
    if read.length < SHORT:
        return ((1 << 62) | (read.whole >> 2),) if read.length >= _TELLING else ()
    return tuple(
        band << 32 | read.minima[2 * band] << 16 | read.minima[2 * band + 1] for band in range(_BANDS)
    )


def similarity(one: bytes, other: bytes) -> float:
    """The estimated share of text (Jaccard) that two articles have in common, 0..1; of short ones 0 or 1."""
    return _similarity(_read(one), _read(other))


def same_story(one: bytes, other: bytes, apart: timedelta) -> bool:
    """Whether two articles, published `apart` from each other, are the same story beyond doubt."""
    a, b = _read(one), _read(other)
    apart = abs(apart)
    if a.manner != b.manner or apart > WINDOW:
        return False
    if min(a.length, b.length) < SHORT:
        equal = a.whole == b.whole and a.length == b.length
        return equal and a.length >= _TELLING and apart <= _SHORT_WINDOW
    alike = _similarity(a, b)
    contained = _contained(a, b, alike)
    if alike < _ALIKE or contained < _CONTAINED or not _facts_agree(a.facts, b.facts):
        return False
    return _passages_agree(a, b, contained)


def _similarity(a: _Print, b: _Print) -> float:
    if a.manner != b.manner:
        return 0.0
    if min(a.length, b.length) < SHORT:
        return float(a.whole == b.whole and a.length == b.length)
    equal = sum(x == y for x, y in zip(a.minima, b.minima, strict=True)) / _MINIMA
    chance = 1 / 65536  # two minima are equal in their last 16 bits though they are different
    return max(0.0, (equal - chance) / (1 - chance))


def _contained(a: _Print, b: _Print, alike: float) -> float:
    """The share of the shorter article that the longer one holds."""
    common = alike / (1 + alike) * (a.grams + b.grams)
    return common / min(a.grams, b.grams)


def _facts_agree(one: Collection[int], other: Collection[int]) -> bool:
    """Whether few facts are told in the place of others.

    A part of an article lacks facts and has none of its own; a new first paragraph has some; a form filled in
    anew has all of them.
    """
    # Of many facts those with the smallest hashes are kept: only below both ends are the two complete.
    end = min((max(facts) for facts in (one, other) if len(facts) == _FACTS), default=0xFFFF)
    a, b = ({fact for fact in facts if fact <= end} for facts in (one, other))
    return min(len(a - b), len(b - a)) * _AGREEING <= len(a & b)


def _passages_agree(a: _Print, b: _Print, contained: float) -> bool:
    """Whether what differs lies around what is the same, not in it, and no number took another's place."""
    matcher = SequenceMatcher(None, a.clauses, b.clauses, autojunk=False)
    steps = matcher.get_opcodes()
    common = sum(step[2] - step[1] for step in steps if step[0] == "equal")
    left = [a.clauses[i] for tag, i, j, _, _ in steps if tag != "equal" for i in range(i, j)]
    right = [b.clauses[i] for tag, _, _, i, j in steps if tag != "equal" for i in range(i, j)]
    if common == 0 or _renumbered(left, right):
        return False
    if not left or not right:  # one holds all of the other
        return True
    if a.title != b.title and contained < _UNDER_ANOTHER_TITLE:
        return False
    inside = sum(step[0] == "replace" for step in steps[1:-1])
    free = common // _FREE if a.title == b.title else 0
    return inside <= free and not _one_form(a.title, b.title) and not _one_form(a.lead, b.lead)


def _one_form(one: str, other: str) -> bool:
    """Whether two lines are mostly the same, but for what stands in the place of something else."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() >= _FORM and any(step[0] == "replace" for step in matcher.get_opcodes())


def _renumbered(left: Iterable[int], right: Iterable[int]) -> bool:
    """Whether a clause of each side says the same of other numbers."""
    known = {clause >> 16 for clause in left if clause & _NUMBERED}
    return any(clause & _NUMBERED and clause >> 16 in known for clause in right)


def _plain(value: str) -> str:
    """`value` in NFKC without agencies, bylines and credits."""
    value = text.halfwidth(value.strip()).casefold()
    return _BYLINE.sub("", _DATELINE.sub("", _CREDIT.sub("", value)))


def _letters(value: str) -> str:
    return _UNSAID.sub("", value)


def _clauses(value: str) -> Iterator[int]:
    """Each clause as 32 bits. The highest is 1 where it has numbers, and words enough to say what they count:
    then 15 tell the words, the lowest 16 the numbers."""
    for clause in _END.split(_SEPARATOR.sub("", value)):
        said = _letters(clause)
        if len(said) < _SKELETON:
            continue
        numbers = _NUMBER.findall(clause)
        words = _letters(_NUMBER.sub("", clause))
        if numbers and len(words) >= _SKELETON:
            yield _NUMBERED | (_short(words) & 0x7FFF) << 16 | _short(" ".join(numbers))
        else:
            yield zlib.crc32(said.encode()) & ~_NUMBERED


def _facts(value: str) -> Iterator[int]:
    """Numbers with what follows them, and names by their last characters."""
    for number, unit in _QUANTITY.findall(_SEPARATOR.sub("", value)):
        yield _short(f"{number}{unit}")
    for name in _NAME.findall(value):
        if not _ANY_NAME.fullmatch(name):
            yield _short(name)


def _minima(grams: Collection[str]) -> list[int]:
    import rensa  # only where articles are read: whoever compares fingerprints needs none of it

    sketch = rensa.RMinHash(_MINIMA, _SEED)
    sketch.update(sorted(grams))
    return list(sketch.digest())


@lru_cache(1)
def _manner() -> int:
    """What must be equal for two fingerprints to be comparable: rensa's way and ours, a byte."""
    import rensa

    return _MANNER << 4 | int(rensa.RMinHash.ALGORITHM_VERSION) & 0xF


def _number(said: str) -> int:
    return int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), "little")


def _short(value: str) -> int:
    """16 bits that tell `value` from most others; never 0."""
    return zlib.crc32(value.encode()) % 0xFFFF + 1


@lru_cache(256)
def _read(fingerprint: bytes) -> _Print:
    if len(fingerprint) == _SHORT_HEAD.size:
        manner, length, whole = _SHORT_HEAD.unpack(fingerprint)
        return _Print(manner, length, whole)
    manner, length, grams, clauses, facts, title, lead = _HEAD.unpack_from(fingerprint)
    minima, said, told = array("H"), array("I"), array("H")
    at = _HEAD.size
    for part, number in ((minima, _MINIMA), (said, clauses), (told, facts)):
        part.frombytes(fingerprint[at : at + number * part.itemsize])
        _lower_first(part)
        at += number * part.itemsize
    return _Print(
        manner=manner,
        length=length,
        grams=grams,
        minima=minima,
        clauses=said,
        facts=told,
        title=fingerprint[at : at + title].decode(),
        lead=fingerprint[at + title : at + title + lead].decode(),
    )


def _lower_first(numbers: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
