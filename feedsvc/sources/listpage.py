"""A list page -> the links of its articles in their order, found by structure or by selectors."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from lxml.etree import LxmlError
from lxml.html import HtmlElement

from feedsvc.errors import ReadError
from feedsvc.model import Listed, ListPage, Selectors
from feedsvc.pages.tree import parsed
from feedsvc.sources import shapes
from feedsvc.sources.anchors import anchors, base_of, target_of
from feedsvc.sources.blocks import DATED, Block, Item, blocks_of
from feedsvc.sources.paging import moved_to, next_page
from feedsvc.sources.shown import date_of, pieces
from feedsvc.text import squeeze

MAX_LINKS = 1_000
_HEADLINE = 8  # characters; titles of a list without dates are longer on average
_ENOUGH = 3


def read_list(html: str, *, url: str, selectors: Selectors, now: datetime) -> ListPage:
    """The articles that the page `html`, served from `url`, lists, and its next page.

    `now` is what relative dates are counted from. ReadError where it lists none, or a selector finds nothing.
    A page that only sends its reader on has `moved`, and no links.
    """
    root = parsed(html)
    if root is None:
        raise ReadError("this page is empty")
    moved = moved_to(root, html, base_of(root, url))
    following = _selected_next(root, url, selectors.next) if selectors.next else next_page(root, html, url)
    if selectors.list:
        return replace(_selected(root, url, selectors.list, now), next=following)
    found = _by_structure(root, url, now)
    if found is None:
        if moved is not None:
            return ListPage(links=(), rule="sent on by the page", moved=moved)
        raise ReadError("no list of articles was found on this page; selectors.list can say where it is")
    return replace(found, next=following)


def _by_structure(root: HtmlElement, url: str, now: datetime) -> ListPage | None:
    """The list of a page by its form: the block of links that has most of what a list of articles has."""
    blocks = blocks_of(anchors(root, url, now), now)
    eligible = [b for b in blocks if _is_list(b, url)]
    if not eligible:
        return _areas(root, url)
    main = max(eligible, key=lambda b: _score(b, url))
    taken = [main, *(b for b in eligible if b is not main and _belongs(b, main, url))]
    items = [i for b in taken for i in b.items] + list(_leading(blocks, taken, url))
    order = {id(e): n for n, e in enumerate(root.iter())}
    items.sort(key=lambda i: order[id(i.anchor.element)])
    rule = f"{len(main.items)} links alike" + (
        f", dates {main.date_rule}" if main.dated >= DATED else ", no dates"
    )
    if len(taken) > 1:
        rule += f"; {len(taken) - 1} more such blocks"
    return ListPage(links=_listed(items, url), rule=f"{rule}: {_told(main)}")


def _is_list(block: Block, url: str) -> bool:
    """Whether the block can be a list of articles at all."""
    count = len({i.anchor.key for i in block.items})
    here = sum(shapes.site(i.anchor.url) == shapes.site(url) for i in block.items) / len(block.items)
    if block.dated >= DATED and count >= 2:
        return block.length >= 4
    if count < _ENOUGH or (here < 0.5 and block.articles < 0.9):
        return False
    return (block.articles >= 0.6 and block.length >= _HEADLINE) or (
        block.length >= 1.5 * _HEADLINE and count >= 5 and block.articles >= 0.3
    )


def _score(block: Block, url: str) -> float:
    count = min(len({i.anchor.key for i in block.items}), 60)
    here = sum(shapes.site(i.anchor.url) == shapes.site(url) for i in block.items) / len(block.items)
    value = count * block.length * (1 + block.articles) * (1 + 3 * (block.dated >= DATED)) * (0.3 + here)
    return value * (0.15 if block.aside else 1.0)


def _belongs(block: Block, main: Block, url: str) -> bool:
    """Whether another block is a part of the same list: it is like the main one, and nothing beside it."""
    if block.aside and not main.aside:
        return False
    if (main.dated >= DATED) != (block.dated >= DATED):
        return False
    forms = {shapes.shape(i.anchor.url) for i in main.items}
    alike = sum(shapes.shape(i.anchor.url) in forms for i in block.items) / len(block.items)
    if any(shapes.site(i.anchor.url) != shapes.site(url) for i in block.items):
        return False
    if main.dated >= DATED:
        return block.articles >= 0.6 or alike >= 0.6
    return alike >= 0.6 and _shared_parent(block, main)


def _shared_parent(block: Block, main: Block) -> bool:
    """Whether the blocks stand in one column: a box apart at most."""
    above = {
        a for p in main.places[:1] for a in [p, *list(p.iterancestors())[:2]] if a.tag not in ("body", "html")
    }
    return any(a in above for p in block.places[:1] for a in [p, *list(p.iterancestors())[:2]])


def _leading(blocks: Sequence[Block], taken: Sequence[Block], url: str) -> Iterator[Item]:
    """What leads the list in another form: the one or two articles that stand large above the rest."""
    main = taken[0]
    forms = {shapes.shape(i.anchor.url) for i in main.items}
    known = {i.anchor.key for b in taken for i in b.items}
    place = main.places[0]
    around = [place] if place.tag == "td" else [place, place.getparent()]  # beside a cell is another column
    region = {a for a in around if a is not None and a.tag not in ("body", "html")}
    for block in blocks:
        if block in taken or len(block.items) > 2 or (block.aside and not main.aside):
            continue
        for item in block.items:
            anchor = item.anchor
            inside = any(a in region for a in list(anchor.element.iterancestors())[:6])
            if (
                inside
                and anchor.key not in known
                and len(anchor.title) >= 6
                and shapes.shape(anchor.url) in forms
            ):
                known.add(anchor.key)
                yield item


def _told(block: Block) -> str:
    """Where a block stands, for people: the elements around it, the nearest last."""
    place = block.places[0]
    way = [place, *list(place.iterancestors())[:2]]
    words = []
    for each in reversed([e for e in way if e.tag not in ("html", "body")]):
        name = (each.get("id") and f"#{each.get('id')}") or "".join(
            f".{c}" for c in (each.get("class") or "").split()[:1]
        )
        words.append(f"{each.tag}{name}")
    return " > ".join(words) or "body"


def _listed(items: Iterable[Item], url: str) -> tuple[Listed, ...]:
    found: dict[str, Listed] = {}
    for item in items:
        anchor = item.anchor
        listed = Listed(
            url=anchor.url,
            title=anchor.title,
            published=item.date.moment if item.date else None,
            summary=anchor.summary,
        )
        known = found.get(anchor.key)
        if known is None:
            found[anchor.key] = listed
        elif known.published is None and listed.published is not None:
            found[anchor.key] = replace(known, published=listed.published)
    return tuple(found.values())[:MAX_LINKS]


def _areas(root: HtmlElement, url: str) -> ListPage | None:
    """The articles of a printed page by the areas of its picture, where no list names them."""
    base = base_of(root, url)
    found: dict[str, Listed] = {}
    for area in root.iter("area"):
        target = target_of(area, base)
        if target is not None and shapes.is_article(target):
            title = squeeze(area.get("title") or area.get("alt") or "")
            found.setdefault(target, Listed(url=target, title=title))
    if len(found) < 2:
        return None
    return ListPage(links=tuple(found.values())[:MAX_LINKS], rule=f"{len(found)} areas of a printed page")


def _selected(root: HtmlElement, url: str, selector: str, now: datetime) -> ListPage:
    """The links that `selector` leads to: it matches links, items with one link each, or what holds items."""
    matched = select(root, selector)
    if not matched:
        raise ReadError(f"selectors.list {selector!r} matches nothing on this page")
    everything = anchors(root, url, now)
    items: list[Item] = []
    for element in matched:
        below = {id(e) for e in element.iter()}
        inside = [a for a in everything if id(a.element) in below]
        if element.tag == "a" or len({a.key for a in inside}) == 1:
            best = max(inside[:3], key=lambda a: 4 < len(a.title) <= 60, default=None)
            items += [Item(best, element, date_of(pieces([element], best.element), now))] if best else []
        else:
            blocks = [b for b in blocks_of(inside, now) if len(b.items) >= 2 or b.dated]
            items += (
                [i for b in blocks[:1] for i in b.items] if blocks else [Item(a, a.element) for a in inside]
            )
    if not items:
        raise ReadError(f"selectors.list {selector!r} matches nothing with a link on this page")
    counts = Counter(i.date is not None for i in items)
    return ListPage(
        links=_listed(items, url), rule=f"selectors.list: {len(matched)} matches, {counts[True]} dates"
    )


def _selected_next(root: HtmlElement, url: str, selector: str) -> str | None:
    links = (
        target_of(e, base_of(root, url))
        for m in select(root, selector)
        for e in ([m] if m.tag == "a" else m.iter("a"))
    )
    return next((link for link in links if link is not None), None)


def select(root: HtmlElement, selector: str) -> list[HtmlElement]:
    """The elements that a CSS selector matches, in their order. ReadError if it is none."""
    try:
        return [e for e in root.cssselect(selector) if isinstance(e.tag, str)]
    except (LxmlError, ValueError, SyntaxError) as exc:
        raise ReadError(f"{selector!r} is no CSS selector ({exc})") from exc
