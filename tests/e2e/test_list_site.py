"""A site without feeds, in GBK: its list and pages through the real service, and what goes wrong there."""

import json

import pytest

from tests import hostile
from tests.e2e.running import Home, Site, until
from tests.upstream import Exchange, Upstream

pytestmark = pytest.mark.slow

CONFIG = """
[refresh]
jitter = 0
deadline = "5s"
delay = "100ms"
allow_networks = ["127.0.0.0/8"]

[[sources]]
id = "county"
url = "{url}"
interval = "10s"
"""
TITLES = {
    9001: "临浦大桥主桥合龙 年底具备通车条件",
    9002: "青溪县春茶开采 首批鲜叶收购价上涨一成",
    9003: "海棠街道为独居老人安装智能水表",
    9004: "湖心岛发现多株百年香樟",
    9005: "城北路雨污分流工程今起封闭施工",
}
BODIES = {
    number: f"<p>本报讯　{title}。记者昨日从现场了解到，{'这项工作已经准备了半年，' * 4}各项进展顺利。</p>"
    "<p>负责人介绍说，接下来的两个月里还有三道工序要完成，届时将邀请市民代表到场参观。</p>"
    for number, title in TITLES.items()
}
CLOCKS = {number: f"2026-03-0{number - 9000} 1{number - 9000}:2{number - 9000}" for number in TITLES}


def article(number: int) -> bytes:
    """The page of an article."""
    page = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
        f"<title>{TITLES[number]}-青溪新闻网</title></head><body><div class=nav><a href=/>首页</a></div>"
        f"<h1>{TITLES[number]}</h1><div class=info>{CLOCKS[number]}　来源：青溪新闻网</div>"
        f"<div class=content>{BODIES[number]}</div><div class=foot>版权所有</div></body></html>"
    )
    return page.encode("gbk")


def listing(*numbers: int) -> bytes:
    """The list of these articles, as it names them."""
    rows = "".join(
        f'<li><a href="/xw/{CLOCKS[n][:7].replace("-", "")}/t{CLOCKS[n][:10].replace("-", "")}_{n}.html">'
        f"{TITLES[n]}</a><span>{CLOCKS[n][:10]}</span></li>"
        for n in numbers
    )
    page = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head><body>'
        f"<div class=nav><a href=/>首页</a></div><ul class=list>{rows}</ul></body></html>"
    )
    return page.encode("gbk")


def path_of(number: int) -> str:
    """Where an article stands."""
    return f"/xw/{CLOCKS[number][:7].replace('-', '')}/t{CLOCKS[number][:10].replace('-', '')}_{number}.html"


class Page:
    """Answers with a body and its tag, and 304 to who knows it."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.unchanged = 0

    def __call__(self, exchange: Exchange) -> None:
        tag = f'"{hash(self.body)}"'
        if exchange.seen.headers.get("if-none-match") == tag:
            self.unchanged += 1
            hostile.answer(304, {"ETag": tag})(exchange)
        else:
            hostile.ok(self.body, "text/html", ETag=tag)(exchange)


def test_a_site_without_feeds_is_read_politely(home: Home) -> None:
    with Upstream() as upstream:
        front = Page(listing(9001, 9002, 9003, 9004))
        url = upstream.route("/xw/", front)
        upstream.route(
            "/robots.txt",
            hostile.ok(b"\xef\xbb\xbfUser-agent: *\nDisallow: /xw/202603/t20260304", "text/plain"),
        )
        for number in (9001, 9002, 9004):
            upstream.route(path_of(number), Page(article(number)))
        upstream.route(path_of(9003), hostile.redirect(path_of(9003)))  # in a circle
        site = Site(home, CONFIG.format(url=url))

        told = home.run("check", "--source", "county", cwd=site.folder)
        assert told.code == 0, told
        assert "a list page: 4 links alike, dates beside each link" in told.out
        assert TITLES[9001] in told.out
        assert "2026-03-01 11:21" in told.out
        assert not list(site.folder.glob("*.db"))
        before = upstream.count("/xw/")

        site.start()
        until(lambda: len(site.articles()) == 2 or None, "the two that can be read are")
        items = {item["title"]: item for item in site.items("source/county")}
        assert set(items) == {TITLES[9001], TITLES[9002]}
        first = items[TITLES[9001]]
        assert first["url"] == upstream.url(path_of(9001))
        assert first["date_published"].startswith("2026-03-01T03:21")
        assert "各项进展顺利" in first["content_html"]
        assert "版权所有" not in first["content_html"]
        assert upstream.count(path_of(9004)) == 0
        status = until(
            lambda: row if (row := site.status()["county"])["cause"] else None, "the bad page is told"
        )
        assert status["failures"] == 0
        assert status["cause"] == f"{upstream.url(path_of(9003))}: redirects in a circle (and 1 more)"
        assert "a list page" in home.run("check", cwd=site.folder).out

        # Polls of a list that has not changed: one conditional request each, and nothing else.
        counted = {number: upstream.count(path_of(number)) for number in TITLES}
        polled = front.unchanged
        until(lambda: front.unchanged >= polled + 2 or None, "the list is asked for twice more")
        assert {number: upstream.count(path_of(number)) for number in TITLES} == counted
        assert upstream.count("/robots.txt") == 2  # once for check, once for the service
        assert upstream.count("/xw/") - before == front.unchanged + 1

        # A page that vanishes takes nothing back; a new one arrives.
        upstream.route(path_of(9001), hostile.status(404))
        upstream.route(path_of(9005), Page(article(9005)))
        front.body = listing(9005, 9002, 9003)
        until(lambda: len(site.articles()) == 3 or None, "the new one is read")
        assert {a["title"] for a in site.articles()} == {TITLES[9001], TITLES[9002], TITLES[9005]}
        assert all(not a["withdrawn"] for a in site.articles())
        assert json.loads(home.run("status", "--json", cwd=site.folder).out)["failures"] == 0
