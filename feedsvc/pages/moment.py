"""When an article was published and changed: what is declared and what is shown check each other."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lxml.html import HtmlElement

from feedsvc.dates import SHANGHAI, has_clock, parse
from feedsvc.pages import shown
from feedsvc.pages.declared import Declared
from feedsvc.pages.found import Found
from feedsvc.pages.near import Near
from feedsvc.pages.shown import Seen
from feedsvc.text import squeeze

_PUBLISHED = (
    "article:published_time", "datepublished", "pubdate", "publishdate", "publish_date", "publishtime",
    "publish-date", "og:release_date", "og:published_time", "publicationdate", "og:time",
    "weibo: article:create_at", "weibo:article:create_at", "apub:time", "_pubtime",
    "bytedance:published_time", "article:published", "firstpublishedtime", "date", "dc.date",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "parsely-pub-date", "sailthru.date",
    "createdate",
)  # fmt: skip
_UPDATED = (
    "article:modified_time", "datemodified", "og:updated_time", "lastmodified", "lastmodifieddate",
    "lastmodifiedtime", "dateupdate", "updatetime", "og:modified_time", "bytedance:updated_time",
    "weibo: article:update_at", "weibo:article:update_at", "dcterms.modified",
)  # fmt: skip
_IN_SCRIPT = re.compile(
    r"(?<![A-Za-z])[\"']?(pub(?:lish|lished)?_?(?:time|date|at)|newsTime|time|news_time|ptime|create_?time"
    r"|create_?at|ctime|ct|issue_?time|release_?(?:time|date)|datePublished)[\"']?"
    r"\s*[:=]\s*[\"']?((?:19"
    r"|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[T\s]*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z"
    r"|[+-]\d{2}:?\d{2})?|1\d{9}(?:\d{3})?(?!\d))",
    re.I,
)
_IN_ADDRESS = re.compile(
    r"/(20\d{2})(?:[-_]?(0[1-9]|1[0-2])[-/_]?(0[1-9]|[12]\d|3[01])(?=\D)|[-/](\d{1,2})[-/](\d{1,2})(?=[/_.]))"
)
_DASHED = re.compile(r"^(\d{4}-\d{1,2}-\d{1,2})-(\d{1,2}:\d{2})")  # as on China's government portal
_SCRIPT_REACH = 1500  # characters between the title in a script and the date that belongs to it
_CLOSE = 4  # lines above the headline in which a date with a clock is the article's
# The clock of a page: today, with the day of the week and the time.
_TODAY = re.compile(r"今天是|现在是|(?=.*\d{1,2}:\d{2})(?=.*(?:星期|周)[一二三四五六日天])")
_ABOUT = timedelta(days=4)
_NEAREST = 3  # lines at the end of the text that may hold its date


@dataclass(frozen=True, slots=True)
class _Page:
    root: HtmlElement
    declared: Declared
    near: Near
    tail: list[str]
    url: str | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """The dates of an article; None for what no rule found."""

    published: Found[datetime] | None
    updated: Found[datetime] | None


def find(
    root: HtmlElement,
    declared: Declared,
    near: Near,
    *,
    title: str | None,
    tail: Iterable[str],
    url: str | None,
    now: datetime,
) -> Moments:
    """The dates of the page `root`; `tail` are its lines below the headline, the last of the text at the end;
    `now` is what relative dates count from.

    A date with a clock beside the headline is what readers go by, and outranks a declared one of another
    day, which is the template's; a declared one gives the minute to a day.
    """
    page = _Page(root, declared, near, list(tail), url, now)
    told = [t for t in _told(root, declared, now) if t.value <= now + timedelta(days=2)]
    seen = list(shown.dates(near.after, now, "beside the headline"))
    changed = next((s for s in seen if s.rank == 1), None)
    updated = _first(_changes(declared), now)
    if updated is None and changed is not None:
        updated = Found(changed.moment, f"shown {changed.rule} as that of a change")
    scripted = list(_scripted(declared.scripts, title, now))
    return Moments(published=_published(page, told, seen, scripted), updated=updated)


def _published(
    page: _Page, told: list[Found[datetime]], seen: list[Seen], scripted: list[Found[datetime]]
) -> Found[datetime] | None:
    # Without a headline what is seen first is the page's own clock, unless it has a label.
    own = [s for s in seen if s.rank == 3 or (s.rank == 2 and page.near.at >= 0)]
    best = max(own, key=lambda s: (s.rank, s.clocked), default=None)
    if best is None or not best.clocked:
        best = _above(page, best, told) or best
    if best is None:
        best = _elsewhere(page, told, seen, scripted)
    if best is None:
        given = told or scripted
        late = [Found(s.moment, f"shown {s.rule}") for s in seen]
        return _completed(given[0], [*scripted, *late]) if given else _addressed(page) or _signed(page, late)
    said = Found(best.moment, f"shown {best.rule}")
    if best.clocked and not best.relative:
        return next((t for t in told if t.value == best.moment), said)
    about = [t for t in told if has_clock(t.value) and abs(t.value - best.moment) < _ABOUT]
    if best.rank == 2 and about:
        return about[0]  # a bare day that nothing names may be the document's
    same = [t for t in told if _day(t.value) == _day(best.moment) and has_clock(t.value)]
    return same[0] if same else _completed(said, scripted)


def _above(page: _Page, best: Seen | None, told: list[Found[datetime]]) -> Seen | None:
    """The date above the headline that says more than `best`, what stands beside it."""
    lines = [line for line in page.near.before if not _TODAY.search(line)]
    earlier = [s for s in shown.dates(lines, page.now, "above the headline") if s.rank >= 2]
    close = [
        s for s in shown.dates(lines[:_CLOSE], page.now, "above the headline") if s.clocked or s.rank == 3
    ]
    day = _day(best.moment) if best is not None else _day(told[0].value) if told else None
    if day is not None:
        same = next((s for s in earlier if s.clocked and _day(s.moment) == day), None)
        return same or (next(iter(close), None) if best is None else None)
    if shown.relative(page.near, page.now) is not None:
        return None  # then what stands above is the page's own clock
    return next(iter(close), None) or next(iter(earlier), None)


def _elsewhere(
    page: _Page, told: list[Found[datetime]], seen: list[Seen], scripted: list[Found[datetime]]
) -> Seen | None:
    """A date that stands neither beside the headline nor above it, if it says more than what is declared."""
    labelled = next((s for s in shown.dates(page.tail, page.now, "below the text") if s.rank == 3), None)
    ended = shown.dates(page.tail[-_NEAREST:], page.now, "at the end of the text")
    late = labelled or next((s for s in ended if s.rank == 2 and s.clocked), None)
    if told:
        if late is None or not late.clocked:
            return None
        apart = abs(told[0].value - late.moment) > _ABOUT
        better = not has_clock(told[0].value) and _day(late.moment) == _day(told[0].value)
        return late if better or (apart and late is labelled) else None
    changed = next((s for s in seen if s.rank == 1), None)
    found = labelled or shown.placed(page.root, page.now) or changed or late
    return found or (None if scripted else shown.relative(page.near, page.now))


def _told(root: HtmlElement, declared: Declared, now: datetime) -> Iterator[Found[datetime]]:
    """What the page declares, the most trustworthy first."""
    given = [("JSON-LD", declared.text("datePublished")), ("JSON-LD", declared.text("pubDate"))]
    given.append(("comment of the publishing system", declared.founder.get("date", "")))
    given.append(("comment", declared.stamp))
    given += [(f"meta {name}", value) for name, value in declared.each(*_PUBLISHED)]
    times = root.xpath(
        "//time[@pubdate or @itemprop='datePublished' or ancestor::article"
        " or contains(@class, 'publish')]/@datetime"
    )
    given += [("<time>", squeeze(value)) for value in times]
    for rule, value in given:
        moment = parse(_DASHED.sub(r"\1 \2", value), now)
        if moment is not None:
            yield Found(moment, rule)


def _changes(declared: Declared) -> Iterator[tuple[str, str]]:
    yield "JSON-LD", declared.text("dateModified")
    yield "JSON-LD", declared.text("upDate")
    yield from ((f"meta {name}", value) for name, value in declared.each(*_UPDATED))


def _first(given: Iterable[tuple[str, str]], now: datetime) -> Found[datetime] | None:
    found = ((rule, parse(_DASHED.sub(r"\1 \2", value), now)) for rule, value in given)
    return next((Found(moment, rule) for rule, moment in found if moment is not None), None)


def _scripted(scripts: str, title: str | None, now: datetime) -> Iterator[Found[datetime]]:
    """Dates that scripts name as the publication's, those beside the title first."""
    at = scripts.find(title) if title else -1
    found = [(m, parse(m[2], now)) for m in _IN_SCRIPT.finditer(scripts)]
    kept = [(m, d) for m, d in found if d is not None and d <= now]

    def is_far(match: re.Match[str]) -> bool:
        return at < 0 or abs(match.start() - at) > _SCRIPT_REACH

    kept = [(m, d) for m, d in kept if m[1].lower() != "time" or not is_far(m)]
    kept.sort(key=lambda pair: (is_far(pair[0]), pair[0][1].lower() == "time"))
    yield from (Found(moment.astimezone(SHANGHAI), f"script: {match[1]}") for match, moment in kept)


def _completed(shown: Found[datetime], others: Iterable[Found[datetime]]) -> Found[datetime]:
    """A bare day with the clock that another rule gives for the same day."""
    if has_clock(shown.value):
        return shown
    return next((o for o in others if _day(o.value) == _day(shown.value) and has_clock(o.value)), shown)


def _addressed(page: _Page) -> Found[datetime] | None:
    """The day in the page's own address, as most sites have it."""
    canonical = page.root.xpath("//link[@rel='canonical']/@href")[:1]
    for address in (*canonical, page.declared.meta.get("og:url"), page.url):
        match = _IN_ADDRESS.search(address or "")
        moment = parse("-".join(g for g in match.groups() if g), page.now) if match else None
        if moment is not None:
            return Found(moment, "address of the page")
    return None


def _signed(page: _Page, late: list[Found[datetime]]) -> Found[datetime] | None:
    """The day under which a notice is signed; else any that was seen."""
    for line in page.tail[-_NEAREST:][::-1]:
        moment = parse(line, page.now) if len(line) <= 20 else None
        if moment is not None and moment <= page.now and re.search(r"年.+月.+日|\d{4}[-/.]", line):
            return Found(moment, "signature of the text")
    return next(iter(late), None)


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()
