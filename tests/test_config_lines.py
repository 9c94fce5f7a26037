"""Which line of a TOML file brings which key."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.config.lines import Key, follow, line_of, statements

FILE = '''# a comment with [brackets] and = signs
plain = 1
dotted.key = "x # no comment"

"quoted \\" [key]" = 'y'
many = [
  1, # ] not the end
  "]",
  { a = [2] },
]
text = """
[site]
title = "not this one" ""\\"
"""
raw = \'\'\'
[[sources]]
it's \'\'a\'\' text\'\'\'\'

[site]  # here
title = "this one"
[ site . "deep er" ]
x = {y = {z = 1}, w = [3, 4]}

[[sources]]
id = "a"
[sources.headers]
X = "1"
[[sources.parts]]
p = 1
[[sources.parts]]
p = 2
[[sources]]
id = "b"
headers.Y = "2"
[[sources.parts]]
q = 3
[last]'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("plain",), 2),
        (("dotted",), 3),
        (("dotted", "key"), 3),
        (('quoted " [key]',), 5),
        (("many",), 6),
        (("many", 2, "a", 0), 6),
        (("text",), 11),
        (("raw",), 15),
        (("site",), 19),
        (("site", "title"), 20),
        (("site", "deep er"), 21),
        (("site", "deep er", "x", "y", "z"), 22),
        (("site", "deep er", "x", "w", 1), 22),
        (("sources",), 24),
        (("sources", 0), 24),
        (("sources", 0, "id"), 25),
        (("sources", 0, "headers"), 26),
        (("sources", 0, "headers", "X"), 27),
        (("sources", 0, "parts", 1), 30),
        (("sources", 0, "parts", 1, "p"), 31),
        (("sources", 1), 32),
        (("sources", 1, "id"), 33),
        (("sources", 1, "headers", "Y"), 34),
        (("sources", 1, "parts", 0, "q"), 36),
        (("last",), 37),
        # What is not there is looked for where it would be.
        (("sources", 1, "url"), 32),
        (("sources", 2, "id"), 24),
        (("site", "gone", "x"), 19),
        (("gone",), 0),
    ],
)
def test_lines_of_a_file(path: Key, line: int) -> None:
    assert line_of(statements(FILE), path) == line


def test_a_file_without_statements_has_no_lines() -> None:
    assert statements("") == statements("\n# only this\n\n") == ()
    assert line_of((), ("site",)) == 0


def judged(text: str, path: Key) -> int:
    """The line as the standard parser has it: below the longest part from the top that lacks `path`."""
    lines = text.split("\n")
    start = 0
    for count in range(len(lines) + 1):
        try:
            tree = tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue
        if not follow(tree, path)[1]:
            return start + 1
        start = count
    return 0


def paths(tree: Any, above: Key = ()) -> list[Key]:
    """Every path in a tree."""
    branches = enumerate(tree) if isinstance(tree, list) else tree.items() if isinstance(tree, dict) else ()
    return [path for part, node in branches for path in ((*above, part), *paths(node, (*above, part)))]


_NAMES = st.sampled_from(["a", "b", '"c d"', "'e#'"])
_VALUES = st.sampled_from(
    [
        "1",
        '"#["',
        "'{'",
        '"""\n[a]\nb = 1"""',
        "'''\n]]\n''''",
        "[\n1,\n]",
        "[[], [1]]",
        "{ x = 1, y = [2] }",
        "[{ x = 1 },\n# ]\n{ z = 2 }]",
        '"\\""',
    ]
)
_LINES = st.one_of(
    st.builds("{} = {}".format, _NAMES, _VALUES),
    st.builds("{}.{} = {} # ]".format, _NAMES, _NAMES, _VALUES),
    st.builds("[{}]".format, _NAMES),
    st.builds("[[{}]]".format, _NAMES),
    st.builds("[ {} . {} ]".format, _NAMES, _NAMES),
    st.builds("[[{}.{}]]".format, _NAMES, _NAMES),
    st.sampled_from(["", "# [a]", "  "]),
)


@given(st.lists(_LINES, max_size=12))
def test_lines_are_those_of_the_standard_parser(lines: list[str]) -> None:
    text = ""
    for line in lines:  # only those that make TOML together
        try:
            tomllib.loads(f"{text}{line}\n")
        except tomllib.TOMLDecodeError:
            continue
        text += f"{line}\n"
    found = statements(text)
    for path in paths(tomllib.loads(text)):
        assert line_of(found, path) == judged(text, path)
