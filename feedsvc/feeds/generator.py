"""Feed -> bytes of RSS and Atom. The only module that imports feedgen.

feedgen writes what it gets right; the rest is added to its tree through `Extras`. Never used, and why:
`published()` and a true `updated()` in RSS, which set the locale of the whole process while they print;
Atom's `enclosure()` and `source()`, which lose what an entry says; `CDATA`, which is invalid in Atom.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any, Protocol

from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem

from feedsvc.model import Entry, Feed, Format, Paging, Term

MEDIA_TYPES: Mapping[Format, str] = {
    Format.RSS: "application/rss+xml",
    Format.ATOM: "application/atom+xml",
    Format.JSON: "application/feed+json",
}
HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005
IPTC_SCHEME = "http://cv.iptc.org/newscodes/mediatopic/"

_RSS_DOCS = "https://www.rssboard.org/rss-specification"


class Element(Protocol):
    """An element of feedgen's tree. In Atom its own elements have no namespace until they are printed."""

    text: str | None

    def set(self, key: str, value: str, /) -> None:
        """Sets an attribute."""
        ...

    def find(self, path: str, /) -> "Element | None":
        """The first child with this tag."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What a format adds to feedgen's tree: prefixes, then what goes before the entries, and into each."""

    namespaces: Mapping[str, str]
    feed: Callable[[Element], None]
    entry: Callable[[Element, Entry], None]


def child(parent: Element, tag: str, content: str | None = None, /, **attributes: str) -> Element:
    """Adds an element (`tag` may be `{namespace}name`) at the end of `parent`."""
    made: Element = xml_elem(tag, parent, **attributes)
    made.text = content
    return made


def neighbours(paging: Paging, suffix: Format) -> list[tuple[str, str]]:
    """The links of RFC 5005, section 4, as (relation, address)."""
    found = (
        ("current", paging.current),
        ("prev-archive", paging.previous),
        ("next-archive", paging.following),
    )
    return [(relation, urls[suffix]) for relation, urls in found if urls is not None]


def rss(feed: Feed, extras: Extras) -> bytes:
    """RSS 2.0: all but dates, creators, hubs and media, which are for `extras`."""
    made = _new(feed, extras)
    made.updated(_Unsaid(2000, 1, 1, tzinfo=UTC))
    # What feedgen calls the link of an RSS channel is the link added last.
    made.link(href=feed.self_urls[Format.RSS], rel="self", type=MEDIA_TYPES[Format.RSS])
    made.link(href=feed.home, rel="alternate")
    made.description(feed.description)
    made.docs(_RSS_DOCS)
    made.generator(f"{feed.generator} {feed.generator_version}".strip())
    made.ttl(max(1, round(feed.ttl.total_seconds() / 60)))
    if image := next(filter(_is_rss_image, (feed.logo, feed.icon)), None):
        made.image(url=image, title=feed.title, link=feed.home)
    for entry in feed.entries:
        item = _add(made, entry)
        item.guid(entry.id, permalink=False)
        if entry.summary:
            item.description(escape(entry.summary, quote=False))  # RSS reads descriptions as HTML
        if entry.html:
            item.content(entry.html)
        item.category([_category(term.label, term.scheme) for term in terms(entry)])
        if entry.enclosures:
            first = entry.enclosures[0]
            item.enclosure(url=first.url, type=first.type, length=first.length or 0)
        item.source(url=entry.source_url, title=entry.source_title)
    return bytes(made.rss_str())


def atom(feed: Feed, extras: Extras) -> bytes:
    """Atom 1.0: all but enclosures, sources, media, update hints and tombstones, which are for `extras`."""
    made = _new(feed, extras)
    made.id(feed.id)
    made.updated(feed.updated)
    made.author(name=feed.author)
    made.link(href=feed.self_urls[Format.ATOM], rel="self", type=MEDIA_TYPES[Format.ATOM])
    made.link(href=feed.home, rel="alternate", type="text/html")
    for hub in feed.hubs:
        made.link(href=hub, rel="hub")
    made.subtitle(feed.description)
    made.generator(feed.generator, version=feed.generator_version or None)
    if feed.icon:
        made.icon(feed.icon)
    if feed.logo:
        made.logo(feed.logo)
    for entry in feed.entries:
        item = _add(made, entry)
        item.id(entry.id)
        item.updated(entry.updated)
        item.published(entry.published)
        item.author(name=entry.author)
        if entry.html:
            item.content(entry.html, type="html")
        if entry.summary or not entry.html:
            # An entry without content says something in its summary all the same (RFC 4287, 4.1.1.1).
            item.summary(entry.summary or entry.title, type="text")
        item.category([_category(term.value, term.scheme, term.label) for term in terms(entry)])
        if entry.rights:
            item.rights(entry.rights)
    return bytes(made.atom_str())


def terms(entry: Entry) -> tuple[Term, ...]:
    """All that an entry is filed under, in the order of facets; the Media Topics after their category."""
    sections: list[Term] = []
    for term in entry.categories:
        sections.append(term)
        sections += (Term(value=code, label=code, scheme=IPTC_SCHEME) for code in term.iptc)
    return (*sections, *entry.tags, *entry.regions)


class _Unsaid(datetime):
    """A moment that feedgen accepts but does not print: lastBuildDate is written by `extras`."""

    def __bool__(self) -> bool:
        return False


class _FeedExtension:
    """What feedgen asks of an extension of a feed."""

    def __init__(self, extras: Extras) -> None:
        self._extras = extras

    def extend_ns(self) -> dict[str, str]:
        return dict(self._extras.namespaces)

    def extend_rss(self, root: Element) -> None:
        channel = root.find("channel")
        assert channel is not None
        self._extras.feed(channel)

    def extend_atom(self, root: Element) -> None:
        self._extras.feed(root)


class _EntryExtension:
    """What feedgen asks of an extension of an entry."""

    entry: Entry

    def __init__(self, extras: Extras) -> None:
        self._extras = extras

    def extend_rss(self, item: Element) -> None:
        self._extras.entry(item, self.entry)

    extend_atom = extend_rss


def _new(feed: Feed, extras: Extras) -> Any:
    made = FeedGenerator()
    made.register_extension("extras", lambda: _FeedExtension(extras), lambda: _EntryExtension(extras))
    made.title(feed.title)
    made.language(feed.language)
    if feed.rights:
        made.rights(feed.rights)
    return made


def _add(made: Any, entry: Entry) -> Any:
    item = made.add_entry(order="append")
    item.extras.entry = entry
    item.title(entry.title)
    item.link(href=entry.link)
    return item


def _is_rss_image(url: str | None) -> bool:
    """RSS knows GIF, JPEG and PNG; an icon may be something else."""
    return url is not None and url.lower().endswith((".gif", ".jpg", ".jpeg", ".png"))


def _category(term: str, scheme: str, label: str | None = None) -> dict[str, str]:
    category = {"term": term, "scheme": scheme}
    if label is not None and label != term:
        category["label"] = label
    return category
