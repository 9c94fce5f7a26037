"""What was written and where: file, environment and command line as one tree; its faults as one line."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from feedsvc.config.lines import Key, line_of, statements
from feedsvc.errors import ConfigError

PREFIX = "FEEDSVC_"
CONFIG = "FEEDSVC_CONFIG"
# Variables that platforms set, and the settings they stand for; FEEDSVC_SERVER__... comes before them.
_PLATFORM = {"PORT": ("server", "port"), "WEB_CONCURRENCY": ("server", "workers")}
_ARRAYS = {"sources": ("source", "id"), "categories": ("category", "key")}
_BARE = re.compile(r"[\w-]+")
_SHOWN = 60  # characters of a wrong value repeated in an error


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong: the key it is about, as a path into the tree, and a sentence without the key."""

    path: Key
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The merged tree. `outside` says which keys came from elsewhere than the file, in rising precedence."""

    name: str
    text: str
    tree: Mapping[str, Any]
    outside: Mapping[Key, str]

    def error(self, faults: Iterable[Fault]) -> ConfigError:
        """The first of `faults` by line of the file, then environment, then command line; how many follow."""
        written = statements(self.text)
        outside = list(self.outside)

        def position(fault: Fault) -> tuple[int, int, str]:
            at = fault.path[:2]
            if at in self.outside:
                return 1, outside.index(at), ""
            return 0, line_of(written, fault.path), str(fault.path)

        first, *more = sorted(faults, key=position)
        elsewhere, line, _ = position(first)
        where = self.outside[first.path[:2]] if elsewhere else f"{self.name}:{line}" if line else self.name
        said = first.problem.startswith(f"{first.path[-1]} ")  # the sentence begins with its key
        key = self._key(first.path[:-1] if said else first.path)
        return ConfigError(where, f"{key}: {first.problem}" + (f" (and {len(more)} more)" if more else ""))

    def _key(self, path: Key) -> str:
        """`path` for people: refresh.interval, source 'jiaxing': region, category no. 2: label."""
        names = [part if _BARE.fullmatch(part) else repr(part) for part in path if isinstance(part, str)]
        if len(path) < 2 or not isinstance(path[1], int):
            return ".".join(names)
        word, key = _ARRAYS[str(path[0])]
        table = self.tree[str(path[0])][path[1]]
        name = table.get(key) if isinstance(table, dict) else None
        whose = f"{word} {shown(name)}" if isinstance(name, str) and name else f"{word} no. {path[1] + 1}"
        return f"{whose}: {'.'.join(names[1:])}" if names[1:] else whose


def read(file: Path) -> str:
    """The text of a TOML file, a byte order mark aside. Raises ConfigError."""
    try:
        raw = file.read_bytes()
    except OSError as exc:
        raise ConfigError(str(file), f"cannot be read: {exc.strerror}") from exc
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as exc:
        line = raw.count(b"\n", 0, exc.start) + 1
        raise ConfigError(f"{file}:{line}", "found bytes that are not UTF-8; allowed: TOML in UTF-8") from exc


def gather(
    name: str,
    text: str,
    environ: Mapping[str, str],
    overrides: Mapping[str, object],
    known: Mapping[str, Mapping[str, bool]],
) -> tuple[Given, list[Fault]]:
    """The file's `text` under `environ` under `overrides` ("server.port": 8000; None: not given).

    `known` names the sections that are tables, their keys, and whether a key's value is text. Faults are of
    variables that name no setting. Raises ConfigError where `text` is no TOML.
    """
    tree = parse(name, text)
    outside: dict[Key, str] = {}
    values: dict[tuple[str, str], object] = {}
    faults = []
    for variable, (section, key), raw in _variables(environ):
        values[section, key] = _value(raw, text=known.get(section, {}).get(key, False))
        outside[section, key] = f"environment {variable}"
    for dotted, value in overrides.items():
        if value is not None:
            section, _, key = dotted.partition(".")
            values[section, key] = value
            outside.pop((section, key), None)
            outside[section, key] = "command line"
    merged = dict(tree)
    for (section, key), value in values.items():
        if section not in known or key not in known[section]:
            allowed = known.get(section, known)
            kind = "setting" if section in known else "section"
            faults.append(
                Fault(
                    path=(section, key), problem=unknown(kind, key if section in known else section, allowed)
                )
            )
        elif isinstance(merged.get(section, {}), dict):
            merged[section] = {**merged.get(section, {}), key: value}
    return Given(name=name, text=text, tree=merged, outside=outside), faults


def parse(name: str, text: str) -> dict[str, Any]:
    """TOML -> tree. Raises ConfigError with the line of the mistake."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as exc:
        said = re.sub(r"\s+", " ", str(exc))
        at = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", said)
        line = int(at[1] or text.count("\n") + 1) if at else None
        problem = f"{said[: at.start()] if at else said}; allowed: TOML 1.0"
        raise ConfigError(f"{name}:{line}" if line else name, problem) from exc


def shown(value: object) -> str:
    """`value` for an error line: short, on one line, passwords of URLs left out."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            safe = re.sub(r"//\S*@", "//***@", value)
            return repr(safe if len(safe) <= _SHOWN else f"{safe[:_SHOWN]}…")
        case int() | float():
            return (
                f"{value:.15g}" if isinstance(value, float) or abs(value) < 10**15 else "a number too large"
            )
        case date() | time():
            return f"the date or time {value.isoformat()}"
        case timedelta() | Path():
            return repr(str(value))
        case list() | tuple():
            return "a list"
        case dict():
            return "a table"
    return f"a {type(value).__name__}"


def unknown(what: str, name: str, allowed: Iterable[str], names: Iterable[str] = ()) -> str:
    """The sentence for a name that does not exist, with the nearest of `names`, else of `allowed`."""
    shown_names = list(allowed)
    near = difflib.get_close_matches(name.lower(), list(names) or shown_names, n=1, cutoff=0.7)
    return f"unknown {what}; {f'did you mean {near[0]!r}? ' if near else ''}allowed: {', '.join(shown_names)}"


def _variables(environ: Mapping[str, str]) -> Sequence[tuple[str, tuple[str, str], str]]:
    """The variables that are settings, with their paths, weakest first; empty ones count as not set."""
    named = [
        (variable, (section.lower(), key.lower()), raw)
        for variable, raw in sorted(environ.items())
        if variable.startswith(PREFIX) and variable != CONFIG
        for section, separator, key in [variable.removeprefix(PREFIX).partition("__")]
        if separator and section and raw
    ]
    own = {path for _, path, _ in named}
    platform = [
        (name, path, environ[name])
        for name, path in _PLATFORM.items()
        if environ.get(name) and path not in own
    ]
    return platform + named


def _value(raw: str, *, text: bool) -> object:
    """A variable's value as TOML, if it is that; a `text` setting takes what is no TOML string as it is."""
    try:
        tree = tomllib.loads(f"value = {raw}")
    except (ValueError, RecursionError):
        return raw
    value = tree["value"]
    return raw if len(tree) > 1 or (text and not isinstance(value, str)) else value
