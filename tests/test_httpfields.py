"""httpfields: what is asked with, and what answers say."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import FetchError, RedirectError, RefusedUrlError
from feedsvc.httpfields import (
    asked,
    content_codings,
    origin,
    redirect_target,
    retry_after,
    same_site,
    validator,
)

NOW = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
URL = "https://news.example/city/feed.xml?page=1"


def fields(
    own: Mapping[str, str] | None = None, etag: str | None = None, last_modified: str | None = None
) -> dict[str, str]:
    return asked(user_agent="feedsvc/1", etag=etag, last_modified=last_modified, own=own or {})


def test_a_plain_request() -> None:
    plain = fields()
    assert plain["User-Agent"] == "feedsvc/1"
    assert plain["Accept"].startswith("application/atom+xml")
    assert plain["Accept-Encoding"] == "gzip, deflate"
    assert plain["Connection"] == "close"
    assert len(plain) == 4


def test_a_conditional_request() -> None:
    conditional = fields(etag='"a1"', last_modified="Tue, 03 Mar 2026 08:00:00 GMT")
    assert conditional["If-None-Match"] == '"a1"'
    assert conditional["If-Modified-Since"] == "Tue, 03 Mar 2026 08:00:00 GMT"


def test_the_headers_of_a_source_win_but_for_those_that_are_the_clients() -> None:
    own = {
        "user-agent": "mine",
        "X-Key": "k",
        "HOST": "evil.example",
        "accept-encoding": "br",
        "If-None-Match": "x",
        "content-length": "9",
    }
    mine = fields(own)
    assert mine["user-agent"] == "mine"
    assert mine["X-Key"] == "k"
    assert {name.lower() for name in mine} == {
        *("user-agent", "x-key", "accept", "accept-encoding", "connection"),
    }
    assert mine["Accept-Encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("00060", 60),
        ("86400", 86400),
        ("86401", 86400),
        ("9" * 5000, 86400),
        ("Tue, 03 Mar 2026 08:05:00 GMT", 300),
        ("Tuesday, 03-Mar-26 08:05:00 GMT", 300),
        ("Tue Mar  3 08:05:00 2026", 300),
        ("Tue, 03 Mar 2026 16:05:00 +0800", 300),
        ("Tue, 03 Mar 2026 07:00:00 GMT", 0),
        ("Wed, 03 Mar 2027 08:00:00 GMT", 86400),
    ],
)
def test_retry_after(value: str, seconds: int) -> None:
    assert retry_after(value, None, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", [None, "", "-1", "1.5", "soon", "1 minute", "²", "٣", "Tue, 99 Mar 2026 x"])
def test_retry_after_that_says_nothing(value: str | None) -> None:
    assert retry_after(value, None, NOW) is None


def test_retry_after_counts_from_the_servers_own_clock() -> None:
    wrong = NOW - timedelta(days=4000)
    value, date = (format_datetime(moment, usegmt=True) for moment in (wrong + timedelta(minutes=5), wrong))
    assert retry_after(value, date, NOW) == timedelta(minutes=5)
    assert retry_after(value, "garbage", NOW) == timedelta(0)


@given(st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255)) | st.none())
def test_any_retry_after_is_a_bounded_time_or_nothing(value: str, date: str | None) -> None:
    wait = retry_after(value, date, NOW)
    assert wait is None or timedelta(0) <= wait <= timedelta(hours=24)


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(-10_000, 200_000),
)
def test_any_date_is_a_bounded_time(moment: datetime, seconds: int) -> None:
    wait = retry_after(format_datetime(moment), None, NOW)
    assert wait is not None
    assert timedelta(0) <= wait <= timedelta(hours=24)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/other", "https://news.example/other"),
        ("other?x=1#top", "https://news.example/city/other?x=1"),
        ("?page=2", "https://news.example/city/feed.xml?page=2"),
        ("//cdn.news.example/f", "https://cdn.news.example/f"),
        ("http://news.example:80/", "http://news.example/"),
        ("HTTPS://NEWS.example", "https://news.example/"),
        ("https://user:secret@news.example/", "https://news.example/"),
        (" /spaced out ", "https://news.example/spaced%20out"),
        ("/要闻".encode().decode("latin-1"), "https://news.example/%E8%A6%81%E9%97%BB"),
        ("/要闻".encode("gbk").decode("latin-1"), "https://news.example/%D2%AA%CE%C5"),
        ("#top", URL),
    ],
)
def test_redirect_targets(location: str, target: str) -> None:
    assert redirect_target(URL, location) == target


@pytest.mark.parametrize("location", [None, "", "http://", "http://[::1", "http://a:99999/"])
def test_redirects_to_nowhere(location: str | None) -> None:
    with pytest.raises(RedirectError):
        redirect_target(URL, location)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://x/", "gopher://x:70/", "javascript:1", "data:,x"]
)
def test_redirects_out_of_the_web(location: str) -> None:
    with pytest.raises(RefusedUrlError):
        redirect_target(URL, location)


@given(st.text(st.characters(max_codepoint=255)))
def test_any_location_is_a_web_address_or_an_error(location: str) -> None:
    try:
        target = redirect_target(URL, location)
    except FetchError:
        return
    parts = urlsplit(target)
    assert target.isascii()
    assert target.isprintable()
    assert parts.scheme in ("http", "https")
    assert parts.hostname
    assert not parts.fragment
    assert parts.username is None
    assert redirect_target(URL, target) == target


@pytest.mark.parametrize(
    ("url", "target", "same"),
    [
        ("http://a.example/x", "http://a.example/y", True),
        ("http://a.example/", "https://a.example/", True),
        ("http://a.example:80/", "https://a.example:443/", True),
        ("https://a.example/", "http://a.example/", False),
        ("https://a.example/", "https://www.a.example/", False),
        ("https://a.example/", "https://a.example:8443/", False),
        ("http://a.example:8080/", "https://a.example/", False),
        ("http://a.example/", "https://b.example/", False),
    ],
)
def test_same_site(url: str, target: str, same: bool) -> None:
    assert same_site(url, target) is same


def test_origin() -> None:
    assert origin("http://a.example/x") == ("http", "a.example", 80)
    assert origin("https://[2001:db8::1]:8443/") == ("https", "2001:db8::1", 8443)
    assert origin("http://a.example:0/") == ("http", "a.example", 0)


def test_content_codings() -> None:
    assert content_codings(URL, "") == []
    assert content_codings(URL, "identity") == []
    assert content_codings(URL, "UTF-8") == []
    assert content_codings(URL, "GZIP") == ["gzip"]
    assert content_codings(URL, "deflate, identity , x-gzip") == ["deflate", "x-gzip"]


@pytest.mark.parametrize("header", ["br", "zstd", "gzip, br", "gzip, gzip, gzip"])
def test_content_codings_that_nobody_asked_for(header: str) -> None:
    with pytest.raises(FetchError):
        content_codings(URL, header)


@pytest.mark.parametrize("value", [None, "", '"a\nb"', '"\x00"', "x" * 1001])
def test_a_validator_that_cannot_be_sent_back_is_dropped(value: str | None) -> None:
    assert validator(value) is None


def test_a_validator_is_kept_as_it_is() -> None:
    assert validator('W/"é1"') == 'W/"é1"'
