"""Which line of a TOML file brings which key; the standard parser does not say."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Key = tuple[str | int, ...]

# What has to be told apart to see where a statement ends (TOML 1.0): strings, comments, brackets, line ends.
_TOKEN = re.compile(
    r"""
      "{3} (?: [^"\\] | \\. | "{1,2}(?!") )* "{3,5}
    | '{3} (?: [^']         | '{1,2}(?!') )* '{3,5}
    | " (?: [^"\\\n] | \\. )* "
    | ' [^'\n]* '
    | \#[^\n]*
    | (?P<open> [\[{] ) | (?P<close> [\]}] ) | (?P<end> \n )
    | [^"'\#\[\]{}\n]+
    """,
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A header (its `tree` is empty) or a key with its value, the `table` it stands in, its first line."""

    line: int
    table: Key
    tree: Mapping[str, Any]


def statements(text: str) -> tuple[Statement, ...]:
    """The statements of `text`, which is TOML, in their order."""
    found: list[Statement] = []
    lengths: dict[Key, int] = {}
    table: Key = ()
    for line, written in _split(text):
        tree = tomllib.loads(written)
        if written.lstrip().startswith("["):
            table = ()
            names = _names(tree)
            for place, name in enumerate(names, start=1):
                table = (*table, name)
                if place == len(names) and written.lstrip().startswith("[["):
                    lengths[table] = lengths.get(table, 0) + 1
                if table in lengths:
                    table = (*table, lengths[table] - 1)
            tree = {}
        found.append(Statement(line, table, tree))
    return tuple(found)


def line_of(found: Sequence[Statement], path: Key) -> int:
    """The line, from 1, of the first statement that brings `path`, else what would hold it; 0: none does."""
    while path:
        for each in found:
            depth = len(each.table)
            if each.table[: len(path)] == path[:depth] and not follow(each.tree, path[depth:])[1]:
                return each.line
        path = path[:-1]
    return 0


def follow(tree: object, path: Key) -> tuple[Any, Key]:
    """What `path` leads to in `tree`, as far as it leads, and what is left of it there."""
    for place, part in enumerate(path):
        branches = dict(enumerate(tree)) if isinstance(tree, list) else tree
        if not isinstance(branches, dict) or part not in branches:
            return tree, path[place:]
        tree = branches[part]
    return tree, ()


def _split(text: str) -> Iterator[tuple[int, str]]:
    """The statements with the lines they begin on; blank and comment lines left out."""
    start = depth = 0
    line = 1
    for token in _TOKEN.finditer(f"{text}\n"):
        depth += (token["open"] is not None) - (token["close"] is not None)
        if token["end"] and not depth:
            written = text[start : token.start()]
            if written.strip() and not written.lstrip().startswith("#"):
                yield line, written
            line += text.count("\n", start, token.end())
            start = token.end()


def _names(tree: Mapping[str, Any]) -> tuple[str, ...]:
    """The names in a header, from the tree that it alone makes."""
    names: list[str] = []
    node: Any = tree
    while node:
        name, node = next(iter(node.items()))
        names.append(name)
        node = node[0] if isinstance(node, list) else node
    return tuple(names)
