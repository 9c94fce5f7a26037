"""A pushed document -> raw articles.

Strict where feeds are read leniently: who pushes is told what is wrong, and can mend it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from feedsvc import clean, urls
from feedsvc.dates import parse
from feedsvc.errors import ReadError
from feedsvc.model import Flaw, RawArticle, Source
from feedsvc.sources.jsonfeed import author_of, read_item

MAX_ITEMS = 200
_SHOWN = 60  # characters of a wrong value repeated in a flaw
_ALLOWED = 'an article as a JSON object, a list of articles, or {"items": [...]}'
_LINKS = ("url", "link", "external_url")
_TEXTS = (
    *_LINKS,
    *("title", "content_html", "html", "body", "content_text", "text", "summary"),
    *("category", "section", "rights", "image", "banner_image", "source"),
)
_NAMES = ("id", "guid")
_DATES = ("date_published", "published", "date", "date_modified", "updated")
_WORDS = ("tags", "keywords")
_PEOPLE = ("authors", "author")
_FILES = ("attachments", "enclosures")
_URL = "an absolute http:// or https:// URL"

_Fits = Callable[[object], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The articles of a pushed document and the source they are of; or what is wrong with it."""

    source: Source | None
    articles: tuple[RawArticle, ...] = ()
    flaws: tuple[Flaw, ...] = ()


def read_push(
    body: bytes, among: Sequence[Source], *, named: Mapping[str, str], one: bool, now: datetime
) -> Read:
    """The articles of a document that was pushed to one of the sources `among` (at least one).

    The document, or its articles, may name the source; they must where there are several. `one`: it must be a
    single article, whose address says which it is, so it needs neither guid nor url of its own; `named` holds
    the guid or url that the address gives it. Any flaw makes all of it void. ReadError where it is no JSON,
    or of another shape.
    """
    value = _parsed(body)
    whole = value if isinstance(value, dict) and "items" in value else {}
    items = whole["items"] if whole else value if isinstance(value, list) else [value]
    if not isinstance(items, list):
        raise ReadError(f"items: found {_what(items)}; allowed: a list of articles")
    if not isinstance(value, dict | list):
        raise ReadError(f"found {_what(value)}; allowed: {_ALLOWED}")
    if one and (whole or isinstance(value, list)):
        raise ReadError("found several articles; allowed: one article as a JSON object")
    if len(items) > MAX_ITEMS:
        return _void(Flaw(detail=f"found {len(items)} articles; allowed: {MAX_ITEMS} at once"))
    source, flaws = _source(whole, items, among)
    if "authors" in whole or "author" in whole:
        flaws += [Flaw(detail=wrong) for wrong in _wrong({k: whole.get(k) for k in _PEOPLE}, None, now)]
    base = source.url if source else None
    author = author_of(whole)
    articles: list[RawArticle] = []
    for index, item in enumerate(items):
        filled = {**item, **named} if isinstance(item, dict) else item
        wrong = list(_wrong(filled, base, now)) or list(_misnamed(item, named, one=one))
        flaws += [Flaw(detail=detail, index=index) for detail in wrong]
        if not wrong:
            try:
                articles.append(read_item(filled, base=base, now=now, author=author))
            except ReadError as exc:
                flaws.append(Flaw(detail=str(exc), index=index))
    flaws += [] if flaws else _repeats(articles)
    return _void(*flaws) if flaws or source is None else Read(source=source, articles=tuple(articles))


def _void(*flaws: Flaw) -> Read:
    return Read(source=None, flaws=flaws)


def _parsed(body: bytes) -> object:
    if not body.strip():
        raise ReadError(f"the body is empty; allowed: {_ALLOWED}")
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refused)
    except UnicodeDecodeError as exc:
        raise ReadError(f"the body is not UTF-8 (byte {exc.start}); JSON is (RFC 8259)") from exc
    except json.JSONDecodeError as exc:
        raise ReadError(f"the body is not JSON: line {exc.lineno}, column {exc.colno}: {exc.msg}") from exc
    except RecursionError as exc:
        raise ReadError("the body is nested too deeply to be read") from exc
    except ValueError as exc:
        raise ReadError(f"the body is not JSON: {exc}") from exc


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _source(
    whole: Mapping[str, Any], items: Sequence[object], among: Sequence[Source]
) -> tuple[Source | None, list[Flaw]]:
    """The one source that is named, or the only one there is."""
    known = {source.id: source for source in among}
    given: list[tuple[int | None, object]] = [(None, whole.get("source"))]
    given += [(index, item.get("source")) for index, item in enumerate(items) if isinstance(item, dict)]
    found: Source | None = None
    flaws: list[Flaw] = []
    for index, name in given:
        if name is None:
            continue
        if not isinstance(name, str) or name not in known:
            flaws.append(
                Flaw(detail=f"source: found {_what(name)}; allowed: {', '.join(known)}", index=index)
            )
        elif found is not None and found.id != name:
            detail = f"source: found {name!r} after {found.id!r}; allowed: one source for all that is pushed"
            flaws.append(Flaw(detail=detail, index=index))
        else:
            found = known[name]
    if found is None and not flaws and len(known) > 1:
        flaws.append(Flaw(detail=f"source is missing; allowed: {', '.join(known)}"))
    return found or among[0], flaws


def _wrong(item: object, base: str | None, now: datetime) -> Iterator[str]:
    """What is wrong with an article by itself, a sentence for each member; members not known are let be."""
    if not isinstance(item, dict):
        yield f"found {_what(item)}; allowed: an article as a JSON object"
        return
    below = urls.absolute(_first(item, *_LINKS), base) or base
    checks: tuple[tuple[tuple[str, ...], _Fits, str], ...] = (
        (_TEXTS, _is_text, "text"),
        (_NAMES, _is_name, f"a whole number, or one line of at most {clean.GUID_LIMIT} characters"),
        (_DATES, lambda value: _is_date(value, now), "a date such as 2026-11-22T12:00:00+08:00"),
        (_WORDS, lambda value: _all(value, _is_text), "a list of texts"),
        (_PEOPLE, lambda value: _all(value, _is_person), 'a list such as [{"name": "本报记者"}]'),
        (
            _FILES,
            lambda value: _all(value, lambda each: _is_file(each, below)),
            f"objects whose url is {_URL}",
        ),
    )
    for keys, fits, allowed in checks:
        for key in keys:
            value = item.get(key)
            if value is not None and not fits(value):
                yield f"{key}: found {_what(value)}; allowed: {allowed}"
    for key in _LINKS:
        value = item.get(key)
        if isinstance(value, str) and value.strip() and urls.absolute(value, base) is None:
            yield f"{key}: found {_what(value)}; allowed: {_URL}"


def _misnamed(item: dict[str, Any], named: Mapping[str, str], *, one: bool) -> Iterator[str]:
    """What is wrong with how an article says which one it is."""
    own = {"guid": _first(item, "id", "guid"), "url": _first(item, *_LINKS)}
    for key, value in named.items():
        if own[key] and own[key] != value:
            yield f"{key}: found {_what(own[key])}, but it is addressed as {_what(value)}"
    if not one and not any(own.values()):
        yield "guid and url are missing: without either, a repeat would be another article"


def _repeats(articles: Sequence[RawArticle]) -> list[Flaw]:
    """The articles that another before them of the same document cannot be told from."""
    flaws: list[Flaw] = []
    taken: dict[tuple[str, str], int] = {}
    for index, article in enumerate(articles):
        names = [("guid", clean.guid(article.guid)), ("url", article.link and urls.canonical(article.link))]
        for key, value in names:
            first = taken.setdefault((key, value), index) if value else index
            if first != index:
                flaws.append(
                    Flaw(detail=f"{key}: that of article {first} too; each has its own", index=index)
                )
    return flaws


def _first(item: dict[str, Any], *keys: str) -> str:
    values = (str(item[key]).strip() for key in keys if item.get(key) is not None)
    return next((value for value in values if value), "")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_name(value: object) -> bool:
    if isinstance(value, str):
        return value.strip() == (clean.guid(value) or "")
    return isinstance(value, int) and not isinstance(value, bool)


def _is_date(value: object, now: datetime) -> bool:
    return isinstance(value, str) and (not value.strip() or parse(value.strip(), now) is not None)


def _is_person(value: object) -> bool:
    name = value.get("name", "") if isinstance(value, dict) else value
    return isinstance(name, str)


def _is_file(value: object, base: str | None) -> bool:
    if not isinstance(value, dict):
        return False
    url = value.get("url", value.get("href"))
    return isinstance(url, str) and urls.absolute(url, base) is not None


def _all(value: object, fits: _Fits) -> bool:
    return all(map(fits, value if isinstance(value, list) else [value]))


def _what(value: object) -> str:
    """A wrong value for a sentence: short, on one line."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case dict():
            return "an object"
    return "null"
