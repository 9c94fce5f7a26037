"""The API that writes: what becomes of what is pushed, and that half of it is never saved."""

import json
import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from feedsvc.service import Service
from feedsvc.store import Store
from tests.conftest import Newsroom
from tests.made import MINUTE
from tests.pushing import ARTICLES, BUS, PUSH_SITE, RICE, Editor, editor, problem, pushed
from tests.web import ATOM, BASE, titles
from tests.xss import VECTORS, assert_harmless

CONTENT = "{http://purl.org/rss/1.0/modules/content/}"


@pytest.fixture
def site(newsroom: Newsroom, reader: None) -> Service:
    """A site with a push source, beside three feeds and a folder."""
    return newsroom.open(PUSH_SITE)


@pytest.fixture
def cms(site: Service) -> Editor:
    """An editor of that site."""
    return editor(site)


# -- what becomes of it


def test_what_is_pushed_is_in_every_feed_at_once(cms: Editor) -> None:
    answer = cms.post([BUS, RICE])
    bus, rice = pushed(answer)
    assert {k: v for k, v in bus.items() if k not in ("id", "url")} == {"guid": "bus", "status": "new"}
    assert rice["url"] == "https://cms.example/rice"
    assert bus["url"] == f"{BASE}/articles/{bus['id'].removeprefix('urn:uuid:')}"
    assert "Location" not in answer.headers
    for suffix in ("rss", "atom", "json"):
        assert titles(cms.reader.get(f"/feeds/source/cms.{suffix}")) == ["县城通了新公交", "我市晚稻开镰"]
        assert titles(cms.reader.get(f"/feeds/region/330400.{suffix}"))[-1:] == ["我市晚稻开镰"]
    (item,) = cms.reader.json(f"{ARTICLES}?source=cms&limit=1")["items"]
    assert (item["id"], item["content_html"]) == (bus["id"], "<p>三路车开到了汽车站。</p>")
    assert cms.reader.get(bus["url"]).status_code == 200


def test_one_article_is_located(cms: Editor) -> None:
    answer = cms.post(BUS)
    (bus,) = pushed(answer)
    assert answer.headers["Location"] == f"{BASE}{ARTICLES}/{bus['id'].removeprefix('urn:uuid:')}"
    assert cms.reader.json(answer.headers["Location"])["id"] == bus["id"]


def test_a_repeat_changes_nothing_and_an_edit_keeps_the_id(cms: Editor) -> None:
    first = pushed(cms.post([BUS, RICE]))
    etag = cms.reader.get("/feeds/all.atom").headers["ETag"]
    again = pushed(cms.post([BUS, RICE]), 200)
    assert again == [item | {"status": "unchanged"} for item in first]
    assert cms.reader.get("/feeds/all.atom").headers["ETag"] == etag
    mixed = pushed(cms.post([BUS | {"title": "公交改线"}, RICE, {"guid": "new", "title": "新来的"}]))
    assert [item["status"] for item in mixed] == ["edited", "unchanged", "new"]
    assert [item["id"] for item in mixed[:2]] == [item["id"] for item in first]
    assert pushed(cms.post([]), 200) == []


def test_put_replaces_and_creates(cms: Editor) -> None:
    answer = cms.put("?guid=bus&source=cms", {"title": "县城通了新公交"})
    (bus,) = pushed(answer)
    assert (bus["guid"], bus["status"]) == ("bus", "new")
    ident = bus["id"].removeprefix("urn:uuid:")
    assert answer.headers["Location"] == f"{BASE}{ARTICLES}/{ident}"
    for path in ("?guid=bus", f"/{ident}", f"/urn:uuid:{ident}"):
        (item,) = pushed(cms.put(path, {"title": f"改于{path}", "content_text": "一。"}), 200)
        assert (item["id"], item["status"]) == (bus["id"], "edited")
        assert cms.reader.json(f"{ARTICLES}/{ident}")["content_html"] == "<p>一。</p>"
    assert [i["status"] for i in pushed(cms.put(f"/{ident}", {"title": "改", "guid": "bus"}), 200)] == [
        "edited"
    ]
    assert cms.reader.json(f"{ARTICLES}/{ident}")["content_html"] == ""
    (page,) = pushed(cms.put("?url=https://cms.example/x", {"title": "有网址的"}))
    assert (page["guid"], page["url"]) == (None, "https://cms.example/x")


def test_delete_withdraws_and_may_be_repeated(cms: Editor) -> None:
    bus, rice = pushed(cms.post([BUS, RICE]))
    for path in (f"/{bus['id']}", "?guid=bus", "?guid=bus&source=cms"):
        gone = cms.delete(path)
        assert (gone.status_code, gone.data) == (204, b"")
        assert "Content-Type" not in gone.headers
        assert cms.reader.json(f"{ARTICLES}/{bus['id']}")["withdrawn"]
    assert titles(cms.reader.get("/feeds/all.rss")) == ["我市晚稻开镰"]
    assert cms.delete("?url=http://www.cms.example/rice/").status_code == 204
    assert titles(cms.reader.get("/feeds/all.rss")) == []
    assert [item["id"] for item in pushed(cms.post([BUS, RICE]), 200)] == [bus["id"], rice["id"]]
    assert titles(cms.reader.get("/feeds/all.rss")) == ["县城通了新公交", "我市晚稻开镰"]


def test_a_restart_forgets_nothing(newsroom: Newsroom, cms: Editor) -> None:
    bus, rice = pushed(cms.post([BUS, RICE]))
    cms.delete("?guid=bus")
    again = editor(newsroom.open(PUSH_SITE))
    assert titles(again.reader.get("/feeds/all.rss")) == ["我市晚稻开镰"]
    assert again.reader.get(f"/articles/{bus['id'].removeprefix('urn:uuid:')}").status_code == 410
    assert pushed(again.post([BUS, RICE]), 200) == [
        bus | {"status": "edited"},
        rice | {"status": "unchanged"},
    ]


def test_a_push_shows_as_the_last_success_of_its_source(newsroom: Newsroom, cms: Editor) -> None:
    def shown() -> dict[str, Any]:
        return next(s for s in cms.reader.json("/api/v1/sources")["items"] if s["id"] == "cms")

    assert shown()["last_success"] is None
    assert "尚未推送" in cms.reader.page("/sources").xpath("string(//section[last()])")
    newsroom.clock.advance(MINUTE)
    cms.post(BUS)
    found = shown()
    assert (found["kind"], found["last_success"]) == ("push", "2026-11-22T04:01:00Z")
    assert found["next_try"] is found["interval"] is found["cause"] is None
    section = cms.reader.page("/sources").xpath("//section[last()]")[0]
    assert section.find("p").get("class") == "state well"
    assert section.xpath(".//time/text()") == ["2026-11-22 12:01"]


# -- nothing by halves


@pytest.mark.parametrize("bad", [{"title": "无名"}, {"guid": "x", "title": 1}, {"guid": "x"}, 7, None])
def test_one_bad_article_keeps_all_from_being_saved(cms: Editor, bad: object) -> None:
    found = problem(cms.post([BUS, RICE, bad]), 422)
    assert [item["index"] for item in found["items"]] == [2]
    assert found["detail"].startswith("article 2: ")
    assert found["detail"].endswith("; nothing was saved")
    assert cms.reader.json(ARTICLES)["items"] == []


def test_every_bad_article_is_named(cms: Editor) -> None:
    found = problem(cms.post({"items": [{"title": "无名"}, BUS, {"guid": "x", "title": []}]}), 422)
    assert [item["index"] for item in found["items"]] == [0, 2]
    assert found["items"][1]["detail"] == "title: found a list; allowed: text"
    assert found["detail"].startswith("article 0: guid and url are missing")
    assert "(and 1 more)" in found["detail"]


def test_conflicts_are_told(cms: Editor) -> None:
    bus, _ = pushed(cms.post([BUS, RICE]))
    assert "another article" in problem(cms.put(f"/{bus['id']}", RICE), 409)["detail"]
    pushed(cms.post(RICE | {"guid": "rice-2"}), 200)
    conflict = [RICE, {"guid": "rice-2", "title": "x"}]
    assert "articles 0 and 1" in problem(cms.post(conflict), 409)["detail"]
    assert len(cms.reader.json(ARTICLES)["items"]) == 2


def test_a_store_that_cannot_be_written_saves_nothing_and_says_so(site: Service) -> None:
    store = Store(site.store.url, busy=0.1)
    impatient = editor(replace(site, store=store))
    pushed(impatient.post(BUS))
    other = sqlite3.connect(site.settings.store.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for answer in (
        impatient.post(RICE),
        impatient.put("?guid=bus", RICE | {"guid": "bus"}),
        impatient.delete("?guid=bus"),
    ):
        assert "nothing was saved" in problem(answer, 503)["detail"]
        assert answer.headers["Retry-After"] == "5"
    other.close()
    assert titles(impatient.reader.get("/feeds/all.rss")) == ["县城通了新公交"]
    assert [i["status"] for i in pushed(impatient.post([BUS, RICE]))] == ["unchanged", "new"]
    store.close()


def test_nothing_that_is_pushed_is_alive_in_a_feed_or_page(cms: Editor) -> None:
    fields = {"summary": "%s", "authors": [{"name": "%s"}], "tags": ["%s"], "content_html": "<p>文</p>%s"}
    documents = [
        {"guid": str(n), "title": f"第{n}种 {vector}"}
        | json.loads(json.dumps(fields).replace("%s", json.dumps(vector)[1:-1]))
        for n, vector in enumerate(VECTORS)
    ]
    items = pushed(cms.post(documents))
    assert len(items) == len(VECTORS) > 60
    feed = cms.reader.json("/feeds/source/cms/limit/200.json")["items"]
    assert [item["id"] for item in feed] == [item["id"] for item in items]
    atom = etree.fromstring(cms.reader.get("/feeds/source/cms/limit/200.atom").data)
    rss = etree.fromstring(cms.reader.get("/feeds/source/cms/limit/200.rss").data)
    bodies = [item["content_html"] for item in feed]
    assert [entry.findtext(f"{ATOM}content") for entry in atom.iterfind(f"{ATOM}entry")] == bodies
    assert [item.findtext(f"{CONTENT}encoded") for item in rss.iter("item")] == bodies
    for html in bodies:
        assert_harmless(html)
    for path in ("/", "/source/cms/limit/200", *(item["url"] for item in items)):
        page = cms.reader.page(path)
        assert page.xpath("//script|//iframe|//object|//embed|//*[starts-with(@href, 'javascript')]") == []
        assert page.xpath("//@*[starts-with(name(), 'on')]") == []
