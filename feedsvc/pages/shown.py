"""The dates that a reader sees on a page, and what their labels say they are."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml.html import HtmlElement

from feedsvc.dates import SHANGHAI, has_clock, parse
from feedsvc.pages.near import LONG, Near
from feedsvc.text import squeeze

_WEEKDAY = r"(?:[(（](?:星期|周|週|礼拜)?[一二三四五六日天][)）]|(?:星期|周|週|礼拜)[一二三四五六日天])?"
_CLOCKED = (
    r"(?:[\sT,，]*"
    + _WEEKDAY
    + r"\s*(?:HKT|CST|GMT\+8|北京时间)?\s*(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚)?"
    r"\s*\d{1,2}\s*(?:[:：]\s*\d{2}(?:\s*[:：]\s*\d{2})?(?:\s*[AP]M)?|[时点]\s*\d{1,2}\s*分))?"
)
_ZONED = r"(?:\.\d+)?(?:Z|\s?[+-]\d{2}:?\d{2})?"
_ABSOLUTE = re.compile(
    r"(?<![\d/])(?:19|20)\d{2}\s*[-/.年－]\s*\d{1,2}\s*[-/.月－]\s*\d{1,2}(?!\d{3})(?:\s*[日号])?"
    + _CLOCKED
    + _ZONED,
    re.I,
)
# The year, the day and the clock as three pieces of a header: 2026 03 / 05 16:24:09.
_PIECES = re.compile(
    r"((?:19|20)\d{2})\s+(\d{1,2})\s*[/\-.月]\s*(\d{1,2})\s*日?\s+(\d{1,2}:\d{2}(?::\d{2})?)"
)
_RELATIVE = re.compile(
    r"(?<!\d)\d{1,2}月\d{1,2}日\s*\d{1,2}[:：]\d{2}|(?<![\d-])\d{1,2}[-/]\d{1,2}\s+\d{1,2}:\d{2}"
    r"|(?:今天|昨天|前天)\s*\d{1,2}[:：]\d{2}|\d{1,3}\s*(?:分钟|小时|天)前|刚刚(?=$|\s)"
)
_CLOCK = re.compile(r"\d{1,2}\s*[:：]\s*\d{2}|\d{1,2}\s*[时点]")
_OF_PUBLICATION = re.compile(
    r"(?:[发發][布佈]|发表|發表|刊发|刊登|出版|上传|录入|添加|发稿|推送|Posted|Published)[^\d]{0,8}$", re.I
)
_OF_CHANGE = re.compile(r"(?:更新|修改|编辑于|编辑时间|编辑日期|Updated|Modified)[^\d]{0,8}$", re.I)
# Dates in a byline that are the document's, the event's or today's.
_OF_OTHERS = re.compile(
    r"(?:成文|印发|发文|施行|实施|生效|废止|失效|有效期|截止|截至|开始|结束|注册|活动|会议|举办|报名|公示"
    r"|今天是|现在是|今日是|北京时间|当前)[^\d]{0,8}$"
)
# A clock that stands in the line of its day, but not beside it.
_APART = re.compile(r"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\d:])")
_ZONE_NAME = re.compile(r"\s*(?:HKT|CST|GMT\+8|北京时间)\s*")
_SPACED = re.compile(r"\s*([-/.：:－])\s*")
_PLACES = (
    "//body//*[contains(@class, 'time') or contains(@id, 'time') or contains(@class, 'Time')"
    " or contains(@id, 'Time') or contains(@class, 'date') or contains(@id, 'date')"
    " or contains(@class, 'Date') or contains(@id, 'Date')]"
)
_PLACED = 30  # such parts that are looked at
_SHORT = 60  # characters of such a part
_AHEAD = timedelta(days=2)  # what lies further in the future is no date of publication


@dataclass(frozen=True, slots=True)
class Seen:
    """A date on the page. `rank` is 3 where a label says that it is the publication's, 2 where none says
    anything, 1 where it is that of a change, 0 where it is another's; `relative` where it counts from now.
    """

    text: str
    moment: datetime
    rank: int
    rule: str
    relative: bool = False

    @property
    def clocked(self) -> bool:
        """Whether it names a minute; 00:00 is what a bare day is written as."""
        return _CLOCK.search(self.text) is not None and (self.relative or has_clock(self.moment))


def dates(lines: Iterable[str], now: datetime, where: str) -> Iterator[Seen]:
    """The absolute dates of byline-like lines, in order; then those in pieces over several lines."""
    short = [line for line in lines if len(line) <= LONG and "。" not in line]
    for line in short:
        for match in _ABSOLUTE.finditer(line):
            moment = parse(_SPACED.sub(r"\1", _ZONE_NAME.sub(" ", match[0])).replace("－", "-").strip(), now)
            if moment is not None and moment <= now + _AHEAD:
                text = match[0]
                apart = _APART.findall(line[match.end() :])
                if not _CLOCK.search(text) and len(apart) == 1:
                    text = f"{text} {apart[0]}"
                    moment = parse(f"{moment:%Y-%m-%d} {apart[0]}", now) or moment
                yield Seen(text, moment, _rank(line[: match.start()]), where)
    joined = " ".join(reversed(short) if where.startswith("above") else short)
    for match in (*_ABSOLUTE.finditer(joined), *_PIECES.finditer(joined)):
        text = f"{match[1]}-{match[2]}-{match[3]} {match[4]}" if match.lastindex else match[0]
        moment = parse(_ZONE_NAME.sub(" ", text), now) if _CLOCK.search(text) else None
        if moment is not None and moment <= now + _AHEAD:
            yield Seen(text, moment, _rank(joined[: match.start()]), where)


def placed(root: HtmlElement, now: datetime) -> Seen | None:
    """The date in the first part of the page that calls itself a time or a date."""
    where = "in a part called a time"
    for element in root.xpath(_PLACES)[:_PLACED]:
        text = squeeze(element.text_content())
        if len(text) > _SHORT:
            continue
        stamp = parse(text, now) if text.isdigit() and len(text) in (10, 13) else None
        if stamp is not None:
            return Seen(f"{stamp:%H:%M}", stamp.astimezone(SHANGHAI), 2, where)
        found = next((s for s in dates([text], now, where) if s.rank >= 2), None)
        if found is not None:
            return found
    return None


def relative(near: Near, now: datetime) -> Seen | None:
    """A date beside the headline that counts from now: «3小时前», «昨天 08:30», or without a year."""
    for line in near.after:
        match = _RELATIVE.search(line) if len(line) <= LONG and "。" not in line else None
        moment = parse(match[0].strip(), now) if match else None
        if match is not None and moment is not None:
            return Seen(match[0], moment, 2, "beside the headline, counted from now", relative=True)
    return None


def _rank(before: str) -> int:
    if _OF_OTHERS.search(before):
        return 0
    if _OF_CHANGE.search(before):
        return 1
    return 3 if _OF_PUBLICATION.search(before) else 2
