"""What a search asks for, and by which words an article is found: two halves of one agreement.

Both sides see a text as parts, which anything but letters and digits separates, and a part as atoms: a
Chinese character, a number, or a run of other letters and digits. The words of an article are its atoms other
than Chinese characters, and what a segmenter makes of its Chinese. An article answers a query if each part of
the query can be put together from words of the article, whatever words others have: so it goes on answering
it, whoever else comes.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TypeVar

from feedsvc import text

MAX_QUERY = 100  # characters of a query
MAX_WORD = 40  # characters of a word: what is longer is an address or a number, and nobody's word
_LONGEST = 24  # atoms of a word in a query: names of offices have some twenty characters

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ATOM = rf"[0-9]+(?:\.[0-9]+)+|[{_HAN}]|[^\W_{_HAN}]+"
_ATOMS = re.compile(_ATOM)
_PART = re.compile(f"(?:{_ATOM})+")
_CHINESE = re.compile(f"[{_HAN}]")

_T = TypeVar("_T")


# Casefolding makes two characters of İ, the second a mark, which would be the end of a part.
_MARKS = {0x307: None}


def fold(value: str) -> str:
    """`value` in the form in which words are compared: much as toNFKC_Casefold of Unicode, section 3.13."""
    composed = unicodedata.normalize("NFKC", value).casefold()
    return unicodedata.normalize("NFKC", composed.translate(_MARKS))


def canonical(value: str) -> str:
    """A query as addresses hold it: its parts, folded, each once, sorted, with spaces; '' for none."""
    return " ".join(sorted({"".join(part) for part in _parts(fold(text.squeeze(value)))}))


def words(value: str, cut: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """The words by which `value` is found: folded, sorted, each once. `cut` segments Chinese.

    `cut` may give words inside words, these before the word that holds them. Two words of one character that
    follow each other are a word together too: many a name is cut in two.
    """
    found: set[str] = set()
    for part in set(_parts(fold(text.legal(value)))):
        found.update(atom for atom in part if not _CHINESE.match(atom))
        run = "".join(part)
        before = ""
        for word in cut(run) if _CHINESE.search(run) else ():
            lone = word if len(word) == 1 and _CHINESE.match(word) else ""
            if before and lone:
                found.add(before + lone)
            before = lone
            if _CHINESE.search(word):
                found.add(word)
    return tuple(sorted(word for word in found if len(word) <= MAX_WORD))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word that a part may be put together from: atoms `start` to `end`; `lone`: one Chinese character."""

    start: int
    end: int
    word: str
    lone: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A query ready to be asked: of each part its length in atoms, and what it may be put together from."""

    parts: tuple[tuple[int, tuple[_Piece, ...]], ...]

    @classmethod
    def of(cls, value: str) -> "Query":
        """The query that the canonical `value` spells."""
        return cls(tuple((len(part), tuple(_pieces(part))) for part in _parts(value)))

    @property
    def words(self) -> frozenset[str]:
        """Every word that may have to do with it."""
        return frozenset(piece.word for _, pieces in self.parts for piece in pieces)

    def narrowed(self, known: Set[str]) -> "Query":
        """The same query, quicker to ask where nobody has other words than `known`."""
        return Query(tuple((n, tuple(p for p in pieces if p.word in known)) for n, pieces in self.parts))

    def answers(self, places: Mapping[str, Set[_T]]) -> set[_T]:
        """What answers it, where `places` says of each word who has it."""
        found: set[_T] | None = None
        for length, pieces in self.parts:
            held = _held(length, pieces, places)
            found = held if found is None else found & held
            if not found:
                return set()
        return found or set()


def _parts(folded: str) -> Iterator[tuple[str, ...]]:
    for match in _PART.finditer(folded):
        yield tuple(_ATOMS.findall(match[0]))


def _pieces(part: tuple[str, ...]) -> Iterator[_Piece]:
    """By their ends. A run of letters and digits is a word alone, or together with Chinese (卡拉ok)."""
    for end in range(1, len(part) + 1):
        for start in range(max(0, end - _LONGEST), end):
            word = "".join(part[start:end])
            if len(word) <= MAX_WORD:
                lone = end - start == 1 and _CHINESE.match(word) is not None
                yield _Piece(start, end, word, lone)


def _held(length: int, pieces: Iterable[_Piece], places: Mapping[str, Set[_T]]) -> set[_T]:
    """Who has words that are, one after the other, the whole part.

    No two of them in a row are single characters: 上 and 海 somewhere in a text do not make it answer 上海.
    """
    free: list[Set[_T] | None] = [None, *(set() for _ in range(length))]  # None: everybody
    lone: list[set[_T]] = [set() for _ in range(length + 1)]
    for piece in pieces:
        have = places.get(piece.word)
        if not have:
            continue
        before = free[piece.start]
        if piece.lone:
            lone[piece.end] |= have if before is None else before & have
        else:
            reached = have if before is None else have & (before | lone[piece.start])
            free[piece.end] = reached | (free[piece.end] or set())
    return set(free[length] or ()) | lone[length]
