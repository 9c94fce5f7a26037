"""`feedsvc tag`, `extract` and `ingest`: what feedsvc makes of documents given by hand.

Each command imports what it reads with itself: `feedsvc serve`, which loads every command, stays small.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from feedsvc import service, taggers
from feedsvc.cli.common import FAILED, chosen, complain, exiting, settings_of, with_config
from feedsvc.config import Settings
from feedsvc.errors import ConfigError, FeedsvcError, ReadError
from feedsvc.fetch import Request
from feedsvc.model import Stamp
from feedsvc.sources import folder

_EXTRACTED = (
    "file", "title", "published", "author", "text", "html",
    "updated", "source_name", "images", "keywords", "canonical",
)  # fmt: skip


@click.command()
@with_config
@click.argument("file_", metavar="[FILE|-]", type=click.File("r", encoding="utf-8"), default="-")
def tag(file: Path | None, file_: TextIO) -> None:
    """Tag articles: JSON lines {"id","title","text"} in, keywords, category and regions out.

    The same ids in the same order. A line that is no article is named on standard error and left out; then
    the exit code is 1.
    """
    settings = settings_of(file)
    with exiting():
        tagger = taggers.stored_setup(settings).tagger()
    bad = 0
    for number, line in enumerate(file_, start=1):
        if not line.strip():
            continue
        try:
            ident, title, text = _article(line)
        except ReadError as exc:
            bad += 1
            complain(f"{file_.name}, line {number}: {exc}")
            continue
        tagging = tagger.tag(title, text)
        answer = {
            "id": ident,
            "keywords": [k.word for k in tagging.keywords],
            "category": tagging.category,
            "regions": list(tagging.regions),
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
    if bad:
        sys.exit(FAILED)


@click.command()
@with_config
@click.option("--source", "ident", metavar="ID", help="Fetch as this source does (its headers).")
@click.option("--why", is_flag=True, help="Add which rule found the title, the dates, the author, the text.")
@click.argument("places", metavar="FILE|URL ...", nargs=-1, required=True)
def extract(file: Path | None, ident: str | None, why: bool, places: tuple[str, ...]) -> None:
    """Show what would be read from pages: a JSON line each, in order; null for what is not found."""
    settings = settings_of(file)
    with exiting():
        chosen(settings, (ident,) if ident else ())
    headers = next((s.headers for s in settings.sources if s.id == ident), {})
    bad = 0
    for place in places:
        row: dict[str, object] = dict.fromkeys(_EXTRACTED)
        row["file"] = place
        try:
            found = _extracted(settings, place, dict(headers))
            row |= {key: value for key, value in found.items() if why or key != "why"}
        except FeedsvcError as exc:
            bad += 1
            complain(str(exc))
        click.echo(json.dumps(row, ensure_ascii=False))
    if bad == len(places):
        sys.exit(FAILED)


@click.command()
@with_config
@click.option("--source", "ident", metavar="ID", required=True, help="The source the articles belong to.")
@click.argument("files", metavar="FILE ...", nargs=-1, required=True, type=click.Path(path_type=Path))
def ingest(file: Path | None, ident: str, files: tuple[Path, ...]) -> None:
    """Put documents into the catalog by hand: .md, .html, .json, .txt, or folders of them."""
    from feedsvc import reading

    settings = settings_of(file)
    with exiting():
        chosen(settings, (ident,))
        source = next(s for s in settings.sources if s.id == ident)
        found = [(str(path), stamp) for given in files for path, stamp in _documents(given)]
        store = service.prepare_store(settings)
        try:
            reading.prepare(taggers.tagging_setup(settings, store))
            batch = reading.read_files(source, Path("/"), found, service.utc_now())
            saved = store.ingest(source, batch, service.utc_now())
        finally:
            store.close()
    problems = [f for f in batch.files if f.problem]
    for one in problems:
        complain(f"{one.name}: {one.problem}")
    click.echo(f"{saved.new} articles new, {saved.edited} edited, {saved.unchanged} unchanged")
    if len(problems) == len(batch.files):
        sys.exit(FAILED)


def _article(line: str) -> tuple[object, str, str]:
    try:
        row = json.loads(line)
    except ValueError as exc:
        raise ReadError(f"not JSON ({exc})") from exc
    if not isinstance(row, dict) or "id" not in row:
        raise ReadError('allowed: an object {"id", "title", "text"}')
    title, text = row.get("title") or "", row.get("text") or ""
    if not isinstance(title, str) or not isinstance(text, str):
        raise ReadError("title and text must be strings")
    return row["id"], title, text


def _extracted(settings: Settings, place: str, headers: dict[str, str]) -> dict[str, object]:
    from feedsvc import clean
    from feedsvc.pages.reading import read_page
    from feedsvc.sources import document

    url = place if place.startswith(("http://", "https://")) else None
    if url is not None:
        response = service.fetcher(settings).fetch(Request(url=url, headers=headers))
        url, body, declared = response.url, response.body, response.content_type
    else:
        declared = None
        try:
            body = Path(place).read_bytes()
        except OSError as exc:
            raise ReadError(f"{place}: cannot be read ({exc.strerror})") from exc
    page = document.decode(body, document.charset_of(declared))
    found = read_page(page, url=url, now=service.utc_now())
    html = clean.safe_html(found.html, found.base_url or url) if found.html else ""
    return {
        "title": found.title,
        "published": found.published.isoformat() if found.published else None,
        "author": found.author or found.source_name,
        "text": clean.plain(html) or None,
        "html": html or None,
        "updated": found.updated.isoformat() if found.updated else None,
        "source_name": found.source_name,
        "images": list(found.images) or None,
        "keywords": list(found.keywords) or None,
        "canonical": found.canonical,
        "why": dict(found.rules),
    }


def _documents(given: Path) -> Iterator[tuple[Path, Stamp]]:
    """The absolute paths of the documents at `given`. ConfigError if there is nothing that can be read."""
    whole = given.absolute()
    if whole.is_dir():
        for name, stamp in folder.scan(whole).items():
            yield whole / name, stamp
        return
    try:
        stat = whole.stat()
    except OSError as exc:
        raise ConfigError(str(given), f"cannot be read ({exc.strerror})") from exc
    if whole.suffix.lower() not in folder.SUFFIXES:
        raise ConfigError(str(given), f"not a document; allowed: {', '.join(sorted(folder.SUFFIXES))}")
    yield whole, Stamp(size=stat.st_size, mtime_ns=stat.st_mtime_ns)
