"""Mistakes in values, tables, files and variables, and the one line each gets."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.config import load
from feedsvc.errors import ConfigError
from tests.configured import COUNT, ID, KEY, KEYS, LINE, MINUTES, SECTIONS, URL, refusal, told, written

LIMITS = "unknown setting; did you mean 'limit'? allowed: limit, archive_size, content, hubs, hub, stories"


@pytest.mark.parametrize(
    ("section", "setting", "found", "allowed"),
    [
        ("site", 'title = " "', "' '", LINE),
        ("site", 'title = "a\\nb"', "'a\\nb'", LINE),
        ("site", "title = 8", "8", LINE),
        ("site", "description = 2024-01-02", "the date or time 2024-01-02", LINE),
        ("site", 'base_url = "news.example.org"', "'news.example.org'", f"{URL} without ? and #"),
        ("site", 'base_url = "ftp://example.org"', "'ftp://example.org'", f"{URL} without ? and #"),
        ("site", 'base_url = "https://example.org/?a"', "'https://example.org/?a'", f"{URL} without ? and #"),
        ("site", 'base_url = "https://example.org/#a"', "'https://example.org/#a'", f"{URL} without ? and #"),
        ("site", 'language = "zh_CN"', "'zh_CN'", 'a language tag such as "zh-CN" or "zh-TW"'),
        ("site", 'authority = "https://a.cn"', "'https://a.cn'", 'a domain name such as "example.org"'),
        ("site", 'contact = "nobody"', "'nobody'", "an e-mail address"),
        (
            "site",
            'icon = "data:,x"',
            "'data:,x'",
            f'{URL}, or a path below base_url such as "/static/icon.png"',
        ),
        ("server", 'host = ""', "''", "an IP address or a host name"),
        ("server", 'host = "a b"', "'a b'", "an IP address or a host name"),
        ("server", "port = 0", "0", "a whole number from 1 to 65535"),
        ("server", "port = 65536", "65536", "a whole number from 1 to 65535"),
        ("server", 'port = "8"', "'8'", "a whole number from 1 to 65535"),
        ("server", "port = 8.5", "8.5", "a whole number from 1 to 65535"),
        ("server", "port = 8.0", "8", "a whole number from 1 to 65535"),
        ("server", "port = true", "true", "a whole number from 1 to 65535"),
        ("server", f"port = {'9' * 40}", "a number too large", "a whole number from 1 to 65535"),
        ("server", "workers = 0", "0", COUNT),
        ("server", "threads = -1", "-1", COUNT),
        ("store", 'url = "sqlite://"', "'sqlite://'", "sqlite:///FILE"),
        ("store", 'url = "sqlite:///:memory:"', "'sqlite:///:memory:'", "sqlite:///FILE"),
        ("store", 'url = "sqlite:///a?b"', "'sqlite:///a?b'", "sqlite:///FILE"),
        ("store", 'url = "sqlite:///a/"', "'sqlite:///a/'", "sqlite:///FILE"),
        ("store", 'url = "mysql://me:pw@h/d"', "'mysql://***@h/d'", "sqlite:///FILE"),
        ("store", 'retention = "1h"', "'1h'", 'a duration from "1d" to "36500d"'),
        ("store", 'retention = "400 days"', "'400 days'", 'a duration from "1d" to "36500d"'),
        ("store", "retention = 400", "400", 'a duration from "1d" to "36500d"'),
        ("catalog", "max_articles = 0", "0", COUNT),
        ("catalog", "bodies = -1", "-1", "a whole number, 0 or more"),
        ("catalog", 'cache = "64M"', "'64M'", 'a size such as "64MiB", "1MiB" or more'),
        ("catalog", "cache = 67108864", "67108864", 'a size such as "64MiB", "1MiB" or more'),
        ("catalog", 'cache = "1KiB"', "'1KiB'", 'a size such as "64MiB", "1MiB" or more'),
        ("catalog", 'tail = "1ms"', "'1ms'", 'a duration from "10ms" to "10s"'),
        ("refresh", 'interval = "9s"', "'9s'", MINUTES),
        ("refresh", 'interval = "31d"', "'31d'", MINUTES),
        ("refresh", "interval = 00:15:00", "the date or time 00:15:00", MINUTES),
        ("refresh", "jitter = 1.5", "1.5", "a number from 0 to 1"),
        ("refresh", "jitter = nan", "nan", "a number from 0 to 1"),
        ("refresh", "jitter = true", "true", "a number from 0 to 1"),
        ("refresh", "concurrency = 0", "0", COUNT),
        ("refresh", 'deadline = "0s"', "'0s'", 'a duration from "1s" to "2m"'),
        ("refresh", 'max_body = "2GiB"', "'2GiB'", 'a size from "1KiB" to "1GiB"'),
        ("refresh", "children = 0", "0", COUNT),
        (
            "refresh",
            'allow_networks = ["10.0.0.1/8"]',
            "'10.0.0.1/8'",
            'a list of networks such as ["10.0.0.0/8", "fd00::/8"]',
        ),
        (
            "refresh",
            "allow_networks = [167772160]",
            "167772160",
            'a list of networks such as ["10.0.0.0/8", "fd00::/8"]',
        ),
        ("refresh", f'proxy = "socks5://me:{KEY}@h"', "a value that is not shown", URL),
        ("refresh", 'user_agent = "feeds\\r\\nX: y"', "'feeds\\r\\nX: y'", "printable ASCII on one line"),
        ("feeds", "limit = 201", "201", "a whole number from 1 to 200"),
        ("feeds", "archive_size = 0", "0", COUNT),
        ("feeds", 'content = "all"', "'all'", '"full", "summary" or "title"'),
        (
            "feeds",
            'hubs = "https://hub.example.org"',
            "'https://hub.example.org'",
            f"a list of hubs, each {URL}",
        ),
        ("feeds", 'hubs = ["hub"]', "'hub'", f"a list of hubs, each {URL}"),
        ("feeds", 'hub = "https://hub.example.org"', "'https://hub.example.org'", "true or false"),
        ("tagging", "max_keywords = 51", "51", "a whole number from 1 to 50"),
        ("tagging", 'dictionaries = "a.txt"', "'a.txt'", 'a list of files, such as ["words.txt"]'),
        ("tagging", "stopwords = [3]", "3", 'a list of files, such as ["words.txt"]'),
        ("tagging", 'blocked = ["a", ""]', "''", "a list of texts, each on one line and not empty"),
        ("tagging", "aliases = []", "a list", 'a table such as {"新能源车" = "新能源汽车"}'),
        ("tagging", "category_map = 3", "3", 'a table such as {"股市" = "finance"}'),
    ],
)
def test_wrong_values(tmp_path: Path, section: str, setting: str, found: str, allowed: str) -> None:
    key = setting.split(" ")[0]
    line = refusal(tmp_path, f"# first\n[{section}]\n{setting}\n")
    assert line == f"f.toml:3: {section}.{key}: found {found}; allowed: {allowed}"
    assert KEY not in line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("site = 3", "1: site: found 3; allowed: a table"),
        ("sources = 3", "1: sources: found 3; allowed: tables headed [[sources]]"),
        ("[sources]\nid = 'a'", "1: sources: found a table; allowed: tables headed [[sources]]"),
        ("sources = ['a']", "1: source no. 1: found 'a'; allowed: a table"),
        (
            "\n[refesh]\ninterval = '1m'",
            f"2: refesh: unknown section; did you mean 'refresh'? allowed: {SECTIONS}, categories, sources",
        ),
        ("x = 1", f"1: x: unknown section; allowed: {SECTIONS}, categories, sources"),
        ('"x\\ny" = 1', f"1: 'x\\ny': unknown section; allowed: {SECTIONS}, categories, sources"),
        (
            "[feeds]\nLimits = 3",
            "2: feeds.Limits: unknown setting; did you mean 'limit'? "
            "allowed: limit, archive_size, content, hubs, hub, stories",
        ),
        (
            "[site]\ncontact.email = 'a@example.org'",
            "2: site.contact: found a table; allowed: an e-mail address",
        ),
        (
            "[tagging.aliases]\na = 'b'\nc = 3",
            '3: tagging.aliases.c: found 3; allowed: a table such as {"新能源车" = "新能源汽车"}',
        ),
        (
            "[tagging]\naliases = {a = 'b', '' = 'x'}",
            "2: tagging.aliases.'': found ''; allowed: a table such as {\"新能源车\" = \"新能源汽车\"}",
        ),
        (
            f"[server]\napi_keys = ['{KEY}', 'short']",
            f"2: server.api_keys: {KEYS}",
        ),
        (
            f"[server]\napi_keys = '{KEY}'",
            f"2: server.api_keys: {KEYS}",
        ),
        (
            "[store]\nurl = 'postgresql+psycopg://me:pw@h/d'",
            "2: store.url: PostgreSQL is not supported by this version; allowed: sqlite:///FILE",
        ),
        (
            "[site]\nbase_url = 'https://me:pw@example.org'",
            "2: site.base_url: found a URL with a user name; allowed: a URL without one",
        ),
        ("[[categories]]\nkey = 'A'\nlabel = 'b'", f"2: category 'A': key: found 'A'; allowed: {ID}"),
        ("[[categories]]\nkey = 'a'", f"1: category 'a': label: missing; allowed: {LINE}, without / and ,"),
        (
            "[[categories]]\nkey = 'a'\nlabel = 'b/c'",
            f"3: category 'a': label: found 'b/c'; allowed: {LINE}, without / and ,",
        ),
        (
            "[[categories]]\nkey = 'a'\nlabel = 'b'\n[[categories]]\nkey = 'c'\nlabel = 'a'",
            "6: category 'c': label: found 'a', taken by no. 1; allowed: one that no other has",
        ),
        (
            "[[categories]]\nkey = 'a'\nlabel = 'b'\niptc = ['04000000']",
            "4: category 'a': iptc: found '04000000'; allowed: a list of codes such as [\"medtop:04000000\"]",
        ),
        (
            "[[categories]]\nkey = 'a'\nlabel = 'b'\ngb = [0]",
            "4: category 'a': gb: found 0; allowed: a list of whole numbers, 1 or more",
        ),
    ],
)
def test_wrong_tables(tmp_path: Path, text: str, expected: str) -> None:
    assert refusal(tmp_path, text) == f"f.toml:{expected}"


def test_the_first_mistake_by_position_is_told_and_the_others_counted(tmp_path: Path) -> None:
    text = "[server]\nport = 0\n[site]\nx = 1\n[[sources]]\nid = 'A'\nregion = 'x'\ncategory = 'y'\n"
    environ = {"FEEDSVC_FEEDS__LIMIT": "0", "FEEDSVC_A__B": "1"}
    told = (
        "site.x: unknown setting; allowed: "
        "title, description, base_url, language, authority, contact, icon, logo"
    )
    # Two in the environment; of the source the id, the region, the category and the missing url, which is not
    # looked for while the id is wrong.
    assert refusal(tmp_path, text[text.index("[site]") :], environ) == f"f.toml:2: {told} (and 5 more)"
    port = "server.port: found 0; allowed: a whole number from 1 to 65535 (and 6 more)"
    assert refusal(tmp_path, text, environ) == f"f.toml:2: {port}"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "abc", "server.port: found 'abc'; allowed: a whole number from 1 to 65535"),
        ("WEB_CONCURRENCY", "0", f"server.workers: found 0; allowed: {COUNT}"),
        ("FEEDSVC_FEEDS__LIMIT", "many", "feeds.limit: found 'many'; allowed: a whole number from 1 to 200"),
        ("FEEDSVC_FEEDS__LIMITS", "3", f"feeds.limits: {LIMITS}"),
        (
            "FEEDSVC_FEED__LIMIT",
            "3",
            f"feed.limit: unknown section; did you mean 'feeds'? allowed: {SECTIONS}",
        ),
        ("FEEDSVC_SOURCES__A", "3", f"sources.a: unknown section; allowed: {SECTIONS}"),
        ("FEEDSVC_SERVER__API_KEYS", KEY, f"server.api_keys: {KEYS}"),
        ("FEEDSVC_SITE__TITLE", "a\udcff", f"site.title: found 'a\\udcff'; allowed: {LINE}"),
    ],
)
def test_wrong_variables(tmp_path: Path, name: str, value: str, expected: str) -> None:
    text = "[feeds]\nlimit = 0\n" if name == "FEEDSVC_FEEDS__LIMIT" else ""
    assert refusal(tmp_path, text, {name: value}) == f"environment {name}: {expected}"


def test_wrong_flags_come_last(tmp_path: Path) -> None:
    told = "server.port: found 0; allowed: a whole number from 1 to 65535"
    assert refusal(tmp_path, "", {"PORT": "1"}, server__port=0) == f"command line: {told}"
    line = refusal(tmp_path, "", {"WEB_CONCURRENCY": "0"}, server__port=0)
    assert line == f"environment WEB_CONCURRENCY: server.workers: found 0; allowed: {COUNT} (and 1 more)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[site]\ntitle = \n", "2: Invalid value; allowed: TOML 1.0"),
        ("[site]\n\ntitle\n", "3: Expected '=' after a key in a key/value pair; allowed: TOML 1.0"),
        ("[site]\n[site]\n", "2: Cannot declare ('site',) twice; allowed: TOML 1.0"),
        ("[site]\ntitle = 'a'\ntitle = 'b'\n", "3: Cannot overwrite a value; allowed: TOML 1.0"),
        ("a = [\n1,\n", "3: Invalid value; allowed: TOML 1.0"),
    ],
)
def test_wrong_toml(tmp_path: Path, text: str, expected: str) -> None:
    assert refusal(tmp_path, text) == f"f.toml:{expected}"


@pytest.mark.parametrize("value", ["[" * 100_000, "9" * 100_000])
def test_toml_that_is_too_much_for_the_parser(tmp_path: Path, value: str) -> None:
    line = refusal(tmp_path, f"a = {value}")
    assert line.startswith("f.toml")
    assert line.endswith("; allowed: TOML 1.0")
    assert len(line.splitlines()) == 1
    assert len(line) < 300


def test_wrong_files(tmp_path: Path) -> None:
    gone, gbk = tmp_path / "gone.toml", tmp_path / "gbk.toml"
    gbk.write_bytes("[site]\ntitle = '新闻'\n".encode("gbk"))
    assert told(gone) == f"{gone}: cannot be read: No such file or directory"
    assert told(tmp_path) == f"{tmp_path}: cannot be read: Is a directory"
    assert told(gbk) == f"{gbk}:2: found bytes that are not UTF-8; allowed: TOML in UTF-8"


def test_the_file_that_the_environment_names_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"FEEDSVC_CONFIG": "gone.toml"}
    assert told(None, environ) == "gone.toml: cannot be read: No such file or directory"


_TABLES = ["[site]", "[server]", "[[sources]]", "[sources.headers]", "[[categories]]"]
_KEYS = ["title", "port", "id", "url", "kind", "region", "key", "label", "三农"]
_VALUES = [
    "1",
    "'a'",
    "'feed'",
    "'http://x.cn'",
    "'三农'",
    "'嘉兴'",
    "1.5",
    "true",
    "nan",
    "'1d'",
    "2024-01-01",
]
_MARKS = ["=", "=", "=", "[", "]", "{", "}", ",", ".", "#", '"""', "'''", "\n", "\n", "\n"]
_WORDS = st.sampled_from([*_TABLES, *_KEYS, *_VALUES, *_MARKS])


@given(st.one_of(st.text(max_size=40), st.lists(_WORDS, max_size=40).map(" ".join)))
def test_any_text_is_settings_or_one_line(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = written(tmp_path_factory.getbasetemp(), text)
    with contextlib.suppress(ConfigError):
        assert load(file).file == file
        return
    line = told(file)
    assert line.startswith(str(file))
    assert len(line.splitlines()) == 1


@given(st.text(max_size=30).filter(lambda value: "\0" not in value))
def test_any_variable_is_settings_or_one_line(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    file = written(tmp_path_factory.getbasetemp(), "")
    for name in ("FEEDSVC_SITE__TITLE", "FEEDSVC_TAGGING__ALIASES", "FEEDSVC_STORE__URL", "PORT"):
        with contextlib.suppress(ConfigError):
            load(file, {name: value})
            continue
        line = told(file, {name: value})
        assert line.startswith(f"environment {name}: ")
        assert len(line.splitlines()) == 1
