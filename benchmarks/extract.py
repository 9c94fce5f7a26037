"""How well and how fast article pages are read, beside trafilatura and readability alone.

Reads every page of `tests/data/pages` (or of the folder given) with each, in turns, and prints a line each:
titles that are exact, dates right to the minute, the mean F1 of the text as a bag of characters, and pages a
second of processor time of one core, with its ratio to feedsvc.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import readability
import trafilatura

from benchmarks.pagecorpus import Page, mean, overlap, read, same_line, same_minute
from feedsvc.clean import plain, safe_html
from feedsvc.dates import parse
from feedsvc.pages.reading import read_page

PAGES = Path(__file__).parents[1] / "tests" / "data" / "pages"
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one reader says of a page."""

    title: str | None
    published: datetime | None
    text: str


def by_feedsvc(page: Page) -> Said:
    """Decided in one pass, cleaned as it is stored."""
    found = read_page(page.html, url=page.url, now=NOW)
    text = plain(safe_html(found.html or "", found.base_url))
    return Said(title=found.title, published=found.published, text=text)


def by_trafilatura(page: Page) -> Said:
    """trafilatura with its own title and date."""
    found = trafilatura.bare_extraction(page.html, url=page.url, with_metadata=True, include_comments=False)
    if found is None or isinstance(found, dict):
        return Said(title=None, published=None, text="")
    return Said(title=found.title, published=parse(found.date, NOW), text=found.text or "")


def by_readability(page: Page) -> Said:
    """readability with its own title; it knows no date."""
    document = readability.Document(page.html)
    return Said(title=document.short_title(), published=None, text=plain(document.summary(html_partial=True)))


READERS: dict[str, Callable[[Page], Said]] = {
    "feedsvc": by_feedsvc,
    "trafilatura": by_trafilatura,
    "readability": by_readability,
}


def main(arguments: list[str]) -> None:
    """Prints a line a reader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=PAGES, help="*.html with a *.json each")
    parser.add_argument("--rounds", type=int, default=5, help="in which the readers take turns")
    given = parser.parse_args(arguments)
    pages = read(given.folder, NOW)
    if not pages:
        parser.error(f"{given.folder}: no pages with a *.json beside them")
    times: dict[str, list[float]] = {name: [] for name in READERS}
    said: dict[str, list[Said]] = {}
    for _ in range(given.rounds + 1):  # the first warms up
        for name, reader in READERS.items():
            began = time.process_time()
            said[name] = [reader(page) for page in pages]
            times[name].append(time.process_time() - began)
    own = statistics.median(times["feedsvc"][1:])
    say(f"{len(pages)} pages     title  minute  text F1  pages/s  ratio")
    for name in READERS:
        pairs = list(zip(said[name], pages, strict=True))
        titles = mean([same_line(s.title, p.title) for s, p in pairs])
        minutes = mean([same_minute(s.published, p.published) for s, p in pairs])
        texts = mean([overlap(s.text, "\n".join(p.text)) for s, p in pairs])
        took = statistics.median(times[name][1:])
        speed = f"{len(pages) / took:8.0f}  {own / took:5.2f}"
        say(f"{name:12s}   {titles:5.3f}   {minutes:5.3f}    {texts:5.3f} {speed}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
