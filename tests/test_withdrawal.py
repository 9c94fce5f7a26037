"""Withdrawal, whoever says it: a file removed, DELETE, an upstream tombstone; what readers see then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from lxml import etree

from feedsvc.fetch import Response
from feedsvc.refresh import Refreshed, Refresher
from feedsvc.service import Service
from feedsvc.store.pruning import TOMBSTONES
from tests.conftest import Newsroom
from tests.fakes import FakeTransport, InProcess, visits
from tests.made import DAY, MINUTE
from tests.pushing import PUSH_SITE, Editor, editor
from tests.web import ATOM, BASE, titles

AT = "{http://purl.org/atompub/tombstones/1.0}"
RETENTION = timedelta(days=400)
TITLE = "发错了的通知"
WRONG = f"<entry><id>urn:x:wrong</id><title>{TITLE}</title><content>不该发的。</content></entry>"
GOOD = "<entry><id>urn:x:good</id><title>没有发错的</title><content>该发的。</content></entry>"
FEED = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">{}</feed>'


@dataclass(frozen=True, slots=True)
class Site:
    """A running site: what is refreshed is really read, saved, and followed by its catalog."""

    newsroom: Newsroom
    service: Service
    editor: Editor
    transport: FakeTransport

    def refresh(self, ident: str) -> None:
        """One pass over a source."""
        source = next(s for s in self.service.settings.sources if s.id == ident)
        clock, store = self.newsroom.clock, self.service.store
        assert store.lease([ident], "me", clock(), due_only=False) == [ident]
        refresher = Refresher(
            store=store,
            visits=visits(self.transport),
            children=InProcess(),
            clock=clock,
            owner="me",
            jitter=0.0,
            max_body=1 << 20,
        )
        assert isinstance(refresher.refresh(source), Refreshed)
        self.newsroom.follow()

    def serve(self, body: str) -> None:
        """One pass over the feed `paper`, which is `body` now."""
        answer = Response(
            url="https://paper.example/feed",
            moved_to=None,
            status=200,
            body=FEED.format(body).encode(),
            content_type=None,
            etag=None,
            last_modified=None,
        )
        self.transport.replies["https://paper.example/feed"] = answer
        self.refresh("paper")


@pytest.fixture
def site(newsroom: Newsroom, reader: None) -> Site:
    opened = newsroom.open(PUSH_SITE)
    return Site(newsroom, opened, editor(opened), FakeTransport())


def by_file(site: Site, *, there: bool) -> None:
    for name, title in (("a.md", TITLE), ("b.md", "没有发错的")):
        file = site.newsroom.folder / "desk" / name
        if there or name == "b.md":
            file.write_text(f"# {title}\n\n正文{name}。\n", "utf-8")
        else:
            file.unlink()
    site.refresh("desk")


def by_delete(site: Site, *, there: bool) -> None:
    if there:
        documents = [{"guid": "wrong", "title": TITLE}, {"guid": "good", "title": "没有发错的"}]
        assert site.editor.post(documents).status_code in (200, 201)
    else:
        assert site.editor.delete("?guid=wrong").status_code == 204


def by_tombstone(site: Site, *, there: bool) -> None:
    when = site.newsroom.clock().isoformat()
    tombstone = f'<at:deleted-entry ref="urn:x:wrong" when="{when}"/>'
    site.serve((WRONG if there else tombstone) + GOOD)


Way = Callable[..., None]


@pytest.mark.parametrize(("way", "source"), [(by_file, "desk"), (by_delete, "cms"), (by_tombstone, "paper")])
def test_what_is_withdrawn_is_gone_everywhere_and_atom_says_so(site: Site, way: Way, source: str) -> None:
    look = site.editor.reader
    way(site, there=True)
    shown = {item["title"]: item for item in look.json(f"/api/v1/articles?source={source}")["items"]}
    assert set(shown) == {TITLE, "没有发错的"}
    ident = shown[TITLE]["id"]
    page = f"/articles/{ident.removeprefix('urn:uuid:')}"
    assert look.get(page).status_code == 200
    site.newsroom.clock.advance(MINUTE)
    way(site, there=False)

    for address in ("all", f"source/{source}"):
        for suffix in ("rss", "json", "atom"):
            assert titles(look.get(f"/feeds/{address}.{suffix}")) == ["没有发错的"], (address, suffix)
        assert ident not in look.get(f"/feeds/{address}.rss").text
        assert ident not in look.get(f"/feeds/{address}.json").text
        feed = etree.fromstring(look.get(f"/feeds/{address}.atom").data)
        (tombstone,) = feed.findall(f"{AT}deleted-entry")
        assert (tombstone.get("ref"), tombstone.get("when")) == (ident, "2026-11-22T04:01:00+00:00")
        assert len(feed.findall(f"{ATOM}entry")) == 1
    gone = look.get(page, Accept="text/html")
    assert gone.status_code == 410
    assert TITLE not in gone.text
    article = look.json(f"/api/v1/articles/{ident}")
    assert article["withdrawn"] == "2026-11-22T04:01:00Z"
    assert article["content_html"] == article["summary"] == ""
    assert look.json("/api/v1/articles")["items"] == [shown["没有发错的"]]
    assert TITLE not in look.get("/").text + look.get(f"/source/{source}").text

    # Saying it again changes nothing, nor does a restart.
    etag = look.get("/feeds/all.atom").headers["ETag"]
    site.newsroom.clock.advance(MINUTE)
    if way is not by_file:
        way(site, there=False)
    else:
        site.refresh("desk")
    again = editor(site.newsroom.open(PUSH_SITE)).reader
    for each in (look, again):
        assert each.get("/feeds/all.atom").headers["ETag"] == etag
        assert each.get(page).status_code == 410

    # Back again, it is the same article.
    way(site, there=True)
    assert set(titles(look.get("/feeds/all.rss"))) == {TITLE, "没有发错的"}
    assert look.json(f"/api/v1/articles/{ident}")["withdrawn"] is None
    assert look.get(page).status_code == 200
    assert etree.fromstring(look.get("/feeds/all.atom").data).findall(f"{AT}deleted-entry") == []


@pytest.mark.parametrize("way", [by_file, by_delete, by_tombstone])
def test_a_withdrawal_is_told_for_ninety_days(site: Site, way: Way) -> None:
    look, clock = site.editor.reader, site.newsroom.clock
    way(site, there=True)
    ident = next(i["id"] for i in look.json("/api/v1/articles")["items"] if i["title"] == TITLE)
    page = f"{BASE}/articles/{ident.removeprefix('urn:uuid:')}"
    way(site, there=False)

    def tombstones() -> list[str]:
        site.service.store.prune(clock() - RETENTION, clock())
        site.newsroom.follow()
        feed = etree.fromstring(look.get("/feeds/all.atom").data)
        return [each.get("ref", "") for each in feed.findall(f"{AT}deleted-entry")]

    clock.advance(TOMBSTONES)
    assert tombstones() == [ident]
    assert look.get(page).status_code == 410
    clock.advance(MINUTE)
    assert tombstones() == []
    assert look.get(page).status_code == look.get(f"/api/v1/articles/{ident}").status_code == 404
    assert titles(look.get("/feeds/all.rss")) == ["没有发错的"]
    assert TOMBSTONES == 90 * DAY
