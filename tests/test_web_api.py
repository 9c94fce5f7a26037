"""The API: what its documents hold, paging without gaps, and problems told as RFC 9457 has it."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import Newsroom
from tests.made import MINUTE, draft
from tests.web import BASE, Visitor, visit


@pytest.fixture
def paper(newsroom: Newsroom) -> Visitor:
    """A visitor of a site with three articles."""
    service = newsroom.open()
    newsroom.publish(
        "paper",
        draft(
            "县城通了新公交",
            guid="bus",
            link="https://paper.example/bus",
            html="<p>三路车开到了汽车站。</p>",
            summary="三路车开到了汽车站。",
            author="本报记者",
            tags=("公交", "枫桥经验"),
            category="city",
            regions=("330424",),
        ),
        draft("晚稻开镰", guid="rice", tags=("晚稻",), category="agriculture", regions=("330400",)),
    )
    newsroom.clock.advance(MINUTE)
    newsroom.file("desk", "notice.md", draft("告示", slot="notice.md"))
    return visit(service)


def found(visitor: Visitor, query: str) -> list[str]:
    return [item["title"] for item in visitor.json(f"/api/v1/articles?{query}")["items"]]


def test_an_article_is_whole(paper: Visitor) -> None:
    document = paper.json("/api/v1/articles?source=paper&limit=1")
    (item,) = document["items"]
    ident = item.pop("id")
    revision = item.pop("revision")
    assert ident.startswith("urn:uuid:")
    assert isinstance(revision, int)
    assert item == {
        "url": "https://paper.example/bus",
        "title": "县城通了新公交",
        "source": "paper",
        "author": "本报记者",
        "published": "2026-11-22T04:00:00Z",
        "updated": "2026-11-22T04:00:00Z",
        "category": "city",
        "tags": ["公交", "枫桥经验"],
        "regions": ["330424"],
        "summary": "三路车开到了汽车站。",
        "content_html": "<p>三路车开到了汽车站。</p>",
        "withdrawn": None,
        "related": [],
    }
    assert ident == paper.json("/feeds/source/paper.json")["items"][0]["id"]
    for path in (ident, ident.removeprefix("urn:uuid:")):
        assert paper.json(f"/api/v1/articles/{path}") == item | {"id": ident, "revision": revision}


def test_an_article_without_a_page_elsewhere_has_one_here(paper: Visitor) -> None:
    (item,) = paper.json("/api/v1/articles?source=desk")["items"]
    assert item["url"] == f"{BASE}/articles/{item['id'].removeprefix('urn:uuid:')}"
    assert item["category"] is None
    assert item["tags"] == item["regions"] == []
    assert paper.get(item["url"]).status_code == 200


def test_json_is_utf_8_and_not_escaped(paper: Visitor) -> None:
    answer = paper.get("/api/v1/articles")
    assert answer.content_type == "application/json; charset=utf-8"
    assert "县城通了新公交".encode() in answer.data


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["告示", "县城通了新公交", "晚稻开镰"]),
        ("unknown=x", ["告示", "县城通了新公交", "晚稻开镰"]),
        ("source=paper", ["县城通了新公交", "晚稻开镰"]),
        (f"category={quote('三农')}", ["晚稻开镰"]),
        ("category=agriculture,city", ["县城通了新公交", "晚稻开镰"]),
        ("region=330000", ["县城通了新公交", "晚稻开镰"]),
        (f"region={quote('海盐')}", ["县城通了新公交"]),
        (f"tag={quote('公交')}", ["县城通了新公交"]),
        (f"tag={quote('公交')}&tag={quote('晚稻')}", []),
        (f"tag={quote('公交')},{quote('晚稻')}", ["县城通了新公交", "晚稻开镰"]),
        (f"source=paper&-tag={quote('公交')}", ["晚稻开镰"]),
        (f"author={quote('本报记者')}", ["县城通了新公交"]),
        (f"tag={quote('没有的')}", []),
        ("tag=a/b", []),
        ("tag=limit/1", []),
        ("limit=1", ["告示"]),
        ("limit=200", ["告示", "县城通了新公交", "晚稻开镰"]),
    ],
)
def test_filters_are_those_of_addresses(paper: Visitor, query: str, expected: list[str]) -> None:
    assert found(paper, query) == expected


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("articles?category=none", 404),
        ("articles?region=999999", 404),
        ("articles?source=none", 404),
        ("articles?category=", 400),
        ("articles?tag=%00", 400),
        ("articles?limit=0", 400),
        ("articles?limit=201", 400),
        ("articles?limit=many", 400),
        ("articles?limit=-1", 400),
        ("articles?limit=９", 400),
        ("articles?limit=", 400),
        ("articles?cursor=zzz", 400),
        ("articles?cursor=", 400),
        ("articles?cursor=" + "f" * 99, 400),
        ("articles?q=", 400),
        ("articles?q=！", 400),
        ("articles?q=%00", 400),
        ("articles?q=" + "鱼" * 101, 400),
        ("articles?tag=" + "x," * 30, 400),
        ("articles/none", 404),
        ("articles/00000000-0000-5000-8000-000000000000", 404),
        ("none", 404),
        ("", 404),
        ("tags?limit=0", 400),
    ],
)
def test_problems_are_told_to_programs(paper: Visitor, path: str, status: int) -> None:
    answer = paper.get(f"/api/v1/{path}", Accept="text/html")
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == status
    assert answer.json["title"]
    assert answer.json["detail"]
    assert answer.headers["Cache-Control"] == "no-store"


def walked(visitor: Visitor, path: str) -> list[dict[str, Any]]:
    """Every item of a list, page after page."""
    items: list[dict[str, Any]] = []
    following: str | None = path
    while following is not None:
        document = visitor.json(following)
        assert set(document) == {"items", "next"}
        items += document["items"]
        following = document["next"]
        assert following is None or following.startswith(f"{BASE}/api/v1/")
    return items


def test_pages_hold_every_article_once_though_new_ones_come(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open())
    newsroom.publish("paper", *(draft(f"第{n}篇", guid=str(n), tags=("系列",)) for n in range(25)))
    query = f"/api/v1/articles?tag={quote('系列')}&source=paper&limit=10"
    everything = [item["title"] for item in walked(visitor, query)]
    assert everything == [f"第{n}篇" for n in range(25)]
    first = visitor.json(query)
    newsroom.clock.advance(MINUTE)
    newsroom.publish("wire", draft("插进来的", tags=("系列",)))
    newsroom.publish("paper", draft("又一篇", guid="new", tags=("系列",)))
    rest = [item["title"] for item in walked(visitor, first["next"])]
    assert rest == everything[10:]


def test_a_last_page_that_is_full_is_the_last(paper: Visitor) -> None:
    assert paper.json("/api/v1/articles?limit=3")["next"] is None
    assert len(walked(paper, "/api/v1/articles?limit=1")) == 3


def test_a_withdrawn_article_says_when_and_leaves_the_list(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open())
    newsroom.file("desk", "a.md", draft("发错了", slot="a.md", html="<p>不该发的</p>"))
    (item,) = visitor.json("/api/v1/articles")["items"]
    newsroom.clock.advance(MINUTE)
    newsroom.remove("desk", "a.md")
    assert visitor.json("/api/v1/articles")["items"] == []
    gone = visitor.json(f"/api/v1/articles/{item['id']}")
    assert gone["withdrawn"] == "2026-11-22T04:01:00Z"
    assert gone["content_html"] == gone["summary"] == ""
    assert gone["revision"] > item["revision"]


def test_sources_say_how_they_fare(newsroom: Newsroom, paper: Visitor) -> None:
    newsroom.fail("wire", "https://wire.example/feed: answered 500", due=5 * MINUTE)
    items = {item["id"]: item for item in walked(paper, "/api/v1/sources?limit=2")}
    assert list(items) == ["paper", "county", "wire", "desk"]
    wire = items["wire"]
    assert wire["title"] == "通稿"
    assert wire["kind"] == "auto"
    assert wire["interval"] == 600
    assert wire["failures"] == 1
    assert wire["cause"] == "https://wire.example/feed: answered 500"
    assert wire["last_success"] is None
    assert wire["last_attempt"] == "2026-11-22T04:01:00Z"
    assert wire["next_try"] == "2026-11-22T04:06:00Z"
    assert items["paper"]["count"] == 2
    assert items["paper"]["cause"] is None
    assert str(newsroom.folder) not in paper.get("/api/v1/sources").text


def test_topics_are_listed_with_their_feeds(paper: Visitor) -> None:
    categories = walked(paper, "/api/v1/categories?limit=7")
    assert len(categories) == 19
    assert {c["key"]: c["count"] for c in categories if c["count"]} == {"agriculture": 1, "city": 1}
    tags = walked(paper, "/api/v1/tags?limit=2")
    assert [tag["tag"] for tag in tags] == sorted(["公交", "枫桥经验", "晚稻"])
    regions = walked(paper, "/api/v1/regions")
    assert [(r["code"], r["name"], r["level"], r["parent"], r["count"]) for r in regions] == [
        ("330000", "浙江省", 1, None, 2),
        ("330400", "嘉兴市", 2, "330000", 2),
        ("330424", "海盐县", 3, "330400", 1),
    ]
    for topic in (*categories[:2], *tags, *regions):
        assert paper.get(topic["page"]).status_code == 200
        for suffix, feed in topic["feeds"].items():
            assert feed.endswith(f".{suffix}")
            assert paper.get(feed).status_code == 200


def test_an_unchanged_document_is_not_sent_again(paper: Visitor) -> None:
    first = paper.get("/api/v1/articles?limit=2")
    again = paper.get("/api/v1/articles?limit=2", If_None_Match=first.headers["ETag"])
    assert again.status_code == 304
    assert first.headers["Cache-Control"] == "no-cache"
