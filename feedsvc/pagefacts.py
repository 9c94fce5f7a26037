"""What an HTML page says about its article: title, dates, author, own address, picture."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml.html import HtmlElement

from feedsvc.clean import plain_title
from feedsvc.dates import parse
from feedsvc.text import fold, squeeze
from feedsvc.urls import absolute

_WINDOW = 800  # characters after the title in which a page names its date and source
_TITLE = 500  # characters of a `<title>` that are looked at
_HEADS = 200  # headings that are looked at
_LINE = 160  # a longer line there is the text already
_HEADINGS = (
    ".//h1 | .//h2 | .//h3 | .//*[contains(@class, 'tit') or contains(@id, 'tit') or contains(@class, 'Tit')]"
)
_OFFICIAL_TITLE = (
    "articletitle",
    "article:title",
)  # the first as in China's rules for government sites (GB/T 30850)
_PUBLISHED = (
    "article:published_time", "datepublished", "pubdate", "publishdate", "publish_date", "publishtime",
    "og:release_date", "publicationdate", "weibo: article:create_at", "apub:time", "_pubtime", "date",
    "dc.date", "dc.date.issued", "parsely-pub-date",
)  # fmt: skip
_UPDATED = ("article:modified_time", "datemodified", "og:updated_time", "lastmodified", "lastmodifieddate")
_AUTHOR = ("author", "article:author", "dc.creator", "og:article:author")
_SOURCE = ("contentsource", "source", "mediaid")
_NOBODY = re.compile(
    r"(?:https?:.*|admin(?:istrator)?|editor|anonymous|root|管理员|佚名|匿名|未知|网站编辑|dedecms|\d+)", re.I
)
_DATE = re.compile(
    r"(?:(?:19|20)\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(?:\s*日)?(?:[\sT]*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
    r"|\d{1,2}月\d{1,2}日\s*\d{1,2}[:：]\d{2}|(?:今天|昨天|前天)\s*\d{1,2}[:：]\d{2}|\d{1,2}\s*(?:分钟|小时|天)前)"
)
_CLOCK = re.compile(r"\d{1,2}[:：]\d{2}")
_NAMED = r"\s*[:：]\s*([^\s:：|｜，。,；;()（）\[\]【】<>]{2,30})"
_VISIBLE_AUTHOR = re.compile(r"(?:^|[\s|｜(（【])(?:作\s*者|撰\s*文)" + _NAMED)
_VISIBLE_SOURCE = re.compile(r"(?:稿件|文章|信息|新闻|内容)?来\s*源" + _NAMED)
_SEPARATOR = re.compile(r"\s*[_|｜]\s*|\s+[-–—·:»<>]{1,2}\s+|\s*--+\s*|(?<=[^\s\d])-(?=[^\s\d])")
_SITE = re.compile(
    r".*(?:网|网站|新闻|频道|政府|在线|日报|晚报|早报|时报|资讯|中心|门户|平台|客户端|首页|公众号|动态|要闻|电视台|公司|大学|学院|医院|协会|委员会|\.com|\.cn|\.org|\.net)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was found; None where nothing was. `link` and `image` are absolute, `keywords` the page's own."""

    title: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    author: str | None = None
    link: str | None = None
    image: str | None = None
    keywords: tuple[str, ...] = ()


def read_facts(root: HtmlElement, *, url: str | None, now: datetime) -> Facts:
    """The facts of the page `root` that was served from `url`.

    The page's own structured data (JSON-LD, OpenGraph, `<meta>`) and what a reader sees beside the headline
    check each other: a heading that the `<title>` repeats is the title, a visible clock completes a date
    without one.
    """
    meta, told = _meta(root), _json_ld(root)
    title = _title(root, meta, told)
    near = _near(root, title)
    canonical = next(iter(root.xpath("//link[@rel='canonical']/@href")), None) or meta.get("og:url")
    return Facts(
        title=title,
        published=_published(
            [_string(told.get("datePublished")), *_all(meta, _PUBLISHED), *_times(root)], near, now
        ),
        updated=_first_date([_string(told.get("dateModified")), *_all(meta, _UPDATED)], now),
        author=_author(meta, told, near),
        link=_own_link(absolute(canonical, url), url),
        image=absolute(meta.get("og:image") or None, url),
        keywords=_keywords(told),
    )


def _meta(root: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("name") or element.get("property") or element.get("itemprop") or ""
        content = squeeze(element.get("content") or "")
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _all(meta: dict[str, str], names: tuple[str, ...]) -> list[str]:
    return [meta[name] for name in names if name in meta]


def _json_ld(root: HtmlElement) -> dict[str, Any]:
    """The first article among the page's JSON-LD objects; {} if there is none that can be read."""
    for script in root.xpath("//script[@type='application/ld+json']"):
        try:
            value = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        for found in _objects(value, 4):
            kinds = found.get("@type")
            if any(
                re.search("Article|Posting|Report", str(k))
                for k in (kinds if isinstance(kinds, list) else [kinds])
            ):
                return found
    return {}


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        if depth:
            yield from _objects(value.get("@graph") or value.get("mainEntity"), depth - 1)
    elif isinstance(value, list) and depth:
        for member in value:
            yield from _objects(member, depth - 1)


def _string(value: Any) -> str:
    return squeeze(value) if isinstance(value, str) else ""


def _title(root: HtmlElement, meta: dict[str, str], told: dict[str, Any]) -> str | None:
    page = squeeze(
        next(iter(root.xpath("//title[not(ancestor::*[local-name()='svg'])]//text()")), "")[:_TITLE]
    )
    official = next(iter(_all(meta, _OFFICIAL_TITLE)), "")
    if official:
        return plain_title(official)
    site = meta.get("og:site_name", "")
    shared = _without_site(plain_title(meta.get("og:title") or _string(told.get("headline"))), site)
    headings = [(e.tag, squeeze(e.text_content())) for e in root.xpath(_HEADINGS)[:_HEADS]]
    headings = [(tag, text) for tag, text in headings if 4 <= len(text) <= 120]
    whole = fold(page + "\n" + shared)
    short = _without_site(page, site)
    repeated = [
        t
        for tag, t in headings
        if fold(t) in whole
        and (tag == "h1" or (fold(t) != fold(page) and 2 * len(t) >= len(short)))
        and (len(t) > 12 or not _SITE.fullmatch(t))
    ]
    if repeated:
        return max(repeated, key=len)
    if shared:
        return shared
    tops = [t for tag, t in headings if tag == "h1"]
    if len(tops) == 1 and (not short or _SITE.fullmatch(short)):
        return tops[0]
    return short or None


def _without_site(title: str, site: str) -> str:
    """`title` without the names of site and section that pages put after it, or before."""
    cuts = [(0, 0), *((m.start(), m.end()) for m in _SEPARATOR.finditer(title)), (len(title), len(title))]
    parts = [(cuts[i][1], cuts[i + 1][0]) for i in range(len(cuts) - 1)]

    def is_site(part: tuple[int, int]) -> bool:
        name = title[slice(*part)]
        return not name or fold(name) == fold(site) or (len(name) <= 15 and _SITE.fullmatch(name) is not None)

    while len(parts) > 1 and is_site(parts[-1]):
        parts.pop()
    while len(parts) > 1 and is_site(parts[0]):
        parts.pop(0)
    kept = title[parts[0][0] : parts[-1][1]]
    return kept.split("_")[0].strip() if "_" in kept and len(kept.split("_")[0].strip()) >= 5 else kept


def _near(root: HtmlElement, title: str | None) -> list[str]:
    """The short lines between headline and text, as a reader sees them; without a headline, from the top."""
    texts = root.xpath(
        "//body//text()[not(parent::script or parent::style or parent::title or parent::noscript)]"
    )
    lines = [line for line in map(squeeze, texts) if line]
    wanted = fold(title or "")
    start = next(
        (i + 1 for i, line in enumerate(lines) if wanted and wanted in fold(line) and len(line) < _LINE), 0
    )
    near: list[str] = []
    seen = 0
    for line in lines[start:]:
        if seen > _WINDOW or (near and len(line) > _LINE):
            break
        seen += len(line)
        near.append(line)
    return near


def _times(root: HtmlElement) -> list[str]:
    return [
        squeeze(t)
        for t in root.xpath("//time[@pubdate or @itemprop='datePublished' or ancestor::article]/@datetime")
    ]


def _first_date(values: list[str], now: datetime) -> datetime | None:
    return next((d for d in (parse(v, now) for v in values) if d is not None), None)


def _published(told: list[str], near: list[str], now: datetime) -> datetime | None:
    """The date of publication: what the page declares, to the minute where the reader is told the minute."""
    declared = next(((v, d) for v, d in ((v, parse(v, now)) for v in told) if d is not None), None)
    seen = [
        m[0] for line in near if len(line) <= _LINE and "。" not in line for m in [_DATE.search(line)] if m
    ]
    seen += [m[0] for m in [_DATE.search(" ".join(near))] if m and _CLOCK.search(m[0])]
    visible = [(v, d) for v, d in ((v, parse(v, now)) for v in seen) if d is not None]
    if declared is None:
        return visible[0][1] if visible else None
    value, moment = declared
    for text, other in visible:
        if _CLOCK.search(text) is None:
            continue
        if _CLOCK.search(value) is None and other.date() == moment.date():
            return other
        if moment.utcoffset() == UTC.utcoffset(None) and _same_digits(moment, other):
            return other  # Beijing time, declared as UTC
    return moment


def _same_digits(one: datetime, other: datetime) -> bool:
    return one.replace(tzinfo=None, second=0, microsecond=0) == other.replace(
        tzinfo=None, second=0, microsecond=0
    )


def _author(meta: dict[str, str], told: dict[str, Any], near: list[str]) -> str | None:
    """Who wrote it; else the paper it comes from."""
    given = told.get("author")
    people = given if isinstance(given, list) else [given]
    names = [_string(p.get("name") if isinstance(p, dict) else p) for p in people]
    head = " ".join(near)
    seen = [m[1] for m in (_VISIBLE_AUTHOR.search(head), _VISIBLE_SOURCE.search(head)) if m]
    candidates = ["、".join(n for n in names if n), *_all(meta, _AUTHOR), *seen, *_all(meta, _SOURCE)]
    return next(
        (c for c in map(plain_title, candidates) if 1 < len(c) <= 60 and not _NOBODY.fullmatch(c)), None
    )


def _own_link(canonical: str | None, url: str | None) -> str | None:
    """The canonical address, unless it is the front page, as templates write on every page."""
    if canonical is None or (url is not None and canonical.count("/") <= 3 and canonical.endswith("/")):
        return absolute(url)
    return canonical


def _keywords(told: dict[str, Any]) -> tuple[str, ...]:
    """The keywords of the JSON-LD. Those of `<meta>` are the site's far more often than the article's."""
    given = told.get("keywords")
    words = (
        re.split("[,，、;；]", given) if isinstance(given, str) else given if isinstance(given, list) else []
    )
    return tuple(dict.fromkeys(w for w in (_string(w) for w in words) if w))
