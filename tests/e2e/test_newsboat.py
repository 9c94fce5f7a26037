"""A real feed reader, newsboat, subscribes to a site and polls it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.paper import LISTED, PAGE
from tests.e2e.recording import Recorder
from tests.e2e.running import Home, Site, until

NEWSBOAT = shutil.which("newsboat")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        NEWSBOAT is None, reason="newsboat is not installed: a real feed reader was not tried"
    ),
]

CONFIG = """
[site]
title = "禾城订阅"

[[sources]]
id = "paper"
kind = "folder"
path = "pages"
region = "330400"
"""
RSS, ATOM = "/feeds/all.rss", "/feeds/category/agriculture.atom"


def poll(home: Home, folder: Path) -> None:
    """One run of newsboat without a terminal, from start to end."""
    assert NEWSBOAT is not None
    files = ("-C", str(folder / "config"), "-u", str(folder / "urls"), "-c", str(folder / "cache.db"))
    done = home.run(NEWSBOAT, *files, "-x", "reload")
    assert done.code == 0, done


def read(folder: Path, table: str, columns: str) -> list[tuple[str, ...]]:
    """Rows of newsboat's own database."""
    with closing(sqlite3.connect(folder / "cache.db")) as cache:
        return cache.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()


def test_newsboat_gets_the_articles_and_then_304(home: Home) -> None:
    site = Site(home, CONFIG)
    (pages := site.folder / "pages").mkdir()
    (pages / "第一版.txt").write_text(PAGE, "utf-8")
    site.start()
    until(lambda: len(site.items("all")) == len(LISTED), "the page is read")
    reader = home.folder / "newsboat"
    reader.mkdir()
    (reader / "config").write_text("auto-reload no\nreload-threads 1\n", "utf-8")
    with Recorder(site.port) as recorder:
        rss, atom = recorder.url(RSS), recorder.url(ATOM)
        (reader / "urls").write_text(f"{rss}\n{atom}\n", "utf-8")
        for _ in range(3):
            poll(home, reader)

        articles = {item["id"]: item for item in site.items("all")}
        farming = {ident for ident, item in articles.items() if item["_feedsvc"]["category"] == "agriculture"}
        items = read(reader, "rss_item", "guid, title, url, feedurl, content")
        # It keeps an article that is in two feeds once, for the feed it read last.
        assert sorted(guid for guid, *_ in items) == sorted(articles)
        assert {guid for guid, *_, feed, _ in items if feed == atom} == farming
        for guid, title, url, _, content in items:
            item = articles[guid]
            assert (title, url) == (item["title"], item["url"])
            assert content == item.get("content_html", content)
        titles = sorted([(rss, site.json("/feeds/all.json")["title"]), (atom, "三农 — 禾城订阅")])
        assert sorted(read(reader, "rss_feed", "rssurl, title")) == titles

        for path in (RSS, ATOM):
            polls = [asked for asked in recorder.asked if asked.path == path]
            assert [asked.status for asked in polls] == [200, 200, 304]  # it sends conditions from its third
            assert "if-none-match" in polls[-1].headers

        (pages / "快讯.md").write_text("# 平湖今晨大雾", "utf-8")
        until(lambda: len(site.items("all")) == len(LISTED) + 1, "the new article")
        poll(home, reader)
        assert recorder.asked[-2].status in (200, 226)  # it asks for the new entries alone (RFC 3229)
        assert ("平湖今晨大雾",) in read(reader, "rss_item", "title")
        assert len(read(reader, "rss_item", "guid")) == len(items) + 1  # none of the old ones came again
