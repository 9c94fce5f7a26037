"""Dates of Chinese news: ISO, RFC 822 and Chinese forms, absolute or relative, always with a zone."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime, parsedate_tz

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")  # no summer time since 1991; needs no zone database

# Earlier than any news on the web: what stands there is an unset field (1970, 0001), not a date.
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)

_LONGEST_DATE = 100  # characters of an HTTP date, with room to spare

_ISO = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
    r"(?:[T\s]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,]\d+)?)?\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}\b)?)?",
    re.IGNORECASE,
)
_DAY = (
    r"(?:(?P<y>\d{4})\s*[年/.\-]\s*(?P<m>\d{1,2})\s*[月/.\-]\s*(?P<d>\d{1,2})\s*[日号]?"
    r"|(?<!\d)(?P<cm>\d{1,2})\s*月\s*(?P<cd>\d{1,2})\s*[日号]"
    r"|(?<!\d)(?P<sm>\d{1,2})[-/](?P<sd>\d{1,2})(?=\s+\d{1,2}:\d{2})"
    r"|(?P<rel>今天|今日|昨天|昨日|前天|前日))"
)
_CLOCK = (
    r"(?:[\s,，日T]*(?:[(（](?:星期|周|週)?[一二三四五六日天][)）]|(?:星期|周|週)[一二三四五六日天])?\s*"
    r"(?P<half>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚|夜间)?\s*"
    r"(?P<H>\d{1,2})\s*(?:[:：]|[时点])\s*(?:(?P<M>\d{1,2})(?:\s*(?:[:：]|分)\s*(?P<S>\d{1,2})?秒?)?)?(?:\s*(?P<pm>[AP]M))?)?"
)
_CHINESE = re.compile(_DAY + _CLOCK, re.IGNORECASE)
# What may follow an ISO day and is no ISO clock: a half of the day, a weekday, a comma, AM or PM.
_OTHER_CLOCK = re.compile(
    r"[\s,，]*(?:\D{1,6}\d{1,2}\s*[:时点]\s*\d|\d{1,2}\s*[时点]\s*\d|[AP]M\b)", re.IGNORECASE
)
_AGO = re.compile(
    r"(?P<n>\d{1,3}|半|几|一|两)\s*个?\s*(?P<unit>秒钟?|分钟?|小时|钟头|天|日|周|星期|月|年)\s*(?:之?前)"
)
_JUST_NOW = re.compile(r"^(?:刚刚|刚才|片刻前|just now)$", re.IGNORECASE)
_STAMP = re.compile(r"^(?P<s>\d{10})(?:\d{3})?$")
_COMPACT = re.compile(
    r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:T?(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?)?$"
)
_NUMERALS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_HANZI_DATE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日"
)
_SECONDS = {
    "秒": 1,
    "分": 60,
    "小": 3600,
    "钟": 3600,
    "天": 86400,
    "日": 86400,
    "周": 604800,
    "星": 604800,
    "月": 2592000,
    "年": 31536000,
}
# Hours below this belong to the second half of the day.
_HALF_DAY = {"中午": 11, "下午": 12, "傍晚": 12, "晚上": 12, "晚": 12, "夜间": 12, "PM": 12}
_RELATIVE_DAY = {"今": 0, "昨": 1, "前": 2}


def parse(value: str | None, now: datetime, zone: tzinfo = SHANGHAI) -> datetime | None:
    """The moment that `value` names, in `zone` where it names none of its own; None where it names no moment.

    `now` is what relative («3小时前», «昨天 08:30») and year-less («11-20 09:12») forms are counted from; a
    year-less day that would lie more than two days ahead is last year's. A day without a clock is its
    midnight. Zone names that mean several things are read as in China: CST is +08:00.
    """
    if not value:
        return None
    text = unicodedata.normalize("NFKC", value[:200]).strip()
    text = _HANZI_DATE.sub(_from_hanzi, text)
    found = (
        _stamp(text)
        or _iso(text, zone)
        or _compact(text, zone)
        or _rfc822(text, zone)
        or _ago(text, now)
        or _chinese(text, now.astimezone(zone), zone)
    )
    return found if found is not None and found >= _EARLIEST else None


def http_date(value: str) -> datetime | None:
    """A date in any of the three formats of RFC 9110, section 5.6.7; None if it is none."""
    if len(value) > _LONGEST_DATE:
        return None
    try:
        moment = parsedate_to_datetime(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def settle(
    published: datetime | None, updated: datetime | None, first_seen: datetime
) -> tuple[datetime, datetime]:
    """What an article's dates are at first sight: (published, updated), in whole seconds if the source's.

    A future or absent `published` is `first_seen`; `updated` lies between `published` and `first_seen`.
    """
    told = published or updated
    when = (
        told.astimezone(UTC).replace(microsecond=0) if told is not None and told <= first_seen else first_seen
    )
    if updated is None or updated > first_seen:
        return when, when
    return when, max(when, updated.astimezone(UTC).replace(microsecond=0))


def day_of(moment: datetime) -> str:
    """The day of a moment in China, `YYYY-MM-DD`: the day under which a title is recognised again."""
    return moment.astimezone(SHANGHAI).date().isoformat()


def has_clock(moment: datetime) -> bool:
    """Whether a moment names more than a day: midnight in China is what a bare day becomes."""
    return moment.astimezone(SHANGHAI).time() != time(0)


def _stamp(text: str) -> datetime | None:
    match = _STAMP.match(text)
    return datetime.fromtimestamp(int(match["s"]), UTC) if match else None


def _iso(text: str, zone: tzinfo) -> datetime | None:
    match = _ISO.match(text)
    if match is None or _OTHER_CLOCK.match(text, match.end()):
        return None
    return _moment(match, _zone(match["z"]) or zone)


def _compact(text: str, zone: tzinfo) -> datetime | None:
    match = _COMPACT.match(text)
    return _moment(match, zone) if match else None


def _rfc822(text: str, zone: tzinfo) -> datetime | None:
    if not re.search(r"[A-Za-z]{3}", text):
        return None
    china = re.sub(r"\bCST\b", "+0800", text)
    parts = parsedate_tz(china)
    if parts is None:
        return None
    year, month, day, hour, minute, second = parts[:6]
    offset = parts[9]
    named = offset if re.search(r"[+-]\d{4}|GMT|UTC|\bUT\b|\bZ\b|[ECMP][SD]T", china) else None
    try:
        within = timezone(timedelta(seconds=named)) if named is not None else zone
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=within)
    except (ValueError, OverflowError):
        return None


def _ago(text: str, now: datetime) -> datetime | None:
    if _JUST_NOW.match(text):
        return now
    match = _AGO.search(text)
    if match is None:
        return None
    number = {"半": 0.5, "几": 3.0, "一": 1.0, "两": 2.0}.get(match["n"]) or float(match["n"])
    return now - timedelta(seconds=number * _SECONDS[match["unit"][0]])


def _chinese(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    match = _CHINESE.search(text)
    if match is None:
        return None
    try:
        day = _day(match, now.date())
        hour = int(match["H"] or 0)
        if hour < _HALF_DAY.get(match["half"] or (match["pm"] or "").upper(), 0):
            hour += 12
        return datetime.combine(day, time(hour, int(match["M"] or 0), int(match["S"] or 0)), zone)
    except ValueError:
        return None


def _day(match: re.Match[str], today: date) -> date:
    if match["y"]:
        return date(int(match["y"]), int(match["m"]), int(match["d"]))
    if match["rel"]:
        return today - timedelta(days=_RELATIVE_DAY[match["rel"][0]])
    month, day = int(match["cm"] or match["sm"]), int(match["cd"] or match["sd"])
    for year in range(today.year, today.year - 9, -1):  # nine years always hold a 29 February
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= today + timedelta(days=2):
            return found
    raise ValueError(f"no day {month}-{day} in nine years")


def _moment(match: re.Match[str], zone: tzinfo) -> datetime | None:
    clock = [int(match[k] or 0) for k in "HMS"]
    try:
        return datetime(
            int(match["y"]),
            int(match["m"]),
            int(match["d"]),
            clock[0],
            clock[1],
            min(clock[2], 59),
            tzinfo=zone,
        )
    except ValueError:
        return None


def _zone(name: str | None) -> tzinfo | None:
    if not name:
        return None
    if name.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = name[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    if shift > timedelta(hours=15):
        return None
    return timezone(-shift if name[0] == "-" else shift)


def _from_hanzi(match: re.Match[str]) -> str:
    return f"{match[1].translate(_NUMERALS)}年{_hanzi_number(match[2])}月{_hanzi_number(match[3])}日"


def _hanzi_number(digits: str) -> int:
    tens, ten, ones = digits.rpartition("十")
    if not ten:
        return int(ones.translate(_NUMERALS))
    return int(tens.translate(_NUMERALS) or 1) * 10 + int(ones.translate(_NUMERALS) or 0)
