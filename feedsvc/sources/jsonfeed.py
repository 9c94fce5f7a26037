"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), and article objects like its items -> raw articles."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from feedsvc.clean import plain_title
from feedsvc.dates import parse
from feedsvc.errors import ReadError
from feedsvc.model import Document, Enclosure, RawArticle
from feedsvc.sources.paragraphs import to_html, with_paragraphs
from feedsvc.text import squeeze
from feedsvc.urls import absolute

MAX_ITEMS = 5_000


def is_json_feed(value: object) -> bool:
    """Whether a JSON value says of itself that it is a JSON Feed, of any version."""
    return isinstance(value, dict) and "jsonfeed.org/version/" in _text(value.get("version"))


def read_json_feed(value: object, *, url: str | None, now: datetime) -> Document:
    """The articles of a parsed JSON Feed that came from `url`.

    A member of the wrong type counts as absent; an item that is no object, or empty, is left out and named in
    `problems`. ReadError where `value` is no JSON Feed.
    """
    if not isinstance(value, dict) or not is_json_feed(value):
        raise ReadError("this is JSON, but not a JSON Feed: it has no version of jsonfeed.org")
    items = value.get("items")
    if not isinstance(items, list):
        raise ReadError("this JSON Feed has no list of items")
    home = absolute(_text(value.get("home_page_url")), url) or url
    found = read_items(items, base=home, now=now, author=author_of(value))
    return Document(
        articles=found.articles, title=squeeze(_text(value.get("title"))) or None, problems=found.problems
    )


def read_items(items: list[Any], *, base: str | None, now: datetime, author: str | None = None) -> Document:
    """The articles of a list of article objects; `author` is that of items which name none."""
    articles: list[RawArticle] = []
    problems: list[str] = []
    for number, item in enumerate(items[:MAX_ITEMS], 1):
        try:
            articles.append(read_item(item, base=base, now=now, author=author))
        except ReadError as exc:
            problems.append(f"item {number}: {exc}")
    if len(items) > MAX_ITEMS:
        problems.append(f"only the first {MAX_ITEMS} of {len(items)} items were read")
    return Document(articles=tuple(articles), problems=tuple(problems))


def read_item(
    item: object, *, base: str | None, now: datetime, author: str | None = None, slot: str | None = None
) -> RawArticle:
    """One article object: an item of JSON Feed, or with the plainer keys that people write.

    Besides those of JSON Feed: guid, link, html or body (HTML), text, published or date, updated, keywords,
    category or section, enclosures, rights. ReadError where it is no object, or holds neither title, text
    nor link.
    """
    if not isinstance(item, dict):
        raise ReadError("is not an object")
    link = absolute(_first(item, "url", "link", "external_url"), base)
    markup = _first(item, "content_html", "html", "body")
    text = _first(item, "content_text", "text")
    raw = RawArticle(
        title=plain_title(_first(item, "title"), markup=False),
        guid=_first(item, "id", "guid") or None,
        link=link,
        html=with_paragraphs(markup) if markup else (to_html(text) if text else None),
        summary=_first(item, "summary") or None,
        author=author_of(item) or author,
        published=parse(_first(item, "date_published", "published", "date"), now),
        updated=parse(_first(item, "date_modified", "updated"), now),
        keywords=tuple(dict.fromkeys(w for w in map(squeeze, _words(item)) if w)),
        category=squeeze(_first(item, "category", "section")) or None,
        enclosures=tuple(_enclosures(item, markup)),
        rights=_first(item, "rights") or None,
        base_url=link or base,
        slot=slot,
    )
    if not (raw.title or raw.html or raw.summary or raw.link):
        raise ReadError("has neither title, text nor link")
    return raw


def _text(value: object) -> str:
    """A JSON value as text where it is text, or a number given as an id or a date; else ""."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _first(item: dict[str, Any], *keys: str) -> str:
    return next((text for text in (_text(item.get(key)) for key in keys) if text), "")


def _objects(value: object) -> Iterator[dict[str, Any]]:
    yield from (v for v in (value if isinstance(value, list) else [value]) if isinstance(v, dict))


def author_of(item: dict[str, Any]) -> str | None:
    """The names of `authors` (1.1) or `author` (1.0); people also write them as plain strings."""
    given = item.get("authors") or item.get("author")
    names = [_text(v.get("name")) for v in _objects(given)]
    if not any(names):
        names = [_text(v) for v in (given if isinstance(given, list) else [given])]
    return "、".join(dict.fromkeys(n for n in map(squeeze, names) if n)) or None


def _words(item: dict[str, Any]) -> Iterable[str]:
    for key in ("tags", "keywords"):
        given = item.get(key)
        if isinstance(given, str):
            yield from given.replace("，", ",").replace("、", ",").split(",")
        elif isinstance(given, list):
            yield from map(_text, given)


def _enclosures(item: dict[str, Any], markup: str) -> Iterator[Enclosure]:
    for key in ("attachments", "enclosures"):
        for given in _objects(item.get(key)):
            url = _first(given, "url", "href")
            size = given.get("size_in_bytes", given.get("length"))
            if url:
                length = int(size) if isinstance(size, int | float) and 0 < size < 2**53 else None
                yield Enclosure(url=url, type=_first(given, "mime_type", "type"), length=length)
    image = _first(item, "image", "banner_image")
    if image and image not in markup:
        yield Enclosure(url=image, type="")
