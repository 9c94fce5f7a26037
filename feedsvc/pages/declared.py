"""What a page declares of its article: `<meta>`, JSON-LD, and the comments and scripts of some systems."""

import html as entities
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml.html import HtmlElement

from feedsvc.clean import plain_title
from feedsvc.text import squeeze

_ARTICLE = re.compile("Article|Posting|Report|NewsItem")
_SCRIPTS = 400_000  # characters of scripts that are searched
_DEPTH = 4  # levels of lists and graphs in which a JSON-LD object is looked for
# Keys whose values are read from JSON-LD that is no JSON.
_SALVAGED = re.compile(
    r'"(headline|datePublished|dateModified|pubDate|upDate|articleBody)"\s*:\s*"((?:[^"\\]|\\.)*)"'
)
_SALVAGED_AUTHOR = re.compile(r'"author"\s*:\s*[\[{]{1,2}[^{}]{0,200}?"name"\s*:\s*"([^"]{2,60})"')
_WRAPPING = re.compile(r"^\s*(?://)?\s*(?:<!\[CDATA\[|<!--)|(?://)?\s*(?:\]\]>|-->)\s*$|;\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
# The comment that Founder's publishing system, used by most city papers, writes into each page.
_FOUNDER = ("<!--enpproperty", "enpproperty-->")
_FOUNDER_LONGEST = 20_000
_FOUNDER_FIELD = re.compile(r"<(date|author|title|keyword|sourcename)>(.*?)</\1>", re.S | re.I)
_PUBLISHED_COMMENT = re.compile(
    r"<!--[\s\[]*published at\s+(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?)[\s\]]*-->", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """`meta` by its lower-case name, the first that says anything; `ld` the first article of the JSON-LD;
    `founder` the fields of the paper's own comment; `stamp` a date in a comment; `scripts` their text.
    """

    meta: Mapping[str, str] = field(default_factory=dict)
    ld: Mapping[str, Any] = field(default_factory=dict)
    founder: Mapping[str, str] = field(default_factory=dict)
    stamp: str = ""
    scripts: str = ""

    def each(self, *names: str) -> Iterator[tuple[str, str]]:
        """(name, content) of each of the meta tags `names` that is there, in their order."""
        return ((name, self.meta[name]) for name in names if name in self.meta)

    def text(self, key: str) -> str:
        """A string of the JSON-LD as one line; "" where it is none."""
        value = self.ld.get(key)
        return plain_title(value) if isinstance(value, str) else ""


def read(root: HtmlElement, html: str) -> Declared:
    """What the page `html`, whose tree is `root`, declares."""
    start = html.find(_FOUNDER[0])
    founder = html[start : html.find(_FOUNDER[1], start)][:_FOUNDER_LONGEST] if start >= 0 else ""
    stamp = _PUBLISHED_COMMENT.search(html)
    fields = _FOUNDER_FIELD.findall(founder)
    scripts = (s.text or "" for s in root.iter("script") if not s.get("src"))
    return Declared(
        meta=_meta(root),
        ld=_json_ld(root),
        founder={key.lower(): plain_title(value) for key, value in fields if value.strip()},
        stamp=stamp[1] if stamp else "",
        scripts="\n".join(scripts)[:_SCRIPTS],
    )


def _meta(root: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("name") or element.get("property") or element.get("itemprop") or ""
        content = squeeze(element.get("content") or "")
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _json_ld(root: HtmlElement) -> Mapping[str, Any]:
    salvaged: dict[str, str] = {}
    for script in root.xpath("//script[contains(@type, 'ld+json')]"):
        text = (script.text or "")[:_SCRIPTS]
        for found in _objects(_json(text), _DEPTH):
            kinds = found.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            # The dialect of Baidu's webmaster rules has no type, but a date of its own name.
            if any(_ARTICLE.search(str(kind)) for kind in kinds) or "pubDate" in found:
                return found
        for key, value in _SALVAGED.findall(text):
            salvaged.setdefault(key, value.replace('\\"', '"').replace("\\/", "/"))
        if author := _SALVAGED_AUTHOR.search(text):
            salvaged.setdefault("author", author[1])
    return salvaged


def _json(text: str) -> Any:
    bare = _WRAPPING.sub("", text)
    for attempt in (bare, _TRAILING_COMMA.sub("", bare), entities.unescape(bare)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        if depth:
            for key in ("@graph", "mainEntity", "mainEntityOfPage"):
                yield from _objects(value.get(key), depth - 1)
    elif isinstance(value, list) and depth:
        for member in value:
            yield from _objects(member, depth - 1)
