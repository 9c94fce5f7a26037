"""Polls of feeds: honest conditions, and bytes that change if and only if the selection does."""

import gzip
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest

from tests.conftest import SITE, Clock, Newsroom
from tests.made import MINUTE, draft
from tests.web import BUS, RICE, SUFFIXES, Visitor, titles, visit


@pytest.fixture
def paper(newsroom: Newsroom) -> Visitor:
    """A visitor of a site with two articles, an hour after they came."""
    service = newsroom.open()
    newsroom.publish("paper", BUS, RICE)
    newsroom.clock.advance(60 * MINUTE)
    return visit(service)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_poll_of_what_is_known_gets_304(paper: Visitor, suffix: str) -> None:
    path = f"/feeds/all.{suffix}"
    first = paper.get(path, Accept_Encoding="gzip")
    for fields in (
        {"If_None_Match": first.headers["ETag"], "Accept_Encoding": "gzip"},
        {"If_None_Match": f"W/{first.headers['ETag']}"},
        {"If_None_Match": paper.get(path).headers["ETag"], "Accept_Encoding": "gzip"},
        {"If_Modified_Since": first.headers["Last-Modified"]},
    ):
        again = paper.get(path, **fields)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Last-Modified"] == first.headers["Last-Modified"]
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
        assert again.headers["Vary"] == "Accept-Encoding"
        assert "ETag" in again.headers
        assert "Content-Type" not in again.headers
        assert "Content-Length" not in again.headers


def test_gzip_is_the_same_feed(paper: Visitor) -> None:
    plain, packed = paper.get("/feeds/all.rss"), paper.get("/feeds/all.rss", Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Content-Length"] == str(len(packed.data))
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert paper.get("/feeds/all.rss", Accept_Encoding="gzip;q=0, *").data == plain.data
    assert paper.get("/feeds/all.rss", Accept_Encoding="*;q=0").status_code == 406


@pytest.mark.parametrize(
    "path", ["/feeds/all.rss", "/feeds/all", "/", "/all", "/opml.xml", "/api/v1/articles"]
)
def test_head_has_the_headers_of_get(paper: Visitor, path: str) -> None:
    whole, head = paper.get(path), paper.ask("HEAD", path)
    assert head.data == b""
    assert head.status_code == whole.status_code
    assert dict(head.headers) == dict(whole.headers)


def test_two_services_on_a_store_send_the_same_bytes(newsroom: Newsroom) -> None:
    one = newsroom.open()
    newsroom.publish("paper", BUS)
    newsroom.publish("wire", RICE)
    newsroom.clock.advance(MINUTE)
    other = newsroom.open()
    newsroom.clock.advance(MINUTE)
    left, right = visit(one), visit(other)
    for path in ("/feeds/all", f"/feeds/tag/{quote('公交')}", "/feeds/region/330000/limit/1"):
        for suffix in SUFFIXES:
            for coding in ("gzip", "identity"):
                a = left.get(f"{path}.{suffix}", Accept_Encoding=coding)
                b = right.get(f"{path}.{suffix}", Accept_Encoding=coding)
                assert a.data == b.data
                assert dict(a.headers) == dict(b.headers)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_bytes_change_if_and_only_if_the_selection_does(newsroom: Newsroom, suffix: str) -> None:
    visitor = visit(newsroom.open())
    newsroom.publish("paper", RICE)
    newsroom.clock.advance(MINUTE)
    newsroom.publish("paper", BUS, RICE)
    paths = {
        "all": f"/feeds/all.{suffix}",
        "newest": f"/feeds/all/limit/1.{suffix}",
        "rice": f"/feeds/category/agriculture.{suffix}",
        "bus": f"/feeds/tag/{quote('公交')}.{suffix}",
        "county": f"/feeds/source/county.{suffix}",
    }

    def state() -> dict[str, tuple[str, bytes]]:
        newsroom.clock.advance(MINUTE)
        found = {name: visitor.get(path) for name, path in paths.items()}
        return {name: (one.headers["ETag"], one.data) for name, one in found.items()}

    def changed(before: dict[str, tuple[str, bytes]], after: dict[str, tuple[str, bytes]]) -> set[str]:
        for name in paths:
            assert (before[name][0] == after[name][0]) == (before[name][1] == after[name][1])
        return {name for name in paths if before[name] != after[name]}

    first = state()
    assert changed(first, state()) == set()
    newsroom.publish("paper", BUS, RICE)  # nothing new
    assert changed(first, second := state()) == set()
    newsroom.publish("paper", BUS, replace(RICE, title="晚稻开镰，亩产又高了"))
    assert changed(second, third := state()) == {"all", "rice"}
    newsroom.publish("county", draft("海塘加固", guid="sea"))
    assert changed(third, fourth := state()) == {"all", "newest", "county"}
    newsroom.fail("wire", "no answer")
    assert changed(fourth, state()) == set()


def test_last_modified_never_lies(newsroom: Newsroom, clock: Clock) -> None:
    """Two changes within one second: whoever saw the first must get the second."""
    visitor = visit(newsroom.open())
    newsroom.publish("paper", BUS)
    clock.advance(timedelta(milliseconds=300))
    first = visitor.get("/feeds/all.rss")
    newsroom.publish("wire", RICE)
    clock.advance(60 * MINUTE)
    since = first.headers.get("Last-Modified")
    assert since is None
    assert visitor.get("/feeds/all.rss", If_Modified_Since="Sun, 22 Nov 2026 04:00:00 GMT").status_code == 200
    assert visitor.get("/feeds/all.rss", If_Modified_Since="Sun, 22 Nov 2026 04:00:01 GMT").status_code == 304


def test_a_new_configuration_is_a_modification(newsroom: Newsroom, clock: Clock) -> None:
    old = newsroom.open()
    newsroom.publish("paper", BUS)
    clock.advance(60 * MINUTE)
    before = visit(old).get("/feeds/all.rss")
    new = newsroom.open(SITE.replace("试刊", "正刊"))
    clock.advance(60 * MINUTE)
    after = visit(new).get("/feeds/all.rss", If_Modified_Since=before.headers["Last-Modified"])
    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]


def test_max_age_is_the_time_to_the_next_refresh_of_its_sources(newsroom: Newsroom, clock: Clock) -> None:
    visitor = visit(newsroom.open())
    for source, due in (("paper", 10), ("county", 3), ("wire", 40), ("desk", 20)):
        if source != "desk":
            newsroom.publish(source, due=due * MINUTE)
    newsroom.file("desk", "a.md", draft("告示"))

    def max_age(path: str) -> str:
        return visitor.get(path).headers["Cache-Control"].split(", ")[1]

    assert max_age("/feeds/source/paper.rss") == "max-age=600"
    assert max_age("/feeds/source/county.rss") == "max-age=180"
    assert max_age("/feeds/source/wire.rss") == "max-age=900"
    assert max_age("/feeds/all/-source/desk.rss") == "max-age=180"
    clock.advance(timedelta(minutes=2, seconds=30))
    assert max_age("/feeds/source/county.rss") == "max-age=60"
    assert max_age("/feeds/source/paper.rss") == "max-age=450"


def test_a_broken_store_leaves_what_was_served(newsroom: Newsroom) -> None:
    """Bodies are all on disk here; a feed that needs new ones, with the disk gone, stays as it was."""
    service = newsroom.open(SITE + "\n[catalog]\nbodies = 0\n")
    visitor = visit(service)
    newsroom.publish("paper", BUS)
    before = visitor.get("/feeds/all.rss")
    newsroom.publish("wire", RICE)
    service.store.close()
    file = service.settings.store.file
    for each in file.parent.glob(f"{file.name}*"):
        if each.is_file():
            each.rename(each.with_name(f"gone-{each.name}"))
    file.mkdir()
    during = visitor.get("/feeds/all.rss")
    assert (during.status_code, during.data) == (200, before.data)
    other = visitor.get("/feeds/all.json")
    assert other.status_code == 503
    assert other.headers["Retry-After"]
    assert visitor.get("/healthz").status_code == 200
    file.rmdir()
    for each in file.parent.glob("gone-*"):
        each.rename(each.with_name(each.name.removeprefix("gone-")))
    assert len(titles(visitor.get("/feeds/all.rss"))) == 2
