"""Which news section an article belongs to: by the terms it uses, and by what was learned of a site's own."""

import functools
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib import resources
from math import sqrt

from feedsvc.model import Category
from feedsvc.tagging import sections
from feedsvc.tagging.cues import cues
from feedsvc.tagging.features import Features, features
from feedsvc.tagging.learned import Model, probable
from feedsvc.tagging.sections import STRONG
from feedsvc.tagging.terms import Terms
from feedsvc.tagging.tokens import Words

OWN = 6.0  # the weight of a term that the site gave: more than one of ours
TITLE = 3.0  # how much more a term says in a title than in a body
LENGTH = 0.15  # how much more a term says for each character past two
LEAD = 300  # characters of a body that count double
LEAST = 1.2  # a score below says too little
CLEAR = 0.14  # the least share that the best section must have of all scores
_MEMO = 50_000
_MANY = 100
_ROOTS = [sqrt(count) for count in range(_MANY)]

Weights = tuple[tuple[str, float], ...]  # categories, and how much a term speaks for each
Reason = tuple[str, float, list[tuple[str, float]]]  # a section, its score, and what made it with its share


@functools.cache
def default_categories() -> tuple[Category, ...]:
    """The 19 sections of data/categories.json, in their order; their terms are in the files beside it."""
    text = resources.files("feedsvc.tagging").joinpath("data", "categories.json").read_text("utf-8")
    return tuple(
        Category(key=row["key"], label=row["label"], iptc=tuple(row["iptc"]), gb=tuple(row["gb"]))
        for row in json.loads(text)["categories"]
    )


class Classifier:
    """Scores categories by weighted terms; made once for a set of categories. Not safe for threads."""

    def __init__(self, categories: Sequence[Category], model: Model | None = None) -> None:
        """A category is known by its `terms`; one with a built-in key by the built-in terms as well, any
        other by its label. `model`: what was learned, of which only these categories are used.
        """
        self._order = {category.key: place for place, category in enumerate(categories)}
        self._model = model.only(self._order) if model else None
        terms = _weights(categories)
        self._weights = terms | _words(self._order, terms)
        self._written = [term for term in terms if len(term) > 1]
        self._parts = Terms(self._written)
        self._long = [term for term in self._written if len(term) > 2]
        self._phrases = Terms(self._long)
        self._inside: dict[str, tuple[str, ...]] = {}

    def classify(self, title: Words, body: Words) -> str | None:
        """The key of the best category; None where too little speaks for any. Ties go to the earlier one."""
        scores = self.scores(title, body)
        if self._model is not None:
            return probable(self._model.chances(features(title, body, scores), self._order))
        best = self._best(scores)
        if best is None or scores[best] < LEAST or scores[best] < CLEAR * sum(scores.values()):
            return None
        return best

    def scores(self, title: Words, body: Words) -> dict[str, float]:
        """What the terms say of every category that they speak of; in no scale but their own."""
        scores: defaultdict[str, float] = defaultdict(float)
        weights = self._weights
        for term, count in self._found(title, 0).items():
            for key, weight in weights[term]:
                scores[key] += TITLE * count * weight
        if body.words:
            for term, count in self._found(body, LEAD).items():
                root = _ROOTS[count] if count < _MANY else sqrt(count)
                for key, weight in weights[term]:
                    scores[key] += root * weight
        for _, key, weight, above in cues(title.value, body.value):
            if key in self._order:
                scores[key] += TITLE * weight if above else weight
        return scores

    def features(self, title: Words, body: Words) -> Features:
        """What a model is learned from, and judges by."""
        return features(title, body, self.scores(title, body))

    def explain(self, title: Words, body: Words) -> list[Reason]:
        """Every category that anything speaks for, best first, with the terms, those that weighed most first.

        Scores are probabilities where a model was learned; what its terms weigh is in its own scale then.
        """
        parts: dict[str, dict[str, float]] = {}
        for term, key, weight in self._evidence(title, body):
            own = parts.setdefault(key, {})
            own[term] = own.get(term, 0) + weight
        scores = {key: sum(own.values()) for key, own in parts.items()}
        if self._model is not None:
            found = features(title, body, scores)
            scores = self._model.chances(found, self._order)
            for key, name, weight in self._model.shares(found):
                parts.setdefault(key, {})[name] = weight
        ranked = sorted(scores, key=lambda key: (-round(scores[key], 6), self._order[key]))
        return [
            (key, scores[key], sorted(parts.get(key, {}).items(), key=lambda part: (-part[1], part[0])))
            for key in ranked
        ]

    def _best(self, scores: Mapping[str, float]) -> str | None:
        return min(scores, key=lambda key: (-round(scores[key], 6), self._order[key]), default=None)

    def _evidence(self, title: Words, body: Words) -> Iterator[tuple[str, str, float]]:
        """What `scores` adds up in half the time: terms, the category they speak for, how much."""
        for text, lead in ((title, 0), (body, LEAD)):
            for term, count in self._found(text, lead).items():
                times = sqrt(count) if lead else TITLE * count
                for key, weight in self._weights[term]:
                    yield term, key, weight * times
        for shape, key, weight, above in cues(title.value, body.value):
            if key in self._order:
                yield shape, key, TITLE * weight if above else weight

    def _found(self, text: Words, lead: int) -> dict[str, int]:
        """The terms of a text and how often it has them, those before `lead` twice: whole words, else what
        stands inside one; and terms that run over words, which do not count themselves then."""
        words, starts, weights = text.words, text.starts, self._weights
        if lead:
            counts = text.counts.copy()
            counts.update(word for word in words[: text.at(lead) + 1] if len(word) > 1)
        else:
            counts = Counter(words)
        found = {word: count for word, count in counts.items() if word in weights}
        for word in [word for word in counts if len(word) > 2 and word not in found]:
            for part in self._within(word):
                found[part] = found.get(part, 0) + counts[word]
        for number, start, end in self._phrases.find(text.value):
            term = self._long[number]
            if term in counts:
                continue
            first, last = text.at(start), text.at(end - 1)
            if first == last or starts[first] != start or starts[last + 1] != end:
                continue  # inside one word, where it was seen, or across the bounds of words
            times = 2 if start < lead else 1
            found[term] = found.get(term, 0) + times
            for word in words[first : last + 1]:
                if word in found:
                    found[word] -= times
                    if found[word] <= 0:
                        del found[word]
        return found

    def _within(self, word: str) -> tuple[str, ...]:
        """The terms inside a word that is none."""
        parts = self._inside.get(word)
        if parts is None:
            parts = tuple(self._written[number] for number, _, _ in self._parts.find(word))
            if len(self._inside) < _MEMO:
                self._inside[word] = parts
        return parts


def vocabulary() -> Mapping[str, str]:
    """The built-in terms as nouns, for a segmenter to keep whole where it does not know them."""
    return sections.vocabulary()


def _weights(categories: Sequence[Category]) -> dict[str, Weights]:
    """The weights of hand-written terms, for these categories."""
    keys = {category.key for category in categories}
    found: dict[str, dict[str, float]] = {}
    known: set[str] = set()
    for term, weighted in sections.terms().items():
        known |= weighted.keys()
        own = {key: weight for key, weight in weighted.items() if key in keys}
        if own:
            found[term] = own
    for category in categories:
        given = dict.fromkeys(category.terms, OWN)
        if category.key not in known:
            given.setdefault(category.label, STRONG)
        for term, weight in given.items():
            found.setdefault(term, {})[category.key] = weight
    return {
        spelling: tuple((key, _sized(term, weight)) for key, weight in weighted.items())
        for term, weighted in found.items()
        for spelling in _spellings(term)
    }


def _words(keys: Collection[str], terms: Collection[str]) -> dict[str, Weights]:
    """The weights of the words of leanings.txt that are no terms. Equal ones are one object, being many."""
    shared: dict[tuple[str, float, int], Weights] = {}
    found = {}
    for word, key, weight in sections.words():
        if key in keys and word not in terms:
            kind = (key, weight, len(word))
            if kind not in shared:
                shared[kind] = ((key, _sized(word, weight)),)
            found[word] = shared[kind]
    return found


def _sized(term: str, weight: float) -> float:
    return weight * (1 + LENGTH * max(len(term) - 2, 0))


def _spellings(term: str) -> set[str]:
    """A term as it may be written: the case of Latin letters says nothing."""
    if term.upper() == term.lower():
        return {term}
    return {term, term.casefold(), term.upper(), term.capitalize()}
