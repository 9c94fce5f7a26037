"""The title of an article: what the page declares and what it shows check each other."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lxml.html import HtmlElement

from feedsvc.clean import plain_title
from feedsvc.pages.declared import Declared
from feedsvc.pages.found import Found
from feedsvc.pages.tree import Line, is_aside, is_hidden
from feedsvc.text import fold, squeeze

_READ = 500  # characters of a `<title>` that are looked at
_HEADS = 200  # headings that are looked at
_LONGEST = 120
_ANCESTORS = 4  # levels above a heading in which it may be part of a logo or a list
# Places that hold the title and nothing else: WeChat, Discuz, the papers' Founder, schema.org, AMP.
_PLACES = (
    ("#activity-name", "//*[@id='activity-name']"),
    ("#thread_subject", "//*[@id='thread_subject']"),
    ("<founder-title>", "//*[local-name()='founder-title']"),
    ("itemprop headline", "//*[@itemprop='headline' and not(self::meta)]"),
)
_HEADINGS = (
    "//body//h1 | //body//h2 | //body//h3 "
    "| //body//*[contains(@class, 'tit') or contains(@id, 'tit') or contains(@class, 'Tit')"
    " or contains(@id, 'Tit') or contains(@class, 'biaoti') or contains(@class, 'headline')"
    " or contains(@class, 'subject')]"
)
_OFFICIAL = ("articletitle", "article:title")  # the first as China's rules for government sites have it
_SHARED = ("og:title", "twitter:title", "weibo:article:title", "title", "dc.title")
_SEPARATOR = re.compile(
    r"\s*(?:[_|｜»]|::|--+|－－)\s*|\s+[-–—－·:<>/]{1,2}\s+|(?<=[^\s\dA-Za-z])[-－](?=[^\s\d])"
)
_SITE = re.compile(
    r".*(?:网|网站|新闻|频道|政府|在线|日报|晚报|早报|晨报|时报|周刊|数字报|电子报|资讯|中心|门户|平台"
    r"|客户端|首页|公众号|动态|要闻"
    r"|电视台|公司|大学|学院|医院|协会|委员会|论坛|社区|博客|信息港|融媒|局|厅|信息公开|政务公开"
    r"|信息公开目录|手机版|融媒体|发布|贴吧|多媒体版|报刊|电子版|数字版|Powered by .*|\.com|\.cn|\.org"
    r"|\.net)(?:[（(].{0,20}[)）])?",
    re.I,
)  # fmt: skip
_SECTION = re.compile(r"[^\s，。：！？“”《》、]{2,6}")
_NAMED_LAST = re.compile(r"\s+[-–—－|｜_]\s+|_|--")
_TAIL = re.compile(r"[^\s，。：！？“”《》、]{2,10}")
_ABOVE = 4  # lines above a date in which its headline may stand
_DATED = re.compile(
    r"20\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}[\s日]*\d{1,2}[:：]\d{2}|(?:发布|发表)(?:时间"
    r"|日期)\s*[:：]"
)
_LABELLED = re.compile(r"[:：>»|]|。$|^\d|来源|作者|记者|字号")
_BEFORE_SITE = ("-", "_", "|", "–", "—", "·", "»", ":")
_ALIKE = 0.5
_TELLING = 8  # characters of a heading that says more than a section's name
_CLIPPED = re.compile(r"(?:\.{2,}|…+)$")
_BROKEN = re.compile(
    r"(?<=[^\x00-\xff])[ \t\xa0\u3000]*[\r\n][^\S\v]*(?=[^\x00-\xff])|(?<=[：:，、！？—])\s*\v\s*"
)
_ORNAMENT = re.compile(r"^(?:\[[^\]]{1,8}\]|【(?:打印|关闭|置顶|精华)】)\s*|\s*(?:\[复制链接\]|\[打印\])$")


@dataclass(frozen=True, slots=True)
class _Heading:
    text: str
    tag: str
    element: HtmlElement


def find(root: HtmlElement, declared: Declared, lines: Sequence[Line]) -> Found[str] | None:
    """The title as a reader sees it, without the names of site and section; None where there is none."""
    for rule, place in _PLACES:
        for element in root.xpath(place)[:3]:
            text = _text_of(element)
            if 2 <= len(text) <= 2 * _LONGEST:
                return Found(text, rule)
    if founder := declared.founder.get("title"):
        return Found(founder, "comment of the publishing system")
    page = squeeze("".join(root.xpath("//title[not(ancestor::*[local-name()='svg'])][1]//text()"))[:_READ])
    page = plain_title(page)
    site = declared.meta.get("og:site_name", "") or declared.meta.get("sitename", "")
    headings = [h for h in map(_heading, root.xpath(_HEADINGS)[:_HEADS]) if 2 <= len(h.text) <= _LONGEST]
    shared = [(f"meta {name}", plain_title(value)) for name, value in declared.each(*_SHARED)]
    if headline := declared.text("headline") or declared.text("title"):
        shared.insert(0, ("JSON-LD headline", headline))
    short = _without_site(page, site)
    whole = [fold(page), *(fold(text) for _, text in shared)]

    for name, value in declared.each(*_OFFICIAL):
        official = plain_title(value)
        if fold(official) in whole[0] or any(fold(official) == fold(h.text) for h in headings):
            seen = next((h.text for h in headings if fold(h.text) == fold(official)), official)
            return Found(min(seen, official, key=len), f"meta {name}, shown on the page")
    if (said := _confirmed(headings, whole, short, site)) is not None:
        return said
    if (whole_line := _unclipped(lines, short)) is not None:
        return Found(whole_line, "line of the page that <title> clips")
    if (line := _line(lines, page, site)) is not None:
        return Found(line, "<title>, as far as a line of the page repeats it")
    for name, value in declared.each(*_OFFICIAL):
        if not is_site(plain_title(value), site):
            return Found(plain_title(value), f"meta {name}")
    seen_heading = _lone(headings, site)
    if seen_heading is not None and any(
        _akin(seen_heading.text, told) for told in (short, *(v for _, v in shared))
    ):
        return Found(seen_heading.text, f"<{seen_heading.tag}>, much like what the page declares")
    unseen = fold(short) not in {fold(line.text) for line in lines if len(line.text) <= 2 * _LONGEST}
    if (
        seen_heading is not None
        and unseen
        and seen_heading.tag == "h1"
        and len(seen_heading.text) >= _TELLING
    ):
        return Found(seen_heading.text, "<h1>, where the page shows nothing that it declares")
    for rule, value in shared:
        text = _without_site(value, site)
        if len(text) >= 4 and not is_site(text, site) and fold(text) != fold(site):
            return Found(text, rule)
    if seen_heading is not None and (not short or is_site(short, site) or fold(short) == fold(site)):
        return Found(seen_heading.text, f"<{seen_heading.tag}>")
    if (not short or is_site(short, site)) and (line := _listed(lines, site)) is not None:
        return Found(line, "line that a link of the page repeats")
    if (not short or is_site(short, site)) and (line := _above_date(lines, site)) is not None:
        return Found(line, "line above the date")
    return Found(short, "<title>") if short else None


def is_site(name: str, site: str = "") -> bool:
    """Whether `name` is that of a site or a section rather than a headline."""
    return not name or fold(name) == fold(site) or (len(name) <= 18 and _SITE.fullmatch(name) is not None)


def _heading(element: HtmlElement) -> _Heading:
    return _Heading(_text_of(element), str(element.tag), element)


def _text_of(element: HtmlElement) -> str:
    """The text of a heading as one line: where only its source breaks between two characters, nothing is."""
    if is_hidden(element):
        return ""
    raw = "".join(
        "\v" if isinstance(t, HtmlElement) else t
        for t in element.xpath(".//br | .//text()[not(ancestor::script or ancestor::style)]")
    )
    text = squeeze(_BROKEN.sub("", raw.strip()).replace("\v", " "))
    return _ORNAMENT.sub("", text)


def _confirmed(headings: Iterable[_Heading], whole: list[str], short: str, site: str) -> Found[str] | None:
    """The heading that what the page declares repeats: the longest, `<h1>` before others."""
    best: tuple[int, int, str, str] | None = None
    clipped = fold(_CLIPPED.sub("", short)) if _CLIPPED.search(short) else ""
    for heading in headings:
        text, folded = heading.text, fold(heading.text)
        head = heading.tag == "h1"
        if len(folded) < 2:
            continue
        said = any(folded in declared for declared in whole)
        longer = len(clipped) >= 6 and folded.startswith(clipped)
        if not said and not longer:
            continue
        alone = folded == whole[0] and _is_masthead(heading)
        if (
            alone
            or is_site(text, site)
            or _comes_last(folded, whole[0])
            or (not head and 2 * len(text) < len(short) and not longer)
        ):
            continue
        rank = (len(folded), head, text, "h1" if head else heading.tag)
        if best is None or rank[:2] > best[:2]:
            best = rank
    return None if best is None else Found(best[2], f"<{best[3]}>, repeated by what the page declares")


def _line(lines: Iterable[Line], page: str, site: str) -> str | None:
    """The longest line of the page that is a whole part of its `<title>`, between separators or at an end."""
    bounds = {
        0,
        len(page),
        *(m.start() for m in _SEPARATOR.finditer(page)),
        *(m.end() for m in _SEPARATOR.finditer(page)),
    }
    if len(bounds) == 2:
        return None
    best = ""
    for line in lines:
        text = line.text
        if not len(best) < len(text) <= _LONGEST or len(text) < 6 or line.is_links or is_site(text, site):
            continue
        at = page.find(text)
        if at >= 0 and at in bounds and at + len(text) in bounds:
            best = text
    return best or None


def _comes_last(heading: str, page: str) -> bool:
    """Whether a heading ends a longer `<title>` as the name of the site does: `headline - section - site`."""
    before = page.removesuffix(heading)
    return before != page and before.endswith(_BEFORE_SITE) and len(before) > len(heading) + 1


def _unclipped(lines: Iterable[Line], short: str) -> str | None:
    """The line that begins with what a `<title>` that ends in dots has of it."""
    start = fold(_CLIPPED.sub("", short)) if _CLIPPED.search(short) else ""
    whole = (line.text for line in lines if len(line.text) <= _LONGEST and not line.is_links)
    return next((text for text in whole if len(start) >= 8 and fold(text).startswith(start)), None)


def _above_date(lines: Sequence[Line], site: str) -> str | None:
    """The line above the first date that is a byline's, where it can be a headline."""
    for number, line in enumerate(lines):
        if len(line.text) <= _LONGEST and "。" not in line.text and _DATED.search(line.text):
            for above in reversed(lines[max(0, number - _ABOVE) : number]):
                text = above.text
                if (
                    6 <= len(text) <= 60
                    and not above.is_links
                    and above.zone is None
                    and not _LABELLED.search(text)
                ):
                    return None if is_site(text, site) else text
    return None


def _listed(lines: Sequence[Line], site: str) -> str | None:
    """The line that a link elsewhere on the page repeats, as the contents of a printed page do."""
    links = {fold(line.text) for line in lines if line.linked == len(line.text) and len(line.text) >= 5}
    shown = (line.text for line in lines if not line.linked and 5 <= len(line.text) <= _LONGEST)
    return next((text for text in shown if fold(text) in links and not is_site(text, site)), None)


def _lone(headings: Iterable[_Heading], site: str) -> _Heading | None:
    """The heading that looks most like a headline where nothing repeats it."""

    def rank(heading: _Heading) -> float:
        level = {"h1": 3.0, "h2": 2.0, "h3": 1.0}.get(heading.tag, 1.5)
        aside = any(is_aside(e) for e in [heading.element, *heading.element.iterancestors()][:_ANCESTORS])
        linked = heading.element.find(".//a") is not None or heading.element.getparent().tag == "a"
        return level - 4 * is_site(heading.text, site) - 3 * aside - 2 * linked - (len(heading.text) < 5)

    ranked = [(rank(h), -i, h) for i, h in enumerate(headings) if len(h.text) >= 4]
    best = max(ranked, default=None, key=lambda r: r[:2])
    return best[2] if best is not None and best[0] >= 1 else None


def _akin(one: str, other: str) -> bool:
    """Whether two titles are one, reworded: half of the pairs of neighbouring characters are in both."""
    first, second = ({"".join(pair) for pair in pairwise(fold(text))} for text in (one, other))
    return len(first & second) >= _ALIKE * max(min(len(first), len(second)), 4)


def _is_masthead(heading: _Heading) -> bool:
    """Whether a heading is the name of the site: a link to its front page, or called a logo."""
    links = heading.element.xpath(".//a/@href | ancestor::a/@href")
    around = [heading.element, *heading.element.iterancestors()][:2]
    return any(link in ("/", "./", "index.html", "#") for link in links) or any(
        "logo" in f"{e.get('class')}{e.get('id')}".lower() for e in around
    )


def _without_site(title: str, site: str) -> str:
    """`title` without the names of site and section that pages put after it, or before."""
    cuts = [(0, 0), *((m.start(), m.end()) for m in _SEPARATOR.finditer(title)), (len(title), len(title))]
    parts = [(cuts[i][1], cuts[i + 1][0]) for i in range(len(cuts) - 1)]
    named = 0
    while len(parts) > 1 and is_site(title[slice(*parts[-1])], site):
        parts.pop()
        named += 1
    while named and len(parts) > 1 and _SECTION.fullmatch(title[slice(*parts[-1])]) and parts[-2][1] >= 8:
        parts.pop()  # between headline and site a short word is the section
    while len(parts) > 1 and is_site(title[slice(*parts[0])], site):
        parts.pop(0)
    if not named and len(parts) > 1 and _is_tail(title, parts):
        parts.pop()
    kept = title[parts[0][0] : parts[-1][1]]
    first = kept.split("_")[0].strip()
    return first if "_" in kept and len(first) >= 5 else kept


def _is_tail(title: str, parts: Sequence[tuple[int, int]]) -> bool:
    """Whether the last part is a short name set off from a headline as sites set off theirs."""
    last = title[slice(*parts[-1])]
    between = title[parts[-2][1] : parts[-1][0]]
    return (
        _NAMED_LAST.fullmatch(between) is not None
        and _TAIL.fullmatch(last) is not None
        and parts[-2][1] - parts[0][0] >= max(6, len(last))
    )
