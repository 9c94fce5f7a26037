"""Feed -> RSS 2.0 (https://www.rssboard.org/rss-specification), with atom:, content:, dc: and media:."""

from dataclasses import replace
from email.utils import format_datetime

from feedsvc.feeds import generator
from feedsvc.feeds.generator import HISTORY, MEDIA_TYPES, Element, Extras, child, neighbours
from feedsvc.feeds.images import body_image
from feedsvc.model import Entry, Feed, Format

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"

# The languages of RSS have regions and no scripts (https://www.rssboard.org/rss-language-codes).
_LANGUAGES = {"zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}


def write_rss(feed: Feed) -> bytes:
    """The bytes of `feed` as RSS 2.0 in UTF-8. Equal feeds are equal bytes; never raises for a built feed.

    `<link>` is the HTML page, so there is no atom:link alternate. `<category>` holds the name for people, its
    domain tells sections, tags, regions and Media Topics apart. Summaries are escaped, as HTML.
    What other sources have of the same story is left out, since RSS has no word for it.
    """
    return generator.rss(
        replace(feed, language=_LANGUAGES.get(feed.language, feed.language)),
        Extras(
            namespaces={"dc": _DC, "media": _MEDIA} | ({"fh": HISTORY} if feed.paging.archived else {}),
            feed=lambda channel: _channel(channel, feed),
            entry=_item,
        ),
    )


def _channel(channel: Element, feed: Feed) -> None:
    child(channel, "lastBuildDate", format_datetime(feed.updated))
    for hub in feed.hubs:
        child(channel, f"{{{_ATOM}}}link", href=hub, rel="hub")
    for relation, url in neighbours(feed.paging, Format.RSS):
        child(channel, f"{{{_ATOM}}}link", href=url, rel=relation, type=MEDIA_TYPES[Format.RSS])
    if feed.paging.archived:
        child(channel, f"{{{HISTORY}}}archive")


def _item(item: Element, entry: Entry) -> None:
    child(item, "pubDate", format_datetime(entry.published))
    # `<author>` wants an e-mail address, which is nobody's business.
    child(item, f"{{{_DC}}}creator", entry.author)
    if entry.rights:
        child(item, f"{{{_DC}}}rights", entry.rights)
    for enclosure in entry.enclosures[1:]:  # `<enclosure>` itself may stand once
        size = {} if enclosure.length is None else {"fileSize": str(enclosure.length)}
        child(item, f"{{{_MEDIA}}}content", url=enclosure.url, type=enclosure.type, **size)
    if image := body_image(entry):
        child(item, f"{{{_MEDIA}}}content", url=image, medium="image")
