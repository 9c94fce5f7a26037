"""Lists of feeds and pages: OPML, sitemap, robots."""

from datetime import datetime
from urllib.parse import quote
from urllib.robotparser import RobotFileParser

from lxml import etree

from tests.conftest import Newsroom
from tests.made import MINUTE, draft
from tests.web import BASE, Visitor, visit


def opened(newsroom: Newsroom) -> Visitor:
    service = newsroom.open()
    newsroom.publish(
        "paper",
        draft("晚稻开镰", guid="a", tags=("晚稻", "公交"), category="agriculture", regions=("330424",)),
        draft("县城通了新公交", guid="b", tags=("公交",), category="city"),
    )
    return visit(service)


def test_opml_holds_every_feed_worth_having(newsroom: Newsroom) -> None:
    visitor = opened(newsroom)
    found = visitor.get("/opml.xml")
    assert found.content_type == "text/x-opml; charset=utf-8"
    root = etree.fromstring(found.data)
    assert root.findtext("head/title") == "试刊"
    groups = {
        group.get("text"): [(o.get("text"), o.get("xmlUrl"), o.get("htmlUrl")) for o in group]
        for group in root.findall("body/outline")
    }
    assert list(groups) == ["全部", "栏目", "地区", "来源", "关键词"]
    assert groups["全部"] == [("试刊", f"{BASE}/feeds/all.atom", f"{BASE}/all")]
    assert len(groups["栏目"]) == 19
    assert [text for text, _, _ in groups["地区"]] == ["浙江省", "嘉兴市", "海盐县"]
    assert [text for text, _, _ in groups["来源"]] == ["南湖日报", "海盐县报", "通稿", "编辑部"]
    assert groups["关键词"][0] == (
        "公交",
        f"{BASE}/feeds/tag/{quote('公交')}.atom",
        f"{BASE}/tag/{quote('公交')}",
    )
    for group in groups.values():
        for _, feed, page in group:
            assert feed is not None
            assert page is not None
            assert visitor.get(feed).status_code == visitor.get(page).status_code == 200


def test_opml_is_polled_like_a_feed(newsroom: Newsroom) -> None:
    visitor = opened(newsroom)
    first = visitor.get("/opml.xml")
    assert visitor.get("/opml.xml", If_None_Match=first.headers["ETag"]).status_code == 304
    assert visitor.get("/opml.xml", Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"
    newsroom.clock.advance(MINUTE)
    newsroom.publish("wire", draft("又一篇，没有新的话题", tags=("公交",)))
    assert visitor.get("/opml.xml", If_None_Match=first.headers["ETag"]).status_code == 304
    newsroom.publish("county", draft("新话题", tags=("海塘",)))
    assert visitor.get("/opml.xml", If_None_Match=first.headers["ETag"]).status_code == 200


def test_the_sitemap_lists_pages_that_are_there(newsroom: Newsroom) -> None:
    visitor = opened(newsroom)
    root = etree.fromstring(visitor.get("/sitemap.xml").data)
    places = [loc.text or "" for loc in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(places) == len(set(places)) > 25
    assert places[0] == f"{BASE}/"
    for place in places:
        assert place.startswith(f"{BASE}/")
        assert visitor.get(place).status_code == 200


def test_the_sitemap_says_what_changed_when(newsroom: Newsroom) -> None:
    def told() -> dict[str, str | None]:
        space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
        root = etree.fromstring(visitor.get("/sitemap.xml").data)
        return {
            (url.findtext(f"{space}loc") or "").removeprefix(BASE): url.findtext(f"{space}lastmod")
            for url in root
        }

    visitor = opened(newsroom)
    first = told()
    assert first["/category/agriculture"] == first["/all"] == first["/"]
    assert first["/sources"] is None
    assert first["/category/sport"] is None
    newsroom.clock.advance(MINUTE)
    newsroom.publish("county", draft("球赛", category="sport"))
    then = told()
    assert then["/category/agriculture"] == first["/category/agriculture"]
    assert then["/category/sport"] == then["/all"] == then["/"]
    assert datetime.fromisoformat(then["/all"] or "") == newsroom.clock()


def test_robots_may_read_feeds(newsroom: Newsroom) -> None:
    robots = RobotFileParser()
    robots.parse(opened(newsroom).get("/robots.txt").text.splitlines())
    assert robots.can_fetch("AnyBot", f"{BASE}/feeds/all.rss")
    assert robots.can_fetch("AnyBot", f"{BASE}/category/agriculture")
    assert not robots.can_fetch("AnyBot", f"{BASE}/api/v1/articles")
    assert robots.site_maps() == [f"{BASE}/sitemap.xml"]
