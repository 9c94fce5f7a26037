"""A sitemap's bytes -> the pages it lists (sitemaps.org protocol 0.9, Google's news extension)."""

import io
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime

from lxml.etree import LxmlError, iterparse

from feedsvc import urls
from feedsvc.clean import plain_title
from feedsvc.dates import parse
from feedsvc.errors import ReadError
from feedsvc.model import Listed, ListPage
from feedsvc.sources.document import charset_of, decode
from feedsvc.sources.shapes import is_file
from feedsvc.sources.xmltext import first_element, rooted_xml

MAX_LINKS = 5_000
"""The most pages that are taken from one sitemap; the newest where it says which these are."""

MAX_PARTS = 1_000
_READ = 60_000  # entries that are looked at; the protocol allows 50,000
_UNPACKED = 64 << 20  # bytes; the protocol allows 50 MiB
_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:urlset|sitemapindex)(?=[\s>/])")
_ROOTS = ("urlset", "sitemapindex")
_GZIP = b"\x1f\x8b"
_NEWS = re.compile(r"news|article|xinwen|latest|recent", re.I)
_OLDEST = datetime(1970, 1, 1, tzinfo=UTC)


def is_sitemap(text: str) -> bool:
    """Whether a decoded document is a sitemap in XML."""
    return first_element(text) in _ROOTS


def read_sitemap(body: bytes, *, url: str, content_type: str | None = None, now: datetime) -> ListPage:
    """The pages, or the further sitemaps, that the sitemap served from `url` lists, newest first.

    XML, gzip of it, or text with an address a line. Addresses of other hosts are left out, as the protocol
    says. ReadError where it is none of these.
    """
    text = decode(unpacked(body), charset_of(content_type)).strip()
    if not text:
        raise ReadError("this document is empty, not a sitemap")
    xml = rooted_xml(text, _ROOT) if is_sitemap(text) else None
    if xml is None:
        return _plain(text, url)
    index = first_element(text) == "sitemapindex"
    found = [one for one in _entries(xml, url, now) if urls.host_of(one.url) == urls.host_of(url) or index]
    if index:
        return ListPage(
            links=(), rule=f"sitemap index of {len(found)}", more=tuple(_promising(found)[:MAX_PARTS])
        )
    pages = list({one.url: one for one in found if not is_file(one.url)}.values())
    return ListPage(links=tuple(_newest(pages)[:MAX_LINKS]), rule=f"sitemap of {len(pages)} pages")


def unpacked(body: bytes) -> bytes:
    """`body`, without gzip if it is that. ReadError where it is broken, or grows beyond all measure."""
    if not body.startswith(_GZIP):
        return body
    engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        text = engine.decompress(body, _UNPACKED)
    except zlib.error as exc:
        raise ReadError("this sitemap is broken gzip") from exc
    if engine.unconsumed_tail:
        raise ReadError(f"this sitemap is larger than {_UNPACKED >> 20} MiB once unpacked")
    return text


def _entries(xml: str, url: str, now: datetime) -> Iterator[Listed]:
    """What stands in each `<url>` or `<sitemap>`; entities and DOCTYPE are gone before (`xmltext`)."""
    fields: dict[str, str] = {}
    count = 0
    events = iterparse(
        io.BytesIO(xml.encode()), events=("end",), resolve_entities=False, no_network=True, recover=True,
        huge_tree=False,
    )  # fmt: skip
    try:
        for _, element in events:
            name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
            if name in ("loc", "lastmod", "title", "publication_date") and element.text:
                image = any(
                    "image" in str(a.tag) or "video" in str(a.tag)
                    for a in [element.getparent()]
                    if a is not None
                )
                if not image:
                    fields.setdefault(name, element.text)
            elif name in ("url", "sitemap"):
                listed = _listed(fields, url, now)
                if listed is not None:
                    yield listed
                fields = {}
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
                count += 1
                if count >= _READ:
                    return
    except (LxmlError, ValueError) as exc:
        if not count:
            raise ReadError(f"this sitemap is broken XML: {exc}") from exc


def _listed(fields: dict[str, str], url: str, now: datetime) -> Listed | None:
    target = urls.absolute(fields.get("loc"), url)
    if target is None:
        return None
    # When a page was changed is when its template was, as often as not: that is no date of an article.
    return Listed(
        url=target,
        title=plain_title(fields.get("title") or ""),
        published=parse(fields.get("publication_date"), now),
        changed=parse(fields.get("lastmod"), now),
    )


def _newest(found: list[Listed]) -> list[Listed]:
    return sorted(found, key=lambda one: one.published or one.changed or _OLDEST, reverse=True)


def _promising(found: list[Listed]) -> list[Listed]:
    """The parts of an index: those for news first, then the newest; without dates the last, as they grow."""
    dated = any(one.changed for one in found)
    ordered = _newest(found) if dated else list(reversed(found))
    return sorted(ordered, key=lambda one: _NEWS.search(one.url) is None)


def _plain(text: str, url: str) -> ListPage:
    lines = [line.strip() for line in text.splitlines()[:_READ] if line.strip()]
    found = [urls.absolute(line) if re.match(r"https?://", line, re.I) else None for line in lines]
    if not lines or sum(one is not None for one in found) < 0.9 * len(lines):
        raise ReadError("this is not a sitemap: neither XML with <urlset> nor an address in each line")
    own = dict.fromkeys(
        one for one in found if one and urls.host_of(one) == urls.host_of(url) and not is_file(one)
    )
    return ListPage(
        links=tuple(Listed(url=one) for one in own)[:MAX_LINKS], rule=f"text sitemap of {len(own)} pages"
    )
