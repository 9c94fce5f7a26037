"""Every command of the command line, as it is typed."""

import json
import os
import pty
import re
import signal

import pytest

from tests import hostile
from tests.e2e.running import Home, Site, until
from tests.upstream import Upstream

pytestmark = pytest.mark.slow

HELP = {
    "serve": ("--config", "--host", "--port", "--workers", "--no-refresh"),
    "refresh": ("--config", "--watch", "[SOURCES]..."),
    "tag": ("--config", "[FILE|-]"),
    "learn": ("--config", "--map", "--force", "--forget", "[FILE|-]"),
    "extract": ("--config", "--source", "--why", "FILE|URL ..."),
    "ingest": ("--config", "--source", "FILE ..."),
    "check": ("--config",),
    "status": ("--config", "--json"),
    "init": ("[DIRECTORY]",),
}
TWO = """
[refresh]
allow_networks = {networks}

[[sources]]
id = "wire"
title = "通稿"
url = "{url}"

[[sources]]
id = "desk"
title = "编辑部"
kind = "folder"
path = "desk"
region = "330400"
"""
PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>澉浦橘园开园 - 海盐新闻</title>
<meta name="author" content="橘子"></head><body><h1>澉浦橘园开园</h1>
<p class="time">2026-11-18 09:30</p><article><p>{text}</p><p>{text}</p></article></body></html>"""
TEXT = (
    "海盐县澉浦镇的橘园昨天开园，第一批柑橘当天就卖出了三千多斤，不少游客带着孩子在树下采摘，院子里停满了车。"
)


def two(home: Home, url: str, networks: str = '["127.0.0.0/8"]') -> Site:
    """A site of a feed and a folder with one document; nothing is running."""
    site = Site(home, TWO.format(url=url, networks=networks))
    (desk := site.folder / "desk").mkdir()
    (desk / "a.md").write_text("# 平湖今晨大雾\n\n能见度不足五十米。", "utf-8")
    return site


def feed(*titles: str) -> hostile.Behaviour:
    """A feed with these items."""
    items = "".join(f"<item><title>{t}</title><guid>{n}</guid></item>" for n, t in enumerate(titles))
    return hostile.ok(f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode())


def test_help_names_every_command_and_every_option(home: Home) -> None:
    whole = home.run("--help")
    assert whole.code == 0
    for command, options in HELP.items():
        assert re.search(rf"^  {command} +\w", whole.out, re.MULTILINE)
        told = home.run(command, "--help")
        assert (told.code, told.err) == (0, "")
        assert told.out.startswith(f"Usage: feedsvc {command} ")
        for option in options:
            assert option in told.out
    assert re.fullmatch(r"feedsvc, version \d+\.\d+\.\d+\n", home.run("--version").out)
    assert home.run("sreve").code == 2
    assert list(home.folder.rglob("*")) == []


def test_refresh_says_what_came_and_what_failed(home: Home) -> None:
    with Upstream() as upstream:
        site = two(home, upstream.route("/feed", feed("乌镇新开水乡书屋", "桐乡菊农采收忙")))
        done = home.run("refresh", cwd=site.folder)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("2 of 2 sources refreshed: 3 articles new, 0 edited")

        url = upstream.route("/feed", hostile.status(503))
        failed = f"feedsvc: source wire: {url}: answered 503\n"
        done = home.run("refresh", cwd=site.folder)
        assert (done.code, done.err) == (0, failed)
        assert done.out.startswith("1 of 2 sources refreshed: 0 articles new")
        done = home.run("refresh", "wire", cwd=site.folder)
        assert (done.code, done.err) == (1, failed)
        assert done.out.startswith("0 of 1 sources refreshed")

        done = home.run("refresh", "wier", cwd=site.folder)
        assert (done.code, done.out) == (2, "")
        assert done.err.endswith("no source 'wier'; allowed: wire, desk\n")

        status = site.status()
        assert (status["wire"]["failures"], status["desk"]["failures"]) == (2, 0)
        table = home.run("status", cwd=site.folder)
        assert table.code == 0
        rows = {line.split()[0]: line for line in table.out.splitlines()[1:]}
        assert list(rows) == ["wire", "desk"]
        assert rows["wire"].rstrip().endswith(f"{url}: answered 503")


def test_refresh_shows_its_progress_on_a_terminal(home: Home) -> None:
    master, slave = pty.openpty()
    os.set_blocking(master, False)
    terminal = {"TERM": "xterm", "COLUMNS": "80"}
    started = home.start("refresh", cwd=home.folder, log=slave, environ=terminal)
    os.close(slave)
    said = bytearray()

    def over() -> bool:
        try:
            said.extend(os.read(master, 65536))
        except BlockingIOError:
            return False
        except OSError:  # nobody has the other end open any more
            return True
        return False

    until(over, "it ends")
    os.close(master)
    assert started.wait(30) == 0
    seen = re.findall(r"(\d)/8", said.decode())
    assert seen[0] == "0"
    assert seen[-1] == "8"
    assert seen == sorted(seen)
    assert "\r\n" in said.decode()
    assert "8 of 8 sources refreshed: " in said.decode()


def test_refresh_watch_refreshes_for_a_service_that_only_answers(home: Home) -> None:
    with Upstream() as upstream:
        site = two(home, upstream.route("/feed", feed("乌镇新开水乡书屋")))
        site.start("--no-refresh")
        assert site.items("all") == []
        assert upstream.count("/feed") == 0
        watching = home.start("refresh", "--watch", cwd=site.folder, log=home.folder / "watch.log")
        until(lambda: len(site.items("all")) == 2, "both sources are read")
        (site.folder / "desk" / "b.md").write_text("# 海盐橘子开采", "utf-8")
        until(lambda: len(site.items("all")) == 3, "the new document")
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(30) == 0
        until(lambda: all("serve" in p.command for p in home.processes()), "its children end")
        assert len(site.items("all")) == 3
        assert upstream.count("/feed") == 1


def test_tag_answers_in_order_and_names_bad_lines(home: Home) -> None:
    lines = [
        '{"id": "b", "title": "冬小麦播种进度过半 农技人员下田指导", "text": "眼下正是冬小麦播种的时节。"}',
        "",
        '{"id": 7, "title": "", "text": ""}',
        "{nothing",
        '{"title": "没有编号"}',
        '{"id": "a", "title": "禹城市功能糖产业再添新线", "text": "这条生产线在山东禹城。", "x": 1}',
    ]
    done = home.run("tag", stdin="\n".join(lines).encode())
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [list(row) for row in rows] == [["id", "keywords", "category", "regions"]] * 3
    assert [row["id"] for row in rows] == ["b", 7, "a"]
    assert "冬小麦" in rows[0]["keywords"]
    assert rows[0]["category"] == "agriculture"
    assert rows[1] == {"id": 7, "keywords": [], "category": None, "regions": []}
    assert rows[2]["regions"] == ["371482"]
    assert done.code == 1
    assert [line.split(": ")[1] for line in done.err.splitlines()] == ["<stdin>, line 4", "<stdin>, line 5"]

    file = home.folder / "in.jsonl"
    file.write_text("\n".join(lines[:3]), "utf-8")
    done = home.run("tag", str(file))
    assert (done.code, done.err) == (0, "")
    assert [json.loads(line) for line in done.out.splitlines()] == rows[:2]


def test_extract_reads_pages_in_any_encoding(home: Home) -> None:
    for charset in ("utf-8", "gbk"):
        page = PAGE.format(charset=charset, text=TEXT)
        (home.folder / f"{charset}.html").write_bytes(page.encode(charset))
    done = home.run("extract", "gbk.html", "none.html", "utf-8.html")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [row["file"] for row in rows] == ["gbk.html", "none.html", "utf-8.html"]
    for row in (rows[0], rows[2]):
        assert row["title"] == "澉浦橘园开园"
        assert row["published"] == "2026-11-18T09:30:00+08:00"
        assert row["author"] == "橘子"
        assert row["text"].count(TEXT) == 2
        assert row["html"].count(f"<p>{TEXT}</p>") == 2
        assert list(row)[:6] == ["file", "title", "published", "author", "text", "html"]
        assert "why" not in row
    assert set(rows[1].values()) == {"none.html", None}
    assert (done.code, done.err) == (0, "feedsvc: none.html: cannot be read (No such file or directory)\n")
    assert home.run("extract", "none.html").code == 1


def test_extract_says_why(home: Home) -> None:
    (home.folder / "page.html").write_text(PAGE.format(charset="utf-8", text=TEXT), "utf-8")
    row = json.loads(home.run("extract", "--why", "page.html").out)
    assert row["why"]["title"] == "<h1>, repeated by what the page declares"
    assert row["why"]["published"] == "shown beside the headline"
    assert row["why"]["author"] == "meta author"
    assert set(row["why"]) == {"title", "published", "author", "body"}


def test_extract_fetches_only_what_may_be_fetched(home: Home) -> None:
    with Upstream() as upstream:
        url = upstream.route(
            "/a.html", hostile.ok(PAGE.format(charset="utf-8", text=TEXT).encode(), "text/html")
        )
        site = two(home, url, networks="[]")
        done = home.run("extract", url, cwd=site.folder)
        assert done.code == 1
        assert done.err.startswith(f"feedsvc: {url}: ")
        assert upstream.connections == 0
        site.configure(TWO.format(url=url, networks='["127.0.0.1/32"]'))
        done = home.run("extract", "--source", "wire", url, cwd=site.folder)
        assert (done.code, done.err) == (0, "")
        assert json.loads(done.out)["title"] == "澉浦橘园开园"
        assert home.run("extract", "--source", "none", url, cwd=site.folder).code == 2


def test_ingest_puts_documents_into_a_source(home: Home) -> None:
    site = two(home, "http://127.0.0.1:9/feed")
    (given := home.folder / "given").mkdir()
    (given / "a.md").write_text("# 南湖菱角上市\n\n今年产量略增。", "utf-8")
    (given / "b.json").write_text(json.dumps({"title": "全市图书馆周末延时开放"}), "utf-8")

    def ingest(*files: str) -> tuple[int, str, str]:
        done = home.run("ingest", "--source", "desk", *files, cwd=site.folder)
        return done.code, done.out, done.err

    assert ingest(str(given)) == (0, "2 articles new, 0 edited, 0 unchanged\n", "")
    assert ingest(str(given / "a.md"), str(given / "b.json"))[1].startswith(
        "0 articles new, 0 edited, 2 unch"
    )
    (given / "a.md").write_text("# 南湖菱角上市\n\n今年产量增两成。", "utf-8")
    (given / "c.json").write_text("{", "utf-8")
    code, out, err = ingest(str(given))
    assert (code, out) == (0, "0 articles new, 1 edited, 1 unchanged\n")
    assert err.startswith(f"feedsvc: {given}/c.json: line 1: ")
    assert ingest("none.md")[0] == 2
    assert home.run("ingest", "--source", "none", str(given), cwd=site.folder).code == 2

    site.start()
    until(lambda: len(site.items("source/desk")) == 3, "what was given, and what lies in the folder")
    regions = {item["title"]: item["_feedsvc"]["regions"] for item in site.items("source/desk")}
    assert regions["全市图书馆周末延时开放"] == ["330400"]


def test_init_writes_what_check_finds_fine_and_serve_runs(home: Home) -> None:
    done = home.run("init", "site")
    assert (done.code, done.err) == (0, "")
    written = (home.folder / "site" / "feedsvc.toml").read_bytes()
    again = home.run("init", "site")
    assert again.code == 2
    assert again.err == "feedsvc: site/feedsvc.toml: exists already and is left as it is\n"
    assert (home.folder / "site" / "feedsvc.toml").read_bytes() == written
    assert home.run("check", cwd=home.folder / "site").code == 0
    site = Site(home, written.decode(), name="copy")
    site.start()
    assert site.json("/feeds/all.json")["title"] == "我的新闻订阅"


def test_status_of_a_site_that_never_ran(home: Home) -> None:
    site = two(home, "http://127.0.0.1:9/feed")
    never = {"last_attempt": None, "last_success": None, "failures": 0, "next_try": None, "cause": None}
    assert site.status() == {"wire": {"id": "wire"} | never, "desk": {"id": "desk"} | never}
    assert "at the first start" in home.run("status", cwd=site.folder).out
    assert sorted(path.name for path in site.folder.iterdir()) == ["desk", "feedsvc.toml"]


def test_serve_takes_port_and_workers_from_the_environment(home: Home) -> None:
    site = Site(home)
    environ = {"PORT": str(site.port), "WEB_CONCURRENCY": "3"}
    started = home.start("serve", cwd=site.folder, log=site.log, environ=environ)
    site.wait_ready(started)
    workers = until(
        lambda: len([p for p in home.processes() if p.parent == started.pid]) == 3, "three workers"
    )
    assert workers
    until(lambda: len(site.items("all")) == 50, "the demo site is read")
    assert site.json("/feeds/all.json")["feed_url"] == f"http://127.0.0.1:{site.port}/feeds/all.json"
    assert (home.folder / "state" / "feedsvc" / "demo.db").exists()
    assert list(site.folder.iterdir()) == []
    started.send_signal(signal.SIGTERM)
    assert started.wait(30) == 0
    until(lambda: not home.processes(), "workers and children end")
    assert home.run("check", cwd=site.folder).code == 0
