"""A feed's bytes -> raw articles. The only module that imports feedparser.

RSS 0.90 to 2.0 and Atom 0.3 and 1.0 through feedparser, JSON Feed through jsonfeed.py.
"""

import io
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import feedparser

from feedsvc.clean import plain_title
from feedsvc.dates import parse
from feedsvc.errors import ReadError
from feedsvc.model import Document, Enclosure, RawArticle
from feedsvc.sources.document import charset_of, decode
from feedsvc.sources.jsonfeed import read_json_feed
from feedsvc.sources.paragraphs import to_html, with_paragraphs
from feedsvc.sources.tombstones import deleted_entries
from feedsvc.sources.xmltext import feed_xml, first_element
from feedsvc.urls import absolute

MAX_ENTRIES = 5_000
_MAX_KEYWORDS = 50
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def read_feed(body: bytes, *, url: str, content_type: str | None = None, now: datetime) -> Document:
    """The articles of a feed that was served from `url`, in its order, at most `MAX_ENTRIES`.

    `now` is what relative dates are counted from. An entry that cannot be read is left out and named in
    `problems`. ReadError where the bytes are no feed, with what they are instead.
    """
    text = decode(body, charset_of(content_type)).strip()
    if text.startswith(("{", "[")):
        return read_json_feed(_json(text), url=url, now=now)
    xml = feed_xml(text)
    if xml is None or first_element(text) == "html":
        raise ReadError(_what_it_is(text))
    found = _parsed(xml)
    entries, feed = found["entries"], found["feed"]
    if not entries and found["bozo"]:
        raise ReadError(f"this feed is broken XML without a readable entry: {found.get('bozo_exception')}")
    atom = found["version"].startswith("atom")
    articles: list[RawArticle] = []
    problems: list[str] = []
    for number, entry in enumerate(entries[:MAX_ENTRIES], 1):
        try:
            articles.append(_article(entry, feed, url, now, atom=atom))
        except (ReadError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as exc:
            problems.append(f"entry {number}: {exc}")
    if len(entries) > MAX_ENTRIES:
        problems.append(f"only the first {MAX_ENTRIES} of {len(entries)} entries were read")
    title = plain_title(_text(feed, "title")) or None
    withdrawn = deleted_entries(xml, now) if atom else ()
    return Document(articles=tuple(articles), title=title, problems=tuple(problems), withdrawn=withdrawn)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise ReadError(f"this looks like JSON but cannot be read: {exc}") from exc


def _what_it_is(text: str) -> str:
    name = first_element(text)
    if not text:
        return "this document is empty, not a feed"
    if name in ("html", "head", "body", "script", "meta", "title", "div", "p", "table"):
        return "this is an HTML page, not a feed"
    if name in ("urlset", "sitemapindex"):
        return "this is a sitemap, not a feed"
    return (
        f"this is XML with the root <{name[:40]}>, not a feed"
        if name
        else "this is not a feed, nor XML at all"
    )


def _parsed(xml: str) -> Any:
    try:
        return feedparser.parse(
            io.BytesIO(xml.encode()),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except Exception as exc:  # its loose parser may raise anything on a document made for that
        raise ReadError(f"this feed cannot be read: {type(exc).__name__}: {exc}") from exc


def _article(entry: Any, feed: Any, url: str, now: datetime, *, atom: bool) -> RawArticle:
    body, summary, xml_base = _body(entry)
    site = absolute(_link(feed, atom=atom), url) or url
    link = absolute(_link(entry, atom=atom), absolute(xml_base, url) or site)
    published, updated = (parse(_text(entry, key), now) for key in ("published", "updated"))
    raw = RawArticle(
        title=_title(entry, atom=atom),
        guid=_text(entry, "id") or None,
        link=link,
        html=body or None,
        summary=summary or None,
        author=_author(entry) or (_author(feed) if atom else None),
        published=published or parse(_text(entry, "created"), now) or (None if atom else updated),
        updated=updated,
        keywords=tuple(_keywords(entry)),
        enclosures=tuple(_enclosures(entry, body)),
        rights=_text(entry, "rights") or _text(feed, "rights") or None,
        base_url=absolute(xml_base, url) or link or site,
    )
    if not (raw.title or raw.html or raw.link):
        raise ReadError("has neither title, text nor link")
    return raw


def _text(values: Any, key: str) -> str:
    """A member as text. Past feedparser's own look-up, which gives `published` for a missing `updated`."""
    found = dict.get(values, key)
    return found.strip() if isinstance(found, str) else ""


def _title(entry: Any, *, atom: bool) -> str:
    literal = atom and _text(dict.get(entry, "title_detail") or {}, "type") == "text/plain"
    return plain_title(_text(entry, "title"), markup=not literal)


def _link(values: Any, *, atom: bool) -> str:
    """The alternate link of an entry or feed; in RSS a permalink guid stands in for it (RSS 2.0, `guid`).

    Atom's is looked up by hand, since feedparser takes an Atom id for a link too.
    """
    original = _text(values, "feedburner_origlink")
    if original or not atom:
        return original or _text(values, "link")
    alternates = [
        v for v in dict.get(values, "links") or () if v.get("rel") == "alternate" and _text(v, "href")
    ]
    alternates.sort(key=lambda v: "html" not in _text(v, "type"))
    return _text(alternates[0], "href") if alternates else ""


def _body(entry: Any) -> tuple[str, str, str | None]:
    """The full text and the summary as HTML, and the xml:base in force there, if the feed names one."""
    contents = [c for c in dict.get(entry, "content") or () if _text(c, "value")]
    contents.sort(key=lambda c: ("html" not in _text(c, "type"), -len(_text(c, "value"))))
    detail = dict.get(entry, "summary_detail") or {}
    details = [*contents, detail, dict.get(entry, "title_detail") or {}]
    base = next((b for b in (_text(d, "base") for d in details) if b), None)
    summary = _html(detail)
    if not contents:
        return summary, "", base
    body = _html(contents[0])
    return body, "" if summary == body else summary, base


def _html(detail: Any) -> str:
    value = _text(detail, "value")
    return to_html(value) if _text(detail, "type") == "text/plain" else with_paragraphs(value)


def _author(values: Any) -> str | None:
    """The names of the authors; an address alone is no name."""
    people = dict.get(values, "authors") or ()
    names = [plain_title(_text(p, "name")) for p in people] or [plain_title(_text(values, "author"))]
    return "、".join(dict.fromkeys(n for n in names if n and not _ADDRESS.fullmatch(n))) or None


def _keywords(entry: Any) -> Iterator[str]:
    tags = dict.get(entry, "tags") or ()
    words = (plain_title(_text(t, "label") or _text(t, "term")) for t in tags[:_MAX_KEYWORDS])
    yield from dict.fromkeys(w for w in words if w)


def _enclosures(entry: Any, body: str) -> Iterator[Enclosure]:
    """What the entry names as enclosures and media; images only where the text does not show them."""
    for link in dict.get(entry, "links") or ():
        if link.get("rel") == "enclosure" and _text(link, "href"):
            yield Enclosure(
                url=_text(link, "href"), type=_text(link, "type"), length=_length(_text(link, "length"))
            )
    media = [m for m in dict.get(entry, "media_content") or () if _text(m, "url")]
    for item in media or dict.get(entry, "media_thumbnail") or ():
        if _text(item, "url") and _text(item, "url") not in body:
            yield Enclosure(
                url=_text(item, "url"), type=_text(item, "type"), length=_length(_text(item, "filesize"))
            )


def _length(value: str) -> int | None:
    """Bytes; None for the zeros, words and overflows that feeds write when they do not know."""
    return int(value) or None if value.isascii() and value.isdigit() and len(value) < 16 else None
