"""Learns a site's sections from labelled articles: logistic regression and naive Bayes, in plain Python."""

import random
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from feedsvc.tagging.features import Features
from feedsvc.tagging.learned import Model, probable, summed

FOLDS = 5
FEWEST = FOLDS  # articles that a section must have to be learned
PASSES = 12  # over all articles
STEP = 1.6  # how far the first step goes
FADE = 0.25  # how much smaller the steps get from pass to pass
DECAY = 5e-4  # how much of every weight of an article's features is forgotten when it is seen
RARE = 2  # articles that must have a feature
BAYES = 2.0  # what naive Bayes counts beside the regression: it does well where there are few articles
_SMOOTH = 0.1  # how often every feature is taken to be seen where it was not
_IGNORED = 0.01  # a probability that is right enough not to be corrected
_OUTSIDE = -1.0  # what a section that was not learned stands behind


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled article: its section, what a model sees of it, and where the built-in terms put it."""

    key: str
    found: Features
    built_in: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How cross-validation went for a section: its articles, and how many were put into it with and without
    what was learned."""

    key: str
    articles: int
    learned: int
    built_in: int


def train(examples: Sequence[Example]) -> Model:
    """A model of the sections that `examples` have; the same for the same examples in the same order."""
    keys = tuple(sorted({example.key for example in examples}))
    place = {key: at for at, key in enumerate(keys)}
    known = _common(examples)
    rows = {name: [0.0] * len(keys) for name in known}
    bias = [0.0] * len(keys)
    lessons = [(place[example.key], _kept(example.found, rows)) for example in examples]
    shuffled = random.Random(0)
    for turn in range(PASSES):
        step = STEP / (1 + FADE * turn)
        shuffled.shuffle(lessons)
        for want, found in lessons:
            _correct(rows, bias, want, found, step)
    own = [rows[f"={key}"][at] for key, at in place.items() if f"={key}" in rows]
    for name, row in _complements(lessons, len(keys)).items():
        rows[name] = [had + BAYES * more for had, more in zip(rows[name], row, strict=True)]
    return Model(
        keys=keys,
        bias=tuple(bias),
        weights={name: tuple(row) for name, row in rows.items() if any(row)},
        slope=sum(own) / len(own) if own else 0.0,
        level=sum(bias) / len(bias) + _OUTSIDE,
    )


def folds(examples: Sequence[Example]) -> list[list[int]]:
    """The places of `examples` in FOLDS parts, every section spread over all; always the same ones."""
    parts: list[list[int]] = [[] for _ in range(FOLDS)]
    by_key: dict[str, list[int]] = {}
    for at, example in enumerate(examples):
        by_key.setdefault(example.key, []).append(at)
    shuffled = random.Random(1)
    turn = 0
    for key in sorted(by_key):
        shuffled.shuffle(by_key[key])
        for at in by_key[key]:
            parts[turn % FOLDS].append(at)
            turn += 1
    return parts


def held_out(examples: Sequence[Example]) -> Iterator[tuple[list[int], Model]]:
    """FOLDS times: the places of examples, and a model learned from all others."""
    for part in folds(examples):
        away = set(part)
        yield part, train([example for at, example in enumerate(examples) if at not in away])


def tried(examples: Sequence[Example], categories: Collection[str]) -> list[Trial]:
    """How good a model is that never saw what it judges, section by section; `categories` are the site's."""
    right = [False] * len(examples)
    for part, model in held_out(examples):
        for at in part:
            right[at] = probable(model.chances(examples[at].found, categories)) == examples[at].key
    return [
        Trial(
            key=key,
            articles=sum(example.key == key for example in examples),
            learned=sum(well for example, well in zip(examples, right, strict=True) if example.key == key),
            built_in=sum(example.key == key == example.built_in for example in examples),
        )
        for key in sorted({example.key for example in examples})
    ]


def _common(examples: Sequence[Example]) -> list[str]:
    seen: Counter[str] = Counter()
    for example in examples:
        seen.update({name for _, names in example.found for name in names})
    return sorted(name for name, count in seen.items() if count >= RARE)


def _complements(lessons: Sequence[tuple[int, Features]], width: int) -> dict[str, list[float]]:
    """For every feature but what the built-in terms say, for each section: how rare it is in all others,
    against the mean (complement naive Bayes: Rennie and others, ICML 2003)."""
    seen: dict[str, list[float]] = {}
    for want, found in lessons:
        for value, names in found:
            for name in names:
                if not name.startswith("="):
                    seen.setdefault(name, [0.0] * width)[want] += value
    totals = [sum(row[at] for row in seen.values()) for at in range(width)]
    others = [sum(totals) - total + _SMOOTH * len(seen) for total in totals]
    weights = {}
    for name in sorted(seen):
        whole = sum(seen[name])
        row = [log(other / (whole - own + _SMOOTH)) for own, other in zip(seen[name], others, strict=True)]
        mean = sum(row) / width
        weights[name] = [weight - mean for weight in row]
    return weights


def _kept(found: Features, known: Mapping[str, object]) -> Features:
    kept = [(value, [name for name in names if name in known]) for value, names in found]
    return [(value, names) for value, names in kept if names]


def _correct(
    rows: dict[str, list[float]], bias: list[float], want: int, found: Features, step: float
) -> None:
    """Moves the weights of an article's features so that its section becomes more probable."""
    logits = summed(rows, bias, found)
    most = max(logits)
    shares = [exp(logit - most) for logit in logits]
    total = sum(shares)
    moves = [
        (at, -step * share / total)
        for at, share in enumerate(shares)
        if share > _IGNORED * total and at != want
    ]
    moves.append((want, step * (1 - shares[want] / total)))
    for at, move in moves:
        bias[at] += 0.1 * move
    for value, names in found:
        for at, move in moves:
            change = value * move
            for name in names:
                row = rows[name]
                row[at] += change - DECAY * step * row[at]
