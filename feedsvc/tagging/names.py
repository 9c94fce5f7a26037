"""The names that segmentation cuts apart: works, quoted terms, foreign names, T-72, phrases."""

import re
from collections.abc import Sequence

from feedsvc.tagging.tokens import UNKNOWN, Token

# Parts of speech of our own, beside jieba's.
WORK, QUOTED, FOREIGN, LATIN, PHRASE = "work", "quoted", "foreign", "latin", "phrase"

_WORK = re.compile(r"《([^《》\n]{2,20})》")
_QUOTED = re.compile(r"“([^“”\n]{2,8})”|「([^「」\n]{2,8})」|『([^『』\n]{2,8})』|\"([^\"\n]{2,8})\"")
_FOREIGN = re.compile(r"[\u4e00-\u9fff]{1,6}(?:[·•・][\u4e00-\u9fff]{1,8}){1,3}")
_LATIN = re.compile(
    r"(?<![A-Za-z0-9.@/_-])(?=[0-9&+'-]*[A-Za-z])[A-Za-z0-9]{1,12}(?:[-&+'][A-Za-z0-9]{1,12}){1,2}(?![A-Za-z0-9.@/_-])"
)
_SENTENCE = re.compile(r"[,.;:!?。、…()+|@#=*]")
_PART = re.compile(r"[\w.+-]+")
_WORDS = frozenset(
    ("n", "nr", "nrt", "nrfg", "ns", "nt", "nz", "ng", "j", "vn", "b", "g", "zg", "l", "eng", UNKNOWN)
)
_SINGLE = frozenset(("v", "a", "vg", "ag"))
_LONGEST = 7  # characters of a phrase
_PARTS = 4  # words of a phrase
_TOGETHER = 0.8  # share of the rarest part's occurrences that must be in the phrase
_MOST_TOGETHER = 0.7  # the same for the commonest part


def find(title: Sequence[Token], body: Sequence[Token], skip: frozenset[str] = frozenset()) -> dict[str, str]:
    """Names that stand whole in the article, with their kinds; phrases with a word of `skip` are none.

    A run of words of the title is a phrase if the body repeats it and hardly ever parts it.
    """
    head, text = "".join(token.word for token in title), "".join(token.word for token in body)
    names: dict[str, str] = {}
    for value in (head, text):
        for match in _WORK.finditer(value):
            names.setdefault(match[1].strip(), WORK)
        for match in _QUOTED.finditer(value):
            quoted = match[match.lastindex or 0].strip()
            if not _SENTENCE.search(quoted):
                names.setdefault(quoted, QUOTED)
        for match in _LATIN.finditer(value):
            names.setdefault(match[0], LATIN)
        for match in _FOREIGN.finditer(value):
            names.setdefault(_trimmed(match, title if value is head else body), FOREIGN)
    for start in range(len(title)):
        for phrase in _phrases(title[start : start + _PARTS], text, skip):
            names.setdefault(phrase, PHRASE)
    return {name: kind for name, kind in names.items() if len(name) > 1 and name not in skip}


def merge(tokens: Sequence[Token], names: dict[str, str]) -> list[Token]:
    """`tokens` with each name as one word; words that a name cuts are left out."""
    value = "".join(token.word for token in tokens)
    spans = sorted(
        ((at, at + len(name), kind) for name, kind in names.items() for at in _places(value, name)),
        key=lambda span: (span[0], -span[1]),
    )
    merged: list[Token] = []
    done = at = 0
    for start, end, kind in spans:
        if start < done:
            continue
        while at < len(tokens) and tokens[at].start + len(tokens[at].word) <= start:
            merged.append(tokens[at])
            at += 1
        merged.append(Token(value[start:end], kind, start))
        while at < len(tokens) and tokens[at].start < end:
            at += 1
        done = end
    return merged + list(tokens[at:])


def _places(value: str, name: str) -> list[int]:
    found = []
    at = value.find(name)
    while at >= 0:
        found.append(at)
        at = value.find(name, at + len(name))
    return found


def _trimmed(match: re.Match[str], tokens: Sequence[Token]) -> str:
    """A foreign name without the words that happen to stand before and after it."""
    dots = [place for place, c in enumerate(match[0]) if c in "·•・"]
    first, last = match.start() + dots[0], match.start() + dots[-1]
    starts = [token.start for token in tokens if match.start() <= token.start <= first - 2]
    ends = [end for token in tokens if last + 2 < (end := token.start + len(token.word)) <= match.end()]
    start, end = max(starts, default=match.start()), min(ends, default=match.end())
    return match[0][start - match.start() : end - match.start()]


def _phrases(tokens: Sequence[Token], text: str, skip: frozenset[str]) -> list[str]:
    """The phrases that begin with the first of `tokens`."""
    found: list[str] = []
    joined = ""
    rarest = commonest = 0
    for place, token in enumerate(tokens):
        if not _may_join(token, place == 0, skip):
            break
        joined += token.word
        if len(token.word) > 1:
            count = text.count(token.word)
            rarest = min(rarest, count) if rarest else count
            commonest = max(commonest, count)
        if len(joined) > _LONGEST:
            break
        if place == 0:
            continue
        count = text.count(joined)
        if count < 2:
            break
        if count >= _TOGETHER * rarest and count >= _MOST_TOGETHER * commonest:
            found.append(joined)
    return found


def _may_join(token: Token, first: bool, skip: frozenset[str]) -> bool:
    if token.word in skip or not _PART.fullmatch(token.word):
        return False
    if token.pos == "m":
        return not first
    return token.pos in _WORDS or (len(token.word) == 1 and token.pos in _SINGLE)
