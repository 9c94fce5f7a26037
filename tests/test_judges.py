"""Every address of the subscription list, before judges; and judges, before documents with faults."""

import json
from collections.abc import Iterator
from pathlib import Path

import listparser
import pytest
from lxml import etree

from tests import awkward
from tests.awkward import Awkward
from tests.conftest import Newsroom
from tests.judging import ATOM, SCHEMAS, TYPES, feed_faults, opml_faults
from tests.web import BASE, BUS, RICE, SUFFIXES, Visitor, visit

GOLDEN = Path(__file__).parent / "data" / "golden"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Awkward]:
    with awkward.opened(tmp_path_factory.mktemp("judged")) as made:
        yield made


def listed(visitor: Visitor) -> list[str]:
    """The addresses of /opml.xml as a reader's parser finds them, as paths without a suffix."""
    found = listparser.parse(visitor.get("/opml.xml").data)
    return [feed.url.removeprefix(BASE).removesuffix(".atom") for feed in found.feeds]


def judged(visitor: Visitor, path: str) -> list[str]:
    """What is said against the feed at `path`."""
    found = visitor.get(path)
    assert found.status_code == 200, path
    return feed_faults(found.data, path.rpartition(".")[2], found.content_type or "", f"{BASE}{path}")


def test_no_judge_has_a_word_about_the_list_or_any_feed_in_it(site: Awkward) -> None:
    found = site.visitor.get("/opml.xml")
    assert opml_faults(found.data, found.content_type or "") == []
    addresses = listed(site.visitor)
    assert len(addresses) > 20
    kinds = {address.split("/")[2] for address in addresses}
    assert kinds == {"all", "category", "region", "source", "tag"}
    faults = {
        path: said
        for address in addresses
        for suffix in SUFFIXES
        if (said := judged(site.visitor, path := f"{address}.{suffix}"))
    }
    assert faults == {}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_judge_has_a_word_about_feeds_that_no_list_names(site: Awkward, suffix: str) -> None:
    faults = {each.path: said for each in site.of(suffix) if (said := judged(site.visitor, each.path))}
    assert faults == {}


def test_a_site_without_articles_is_as_right(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open())
    found = visitor.get("/opml.xml")
    assert opml_faults(found.data, found.content_type or "") == []
    for address in (*listed(visitor), "/feeds/tag/a"):
        for suffix in SUFFIXES:
            assert judged(visitor, f"{address}.{suffix}") == []


@pytest.mark.parametrize(
    ("suffix", "old", "new"),
    [
        ("atom", "<?xml version='1.0'", " <?xml version='1.0'"),
        ("atom", "<title>晚稻开镰</title>", ""),
        ("atom", "<title>晚稻开镰</title>", "<title>晚稻&nbsp;开镰</title>"),
        ("atom", "<title>晚稻开镰</title>", "<title>晚稻\x85开镰</title>"),
        ("atom", "<title>晚稻开镰</title>", "<title type='markdown'>晚稻开镰</title>"),
        ("atom", "<title>晚稻开镰</title>", "<title>晚稻开镰</title><title>又一个</title>"),
        ("atom", "<title>晚稻开镰</title>", "<title>晚稻开镰</title><heading>又一个</heading>"),
        ("atom", 'rel="self"', 'rel="via"'),
        ("atom", "<published>2026-11-22T04:00:00+00:00", "<published>2026-11-22T04:00:00"),
        ("atom", "<published>2026-11-22T04:00:00+00:00", "<published>2026-11-22"),
        ("atom", "<published>2026-11-22T04:00:00+00:00", "<published>2026-11-31T04:00:00Z"),
        ("atom", 'term="晚稻" ', ""),
        ("atom", 'href="https://paper.example/rice"', 'href="/rice"'),
        ("atom", 'href="https://paper.example/rice"', 'href="https://paper.example/晚稻"'),
        ("atom", "&lt;p&gt;秋收", "&lt;script&gt;&lt;/script&gt;&lt;p&gt;秋收"),
        ("atom", "&lt;p&gt;秋收", "&lt;p onclick='x'&gt;秋收"),
        ("atom", "&lt;p&gt;秋收", "&lt;img src='a.jpg'&gt;秋收"),
        ("atom", "<entry>", "<entry><link href='https://paper.example/2' rel='alternate'/>"),
        ("atom", "<author><name>试刊</name></author>", "<author><uri>https://a.example/</uri></author>"),
        ("rss", "<link>https://news.example/all</link>", ""),
        ("rss", "<link>https://news.example/all</link>", "<link>/all</link>"),
        ("rss", "<description>测试用的站点</description>", ""),
        ("rss", "<title>晚稻开镰</title>", "<title>晚稻开镰</title><title>又一个</title>"),
        ("rss", "<title>晚稻开镰</title>", "<title>晚稻开镰</title><author>王某</author>"),
        ("rss", "Sun, 22 Nov 2026 04:00:00 +0000</pubDate>", "2026-11-22</pubDate>"),
        ("rss", "Sun, 22 Nov 2026 04:00:00 +0000</pubDate>", "周日, 22 Nov 2026 04:00:00 +0000</pubDate>"),
        ("rss", 'isPermaLink="false"', 'isPermaLink="true"'),
        ("rss", "<language>zh-CN", "<language>zh_CN"),
        ("rss", "<pubDate>", '<enclosure url="https://a.example/b" length="None" type="a/b"/><pubDate>'),
        ("rss", "</channel>", "<ttl>60</ttl></channel>"),
        ("json", '"title":"晚稻开镰"', '"title":5'),
        ("json", '"title":"晚稻开镰"', '"title":""'),
        ("json", '"title":"晚稻开镰"', '"headline":"晚稻开镰"'),
        ("json", '"title":"晚稻开镰"', '"title":"晚\\u0000稻"'),
        ("json", '"url":"https://paper.example/rice"', '"url":"rice"'),
        ("json", '"date_published":"2026-11-22T04:00:00+00:00"', '"date_published":"2026-11-22"'),
        ("json", "https://jsonfeed.org/version/1.1", "1.1"),
        ("json", '"content_html"', '"content"'),
        ("json", '"feed_url":"https://news.example/feeds/all.json"', '"feed_url":"https://b.example/"'),
    ],
)
def test_judges_see_what_is_wrong(newsroom: Newsroom, suffix: str, old: str, new: str) -> None:
    """A judge who passes anything is none: each change to a right feed is told."""
    visitor = visit(newsroom.open())
    newsroom.publish("paper", BUS, RICE)
    url = f"{BASE}/feeds/all.{suffix}"
    body = visitor.get(url).data.decode()
    assert feed_faults(body.encode(), suffix, TYPES[suffix], url) == []
    assert old in body
    assert feed_faults(body.replace(old, new, 1).encode(), suffix, TYPES[suffix], url) != []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version="2.0"', 'version="1.0"'),
        ("https://news.example.cn/feeds/region", "/feeds/region"),
        ('text="三农', 'name="三农'),
        ("<opml", "\ufeff<opml"),
        ("</opml>", "</body>"),
    ],
)
def test_judges_see_what_is_wrong_with_a_list(old: str, new: str) -> None:
    body = (GOLDEN / "feeds.opml").read_text("utf-8")
    assert opml_faults(body.encode(), TYPES["opml"]) == []
    assert old in body
    assert opml_faults(body.replace(old, new, 1).encode(), TYPES["opml"]) != []


def test_schemas_take_what_the_specifications_allow_though_we_never_write_it() -> None:
    """They are written from the specifications, not from our feeds."""
    atom = etree.RelaxNG(etree.parse(SCHEMAS / "atom.rng"))
    feed = etree.fromstring(
        f"""<feed xmlns="{ATOM[1:-1]}" xmlns:x="https://x.example/" x:y="z"><title type="xhtml"><div
        xmlns="http://www.w3.org/1999/xhtml">一<b>二</b></div></title><id>urn:a:b</id><x:y><x:z/></x:y>
        <contributor><name>甲</name><uri>https://a.example/</uri><email>a@a.example</email></contributor>
        <updated>2026-11-22T04:00:00.5+08:00</updated><entry><updated>2026-11-22T04:00:00Z</updated>
        <content type="image/png" src="https://a.example/a.png"/><id>urn:a:c</id><title/></entry></feed>"""
    )
    assert atom.validate(feed), atom.error_log
    rss = etree.RelaxNG(etree.parse(SCHEMAS / "rss.rng"))
    channel = etree.fromstring(
        """<rss version="2.0"><channel><title>一</title><link>https://a.example/</link><description/>
        <image><url>https://a.example/a.png</url><title>一</title><link>https://a.example/</link></image>
        <item><description>二</description><author>a@a.example (甲)</author>
        <guid>https://a.example/2</guid><comments>https://a.example/3</comments>
        <pubDate>Sun, 22 Nov 2026 04:00 GMT</pubDate></item></channel></rss>"""
    )
    assert rss.validate(channel), rss.error_log
    assert json.loads((SCHEMAS / "jsonfeed.json").read_text("utf-8"))["required"] == [
        "version",
        "title",
        "items",
    ]
