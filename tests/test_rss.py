"""RSS 2.0 as a reader's parser finds it."""

from calendar import timegm
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.feeds.rss import write_rss
from feedsvc.model import Address, Body, Enclosure, Feed
from tests.feed_samples import GOLDEN, NOON, SAMPLES, SITE, article, built, empty, rich, title_only

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
MEDIA = "{http://search.yahoo.com/mrss/}"


def channel_of(feed: Feed) -> etree._Element:
    root = etree.fromstring(write_rss(feed))
    assert (root.tag, dict(root.items()), len(root)) == ("rss", {"version": "2.0"}, 1)
    return root[0]


def tags_of(element: etree._Element) -> list[str]:
    return [str(child.tag) for child in element]


def texts(element: etree._Element, tag: str) -> Sequence[str | None]:
    return [child.text for child in element.findall(tag)]


@pytest.mark.parametrize("name", SAMPLES)
def test_bytes_are_the_golden_ones(name: str) -> None:
    assert write_rss(SAMPLES[name]) == (GOLDEN / f"{name}.rss").read_bytes()


@pytest.mark.parametrize("name", SAMPLES)
def test_the_document_starts_with_its_declaration_and_has_no_dtd(name: str) -> None:
    document = write_rss(SAMPLES[name])
    assert document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<rss ")
    assert b"<!" not in document


def test_the_channel_says_each_thing_once_and_before_the_items() -> None:
    channel = channel_of(rich())
    assert tags_of(channel) == [
        "title",
        "link",
        "description",
        f"{ATOM}link",
        "docs",
        "generator",
        "image",
        "language",
        "ttl",
        "lastBuildDate",
        f"{ATOM}link",
        "item",
        "item",
        "item",
    ]
    assert texts(channel, "title") == ["水乡新闻"]
    assert texts(channel, "link") == ["https://news.example.cn/all"]
    assert texts(channel, "description") == ["水乡各地的新闻"]
    assert texts(channel, "language") == ["zh-CN"]
    assert texts(channel, "generator") == ["feedsvc 0"]
    assert texts(channel, "docs") == ["https://www.rssboard.org/rss-specification"]
    assert texts(channel, "ttl") == ["15"]
    assert texts(channel, "lastBuildDate") == ["Sat, 14 Mar 2026 04:00:00 +0000"]
    assert [dict(link.items()) for link in channel.findall(f"{ATOM}link")] == [
        {"href": "https://news.example.cn/feeds/all.rss", "rel": "self", "type": "application/rss+xml"},
        {"href": "https://hub.example.cn/", "rel": "hub"},
    ]


@pytest.mark.parametrize(("script", "language"), [("hans", "zh-CN"), ("hant", "zh-TW")])
def test_a_script_is_named_by_its_region(script: str, language: str) -> None:
    assert texts(channel_of(built(address=Address(script=script))), "language") == [language]


def test_categories_are_in_the_script_of_the_feed() -> None:
    item = channel_of(SAMPLES["hant"]).findall("item")[0]
    assert texts(item, "category") == ["三農", "medtop:04000000", "蠶桑", "智慧農業", "嘉興市"]


def test_the_image_repeats_title_and_link_of_the_channel() -> None:
    image = channel_of(rich()).find("image")
    assert image is not None
    assert [(child.tag, child.text) for child in image] == [
        ("url", "https://news.example.cn/static/icon.png"),
        ("title", "水乡新闻"),
        ("link", "https://news.example.cn/all"),
    ]


@pytest.mark.parametrize("icon", [None, "/favicon.ico", "/icon.svg", "not a url: \x00["])
def test_no_image_that_rss_does_not_know(icon: str | None) -> None:
    assert channel_of(built(site=replace(SITE, icon=icon))).find("image") is None


def test_an_empty_feed_is_a_channel_without_items() -> None:
    assert tags_of(channel_of(empty())) == [
        "title",
        "link",
        "description",
        f"{ATOM}link",
        "docs",
        "generator",
        "language",
        "ttl",
        "lastBuildDate",
    ]


def test_an_item_has_everything_and_its_description_before_its_content() -> None:
    item = channel_of(rich()).findall("item")[0]
    assert tags_of(item) == [
        "title",
        "link",
        "description",
        f"{CONTENT}encoded",
        "guid",
        *["category"] * 5,
        "enclosure",
        "source",
        "pubDate",
        f"{DC}creator",
        f"{DC}rights",
        f"{MEDIA}content",
        f"{MEDIA}content",
    ]
    assert texts(item, "title") == ["桑园里的“智慧大棚”：今年蚕茧增收２０％ 🌱"]
    assert texts(item, "pubDate") == ["Sat, 14 Mar 2026 03:00:00 +0000"]
    assert texts(item, f"{DC}creator") == ["本报记者"]
    (guid,) = item.findall("guid")
    assert (guid.text, dict(guid.items())) == (rich().entries[0].id, {"isPermaLink": "false"})
    (source,) = item.findall("source")
    assert (source.text, dict(source.items())) == (
        "南湖晚报",
        {"url": "https://news.example.cn/source/jiaxing"},
    )
    (enclosure,) = item.findall("enclosure")
    assert dict(enclosure.items()) == {
        "url": "https://img.example.cn/%E7%8E%B0%E5%9C%BA.mp3",
        "length": "123456",
        "type": "audio/mpeg",
    }
    assert [dict(media.items()) for media in item.findall(f"{MEDIA}content")] == [
        {"url": "https://img.example.cn/b.jpg", "type": "image/jpeg"},
        {"url": "https://img.example.cn/a.jpg?w=1&h=2", "medium": "image"},
    ]


def test_domains_tell_categories_apart() -> None:
    item = channel_of(rich()).findall("item")[0]
    assert [(category.get("domain"), category.text) for category in item.findall("category")] == [
        ("https://news.example.cn/schemes/category", "三农"),
        ("http://cv.iptc.org/newscodes/mediatopic/", "medtop:04000000"),
        ("https://news.example.cn/schemes/tag", "蚕桑"),
        ("https://news.example.cn/schemes/tag", "智慧农业"),
        ("https://news.example.cn/schemes/region", "嘉兴市"),
    ]


def test_titles_are_escaped_once_and_descriptions_are_html() -> None:
    item = channel_of(rich()).findall("item")[1]
    assert texts(item, "title") == ["5 < 6 & 7 > 2：《小学数学》<公开课>走进社区]]>"]
    assert texts(item, "description") == ["一堂课：5 &lt; 6 &amp; &lt;b&gt;7&lt;/b&gt; &gt; 2。\n下课。"]
    (link,) = texts(item, "link")
    assert link is not None
    assert link.isascii()


def test_an_article_of_title_alone_is_a_valid_item() -> None:
    item = channel_of(title_only()).findall("item")[0]
    assert tags_of(item) == ["title", "link", "guid", "source", "pubDate", f"{DC}creator"]


def test_an_enclosure_of_unknown_length_says_zero() -> None:
    one = article(1, "题")
    body = Body(enclosures=(Enclosure(url="https://x.example.cn/a.mp3", type="audio/mpeg"),))
    (enclosure,) = channel_of(built([one], {one.id: body})).iter("enclosure")
    assert enclosure.get("length") == "0"


def test_content_without_summary_is_the_description() -> None:
    one = article(1, "题")
    item = channel_of(built([one], {one.id: Body(html="<p>文</p>")})).findall("item")[0]
    assert texts(item, "description") == ["<p>文</p>"]
    assert item.find(f"{CONTENT}encoded") is None


def test_summaries_alone() -> None:
    one = article(1, "题")
    feed = built([one], {one.id: Body(html="<p>文</p>", summary="短")}, address=Address(content="summary"))
    item = channel_of(feed).findall("item")[0]
    assert texts(item, "description") == ["短"]
    assert item.find(f"{CONTENT}encoded") is None


@pytest.mark.parametrize(("seconds", "ttl"), [(1, "1"), (60, "1"), (900, "15"), (5400, "90")])
def test_ttl_is_in_minutes_and_never_nothing(seconds: int, ttl: str) -> None:
    assert texts(channel_of(replace(empty(), ttl=timedelta(seconds=seconds))), "ttl") == [ttl]


def test_rights_of_a_feed() -> None:
    assert texts(channel_of(replace(empty(), rights="© 水乡")), "copyright") == ["© 水乡"]


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_dates_are_rfc_822_with_the_right_weekday(moment: datetime) -> None:
    feed = built([article(1, "题", published=moment, updated=moment)])
    (item,) = channel_of(feed).findall("item")
    (written,) = texts(item, "pubDate")
    assert written is not None
    assert parsedate_to_datetime(written) == moment.replace(microsecond=0)
    assert written[:3] == ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]


def test_feedparser_reads_what_was_written() -> None:
    read = feedparser.parse(write_rss(rich()))
    assert not read.bozo
    assert read.version == "rss20"
    assert read.feed.link == "https://news.example.cn/all"
    assert [entry.id for entry in read.entries] == [entry.id for entry in rich().entries]
    assert [entry.link for entry in read.entries] == [entry.link for entry in rich().entries]
    assert [entry.author for entry in read.entries] == ["本报记者", "通稿", "南湖晚报"]
    assert [timegm(entry.published_parsed) for entry in read.entries] == [
        (NOON - timedelta(hours=hours)).timestamp() for hours in (1, 2, 3)
    ]


_ANY = st.text(st.characters(), max_size=40) | st.sampled_from(
    [
        "]]>",
        "&amp;",
        "&lt;b&gt;",
        "<![CDATA[x]]>",
        "<?xml?>",
        "👩‍🌾",
        "\ud83d\x00",
        "\ufffe",
        "a\r\nb",
        "<b>粗</b>",
    ]
)


@given(_ANY, _ANY, _ANY, _ANY)
def test_any_text_comes_back_as_it_was_built(title: str, html: str, summary: str, author: str) -> None:
    one = article(1, title, author=author, tags=(title, author))
    feed = built([one], {one.id: Body(html=html, summary=summary, rights=author)})
    items = channel_of(feed).findall("item")
    assert len(items) == len(feed.entries)
    for item, entry in zip(items, feed.entries, strict=True):
        assert texts(item, "title") == [entry.title]
        assert texts(item, f"{DC}creator") == [entry.author]
        if entry.summary:
            (description,) = texts(item, "description")
            assert description is not None
            assert (
                description.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == entry.summary
            )
            assert texts(item, f"{CONTENT}encoded") == ([entry.html] if entry.html else [])
        else:
            assert texts(item, "description") == ([entry.html] if entry.html else [])
