"""kill -9 at any moment: no article lost, none doubled, ids and dates unchanged; nothing is left running."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.paper import PARAGRAPHS
from tests.e2e.running import Home, Process, Site, kill, until
from tests.hostile import ConditionalFeed
from tests.upstream import Upstream

pytestmark = pytest.mark.slow

# The articles of both sources have the same texts, and each is to be seen.
CONFIG = """
[feeds]
stories = false

[refresh]
jitter = 0
allow_networks = ["127.0.0.0/8"]

[[sources]]
id = "wire"
url = "{url}"
interval = "10s"

[[sources]]
id = "desk"
kind = "folder"
path = "desk"
"""
ITEMS, FILES = 18, 90  # that come in a round; a feed shows 200 at most, files are saved 40 at a time
ROUNDS = 10
# When a round ends: after how many of its articles were seen, and how many seconds later.
MOMENTS = [
    (0, 0.0),
    (1, 0.0),
    (41, 0.0),
    (0, 0.5),
    (1, 0.02),
    (0, 1.0),
    (1, 0.05),
    (0, 0.8),
    (41, 0.02),
    (0, 1.2),
]


def feed(count: int) -> bytes:
    """A feed of so many items, the newest first; every third without a date."""
    items = []
    for number in reversed(range(count)):
        dated = f"<pubDate>Fri, 20 Nov 2026 {number // 60:02}:{number % 60:02}:00 +0800</pubDate>"
        items.append(
            f"<item><guid isPermaLink='false'>wire-{number}</guid><title>通稿第{number}号</title>"
            f"<link>https://wire.example/{number}</link>{dated if number % 3 else ''}"
            f"<description>{''.join(PARAGRAPHS[number % 7 :])}</description></item>"
        )
    return f"<rss version='2.0'><channel><title>通稿</title>{''.join(items)}</channel></rss>".encode()


def write(folder: Path, first: int, count: int) -> None:
    """So many documents."""
    for number in range(first, first + count):
        text = "\n\n".join((f"# 来稿第{number}号", *PARAGRAPHS[number % 7 :]))
        (folder / f"{number:04}.md").write_text(text, "utf-8")


class Reader:
    """A subscriber who remembers everything, and notices what changes that may not."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.known: dict[str, tuple[str, str, str]] = {}
        self._there: set[str] = set()

    def look(self) -> int:
        """Reads the feeds of both sources; how many articles are known now."""
        for source in ("wire", "desk"):
            self._note(self._site.items(f"source/{source}/limit/200/content/title"), "date_published")
        return len(self.known)

    def wait(self, count: int, later: float) -> None:
        """Goes on looking until so many articles are known, and so many seconds more."""
        until(lambda: self.look() >= count, f"{count} articles")
        end = time.monotonic() + later
        until(lambda: self.look() >= count and time.monotonic() >= end, "the moment")

    def look_through(self, count: int = 0) -> None:
        """Reads all there is, again until it is `count`; nothing that was ever seen may be missing."""
        until(lambda: self._read() >= count, f"{count} articles")
        assert self.known.keys() - self._there == set()

    def _read(self) -> int:
        articles = self._site.articles()
        self._note(articles, "published")
        self._there = {article["id"] for article in articles}
        return len(self._there)

    def _note(self, listed: list[dict[str, Any]], date: str) -> None:
        for one in listed:
            now = (one["title"], one["url"], one[date][:19])
            assert self.known.setdefault(one["id"], now) == now
        titles = [title for title, _, _ in self.known.values()]
        assert len(set(titles)) == len(titles), "an article came twice"


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """The server of the feed."""
    with Upstream() as made:
        yield made


def test_ten_kills_in_the_middle_of_a_refresh(home: Home, upstream: Upstream) -> None:
    wire = ConditionalFeed(feed(0))
    site = Site(home, CONFIG.format(url=upstream.route("/feed", wire)))
    (desk := site.folder / "desk").mkdir()
    reader = Reader(site)
    interrupted = 0
    for number, (seen, later) in enumerate(MOMENTS, start=1):
        wire.publish(feed(number * ITEMS))
        write(desk, (number - 1) * FILES, FILES)
        site.start()
        reader.look_through()
        reader.wait(len(reader.known) + seen, later)
        home.kill()
        interrupted += len(reader.known) < number * (ITEMS + FILES)

    site.start()
    reader.look_through(ROUNDS * (ITEMS + FILES))
    titles = {title for title, _, _ in reader.known.values()}
    assert titles == {f"通稿第{n}号" for n in range(ROUNDS * ITEMS)} | {
        f"来稿第{n}号" for n in range(ROUNDS * FILES)
    }
    assert {row["failures"] for row in site.status().values()} == {0}
    assert interrupted >= ROUNDS // 2, "too few of the kills came in the middle"


def refreshing(home: Home) -> Process | None:
    """The worker that refreshes, which is the one that has children."""
    running = {process.pid: process for process in home.processes()}
    reader = next((p for p in running.values() if "spawn_main" in p.command), None)
    return None if reader is None else running.get(reader.parent)


def test_another_worker_takes_over_and_nothing_is_left(home: Home, upstream: Upstream) -> None:
    wire = ConditionalFeed(feed(ITEMS))
    site = Site(home, CONFIG.format(url=upstream.route("/feed", wire)))
    (desk := site.folder / "desk").mkdir()
    reader = Reader(site)
    master = site.start(workers=2)
    until(lambda: reader.look() == ITEMS, "the feed is read")
    first = until(lambda: refreshing(home), "a worker refreshes")
    children = [process for process in home.processes() if process.parent == first.pid]

    write(desk, 0, 5 * FILES)
    until(lambda: reader.look() > ITEMS, "the folder is being read")
    kill(first.pid)
    until(lambda: (now := refreshing(home)) and now.pid != first.pid, "another takes over")
    wire.publish(feed(2 * ITEMS))
    reader.look_through(2 * ITEMS + 5 * FILES)
    until(lambda: not {p.pid for p in home.processes()} & {p.pid for p in children}, "its children end")

    write(desk, 5 * FILES, FILES)
    until(lambda: len(site.articles()) > 2 * ITEMS + 5 * FILES, "the folder is being read")
    kill(master.pid)
    until(lambda: not home.processes(), "workers and children end without their master")
    site.start()
    reader.look_through(2 * ITEMS + 6 * FILES)
