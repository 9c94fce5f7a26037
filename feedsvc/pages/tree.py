"""A page as a tree, and as the lines that a reader sees."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.etree import LxmlError, iterwalk
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from feedsvc.text import legal, squeeze

# fmt: off
BLOCKS = frozenset((
    "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "main", "header", "footer",
    "aside", "nav", "td", "th", "tr", "tbody", "thead", "tfoot", "table", "caption", "ul", "ol", "dl", "dd",
    "dt", "center", "form", "fieldset", "blockquote", "pre", "hr", "figure", "figcaption", "body", "address",
    "details", "summary", "marquee", "founder-content",
))
SILENT = frozenset((
    "script", "style", "noscript", "template", "title", "head", "select", "option", "textarea", "button",
    "iframe", "object", "embed", "svg", "map", "meta", "link", "input",
))
# fmt: on
_ATTRIBUTES = 200  # of one element; no page has as many
_KEPT = ("class", "id", "style", "href", "src", "content", "name", "property")
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)
# What stands beside an article, by the names that pages give it. `_ASIDE` is looked for in the words of class
# and id; a part that holds most of the page's sentences is none, whatever it is called.
_ASIDE = re.compile(
    r"(?:^|[-_\s])(?:comments?|cmts?|pinglun|repl(?:y|ies)|tie|share|bshare|bdshare|jiathis|socials?|qr"
    r"|qrcode|ewm|erweima"
    r"|relat\w*|recom\w*|tuijian|groom|hot|hots|hotnews|rank|ranks|ranking|paihang|phb|sidebar|aside|side"
    r"|foot|footer|bottom"
    r"|copyright|copy|nav|navbar|navmenu|menu|crumbs?|breadcrumbs?|mbx|dqwz|place|position|location|toolbar"
    r"|tools?|tags?"
    r"|keywords?|prev|next|prevnext|pages|pager|pagination|pagelist|pn|xg|xgwz|xgyd|likes?|digg|newdigg"
    r"|ads?|advert\w*|gg|guanggao"
    r"|statement|declare|disclaimer|signatures?|sign|profile|login|search|statis\w*|topbar|banner|swiper"
    r"|slide\w*)(?:$|[-_\s\d])",
    re.I,
)
# What most pages put there; but to some it is where the text is.
_RIGHT = re.compile(r"(?:^|[-_\s])[a-z]{0,6}right(?:$|[-_\s\d])", re.I)
_SHORT_ASIDE = re.compile(r"(?:share|related|relate|recommend|comment|hotnews|copyright|qrcode)", re.I)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Line:
    """What stands in one line of a page: squeezed, never empty.

    `linked` counts the characters inside links, `block` is the element whose line it is, and `zone` the
    outermost part of the page around it that is called something beside the article, if any.
    """

    text: str
    linked: int
    block: HtmlElement
    zone: HtmlElement | None

    @property
    def is_links(self) -> bool:
        """Whether most of it is links."""
        return 2 * self.linked > len(self.text)


def parsed(html: str) -> HtmlElement | None:
    """The tree of `html`, without comments; None where there is none."""
    # Bytes in an encoding that is named, since lxml refuses text that declares one.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = document_fromstring(legal(html).encode(), parser=parser)
    except (LxmlError, ValueError):
        return None
    for element in root.iter():
        if len(element.attrib) > _ATTRIBUTES:  # a bomb: each further parser would take seconds for it
            kept = {key: element.get(key) or "" for key in _KEPT if element.get(key) is not None}
            element.attrib.clear()
            element.attrib.update(list(kept.items()))
    return root


def names(element: HtmlElement) -> str:
    """Class and id of `element`, with spaces between the words of camelCase."""
    return _CAMEL.sub(" ", f"{element.get('class') or ''} {element.get('id') or ''}")


def is_aside(element: HtmlElement) -> bool:
    """Whether `element` calls itself something beside the article: navigation, comments, a list of others."""
    if element.tag in ("nav", "aside", "footer"):
        return True
    if element.tag in ("body", "html", "a", "img"):
        return False
    called = names(element)
    return len(called) > 1 and (_ASIDE.search(called) or _SHORT_ASIDE.search(called)) is not None


def is_hidden(element: HtmlElement) -> bool:
    """Whether nobody sees `element`: `display: none`, or the attribute `hidden`."""
    return _HIDDEN.search(element.get("style") or "") is not None or (
        element.get("hidden") is not None and element.tag != "body"
    )


def lines(root: HtmlElement) -> list[Line]:
    """The lines below `root` in their order: one for each block, and for each `<br>` in it."""
    return list(_lines(root))


def _lines(root: HtmlElement) -> Iterator[Line]:
    blocks, zone, links = [root], None, 0
    pieces: list[str] = []
    linked = 0

    def line() -> Iterator[Line]:
        nonlocal linked
        text = squeeze(" ".join(pieces))
        if text:
            yield Line(text, min(linked, len(text)), blocks[-1], zone)
        pieces.clear()
        linked = 0

    def add(text: str | None) -> None:
        nonlocal linked
        if text and not text.isspace():
            pieces.append(text)
            linked += len(text.strip()) if links else 0

    walker = iterwalk(root, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        if event == "start":
            if tag in BLOCKS or tag == "br":
                yield from line()
            if tag in SILENT or is_hidden(element):
                walker.skip_subtree()
                continue
            if tag in BLOCKS:
                blocks.append(element)
            if zone is None and (is_aside(element) or _RIGHT.search(names(element))):
                zone = element
            links += tag == "a"
            add(element.text)
            continue
        silent = tag in SILENT or is_hidden(element)
        if tag in BLOCKS and not silent:
            yield from line()
            blocks.pop()
        links -= tag == "a" and not silent
        if zone is element:
            yield from line()
            zone = None
        if element is not root:
            add(element.tail)
    yield from line()
