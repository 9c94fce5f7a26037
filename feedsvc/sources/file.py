"""One file of a folder -> the articles in it. Touches no file: it is given the bytes."""

import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath

from feedsvc.dates import parse
from feedsvc.errors import ReadError
from feedsvc.extract import extract
from feedsvc.model import Document, RawArticle
from feedsvc.sources.document import decode
from feedsvc.sources.folder import HTML, MARKDOWN, SUFFIXES
from feedsvc.sources.jsonfeed import is_json_feed, read_item, read_items, read_json_feed
from feedsvc.sources.markdown import read_markdown
from feedsvc.sources.textfile import read_text
from feedsvc.text import squeeze
from feedsvc.urls import absolute

_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\D|$)[-_ ]*")


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
    if suffix in MARKDOWN:
        articles = (read_markdown(text, base_url=base_url, now=now),)
    elif suffix in HTML:
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
    if not title and PurePosixPath(name).suffix.lower() in (*MARKDOWN, *HTML):
        title = squeeze(stem[dated.end() :] if dated else stem) or stem
    return replace(article, title=title, published=published, slot=name)
