"""Postings: which articles stand under a term, as sorted arrays of keys, and walks through them.

A key is a place in the order of all articles, the newest last; what it is made of is the catalog's business.
"""

import heapq
from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from feedsvc.model import Clause

_PATIENCE = 500  # keys walked in vain before whole postings are intersected
_NOTHING: "array[int]" = array("Q")


@dataclass(frozen=True, slots=True)
class Postings:
    """Keys by "facet:value", and all of them; `beside` are terms that were looked for just now."""

    all: "array[int]" = field(default_factory=lambda: array("Q"))
    by_term: dict[str, "array[int]"] = field(default_factory=dict)
    beside: Mapping[str, "array[int]"] = field(default_factory=dict)

    def get(self, term: str) -> "array[int]":
        return self.by_term.get(term) or self.beside.get(term, _NOTHING)


def walk(postings: Postings, clauses: Sequence[Clause], before: int | None = None) -> Iterator[int]:
    """The keys that fit every clause, newest first, those below `before` only."""
    wanted = [[postings.get(f"{c.facet}:{v}") for v in c.values] for c in clauses if not c.excluded]
    unwanted = [postings.get(f"{c.facet}:{v}") for c in clauses if c.excluded for v in c.values]
    wanted.sort(key=lambda group: sum(map(len, group)))
    driver = wanted[0] if wanted else [postings.all]
    others = wanted[1:]
    vain = 0
    keys = _merged(driver, before)
    for key in keys:
        if all(any(_holds(p, key) for p in group) for group in others) and not any(
            _holds(p, key) for p in unwanted
        ):
            vain = 0
            yield key
            continue
        vain += 1
        if vain > _PATIENCE:
            rest = set(keys)
            for group in others:
                rest.intersection_update(*[set().union(*group)])
            yield from sorted(rest.difference(*unwanted), reverse=True)
            return


def fits(postings: Postings, clauses: Sequence[Clause], key: int) -> bool:
    """Whether a key fits every clause."""
    return all(
        any(_holds(postings.get(f"{c.facet}:{value}"), key) for value in c.values) is not c.excluded
        for c in clauses
    )


def _merged(group: Sequence["array[int]"], before: int | None) -> Iterator[int]:
    """The keys of several postings, each once, newest first."""
    runs = [
        islice(reversed(p), len(p) - bisect_left(p, before) if before is not None else 0, None) for p in group
    ]
    if len(runs) == 1:
        yield from runs[0]
        return
    last = None
    for key in heapq.merge(*runs, reverse=True):
        if key != last:
            yield key
        last = key


def _holds(posting: "array[int]", key: int) -> bool:
    at = bisect_right(posting, key)
    return at > 0 and posting[at - 1] == key


class Rewrite:
    """Postings in the making: arrays are copied before their first change, shared until then.

    `bulk`: many keys come, in any order; then arrays are sorted once at the end, not at every key.
    """

    def __init__(self, before: Postings, *, bulk: bool) -> None:
        self._bulk = bulk
        self._all = before.all[:]
        self._by_term = dict(before.by_term)
        self._own: set[str] = set()

    def add(self, key: int, terms: Iterable[str]) -> None:
        self._add(self._all, key)
        for term in terms:
            self._add(self._posting(term), key)

    def remove(self, key: int, terms: Iterable[str]) -> None:
        self._remove(self._all, key)
        for term in terms:
            self._remove(self._posting(term), key)

    def done(self) -> Postings:
        for term in self._own:
            if not self._by_term[term]:
                del self._by_term[term]
            elif self._bulk:
                self._by_term[term] = array("Q", sorted(self._by_term[term]))
        return Postings(array("Q", sorted(self._all)) if self._bulk else self._all, self._by_term)

    def _add(self, posting: "array[int]", key: int) -> None:
        if self._bulk:
            posting.append(key)
        else:
            insort(posting, key)

    def _remove(self, posting: "array[int]", key: int) -> None:
        at = posting.index(key) if self._bulk else bisect_left(posting, key)
        del posting[at]

    def _posting(self, term: str) -> "array[int]":
        if term not in self._own:
            self._own.add(term)
            self._by_term[term] = self._by_term.get(term, _NOTHING)[:]
        return self._by_term[term]
