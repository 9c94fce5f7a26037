"""Polls that bring only what changed (RFC 3229, A-IM: feed): exact, and never less than is due."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.model import Draft
from tests.conftest import SITE, Clock, Newsroom
from tests.made import DAY, MINUTE, NOW, draft
from tests.polling import UNPACKED, Poller, read
from tests.web import BUS, RICE, SUFFIXES, visit

SEA = draft("海塘加固", guid="sea", html="<p>新海塘比老的高一米。</p>", tags=("海塘",))


@pytest.mark.parametrize("coding", UNPACKED)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_poll_brings_what_is_new_or_changed(newsroom: Newsroom, suffix: str, coding: str) -> None:
    visitor, path = visit(newsroom.open()), f"/feeds/all.{suffix}"
    newsroom.publish("paper", BUS, RICE)
    newsroom.clock.advance(MINUTE)
    reader = Poller(path, coding)
    assert reader.poll(visitor).status_code == 200
    assert reader.poll(visitor).status_code == 304
    newsroom.publish("county", SEA)
    newsroom.publish("paper", replace(BUS, title="县城的新公交改了线路"), RICE)
    newsroom.clock.advance(MINUTE)
    found = reader.poll(visitor)
    whole = visitor.get(path, Accept_Encoding=coding)
    assert found.status == "226 IM USED"
    assert set(read(found)[0].values()) == {"海塘加固", "县城的新公交改了线路"}
    assert reader.entries == read(whole)[0]
    assert {name: found.headers[name] for name in ("ETag", "Last-Modified", "Content-Type")} == {
        name: whole.headers[name] for name in ("ETag", "Last-Modified", "Content-Type")
    }
    assert found.headers.get("Content-Encoding") == whole.headers.get("Content-Encoding")
    assert found.headers["Content-Length"] == str(len(found.data))
    assert len(found.data) < len(whole.data)
    assert reader.poll(visitor).status_code == 304


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_changes_alone_are_a_feed_like_the_whole(newsroom: Newsroom, suffix: str) -> None:
    """The same in everything but entries: without any it is the whole feed without them."""
    visitor, path = visit(newsroom.open()), f"/feeds/all.{suffix}"
    newsroom.publish("paper", BUS)
    etag = visitor.get(path).headers["ETag"]
    newsroom.clock.advance(MINUTE)
    newsroom.publish("wire", RICE)
    found, whole = visitor.get(path, A_IM="feed", If_None_Match=etag), visitor.get(path)
    if suffix == "json":
        ours, theirs = found.json, whole.json
        assert ours is not None
        assert theirs is not None
        assert [item["title"] for item in ours.pop("items")] == ["晚稻开镰"]
        assert len(theirs.pop("items")) == 2
        assert ours == theirs
        return
    parsed, entire = feedparser.parse(found.data), feedparser.parse(whole.data)
    assert not parsed.bozo
    assert parsed.version == entire.version
    assert parsed.feed == entire.feed
    assert [entry for entry in entire.entries if entry.title == "晚稻开镰"] == parsed.entries


def test_no_cache_takes_changes_for_the_feed(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open())
    etag = visitor.get("/feeds/all.rss").headers["ETag"]
    newsroom.publish("paper", BUS)
    found = visitor.get("/feeds/all.rss", A_IM="feed", If_None_Match=etag)
    assert found.status_code == 226
    whole = visitor.get("/feeds/all.rss", If_None_Match=etag)
    assert whole.status_code == 200
    kept = whole.headers["Cache-Control"].removeprefix("public, ")
    assert found.headers["Cache-Control"] == f"no-store, im, {kept}"
    assert found.headers["Vary"] == "A-IM, If-None-Match, Accept-Encoding"
    assert whole.headers["Vary"] == "Accept-Encoding"


def test_head_has_the_headers_of_changes(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open())
    fields = {"A_IM": "feed", "If_None_Match": visitor.get("/feeds/all.atom").headers["ETag"]}
    newsroom.publish("paper", BUS)
    whole, head = visitor.get("/feeds/all.atom", **fields), visitor.ask("HEAD", "/feeds/all.atom", **fields)
    assert whole.status_code == head.status_code == 226
    assert head.data == b""
    assert dict(head.headers) == dict(whole.headers)


def test_a_withdrawal_comes_where_it_can_be_said(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open())
    newsroom.file("desk", "a.md", BUS)
    newsroom.file("desk", "b.md", RICE)
    newsroom.clock.advance(MINUTE)
    readers = {suffix: Poller(f"/feeds/all.{suffix}") for suffix in SUFFIXES}
    for reader in readers.values():
        reader.poll(visitor)
    newsroom.remove("desk", "a.md")
    newsroom.clock.advance(MINUTE)
    for suffix, reader in readers.items():
        found = reader.poll(visitor)
        assert found.status_code == 226
        entries, gone = read(found)
        assert entries == {}
        assert [reader.entries[ident] for ident in gone] == (["县城通了新公交"] if suffix == "atom" else [])
    newsroom.file("desk", "c.md", SEA)
    entries, gone = read(readers["atom"].poll(visitor))
    assert (list(entries.values()), gone) == (["海塘加固"], set())  # the withdrawal is known by now


def test_an_article_that_comes_into_a_selection_is_new_to_it(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open())
    newsroom.publish("paper", BUS, SEA)
    newsroom.clock.advance(MINUTE)
    reader = Poller(f"/feeds/tag/{quote('海塘')}.rss")
    reader.poll(visitor)
    newsroom.publish("paper", replace(BUS, tagging=draft(tags=("海塘",)).tagging), SEA)
    newsroom.clock.advance(MINUTE)
    assert list(read(reader.poll(visitor))[0].values()) == ["县城通了新公交"]
    newsroom.publish("paper", BUS, SEA)  # and it leaves again
    found = reader.poll(visitor)
    assert (found.status_code, read(found)[0]) == (226, {})


def test_what_fell_off_the_end_and_is_back_comes_again(newsroom: Newsroom) -> None:
    """Its revision is old, and yet a reader that never saw it must get it."""
    visitor = visit(newsroom.open())
    newsroom.file("desk", "old.md", replace(BUS, published=NOW - DAY))
    newsroom.file("desk", "new.md", replace(RICE, published=NOW - MINUTE))
    reader = Poller("/feeds/all/limit/1.rss")
    reader.poll(visitor)
    assert list(reader.entries.values()) == ["晚稻开镰"]
    newsroom.remove("desk", "new.md")
    assert list(read(reader.poll(visitor))[0].values()) == ["县城通了新公交"]


def test_who_was_long_away_gets_all_there_is(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open())
    newsroom.publish("paper", BUS)
    reader = Poller("/feeds/all/limit/2.atom")
    reader.poll(visitor)
    for number in range(5):
        newsroom.clock.advance(MINUTE)
        newsroom.publish("wire", draft(f"第{number}条", guid=str(number)))
    found = reader.poll(visitor)
    assert found.status_code == 226
    assert read(found)[0] == read(visitor.get("/feeds/all/limit/2.atom"))[0]


def test_a_tag_of_anything_else_gets_the_whole(newsroom: Newsroom, clock: Clock) -> None:
    old = newsroom.open()
    newsroom.publish("paper", BUS)
    clock.advance(MINUTE)
    before = visit(old)
    etags = {path: before.get(path).headers["ETag"] for path in ("/feeds/all.rss", "/feeds/all.atom", "/all")}
    newsroom.publish("wire", RICE)
    clock.advance(MINUTE)
    new = visit(newsroom.open(SITE.replace("试刊", "正刊")))
    for visitor, path, etag in (
        (before, "/feeds/all.rss", etags["/feeds/all.atom"]),  # another format
        (before, "/feeds/all/limit/2.rss", etags["/feeds/all.rss"]),  # another feed
        (before, "/feeds/all.rss", etags["/all"]),  # a page
        (new, "/feeds/all.rss", etags["/feeds/all.rss"]),  # another configuration: all entries may differ
        (before, "/feeds/all.rss", '"unknown"'),
        (before, "/feeds/all.rss", "garbage"),
    ):
        found = visitor.get(path, A_IM="feed", If_None_Match=etag)
        assert found.status_code == 200
        assert len(read(found)[0]) == 2
        assert "IM" not in found.headers
    for path in ("/all", "/opml.xml", "/api/v1/articles"):
        assert before.get(path, A_IM="feed", If_None_Match=etags["/feeds/all.rss"]).status_code == 200


def test_every_process_knows_every_state(newsroom: Newsroom, clock: Clock) -> None:
    """A reader that is served by another worker at each poll, each just started, misses nothing."""
    visitor = visit(newsroom.open())
    readers = [Poller(f"/feeds/all.{suffix}", coding) for suffix in SUFFIXES for coding in UNPACKED]
    for number in range(4):
        newsroom.publish("wire", *(draft(f"第{n}条", guid=str(n)) for n in range(number + 1)))
        clock.advance(MINUTE)
        other = visit(newsroom.open())
        for reader in readers:
            header = {"A_IM": "feed", "If_None_Match": reader.etag, "Accept_Encoding": reader.coding}
            here = visitor.get(reader.path, **header)
            there = reader.poll(other)
            assert there.status_code == (226 if number else 200)
            assert (here.status, here.data) == (there.status, there.data)
            assert dict(here.headers) == dict(there.headers)
            assert len(read(there)[0]) == 1
            assert reader.entries == read(other.get(reader.path))[0]


def test_a_worker_that_lags_behind_hides_nothing(newsroom: Newsroom) -> None:
    """The next poll, anywhere, brings what it did not know yet."""
    service = newsroom.open()
    fast, lagging = visit(service), visit(newsroom.open())
    reader = Poller("/feeds/all.json")
    reader.poll(lagging)
    slow = newsroom.opened.pop()  # it follows no longer
    newsroom.publish("paper", BUS)
    assert reader.poll(fast).status_code == 226
    newsroom.publish("wire", RICE)
    newsroom.clock.advance(MINUTE)
    reader.poll(lagging)  # a step back
    newsroom.opened.append(slow)
    reader.poll(fast)
    assert reader.entries == read(fast.get("/feeds/all.json"))[0]
    assert len(reader.entries) == 2


def test_without_the_store_changes_come_as_a_whole(newsroom: Newsroom) -> None:
    """Bodies are all on disk here; what was rendered of changes before must not be taken for them now."""
    service = newsroom.open(SITE + "\n[catalog]\nbodies = 0\n")
    visitor = visit(service)
    etag = visitor.get("/feeds/all.rss").headers["ETag"]
    newsroom.publish("paper", BUS)
    assert visitor.get("/feeds/all.rss", A_IM="feed", If_None_Match=etag).status_code == 226
    newsroom.publish("wire", RICE)
    visitor.get("/feeds/all.rss")
    service.store.close()
    file = service.settings.store.file
    for each in file.parent.glob(f"{file.name}*"):
        if each.is_file():
            each.rename(each.with_name(f"gone-{each.name}"))
    file.mkdir()
    found = visitor.get("/feeds/all.rss", A_IM="feed", If_None_Match=etag)
    assert found.status_code == 200
    assert len(read(found)[0]) == 2


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), st.integers(0, 4), st.sampled_from(["米", "水"])),
        st.tuples(st.just("poll"), st.just(0), st.just("")),
    ),
    max_size=30,
)


@pytest.mark.slow
@settings(max_examples=30)
@given(CHANGES)
def test_whoever_takes_changes_in_has_what_the_feed_has(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, int, str]]
) -> None:
    """Any history of publications, edits and new tags: nothing of the feed is ever missing or out of date."""
    newsroom = Newsroom(folder=tmp_path_factory.mktemp("site"), clock=Clock())
    try:
        visitor = visit(newsroom.open())
        paths = ["/feeds/all/limit/2.json", f"/feeds/tag/{quote('米')}.json"]
        readers = [Poller(path) for path in paths]
        current: dict[int, Draft] = {}
        for count, (what, number, tag) in enumerate([*changes, ("poll", 0, "")]):
            newsroom.clock.advance(timedelta(seconds=7))
            if what == "publish":
                current[number] = draft(f"{number}号，第{count}版", guid=str(number), tags=(tag,))
                newsroom.publish("wire", *current.values())
                continue
            for reader in readers:
                reader.poll(visitor)
                whole, _ = read(visitor.get(reader.path))
                assert whole.items() <= reader.entries.items()
    finally:
        for each in newsroom.opened:
            each.close()
