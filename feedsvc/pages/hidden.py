"""The text of pages that scripts put together: escaped in a `<textarea>` or in a string of a script."""

import html as entities
import json
import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from feedsvc.pages import flow
from feedsvc.pages.flow import Block
from feedsvc.pages.tree import parsed

_STRING = re.compile(r'"((?:[^"\\\n]|\\.){100,200000})"')
_SINGLE = re.compile(r"'((?:[^'\\\n]|\\.){100,200000})'")
_MARKUP = re.compile(r"(?:<|&lt;|\\u003[cC]|\\x3[cC])(?:p|div|section|br|article)\b", re.I)
_HEX = re.compile(r"\\x([0-9a-fA-F]{2})")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_STRINGS = 40  # strings of scripts that are looked at


def blocks(root: HtmlElement, scripts: str) -> list[Block]:
    """The blocks of the longest text with markup that the page holds without showing it; [] for none."""
    best: list[Block] = []
    length = 0
    for markup in _markups(root, scripts):
        page = parsed(markup)
        found = flow.blocks(page) if page is not None else []
        size = sum(len(_CHINESE.findall(block.text)) for block in found)
        if size > length:
            best, length = found, size
    return best


def _markups(root: HtmlElement, scripts: str) -> Iterator[str]:
    for area in root.iter("textarea", "xmp"):
        text = area.text_content()
        if _MARKUP.search(text):
            yield entities.unescape(text) if "&lt;" in text else text
    number = 0
    for match in (*_STRING.finditer(scripts), *_SINGLE.finditer(scripts)):
        if number < _STRINGS and _MARKUP.search(match[1]):
            number += 1
            yield entities.unescape(_unescaped(match[1]))


def _unescaped(literal: str) -> str:
    """A string of a script as it is read there."""
    literal = _HEX.sub(r"\\u00\1", literal).replace("\\'", "'").replace("\\/", "/")
    try:
        return str(json.loads(f'"{literal}"', strict=False))
    except ValueError:
        return literal.replace('\\"', '"')
