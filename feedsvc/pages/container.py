"""Which part of a page holds its text."""

import re
from collections.abc import Sequence
from itertools import pairwise

from lxml.html import HtmlElement

from feedsvc.pages.boilerplate import BYLINE, is_end, is_furniture, is_notice
from feedsvc.pages.found import Found
from feedsvc.pages.tree import BLOCKS, Line, is_aside, is_hidden, names
from feedsvc.text import squeeze

_SENTENCE = re.compile(r"[。！？；，]|[,.!?;]\s")
_TEASER = re.compile(
    r"(?:\.{3,}|…+)?\s*[\[【]?(?:详细|全文|详情|更多|阅读全文|查看更多)[\]】]?$|(?:\.{3,}|…+)$"
)
# A picture with a clock or by such a name is that of a writer, a site or an advertiser.
_CARD = re.compile(r"\d{1,2}:\d{2}|avatar|head|logo|icon|/ad|banner|qr", re.I)
_LEVELS = 3  # levels above the text on which its first picture may stand
_CAPTION = 80
_ENDED = 0.25  # share of the text that must stand before the line that ends it
_FEW = 50  # characters below a headline that are no article
_STAMP = 40  # characters of a line that says when somebody wrote
_STAMPED = re.compile(r"\d{1,2}[:：]\d{2}|\d\s*(?:分钟|小时|天)前|\d\s*楼|刚刚")
_RUN = 5  # lines beside the text, one after the other, from which it is over
_BROKEN_OFF = 0.35  # share of the text that must stand before such a run
_LONG = 500  # characters of it that are enough
_TABLE = 6  # levels of a table in the text
_OUTSIDE = 0.25  # characters around the innermost part, per character in it, from which a name is too wide
_SHORTEST = 10  # characters of a line that counts as text
_MOST = 0.5  # share of a page's text from which a part is no aside, whatever it is called
_FLAT = frozenset(("p", "span", "font", "blockquote", "li", "strong", "b", "a"))
_DEEPER = 0.8  # share of an element's text that one of its children must hold to be the better answer
_NAMED = 0.6  # share that a part must hold whose name says that it is the text
_BEGINNING = 0.35  # the same where the text begins in it
# Places that hold the text and nothing else, whatever else the page has: WeChat, Founder, schema.org, Discuz.
_FIRST_POST = (
    "//*[starts-with(@id, 'postmessage_') or @id='read_tpc'"
    " or contains(concat(' ', @class, ' '), ' bbs-content ')"
    " or contains(concat(' ', @class, ' '), ' d_post_content ')"
    " or contains(concat(' ', @class, ' '), ' t_msgfont ')]"
)
_PLACES = (
    ("#js_content", "//*[@id='js_content']"),
    ("<founder-content>", "//*[local-name()='founder-content']"),
    ("first post of the thread", _FIRST_POST),
    ("itemprop articleBody", "//*[@itemprop='articleBody' or @property='articleBody']"),
)
# Names of content management systems, and what designers call the text when they name it.
_CALLED = re.compile(
    r"(?:^|\s)(?:trs_\w+|custom_unionstyle|ucap-?content|vsb_content\w*|v_news_content|wp_articlecontent"
    r"|zoom|ozoom|endtext|artibody"
    r"|mp-?editor|rwb_zw|box_con|detail-?content|contenttext|chan_newsdetail|zhengwen|zw|zwnr|neirong|nr"
    r"|xl_con\w*|text_con\w*|cnt_bd|entry-?content"
    r"|(?:art|article|arti|arc|news|newsinfo|post|story|text|main|detail|rich|info|con|cont|view"
    r"|show)[-_ ]?(?:content|contents|body|text|txt|con|cont|nr|detail|main|area)"
    r"|content|article|story|body-?text)(?=\s|$)",
    re.I,
)  # fmt: skip


class Weights:
    """How much text each element of a page holds: characters of lines that read like sentences."""

    def __init__(self, root: HtmlElement, lines: Sequence[Line], after: int) -> None:
        own = [line for line in lines[after + 1 :] if _reads(line)]
        if sum(len(line.text) for line in own) < _FEW:
            own = [line for line in lines if _reads(line)]  # the headline was taken for one further down
        own = _without_posts(own, lines)
        own = _before_end(own, lines)
        total = sum(len(line.text) for line in own)
        by_zone: dict[HtmlElement, int] = {}
        for line in own:
            if line.zone is not None:
                by_zone[line.zone] = by_zone.get(line.zone, 0) + len(line.text)
        asides = {zone for zone, weight in by_zone.items() if weight < _MOST * total}
        self.sentences = [line for line in own if line.zone not in asides]
        self.total = sum(len(line.text) for line in self.sentences)
        self._of: dict[HtmlElement, int] = {}
        self._lines: dict[HtmlElement, int] = {}
        for line in self.sentences:
            self._of[line.block] = self._of.get(line.block, 0) + len(line.text)
            self._lines[line.block] = self._lines.get(line.block, 0) + 1
        for element in reversed(list(root.iter())):
            weight = self._of.get(element, 0)
            parent = element.getparent()
            if weight and parent is not None:
                self._of[parent] = self._of.get(parent, 0) + weight
                self._lines[parent] = self._lines.get(parent, 0) + self._lines[element]

    def of(self, element: HtmlElement) -> int:
        """The characters of sentences in `element`."""
        return self._of.get(element, 0)

    def is_one(self, element: HtmlElement) -> bool:
        """Whether `element` holds a single such line: a paragraph, however many elements wrap it."""
        return self._lines.get(element, 0) == 1


def _without_posts(own: list[Line], lines: Sequence[Line]) -> list[Line]:
    """`own` without what each has a clock above it, as comments and flashes have, outside the text's part.

    The first sentence has the byline above it. Where all is so, it is a log of what happened, and stays.
    """
    if not own:
        return own
    first = own[0].block.getparent()
    ours = set(map(id, own[1:]))
    posts = set()
    for above, line in pairwise(lines):
        if id(line) in ours and len(above.text) <= _STAMP and _STAMPED.search(above.text):
            inside = first is not None and first.tag != "body" and _within(line.block, first)
            posts |= {id(line)} if not inside else set()
    return own if len(posts) < 2 else [line for line in own if id(line) not in posts]


def _before_end(own: list[Line], lines: Sequence[Line]) -> list[Line]:
    """`own` up to where the article is over, if a good part of it stands before.

    It is over where a line says so, or where a run of other lines begins that lie outside the part in which
    the last sentence stands: lists, buttons, readers and their comments.
    """
    total = sum(len(line.text) for line in own)
    ours = set(map(id, own))
    before = kept = run = 0
    part: HtmlElement | None = None
    for line in lines:
        if id(line) in ours:
            before += len(line.text)
            kept += 1
            run = 0
            part = line.block.getparent()
            continue
        inside = part is not None and (
            line.block is part or line.block.getparent() is part or _within(line.block, part)
        )
        run += not inside
        ended = before >= _ENDED * total > 0 and is_end(line.text)
        broken_off = run == _RUN and (before >= _BROKEN_OFF * total or before >= _LONG)
        if (ended or broken_off) and not any(later.block.getparent() is part for later in own[kept:]):
            return own[:kept]
    return own


def _within(element: HtmlElement, part: HtmlElement) -> bool:
    above = element
    for _ in range(_TABLE):
        if above is None or above is part:
            return above is part
        above = above.getparent()
    return False


def named(root: HtmlElement, weights: Weights) -> Found[HtmlElement] | None:
    """The part that is the text by its place or its name; None where none is, or it holds too little."""
    for rule, place in _PLACES:
        for element in root.xpath(place)[:1]:
            if "item" in rule and weights.of(element) < _BEGINNING * weights.total:
                continue
            if len(element.text_content().strip()) >= 2 * _SHORTEST:
                return Found(element, rule)
    first = weights.sentences[0].block if weights.sentences else None
    begins = {first, *first.iterancestors()} if first is not None else set()
    called = [
        e
        for e in root.iter("div", "td", "section", "article", "span", "font", "table", "dd", "main", "ul")
        if weights.of(e) >= _BEGINNING * weights.total > 0
        and (weights.of(e) >= _NAMED * weights.total or e in begins)
        and _CALLED.search(f"{e.get('class') or ''} {e.get('id') or ''}")
    ]
    if not called:
        return None
    most = max(weights.of(e) for e in called)
    # The innermost that still holds it: pages wrap the text in several that are all called content.
    best = [e for e in called if weights.of(e) > 0.85 * most][-1]
    inner = innermost(best, weights)
    wide = len(squeeze(best.text_content())) - len(squeeze(inner.text_content()))
    if wide > _OUTSIDE * len(squeeze(inner.text_content())) and weights.of(inner) > 0.95 * weights.of(best):
        best = inner
    return Found(best, f"part of the page called {names(best).strip()[:60]!r}")


def heaviest(root: HtmlElement, weights: Weights) -> Found[HtmlElement] | None:
    """The innermost part that holds most sentences of the page; None where it has none."""
    body = root.find("body")
    current = body if body is not None else root
    if not weights.of(current):
        return None
    return Found(innermost(current, weights), "part of the page with most sentences")


def innermost(part: HtmlElement, weights: Weights) -> HtmlElement:
    """The element in `part`, or itself, that holds most of its sentences, and none of whose children does."""
    while True:
        child = max(part, key=weights.of, default=None)
        if child is None or child.tag in _FLAT or weights.is_one(child):
            return part
        if weights.of(child) < _DEEPER * weights.of(part):
            return part
        part = child


def prune(part: HtmlElement, weights: Weights) -> None:
    """Takes out of `part` what calls itself an aside, unless it holds a good part of the text."""
    whole = weights.of(part)
    for element in list(part.iterdescendants()):
        if isinstance(element.tag, str) and is_aside(element) and 4 * weights.of(element) <= whole:
            if element.tag not in BLOCKS and weights.of(_block_of(element)):
                continue  # a word of a sentence, called hot or a tag
            parent = element.getparent()
            if parent is not None:
                element.drop_tree()


def _block_of(element: HtmlElement) -> HtmlElement:
    """The block in which an inline element stands."""
    return next((e for e in element.iterancestors() if e.tag in BLOCKS), element)


def _reads(line: Line) -> bool:
    return (
        len(line.text) >= _SHORTEST
        and not line.is_links
        and _SENTENCE.search(line.text) is not None
        and not (line.linked and _TEASER.search(line.text))
        and not is_furniture(line.text)
        and not is_notice(line.text)
        and not (BYLINE.search(line.text) and "。" not in line.text)
    )


def lead(part: HtmlElement, weights: Weights, headline: HtmlElement | None) -> list[HtmlElement]:
    """The pictures with their captions that stand between headline and `part`, outside it, in their order."""
    found: list[HtmlElement] = []
    current = part
    for _ in range(_LEVELS):
        for before in current.itersiblings(preceding=True):
            if headline is not None and (before is headline or headline in set(before.iterdescendants())):
                return found[::-1]
            if _is_picture(before) and weights.of(before) <= _CAPTION:
                found.append(before)
        parent = current.getparent()
        if parent is None or parent.tag == "body" or headline is None:
            break
        current = parent
    return found[::-1] if headline is not None else []


def _is_picture(element: HtmlElement) -> bool:
    if not isinstance(element.tag, str) or is_aside(element) or is_hidden(element):
        return False
    pictures = element.xpath("self::img | .//img")
    caption = squeeze(element.text_content())
    return (
        len(pictures) == 1
        and len(caption) <= _CAPTION
        and not any(squeeze(a.text_content()) for a in element.iter("a"))
        and (
            element.tag == "figure"
            or element.find(".//figure") is not None
            or bool(caption or pictures[0].get("alt"))
        )
        and not BYLINE.search(caption)
        and not _CARD.search(f"{caption} {pictures[0].get('src')}")
        and not is_furniture(caption)
    )
