"""Conditions and codings of requests: what each header means, and that none breaks the reader."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.dates import http_date
from feedsvc.web.conditional import (
    Coding,
    coding,
    matched,
    named,
    preferred,
    printed,
    unmodified,
    weighed,
)

THEN = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LATER = THEN + timedelta(hours=1)
OURS = '"abc-3.9"'
OFFERS = (
    ("atom", ("application/atom+xml",)),
    ("rss", ("application/rss+xml",)),
    ("json", ("application/feed+json", "application/json")),
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('"abc-3.9"', OURS),
        ('W/"abc-3.9"', OURS),
        ('"abc-3.9-gz"', '"abc-3.9-gz"'),
        ('"old", W/"abc-3.9-br" , "older"', '"abc-3.9-br"'),
        ('"abc-3.9-gz", "abc-3.9"', OURS),
        ('"abc-2.8"', '"abc-2.8"'),  # another state of the feed, which had the same bytes
        ('"abc"', '"abc"'),
        ('"abc-3.9-gzip"', '"abc-3.9-gzip"'),  # what Apache makes of it
        ('"a,b","abc-3.9"', OURS),
        ("*", OURS),
        (" * ", OURS),
        ('"*"', None),
        ('"ABC-3.9"', None),
        ('"abcd-3.9"', None),
        ('"ab"', None),
        ('"-abc"', None),
        ('"abc-3.9', None),
        ("abc-3.9", None),
        ('w/"x"', None),
        ('""', None),
        ("", None),
        (",,,", None),
    ],
)
def test_if_none_match_names_our_bytes(header: str, expected: str | None) -> None:
    assert matched(header, OURS) == expected


@given(st.text(max_size=200))
def test_any_if_none_match_is_read(header: str) -> None:
    found = matched(header, OURS)
    assert found is None or found == OURS or found.startswith(('"abc-', '"abc"'))


@given(st.text(max_size=100).map(lambda rest: f'"abc-{rest}'))
def test_no_if_none_match_breaks_a_header_of_the_answer(header: str) -> None:
    assert not set(matched(header, OURS) or "") & set("\r\n\0")


@given(st.lists(st.text("abcW/-,", max_size=8), max_size=5), st.sampled_from(["", "-gz", "-br"]))
def test_an_etag_is_found_among_any_others(others: list[str], suffix: str) -> None:
    ours = f'"xyz{suffix}"'
    header = ", ".join([*(f'"{other}"' for other in others), f"W/{ours}"])
    assert matched(header, ours) == ours


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('"a"', [('"a"', "a")]),
        ('W/"a", "b c", "", c', [('W/"a"', "a"), ('""', "")]),
        ("*", []),
    ],
)
def test_the_tags_of_a_header(header: str, expected: list[tuple[str, str]]) -> None:
    assert list(named(header)) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Sun, 22 Nov 2026 04:00:00 GMT", True),
        ("Sunday, 22-Nov-26 04:00:00 GMT", True),
        ("Sun Nov 22 04:00:00 2026", True),
        ("Sun, 22 Nov 2026 04:00:01 GMT", True),
        ("Sun, 22 Nov 2026 03:59:59 GMT", False),
        ("Sun, 22 Nov 2026 05:00:01 GMT", False),  # in the future, by our clock
        ("Thu, 01 Jan 2099 00:00:00 GMT", False),
        ("yesterday", False),
        ("0", False),
        ("", False),
        ("Sun, 99 Nov 2026 04:00:00 GMT", False),
        ("9" * 5000, False),
    ],
)
def test_if_modified_since(header: str, expected: bool) -> None:
    assert unmodified(header, THEN, LATER) is expected


@given(st.text(max_size=120))
def test_any_date_is_read(header: str) -> None:
    found = http_date(header)
    assert found is None or found.tzinfo is not None


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_a_printed_date_is_read_back(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    assert http_date(printed(whole)) == whole
    assert printed(whole).endswith(" GMT")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, Coding.IDENTITY),
        ("", Coding.IDENTITY),
        ("gzip", Coding.GZIP),
        ("GZip", Coding.GZIP),
        ("x-gzip", Coding.GZIP),
        ("br", Coding.BROTLI),
        ("BR", Coding.BROTLI),
        ("gzip, deflate, br, zstd", Coding.BROTLI),
        ("gzip, deflate", Coding.GZIP),
        ("deflate, br", Coding.BROTLI),
        ("deflate, zstd", Coding.IDENTITY),
        ("br;q=0.9, gzip", Coding.GZIP),
        ("br;q=0.9, gzip;q=0.9", Coding.BROTLI),
        ("br;q=0.8, gzip;q=0.9, identity;q=0.7", Coding.GZIP),
        ("br;q=0, gzip;q=0.1", Coding.GZIP),
        ("br;q=0, *", Coding.GZIP),
        ("br;q=0", Coding.IDENTITY),
        ("*", Coding.BROTLI),
        ("*;q=0.5, gzip", Coding.GZIP),
        ("*;q=0.5, gzip;q=0.2", Coding.BROTLI),
        ("gzip;q=0.001", Coding.GZIP),
        ("gzip;q=0", Coding.IDENTITY),
        ("gzip; q=0.0, *", Coding.BROTLI),
        ("gzip;q=0,x-gzip;q=1", Coding.IDENTITY),
        ("identity", Coding.IDENTITY),
        ("gzip;q=0.5, identity;q=1", Coding.IDENTITY),
        ("gzip;q=0.5, br;q=0.4, identity;q=0.6", Coding.IDENTITY),
        ("gzip;q=0.5, identity;q=0.5", Coding.GZIP),
        ("br;q=0.5, identity;q=0.5", Coding.BROTLI),
        ("gzip;q=1.0, identity;q=0", Coding.GZIP),
        ("br;q=0.1, identity;q=0", Coding.BROTLI),
        ("identity;q=0, *;q=0.1", Coding.BROTLI),
        ("*;q=0, identity;q=0.1", Coding.IDENTITY),
        ("zstd;q=1, *;q=0", None),
        ("gzip;q=0, identity;q=0", None),
        ("gzip;q=0, br;q=0, identity;q=0", None),
        ("gzip;q=0, br, identity;q=0", Coding.BROTLI),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("gzip;q=2", Coding.IDENTITY),  # malformed, so not said
        ("gzip;q=often", Coding.IDENTITY),
        ("br;q=1.0000", Coding.IDENTITY),
        (";;;,,;q=0", Coding.IDENTITY),
    ],
)
def test_accept_encoding(header: str | None, expected: Coding | None) -> None:
    assert coding(header) is expected


@given(st.text(max_size=300))
def test_any_accept_encoding_is_read(header: str) -> None:
    assert coding(header) in (*Coding, None)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "atom"),
        ("*/*", "atom"),
        ("application/*", "atom"),
        ("application/rss+xml", "rss"),
        ("application/atom+xml, application/rss+xml", "atom"),
        ("application/rss+xml, application/atom+xml", "atom"),
        ("application/rss+xml, */*", "rss"),
        ("application/rss+xml;q=0.9, application/feed+json", "json"),
        ("application/json", "json"),
        ("application/feed+json;q=0.1, application/json;q=0.2, application/rss+xml;q=0.15", "json"),
        ("APPLICATION/RSS+XML; charset=utf-8", "rss"),
        ("*/*;q=0.5, application/atom+xml;q=0", "rss"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "atom"),
        ("text/html", None),
        ("application/*;q=0", None),
        ("", None),
        ("*/*;q=0", None),
    ],
)
def test_accept(header: str | None, expected: str | None) -> None:
    assert preferred(header, OFFERS) == expected


@given(st.text(max_size=300))
def test_any_weights_lie_between_nought_and_one(header: str) -> None:
    assert all(name and 0 <= weight <= 1 for name, weight in weighed(header))
