"""OPML 2.0 as a reader's parser finds it."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.feeds.opml import Group, Subscription, write_opml
from tests.feed_samples import GOLDEN, GROUPS, NOON


def subscription(name: str, title: str = "三农") -> Subscription:
    return Subscription(
        title=title,
        feed_url=f"https://news.example.cn/feeds/{name}.atom",
        html_url=f"https://news.example.cn/{name}",
    )


def test_bytes_are_the_golden_ones() -> None:
    assert write_opml("水乡新闻", GROUPS, modified=NOON) == (GOLDEN / "feeds.opml").read_bytes()


def test_head_then_folders_of_feeds() -> None:
    root = etree.fromstring(write_opml("水乡新闻", GROUPS, modified=NOON))
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    head, body = root
    assert [(child.tag, child.text) for child in head] == [
        ("title", "水乡新闻"),
        ("dateModified", "Sat, 14 Mar 2026 04:00:00 +0000"),
    ]
    assert [(folder.tag, folder.get("text"), len(folder)) for folder in body] == [
        ("outline", "栏目", 2),
        ("outline", "地区", 1),
    ]
    assert dict(body[0][0].items()) == {
        "type": "rss",
        "text": "三农 — 水乡新闻",
        "title": "三农 — 水乡新闻",
        "xmlUrl": "https://news.example.cn/feeds/category/agriculture.atom",
        "htmlUrl": "https://news.example.cn/category/agriculture",
        "description": "三农：水乡各地的新闻",
    }
    assert body[0][1].get("text") == "“文旅” & <美食>"


def test_nothing_is_said_of_time_unless_told() -> None:
    root = etree.fromstring(write_opml("水乡新闻", GROUPS))
    assert [child.tag for child in root[0]] == ["title"]
    assert write_opml("水乡新闻", GROUPS) == write_opml("水乡新闻", GROUPS)
    other = datetime(2026, 3, 15, tzinfo=UTC)
    assert write_opml("水乡新闻", GROUPS, modified=NOON) != write_opml("水乡新闻", GROUPS, modified=other)


def test_a_feed_stands_once_and_no_folder_is_empty() -> None:
    groups = [
        Group(title="一", subscriptions=(subscription("a"), subscription("a"))),
        Group(title="二", subscriptions=(subscription("a"),)),
        Group(title="三", subscriptions=()),
        Group(title="四", subscriptions=(subscription("a"), subscription("b"))),
    ]
    body = etree.fromstring(write_opml("清单", groups))[1]
    assert [(folder.get("text"), [feed.get("htmlUrl") for feed in folder]) for folder in body] == [
        ("一", ["https://news.example.cn/a"]),
        ("四", ["https://news.example.cn/b"]),
    ]


def test_no_feeds_at_all_is_still_a_document() -> None:
    root = etree.fromstring(write_opml("清单", []))
    assert [child.tag for child in root] == ["head", "body"]


@given(st.text(st.characters(), max_size=30))
def test_any_title_is_well_formed(title: str) -> None:
    groups = [Group(title=title, subscriptions=(subscription("a", title),))]
    folder = etree.fromstring(write_opml(title, groups))[1][0]
    assert folder.get("text") == folder[0].get("text") == folder[0].get("title")
