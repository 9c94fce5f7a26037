"""Feeds as a subscriber's program reads them."""

import json
from dataclasses import dataclass

import feedparser

from tests.e2e.running import Site

FORMATS = ("rss", "atom", "json")
TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
_IPTC = "http://cv.iptc.org/newscodes/mediatopic/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What every format tells of an entry. `subjects`: the names of its category, tags and regions.

    `html` is None where the entry has no full text.
    """

    id: str
    title: str
    link: str
    published: str
    subjects: frozenset[str]
    html: str | None


def entries(site: Site, address: str, suffix: str) -> dict[str, Entry]:
    """The entries of a feed, by title; AssertionError where the feed is not as its format demands."""
    found = site.get(f"/feeds/{address}.{suffix}")
    assert found.status == 200, (address, found)
    assert found.headers["content-type"] == f"{TYPES[suffix]}; charset=utf-8"
    listed = _json(found.body) if suffix == "json" else _xml(found.body)
    assert len({e.id for e in listed}) == len(listed), "an id twice"
    return {e.title: e for e in listed}


def _xml(body: bytes) -> list[Entry]:
    read = feedparser.parse(body)
    assert not read.bozo, read.get("bozo_exception")
    return [
        Entry(
            id=entry.id,
            title=entry.title,
            link=entry.link,
            published="{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*entry.published_parsed[:6]),
            subjects=frozenset(t.label or t.term for t in entry.get("tags", ()) if t.scheme != _IPTC),
            html=entry.content[0].value if "content" in entry else None,
        )
        for entry in read.entries
    ]


def _json(body: bytes) -> list[Entry]:
    read = json.loads(body)
    assert read["version"] == "https://jsonfeed.org/version/1.1"
    for item in read["items"]:
        assert item.get("content_html") or item.get("content_text"), "JSON Feed 1.1 demands one of them"
    return [
        Entry(
            id=item["id"],
            title=item["title"],
            link=item["url"],
            published=item["date_published"][:19],
            subjects=frozenset(item.get("tags", ())),
            html=item.get("content_html"),
        )
        for item in read["items"]
    ]
