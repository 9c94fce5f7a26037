"""Feed -> Atom 1.0 (RFC 4287), with tombstones (RFC 6721), update hints (sy:) and media:."""

from datetime import datetime, timedelta

from feedsvc.feeds import generator
from feedsvc.feeds.generator import HISTORY, MEDIA_TYPES, Element, Extras, child, neighbours
from feedsvc.feeds.images import body_image
from feedsvc.model import Entry, Feed, Format

_AT = "http://purl.org/atompub/tombstones/1.0"
_MEDIA = "http://search.yahoo.com/mrss/"
_SY = "http://purl.org/rss/1.0/modules/syndication/"

_PERIODS = (("hourly", timedelta(hours=1)), ("daily", timedelta(days=1)), ("weekly", timedelta(weeks=1)))


def write_atom(feed: Feed) -> bytes:
    """The bytes of `feed` as Atom in UTF-8. Equal feeds are equal bytes; never raises for a built feed.

    An entry of title alone repeats it as its summary. Links with the relation `related` lead to what other
    sources have of the same story. `category` has the value of addresses as its term, and as its label the
    name for people where that is another.
    """
    tombstones = {"at": _AT} if feed.tombstones else {}
    history = {"fh": HISTORY} if feed.paging.archived else {}
    return generator.atom(
        feed,
        Extras(
            namespaces={"media": _MEDIA, "sy": _SY} | tombstones | history,
            feed=lambda root: _feed(root, feed),
            entry=_entry,
        ),
    )


def cadence(ttl: timedelta) -> tuple[str, int]:
    """`ttl` as sy:updatePeriod and sy:updateFrequency: how often in the shortest period not below it."""
    name, period = next((each for each in _PERIODS if ttl <= each[1]), _PERIODS[-1])
    return name, max(1, round(period / max(ttl, timedelta(minutes=1))))


def _feed(root: Element, feed: Feed) -> None:
    for relation, url in neighbours(feed.paging, Format.ATOM):
        child(root, "link", href=url, rel=relation, type=MEDIA_TYPES[Format.ATOM])
    if feed.paging.archived:
        child(root, f"{{{HISTORY}}}archive")
    period, frequency = cadence(feed.ttl)
    child(root, f"{{{_SY}}}updatePeriod", period)
    child(root, f"{{{_SY}}}updateFrequency", str(frequency))
    for tombstone in feed.tombstones:
        child(root, f"{{{_AT}}}deleted-entry", ref=tombstone.id, when=_rfc3339(tombstone.when))


def _entry(element: Element, entry: Entry) -> None:
    link = element.find("link")
    assert link is not None
    link.set("rel", "alternate")  # feedgen forgets it; some readers do not know the default
    for enclosure in entry.enclosures:
        size = {} if enclosure.length is None else {"length": str(enclosure.length)}
        child(element, "link", href=enclosure.url, rel="enclosure", type=enclosure.type, **size)
    for other in entry.related:
        child(element, "link", href=other.link, rel="related", title=f"{other.source_title}：{other.title}")
    if image := body_image(entry):
        child(element, f"{{{_MEDIA}}}content", url=image, medium="image")
    source = child(element, "source")
    child(source, "id", entry.source_url)
    child(source, "title", entry.source_title)
    child(source, "updated", _rfc3339(entry.updated))
    child(source, "link", href=entry.source_url, rel="alternate")


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat()
