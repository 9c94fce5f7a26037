"""Atom 1.0 as a reader's parser finds it."""

from calendar import timegm
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.feeds.atom import cadence, write_atom
from feedsvc.model import Address, Body, Feed
from tests.feed_samples import GOLDEN, NOON, SAMPLES, article, built, empty, rich, title_only

ATOM = "{http://www.w3.org/2005/Atom}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
MEDIA = "{http://search.yahoo.com/mrss/}"
SY = "{http://purl.org/rss/1.0/modules/syndication/}"
XML = "{http://www.w3.org/XML/1998/namespace}"


def root_of(feed: Feed) -> etree._Element:
    root = etree.fromstring(write_atom(feed))
    assert root.tag == f"{ATOM}feed"
    return root


def tags_of(element: etree._Element) -> list[str]:
    return [str(child.tag).removeprefix(ATOM) for child in element]


def texts(element: etree._Element, path: str) -> Sequence[str | None]:
    if not path.startswith("{"):
        path = "/".join(ATOM + tag for tag in path.split("/"))
    return [child.text for child in element.findall(path)]


def attributes(element: etree._Element, tag: str) -> list[dict[str, str]]:
    return [{str(key): str(value) for key, value in child.items()} for child in element.findall(tag)]


@pytest.mark.parametrize("name", SAMPLES)
def test_bytes_are_the_golden_ones(name: str) -> None:
    assert write_atom(SAMPLES[name]) == (GOLDEN / f"{name}.atom").read_bytes()


@pytest.mark.parametrize("name", SAMPLES)
def test_the_document_starts_with_its_declaration_and_has_no_dtd(name: str) -> None:
    document = write_atom(SAMPLES[name])
    assert document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<feed ")
    assert b"<!" not in document


def test_the_feed_says_each_thing_once_and_before_the_entries() -> None:
    root = root_of(rich())
    assert tags_of(root) == [
        "id",
        "title",
        "updated",
        "author",
        "link",
        "link",
        "link",
        "generator",
        "icon",
        "subtitle",
        f"{SY}updatePeriod",
        f"{SY}updateFrequency",
        f"{AT}deleted-entry",
        f"{AT}deleted-entry",
        "entry",
        "entry",
        "entry",
    ]
    assert root.get(f"{XML}lang") == "zh-CN"
    assert texts(root, "id") == [rich().id]
    assert texts(root, "title") == ["水乡新闻"]
    assert texts(root, "subtitle") == ["水乡各地的新闻"]
    assert texts(root, "author/name") == ["水乡新闻"]
    assert texts(root, "updated") == [max(entry.updated for entry in rich().entries).isoformat()]
    assert texts(root, "icon") == ["https://news.example.cn/static/icon.png"]
    assert texts(root, "generator") == ["feedsvc"]
    assert attributes(root, f"{ATOM}generator") == [{"version": "0"}]
    assert attributes(root, f"{ATOM}link") == [
        {"href": "https://news.example.cn/feeds/all.atom", "rel": "self", "type": "application/atom+xml"},
        {"href": "https://news.example.cn/all", "rel": "alternate", "type": "text/html"},
        {"href": "https://hub.example.cn/", "rel": "hub"},
    ]
    assert texts(root, f"{SY}updatePeriod") == ["hourly"]
    assert texts(root, f"{SY}updateFrequency") == ["4"]


def test_an_empty_feed_is_a_feed_without_entries() -> None:
    assert tags_of(root_of(empty())) == [
        "id",
        "title",
        "updated",
        "author",
        "link",
        "link",
        "generator",
        "subtitle",
        f"{SY}updatePeriod",
        f"{SY}updateFrequency",
    ]
    assert texts(root_of(empty()), "updated") == ["2026-01-01T00:00:00+00:00"]


def test_an_entry_has_everything() -> None:
    entry = root_of(rich()).findall(f"{ATOM}entry")[0]
    known = rich().entries[0]
    assert tags_of(entry) == [
        "id",
        "title",
        "updated",
        "author",
        "content",
        "link",
        "summary",
        *["category"] * 5,
        "published",
        "rights",
        "link",
        "link",
        f"{MEDIA}content",
        "source",
    ]
    assert texts(entry, "id") == [known.id]
    assert texts(entry, "title") == [known.title]
    assert texts(entry, "published") == ["2026-03-14T03:00:00+00:00"]
    assert texts(entry, "updated") == [known.updated.isoformat()]
    assert texts(entry, "author/name") == ["本报记者"]
    assert texts(entry, "content") == [known.html]
    assert attributes(entry, f"{ATOM}content") == [{"type": "html"}]
    assert texts(entry, "summary") == ["春蚕上山，茧价看涨。"]
    assert texts(entry, "rights") == ["© 南湖晚报"]
    assert attributes(entry, f"{ATOM}link") == [
        {"href": "https://paper.example.cn/2026/1.html", "rel": "alternate"},
        {
            "href": "https://img.example.cn/%E7%8E%B0%E5%9C%BA.mp3",
            "rel": "enclosure",
            "type": "audio/mpeg",
            "length": "123456",
        },
        {"href": "https://img.example.cn/b.jpg", "rel": "enclosure", "type": "image/jpeg"},
    ]
    assert attributes(entry, f"{MEDIA}content") == [
        {"url": "https://img.example.cn/a.jpg?w=1&h=2", "medium": "image"}
    ]


def test_an_entry_names_its_source() -> None:
    for entry, known in zip(root_of(rich()).findall(f"{ATOM}entry"), rich().entries, strict=True):
        (source,) = entry.findall(f"{ATOM}source")
        assert tags_of(source) == ["id", "title", "updated", "link"]
        assert texts(source, "id") == [known.source_url]
        assert texts(source, "title") == [known.source_title]
        assert texts(source, "updated") == [known.updated.isoformat()]
        assert attributes(source, f"{ATOM}link") == [{"href": known.source_url, "rel": "alternate"}]


def test_schemes_tell_categories_apart() -> None:
    base = "https://news.example.cn/schemes"
    entry = root_of(rich()).findall(f"{ATOM}entry")[0]
    assert attributes(entry, f"{ATOM}category") == [
        {"term": "agriculture", "scheme": f"{base}/category", "label": "三农"},
        {"term": "medtop:04000000", "scheme": "http://cv.iptc.org/newscodes/mediatopic/"},
        {"term": "蚕桑", "scheme": f"{base}/tag"},
        {"term": "智慧农业", "scheme": f"{base}/tag"},
        {"term": "330400", "scheme": f"{base}/region", "label": "嘉兴市"},
    ]


@pytest.mark.parametrize(("script", "language"), [("hans", "zh-Hans"), ("hant", "zh-Hant")])
def test_a_script_is_a_language_tag(script: str, language: str) -> None:
    assert root_of(built(address=Address(script=script))).get(f"{XML}lang") == language


def test_terms_identify_and_labels_are_in_the_script_of_the_feed() -> None:
    base = "https://news.example.cn/schemes"
    entry = root_of(SAMPLES["hant"]).findall(f"{ATOM}entry")[0]
    assert attributes(entry, f"{ATOM}category") == [
        {"term": "agriculture", "scheme": f"{base}/category", "label": "三農"},
        {"term": "medtop:04000000", "scheme": "http://cv.iptc.org/newscodes/mediatopic/"},
        {"term": "蚕桑", "scheme": f"{base}/tag", "label": "蠶桑"},
        {"term": "智慧农业", "scheme": f"{base}/tag", "label": "智慧農業"},
        {"term": "330400", "scheme": f"{base}/region", "label": "嘉興市"},
    ]


def test_an_article_of_title_alone_repeats_it_as_its_summary() -> None:
    (entry,) = root_of(title_only()).findall(f"{ATOM}entry")
    assert texts(entry, "summary") == ["市区今起供暖"]
    assert entry.find(f"{ATOM}content") is None
    (link,) = attributes(entry, f"{ATOM}link")
    assert link["rel"] == "alternate"


@pytest.mark.parametrize(("content", "summary"), [("summary", "短"), ("title", "题")])
def test_less_than_all_of_an_article(content: str, summary: str) -> None:
    one = article(1, "题")
    feed = built([one], {one.id: Body(html="<p>文</p>", summary="短")}, address=Address(content=content))
    (entry,) = root_of(feed).findall(f"{ATOM}entry")
    assert entry.find(f"{ATOM}content") is None
    assert texts(entry, "summary") == [summary]


def test_withdrawn_articles_are_told() -> None:
    root = root_of(rich())
    assert attributes(root, f"{AT}deleted-entry") == [
        {"ref": tombstone.id, "when": tombstone.when.isoformat()} for tombstone in rich().tombstones
    ]
    assert AT[1:-1] not in write_atom(empty()).decode()


def test_logo_and_rights_of_a_feed() -> None:
    root = root_of(replace(empty(), logo="https://news.example.cn/logo.png", rights="© 水乡"))
    assert texts(root, "logo") == ["https://news.example.cn/logo.png"]
    assert texts(root, "rights") == ["© 水乡"]


@pytest.mark.parametrize(
    ("ttl", "expected"),
    [
        (timedelta(seconds=1), ("hourly", 60)),
        (timedelta(minutes=15), ("hourly", 4)),
        (timedelta(minutes=50), ("hourly", 1)),
        (timedelta(hours=1), ("hourly", 1)),
        (timedelta(hours=6), ("daily", 4)),
        (timedelta(days=1), ("daily", 1)),
        (timedelta(days=3), ("weekly", 2)),
        (timedelta(days=30), ("weekly", 1)),
    ],
)
def test_how_often_a_feed_is_new(ttl: timedelta, expected: tuple[str, int]) -> None:
    assert cadence(ttl) == expected


def test_feedparser_reads_what_was_written() -> None:
    read = feedparser.parse(write_atom(rich()))
    assert not read.bozo
    assert read.version == "atom10"
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
    entries = root_of(feed).findall(f"{ATOM}entry")
    assert len(entries) == len(feed.entries)
    for written, entry in zip(entries, feed.entries, strict=True):
        assert texts(written, "title") == [entry.title]
        assert texts(written, "author/name") == [entry.author]
        assert texts(written, "content") == ([entry.html] if entry.html else [])
        if entry.summary or not entry.html:
            assert texts(written, "summary") == [entry.summary or entry.title]
        assert [c["term"] for c in attributes(written, f"{ATOM}category")] == [t.value for t in entry.tags]
        for moment in texts(written, "published"):
            assert moment is not None
            assert datetime.fromisoformat(moment) == entry.published
