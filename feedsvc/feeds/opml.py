"""Lists of feeds -> OPML 2.0 (http://opml.org/spec2.opml)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree

from feedsvc import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed: its title, its address and the address of its HTML page, both absolute."""

    title: str
    feed_url: str
    html_url: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A folder of feeds, as readers show it."""

    title: str
    subscriptions: tuple[Subscription, ...]


def write_opml(title: str, groups: Sequence[Group], *, modified: datetime | None = None) -> bytes:
    """The groups, in their order, as OPML 2.0 in UTF-8. Equal groups are equal bytes.

    `modified` is when any of it last changed; without it nothing is said of time. A group without feeds is
    left out, and so is a feed that stood before: readers would subscribe to it twice.
    """
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = text.squeeze(title)
    if modified is not None:
        ElementTree.SubElement(head, "dateModified").text = format_datetime(modified)
    body = ElementTree.SubElement(root, "body")
    seen: set[str] = set()
    for group in groups:
        fresh = [each for each in group.subscriptions if each.feed_url not in seen]
        if not fresh:
            continue
        folder = ElementTree.SubElement(body, "outline", text=text.squeeze(group.title))
        for each in fresh:
            if each.feed_url not in seen:
                seen.add(each.feed_url)
                ElementTree.SubElement(folder, "outline", _outline(each))
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _outline(subscription: Subscription) -> dict[str, str]:
    name = text.squeeze(subscription.title)
    outline = {
        "type": "rss",
        "text": name,
        "title": name,
        "xmlUrl": subscription.feed_url,
        "htmlUrl": subscription.html_url,
    }
    if subscription.description:
        outline["description"] = text.squeeze(subscription.description)
    return outline
