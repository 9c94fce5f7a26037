"""A reader of feeds that takes changes alone (RFC 3229), and what it reads."""

import gzip
import json
from collections.abc import Callable

import brotli
import feedparser
from lxml import etree
from werkzeug.test import TestResponse

from tests.web import Visitor


class Poller:
    """A reader that asks for changes and keeps what it had, by id; it knows RFC 3229 and nothing of ours."""

    def __init__(self, path: str, coding: str = "identity") -> None:
        self.path = path
        self.coding = coding
        self.etag = ""
        self.entries: dict[str, str] = {}
        self.gone: set[str] = set()

    def poll(self, visitor: Visitor) -> TestResponse:
        """One poll, understood."""
        fields = {"A_IM": "feed", "Accept_Encoding": self.coding} | (
            {"If_None_Match": self.etag} if self.etag else {}
        )
        found = visitor.get(self.path, **fields)
        assert found.status_code in (200, 226, 304)
        if found.status_code == 226:
            assert found.headers["IM"] == "feed"
            assert found.headers["Delta-Base"] == self.etag
        if found.status_code != 304:
            entries, gone = read(found)
            self.entries |= entries
            self.gone |= gone
            self.etag = found.headers["ETag"]
        return found


UNPACKED: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}


def read(found: TestResponse) -> tuple[dict[str, str], set[str]]:
    """The titles of a feed's entries by id, and the ids of its tombstones."""
    body = UNPACKED[found.headers.get("Content-Encoding", "identity")](found.data)
    if found.mimetype == "application/feed+json":
        return {item["id"]: item["title"] for item in json.loads(body)["items"]}, set()
    parsed = feedparser.parse(body)
    assert not parsed.bozo
    assert parsed.feed.title
    at = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
    return {e.id: e.title for e in parsed.entries}, {
        e.get("ref", "") for e in etree.fromstring(body).iter(at)
    }
