import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import ReadError
from feedsvc.model import Enclosure
from feedsvc.sources import jsonfeed
from feedsvc.sources.jsonfeed import is_json_feed, read_item, read_items, read_json_feed

FEEDS = Path(__file__).parent / "data" / "feeds"
NOW = datetime(2024, 6, 1, 4, 0, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))
URL = "https://feeds.example.org/feed.json"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=8,
)
# fmt: off
KEYS = (
    "id", "url", "title", "content_html", "content_text", "summary", "authors", "author", "date_published",
    "tags", "attachments", "image", "version", "items", "home_page_url",
)
# fmt: on


def test_a_whole_feed() -> None:
    document = read_json_feed(json.loads((FEEDS / "feed.json").read_bytes()), url=URL, now=NOW)
    assert document.title == "青溪 JSON"
    assert document.problems == ("item 3: is not an object", "item 4: has neither title, text nor link")
    first, second, third = document.articles
    assert (first.guid, first.link, first.title) == (
        "1",
        "https://json.example.org/1.html",
        "第一条 <原样> &",
    )
    assert (first.html, first.summary, first.author) == ("<p>正文</p>", "摘要", "甲、乙")
    assert first.published == datetime(2024, 1, 1, 8, 0, tzinfo=CHINA)
    assert first.updated == datetime(2024, 1, 2, 8, 0, tzinfo=CHINA)
    assert first.keywords == ("三农", "春耕", "3")
    assert first.enclosures == (
        Enclosure(url="a.mp3", type="audio/mpeg", length=12),
        Enclosure(url="https://img.example.org/1.jpg", type=""),
    )
    assert (second.guid, second.title, second.author) == ("2", "", "丙")
    assert second.html == "<p>第一行</p><p>第二行 &lt;x&gt;</p>"
    assert (third.link, third.author, third.keywords) == (
        "https://other.example.org/5",
        "编辑部",
        ("甲", "乙"),
    )
    assert all(article.slot is None for article in document.articles)


@pytest.mark.parametrize("value", [None, 3, "x", [], {}, {"version": 1, "items": []}, {"items": []}])
def test_what_is_no_json_feed(value: object) -> None:
    assert not is_json_feed(value)
    with pytest.raises(ReadError, match="not a JSON Feed"):
        read_json_feed(value, url=URL, now=NOW)


def test_a_json_feed_needs_items() -> None:
    with pytest.raises(ReadError, match="no list of items"):
        read_json_feed({"version": "https://jsonfeed.org/version/1", "items": {}}, url=URL, now=NOW)


def test_plainer_keys() -> None:
    item = {
        "guid": "g",
        "link": "a.html",
        "title": "题",
        "body": "第一行\n第二行",
        "author": ["甲", "乙"],
        "date": "2024年1月2日 08:30",
        "updated": 1704240000,
        "keywords": ["甲", "乙"],
        "enclosures": [
            {"href": "a.pdf", "type": "application/pdf", "length": 5},
            {"url": "b", "length": "9"},
        ],
        "rights": "© 某报",
    }
    article = read_item(item, base="https://e.example.org/x/", now=NOW, slot="a.json")
    assert (article.guid, article.link, article.slot) == ("g", "https://e.example.org/x/a.html", "a.json")
    assert article.html == "<p>第一行</p><p>第二行</p>"
    assert article.author == "甲、乙"
    assert article.published == datetime(2024, 1, 2, 8, 30, tzinfo=CHINA)
    assert article.updated == datetime(2024, 1, 3, 0, 0, tzinfo=UTC)
    assert article.enclosures == (
        Enclosure(url="a.pdf", type="application/pdf", length=5),
        Enclosure(url="b", type="", length=None),
    )
    assert article.base_url == article.link


def test_items_are_bounded() -> None:
    document = read_items([{"title": "题"}] * (jsonfeed.MAX_ITEMS + 2), base=None, now=NOW)
    assert len(document.articles) == jsonfeed.MAX_ITEMS
    assert document.problems == ("only the first 5000 of 5002 items were read",)


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_members_of_any_type_are_tolerated(item: dict[str, Any]) -> None:
    document = read_items([item], base=URL, now=NOW)
    assert len(document.articles) + len(document.problems) == 1
    feed = item | {"version": "https://jsonfeed.org/version/1.1", "items": [item, {"title": "好"}]}
    assert read_json_feed(feed, url=URL, now=NOW).articles[-1].title == "好"
