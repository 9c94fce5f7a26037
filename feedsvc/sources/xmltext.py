"""A feed's or sitemap's text -> XML that a strict parser accepts and that can expand to nothing."""

import re
from html import unescape
from html.entities import html5

from feedsvc.text import legal

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|RDF)(?=[\s>/])")
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_SUBSET_END = re.compile(r"\]\s*>")
_CDATA_OR_AMPERSAND = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6});|(\w{1,32});)?", re.DOTALL
)
_XML_ENTITIES = frozenset(("amp", "lt", "gt", "quot", "apos"))


def feed_xml(text: str) -> str | None:
    """The feed inside `text`, under a declaration of our own; None where no root element is that of a feed.

    What stands before the root goes, and with it any DOCTYPE: entities that it defined stay as they are
    written. HTML's entities become their characters, references to illegal characters go, lone ampersands are
    escaped.
    """
    return rooted_xml(text, _ROOT)


def rooted_xml(text: str, root: re.Pattern[str]) -> str | None:
    """The same for any kind of document whose root element `root` finds."""
    found = root.search(text, _after_prolog(text))
    return _DECLARATION + _CDATA_OR_AMPERSAND.sub(_repaired, text[found.start() :]) if found else None


def first_element(text: str) -> str:
    """The lower-case name of the first element of `text`, without prefix; "" if there is none."""
    match = _ELEMENT.search(text, _after_prolog(text))
    return match[1].rpartition(":")[2].lower() if match else ""


def _after_prolog(text: str) -> int:
    """Where the declaration, comments and DOCTYPE that begin `text` end (XML 1.0, production 22)."""
    end = 0
    while True:
        at = end
        while at < len(text) and text[at].isspace():
            at += 1
        if text.startswith("<?", at):
            end = text.find("?>", at)
        elif text.startswith("<!--", at):
            end = text.find("-->", at)
        elif text.startswith("<!", at):
            end = _after_doctype(text, at)
        else:
            return at
        if end == -1:
            return at
        end = text.index(">", end) + 1


def _after_doctype(text: str, at: int) -> int:
    """Where the `>` of the DOCTYPE at `at` is; -1 if it has none."""
    plain_end, subset = text.find(">", at), text.find("[", at)
    if -1 < subset < plain_end:
        closing = _SUBSET_END.search(text, subset)
        return closing.end() - 1 if closing else -1
    return plain_end


def _repaired(match: re.Match[str]) -> str:
    found, number, name = match[0], match[1], match[2]
    if found.startswith("<"):
        return found if found.endswith("]]>") else found + "]]>"
    if number is not None:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        if 0x80 <= code < 0xA0:
            return legal(unescape(found))  # Windows-1252 is meant, as in HTML (13.2.5.80)
        return found if code <= 0x10FFFF and legal(chr(code)) else ""
    if name is None:
        return "&amp;"
    if name in _XML_ENTITIES:
        return found
    meant = html5.get(name + ";")
    return meant.replace("&", "&amp;").replace("<", "&lt;") if meant else f"&amp;{name};"
