"""What an Atom feed says of entries that it has taken back: at:deleted-entry (RFC 6721)."""

from datetime import datetime

from lxml import etree

from feedsvc.clean import guid
from feedsvc.dates import parse
from feedsvc.model import Tombstone

MAX_TOMBSTONES = 5_000
_DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def deleted_entries(xml: str, now: datetime) -> tuple[Tombstone, ...]:
    """The tombstones of the Atom feed `xml`, in its order, one for a guid: that of the latest moment.

    One without a `when` that can be read is as old as `now`; one without a `ref` says nothing. What lies
    deeper than directly in the feed is part of some entry, and no statement of the feed.
    """
    if "deleted-entry" not in xml:
        return ()
    # Broken feeds are read as far as they go, like their entries.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(xml.encode(), parser)
    found: dict[str, Tombstone] = {}
    for element in root.iterchildren(_DELETED) if root is not None else ():
        ref, when = guid(element.get("ref")), parse(element.get("when") or "", now) or now
        if ref and (ref not in found or found[ref].when < when) and len(found) < MAX_TOMBSTONES:
            found[ref] = Tombstone(id=ref, when=when)
    return tuple(found.values())
