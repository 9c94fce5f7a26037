"""What people read is so: examples run, addresses answer, nothing is missing, and both languages agree."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask.testing import FlaskClient

from feedsvc import config, service
from feedsvc.cli import main
from feedsvc.model import Facet
from feedsvc.store import schema
from feedsvc.web.app import create_app
from tests.configured import written
from tests.conftest import Newsroom
from tests.e2e.running import Home
from tests.test_config_docs import TABLES, offered
from tests.test_layers import LAYERS
from tests.web import titles

ROOT = Path(__file__).parents[1]
PAGES = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/*.md")))
}
ENGLISH, CHINESE = PAGES["README.md"], PAGES["README.zh-CN.md"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    """The code blocks of a page: language and text."""
    return _BLOCK.findall(page)


def spans(page: str) -> list[str]:
    """What a page sets as code within its lines."""
    return [found.replace("\\|", "|") for found in re.findall(r"`([^`\n]+)`", _BLOCK.sub("", page))]


def section(page: str, number: int) -> str:
    """The part under the heading of second level with this number, from 1."""
    return re.split(r"^## .*$", page, flags=re.MULTILINE)[number]


def rows(page: str) -> list[list[str]]:
    """The cells of every row of the tables of a page, without heads."""
    lines = re.findall(r"^\|(.+)\|$", page, flags=re.MULTILINE)
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines]
    heads = {at - 1 for at, row in enumerate(cells) if set("".join(row)) <= set("-: ")}
    return [row for at, row in enumerate(cells) if at not in heads and at - 1 not in heads]


FEED_ADDRESSES, FIVE_MINUTES, COMMAND_LINE = 2, 3, 4


# -- both languages


def test_both_languages_have_the_same_headings() -> None:
    assert [
        re.findall(r"^(#+) ", _BLOCK.sub("", page), flags=re.MULTILINE) for page in (ENGLISH, CHINESE)
    ] == [["#", *["##"] * 9]] * 2


def test_both_languages_have_the_same_examples() -> None:
    assert blocks(ENGLISH) == blocks(CHINESE)
    assert len(blocks(ENGLISH)) >= 6


@pytest.mark.parametrize("number", range(10))
def test_both_languages_name_the_same_things(number: int) -> None:
    there, here = section(ENGLISH, number), section(CHINESE, number)
    assert sorted(set(spans(there))) == sorted(set(spans(here)))
    assert [len(row) for row in rows(there)] == [len(row) for row in rows(here)]
    targets = [re.findall(r"\]\(([^)]+)\)", page.replace("README.zh-CN", "README")) for page in (there, here)]
    assert sorted(targets[0]) == sorted(targets[1])


# -- links


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_links_to_is_there(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", _BLOCK.sub("", PAGES[name])):
        if not re.match(r"https?://|#", target):
            assert (ROOT / name).parent.joinpath(target.partition("#")[0]).exists(), target


def test_the_pictures_are_pictures_and_small() -> None:
    shown = set(re.findall(r"!\[[^\]]+\]\((docs/images/[^)]+)\)", ENGLISH))
    assert {f"docs/images/{path.name}" for path in (ROOT / "docs" / "images").iterdir()} == shown
    for name in shown:
        picture = (ROOT / name).read_bytes()
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        assert len(picture) < 250_000


# -- everything is named


def test_every_section_and_setting_is_described() -> None:
    sections = {name.strip("[]") for name in spans(ENGLISH) if re.fullmatch(r"\[+\w+\]+", name)}
    assert sections == {name.strip("[]") for name in TABLES}
    described = set(spans(PAGES["docs/configuration.md"]))
    assert {key for table in TABLES.values() for key in offered(table)} <= described


def test_every_route_is_named(newsroom: Newsroom) -> None:
    named = [span for span in spans(ENGLISH) if span.startswith("/")]
    for rule in create_app(newsroom.open()).url_map.iter_rules():
        start, variable, _ = rule.rule.partition("<")
        assert any(span.startswith(start) if variable else span == start for span in named) or (
            rule.rule == "/api/v1/"  # answers 404, as all that is not there below it
        ), rule.rule


@pytest.mark.parametrize("name", main.commands)
def test_every_command_and_option_is_named_and_no_other(name: str) -> None:
    found = [span for span in spans(section(ENGLISH, COMMAND_LINE)) if re.match(rf"feedsvc {name}\b", span)]
    assert found
    shared = {"--config"}
    options = {
        option
        for parameter in main.commands[name].params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--")
    }
    assert set(re.findall(r"--[\w-]+", " ".join(found))) == options - shared


def test_no_other_command_is_named() -> None:
    commands = {line.split()[1] for line in spans(ENGLISH) if line.startswith("feedsvc ")}
    commands |= set(re.findall(r"^feedsvc (\w+)", "".join(text for _, text in blocks(ENGLISH)), re.MULTILINE))
    assert commands == set(main.commands)
    everywhere = set(spans(section(ENGLISH, COMMAND_LINE)))
    assert {"-c", "--help", "-h", "--version", "$FEEDSVC_CONFIG"} <= everywhere


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {word for page in PAGES.values() for word in re.findall(r"(?:^|`)make (\w+)", page, re.MULTILINE)}
    assert {"run", "test", "install"} <= named <= targets


def test_every_dependency_has_its_line() -> None:
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    names = [re.split(r"[<>=]", one)[0] for one in asked]
    page = PAGES["docs/dependencies.md"]
    described = [row[0] for row in rows(page) if len(row) == 5]
    assert sorted(described) == sorted(names)
    assert all(all(row[i] for i in (0, 2, 3, 4)) for row in rows(page) if len(row) == 5)


def test_the_design_names_every_module_and_column() -> None:
    page = PAGES["docs/design.md"]
    named = {span.rstrip("/") for span in spans(page)}
    modules = {name.removeprefix("feedsvc.") for layer in LAYERS for name in layer}
    assert modules - {"feedsvc", "__main__"} <= named
    columns = {
        table.strip("`"): re.findall(r"`(\w+)`", last)
        for table, *_, last in rows(page)
        if table.strip("`") in schema.metadata.tables
    }
    assert columns == {
        name: [column.name for column in table.columns] for name, table in schema.metadata.tables.items()
    }


def test_the_changes_have_their_form() -> None:
    head, *versions = re.split(r"^## ", PAGES["CHANGELOG.md"], flags=re.MULTILINE)
    assert head.startswith("# Changes\n")
    for version in versions:
        title, _, text = version.partition("\n")
        assert re.fullmatch(r"Unreleased|\d+\.\d+\.\d+ \(\d{4}-\d{2}-\d{2}\)", title)
        changes = re.split(r"^- ", text.strip(), flags=re.MULTILINE)
        assert changes[0] == ""
        for change in changes[1:]:
            assert re.fullmatch(r"[A-Z«`].*\.", change.strip(), re.DOTALL), change
            assert all(line.startswith("  ") for line in change.strip().split("\n")[1:]), change


# -- examples


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of the demo site, read once."""
    with Home(tmp_path_factory.mktemp("reader")) as home:
        assert home.run("refresh").code == 0
        settings = config.load(None, home.environ)
        assert settings.file is None
        opened = service.open_service(settings)
        yield create_app(opened).test_client()
        opened.close()


# What is there only where a setting says so, and the demo site says nothing.
SWITCHED_ON = {"/hub"}


def addresses() -> list[str]:
    """Every path that the part about addresses names."""
    named = [span for span in spans(section(ENGLISH, FEED_ADDRESSES)) if span.startswith("/")]
    return [address for address in dict.fromkeys(named) if address not in SWITCHED_ON]


# Not addresses themselves: where many begin, or what stands in front of others.
STANDS_FOR = {"/static/": "/static/style.css", "/feeds": "/feeds/all"}


@pytest.mark.slow
@pytest.mark.parametrize("address", addresses())
def test_every_address_of_the_readme_answers(address: str, client: FlaskClient) -> None:
    path = STANDS_FOR.get(address, address)
    if "<id>" in path:
        # Articles of the demo site have no page elsewhere, but for some.
        items = client.get("/api/v1/articles?source=jiahe").get_json()["items"]
        own = next(item for item in items if "/articles/" in item["url"])
        path = path.replace("<id>", own["id"].removeprefix("urn:uuid:"))
    found = client.get(path, buffered=True)
    assert found.status_code in (200, 301, 302), found.text
    if found.status_code != 200:
        found = client.get(found.headers["Location"], buffered=True)
    assert found.status_code == 200
    if path.startswith("/feeds/"):
        assert titles(found), "an example that holds nothing"


@pytest.mark.slow
def test_other_spellings_lead_to_the_address_and_the_suffix_is_the_format(client: FlaskClient) -> None:
    tried = [(address, client.get(address, buffered=True).status_code) for address in addresses()]
    assert [address for address, status in tried if status == 301] == [
        "/三农",
        "/嘉兴",
        "/浙江/嘉兴",
        "/feeds/三农.rss",
        "/feeds/region/浙江/嘉兴.atom",
        "/feeds/region/330400/category/agriculture.rss",
        "/favicon.ico",
    ]
    assert client.get("/feeds/category/culture").status_code == 302
    kinds = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
    for suffix, kind in kinds.items():
        assert client.get(f"/feeds/all.{suffix}").mimetype == kind
    assert client.get("/feeds/category/nowhere.rss").status_code == 404
    assert client.get("/feeds/tag/没有这个标签.json").get_json()["items"] == []
    etag = client.get("/feeds/all.atom").headers["ETag"]
    assert client.get("/feeds/all.atom", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.slow
def test_the_filters_of_the_api_are_those_that_are_named(client: FlaskClient) -> None:
    named = re.findall(r"`[?&]?(-?\w+)=`", section(ENGLISH, FEED_ADDRESSES))
    assert named == ["category", "tag", "region", "source", "author", "q", "limit", "-tag"]
    given = {"category": "agriculture", "tag": "景德镇", "region": "330400", "source": "jiahe"}
    given |= {"author": "海角工作室", "q": "景德镇", "limit": "3"}
    assert given.keys() - {"q", "limit"} == {facet.value for facet in Facet} - {"search"}
    for name, value in given.items():
        found = client.get("/api/v1/articles", query_string={name: value}).get_json()["items"]
        assert 0 < len(found) < 50
    assert client.get("/api/v1/articles", query_string={"-tag": "景德镇"}).status_code == 200


@pytest.mark.slow
def test_the_site_of_five_minutes_works(tmp_path: Path) -> None:
    with Home(tmp_path) as home:
        folder = home.folder
        for language, text in blocks(section(ENGLISH, FIVE_MINUTES)):
            if language == "toml":
                (folder / "feedsvc.toml").write_text(text, "utf-8")
            elif language == "markdown":
                (folder / "papers" / "notice.md").write_text(text, "utf-8")
            else:
                for line in text.splitlines():
                    if line.startswith("cd "):
                        folder = folder / line.removeprefix("cd ")
                    elif line != "feedsvc serve":
                        done = home.run("/bin/sh", "-c", line, cwd=folder)
                        assert done.code == 0, done
        assert "2 sources" in home.run("check", cwd=folder).out
        opened = service.open_service(config.load(folder / "feedsvc.toml"))
        try:
            visitor = create_app(opened).test_client()
            assert titles(visitor.get("/feeds/region/330400/source/papers.atom")) == ["我市新增三条公交线路"]
        finally:
            opened.close()


@pytest.mark.slow
def test_the_example_of_tagging_works(tmp_path: Path) -> None:
    (line,) = [text for _, text in blocks(section(ENGLISH, COMMAND_LINE))]
    with Home(tmp_path) as home:
        done = subprocess.run(
            ["/bin/sh", "-c", line], env=home.environ, capture_output=True, timeout=60, check=True
        )
    found = json.loads(done.stdout)
    assert found["id"] == 1
    assert found["keywords"]
    assert found["category"] == "agriculture"
    assert found["regions"] == ["640000"]


EXAMPLES = [
    pytest.param(text, id=f"{name}-{number}")
    for name, page in PAGES.items()
    for number, (language, text) in enumerate(blocks(page))
    if language == "toml"
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_configuration_that_is_shown_loads(example: str, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    config.load(written(tmp_path, example))


def test_the_readme_names_the_oldest_python_that_will_do() -> None:
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert f"Python {oldest}" in ENGLISH
    assert f"Python {oldest}" in CHINESE
