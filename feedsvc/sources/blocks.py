"""Links of one form that stand together on a page: the blocks that a list can be found among."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lxml.html import HtmlElement

from feedsvc.sources import shapes
from feedsvc.sources.anchors import Anchor, is_aside, signature
from feedsvc.sources.shown import Dated, Piece, date_of, pieces
from feedsvc.text import squeeze

DATED = 0.6
"""The share of a block's links that must show a date for it to be a list by its dates."""

_MOST = 300  # blocks of a page that are looked at, the largest first
# What stands over lists that are not the page's own.
_BESIDE = re.compile(
    r"热[点门文搜]|排行|点击榜|推荐|相关|精彩|猜你|友情链接|专题|图片新闻|图说|视频|热评|最热|阅读榜|广告|服务|导航|24小时"
)


@dataclass(frozen=True, slots=True)
class Item:
    """A link in its block: `element` is the largest that holds this link of the block alone."""

    anchor: Anchor
    element: HtmlElement
    date: Dated | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Links of the same form below one element, or below several that are built alike."""

    items: tuple[Item, ...]
    places: tuple[HtmlElement, ...]
    date_rule: str | None
    aside: bool

    @property
    def dated(self) -> float:
        return sum(i.date is not None for i in self.items) / len(self.items)

    @property
    def articles(self) -> float:
        return sum(shapes.is_article(i.anchor.url) for i in self.items) / len(self.items)

    @property
    def length(self) -> float:
        return sum(min(len(i.anchor.title), 25) for i in self.items) / len(self.items)


def blocks_of(found: Sequence[Anchor], now: datetime) -> list[Block]:
    """`found` by form and place."""
    chains: dict[str, list[Anchor]] = defaultdict(list)
    for anchor in found:
        chains[anchor.chain].append(anchor)
    blocks = []
    every = _holders(found)
    for alike in chains.values():
        places: dict[tuple[str, ...], list[tuple[Anchor, HtmlElement]]] = defaultdict(list)
        # What is alone in its form ends where any other link begins.
        holders = _holders(alike) if len({a.key for a in alike}) > 1 else every
        for anchor in alike:
            item = _item_of(anchor, holders)
            parent = item.getparent()
            # Containers that are built alike and stand together are one: a list in five parts.
            where = _place(item if parent is None else parent)
            places[where].append((anchor, item))
        blocks += [_block(members, now) for members in places.values()]
    return _without_twins(sorted(blocks, key=lambda b: -len(b.items))[:_MOST])


def _holders(alike: Sequence[Anchor]) -> dict[HtmlElement, set[str]]:
    """Every element above the links, with the addresses below it."""
    holders: dict[HtmlElement, set[str]] = defaultdict(set)
    for anchor in alike:
        holders[anchor.element].add(anchor.key)
        for above in anchor.element.iterancestors():
            holders[above].add(anchor.key)
    return holders


def _item_of(anchor: Anchor, holders: dict[HtmlElement, set[str]]) -> HtmlElement:
    item = anchor.element
    for above in anchor.element.iterancestors():
        if len(holders[above]) > 1 or above.tag in ("body", "html"):
            break
        item = above
    return item


def _place(container: HtmlElement) -> tuple[str, ...]:
    """What containers of one list have in common: their own lasting names, and all of what is around."""
    around = (f"{above.tag}.{above.get('class')}#{above.get('id')}" for above in container.iterancestors())
    return (signature(container, classes=True), *around)


def _block(members: Sequence[tuple[Anchor, HtmlElement]], now: datetime) -> Block:
    items = [Item(anchor, element) for anchor, element in members]
    rule, items = _with_dates(items, now)
    places = tuple(dict.fromkeys(_parent(i.element) for i in items))
    aside = any(is_aside(above) for place in places[:1] for above in (place, *place.iterancestors()))
    return Block(tuple(items), places, rule, aside or _beside(places[0]))


def _parent(element: HtmlElement) -> HtmlElement:
    parent = element.getparent()
    return element if parent is None else parent


def _with_dates(items: list[Item], now: datetime) -> tuple[str | None, list[Item]]:
    """The items with their dates: those inside, else those after, else those before each, as most have it."""
    heads = {i.element for i in items}
    inside = [date_of(pieces([i.element], i.anchor.element), now) for i in items]
    best: tuple[str, list[Dated | None]] = ("beside each link", inside)
    if len(items) > 1 and sum(d is not None for d in inside) < DATED * len(items):
        after = [date_of(_after(i.element, heads, i.anchor.element), now) for i in items]
        before = [date_of(_before(i.element, heads), now) for i in items]
        for rule, found in (("after each link", after), ("before each link", before)):
            if sum(d is not None for d in found) > sum(d is not None for d in best[1]):
                best = (rule, found)
    rule, found = best
    if not any(found):
        return None, items
    return rule, [replace(i, date=d) for i, d in zip(items, found, strict=True)]


def _after(element: HtmlElement, heads: set[HtmlElement], link: HtmlElement) -> list[Piece]:
    found = [Piece(t, element, False) for t in [squeeze(element.tail or "")] if t]
    for sibling in element.itersiblings():
        if sibling in heads or _holds(sibling, heads):
            break
        found += pieces([sibling], link, tails=True)
    return found


def _before(element: HtmlElement, heads: set[HtmlElement]) -> list[Piece]:
    found: list[Piece] = []
    for sibling in element.itersiblings(preceding=True):
        tail = squeeze(sibling.tail or "")
        if tail:
            found.insert(0, Piece(tail, sibling, False))
        if sibling in heads or _holds(sibling, heads):
            return found
        found = pieces([sibling], None) + found
    return found


def _holds(element: HtmlElement, heads: set[HtmlElement]) -> bool:
    return any(each in heads for each in element.iter())


def _without_twins(blocks: Sequence[Block]) -> list[Block]:
    """`blocks`, the largest first, without those that lead where another leads: of the pictures, summaries
    and titles of the same articles, the titles."""
    kept: list[Block] = []
    for block in blocks:
        keys = {i.anchor.key for i in block.items}
        twin = next(
            (
                k
                for k in kept
                if len(keys & {i.anchor.key for i in k.items}) >= 0.8 * len(keys) and _near(k, block)
            ),
            None,
        )
        if twin is None:
            kept.append(block)
        elif len(twin.items) <= len(keys) and _titled(block) > _titled(twin):
            kept[kept.index(twin)] = block
    return kept


def _near(one: Block, other: Block) -> bool:
    """Whether two blocks stand in each other: the title and the picture of the same item."""
    places = set(one.places) | {above for p in one.places[:1] for above in p.iterancestors()}
    return any(
        p in places or any(a in set(one.places) for a in p.iterancestors()) for p in other.places[:1]
    ) or (one.items[0].element in (other.items[0].element, *other.items[0].element.iterancestors()))


def _titled(block: Block) -> float:
    """How much the texts of a block look like titles: in headings, of headline length, not summaries."""
    lengths = [len(i.anchor.title) for i in block.items]
    mean = sum(lengths) / len(lengths)
    headed = any(tag in block.items[0].anchor.chain for tag in (">h1", ">h2", ">h3", ">h4", ">h5", ">dt"))
    return 2.0 * headed + (1.0 if 6 <= mean <= 45 else 0.0) + block.dated / 4


def _beside(place: HtmlElement) -> bool:
    """Whether the heading over a block says that it is not the page's own list."""
    for element in (place, *list(place.iterancestors())[:2]):
        for sibling in element.itersiblings(preceding=True):
            text = squeeze(sibling.text_content()) if isinstance(sibling.tag, str) else ""
            if text:
                if len(text) <= 16 and _BESIDE.search(text):
                    return True
                break
        else:
            continue
        break
    return False
