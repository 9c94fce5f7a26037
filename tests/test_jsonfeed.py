"""JSON Feed 1.1 as a reader's parser finds it."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.feeds.jsonfeed import write_json
from feedsvc.model import Address, Body, Enclosure, Feed
from tests.feed_samples import GOLDEN, SAMPLES, SITE, article, built, empty, rich, title_only


def document_of(feed: Feed) -> dict[str, Any]:
    document = json.loads(write_json(feed).decode())
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("name", SAMPLES)
def test_bytes_are_the_golden_ones(name: str) -> None:
    assert write_json(SAMPLES[name]) == (GOLDEN / f"{name}.json").read_bytes()


def test_the_feed_says_everything() -> None:
    document = document_of(rich())
    assert len(document.pop("items")) == 3
    assert document == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "水乡新闻",
        "home_page_url": "https://news.example.cn/all",
        "feed_url": "https://news.example.cn/feeds/all.json",
        "description": "水乡各地的新闻",
        "language": "zh-CN",
        "authors": [{"name": "水乡新闻"}],
        "icon": "https://news.example.cn/static/icon.png",
        "favicon": "https://news.example.cn/static/icon.png",
        "hubs": [{"type": "WebSub", "url": "https://hub.example.cn/"}],
        "_feedsvc": {
            "generator": "feedsvc 0",
            "id": rich().id,
            "updated": rich().updated.isoformat(),
        },
    }


def test_an_empty_feed_has_an_empty_list() -> None:
    document = document_of(empty())
    assert document["items"] == []
    assert not {"icon", "favicon", "hubs"} & set(document)


def test_an_item_has_everything() -> None:
    known = rich().entries[0]
    assert document_of(rich())["items"][0] == {
        "id": known.id,
        "url": "https://paper.example.cn/2026/1.html",
        "title": "桑园里的“智慧大棚”：今年蚕茧增收２０％ 🌱",
        "content_html": known.html,
        "summary": "春蚕上山，茧价看涨。",
        "image": "https://img.example.cn/b.jpg",
        "date_published": "2026-03-14T03:00:00+00:00",
        "date_modified": known.updated.isoformat(),
        "authors": [{"name": "本报记者"}],
        "tags": ["三农", "蚕桑", "智慧农业", "嘉兴市"],
        "attachments": [
            {
                "url": "https://img.example.cn/%E7%8E%B0%E5%9C%BA.mp3",
                "mime_type": "audio/mpeg",
                "size_in_bytes": 123456,
            },
            {"url": "https://img.example.cn/b.jpg", "mime_type": "image/jpeg"},
        ],
        "_feedsvc": {
            "category": "agriculture",
            "iptc": ["medtop:04000000"],
            "tags": ["蚕桑", "智慧农业"],
            "regions": ["330400"],
            "source": "jiaxing",
            "rights": "© 南湖晚报",
        },
    }


@pytest.mark.parametrize(("script", "language"), [("hans", "zh-Hans"), ("hant", "zh-Hant")])
def test_a_script_is_a_language_tag(script: str, language: str) -> None:
    assert document_of(built(address=Address(script=script)))["language"] == language


def test_tags_are_in_the_script_of_the_feed_and_values_as_in_addresses() -> None:
    item = document_of(SAMPLES["hant"])["items"][0]
    assert item["tags"] == ["三農", "蠶桑", "智慧農業", "嘉興市"]
    assert (item["_feedsvc"]["category"], item["_feedsvc"]["tags"]) == ("agriculture", ["蚕桑", "智慧农业"])


def test_an_article_of_title_alone_repeats_it_as_its_text() -> None:
    (item,) = document_of(title_only())["items"]
    assert item["content_text"] == item["title"] == "市区今起供暖"
    assert not {"content_html", "summary", "image", "attachments", "tags"} & set(item)
    assert item["_feedsvc"]["category"] is None


@pytest.mark.parametrize(("content", "text"), [("summary", "短"), ("title", "题")])
def test_less_than_all_of_an_article(content: str, text: str) -> None:
    one = article(1, "题")
    feed = built([one], {one.id: Body(html="<p>文</p>", summary="短")}, address=Address(content=content))
    (item,) = document_of(feed)["items"]
    assert "content_html" not in item
    assert item["content_text"] == text


@pytest.mark.parametrize(
    ("html", "enclosure", "image"),
    [
        ('<p><img src="https://x.example.cn/a.png"></p>', None, "https://x.example.cn/a.png"),
        ('<IMG alt="1 > 0" src="https://x.example.cn/?a=1&amp;b=2">', None, "https://x.example.cn/?a=1&b=2"),
        ("""<img alt=' src="x"' src='https://x.example.cn/c'>""", None, "https://x.example.cn/c"),
        ('<img alt="图">src="https://x.example.cn/d"', None, None),
        ('<img data-src="https://x.example.cn/lazy.png">', None, None),
        (
            '<img src="data:image/png;base64,AA"><img src="https://x.example.cn/b">',
            None,
            "https://x.example.cn/b",
        ),
        ('<img src="https://x.example.cn/a.png">', "image/jpeg", "https://x.example.cn/enclosed"),
        ('<img src="https://x.example.cn/a.png">', "audio/mpeg", "https://x.example.cn/a.png"),
        ("<p>无图</p>", None, None),
    ],
)
def test_the_image_is_the_first_that_readers_can_load(
    html: str, enclosure: str | None, image: str | None
) -> None:
    one = article(1, "题")
    enclosed = (Enclosure(url="https://x.example.cn/enclosed", type=enclosure),) if enclosure else ()
    (item,) = document_of(built([one], {one.id: Body(html=html, enclosures=enclosed)}))["items"]
    assert item.get("image") == image


def test_a_logo_is_the_large_icon() -> None:
    document = document_of(replace(built(site=SITE), logo="https://news.example.cn/logo.png"))
    assert document["icon"] == "https://news.example.cn/logo.png"
    assert document["favicon"] == "https://news.example.cn/static/icon.png"


_ANY = st.text(st.characters(), max_size=40) | st.sampled_from(
    ['"\\', "\u2028", "👩‍🌾", "\ud83d\x00", "</script>"]
)


@given(_ANY, _ANY, _ANY, _ANY)
def test_any_text_comes_back_as_it_was_built(title: str, html: str, summary: str, author: str) -> None:
    one = article(1, title, author=author, tags=(title, author), source=author)
    feed = built([one], {one.id: Body(html=html, summary=summary, rights=author)})
    items = document_of(feed)["items"]
    assert len(items) == len(feed.entries)
    for item, entry in zip(items, feed.entries, strict=True):
        assert item["title"] == entry.title
        assert item.get("content_html", "") == entry.html
        assert item.get("content_text", "") == ("" if entry.html else entry.summary or entry.title)
        assert item["authors"] == [{"name": entry.author}]
        assert item["_feedsvc"]["tags"] == [term.value for term in entry.tags]
        assert datetime.fromisoformat(item["date_modified"]) == entry.updated
