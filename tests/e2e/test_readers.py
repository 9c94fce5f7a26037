"""Real feed readers read a real site, and all of them find the same entries in every format they know."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

import feedparser
import pytest
from reader import make_reader

from tests.e2e.running import Home, Site, until

NPM = Path(__file__).parent.parent / "data" / "readers"
NODE_PATIENCE = 120.0  # seconds for npm to bring two readers

pytestmark = pytest.mark.slow

ADDRESSES = (
    "all/limit/200",
    "all/limit/200/content/summary",
    "all/limit/20/content/title",
    "category/agriculture/script/hant",
    "region/330000",
    "tag/还没有人写过",
)

HARD = (
    "A & B 合办",
    "1 < 2 且 3 > 2",
    "“引号”、\"双\"与'单'",
    "𠮷野家👨‍👩‍👧开张🇨🇳",
    "代码 ]]> 之间",
    "List<String> 的用法",
    "写作 &lt;b&gt; 的",
    "%E4%B8%80 与 \\n",
)
CONFIG = """
[site]
title = "试刊 & <号外>"

[[sources]]
id = "desk"
kind = "folder"
path = "pages"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a reader found in a feed: (id, title, link) of each entry; `title` None for who does not tell."""

    title: str | None
    entries: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Npm:
    """The folder where readers from npm are, or why there is none."""

    folder: Path | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A site with all of its articles, and readers from npm to read it."""

    site: Site
    npm: Npm

    def url(self, address: str, suffix: str) -> str:
        """Where a feed is, as people copy it."""
        return f"http://127.0.0.1:{self.site.port}/feeds/{quote(address)}.{suffix}"

    def expected(self, address: str) -> Read:
        """What everybody should find, from the JSON alone."""
        feed = self.site.json(f"/feeds/{address}.json")
        entries = [(item["id"], item["title"], item["url"]) for item in feed["items"]]
        return Read(title=feed["title"], entries=entries)


@pytest.fixture(scope="module")
def npm(tmp_path_factory: pytest.TempPathFactory) -> Npm:
    """The readers from npm, brought once."""
    return installed(tmp_path_factory.mktemp("npm"))


@pytest.fixture(scope="module")
def demo(shared_home: Home, npm: Npm) -> Desk:
    """The demo site, every source of it read."""
    return opened(Site(shared_home), npm)


@pytest.fixture(scope="module")
def hard(shared_home: Home, npm: Npm) -> Desk:
    """A site whose titles are hard to write and to read."""
    site = Site(shared_home, CONFIG, name="hard")
    (site.folder / "pages").mkdir()
    for number, title in enumerate(HARD):
        article = {
            "title": escape(title, quote=False),
            "content_html": f"<p>第{number}篇 &amp;amp; ]]&gt;</p>",
        }
        (site.folder / "pages" / f"{number}.json").write_text(json.dumps(article), "utf-8")
    return opened(site, npm)


def opened(site: Site, npm: Npm) -> Desk:
    """A site that runs and has read each of its sources."""
    site.start()
    until(
        lambda: (rows := site.json("/api/v1/sources")["items"]) and all(row["last_success"] for row in rows),
        "every source is read",
    )
    return Desk(site=site, npm=npm)


def installed(folder: Path) -> Npm:
    """`folder` with the readers of package-lock.json, exactly; or why they are not there."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return Npm(why="node or npm is not installed")
    for name in ("package.json", "package-lock.json", "read.js"):
        shutil.copy(NPM / name, folder)
    command = (npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=NODE_PATIENCE, check=False
    )
    return Npm(folder=folder) if done.returncode == 0 else Npm(why=f"npm ci failed: {done.stderr[-500:]}")


def by_feedparser(desk: Desk, url: str) -> Read:
    """feedparser fetches and reads."""
    found = feedparser.parse(url)
    assert (found.status, found.bozo) == (200, False)
    return Read(title=found.feed.title, entries=[(e.id, e.title, e.link) for e in found.entries])


def by_reader(desk: Desk, url: str) -> Read:
    """reader subscribes, polls twice and is asked what it kept; in the order of the feed."""
    with make_reader(":memory:") as library:
        library.add_feed(url)
        library.update_feeds()
        again = library.update_feed(url)
        assert again is None or (again.new, again.modified) == (0, 0)
        feed = library.get_feed(url)
        assert feed.last_exception is None
        kept = {e.id: (e.id, e.title or "", e.link or "") for e in library.get_entries(feed=url)}
        order = [ident for ident, *_ in desk.expected(address_of(url)).entries]
        assert kept.keys() == set(order)
        return Read(title=feed.title, entries=[kept[ident] for ident in order])


def by_sfeed(desk: Desk, url: str) -> Read:
    """sfeed(1) reads what was fetched and writes sfeed(5): tab-separated, the sixth field being the id."""
    sfeed = shutil.which("sfeed")
    if sfeed is None:
        pytest.skip("sfeed is not installed: a real feed reader was not tried")
    found = desk.site.get(f"/feeds/{address_of(url)}.{url.rpartition('.')[2]}")
    assert found.status == 200
    done = desk.site.home.run(sfeed, stdin=found.body)
    assert (done.code, done.err) == (0, "")
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert all(int(row[0]) > 0 for row in rows)
    return Read(title=None, entries=[(row[5], row[1], row[2]) for row in rows])


def by_node(name: str, desk: Desk, url: str) -> Read:
    """A reader from npm, in a process of its own."""
    node = shutil.which("node")
    if desk.npm.folder is None or node is None:
        pytest.skip(f"{name}: {desk.npm.why}: a real feed reader was not tried")
    done = desk.site.home.run(node, "read.js", name, url, cwd=desk.npm.folder)
    assert done.code == 0, done
    found = json.loads(done.out)
    return Read(title=found["title"], entries=[(row[0], row[1], row[2]) for row in found["entries"]])


def by_rss_parser(desk: Desk, url: str) -> Read:
    """rss-parser fetches and reads."""
    return by_node("rss-parser", desk, url)


def by_feedsmith(desk: Desk, url: str) -> Read:
    """feedsmith reads what node fetched."""
    return by_node("feedsmith", desk, url)


def address_of(url: str) -> str:
    """The address within a URL that `Desk.url` made."""
    return next(each for each in ADDRESSES if quote(f"/feeds/{each}.") in url)


READERS = [
    (by_feedparser, "rss"),
    (by_feedparser, "atom"),
    (by_reader, "rss"),
    (by_reader, "atom"),
    (by_reader, "json"),
    (by_sfeed, "rss"),
    (by_sfeed, "atom"),
    (by_rss_parser, "rss"),
    (by_rss_parser, "atom"),
    (by_feedsmith, "rss"),
    (by_feedsmith, "atom"),
    (by_feedsmith, "json"),
]


every_reader = pytest.mark.parametrize(
    ("read", "suffix"), READERS, ids=[f"{read.__name__}-{suffix}" for read, suffix in READERS]
)
Reader = Callable[[Desk, str], Read]


@every_reader
def test_readers_find_the_same_entries(demo: Desk, read: Reader, suffix: str) -> None:
    for address in ADDRESSES:
        expected = demo.expected(address)
        found = read(demo, demo.url(address, suffix))
        assert found.entries == expected.entries
        assert found.title in (expected.title, None)


@every_reader
def test_readers_find_the_same_titles_however_hard(hard: Desk, read: Reader, suffix: str) -> None:
    expected = hard.expected("all/limit/200")
    assert sorted(title for _, title, _ in expected.entries) == sorted(HARD)
    found = read(hard, hard.url("all/limit/200", suffix))
    assert found.entries == expected.entries
    assert found.title in ("试刊 & <号外>", None)


def test_there_is_something_to_read(demo: Desk) -> None:
    sizes = [len(demo.expected(address).entries) for address in ADDRESSES]
    assert sizes[0] == sizes[1] > 50
    assert sizes[2] == 20
    assert sizes[3] > 2
    assert sizes[4] > 2
    assert sizes[5] == 0
