"""The page of one article, as a list, a sitemap or a feed names it -> raw article."""

from dataclasses import replace
from datetime import datetime, timedelta
from html import escape

from lxml.html import HtmlElement, tostring

from feedsvc.clean import plain
from feedsvc.dates import has_clock, parse
from feedsvc.extract import extract
from feedsvc.model import Enclosure, Listed, RawArticle, Selectors
from feedsvc.pages.tree import parsed
from feedsvc.sources.document import charset_of, decode
from feedsvc.sources.listpage import select
from feedsvc.text import fold, squeeze
from feedsvc.urls import absolute

_ENOUGH = 40  # characters of text from which on a page without a date is an article
_SUMMARY = 300  # characters; a feed's entry with less text holds only a summary
_CUT = ("…", "...", "[…]", "[...]", "阅读全文", "查看全文", "阅读原文", "详情", "更多")
_PAGES = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")


def read_page(
    body: bytes,
    *,
    listed: Listed,
    url: str,
    content_type: str | None,
    selectors: Selectors | None,
    now: datetime,
) -> RawArticle | None:
    """The article of the page that `listed` names, served from `url`; None where it is none, but an index.

    What the page says of title and date comes first, what the list shows fills in. A listed document that is
    no page is an article with that document as its enclosure.
    """
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind and kind not in _PAGES:
        return _document(listed, url, kind)
    html = decode(body, charset_of(content_type))
    raw = extract(html, url=url, now=now)
    raw = _chosen(raw, html, url, selectors, now) if selectors is not None else raw
    text = plain(raw.html) if raw.html else ""
    dated = raw.published or listed.published
    if not text and not (listed.title and listed.published):
        return None
    if len(text) < _ENOUGH and dated is None:
        return None
    return replace(
        raw,
        title=raw.title or listed.title,
        guid=None,
        # What pages declare as their canonical address is the front page's, or another article's, at times.
        link=url,
        published=_published(raw.published, listed.published),
        summary=raw.summary if raw.html else _escaped(listed.summary),
        base_url=raw.base_url or url,
    )


def read_full_text(
    body: bytes,
    *,
    listed: Listed,
    url: str,
    content_type: str | None,
    selectors: Selectors | None,
    now: datetime,
) -> RawArticle | None:
    """The article of a feed's entry, with the text of its page; None where that has less than the entry."""
    found = read_page(body, listed=listed, url=url, content_type=content_type, selectors=selectors, now=now)
    given = plain(listed.summary or "")
    if found is None or not found.html or len(plain(found.html)) <= len(given.rstrip("…. ")):
        return None
    return replace(
        found,
        title=listed.title or found.title,
        guid=listed.guid,
        link=listed.url,
        author=listed.author or found.author,
        published=listed.published or found.published,
        updated=found.updated,
        summary=listed.summary,
    )


def as_entered(listed: Listed) -> RawArticle:
    """The article as its feed has it, for when its page brings no more."""
    return RawArticle(
        title=listed.title,
        guid=listed.guid,
        link=listed.url,
        html=listed.summary,
        author=listed.author,
        published=listed.published,
        base_url=listed.url,
    )


def is_summary(html: str) -> bool:
    """Whether safe `html` is no more than the summary of an article: short, or cut off."""
    text = plain(html).rstrip()
    return len(text) < _SUMMARY or text.endswith(_CUT)


def _escaped(text: str | None) -> str | None:
    """What a list shows, as HTML."""
    return escape(text, quote=False) if text else None


def _published(own: datetime | None, shown: datetime | None) -> datetime | None:
    """The page's date; the list's where it alone has the hour of the same day."""
    if own is None or shown is None:
        return own or shown
    same_day = abs(own - shown) < timedelta(days=1)
    return shown if same_day and has_clock(shown) and not has_clock(own) else own


def _document(listed: Listed, url: str, kind: str) -> RawArticle | None:
    if not listed.title:
        return None
    return RawArticle(
        title=listed.title,
        link=url,
        summary=_escaped(listed.summary),
        published=listed.published,
        enclosures=(Enclosure(url=url, type=kind),),
        base_url=url,
    )


def _chosen(raw: RawArticle, html: str, url: str, selectors: Selectors, now: datetime) -> RawArticle:
    """`raw` with what the operator's selectors find in the place of what the rules found."""
    root = parsed(html)
    if root is None:
        return raw
    base = absolute(next(iter(root.xpath("//base/@href")), None), url) or url
    title = _text(root, selectors.title)
    date = parse(_text(root, selectors.date), now)
    parts = select(root, selectors.body) if selectors.body else []
    body = "".join(tostring(part, encoding="unicode", with_tail=False) for part in _outermost(parts))
    return replace(
        raw, title=title or raw.title, published=date or raw.published, html=body or raw.html,
        base_url=base if body else raw.base_url,
    )  # fmt: skip


def _outermost(parts: list[HtmlElement]) -> list[HtmlElement]:
    inner = {id(below) for part in parts for below in part.iterdescendants()}
    return [part for part in parts if id(part) not in inner]


def _text(root: HtmlElement, selector: str) -> str:
    """The text of the first match that has any; of an element without text its `content` or `datetime`."""
    for match in select(root, selector) if selector else []:
        said = match.get("datetime") or match.get("content") or squeeze(match.text_content())
        if fold(said):
            return said
    return ""
