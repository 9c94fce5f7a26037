"""Articles that stand on pages of their own: what is fetched, when, how politely, and what comes of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from feedsvc.errors import ForbiddenError, LeaseLostError, StatusError
from feedsvc.fetch import Request, Response
from feedsvc.model import Article, Kind, Selectors, Source
from feedsvc.refresh import Failed, Outcome, Refreshed, Refresher
from feedsvc.store import Store
from tests.fakes import FakeTransport, InProcess, visits
from tests.made import DAY, MINUTE, NOW, source

HOME = "http://paper.example/"
LIST = f"{HOME}news/"
TEXT = (
    "<p>青溪县的采茶人今天清晨上了山，第一批鲜叶在中午之前送到了茶厂，收购价比去年高出一成。</p>"
    "<p>茶厂负责人说，今年雨水均匀，芽叶肥壮，头采的数量与往年相当，加工线已经全部开动。</p>"
    "<p>县里还为茶农准备了三场技术培训，第一场在下周举行，地点设在镇上的文化站。</p>"
)


def page_of(title: str, when: str = "2026-11-22 09:30", text: str = TEXT) -> str:
    return (
        f'<html><head><meta charset="utf-8"><title>{title}_海风日报</title></head><body><h1>{title}</h1>'
        f'<div class="info">{when} 来源：海风日报</div><div class="content">{text}</div></body></html>'
    )


def list_of(*items: tuple[str, str, str], next_page: str = "") -> str:
    rows = "".join(f'<li><a href="{h}">{t}</a><span>{d}</span></li>' for h, t, d in items)
    after = f'<a href="{next_page}">下一页</a>' if next_page else ""
    return f'<html><head><meta charset="utf-8"></head><body><ul class="list">{rows}</ul>{after}</body></html>'


def item(number: int, day: str = "2026-11-22") -> tuple[str, str, str]:
    return f"/news/2026/1122/{1000 + number}.html", f"第{number}则青溪县春茶开采的消息", day


def url_of(number: int) -> str:
    return f"http://paper.example/news/2026/1122/{1000 + number}.html"


@dataclass(slots=True)
class Desk:
    """A refresher over a real store, with a clock and waits that take no time, and no network."""

    store: Store
    source: Source
    transport: FakeTransport = field(default_factory=FakeTransport)
    now: datetime = NOW
    pauses: list[float] = field(default_factory=list)
    refresher: Refresher = field(init=False)

    def __post_init__(self) -> None:
        self.use(self.source)
        children = InProcess()
        self.refresher = Refresher(
            store=self.store,
            visits=visits(self.transport, self.pauses, children),
            children=children,
            clock=lambda: self.now,
            owner="me",
            jitter=0.0,
            max_body=1 << 20,
        )

    def use(self, which: Source, reading: str = "1") -> None:
        self.source = which
        self.store.sync([which], {which.id: reading}, self.now)

    def refresh(self) -> Outcome:
        assert self.store.lease([self.source.id], "me", self.now, due_only=False) == [self.source.id]
        return self.refresher.refresh(self.source)

    def serve(self, url: str, text: str, *, etag: str | None = None, encoding: str = "utf-8") -> None:
        """Answers `url` with a page; with 304 where its tag is known already."""

        def reply(request: Request) -> Response:
            same = etag is not None and request.etag == etag
            body = b"" if same else text.encode(encoding)
            status = 304 if same else 200
            return Response(url=url, status=status, body=body, content_type="text/html", etag=etag)

        self.transport.replies[url] = reply

    def asked(self) -> list[str]:
        """What was fetched since the last call, in order."""
        found = [request.url for request in self.transport.requests]
        self.transport.requests.clear()
        return found

    def articles(self) -> list[Article]:
        return sorted((a for a, _ in self.store.changes(0)), key=lambda a: a.link or "")

    def cause(self) -> str | None:
        return self.store.states()[self.source.id].cause

    def body(self, article: Article) -> str:
        return self.store.bodies([article.id])[article.id].html


@pytest.fixture
def desk(tmp_path: Path, reader: None) -> Iterator[Desk]:
    store = Store.open(f"sqlite:///{tmp_path}/feedsvc.db", NOW)
    yield Desk(store=store, source=source(kind=Kind.PAGE, url=LIST))
    store.close()


def test_a_list_brings_the_articles_of_its_pages(desk: Desk) -> None:
    desk.serve(LIST, list_of(item(1), item(2), item(3)), etag='"l1"')
    for number in (1, 2, 3):
        desk.serve(url_of(number), page_of(f"第{number}则青溪县春茶开采的消息"))
    outcome = desk.refresh()
    assert isinstance(outcome, Refreshed)
    assert outcome.saved.new == 3
    first = desk.articles()[0]
    assert (first.title, first.link) == ("第1则青溪县春茶开采的消息", url_of(1))
    assert first.published.isoformat() == "2026-11-22T01:30:00+00:00"
    assert "第一批鲜叶" in desk.body(first)
    assert desk.cause() is None


def test_between_two_requests_to_a_host_lies_the_delay(desk: Desk) -> None:
    desk.use(source(kind=Kind.PAGE, url=LIST, delay=timedelta(seconds=2)))
    desk.serve(LIST, list_of(item(1), item(2)))
    for number in (1, 2):
        desk.serve(url_of(number), page_of(f"第{number}则"))
    desk.refresh()
    assert desk.asked() == [f"{HOME}robots.txt", LIST, url_of(1), url_of(2)]
    assert desk.pauses == [2.0, 2.0, 2.0]


def test_a_list_that_has_not_changed_costs_one_conditional_request(desk: Desk) -> None:
    desk.serve(LIST, list_of(item(1), item(2)), etag='"l1"')
    for number in (1, 2):
        desk.serve(url_of(number), page_of(f"第{number}则青溪县春茶开采的消息"))
    desk.refresh()
    desk.asked()
    desk.now += 15 * MINUTE
    assert isinstance(desk.refresh(), Refreshed)
    assert [(r.url, r.etag) for r in desk.transport.requests] == [(LIST, '"l1"')]


def test_only_pages_that_are_new_are_fetched(desk: Desk) -> None:
    desk.serve(LIST, list_of(item(1), item(2)))
    for number in (1, 2, 3):
        desk.serve(url_of(number), page_of(f"第{number}则青溪县春茶开采的消息"))
    desk.refresh()
    desk.asked()
    desk.serve(LIST, list_of(item(3), item(1), item(2)))
    desk.now += 15 * MINUTE
    outcome = desk.refresh()
    assert isinstance(outcome, Refreshed)
    assert outcome.saved.new == 1
    assert desk.asked() == [LIST, url_of(3)]


def test_a_recent_page_is_looked_at_again_by_a_conditional_request_and_an_edit_arrives(desk: Desk) -> None:
    desk.serve(LIST, list_of(item(1), item(2)), etag='"l"')
    desk.serve(url_of(1), page_of("春茶开采"), etag='"a"')
    desk.serve(url_of(2), page_of("茶市开张"), etag='"b"')
    desk.refresh()
    desk.asked()
    desk.serve(url_of(2), page_of("茶市开张（更正）"), etag='"c"')
    desk.now += timedelta(hours=1)
    outcome = desk.refresh()
    assert isinstance(outcome, Refreshed)
    assert (outcome.saved.new, outcome.saved.edited) == (0, 1)
    assert {(r.url, r.etag) for r in desk.transport.requests} == {
        (LIST, '"l"'), (url_of(1), '"a"'), (url_of(2), '"b"'),
    }  # fmt: skip
    assert [a.title for a in desk.articles()] == ["春茶开采", "茶市开张（更正）"]
    desk.now += 3 * DAY
    desk.asked()
    desk.refresh()
    desk.asked()
    desk.now += 3 * DAY
    desk.refresh()
    assert desk.asked() == [LIST]


def test_a_page_that_vanishes_does_not_withdraw_its_article(desk: Desk) -> None:
    desk.serve(LIST, list_of(item(1), item(2)))
    for number in (1, 2):
        desk.serve(url_of(number), page_of(f"第{number}则青溪县春茶开采的消息"))
    desk.refresh()
    del desk.transport.replies[url_of(1)]
    desk.now += timedelta(hours=2)
    assert isinstance(desk.refresh(), Refreshed)
    assert [a.withdrawn for a in desk.articles()] == [None, None]
    assert desk.cause() is None
    desk.asked()
    desk.now += timedelta(hours=4)
    desk.refresh()
    assert url_of(1) not in desk.asked()


def test_one_bad_page_is_told_and_the_others_arrive(desk: Desk) -> None:
    desk.serve(LIST, list_of(item(1), item(2), item(3)))
    desk.serve(url_of(1), page_of("春茶开采"))
    desk.transport.replies[url_of(2)] = StatusError(url_of(2), 500)
    desk.serve(url_of(3), page_of("茶市开张"))
    assert isinstance(desk.refresh(), Refreshed)
    assert len(desk.articles()) == 2
    assert desk.cause() == f"{url_of(2)}: answered 500"
    desk.serve(url_of(2), page_of("茶艺比赛"))
    desk.now += 16 * MINUTE
    desk.refresh()
    assert len(desk.articles()) == 3
    assert desk.cause() is None


def test_a_server_that_is_busy_is_left_alone_as_long_as_it_asks(desk: Desk) -> None:
    desk.serve(LIST, list_of(item(1), item(2), item(3)))
    desk.serve(url_of(1), page_of("春茶开采"))
    busy = StatusError(url_of(2), 429, retry_after=timedelta(hours=2))
    desk.transport.replies[url_of(2)] = busy
    assert isinstance(desk.refresh(), Refreshed)
    assert url_of(3) not in desk.asked()
    state = desk.store.states()["paper"]
    assert state.due == NOW + timedelta(hours=2)
    assert "answered 429" in (state.cause or "")
    assert len(desk.articles()) == 1


def test_a_page_that_is_no_article_is_remembered_as_such(desk: Desk) -> None:
    desk.use(source(kind=Kind.SITEMAP, url=f"{HOME}sitemap.xml"))
    desk.serve(
        f"{HOME}sitemap.xml",
        f"<urlset><url><loc>{url_of(1)}</loc></url><url><loc>{HOME}about.html</loc></url></urlset>",
    )
    desk.serve(url_of(1), page_of("春茶开采"))
    desk.serve(f"{HOME}about.html", "<html><body><a href='/'>首页</a></body></html>")
    desk.refresh()
    assert [a.title for a in desk.articles()] == ["春茶开采"]
    desk.asked()
    desk.now += 15 * MINUTE
    desk.refresh()
    assert desk.asked() == [f"{HOME}sitemap.xml"]


def test_robots_txt_is_obeyed_and_can_be_set_aside(desk: Desk) -> None:
    desk.serve(
        f"{HOME}robots.txt", "\ufeffUser-agent: feedsvc\nDisallow: /news/2026/1122/1002\nCrawl-delay: 7"
    )
    desk.serve(LIST, list_of(item(1), item(2)))
    for number in (1, 2):
        desk.serve(url_of(number), page_of(f"第{number}则青溪县春茶开采的消息"))
    desk.refresh()
    assert url_of(2) not in desk.asked()
    assert "robots.txt" in (desk.cause() or "")
    assert desk.pauses == [7.0, 7.0]
    desk.use(source(kind=Kind.PAGE, url=LIST, robots=False), "2")
    desk.now += 15 * MINUTE
    desk.refresh()
    assert url_of(2) in desk.asked()
    assert len(desk.articles()) == 2


@pytest.mark.parametrize(
    ("status", "allowed"), [(404, True), (403, True), (500, False), (429, False), (503, False)]
)
def test_what_a_robots_txt_that_cannot_be_had_means(desk: Desk, status: int, allowed: bool) -> None:
    desk.transport.replies[f"{HOME}robots.txt"] = StatusError(f"{HOME}robots.txt", status)
    desk.serve(LIST, list_of(item(1), item(2)))
    for number in (1, 2):
        desk.serve(url_of(number), page_of(f"第{number}则青溪县春茶开采的消息"))
    outcome = desk.refresh()
    assert isinstance(outcome, Refreshed) is allowed
    if isinstance(outcome, Failed):
        assert isinstance(outcome.error, ForbiddenError)


def test_a_forbidden_list_is_a_failed_source(desk: Desk) -> None:
    desk.serve(f"{HOME}robots.txt", "User-agent: *\nDisallow: /news/")
    outcome = desk.refresh()
    assert isinstance(outcome, Failed)
    assert "robots" in str(outcome.error)
    assert desk.asked() == [f"{HOME}robots.txt"]


def test_a_list_is_followed_until_what_is_known(desk: Desk) -> None:
    second = f"{LIST}index_2.html"
    desk.serve(LIST, list_of(item(4), item(3), next_page="index_2.html"))
    desk.serve(second, list_of(item(2), item(1), next_page="index_3.html"))
    for number in range(1, 7):
        desk.serve(url_of(number), page_of(f"第{number}则青溪县春茶开采的消息"))
    desk.refresh()
    assert len(desk.articles()) == 4
    assert f"{LIST}index_3.html" in desk.asked()
    desk.serve(LIST, list_of(item(6), item(5), next_page="index_2.html"))
    desk.serve(second, list_of(item(4), item(3), next_page="index_3.html"))
    desk.now += 15 * MINUTE
    desk.refresh()
    assert desk.asked() == [LIST, second, url_of(6), url_of(5)]


def test_max_items_bounds_the_first_pass_for_good(desk: Desk) -> None:
    desk.use(source(kind=Kind.PAGE, url=LIST, max_items=2))
    desk.serve(LIST, list_of(*(item(n) for n in range(6, 0, -1))))
    for number in range(1, 8):
        desk.serve(url_of(number), page_of(f"第{number}则青溪县春茶开采的消息"))
    for _ in range(3):
        desk.refresh()
        desk.now += 15 * MINUTE
    assert [a.link for a in desk.articles()] == [url_of(5), url_of(6)]


def test_the_list_says_what_the_page_does_not(desk: Desk) -> None:
    bare = f"<html><body><div class='content'>{TEXT}</div></body></html>"
    desk.serve(LIST, list_of(item(1, "2026-11-20"), item(2, "2026-11-19")))
    desk.serve(url_of(1), bare)
    desk.serve(url_of(2), bare.replace("第一批", "第二批").replace("三场", "五场"))
    desk.refresh()
    first = desk.articles()[0]
    assert first.title == "第1则青溪县春茶开采的消息"
    assert first.published.isoformat() == "2026-11-19T16:00:00+00:00"


def test_selectors_say_what_the_rules_cannot(desk: Desk) -> None:
    selectors = Selectors(list="#odd p", title=".t", date=".d", body=".b")
    desk.use(source(kind=Kind.PAGE, url=LIST, selectors=selectors))
    desk.serve(
        LIST,
        f'<div id="odd"><p><a href="/x/一">某则消息</a></p></div><ul><li><a href="{url_of(9)}">别的</a></ul>',
    )
    target = "http://paper.example/x/%E4%B8%80"
    desk.serve(
        target,
        '<h1>错的标题</h1><b class="t">对的标题</b><i class="d">2026年11月3日 8:05</i>'
        f'<div class="b">{TEXT}</div>',
    )
    desk.refresh()
    (only,) = desk.articles()
    assert (only.title, only.published.isoformat()) == ("对的标题", "2026-11-03T00:05:00+00:00")
    assert "采茶人" in desk.body(only)


def test_a_page_without_a_list_is_a_failed_source(desk: Desk) -> None:
    desk.serve(LIST, page_of("只有一篇文章"))
    outcome = desk.refresh()
    assert isinstance(outcome, Failed)
    assert "no list of articles" in str(outcome.error)


def test_a_front_page_that_sends_its_reader_on_is_asked_anew_each_time(desk: Desk) -> None:
    desk.use(source(kind=Kind.PAGE, url=HOME))
    today = f"{HOME}html/2026-11/22/node_2.htm"
    sign = f'<html><head><meta http-equiv="refresh" content="0; URL={today}"></head><body></body></html>'
    desk.serve(HOME, sign, etag='"sign"')
    desk.serve(today, list_of(item(1), item(2)))
    for number in (1, 2, 3):
        desk.serve(url_of(number), page_of(f"第{number}则青溪县春茶开采的消息"))
    assert isinstance(desk.refresh(), Refreshed)
    assert len(desk.articles()) == 2
    desk.serve(today, list_of(item(3), item(2)))
    desk.now += 15 * MINUTE
    desk.refresh()
    assert len(desk.articles()) == 3


def test_a_sitemap_index_is_read_part_by_part_and_only_what_changed(desk: Desk) -> None:
    index = f"{HOME}sitemap.xml"
    desk.use(source(kind=Kind.SITEMAP, url=index))
    parts = [f"{HOME}map{n}.xml" for n in (1, 2)]

    def write(*days: str) -> None:
        rows = "".join(
            f"<sitemap><loc>{p}</loc><lastmod>{d}</lastmod></sitemap>"
            for p, d in zip(parts, days, strict=True)
        )
        desk.serve(
            index, f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'
        )

    write("2026-11-22T03:00:00Z", "2026-11-01")
    desk.serve(parts[0], f"<urlset><url><loc>{url_of(1)}</loc></url></urlset>")
    desk.serve(parts[1], f"<urlset><url><loc>{url_of(2)}</loc></url></urlset>")
    for number in (1, 2, 3):
        desk.serve(url_of(number), page_of(f"第{number}则青溪县春茶开采的消息"))
    desk.refresh()
    assert len(desk.articles()) == 2
    desk.asked()
    desk.now += 15 * MINUTE
    write("2026-11-22T04:05:00Z", "2026-11-01")
    desk.serve(
        parts[0], f"<urlset><url><loc>{url_of(3)}</loc></url><url><loc>{url_of(1)}</loc></url></urlset>"
    )
    desk.refresh()
    assert desk.asked() == [index, parts[0], url_of(3)]


def test_what_was_read_before_a_lost_lease_stays(desk: Desk) -> None:
    desk.serve(LIST, list_of(*(item(n) for n in range(1, 16))))
    for number in range(1, 16):
        desk.serve(url_of(number), page_of(f"第{number}则青溪县春茶开采的消息"))

    def stolen(request: Request) -> Response:
        desk.store.release(["me"])
        return Response(url=request.url, body=page_of("被打断的一则").encode(), content_type="text/html")

    desk.transport.replies[url_of(13)] = stolen
    outcome = desk.refresh()
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, LeaseLostError)
    assert len(desk.articles()) == 10
    desk.serve(url_of(13), page_of("第13则青溪县春茶开采的消息"))
    desk.asked()
    desk.refresh()
    assert len(desk.articles()) == 15
    assert url_of(1) not in desk.asked()


# -- feeds of summaries


FEED = "https://paper.example/feed"
RSS = (
    '<rss version="2.0"><channel><title>海风日报</title><link>http://paper.example/</link>'
    "<description>d</description>{}</channel></rss>"
)


def entry(number: int, text: str = "头采鲜叶上市……") -> str:
    return (
        f"<item><title>第{number}则</title><link>{url_of(number)}</link>"
        f"<guid isPermaLink='false'>g{number}</guid>"
        f"<pubDate>Sun, 22 Nov 2026 0{number}:00:00 +0800</pubDate><description>{text}</description></item>"
    )


def test_the_text_of_entries_that_are_summaries_comes_from_their_pages(desk: Desk) -> None:
    desk.use(source(url=FEED, full_text=True))
    whole = "全文已经在这里了，" * 60 + "完。"
    desk.serve(FEED, RSS.format(entry(1) + entry(2, whole) + entry(3)), etag='"f"')
    desk.serve(url_of(1), page_of("页面上的标题"))
    outcome = desk.refresh()
    assert isinstance(outcome, Refreshed)
    assert outcome.saved.new == 3
    one, two, three = desk.articles()
    assert (one.title, one.published.hour) == ("第1则", 17)
    assert "技术培训" in desk.body(one)
    assert "全文已经在这里了" in desk.body(two)
    assert "头采鲜叶上市" in desk.body(three)
    assert desk.asked() == [FEED, f"{HOME}robots.txt", url_of(1), url_of(3)]
    assert url_of(3) in (desk.cause() or "")
    # The feed is read anew: what came from pages stays, nothing is fetched again but what failed.
    desk.serve(FEED, RSS.format(entry(1) + entry(2, whole) + entry(3) + entry(4)))
    desk.serve(url_of(3), page_of("第三"))
    desk.serve(url_of(4), page_of("第四"))
    desk.now += 16 * MINUTE
    outcome = desk.refresh()
    assert isinstance(outcome, Refreshed)
    assert (outcome.saved.new, outcome.saved.edited) == (1, 1)
    assert desk.asked() == [FEED, url_of(4), url_of(3)]
    assert all("技术培训" in desk.body(a) for a in desk.articles() if a.title != "第2则")


# -- addresses without a kind


def test_an_address_without_a_kind_finds_out_and_remembers(desk: Desk) -> None:
    desk.use(source(kind=Kind.AUTO, url=HOME))
    named = '<html><head><link rel="alternate" type="application/rss+xml" href="/rss.xml"></head></html>'
    desk.serve(HOME, named)
    desk.serve(f"{HOME}rss.xml", RSS.format(entry(1)), etag='"r"')
    assert isinstance(desk.refresh(), Refreshed)
    assert desk.asked() == [HOME, f"{HOME}rss.xml"]
    finding = desk.store.states()["paper"].finding
    assert finding is not None
    assert (finding.kind, finding.url) == (Kind.FEED, f"{HOME}rss.xml")
    desk.now += 15 * MINUTE
    assert isinstance(desk.refresh(), Refreshed)
    assert [(r.url, r.etag) for r in desk.transport.requests] == [(f"{HOME}rss.xml", '"r"')]


def test_what_stops_to_work_is_looked_for_anew(desk: Desk) -> None:
    desk.use(source(kind=Kind.AUTO, url=LIST))
    desk.serve(LIST, RSS.format(entry(1)))
    desk.refresh()
    desk.serve(LIST, list_of(item(1), item(2)))
    for number in (1, 2):
        desk.serve(url_of(number), page_of(f"第{number}则青溪县春茶开采的消息"))
    for _ in range(2):
        desk.now += DAY
        outcome = desk.refresh()
        assert isinstance(outcome, Failed)
        assert "not a feed" in str(outcome.error)
    desk.now += DAY
    assert isinstance(desk.refresh(), Refreshed)
    finding = desk.store.states()["paper"].finding
    assert finding is not None
    assert finding.kind is Kind.PAGE
    assert len(desk.articles()) == 2


def test_a_named_feed_that_is_not_there_leaves_the_list(desk: Desk) -> None:
    desk.use(source(kind=Kind.AUTO, url=LIST))
    named = '<link rel="alternate" type="application/atom+xml" href="/gone.xml">'
    desk.serve(LIST, list_of(item(1), item(2)).replace("</head>", f"{named}</head>"))
    for number in (1, 2):
        desk.serve(url_of(number), page_of(f"第{number}则青溪县春茶开采的消息"))
    assert isinstance(desk.refresh(), Refreshed)
    assert len(desk.articles()) == 2


def test_the_headers_of_a_source_never_reach_another_site(desk: Desk) -> None:
    headers = {"Authorization": "Bearer secret", "User-Agent": "reader/1"}
    desk.use(source(kind=Kind.AUTO, url=HOME, headers=headers))
    other = "https://feeds.other.example/rss"
    desk.serve(
        HOME, f'<html><head><link rel="alternate" type="application/rss+xml" href="{other}"></head></html>'
    )
    desk.serve(other, RSS.format(entry(1)))
    desk.refresh()
    desk.now += 15 * MINUTE
    desk.refresh()
    told = {request.url: dict(request.headers) for request in desk.transport.requests}
    assert told == {HOME: headers, other: {"User-Agent": "reader/1"}}
    assert desk.transport.count(other) == 2
