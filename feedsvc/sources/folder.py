"""A folder of documents: which files it holds, and what each says. Only `scan` touches the file system."""

import json
import os
import re
import stat
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from feedsvc.dates import parse
from feedsvc.errors import ReadError
from feedsvc.extract import extract
from feedsvc.model import Document, RawArticle, Stamp
from feedsvc.sources.document import decode
from feedsvc.sources.jsonfeed import is_json_feed, read_item, read_items, read_json_feed
from feedsvc.sources.markdown import read_markdown
from feedsvc.sources.textfile import read_text
from feedsvc.text import squeeze
from feedsvc.urls import absolute

_MARKDOWN = (".md", ".markdown")
_HTML = (".html", ".htm")
SUFFIXES = (*_MARKDOWN, *_HTML, ".json", ".txt")

_LEFTOVER = re.compile(
    r"\..*|~\$.*|.*~|#.*#|.*\.(?:swp|swx|swo|tmp|bak|part|crdownload)", re.IGNORECASE | re.DOTALL
)
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\D|$)[-_ ]*")


def scan(root: Path) -> dict[str, Stamp]:
    """The documents below `root`: POSIX path relative to it -> stamp, sorted by path.

    Hidden files and folders and what editors leave behind are no documents. A symbolic link is followed where
    it stays inside `root` and leads to what is not found otherwise, so that nothing is read twice and no loop
    is walked. Names that are not UTF-8 are left out, since they could not be stored. ReadError if `root`, or
    a folder in it, is missing or cannot be listed: files that cannot be seen are not files that were removed.
    """
    try:
        top = Path(os.path.realpath(root, strict=True))
    except OSError as exc:
        raise ReadError(f"{root}: {_cause(exc)}") from exc
    found: dict[str, Stamp] = {}
    linked: list[tuple[str, Path]] = []
    seen: set[Path] = set()
    _walk(top, "", top, found, linked, seen)
    for prefix, target in sorted(linked):  # a link seen early must not hide the thing itself
        if target in seen or not target.is_relative_to(top):
            continue
        if target.is_dir():
            _walk(target, prefix + "/", top, found, linked, seen)
        elif (stamp := _stamp(target)) is not None:
            seen.add(target)
            found[prefix] = stamp
    return dict(sorted(found.items()))


def read_file(name: str, body: bytes, *, base_url: str | None, now: datetime) -> Document:
    """What the file `name` (relative, POSIX) holds. ReadError where it is not what its suffix says.

    Relative links are resolved against `base_url`. The article that the file itself is has the file's name as
    its `slot`; headlines listed on a saved page, and the items of a JSON Feed or list, have none. Without a
    title anywhere, the file's name is one; without a date, a name that begins with YYYY-MM-DD gives it.
    """
    text = decode(body)
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    if suffix == ".json":
        return _json(text, name, base_url, now)
    articles: tuple[RawArticle, ...]
    if suffix in _MARKDOWN:
        articles = (read_markdown(text, base_url=base_url, now=now),)
    elif suffix in _HTML:
        articles = (_page(text, base_url, now),)
    elif suffix == ".txt":
        articles = read_text(text, base_url=base_url)
    else:
        raise ReadError(f"{suffix or path.name} is no kind of document: {', '.join(SUFFIXES)} are")
    if not any(a.title or a.html for a in articles):
        raise ReadError("holds neither a title nor text")
    return Document(articles=(_principal(articles[0], name, now), *articles[1:]))


def _page(text: str, base_url: str | None, now: datetime) -> RawArticle:
    article = extract(text, url=base_url, now=now)
    # A page without an address of its own has been given that of the folder, which all its files share.
    return replace(article, link=None) if article.link == absolute(base_url) else article


def _json(text: str, name: str, base_url: str | None, now: datetime) -> Document:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as exc:
        raise ReadError(f"line {exc.lineno}: {exc.msg}") from exc
    except (ValueError, RecursionError) as exc:
        raise ReadError(f"cannot be read as JSON: {exc}") from exc
    if is_json_feed(value):
        return read_json_feed(value, url=base_url, now=now)
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        value = value["items"]
    if isinstance(value, list):
        return read_items(value, base=base_url, now=now)
    return Document(articles=(_principal(read_item(value, base=base_url, now=now), name, now),))


def _principal(article: RawArticle, name: str, now: datetime) -> RawArticle:
    stem = PurePosixPath(name).stem
    dated = _DATED.match(stem)
    published = article.published or (parse(dated[1], now) if dated and not article.updated else None)
    title = article.title
    if not title and PurePosixPath(name).suffix.lower() in (*_MARKDOWN, *_HTML):
        title = squeeze(stem[dated.end() :] if dated else stem) or stem
    return replace(article, title=title, published=published, slot=name)


def _walk(
    folder: Path,
    prefix: str,
    top: Path,
    found: dict[str, Stamp],
    linked: list[tuple[str, Path]],
    seen: set[Path],
) -> None:
    """Adds the documents in and below `folder`, a real path inside `top`, and notes the links met there."""
    seen.add(folder)
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda e: e.name)
    except FileNotFoundError as exc:
        if folder == top:
            raise ReadError(f"{folder}: {_cause(exc)}") from exc
        return  # removed while we looked
    except OSError as exc:
        raise ReadError(f"{folder}: {_cause(exc)}") from exc
    for entry in entries:
        name = prefix + entry.name
        if _LEFTOVER.fullmatch(entry.name) or not _storable(entry.name):
            continue
        if entry.is_symlink():
            target = Path(os.path.realpath(entry.path))
            if target.is_dir() or entry.name.lower().endswith(SUFFIXES):
                linked.append((name, target))
        elif entry.is_dir(follow_symlinks=False):
            _walk(Path(entry.path), name + "/", top, found, linked, seen)
        elif entry.name.lower().endswith(SUFFIXES) and (stamp := _stamp(Path(entry.path))) is not None:
            seen.add(Path(entry.path))
            found[name] = stamp


def _stamp(path: Path) -> Stamp | None:
    """The stamp of a regular file; None for a pipe, device or socket, or what is gone by now."""
    try:
        status = path.stat()
    except OSError:
        return None
    return Stamp(size=status.st_size, mtime_ns=status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def _storable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _cause(exc: OSError) -> str:
    return {
        "FileNotFoundError": "there is no such folder",
        "NotADirectoryError": "this is not a folder",
        "PermissionError": "this folder may not be read",
    }.get(type(exc).__name__, exc.strerror or "this folder cannot be read")
