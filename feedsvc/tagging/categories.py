"""Which news section an article belongs to, by the terms it uses."""

import functools
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from math import log1p

from feedsvc.model import Category
from feedsvc.tagging.tokens import Token

STRONG, WEAK = 3.0, 1.0
TITLE = 3.0  # how much more a term says in a title than in a body
LENGTH = 0.15  # how much more a term says for each character past two
LEAD = 300  # characters of a body that count double
_SPAN = 4  # tokens that a term may run over
_MEMO = 50_000


@functools.cache
def default_categories() -> tuple[Category, ...]:
    """The 19 sections of data/categories.json, in their order; their terms are in data/terms.toml."""
    rows = json.loads(_read("categories.json"))["categories"]
    return tuple(
        Category(key=row["key"], label=row["label"], iptc=tuple(row["iptc"]), gb=tuple(row["gb"]))
        for row in rows
    )


class Classifier:
    """Scores categories by weighted terms; made once for a set of categories."""

    def __init__(self, categories: Sequence[Category]) -> None:
        """A category is known by its `terms`, each strong.

        One with a built-in key is known by the built-in terms as well, any other by its label.
        """
        built_in = _built_in()
        self._order = {category.key: place for place, category in enumerate(categories)}
        self._terms: dict[str, dict[str, float]] = {}
        for category in categories:
            weighted = built_in.get(category.key) or {category.label: STRONG}
            for term, weight in {**weighted, **dict.fromkeys(category.terms, STRONG)}.items():
                scores = self._terms.setdefault(_fold(term), {})
                scores[category.key] = max(weight, scores.get(category.key, 0))
        self._beginnings = frozenset(term[:end] for term in self._terms for end in range(1, len(term)))
        self._longest = max(map(len, self._terms), default=0)
        self._inside: dict[str, tuple[str, ...]] = {}

    def classify(self, title: Sequence[Token], body: Sequence[Token]) -> str | None:
        """The key of the best category; None where no term of any occurs. Ties go to the earlier category."""
        scores: dict[str, float] = {}
        for term, _ in self.terms(title):
            self._add(scores, term, TITLE)
        counts: dict[str, float] = {}
        for term, start in self.terms(body):
            counts[term] = counts.get(term, 0) + (2 if start < LEAD else 1)
        for term, count in counts.items():
            self._add(scores, term, log1p(count) / log1p(2))
        return min(scores, key=lambda key: (-round(scores[key], 6), self._order[key]), default=None)

    def terms(self, tokens: Sequence[Token]) -> Iterable[tuple[str, int]]:
        """The terms that occur, with their places: whole tokens or runs of them, the longest first; else what
        stands inside one token."""
        words = [_fold(token.word) for token in tokens]
        at = 0
        while at < len(words):
            end, term = self._longest_at(words, at)
            if term:
                yield term, tokens[at].start
            else:
                for part in self._parts(words[at]):
                    yield part, tokens[at].start
            at = end

    def _longest_at(self, words: Sequence[str], at: int) -> tuple[int, str]:
        """The longest term that begins with this word, and where it ends; "" and the next word for none."""
        joined = words[at]
        best = (at + 1, joined if joined in self._terms else "")
        end = at + 1
        while joined in self._beginnings and end < min(at + _SPAN, len(words)):
            joined += words[end]
            end += 1
            if joined in self._terms:
                best = (end, joined)
        return best

    def _parts(self, word: str) -> tuple[str, ...]:
        if len(word) < 3:
            return ()
        found = self._inside.get(word)
        if found is None:
            found = tuple(self._scan(word))
            if len(self._inside) < _MEMO:
                self._inside[word] = found
        return found

    def _scan(self, word: str) -> Iterable[str]:
        at = 0
        while at < len(word) - 1:
            for end in range(min(at + self._longest, len(word)), at + 1, -1):
                if word[at:end] in self._terms:
                    yield word[at:end]
                    at = end
                    break
            else:
                at += 1

    def _add(self, scores: dict[str, float], term: str, times: float) -> None:
        for key, weight in self._terms[term].items():
            scores[key] = scores.get(key, 0) + weight * times * (1 + LENGTH * (len(term) - 2))


@functools.cache
def vocabulary() -> Mapping[str, str]:
    """The built-in terms as nouns, for a segmenter to keep whole where it does not know them."""
    return {term: "n" for terms in _built_in().values() for term in terms if len(term) > 1}


@functools.cache
def _built_in() -> Mapping[str, Mapping[str, float]]:
    """Weights of the terms of data/terms.toml, by category."""
    return {
        key: dict.fromkeys(lists["weak"].split(), WEAK) | dict.fromkeys(lists["strong"].split(), STRONG)
        for key, lists in tomllib.loads(_read("terms.toml")).items()
    }


def _fold(word: str) -> str:
    return word.casefold()


def _read(name: str) -> str:
    return resources.files("feedsvc.tagging").joinpath("data", name).read_text("utf-8")
