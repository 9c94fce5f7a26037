"""Pages and what an editor read on them, from a folder of *.html with a *.json beside each."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from feedsvc.dates import parse
from feedsvc.sources.document import decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page and what is right; None where the page does not say it. `text` holds a string a paragraph."""

    name: str
    html: str
    url: str | None
    title: str
    published: datetime | None
    updated: datetime | None
    author: str | None
    source_name: str | None
    text: tuple[str, ...]
    images: tuple[str, ...]
    keywords: tuple[str, ...]
    canonical: str | None


def read(folder: Path, now: datetime) -> list[Page]:
    """The pages of `folder` that have an expectation, by name."""
    return [_page(path, now) for path in sorted(folder.glob("*.json"))]


def _page(path: Path, now: datetime) -> Page:
    said = json.loads(path.read_text("utf-8"))
    return Page(
        name=path.stem,
        html=decode(path.with_suffix(".html").read_bytes()),
        url=said.get("url"),
        title=said["title"],
        published=parse(said["published"], now),
        updated=parse(said["updated"], now),
        author=said["author"],
        source_name=said["source_name"],
        text=tuple(said["text"]),
        images=tuple(said["images"]),
        keywords=tuple(said["keywords"]),
        canonical=said["canonical"],
    )


def overlap(said: str, wanted: str) -> float:
    """F1 of two texts as bags of characters, white space apart; 1 where both are empty."""
    one, two = Counter("".join(said.split())), Counter("".join(wanted.split()))
    both = (one & two).total()
    return 2 * both / (one.total() + two.total()) if one or two else 1.0


def same_minute(said: datetime | None, wanted: datetime | None) -> bool:
    """Whether two moments lie in one minute, or both are unknown."""
    if said is None or wanted is None:
        return said is wanted
    return said.timestamp() // 60 == wanted.timestamp() // 60


def same_line(said: str | None, wanted: str | None) -> bool:
    """Whether two lines are equal but for how white space is written."""
    return " ".join((said or "").split()) == " ".join((wanted or "").split())


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean; 0 of nothing."""
    return sum(values) / len(values) if values else 0.0
