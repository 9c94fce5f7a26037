"""What the built-in sections talk about: terms with weights, from the files of data/."""

import functools
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources

SURE, STRONG, WEAK = 12.0, 3.0, 1.0
LEVELS = {"sure": SURE, "strong": STRONG, "weak": WEAK}

Weights = Mapping[str, Mapping[str, float]]  # the weight of a term for each section it speaks of


@functools.cache
def vocabulary() -> Mapping[str, str]:
    """The terms of terms.toml as nouns, for a segmenter to keep whole where it does not know them."""
    return {term: "n" for _, term, _ in _written("terms.toml") if len(term) > 1}


@functools.cache
def terms() -> Weights:
    """The terms written by hand: of several weights for a section the greatest; less where a term is of
    several sections, since it says less about each."""
    found: dict[str, dict[str, float]] = {}
    for name in ("terms.toml", "phrases.toml"):
        for key, term, weight in _written(name):
            sections = found.setdefault(term, {})
            sections[key] = max(weight, sections.get(key, 0))
    return {
        term: {key: weight / len(sections) ** 0.5 for key, weight in sections.items()}
        for term, sections in found.items()
    }


def words() -> Iterator[tuple[str, str, float]]:
    """The words of leanings.txt with their one section and weight, from 0.5 to 2."""
    key, weight = "", 0.0
    for line in _read("leanings.txt").splitlines():
        if line.startswith("= "):
            _, key, number = line.split()
            weight = float(number)
        elif not line.startswith("#"):
            for word in line.split():
                yield word, key, weight


def _written(name: str) -> Iterator[tuple[str, str, float]]:
    for key, lists in tomllib.loads(_read(name)).items():
        for level, content in lists.items():
            for term in content.split():
                yield key, term, LEVELS[level]


def _read(name: str) -> str:
    return resources.files("feedsvc.tagging").joinpath("data", name).read_text("utf-8")
