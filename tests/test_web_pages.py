"""Pages for people: every link leads somewhere, autodiscovery names the feeds, nothing runs."""

from urllib.parse import quote

import pytest

from feedsvc.model import Enclosure
from tests.conftest import SITE, Clock, Newsroom
from tests.made import MINUTE, draft
from tests.web import BASE, SUFFIXES, Visitor, links, titles, visit

TYPES = ["application/rss+xml", "application/atom+xml", "application/feed+json"]
AWKWARD = "“双减”后＜三年＞：A&B <script>alert(1)</script> ]]> 😀"


@pytest.fixture
def paper(newsroom: Newsroom) -> Visitor:
    """A visitor of a site with articles of every kind."""
    service = newsroom.open()
    newsroom.publish(
        "paper",
        draft(
            "县城通了新公交",
            guid="bus",
            link="https://paper.example/bus?a=1&b=2",
            html="<p>三路车开到了汽车站。</p>",
            summary="三路车开到了汽车站。",
            author="本报记者",
            tags=("公交", "A/B（试点）", "node.js"),
            category="city",
            regions=("330424", "110101"),
        ),
        draft("晚稻开镰", guid="rice", tags=("晚稻", "公交"), category="agriculture", regions=("330400",)),
    )
    newsroom.file(
        "desk",
        "awkward.md",
        draft(
            AWKWARD,
            slot="awkward.md",
            html='<p>正文 <b>粗</b></p><img src="https://desk.example/a.png" alt="图">',
            summary="摘要 <b>不是标签</b>",
            tags=("<b>", '"引号"', "100%"),
            enclosures=(Enclosure(url="https://desk.example/a.mp3", type="audio/mpeg", length=3),),
            rights="保留权利",
        ),
    )
    newsroom.file("desk", "bare.md", draft("只有标题", slot="bare.md"))
    newsroom.fail("county", "https://county.example/feed: answered 500 <oops>")
    newsroom.clock.advance(MINUTE)
    return visit(service)


def test_every_link_of_the_site_leads_to_something(paper: Visitor) -> None:
    seen: set[str] = set()
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        found = paper.get(path)
        assert found.status_code == 200, (path, found.text)
        if found.mimetype == "text/html":
            tree = paper.page(path)
            waiting += links(tree)
            for href in tree.xpath("//head/link/@href"):
                if href.startswith((BASE, "/")):
                    waiting.append(href.removeprefix(BASE))
    assert f"/tag/{quote('A／B（试点）')}" in seen
    assert {f"/feeds/category/agriculture.{suffix}" for suffix in SUFFIXES} <= seen
    assert len([path for path in seen if path.startswith("/articles/")]) == 3
    assert len(seen) > 80


def test_the_home_page_tells_what_there_is(paper: Visitor) -> None:
    page = paper.page("/")
    assert page.get("lang") == "zh-CN"
    assert page.findtext(".//h1") == "试刊"

    def counts(heading: str) -> dict[str, str]:
        section = page.xpath(f"//section[@aria-labelledby='{heading}']")[0]
        return {
            li.xpath("descendant::a[1]")[0].text: li.xpath("descendant::span[@class='count'][1]")[0].text
            for li in section.xpath(".//li")
        }

    assert counts("categories")["三农"] == "1"
    assert counts("categories")["军事"] == "0"
    assert counts("regions") == {"北京市": "1", "东城区": "1", "浙江省": "2", "嘉兴市": "2"}
    assert counts("tags")["公交"] == "2"
    assert counts("sources") == {"南湖日报": "2", "海盐县报": "0", "通稿": "0", "编辑部": "2"}
    latest = page.xpath("//section[@aria-labelledby='latest']//h3/a")
    places = {a.text: a.get("href") for a in latest}
    assert list(places) == ["只有标题", AWKWARD, "县城通了新公交", "晚稻开镰"]
    assert places["县城通了新公交"] == "https://paper.example/bus?a=1&b=2"
    assert places["只有标题"].startswith("/articles/")


def test_an_empty_site_has_a_home_page(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open('[site]\nbase_url = "https://news.example"\n'))
    assert visitor.page("/").findtext(".//h1") == "feedsvc"
    assert visitor.page("/sources").findtext(".//h1")
    assert visitor.page("/all").xpath("//article") == []


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/", "all"),
        ("/all", "all"),
        ("/sources", "all"),
        ("/category/agriculture", "category/agriculture"),
        (f"/tag/{quote('公交')}", f"tag/{quote('公交')}"),
        ("/tag/node.js", "tag/node.js"),
        ("/region/330400/limit/5/content/title", "region/330400/limit/5/content/title"),
    ],
)
def test_autodiscovery_names_exactly_the_feeds_of_the_page(paper: Visitor, path: str, address: str) -> None:
    found = paper.page(path).xpath("//head/link[@rel='alternate']")
    assert [link.get("type") for link in found] == TYPES
    assert [link.get("href") for link in found] == [f"{BASE}/feeds/{address}.{s}" for s in SUFFIXES]
    for link in found:
        feed = paper.get(link.get("href"))
        assert feed.status_code == 200
        assert feed.mimetype == link.get("type")


def test_the_twin_of_a_feed_shows_its_articles(paper: Visitor) -> None:
    page = paper.page(f"/tag/{quote('公交')}")
    assert page.findtext(".//h1") == "公交"
    shown = page.xpath("//article//h3/a/text()")
    assert shown == titles(paper.get(f"/feeds/tag/{quote('公交')}.rss"))
    bus = page.xpath("//article")[0]
    assert bus.findtext("p[@class='summary']") == "三路车开到了汽车站。"
    assert bus.find(".//time").text == "2026-11-22 12:00"  # in Beijing
    assert bus.find(".//time").get("datetime") == "2026-11-22T04:00:00+00:00"
    assert bus.xpath(".//ul//a/@href") == [
        "/source/paper",
        "/category/city",
        "/region/330424",
        "/region/110101",
        f"/tag/{quote('公交')}",
        f"/tag/{quote('A／B（试点）')}",
        "/tag/node.js",
    ]
    assert page.xpath("//code/text()") == [f"{BASE}/feeds/tag/{quote('公交')}.{s}" for s in SUFFIXES]


def test_the_twin_of_a_region_leads_up_and_down(paper: Visitor) -> None:
    page = paper.page("/region/330400")
    assert page.xpath("//nav[@aria-label='所在地区']//a/@href") == ["/region/330000"]
    assert page.xpath("//section[@aria-labelledby='below']//a/@href") == ["/region/330424"]


@pytest.mark.parametrize(
    ("raw", "target"),
    [
        (quote("三农"), "category/agriculture"),
        ("agriculture", "category/agriculture"),
        (quote("嘉兴"), "region/330400"),
        (f"{quote('浙江')}/{quote('嘉兴')}", "region/330400"),
        (f"region/{quote('浙江')}/{quote('嘉兴')}", "region/330400"),
        (f"category/{quote('三农')}", "category/agriculture"),
        ("region/330400/category/agriculture", "category/agriculture/region/330400"),
        ("all/", "all"),
    ],
)
def test_short_and_other_names_move_to_the_page(paper: Visitor, raw: str, target: str) -> None:
    found = paper.get(f"/{raw}?x=y", Host="evil.example")
    assert found.status_code == 301
    assert found.headers["Location"] == f"{BASE}/{target}"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/category/nothing", 404),
        ("/feeds", 404),
        ("/static/../../app.py", 404),
        ("/static/none.css", 404),
        ("/articles/none", 404),
        ("/articles/00000000-0000-5000-8000-000000000000", 404),
        ("/all/limit/999", 400),
        ("/tag/%00", 400),
        (f"/tag/{'x' * 3000}", 414),
    ],
)
def test_what_is_not_there_says_so_to_whoever_asks(paper: Visitor, path: str, status: int) -> None:
    line = paper.get(path, Accept="text/plain")
    assert (line.status_code, line.content_type) == (status, "text/plain; charset=utf-8")
    assert line.text.startswith(f"{status} ")
    person = paper.get(path, Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert person.status_code == status
    if not path.startswith("/static"):
        assert person.content_type == "text/html; charset=utf-8"
        assert "Accept" in person.headers["Vary"]
        assert "evil" not in person.headers.get("Location", "")
    assert person.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "location"),
    [("//evil.example/", None), ("//evil.example/all", None), ("//all", f"{BASE}/all")],
)
def test_slashes_lead_nowhere_else(paper: Visitor, path: str, location: str | None) -> None:
    found = paper.client.get("/", environ_overrides={"PATH_INFO": path, "RAW_URI": path})
    assert found.headers.get("Location") == location
    assert found.status_code == (404 if location is None else 301)


def test_an_article_without_a_page_elsewhere_has_one_here(paper: Visitor) -> None:
    (ident,) = [i["id"] for i in paper.json("/feeds/source/desk.json")["items"] if i["title"] == AWKWARD]
    path = f"/articles/{ident.removeprefix('urn:uuid:')}"
    page = paper.page(path)
    assert page.findtext(".//h1") == AWKWARD
    assert page.xpath("//div[@class='text']//img/@src") == ["https://desk.example/a.png"]
    assert page.xpath("//div[@class='text']//b/text()") == ["粗"]
    assert "https://desk.example/a.mp3" in page.xpath("//a/@href")
    assert page.xpath("//script") == []
    policy = paper.get(path).headers["Content-Security-Policy"]
    assert {"default-src 'none'", "style-src 'self'", "sandbox"} <= set(policy.split("; "))
    for other in (ident, path.removeprefix("/articles/").upper()):
        assert paper.get(f"/articles/{other}").headers["Location"] == f"{BASE}{path}"


def test_an_article_with_a_page_elsewhere_sends_there(paper: Visitor) -> None:
    item = next(i for i in paper.json("/feeds/all.json")["items"] if i["title"] == "县城通了新公交")
    page = paper.page(f"/articles/{item['id'].removeprefix('urn:uuid:')}")
    assert "https://paper.example/bus?a=1&b=2" in page.xpath("//main//a/@href")
    assert page.xpath("//div[@class='text']") == []


def test_a_withdrawn_article_is_gone(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open())
    newsroom.file("desk", "a.md", draft("发错了", slot="a.md"))
    ident = visitor.json("/api/v1/articles")["items"][0]["id"].removeprefix("urn:uuid:")
    assert visitor.get(f"/articles/{ident}").status_code == 200
    newsroom.remove("desk", "a.md")
    assert visitor.get(f"/articles/{ident}").status_code == 410


def test_the_health_of_sources(paper: Visitor) -> None:
    page = paper.page("/sources")
    sections = {s.xpath("string(h2)"): s for s in page.xpath("//section[@class='source']")}
    assert list(sections) == ["南湖日报", "海盐县报", "通稿", "编辑部"]
    states = {name: s.xpath("p[1]/@class")[0] for name, s in sections.items()}
    assert states == {
        "南湖日报": "state well",
        "海盐县报": "state failing",
        "通稿": "state waiting",
        "编辑部": "state well",
    }
    county = sections["海盐县报"]
    assert county.findtext("p[@class='cause']") == "https://county.example/feed: answered 500 <oops>"
    assert "连续 1 次" in county.xpath("string(p[1])")
    assert county.xpath(".//time/text()") == ["2026-11-22 12:01"]
    assert sections["南湖日报"].xpath(".//time/text()") == ["2026-11-22 12:00", "2026-11-22 12:30"]


@pytest.mark.parametrize("path", ["/", "/all", "/sources", f"/tag/{quote('公交')}", "/nothing"])
def test_pages_are_plain_html(paper: Visitor, path: str) -> None:
    found = paper.get(path)
    assert found.text.startswith("<!doctype html>\n")
    page = paper.page(path) if found.status_code == 200 else None
    if page is not None:
        assert page.xpath("//script|//style|//@style|//@onclick|//iframe") == []
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert len(page.xpath("//h1")) == 1
        assert page.xpath("//a[not(normalize-space(.))]") == []
        assert page.xpath("//main")


def test_a_page_is_polled_like_a_feed(paper: Visitor) -> None:
    first = paper.get("/")
    assert paper.get("/", If_None_Match=first.headers["ETag"]).status_code == 304
    assert paper.get("/", Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"


def test_links_keep_the_path_of_the_base_url(newsroom: Newsroom, clock: Clock) -> None:
    service = newsroom.open(SITE.replace(f'"{BASE}"', f'"{BASE}/news"'))
    newsroom.publish("paper", draft("开卷", tags=("书",)))
    visitor = visit(service)
    page = visitor.page("/")
    assert all(href.startswith(("/news/", "#", f"{BASE}/news/")) for href in page.xpath("//@href"))
    moved = visitor.get(f"/{quote('三农')}")
    assert moved.headers["Location"] == f"{BASE}/news/category/agriculture"
    # behind a server that passes the prefix on as WSGI has it
    found = visitor.client.get("/news/all", environ_overrides={"SCRIPT_NAME": "/news", "PATH_INFO": "/all"})
    assert found.status_code == 200
