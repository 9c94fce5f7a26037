"""Feeds over HTTP: one address each, right types, honest conditions, bytes that change with the selection."""

from email.utils import parsedate_to_datetime
from urllib.parse import quote

import pytest
from lxml import etree

from tests.conftest import Clock, Newsroom
from tests.made import MINUTE, NOW, draft
from tests.web import ATOM, BASE, BUS, RICE, SUFFIXES, Visitor, titles, visit

TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


@pytest.fixture
def paper(newsroom: Newsroom) -> Visitor:
    """A visitor of a site with two articles, an hour after they came."""
    service = newsroom.open()
    newsroom.publish("paper", BUS, RICE)
    newsroom.clock.advance(60 * MINUTE)
    return visit(service)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("all", ["县城通了新公交", "晚稻开镰"]),
        ("category/agriculture", ["晚稻开镰"]),
        (f"tag/{quote('枫桥经验')}", ["县城通了新公交"]),
        ("region/330000", ["县城通了新公交", "晚稻开镰"]),
        ("region/330424", ["县城通了新公交"]),
        ("source/paper", ["县城通了新公交", "晚稻开镰"]),
        ("source/wire", []),
        ("category/agriculture/region/330424", []),
        ("category/agriculture,city", ["县城通了新公交", "晚稻开镰"]),
        (f"region/330000/-tag/{quote('公交')}", ["晚稻开镰"]),
        ("all/limit/1", ["县城通了新公交"]),
        ("all/limit/1/content/title", ["县城通了新公交"]),
    ],
)
def test_a_feed_holds_its_selection(paper: Visitor, address: str, suffix: str, expected: list[str]) -> None:
    found = paper.get(f"/feeds/{address}.{suffix}")
    assert titles(found) == expected
    assert found.content_type == TYPES[suffix]
    assert found.headers["Vary"] == "Accept-Encoding"
    assert not found.headers["ETag"].startswith("W/")


@pytest.mark.parametrize(
    ("raw", "target"),
    [
        (f"category/{quote('三农')}.atom", "category/agriculture.atom"),
        (f"region/{quote('嘉兴')}.rss", "region/330400.rss"),
        (f"region/{quote('浙江')}/{quote('嘉兴')}.rss", "region/330400.rss"),
        (f"{quote('三农')}.json", "category/agriculture.json"),
        (f"{quote('浙江')}/{quote('嘉兴')}.atom", "region/330400.atom"),
        ("region/330000/category/agriculture.atom", "category/agriculture/region/330000.atom"),
        ("category/city,agriculture.atom", "category/agriculture,city.atom"),
        ("all/content/title/limit/5.rss", "all/limit/5/content/title.rss"),
        ("all/category/agriculture.rss", "category/agriculture.rss"),
        (f"tag/{quote('枫桥经验').lower()}.rss", f"tag/{quote('枫桥经验')}.rss"),
        ("all.rss/", "all.rss"),
        ("/all.rss", "all.rss"),
        ("all%2Erss", "all.rss"),
        ("%61ll.rss", "all.rss"),
        ("tag/a%2Fb.rss", f"tag/a{quote('／')}b.rss"),
    ],
)
@pytest.mark.parametrize("query", ["", "?utm_source=reader"])
def test_any_other_spelling_moves_for_good(paper: Visitor, raw: str, target: str, query: str) -> None:
    found = paper.get(f"/feeds/{raw}{query}", Host="evil.example")
    assert found.status_code == 301
    assert found.headers["Location"] == f"{BASE}/feeds/{target}"
    assert paper.get(found.headers["Location"]).status_code == 200


def test_a_query_string_changes_nothing(paper: Visitor) -> None:
    plain, other = paper.get("/feeds/all.rss"), paper.get("/feeds/all.rss?limit=1&x=%ff")
    assert other.status_code == 200
    assert other.data == plain.data
    assert other.headers["ETag"] == plain.headers["ETag"]


def test_characters_that_a_proxy_has_decoded_are_no_other_spelling(paper: Visitor) -> None:
    canonical = f"/feeds/tag/{quote('AI(试点)+', safe='')}.atom"
    decoded = f"/feeds/tag/AI({quote('试点')})+.atom"
    assert paper.get(decoded).status_code == paper.get(canonical).status_code == 200
    assert paper.get(decoded).data == paper.get(canonical).data


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        (None, "atom"),
        ("*/*", "atom"),
        ("text/html", "atom"),
        ("application/rss+xml, */*;q=0.5", "rss"),
        ("application/feed+json", "json"),
        ("application/json", "json"),
        ("nonsense", "atom"),
    ],
)
def test_without_a_suffix_the_client_chooses(paper: Visitor, accept: str | None, suffix: str) -> None:
    headers = {"Accept": accept} if accept else {}
    found = paper.get(f"/feeds/category/{quote('三农')}", **headers)
    assert found.status_code == 302
    assert found.headers["Location"] == f"{BASE}/feeds/category/agriculture.{suffix}"
    assert "Accept" in found.headers["Vary"]
    assert found.mimetype != "text/html"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/feeds/category/nothing.atom", 404),
        ("/feeds/region/999999.atom", 404),
        ("/feeds/source/nobody.atom", 404),
        ("/feeds/topic/x.atom", 404),
        ("/feeds/all.xml", 404),
        ("/feeds/all/content/much.atom", 404),
        ("/feeds/all/archive/0.atom", 404),
        ("/feeds/all/limit/0.atom", 400),
        ("/feeds/all/limit/201.atom", 400),
        ("/feeds/tag/%FF.atom", 400),
        ("/feeds/tag/%00.atom", 400),
        ("/feeds/", 400),
        ("/feeds%2Fall.rss", 404),
        (f"/feeds/tag/{'x' * 3000}.rss", 414),
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "application/atom+xml"])
def test_what_is_no_feed_says_so_in_a_line(paper: Visitor, path: str, status: int, accept: str) -> None:
    found = paper.get(path, Accept=accept)
    assert found.status_code == status
    if path.startswith("/feeds/"):
        assert found.content_type == "text/plain; charset=utf-8"
        assert found.text.startswith(f"{status} ")
        assert found.text.count("\n") == 1
    assert found.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/feeds/all.rss", "/", "/all", "/opml.xml", "/api/v1/tags", "/healthz"])
def test_there_is_nothing_to_write(paper: Visitor, method: str, path: str) -> None:
    found = paper.ask(method, path)
    assert found.status_code == 405
    assert {"GET", "HEAD"} <= set(found.headers["Allow"].split(", "))


def test_an_empty_feed_is_a_feed_as_old_as_the_store(newsroom: Newsroom, clock: Clock) -> None:
    service = newsroom.open()
    clock.advance(60 * MINUTE)
    found = visit(service).get(f"/feeds/tag/{quote('以后才有')}.atom")
    assert titles(found) == []
    updated = etree.fromstring(found.data).findtext(f"{ATOM}updated")
    assert updated == NOW.isoformat()
    assert parsedate_to_datetime(found.headers["Last-Modified"]) == NOW


def test_a_withdrawn_article_leaves_every_feed_and_atom_says_so(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open())
    newsroom.file("desk", "bus.md", draft("试运行通知", slot="bus.md", tags=("公交",)))
    ident = visitor.json("/feeds/all.json")["items"][0]["id"]
    before = {suffix: visitor.get(f"/feeds/all.{suffix}").headers["ETag"] for suffix in SUFFIXES}
    newsroom.clock.advance(MINUTE)
    newsroom.remove("desk", "bus.md")
    for suffix in SUFFIXES:
        found = visitor.get(f"/feeds/tag/{quote('公交')}.{suffix}")
        assert titles(found) == []
        assert visitor.get(f"/feeds/all.{suffix}").headers["ETag"] != before[suffix]
    root = etree.fromstring(visitor.get("/feeds/all.atom").data)
    (grave,) = root.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert grave.get("ref") == ident


def test_the_ttl_is_the_shortest_interval_of_its_sources(paper: Visitor) -> None:
    def ttl(path: str) -> str | None:
        found: str | None = etree.fromstring(paper.get(path).data).findtext("channel/ttl")
        return found

    assert ttl("/feeds/all.rss") == "10"
    assert ttl("/feeds/source/county.rss") == "60"
    assert ttl("/feeds/source/county,paper.rss") == "30"
