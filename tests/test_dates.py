"""Dates of Chinese news."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc import dates
from feedsvc.dates import SHANGHAI, parse, settle
from tests.made import DAY, MINUTE, NOW

CHINA = timezone(timedelta(hours=8))


def at(*parts: int, zone: timezone = CHINA) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2018年7月30日 09:12", at(2018, 7, 30, 9, 12)),
        ("2018年7月30日", at(2018, 7, 30)),
        ("2018年07月30日09时12分", at(2018, 7, 30, 9, 12)),
        ("2018年7月30日 09:12:33", at(2018, 7, 30, 9, 12, 33)),
        ("2018年7月30日（星期一）下午3点05分", at(2018, 7, 30, 15, 5)),
        ("2018年7月30日 晚上8时", at(2018, 7, 30, 20)),
        ("2018-07-30 上午 09:12", at(2018, 7, 30, 9, 12)),
        ("2018-07-30 周一 09:12", at(2018, 7, 30, 9, 12)),
        ("2018/07/30（一）09:12", at(2018, 7, 30, 9, 12)),
        ("2018-07-30,09:12", at(2018, 7, 30, 9, 12)),
        ("2018-07-30 9点12分", at(2018, 7, 30, 9, 12)),
        ("2018-07-30 04:12 PM", at(2018, 7, 30, 16, 12)),
        ("2018-07-30 12:12 PM", at(2018, 7, 30, 12, 12)),
        ("2018年7月30日 中午12:30", at(2018, 7, 30, 12, 30)),
        ("2018年7月30日 凌晨1:05", at(2018, 7, 30, 1, 5)),
        ("二〇二六年十一月二十日", at(2026, 11, 20)),
        ("二○一八年七月三十一日", at(2018, 7, 31)),
        ("二〇一八年十月十日", at(2018, 10, 10)),
        ("２０２６年１１月２日　０８：０５", at(2026, 11, 2, 8, 5)),
        ("2026-11-20", at(2026, 11, 20)),
        ("2026-11-20 09:12", at(2026, 11, 20, 9, 12)),
        ("2026-11-20T09:12:33+08:00", at(2026, 11, 20, 9, 12, 33)),
        ("2026-11-20T09:12:33+0800", at(2026, 11, 20, 9, 12, 33)),
        ("2026-11-20T01:12:33Z", at(2026, 11, 20, 9, 12, 33)),
        ("2026-11-20T01:12:33.123456Z", at(2026, 11, 20, 9, 12, 33)),
        ("2026-11-20 01:12:33 UTC", at(2026, 11, 20, 9, 12, 33)),
        ("2026/11/2 8:05", at(2026, 11, 2, 8, 5)),
        ("2026.11.02", at(2026, 11, 2)),
        ("20261120", at(2026, 11, 20)),
        ("20261120091233", at(2026, 11, 20, 9, 12, 33)),
        ("发布时间：2026-11-20 09:12 来源：本站", at(2026, 11, 20, 9, 12)),
        ("Fri, 20 Nov 2026 09:12:00 +0800", at(2026, 11, 20, 9, 12)),
        ("Fri, 20 Nov 2026 01:12:00 GMT", at(2026, 11, 20, 9, 12)),
        ("Fri, 20 Nov 2026 09:12:00 CST", at(2026, 11, 20, 9, 12)),
        ("Fri, 20 Nov 2026 09:12:00", at(2026, 11, 20, 9, 12)),
        ("20 Nov 26 01:12 UT", at(2026, 11, 20, 9, 12)),
        ("Thu, 19 Nov 2026 20:12:00 EST", at(2026, 11, 20, 9, 12)),
        ("1795137120", at(2026, 11, 20, 9, 12)),
        ("1795137120000", at(2026, 11, 20, 9, 12)),
    ],
)
def test_absolute_dates(value: str, expected: datetime) -> None:
    assert parse(value, NOW) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("刚刚", NOW),
        ("5分钟前", NOW - 5 * MINUTE),
        ("半小时前", NOW - 30 * MINUTE),
        ("3 小时前", NOW - 180 * MINUTE),
        ("2天前", NOW - 2 * DAY),
        ("两个小时前", NOW - 120 * MINUTE),
        ("今天 08:30", at(2026, 11, 22, 8, 30)),
        ("昨天 08:30", at(2026, 11, 21, 8, 30)),
        ("前天", at(2026, 11, 20)),
        ("11月20日 08:30", at(2026, 11, 20, 8, 30)),
        ("11-20 08:30", at(2026, 11, 20, 8, 30)),
        ("12-30 08:30", at(2025, 12, 30, 8, 30)),
        ("11月23日", at(2026, 11, 23)),
        ("2月29日", at(2024, 2, 29)),
    ],
)
def test_relative_and_yearless_dates_count_from_now(value: str, expected: datetime) -> None:
    assert parse(value, NOW) == expected


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "不详",
        "0000-00-00 00:00:00",
        "0001-01-01T00:00:00Z",
        "1970-01-01",
        "2026-02-30",
        "0",
        "13月40日",
    ],
)
def test_what_is_no_date_is_none(value: str | None) -> None:
    assert parse(value, NOW) is None


def test_another_zone_may_be_told() -> None:
    urumqi = timezone(timedelta(hours=6))
    assert parse("2026-11-20 09:12", NOW, urumqi) == at(2026, 11, 20, 9, 12, zone=urumqi)
    assert parse("2026-11-20T09:12:00+08:00", NOW, urumqi) == at(2026, 11, 20, 9, 12)


@given(st.text(max_size=60))
def test_any_text_is_an_aware_moment_or_nothing(value: str) -> None:
    found = parse(value, NOW)
    assert found is None or found.utcoffset() is not None


@given(
    st.integers(int(at(1981, 1, 1).timestamp()), int(at(2080, 1, 1).timestamp())).map(
        lambda seconds: datetime.fromtimestamp(seconds, SHANGHAI)
    )
)
def test_what_is_written_is_read_again(moment: datetime) -> None:
    for form in ("%Y-%m-%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"):
        assert parse(moment.strftime(form), NOW) == moment


def test_settled_dates_lie_between_publication_and_first_sight() -> None:
    past, odd = NOW - DAY, NOW - MINUTE + timedelta(microseconds=5)
    assert settle(past, None, NOW) == (past, past)
    assert settle(past, odd, NOW) == (past, NOW - MINUTE)
    assert settle(None, None, NOW) == (NOW, NOW)
    assert settle(None, past, NOW) == (past, past)
    assert settle(NOW + DAY, None, NOW) == (NOW, NOW)
    assert settle(NOW + DAY, NOW + DAY, NOW) == (NOW, NOW)
    assert settle(past, past - DAY, NOW) == (past, past)
    assert settle(past, NOW + DAY, NOW) == (past, past)


def test_the_day_is_chinas() -> None:
    assert dates.day_of(datetime(2026, 11, 21, 16, 0, tzinfo=UTC)) == "2026-11-22"
    assert not dates.has_clock(datetime(2026, 11, 21, 16, 0, tzinfo=UTC))
    assert dates.has_clock(NOW)
