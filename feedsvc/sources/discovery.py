"""What an address without a kind is: a feed, a page that names its feed, a sitemap, or a list page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement

from feedsvc import urls
from feedsvc.errors import ReadError
from feedsvc.model import Finding, Kind, Selectors
from feedsvc.pages.tree import parsed
from feedsvc.sources import listpage, sitemap
from feedsvc.sources.anchors import base_of
from feedsvc.sources.document import charset_of, decode
from feedsvc.sources.xmltext import feed_xml, first_element
from feedsvc.text import squeeze

_TYPES = (
    "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml",
    "application/json", "application/xml", "text/xml",
)  # fmt: skip
_SURE = _TYPES[:4]
_NOT_NEWS = ("comment", "评论", "oembed", "wp-json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """The findings of one document, the best first: a feed's may not be there and the next counts then.

    `moved` is where a document that is nothing itself sends its reader.
    """

    findings: tuple[Finding, ...]
    moved: str | None = None


def discover(body: bytes, *, url: str, content_type: str | None, now: datetime) -> Discovery:
    """What the document served from `url` is, in this order: a feed, a page that names feeds, a sitemap, a
    list page. ReadError where it is none of them."""
    text = decode(sitemap.unpacked(body), charset_of(content_type)).strip()
    if _is_feed(text):
        return Discovery(findings=(Finding(kind=Kind.FEED, url=url, rule="the address is that of a feed"),))
    if sitemap.is_sitemap(text):
        return Discovery(
            findings=(Finding(kind=Kind.SITEMAP, url=url, rule="the address is that of a sitemap"),)
        )
    root = parsed(text) if "<" in text else None
    if root is None:
        page = sitemap.read_sitemap(body, url=url, content_type=content_type, now=now)
        return Discovery(findings=(Finding(kind=Kind.SITEMAP, url=url, rule=page.rule),))
    found = list(_declared(root, url))
    moved = None
    try:
        page = listpage.read_list(text, url=url, selectors=Selectors(), now=now)
        moved = page.moved
        if moved is None:
            found.append(Finding(kind=Kind.PAGE, url=url, rule=f"a list page: {page.rule}"))
    except ReadError:
        if not found:
            raise ReadError(
                "this is neither a feed nor a sitemap, names no feed, and no list of articles was found on it"
            ) from None
    return Discovery(findings=tuple(found), moved=moved)


def _is_feed(text: str) -> bool:
    if text.startswith("{"):
        return "jsonfeed.org/version" in text[:2000]
    return first_element(text) in ("rss", "feed", "rdf") and feed_xml(text) is not None


def _declared(root: HtmlElement, url: str) -> Iterator[Finding]:
    """The feeds that a page names by `<link rel="alternate">` (autodiscovery), those of comments aside."""
    base = base_of(root, url)
    seen = set()
    for sure in (True, False):
        for link in root.iter("link"):
            kind = (link.get("type") or "").partition(";")[0].strip().lower()
            rels = (link.get("rel") or "").lower().split()
            if "alternate" not in rels or kind not in _TYPES or (kind in _SURE) is not sure:
                continue
            title = squeeze(link.get("title") or "")
            target = urls.absolute(link.get("href"), base)
            if target is None or target in seen or any(w in f"{title} {target}".lower() for w in _NOT_NEWS):
                continue
            seen.add(target)
            named = f" «{title}»" if title else ""
            yield Finding(kind=Kind.FEED, url=target, rule=f"the page names the feed{named} {target}")
