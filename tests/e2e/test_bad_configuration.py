"""What cannot work is said in one line, with exit code 2, and nothing is touched."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.e2e.running import FEEDSVC, Done, Home, Site, until

pytestmark = pytest.mark.slow

COMMANDS = ("serve", "refresh", "check")
OTHERS = (("status",), ("tag", "-"), ("extract", "page.html"), ("ingest", "--source", "paper", "pages/a.md"))
FOLDER = """
[[sources]]
id = "paper"
kind = "folder"
path = "pages"
"""
MISTAKES = {
    "an unknown key": ('[refresh]\nintervall = "15m"', "feedsvc.toml:2: refresh.intervall: "),
    "an unknown section": ("[refrehs]\n", "feedsvc.toml:1: refrehs: "),
    "a wrong type": ('[catalog]\nbodies = "many"', "feedsvc.toml:2: catalog.bodies: found 'many'"),
    "a value out of range": ('[refresh]\ninterval = "5s"', "feedsvc.toml:2: refresh.interval: found '5s'"),
    "an unknown category": (f'{FOLDER}category = "三浓"', "feedsvc.toml:6: source 'paper': category: "),
    "an unknown region": (f'{FOLDER}region = "嘉新"', "feedsvc.toml:6: source 'paper': region: "),
    "a region that is many": (f'{FOLDER}region = "鼓楼区"', "feedsvc.toml:6: source 'paper': region: "),
    "no TOML": ("[site", "feedsvc.toml:1: "),
    "two mistakes": ("[feeds]\nlimit = 0\n[server]\nport = 0", "feedsvc.toml:2: feeds.limit: "),
}
Tree = dict[str, tuple[int, int, bytes]]


def tree(folder: Path) -> Tree:
    """All below `folder`: mode, time of change and content.

    What SQLite keeps beside a database that is open is left out, and the time of the empty file that feedsvc
    locks while it looks at one.
    """
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            path.stat().st_mtime_ns if path.is_file() and path.suffix != ".lock" else 0,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
        if not path.name.endswith(("-wal", "-shm"))
    }


@contextmanager
def untouched(home: Home) -> Iterator[None]:
    """Nothing is made, changed or removed in the home meanwhile."""
    before = tree(home.folder)
    yield
    assert tree(home.folder) == before


def run(site: Site, *command: str, **environ: str) -> Done:
    """A command in the folder of the site, which for `serve` has a port of its own."""
    return site.home.run(*command, cwd=site.folder, environ={"PORT": str(site.port)} | environ)


def refused(done: Done) -> str:
    """The one line that says why a command does nothing."""
    assert (done.code, done.out) == (2, ""), done
    assert done.err.count("\n") == 1, done.err
    assert done.err.startswith("feedsvc: "), done.err
    return done.err.removeprefix("feedsvc: ").rstrip()


@pytest.fixture
def site(home: Home) -> Site:
    """A folder source with one document; nothing is running."""
    made = Site(home, FOLDER)
    (made.folder / "pages").mkdir()
    (made.folder / "pages" / "a.md").write_text("# 平湖今晨大雾", "utf-8")
    return made


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_file(site: Site, mistake: str) -> None:
    text, told = MISTAKES[mistake]
    site.configure(text)
    with untouched(site.home):
        line = refused(run(site, "serve"))
    assert line.startswith(told)
    assert "allowed: " in line


def test_every_command_refuses_the_same_mistake(site: Site) -> None:
    site.configure(FOLDER + "interval = 15\n")
    with untouched(site.home):
        lines = {refused(run(site, *command)) for command in (*((c,) for c in COMMANDS), *OTHERS)}
    (line,) = lines
    assert line.startswith("feedsvc.toml:6: source 'paper': interval: found 15; allowed: ")


def test_a_file_that_is_not_there(home: Home) -> None:
    with untouched(home):
        assert refused(home.run("serve", "--config", "none.toml")).startswith("none.toml: ")
        pointed = {"FEEDSVC_CONFIG": "none.toml"}
        assert refused(home.run("refresh", environ=pointed)).startswith("none.toml: ")


@pytest.mark.parametrize(
    ("name", "value"), [("FEEDSVC_SITE__TITEL", "x"), ("FEEDSVC_FEEDS__LIMIT", "many"), ("PORT", "http")]
)
def test_a_mistake_in_the_environment(site: Site, name: str, value: str) -> None:
    with untouched(site.home):
        assert name in refused(run(site, "serve", **{name: value}))


def test_a_word_list_that_is_not_there(site: Site) -> None:
    site.configure(f'[tagging]\ndictionaries = ["words.txt"]\n{FOLDER}')
    with untouched(site.home):
        for command in COMMANDS:
            assert str(site.folder / "words.txt") in refused(run(site, command))


def test_a_dictionary_with_a_bad_line(site: Site) -> None:
    (site.folder / "words.txt").write_text("枫桥经验 100 n\n三治融合 零 n\n", "utf-8")
    site.configure(f'[tagging]\ndictionaries = ["words.txt"]\n{FOLDER}')
    with untouched(site.home):
        for command in COMMANDS:
            assert f"{site.folder / 'words.txt'}:2: found '三治融合 零 n'" in refused(run(site, command))


def test_a_port_in_use(site: Site) -> None:
    with socket.create_server(("127.0.0.1", site.port)), untouched(site.home):
        line = refused(run(site, "serve"))
    assert f"server.port {site.port}: cannot be listened on" in line


FOREIGN = {"text": "not an SQLite database", "sql": "a database of another program", "newer": "newer feedsvc"}


@pytest.mark.parametrize(
    ("foreign", "commands"),
    [("text", ("refresh", "status")), ("sql", COMMANDS), ("newer", ("serve", "check"))],
)
def test_a_database_that_is_not_ours(site: Site, foreign: str, commands: tuple[str, ...]) -> None:
    store = site.folder / "feedsvc.db"
    if foreign == "text":
        store.write_bytes("不是数据库\n".encode() * 500)
    elif foreign == "sql":
        with closing(sqlite3.connect(store)) as raw:
            raw.execute("CREATE TABLE recipes (name TEXT)")
    else:
        assert run(site, "refresh").code == 0
        with closing(sqlite3.connect(store)) as raw, raw:
            raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with untouched(site.home):
        for command in commands:
            line = refused(run(site, command))
            assert line.startswith(f"{store}: ")
            assert FOREIGN[foreign] in line


# Another process, since a lock of SQLite is lost as soon as its process closes any handle of the file.
HOLD = """
import sqlite3, sys
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
if sys.argv[2] == "EXCLUSIVE":
    raw.execute("PRAGMA locking_mode=EXCLUSIVE")
raw.execute(f"BEGIN {sys.argv[2]}")
raw.execute("UPDATE counters SET value = value")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(store: Path, mode: str) -> Iterator[None]:
    """Another program has the database locked meanwhile."""
    command = (sys.executable, "-c", HOLD, str(store), mode)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield
        holder.communicate()


@pytest.mark.parametrize(
    ("mode", "commands"), [("EXCLUSIVE", ("check", "status")), ("IMMEDIATE", ("serve",))]
)
def test_a_database_that_another_program_holds(site: Site, mode: str, commands: tuple[str, ...]) -> None:
    store = site.folder / "feedsvc.db"
    assert site.home.run("refresh", cwd=site.folder).code == 0
    with held(store, mode), untouched(site.home):
        lines = {refused(run(site, command)) for command in commands}
    assert lines == {f"{store}: another program holds the store locked"}
    assert site.home.run("check", cwd=site.folder).code == 0


def test_a_folder_that_is_not_there_hurts_its_source_alone(site: Site) -> None:
    site.configure(FOLDER + '[[sources]]\nid = "gone"\nkind = "folder"\npath = "gone"\n')
    gone = site.folder / "gone"
    with untouched(site.home):
        line = refused(site.home.run("check", cwd=site.folder))
    assert str(gone) in line
    assert "'gone': path:" in line

    done = site.home.run("refresh", cwd=site.folder)
    assert (done.code, done.err) == (0, f"feedsvc: source gone: {gone}: there is no such folder\n")

    site.start()
    assert [item["title"] for item in site.items("all")] == ["平湖今晨大雾"]
    assert site.items("source/gone") == []
    assert site.status()["gone"]["cause"] == f"{gone}: there is no such folder"
    gone.mkdir()
    (gone / "b.md").write_text("# 海盐橘子开采", "utf-8")
    until(lambda: len(site.items("all")) == 2, "the folder is read when it is there")
    assert site.status()["gone"]["cause"] is None


def test_a_folder_that_may_not_be_read(site: Site) -> None:
    pages = site.folder / "pages"
    pages.chmod(0)
    program = [FEEDSVC]
    if os.geteuid() == 0:  # who may read everything
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("setpriv is not installed: root cannot be kept from reading a folder")
        program = [setpriv, "--bounding-set=-dac_override,-dac_read_search", FEEDSVC]
    try:
        line = refused(site.home.run(*program, "check", cwd=site.folder))
        assert f"{pages} cannot be read: Permission denied" in line
        done = site.home.run(*program, "refresh", cwd=site.folder)
        assert done.code == 1
        assert done.err == f"feedsvc: source paper: {pages}: this folder may not be read\n"
    finally:
        pages.chmod(0o755)
