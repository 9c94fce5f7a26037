"""Polls of feeds: honest conditions, and bytes that change if and only if the selection does."""

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote

import brotli
import pytest

from tests.conftest import SITE, Clock, Newsroom
from tests.made import DAY, MINUTE, NOW, draft
from tests.web import BUS, RICE, SUFFIXES, Visitor, titles, visit

CODINGS = ("br", "gzip", "identity")


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
        {"If_None_Match": f'"older", {first.headers["ETag"]}', "Accept_Encoding": "br"},
        {"If_None_Match": first.headers["ETag"], "A_IM": "feed"},
        {"If_None_Match": "*"},
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


@pytest.mark.parametrize(("coding", "unpacked"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_a_coding_is_the_same_feed(paper: Visitor, coding: str, unpacked: Callable[[bytes], bytes]) -> None:
    plain, packed = paper.get("/feeds/all.rss"), paper.get("/feeds/all.rss", Accept_Encoding=coding)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == coding
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert unpacked(packed.data) == plain.data
    assert packed.headers["Content-Length"] == str(len(packed.data))
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert paper.get("/feeds/all.rss", Accept_Encoding=f"{coding};q=0").data == plain.data


def test_what_no_coding_suits_is_406(paper: Visitor) -> None:
    assert paper.get("/feeds/all.rss", Accept_Encoding="*;q=0").status_code == 406


def test_every_coding_has_another_etag(paper: Visitor) -> None:
    etags = [paper.get("/feeds/all.rss", Accept_Encoding=each).headers["ETag"] for each in CODINGS]
    assert len(set(etags)) == len(CODINGS)
    assert not any(etag.startswith("W/") for etag in etags)
    assert max(map(len, etags)) < 100  # some readers keep no more


@pytest.mark.parametrize(
    "path", ["/feeds/all.rss", "/feeds/all", "/", "/all", "/opml.xml", "/api/v1/articles"]
)
def test_head_has_the_headers_of_get(paper: Visitor, path: str) -> None:
    whole, head = paper.get(path), paper.ask("HEAD", path)
    assert head.data == b""
    assert head.status_code == whole.status_code
    assert dict(head.headers) == dict(whole.headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """The answer to a poll: what must stay while a selection does."""

    etag: str
    body: bytes


class Processes:
    """Every process that could answer: one that was there from the start, a second, one just started, and
    one whose catalog was rebuilt. All must say the same."""

    def __init__(self, newsroom: Newsroom, paths: Sequence[str]) -> None:
        self.newsroom = newsroom
        self.paths = paths
        self.running = [visit(newsroom.open()), visit(newsroom.open())]

    def polled(self) -> dict[tuple[str, str, str], Polled]:
        """What all of them answer now, by path, format and coding."""
        self.newsroom.clock.advance(MINUTE)
        restarted = self.newsroom.open()
        self.newsroom.clock.advance(MINUTE)
        visitors = [*self.running, visit(restarted)]
        found: dict[tuple[str, str, str], Polled] = {}
        for path in self.paths:
            for suffix in SUFFIXES:
                for coding in CODINGS:
                    asked = [each.get(f"{path}.{suffix}", Accept_Encoding=coding) for each in visitors]
                    assert len({each.data for each in asked}) == 1
                    assert len({str(sorted(each.headers.items())) for each in asked}) == 1
                    found[path, suffix, coding] = Polled(etag=asked[0].headers["ETag"], body=asked[0].data)
        return found


@pytest.mark.slow
def test_bytes_change_if_and_only_if_the_selection_does(newsroom: Newsroom) -> None:
    """In every process, format and coding; processes come and go meanwhile."""
    everything, newest, rice = "/feeds/all", "/feeds/all/limit/1", "/feeds/category/agriculture"
    bus, county = f"/feeds/tag/{quote('公交')}", "/feeds/source/county"
    processes = Processes(newsroom, (everything, newest, rice, bus, county))
    store = newsroom.opened[0].store
    newsroom.publish("paper", RICE)
    newsroom.clock.advance(MINUTE)
    newsroom.publish("paper", BUS, RICE)
    before = processes.polled()

    def changed() -> set[str]:
        """The paths whose bytes have changed since it was last asked: in all formats and codings."""
        nonlocal before
        after = processes.polled()
        found = {key for key in after if after[key].body != before[key].body}
        assert found == {key for key in after if after[key].etag != before[key].etag}
        paths = {path for path, _, _ in found}
        assert found == {key for key in after if key[0] in paths}
        before = after
        return paths

    assert changed() == set()
    newsroom.publish("paper", BUS, RICE)  # nothing new
    assert changed() == set()
    newsroom.publish("paper", BUS, replace(RICE, title="晚稻开镰，亩产又高了"))
    assert changed() == {everything, rice}
    newsroom.publish("county", draft("海塘加固", guid="sea"))
    assert changed() == {everything, newest, county}
    newsroom.fail("wire", "no answer")
    assert changed() == set()
    newsroom.file("desk", "old.md", draft("旧闻", published=NOW - 30 * DAY))
    assert changed() == {everything}
    assert store.prune(NOW + MINUTE / 2, newsroom.clock()) == 1  # the catalogs are rebuilt
    newsroom.follow()
    assert changed() == {everything, rice}
    newsroom.publish("paper", replace(BUS, tagging=draft(tags=("站台",)).tagging))  # it leaves its tag
    assert changed() == {everything, bus}


def test_what_leaves_the_bytes_alone_leaves_304(newsroom: Newsroom, clock: Clock) -> None:
    """Another configuration may make other ETags; who has the same bytes is told so all the same."""
    old = newsroom.open()
    newsroom.publish("paper", BUS)
    clock.advance(60 * MINUTE)
    before = visit(old).get("/feeds/all.rss", Accept_Encoding="br")
    more = '[[sources]]\nid = "late"\ntitle = "晚报"\nurl = "https://late.example/feed"\ninterval = "2h"\n'
    new = visit(newsroom.open(f"{SITE}\n{more}"))
    assert new.get("/feeds/all.rss", Accept_Encoding="br").data == before.data
    again = new.get("/feeds/all.rss", If_None_Match=before.headers["ETag"], A_IM="feed")
    assert again.status_code == 304
    assert again.headers["ETag"] == before.headers["ETag"]


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
