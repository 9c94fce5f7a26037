"""How well what was said of articles meets their labels: pure functions over labelled rows."""

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from feedsvc.model import Tagging


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """An article and what an editor said of it. None: not labelled in this respect.

    `sections` holds the keys that are right; it is empty where the editor found that no section fits.
    """

    id: str
    title: str
    text: str = ""
    home: str | None = None
    keywords: tuple[str, ...] | None = None
    label: str | None = None
    sections: frozenset[str] | None = None
    regions: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """Keywords at k: means over articles."""

    precision: float
    recall: float
    f: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """Counts of articles whose section is labelled: `none` of them got no section, `wrong` another one.

    `uncalled` got a section where the editor found that none fits (they are not among `rows`);
    `confused` counts (label, section said) of the wrong and of the none.
    """

    rows: int = 0
    right: int = 0
    wrong: int = 0
    none: int = 0
    uncalled: int = 0
    confused: Counter[tuple[str, str | None]] = field(default_factory=Counter)

    @property
    def accuracy(self) -> float:
        return self.right / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """Counts of regions over all articles, by exact code."""

    right: int = 0
    said: int = 0
    wanted: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.said if self.said else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 0.0


def read(
    paths: Iterable[Path], names: Mapping[str, Iterable[str]], *, unknown: Callable[[str], object]
) -> list[Labelled]:
    """The rows of JSON lines files, and of every *.jsonl below folders, in the order of their names.

    `names` maps a label of a section to the keys that are right for it; a label that it lacks is handed to
    `unknown` and its row is not labelled with a section. Raises ValueError, which names file and line, for a
    row that is no object with an id, or whose keywords or regions are no list.
    """
    rows = []
    for path in paths:
        for file in sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]:
            for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
                if line.strip():
                    try:
                        rows.append(labelled(json.loads(line), names, unknown=unknown))
                    except (ValueError, TypeError, KeyError, AttributeError) as error:
                        raise ValueError(f"{file}, line {number}: no labelled article ({error})") from error
    return rows


def labelled(
    row: Mapping[str, object], names: Mapping[str, Iterable[str]], *, unknown: Callable[[str], object]
) -> Labelled:
    """One row; `names` and `unknown` as for `read`."""
    label = None if row.get("category") is None else str(row["category"])
    sections: frozenset[str] | None = None
    if label is not None:
        if label in names:
            sections = frozenset(names[label])
        else:
            unknown(label)
    elif "category" in row:
        sections = frozenset()
    home = row.get("home")
    return Labelled(
        id=str(row["id"]),
        title=str(row.get("title") or ""),
        text=str(row.get("text") or ""),
        home=None if home is None else str(home),
        keywords=_words(row.get("keywords")) or None,
        label=label,
        sections=sections,
        regions=_words(row["regions"]) if "regions" in row else None,
    )


def _words(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise TypeError("a list is wanted")
    return tuple(map(str, value))


def fold(word: str) -> str:
    """What is compared: NFKC, casefolded, without white space."""
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())


def keywords_at(k: int, said: Sequence[str], wanted: Iterable[str]) -> At:
    """One article: hits among the first k divided by k (a short list is no advantage) and by the labels."""
    labels = {fold(word) for word in wanted}
    first = list(dict.fromkeys(map(fold, said)))[:k]
    hits = len(labels.intersection(first))
    precision, recall = hits / k, hits / len(labels) if labels else 0.0
    return At(
        precision=precision,
        recall=recall,
        f=2 * precision * recall / (precision + recall) if hits else 0.0,
    )


def keyword_scores(k: int, pairs: Iterable[tuple[Labelled, Sequence[str]]]) -> At:
    """The mean over the articles that have labels; zeros where none has."""
    each = [keywords_at(k, said, row.keywords) for row, said in pairs if row.keywords]
    count = len(each) or 1
    return At(
        precision=sum(one.precision for one in each) / count,
        recall=sum(one.recall for one in each) / count,
        f=sum(one.f for one in each) / count,
    )


def section_scores(pairs: Iterable[tuple[Labelled, str | None]]) -> Sections:
    """How many of the labelled articles are in the right section, and what the others were taken for."""
    rows = right = wrong = none = uncalled = 0
    confused: Counter[tuple[str, str | None]] = Counter()
    for row, said in pairs:
        if row.label is None or row.sections is None:
            uncalled += row.sections is not None and said is not None
            continue
        rows += 1
        right += said in row.sections
        if said not in row.sections:
            none += said is None
            wrong += said is not None
            confused[row.label, said] += 1
    return Sections(rows=rows, right=right, wrong=wrong, none=none, uncalled=uncalled, confused=confused)


def region_scores(pairs: Iterable[tuple[Labelled, Sequence[str]]]) -> Regions:
    """Over the articles whose regions are labelled, an empty list being a label too."""
    right = found = wanted = 0
    for row, said in pairs:
        if row.regions is not None:
            right += len(set(row.regions).intersection(said))
            found += len(set(said))
            wanted += len(set(row.regions))
    return Regions(right=right, said=found, wanted=wanted)


def worst_keywords(
    pairs: Iterable[tuple[Labelled, Tagging]], limit: int
) -> list[tuple[float, Labelled, Tagging]]:
    """The articles with the lowest F at 5, lowest first."""
    each = [
        (keywords_at(5, [k.word for k in said.keywords], row.keywords).f, row, said)
        for row, said in pairs
        if row.keywords
    ]
    return sorted(each, key=lambda one: (one[0], one[1].id))[:limit]


def worst_sections(pairs: Iterable[tuple[Labelled, Tagging]], limit: int) -> list[tuple[Labelled, Tagging]]:
    """The articles in a wrong section, then those in one where none fits, then those in none."""
    each = [
        (row, said)
        for row, said in pairs
        if row.sections is not None and said.category not in (row.sections or {None})
    ]
    return sorted(each, key=lambda one: (one[1].category is None, not one[0].sections, one[0].id))[:limit]


def worst_regions(pairs: Iterable[tuple[Labelled, Tagging]], limit: int) -> list[tuple[Labelled, Tagging]]:
    """The articles with most regions missed or too many, most first."""
    each = [(row, said) for row, said in pairs if row.regions is not None]
    faults = [(len(set(row.regions or ()) ^ set(said.regions)), row, said) for row, said in each]
    worst = sorted((one for one in faults if one[0]), key=lambda one: (-one[0], one[1].id))
    return [(row, said) for _, row, said in worst[:limit]]
