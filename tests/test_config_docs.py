"""The reference of the settings and the file to start from: both say what is so."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import feedsvc
from feedsvc.config import load
from feedsvc.config.tables import SECTIONS, CategoryForm, SourceForm, Table
from feedsvc.sizes import duration_text, size_text
from tests.configured import written

TABLES: dict[str, type[Table]] = {**SECTIONS, "[categories]": CategoryForm, "[sources]": SourceForm}
PAGE = (Path(__file__).parents[1] / "docs" / "configuration.md").read_text("utf-8")
TEMPLATE = (Path(feedsvc.__file__).parent / "init.toml").read_text("utf-8")
# What cannot be written as a default, since it follows from other settings or there is none.
DERIVED = {
    ("site", "base_url"): "`http://HOST:PORT`",
    ("site", "authority"): "host of `base_url`",
    ("store", "url"): '`"sqlite:///feedsvc.db"`',
    ("refresh", "user_agent"): "`feedsvc/VERSION (+BASE_URL)`",
    ("[sources]", "title"): "the `id`",
    ("[sources]", "interval"): "`refresh.interval`",
    ("[categories]", "iptc"): "those of a shipped one",
    ("[categories]", "gb"): "those of a shipped one",
}
# What the template gives an example of, and not the default.
EXEMPLIFIED = {("site", "title"), ("site", "base_url"), ("site", "authority"), ("refresh", "user_agent")}
SIZES = {("catalog", "cache"), ("refresh", "max_body")}


def settings() -> Iterator[tuple[str, str]]:
    """Every setting: its table and its key."""
    for name, table in TABLES.items():
        yield from ((name, key) for key in offered(table))


def offered(table: type[Table]) -> list[str]:
    """The keys of a table, but for those of kinds to come."""
    return [key for key, field in table.model_fields.items() if field.description]


def default(name: str, key: str) -> str:
    """The default of a setting as the reference must say it."""
    field = TABLES[name].model_fields[key]
    value: Any = field.default
    if (name, key) in DERIVED:
        return DERIVED[name, key]
    if field.is_required() or value is None:
        return "required" if field.is_required() else "none"
    return f"`{toml(value, size=(name, key) in SIZES)}`"


def toml(value: Any, *, size: bool = False) -> str:
    """A value as it is written in the file."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case timedelta():
            return f'"{duration_text(value)}"'
        case ():
            return "[]"
        case _:
            return f'"{size_text(value)}"' if size else str(value)


def documented(name: str) -> dict[str, str]:
    """Key -> default of a section of the reference."""
    part = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    rows = next(each for each in part if each.startswith(f"[{name}]\n"))
    return dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| [^|]+ \|$", rows, flags=re.MULTILINE))


@pytest.mark.parametrize("name", TABLES)
def test_the_reference_has_every_setting_with_its_default_and_no_other(name: str) -> None:
    assert documented(name) == {key: default(name, key) for key in offered(TABLES[name])}


def test_the_reference_has_no_other_section() -> None:
    assert re.findall(r"^## \[(.+)\]$", PAGE, flags=re.MULTILINE) == list(TABLES)


EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_the_reference_has_examples() -> None:
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_reference_loads(example: str, tmp_path: Path) -> None:
    load(written(tmp_path, example))


def test_the_template_loads_as_it_is(tmp_path: Path) -> None:
    found = load(written(tmp_path, TEMPLATE))
    assert found.site.title == "我的新闻订阅"
    assert found.sources == ()
    assert len(found.categories) == 19


def test_everything_in_the_template_is_a_setting(tmp_path: Path) -> None:
    found = load(written(tmp_path, re.sub(r"^#(?! )", "", TEMPLATE, flags=re.MULTILINE)))
    assert [source.id for source in found.sources] == ["example", "county", "papers", "cms"]
    assert [category.key for category in found.categories] == ["agriculture", "silk"]
    assert found.site.base_url == "https://news.example.org"


def test_the_template_has_every_setting_with_its_default() -> None:
    found: dict[str, dict[str, str]] = {}
    name = ""
    for line in TEMPLATE.splitlines():
        if header := re.fullmatch(r"#?\[(.+)\]", line):
            name = header[1]
        elif setting := re.fullmatch(r"#?(\w+) = (.+)", line):
            found.setdefault(name, {})[setting[1]] = f"`{setting[2]}`"
    assert {name: set(values) for name, values in found.items()} == {
        name: set(offered(table)) for name, table in TABLES.items()
    }
    for name, key in settings():
        said = default(name, key)
        if name in SECTIONS and (name, key) not in EXEMPLIFIED and said != "none":
            assert found[name][key] == said
