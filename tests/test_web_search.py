"""Searches over HTTP: feeds, pages, archives and polls like those of any other address."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from lxml import etree

from feedsvc.model import Draft
from feedsvc.web.publishing import Published
from feedsvc.web.rendering import Press
from tests.conftest import SITE, Newsroom
from tests.made import MINUTE, draft
from tests.test_web_archives import SMALL, entries, walk
from tests.web import ATOM, BASE, SUFFIXES, Visitor, titles, visit

QUERY = quote("三文鱼 烟台")
FEED = f"/feeds/search/{QUERY}"
GRAVES = ".//{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def fish(number: int, *words: str, **fields: object) -> Draft:
    given: dict[str, object] = {
        "guid": str(number),
        "html": f"<p>{number}</p>",
        "words": tuple(sorted(words or ("三文鱼", "烟台"))),
    }
    return draft(f"第{number}条鱼", **(given | fields))


@pytest.fixture
def visitor(newsroom: Newsroom) -> Visitor:
    """A visitor of a site with two articles that have both words, one that has one, and one of none."""
    found = visit(newsroom.open())
    newsroom.publish("paper", fish(1), fish(2, category="agriculture"), fish(3, "烟台"), fish(4, "油价"))
    newsroom.clock.advance(MINUTE)
    return found


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_search_is_a_feed_in_every_format(visitor: Visitor, suffix: str) -> None:
    assert titles(visitor.get(f"{FEED}.{suffix}")) == ["第1条鱼", "第2条鱼"]
    category = f"/feeds/category/agriculture/search/{QUERY}.{suffix}"
    assert titles(visitor.get(category)) == ["第2条鱼"]
    either = f"/feeds/search/{QUERY},{quote('油价')}.{suffix}"
    assert titles(visitor.get(either)) == ["第1条鱼", "第2条鱼", "第4条鱼"]
    without = f"/feeds/search/{quote('烟台')}/-search/{quote('三文鱼')}.{suffix}"
    assert titles(visitor.get(without)) == ["第3条鱼"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_search_that_finds_nothing_is_an_empty_feed(visitor: Visitor, suffix: str) -> None:
    assert titles(visitor.get(f"/feeds/search/{quote('带鱼')}.{suffix}")) == []
    assert titles(visitor.get(f"/feeds/search/here%20nothing.{suffix}")) == []


def test_other_spellings_lead_to_the_canonical_one(visitor: Visitor) -> None:
    for other in ("烟台 三文鱼", "三文鱼，烟台", "烟台/三文鱼!", " 烟台　三文鱼 烟台"):
        found = visitor.get(f"/feeds/search/{quote(other, safe='')}.atom")
        assert (found.status_code, found.headers["Location"]) == (301, f"{BASE}{FEED}.atom")
    assert visitor.get(FEED).headers["Location"] == f"{BASE}{FEED}.atom"
    assert visitor.get(f"{FEED}.atom").status_code == 200


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("%00", 400),
        ("a%00b", 400),
        ("%FF", 400),
        (quote("，。！"), 400),
        (quote("🐟"), 400),
        ("%20", 400),
        ("x" * 100, 200),
        ("x" * 101, 400),
        (quote("鱼" * 60 + "虾" * 40), 200),
        ("x" * 2000, 414),
        ("%2520", 301),
        ("%27%20OR%201%3D1--", 301),
    ],
)
def test_hostile_queries_are_answered(visitor: Visitor, asked: str, status: int) -> None:
    found = visitor.get(f"/feeds/search/{asked}.atom")
    assert found.status_code == status
    if status == 301:
        assert visitor.get(found.headers["Location"]).status_code == 200


def test_a_page_shows_what_a_search_finds(visitor: Visitor) -> None:
    page = visitor.page(f"/search/{QUERY}")
    assert page.xpath("//h1/text()")[0].strip() == "“三文鱼 烟台”"
    assert page.xpath("//article//h3/a/text()") == ["第1条鱼", "第2条鱼"]
    assert f"{FEED}.rss" in page.xpath("//a/@href") or f"{BASE}{FEED}.rss" in page.xpath("//a/@href")
    assert "不含 “三文鱼”" in visitor.get(f"/all/-search/{quote('三文鱼')}").text


def test_the_form_of_the_home_page_leads_to_a_search(visitor: Visitor) -> None:
    (form,) = visitor.page("/").xpath("//form")
    assert (form.get("action"), form.get("method", "get")) == ("/search", "get")
    (field,) = form.xpath(".//input/@name")
    found = visitor.get(f"{form.get('action')}?{field}={quote('烟台 三文鱼')}")
    assert (found.status_code, found.headers["Location"]) == (302, f"{BASE}/search/{QUERY}")
    assert "form-action 'self'" in visitor.get("/").headers["Content-Security-Policy"]
    for nothing in ("", "?q=", "?q=%20"):
        found = visitor.get(f"/search{nothing}")
        assert (found.status_code, found.headers["Location"]) == (302, f"{BASE}/")
    assert visitor.get(f"/search?q={quote('！')}").status_code == 400
    assert visitor.get(f"/search?q={quote('a,b/c')}").headers["Location"] == f"{BASE}/search/a%20b%20c"


def test_the_api_searches(visitor: Visitor) -> None:
    def found(query: str) -> list[str]:
        return [item["title"] for item in visitor.json(f"/api/v1/articles?{query}")["items"]]

    assert found(f"q={quote('烟台 三文鱼')}") == ["第1条鱼", "第2条鱼"]
    assert found(f"q={quote('烟台')}&category=agriculture") == ["第2条鱼"]
    assert found(f"q={quote('烟台')}&-q={quote('三文鱼')}") == ["第3条鱼"]
    assert found("q=nothing") == []
    first = visitor.json(f"/api/v1/articles?q={quote('烟台')}&limit=2")
    rest = visitor.json(first["next"])
    assert [item["title"] for item in first["items"] + rest["items"]] == ["第1条鱼", "第2条鱼", "第3条鱼"]
    assert rest["next"] is None


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_bytes_change_when_the_selection_does_and_not_before(
    newsroom: Newsroom, visitor: Visitor, suffix: str
) -> None:
    def polled(last: str = "") -> tuple[int, str, str]:
        newsroom.clock.advance(MINUTE)
        answer = visitor.get(f"{FEED}.{suffix}", If_None_Match=last)
        return answer.status_code, answer.headers["ETag"], answer.headers["Last-Modified"]

    _, etag, modified = polled()
    newsroom.publish("county", fish(9, "烟台"))
    newsroom.publish("wire", fish(8, "三文鱼"))
    assert polled(etag) == (304, etag, modified)
    newsroom.publish("wire", fish(8))
    status, newer, later = polled(etag)
    assert status == 200
    assert newer != etag
    assert later != modified
    assert visitor.get(f"{FEED}.{suffix}", If_Modified_Since=modified).status_code == 200
    newsroom.publish("wire", fish(8, "三文鱼"))
    status, again, latest = polled(newer)
    assert status == 200
    assert again.split("-")[0] == etag.split("-")[0]
    assert visitor.get(f"{FEED}.{suffix}", If_Modified_Since=later).status_code == 200
    other = visit(newsroom.open()).get(f"{FEED}.{suffix}")
    assert (other.headers["ETag"], other.headers["Last-Modified"]) == (again, latest)


def test_a_poll_brings_what_came_into_the_search(newsroom: Newsroom, visitor: Visitor) -> None:
    etag = visitor.get(f"{FEED}.atom").headers["ETag"]
    newsroom.publish("paper", fish(3))
    newsroom.clock.advance(MINUTE)
    found = visitor.get(f"{FEED}.atom", A_IM="feed", If_None_Match=etag)
    assert found.status_code == 226
    entered = etree.fromstring(found.data).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entered] == ["第3条鱼"]


def test_what_is_edited_leaves_and_what_is_withdrawn_is_told(newsroom: Newsroom, visitor: Visitor) -> None:
    newsroom.publish("paper", fish(1, "带鱼"))
    newsroom.file("desk", "fish.md", fish(7, slot="fish.md"))
    newsroom.clock.advance(MINUTE)
    assert titles(visitor.get(f"{FEED}.atom")) == ["第7条鱼", "第2条鱼"]
    newsroom.remove("desk", "fish.md")
    newsroom.clock.advance(MINUTE)
    found = visitor.get(f"{FEED}.atom")
    assert titles(found) == ["第2条鱼"]
    assert len(etree.fromstring(found.data).findall(GRAVES)) == 1


def test_archives_of_a_search_are_walked_and_keep_what_they_hold(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open(SMALL))
    for number in range(1, 11):
        newsroom.clock.advance(MINUTE)
        newsroom.publish("paper", fish(number), fish(number + 100, "带鱼"))
    assert walk(visitor, f"{FEED}.atom") == [f"第{n}条鱼" for n in range(10, 0, -1)]
    first = entries(visitor, f"{FEED}/archive/1.atom")
    assert first == ["第4条鱼", "第3条鱼", "第2条鱼", "第1条鱼"]
    newsroom.publish("paper", fish(101), fish(2, "带鱼"), fish(3, html="<p>改</p>"))
    assert entries(visitor, f"{FEED}/archive/1.atom") == first
    second = visit(newsroom.open(SMALL))
    assert walk(second, f"{FEED}.atom") == walk(visitor, f"{FEED}.atom")
    assert "第101条鱼" in walk(second, f"{FEED}.atom")


def test_a_search_is_a_topic(newsroom: Newsroom) -> None:
    service = newsroom.open(SITE + '\n[feeds]\nhubs = ["https://hub.example/"]\n')
    published = Published(Press(service))
    topic = f"{BASE}{FEED}.atom"
    newsroom.publish("paper", fish(1))
    mark, edition = published.mark(topic), published.edition(topic)
    assert mark is not None
    assert edition is not None
    newsroom.publish("county", fish(2, "烟台"))
    assert published.mark(topic) == mark
    newsroom.publish("county", fish(2))
    assert published.mark(topic) != mark
    assert published.edition(topic) != edition
    assert published.mark(f"{BASE}/feeds/search/{quote('烟台 三文鱼')}.atom") is None


def test_a_search_is_served_as_it_was_while_the_store_is_gone(newsroom: Newsroom, visitor: Visitor) -> None:
    service = newsroom.opened[0]
    before = visitor.get(f"{FEED}.atom")
    service.store.close()
    for file in newsroom.folder.glob("*.db*"):
        if file.is_file():
            file.unlink()
    service.catalog.snapshot = replace(service.catalog.snapshot, revision=99)
    assert visitor.get(f"{FEED}.atom").data == before.data
    assert visitor.get(f"/feeds/search/{quote('别的')}.atom").status_code == 503
