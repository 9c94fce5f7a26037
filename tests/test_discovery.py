"""What an address without a kind turns out to be."""

import pytest

from feedsvc.errors import ReadError
from feedsvc.model import Kind
from feedsvc.sources.discovery import Discovery, discover
from tests.made import NOW

URL = "https://paper.example/news/"
ITEMS = "".join(
    f'<li><a href="/news/2026/0305/{n}.html">青溪县春茶开采的第{n}则消息</a><span>2026-03-05</span></li>'
    for n in range(1001, 1006)
)
LIST = f"<html><head>{{}}</head><body><ul>{ITEMS}</ul></body></html>"


def found(text: str, content_type: str | None = None) -> Discovery:
    return discover(text.encode(), url=URL, content_type=content_type, now=NOW)


def kinds(text: str) -> list[tuple[Kind, str]]:
    return [(finding.kind, finding.url) for finding in found(text).findings]


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><rss version="2.0"><channel/></rss>',
        '<feed xmlns="http://www.w3.org/2005/Atom"/>',
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
        '{"version": "https://jsonfeed.org/version/1.1", "items": []}',
    ],
)
def test_a_feed_is_a_feed(text: str) -> None:
    assert kinds(text) == [(Kind.FEED, URL)]


def test_a_page_that_names_feeds_is_those_and_then_a_list() -> None:
    links = (
        '<link rel="alternate" type="application/rss+xml" title="评论" href="/comments.xml">'
        '<link rel="alternate" hreflang="en" href="/en/">'
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">'
        '<link rel="stylesheet" type="text/xml" href="/style.xsl">'
        '<link rel="alternate" type="text/xml" href="old.xml">'
        '<link rel="ALTERNATE feed" type="application/atom+xml; charset=utf-8" title="要闻" href="/atom.xml">'
    )
    assert kinds(LIST.format(links)) == [
        (Kind.FEED, "https://paper.example/atom.xml"),
        (Kind.FEED, "https://paper.example/news/old.xml"),
        (Kind.PAGE, URL),
    ]
    assert "«要闻»" in found(LIST.format(links)).findings[0].rule


def test_a_sitemap_is_a_sitemap_in_xml_and_in_text() -> None:
    assert kinds("<urlset><url><loc>https://paper.example/a</loc></url></urlset>") == [(Kind.SITEMAP, URL)]
    assert kinds("<sitemapindex/>") == [(Kind.SITEMAP, URL)]
    assert kinds("https://paper.example/a\nhttps://paper.example/b\n") == [(Kind.SITEMAP, URL)]


def test_a_list_page_is_one_and_says_by_which_rule() -> None:
    (finding,) = found(LIST.format("")).findings
    assert (finding.kind, finding.url) == (Kind.PAGE, URL)
    assert finding.rule == "a list page: 5 links alike, dates beside each link: ul"


def test_a_page_that_sends_its_reader_on_says_where() -> None:
    told = found(
        '<html><head><meta http-equiv="refresh" content="0;url=node_2.htm"></head><body></body></html>'
    )
    assert (told.findings, told.moved) == ((), "https://paper.example/news/node_2.htm")


@pytest.mark.parametrize("text", ["", "你好", "<html><body><p>你好</p></body></html>", '{"a": 1}', "<svg/>"])
def test_what_is_nothing_is_told(text: str) -> None:
    with pytest.raises(ReadError):
        found(text)
