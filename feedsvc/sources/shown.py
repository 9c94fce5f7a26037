"""What the link of a list shows: its title, its date, a summary, out of the pieces of text around it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from feedsvc import dates
from feedsvc.pages.tree import names
from feedsvc.text import fold, squeeze

_BESIDE = 24  # characters that may stand beside a date in its piece: labels, a paper, a count
_SHORT_BESIDE = 6
_TITLE_READ = 300  # characters of a title that are kept
_SUMMARY = 20  # characters from which on what stands beside a title may be a summary
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_HEADED = re.compile(r"(?:^|[-_\s])(?:\w*title|\w*tit|bt|biaoti|headline|subject)(?:$|[-_\s\d])", re.I)
_SKEW = timedelta(days=1)
_SKIPPED = ("script", "style", "noscript", "template", "select", "textarea", "svg", "iframe")

_YEAR = r"(?:19|20)\d{2}"
_MONTH = r"(?:1[0-2]|0?[1-9])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_ZONE = r"(?:\.\d+)?(?:Z|\s?[+-]\d{2}:?\d{2})?"
_CLOCK = rf"(?:[\sT]*(?:[01]?\d|2[0-4])\s*[:：]\s*[0-5]\d(?:\s*[:：]\s*[0-5]\d)?{_ZONE})?"
_FULL = re.compile(rf"(?<![\d/]){_YEAR}\s*[-/.年－]\s*{_MONTH}\s*[-/.月－]\s*{_DAY}(?!\d)\s*[日号]?{_CLOCK}")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_SPLIT = (
    # The day first, large, and year and month below it; or year, then month and day.
    re.compile(
        rf"(?<![\d:./年-])(?P<d>{_DAY})\s*[日/]?\s+(?P<y>{_YEAR})\s*[-/.年]\s*(?P<m>{_MONTH})(?![\d])\s*月?(?!\s*[-/.]\s*\d)"
    ),
    re.compile(rf"(?<!\d)(?P<y>{_YEAR})\s*年?\s+(?P<m>{_MONTH})\s*[-/.月]\s*(?P<d>{_DAY})(?!\d)\s*日?"),
    re.compile(
        rf"(?<![\d:./年-])(?P<m>{_MONTH})\s*[-/.月]\s*(?P<d>{_DAY})\s*日?\s+(?P<y>{_YEAR})(?!\d|\s*[-/.年]\s*\d)"
    ),
    re.compile(rf"(?<!\d)(?P<y>{_YEAR})\s*[-/.年]\s*(?P<m>{_MONTH})\s*月?\s+(?P<d>{_DAY})(?![\d:])\s*日?"),
)
_RELATIVE = re.compile(
    r"(?<![\d.])\d{1,3}\s*(?:秒钟?|分钟|个?小时|天|周|个月)(?:之)?前|半小时前|刚刚(?=$|\s)"
    r"|(?:今天|今日|昨天|昨日|前天)\s*(?:\d{1,2}[:：]\d{2})?(?=$|[\s|·\])）])"
)
_YEARLESS = re.compile(
    # With a hyphen or a dot in two digits each: 3-2 is a score.
    rf"(?<![\d月/.:：-])(?P<m>{_MONTH})(?:(?<=\d\d)[-.](?=\d\d)|\s*/\s*|\s*月\s*)(?P<d>{_DAY})(?![\d%])(?:\s*日)?"
    r"(?P<clock>\s+\d{1,2}[:：]\d{2})?(?!\s*[-/.]\s*\d)"
)
_OF_CLOCK = re.compile(r"(?<![\d:])\d{1,2}[:：]\d{2}(?::\d{2})?(?!\d)")
_PUBLISHED = re.compile(r"发布|发文日期|发稿|刊发|公开日期|上传|时间[:：]?\s*$", re.I)
_OTHERS = re.compile(r"成文|印发|施行|截止|截至|实施|生效|更新|开始|结束|有效期|落款|评论|回复|征集")
_BRACKETS = re.compile(r"^[\s\[\]【】()（）|·•/,，;；:：<>《》-]*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text below an element: the element it stands in, and whether that is inside the link."""

    text: str
    element: HtmlElement
    linked: bool


def pieces(nodes: Iterable[HtmlElement], link: HtmlElement | None, *, tails: bool = False) -> list[Piece]:
    """The text of `nodes` in its order, one piece for each element's own; `tails` also what follows each."""
    found: list[Piece] = []
    for node in nodes:
        inside = 0
        walker = iterwalk(node, events=("start", "end"))
        for event, element in walker:
            if event == "start":
                if element.tag in _SKIPPED:
                    walker.skip_subtree()
                inside += element is link
                if element.tag not in _SKIPPED:
                    _add(found, element.text, element, inside > 0)
            else:
                inside -= element is link
                if element is not node:
                    parent = element.getparent()
                    _add(found, element.tail, element if parent is None else parent, inside > 0)
        if tails:
            _add(found, node.tail, node, False)
    return found


def _add(found: list[Piece], text: str | None, element: HtmlElement, linked: bool) -> None:
    said = squeeze(text or "")
    if said:
        found.append(Piece(said, element, linked))


@dataclass(frozen=True, slots=True)
class Dated:
    """A date that a list shows: as written, as a moment, and how surely it is the publication's."""

    text: str
    moment: datetime
    rank: int


def date_of(shown: Sequence[Piece], now: datetime) -> Dated | None:
    """The date among pieces of text: one that is labelled so before others, a whole one before a year-less.

    Of equals the last: what stands at the end of a line is when it came.
    """
    return max(reversed(list(dates_of(shown, now))), key=lambda d: d.rank, default=None)


def dates_of(shown: Sequence[Piece], now: datetime) -> Iterator[Dated]:
    """Every date among pieces that are little else than a date, each with its rank."""
    for at, piece in enumerate(shown):
        before = shown[at - 1].text if at and not shown[at - 1].linked else ""
        yield from _dates_in(piece.text, before, now, linked=piece.linked)
    # A date whose parts stand in elements of their own: 05 | 2026-03, 2026年 | 3月5日, 03-05 | 09:12.
    for first, second in pairwise(shown):
        if len(first.text) <= 12 and len(second.text) <= 12:
            joined = f"{first.text} {second.text}"
            for found in _dates_in(joined, "", now, linked=first.linked and second.linked):
                if found.text not in first.text and found.text not in second.text:
                    yield Dated(found.text, found.moment, found.rank + 1)


def _dates_in(text: str, before: str, now: datetime, *, linked: bool) -> Iterator[Dated]:
    for pattern, rank, beside in (
        (_FULL, 6, _BESIDE),
        *((split, 6, _SHORT_BESIDE) for split in _SPLIT),
        (_RELATIVE, 5, _BESIDE),
        (_COMPACT, 4, 0),
        (_YEARLESS, 3, _SHORT_BESIDE),
    ):
        for match in pattern.finditer(text):
            rest = text[: match.start()] + text[match.end() :]
            if len(rest) - 4 * (_PUBLISHED.search(rest) is not None) > (
                min(beside, _SHORT_BESIDE) if linked else beside
            ):
                continue
            moment = _moment(match, now)
            if moment is None or moment > now + _SKEW:  # the end of a tender, the day of an event
                continue
            label = text[: match.start()][-8:] or before[-8:]
            bonus = 2 * (_PUBLISHED.search(label) is not None) - 4 * (_OTHERS.search(label) is not None)
            yield Dated(match[0], moment, rank + bonus)


def _moment(match: re.Match[str], now: datetime) -> datetime | None:
    given = match.groupdict()
    if "m" in given:
        day = f"{int(given['m'])}月{int(given['d'])}日"
        return dates.parse(
            f"{given['y']}年{day}" if given.get("y") else day + (given.get("clock") or ""), now
        )
    if match.re is _COMPACT:
        return dates.parse("-".join(match.groups()), now)
    return dates.parse(match[0], now)


def title_of(link: HtmlElement, now: datetime) -> tuple[str, str | None]:
    """The title that a link shows, and the summary that stands in it, if one does.

    A heading inside the link is the title; otherwise its text without dates. What is cut off is made whole
    from the link's `title`.
    """
    own = [p for p in pieces([link], link) if not _BRACKETS.match(p.text)]
    said = [p for p in own if not _is_date(p.text, now)]
    headed = [p for p in said if _in_heading(p.element, link)]
    blocks = {id(_block(p.element, link)) for p in said}
    summary = None
    if headed:
        text = squeeze("".join(p.text for p in headed))
        rest = [p.text for p in said if p not in headed]
        summary = max(rest, key=len, default=None)
    elif len(blocks) > 1:
        # Several blocks without a heading: the first that is long enough to be a title.
        groups: dict[int, list[str]] = {}
        for piece in said:
            groups.setdefault(id(_block(piece.element, link)), []).append(piece.text)
        joined = [squeeze("".join(group)) for group in groups.values()]
        text = next((j for j in joined if len(j) >= 6), max(joined, key=len))
        summary = next((j for j in joined if j != text and len(j) > len(text)), None)
    else:
        text = squeeze(_joined(link, said))
    text = _whole(_bare(text), squeeze(link.get("title") or ""))
    if not text:
        image = next(iter(link.iter("img")), None)
        text = squeeze(link.get("title") or (image.get("alt") if image is not None else "") or "")
    return text[:_TITLE_READ], summary if summary and len(summary) >= _SUMMARY else None


def _joined(link: HtmlElement, said: Sequence[Piece]) -> str:
    """The text of a link as it reads: with the spaces that are in it."""
    whole = squeeze(link.text_content())
    parts = [p.text for p in said]
    if fold("".join(parts)) == fold(whole):
        return whole
    return " ".join(parts)


def _is_date(text: str, now: datetime) -> bool:
    found = [
        match[0]
        for pattern in (_FULL, *_SPLIT, _RELATIVE, _COMPACT, _YEARLESS, _OF_CLOCK)
        for match in [pattern.search(text)]
        if match
    ]
    return (
        any(len(text) - len(one) <= 4 for one in found)
        or re.fullmatch(r"\d{1,2}[日号]?|(?:19|20)\d{2}年?|\d{1,2}月", text) is not None
    )


def _in_heading(element: HtmlElement, link: HtmlElement) -> bool:
    while element is not None and element is not link:
        if element.tag in _HEADINGS or _HEADED.search(names(element)):
            return True
        element = element.getparent()
    return False


def _block(element: HtmlElement, link: HtmlElement) -> HtmlElement:
    """The child of `link` that holds `element`, where that is a block; else `link`."""
    best = link
    while element is not None and element is not link:
        if element.tag in (
            "div",
            "p",
            "dd",
            "dt",
            "li",
            "section",
            "figcaption",
            "time",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
        ):
            best = element
        element = element.getparent()
    return best


_BULLET = re.compile(r"^(?:[·•●▪■◆►▶>»›∙・○※*]+\s*)+")
_NEW = re.compile(r"\s*(?:\bnew\b|\[?图文?\]?|\(图\))?!?\s*$", re.I)
_DOTS = re.compile(r"\s*(?:…+|\.{2,}|。{2,})\s*$")


def _bare(text: str) -> str:
    return _BULLET.sub("", text).strip()


def _whole(text: str, attribute: str) -> str:
    """`text`, or the link's `title` where `text` is the beginning of it, cut off."""
    stem = fold(_DOTS.sub("", text))
    if not attribute or len(stem) < 2:
        return text
    told = fold(attribute)
    cut = _DOTS.search(text) is not None or len(told) > len(stem)
    if cut and told.startswith(stem) and len(attribute) <= 120:
        # More than the title, such as «标题：… 发布时间：…», says so.
        return (
            re.split(r"\s*(?:发布时间|发布日期|作者|点击数|更新时间)\s*[:：]", attribute)[0].strip() or text
        )
    return text
