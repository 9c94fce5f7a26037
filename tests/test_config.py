"""feedsvc.toml, environment and command line: which file, what overrides what, and what comes out whole."""

import os
import pickle
import subprocess
import sys
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from feedsvc import __version__
from feedsvc.config import DEMO, check, load
from feedsvc.errors import ConfigError
from feedsvc.model import Kind
from tests.configured import KEY, site, written

SITE = """
[site]
title = "嘉禾新闻"
base_url = "https://News.Example.org/zh/"
icon = "/static/icon.png"
logo = "https://cdn.example.org/logo.png"
[store]
url = "sqlite:///state/a b.db"
[refresh]
interval = "1h"
allow_networks = ["10.0.0.0/8", "fd00::/8"]
[tagging]
dictionaries = ["words.txt"]
stopwords = ["/etc/stop.txt"]
aliases = { "新能源车" = "新能源汽车" }
[[sources]]
id = "jiahe"
url = "https://例子.example.org/新闻.xml"
category = "三农"
region = "浙江/嘉兴"
headers = { X-Key = "secret" }
[[sources]]
id = "papers"
kind = "folder"
title = "纸"
path = "../papers"
url = "/static/papers/"
interval = "90s"
region = "330400"
category = "education"
author = "编辑部"
max_items = 7
enabled = false
"""


def test_everything_comes_out_whole(tmp_path: Path) -> None:
    found = site(tmp_path / "conf", SITE)
    assert found.file == tmp_path / "conf" / "feedsvc.toml"
    assert found.site.base_url == "https://news.example.org/zh"
    assert found.site.authority == "news.example.org"
    assert found.site.icon == "https://news.example.org/zh/static/icon.png"
    assert found.site.logo == "https://cdn.example.org/logo.png"
    assert found.store.file == tmp_path / "conf" / "state" / "a b.db"
    assert found.state_dir == tmp_path / "conf" / "state" / "a b.db.d"
    assert found.refresh.allow_networks == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert found.refresh.user_agent == f"feedsvc/{__version__} (+https://news.example.org/zh)"
    assert found.tagging.dictionaries == (tmp_path / "conf" / "words.txt",)
    assert found.tagging.stopwords == (Path("/etc/stop.txt"),)
    assert found.tagging.aliases == {"新能源车": "新能源汽车"}
    assert found.warnings == ()
    feed, folder = found.sources
    assert feed.kind is Kind.AUTO
    assert feed.title == "jiahe"
    assert feed.url == "https://xn--fsqu00a.example.org/%E6%96%B0%E9%97%BB.xml"
    assert feed.interval == timedelta(hours=1)
    assert (feed.category, feed.region) == ("agriculture", "330400")
    assert feed.headers == {"X-Key": "secret"}
    assert folder.kind is Kind.FOLDER
    assert folder.path == tmp_path / "papers"
    assert folder.url == "https://news.example.org/zh/static/papers/"
    assert folder.interval == timedelta(seconds=90)
    assert (folder.category, folder.region, folder.author) == ("education", "330400", "编辑部")
    assert (folder.max_items, folder.enabled, folder.title) == (7, False, "纸")


def test_defaults(tmp_path: Path) -> None:
    found = site(tmp_path, "")
    assert found.site.title == "feedsvc"
    assert found.site.base_url == "http://127.0.0.1:8000"
    assert found.site.authority == "127.0.0.1"
    assert found.store.file == tmp_path / "feedsvc.db"
    assert found.store.retention == timedelta(days=400)
    assert found.catalog.cache == 64 * 1024 * 1024
    assert found.refresh.max_body == 15 * 1024 * 1024
    assert found.refresh.deadline == timedelta(seconds=30)
    assert (found.feeds.limit, found.feeds.archive_size, found.feeds.content) == (50, 100, "full")
    assert found.tagging.max_keywords == 8
    assert len(found.categories) == 19
    assert {"agriculture": "三农", "education": "教育"}.items() <= {
        c.key: c.label for c in found.categories
    }.items()
    assert all(c.iptc for c in found.categories)
    assert found.sources == ()


def test_own_categories_take_the_place_of_the_shipped_ones(tmp_path: Path) -> None:
    text = """
[[categories]]
key = "silk"
label = "丝绸"
terms = ["缫丝"]
iptc = ["medtop:04000000"]
gb = [15]
[[categories]]
key = "agriculture"
label = "农业"
[[sources]]
id = "a"
url = "https://example.org"
category = "农业"
"""
    silk, farming = (found := site(tmp_path, text)).categories
    assert (silk.key, silk.terms, silk.iptc, silk.gb) == ("silk", ("缫丝",), ("medtop:04000000",), (15,))
    assert (farming.label, farming.terms, farming.gb) == ("农业", (), (14,))
    assert farming.iptc
    assert found.sources[0].category == "agriculture"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("0.0.0.0", "http://localhost:80"),
        ("::", "http://localhost:80"),
        ("::1", "http://[::1]:80"),
        ("[::1]", "http://[::1]:80"),
        ("news.local", "http://news.local:80"),
    ],
)
def test_base_url_follows_host_and_port(tmp_path: Path, host: str, expected: str) -> None:
    assert site(tmp_path, f'[server]\nhost = "{host}"\nport = 80').site.base_url == expected


def test_which_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    monkeypatch.chdir(here)
    home = {"HOME": str(tmp_path)}
    named = home | {"FEEDSVC_CONFIG": str(written(there, '[site]\ntitle = "named"'))}
    assert load(None, home).file is None
    assert load(None, home | {"FEEDSVC_CONFIG": ""}).file is None
    assert load(None, named).site.title == "named"
    written(here, '[site]\ntitle = "here"')
    assert load(None, named).site.title == "here"
    assert load(None, named).file == here / "feedsvc.toml"
    assert load(written(there, '[site]\ntitle = "said"', "x.toml"), named).site.title == "said"


def test_command_line_over_environment_over_file_over_defaults(tmp_path: Path) -> None:
    file = written(tmp_path, "[server]\nport = 1001\nworkers = 5")
    short, long = {"PORT": "1002", "WEB_CONCURRENCY": "3"}, {"FEEDSVC_SERVER__PORT": "1003"}
    assert load(file).server.port == 1001
    assert load(file, {"PORT": ""}).server.port == 1001
    assert load(file, short).server.port == 1002
    assert load(file, short).server.workers == 3
    assert load(file, short | long).server.port == 1003
    assert load(file, short | long, overrides={"server.port": 1004}).server.port == 1004
    assert load(file, long, overrides={"server.port": None}).server.port == 1003
    assert load(file, long).server.workers == 5


def test_any_setting_may_come_from_the_environment(tmp_path: Path) -> None:
    found = site(
        tmp_path,
        "",
        FEEDSVC_SITE__TITLE="2024",
        FEEDSVC_SITE__DESCRIPTION='"新闻 \\u4e8c"',
        FEEDSVC_SITE__CONTACT="",
        FEEDSVC_REFRESH__ALLOW_NETWORKS='["127.0.0.0/8"]',
        FEEDSVC_REFRESH__INTERVAL="20m",
        FEEDSVC_REFRESH__JITTER="0",
        FEEDSVC_TAGGING__ALIASES='{ "甲" = "乙" }',
        FEEDSVC_FEEDS__LIMIT="7",
        FEEDSVC_CONFIG="/nowhere",
        FEEDSVC_PORT="tcp://10.0.0.1:80",
        OTHER__KEY="x",
    )
    assert found.site.title == "2024"
    assert found.site.description == "新闻 二"
    assert found.site.contact is None
    assert found.refresh.allow_networks == (ip_network("127.0.0.0/8"),)
    assert found.refresh.interval == timedelta(minutes=20)
    assert found.refresh.jitter == 0
    assert found.tagging.aliases == {"甲": "乙"}
    assert found.feeds.limit == 7


def test_a_value_cannot_smuggle_in_another_setting(tmp_path: Path) -> None:
    raw = '"x"\nother = 1'
    with pytest.raises(ConfigError, match=r"found '\"x\"\\nother = 1'; allowed: text on one line"):
        site(tmp_path, "", FEEDSVC_SITE__TITLE=raw)


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    assert site(tmp_path, '\ufeff[site]\r\ntitle = "窗"\r\n').site.title == "窗"


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("x.db", "x.db"),
        ("/srv/x y.db", "/srv/x y.db"),
        ("新%20闻.db", "新 闻.db"),
        ("a%25%3F#@.db", "a%?#@.db"),
    ],
)
def test_store_url_and_file_agree_with_sqlalchemy(tmp_path: Path, url: str, file: str) -> None:
    store = site(tmp_path, f'[store]\nurl = "sqlite:///{url}"').store
    assert store.file == tmp_path / file
    assert make_url(store.url).database == str(store.file)


def test_odd_folder_names_reach_the_store_too(tmp_path: Path) -> None:
    store = site(tmp_path / "100% ?", "").store
    assert make_url(store.url).database == str(store.file) == str(tmp_path / "100% ?" / "feedsvc.db")


def test_secrets_show_nowhere(tmp_path: Path) -> None:
    text = f'[server]\napi_keys = ["{KEY}"]\n[refresh]\nproxy = "http://me:{KEY}@proxy.example.org:3128"\n'
    found = site(tmp_path, text)
    assert KEY not in f"{found!r} {found.server} {found.refresh} {found.server.api_keys}"
    assert [key.get_secret_value() for key in found.server.api_keys] == [KEY]
    assert found.refresh.proxy == f"http://me:{KEY}@proxy.example.org:3128"


def test_settings_are_values(tmp_path: Path) -> None:
    found = site(tmp_path, SITE)
    assert pickle.loads(pickle.dumps(found)) == found == site(tmp_path, SITE)
    with pytest.raises(ValueError, match="frozen"):
        found.site.title = "other"


def test_warnings(tmp_path: Path) -> None:
    empty, open_ = site(tmp_path, '[server]\nhost = "0.0.0.0"').warnings
    assert empty == f"{tmp_path}/feedsvc.toml: no source is enabled; the feeds will stay empty"
    assert open_ == (
        f"{tmp_path}/feedsvc.toml: site.base_url is not set; links will lead to http://localhost:8000, "
        "which other machines may not reach"
    )


class TestDemo:
    """The site that is shown without a configuration."""

    @pytest.fixture(autouse=True)
    def elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def test_reads_what_is_shipped_and_keeps_its_state_apart(self, tmp_path: Path) -> None:
        found = load(None, {"HOME": str(tmp_path)})
        assert found.sources
        assert all(source.path and source.path.is_relative_to(DEMO.parent) for source in found.sources)
        assert found.store.file == tmp_path / ".local" / "state" / "feedsvc" / "demo.db"
        assert check(found) == ()
        assert list(tmp_path.iterdir()) == []

    def test_state_folder_of_the_desktop(self, tmp_path: Path) -> None:
        found = load(None, {"HOME": "/", "XDG_STATE_HOME": str(tmp_path / "state")})
        assert found.store.file == tmp_path / "state" / "feedsvc" / "demo.db"

    @pytest.mark.parametrize("home", ["", "relative", "/dev/null/home"])
    def test_without_a_home_it_is_temporary(
        self, home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        own = tmp_path / f"feedsvc-{os.getuid()}"
        assert load(None, {"HOME": home}).store.file == own / "demo.db"
        own.mkdir()
        assert load(None, {"HOME": home}).store.file == own / "demo.db"
        own.rmdir()
        own.symlink_to(tmp_path)
        with pytest.raises(ConfigError) as caught:
            load(None, {"HOME": home})
        assert str(caught.value) == (
            f"{own}: belongs to another user; allowed: to set store.url, HOME or XDG_STATE_HOME"
        )

    def test_relative_paths_from_outside_start_here(self, tmp_path: Path) -> None:
        assert load(None, {"FEEDSVC_STORE__URL": "sqlite:///x.db"}).store.file == tmp_path / "x.db"


def test_loading_brings_neither_dictionary_nor_database_nor_web() -> None:
    heavy = {"rjieba", "sqlalchemy", "flask", "lxml", "feedsvc.tagging.segment"}
    code = "import sys, feedsvc.config as c; c.load(None, {'HOME': '/'});"
    code += f"sys.exit(' '.join({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
