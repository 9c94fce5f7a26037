"""Feed -> JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
from typing import Any

from feedsvc.feeds.images import lead_image
from feedsvc.model import Enclosure, Entry, Feed, Format

_VERSION = "https://jsonfeed.org/version/1.1"


def write_json(feed: Feed) -> bytes:
    """The bytes of `feed` as JSON Feed in UTF-8. Equal feeds are equal bytes; never raises for a built feed.

    An item without HTML has its summary, else its title, as `content_text`. The extension `_feedsvc` of an
    item holds `category` (key or null), `iptc`, `tags`, `regions` (codes), `source` (id), `rights` where the
    article states any, and `related` where other sources have the same story: `id`, `url`, `title` and
    `source` of each; not its revision, which tells the order of arrival. `next_url` leads to older entries:
    the archive before this.
    """
    document: dict[str, Any] = {
        "version": _VERSION,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.self_urls[Format.JSON],
        **({"next_url": feed.paging.previous[Format.JSON]} if feed.paging.previous else {}),
        "description": feed.description,
        "language": feed.language,
        "authors": [{"name": feed.author}],
    }
    if icon := feed.logo or feed.icon:
        document["icon"] = icon
    if feed.icon:
        document["favicon"] = feed.icon
    if feed.hubs:
        document["hubs"] = [{"type": "WebSub", "url": hub} for hub in feed.hubs]
    document["_feedsvc"] = {
        "generator": f"{feed.generator} {feed.generator_version}".strip(),
        "id": feed.id,
        "updated": feed.updated.isoformat(),
        **({"rights": feed.rights} if feed.rights else {}),
    }
    document["items"] = [_item(entry) for entry in feed.entries]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _item(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {"id": entry.id, "url": entry.link, "title": entry.title}
    if entry.html:
        item["content_html"] = entry.html
    else:
        item["content_text"] = entry.summary or entry.title
    if entry.summary:
        item["summary"] = entry.summary
    if image := lead_image(entry):
        item["image"] = image
    item["date_published"] = entry.published.isoformat()
    item["date_modified"] = entry.updated.isoformat()
    item["authors"] = [{"name": entry.author}]
    if terms := (*entry.categories, *entry.tags, *entry.regions):
        item["tags"] = list(dict.fromkeys(term.label for term in terms))
    if entry.enclosures:
        item["attachments"] = [_attachment(enclosure) for enclosure in entry.enclosures]
    item["_feedsvc"] = {
        "category": entry.categories[0].value if entry.categories else None,
        "iptc": [code for term in entry.categories for code in term.iptc],
        "tags": [term.value for term in entry.tags],
        "regions": [term.value for term in entry.regions],
        "source": entry.source_id,
    }
    if entry.related:
        item["_feedsvc"]["related"] = [
            {"id": other.id, "url": other.link, "title": other.title, "source": other.source_id}
            for other in entry.related
        ]
    if entry.rights:
        item["_feedsvc"]["rights"] = entry.rights
    return item


def _attachment(enclosure: Enclosure) -> dict[str, Any]:
    attachment: dict[str, Any] = {"url": enclosure.url, "mime_type": enclosure.type}
    if enclosure.length is not None:
        attachment["size_in_bytes"] = enclosure.length
    return attachment
