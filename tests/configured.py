"""Configuration files made for tests, and the line that refuses one."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from feedsvc.config import Settings, load
from feedsvc.errors import ConfigError, UnknownError

KEY = "correct-horse-battery"
URL = "an absolute http:// or https:// URL"
ID = "1 to 64 of a-z, 0-9, _ and -, the first of them a letter or digit"
LINE = "text on one line, not empty"
COUNT = "a whole number, 1 or more"
REGION = "a code (330400), a name (嘉兴市) or a path (浙江/嘉兴)"
SECTIONS = "site, server, store, catalog, refresh, feeds, tagging"
MINUTES = 'a duration from "10s" to "30d"'
HIDDEN = "found a value that is not shown"
KEYS = f"{HIDDEN}; allowed: a list of keys, each 16 or more ASCII characters without spaces"
HEADERS = 'a table such as {Accept-Language = "zh-CN"}, in ASCII'


def written(folder: Path, text: str, name: str = "feedsvc.toml") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def site(folder: Path, text: str, **environ: str) -> Settings:
    """The settings of `text`, with the variables `environ`."""
    return load(written(folder, text), environ)


class OneRegion:
    """Knows 嘉兴 alone."""

    def resolve(self, name_or_path: str, /) -> str:
        if name_or_path == "嘉兴":
            return "330400"
        raise UnknownError(f"there is no region {name_or_path!r}")


def told(file: Path | None, environ: Mapping[str, str] | None = None, **overrides: object) -> str:
    """The line that refuses `file`; `overrides` with __ for a dot."""
    dotted = {key.replace("__", "."): value for key, value in overrides.items()}
    with pytest.raises(ConfigError) as caught:
        load(file, environ or {}, overrides=dotted, regions=OneRegion())
    return str(caught.value)


def refusal(folder: Path, text: str, environ: Mapping[str, str] | None = None, **overrides: object) -> str:
    """The line that refuses `text`, as a file f.toml."""
    return told(written(folder, text, "f.toml"), environ, **overrides).replace(f"{folder}/", "")
