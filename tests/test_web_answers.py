"""Answers to requests for a rendering: every header of 200, 304 and 406."""

import gzip
from datetime import timedelta

import pytest

from feedsvc.web.answers import Answer, Asked, answer
from feedsvc.web.renditions import rendered
from tests.made import MINUTE, NOW

BODY = "正文".encode() * 100
MODIFIED = NOW - MINUTE
ONE = rendered(BODY, MODIFIED)


def asked(rendering: object = ONE, at: timedelta = timedelta(), **fields: str) -> Answer:
    assert isinstance(rendering, type(ONE))
    return answer(
        rendering,
        Asked(**{name: fields[name] for name in fields}),
        NOW + at,
        content_type="text/plain",
        cache_control="public",
    )


def test_a_whole_answer() -> None:
    found = asked()
    assert found.status == 200
    assert found.body == BODY
    assert dict(found.headers) == {
        "Content-Type": "text/plain",
        "ETag": ONE.etag,
        "Last-Modified": "Sun, 22 Nov 2026 03:59:00 GMT",
        "Cache-Control": "public",
        "Vary": "Accept-Encoding",
    }


def test_gzip_has_its_own_etag() -> None:
    found = asked(accept_encoding="gzip")
    assert gzip.decompress(found.body) == BODY
    headers = dict(found.headers)
    assert headers["Content-Encoding"] == "gzip"
    assert headers["ETag"] == ONE.gzip_etag


@pytest.mark.parametrize("accept_encoding", ["gzip", "identity"])
@pytest.mark.parametrize("etag", [ONE.etag, ONE.gzip_etag, f"W/{ONE.etag}", f'"other", {ONE.gzip_etag}'])
def test_the_etag_of_any_coding_is_known(etag: str, accept_encoding: str) -> None:
    found = asked(if_none_match=etag, accept_encoding=accept_encoding)
    assert (found.status, found.body) == (304, b"")
    headers = dict(found.headers)
    assert headers["ETag"] in etag  # so that the client's cache finds what is meant
    assert set(headers) == {"ETag", "Last-Modified", "Cache-Control", "Vary"}


def test_any_etag_will_do_for_a_star() -> None:
    assert asked(if_none_match="*").status == 304


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("Sun, 22 Nov 2026 03:59:00 GMT", 304),
        ("Sun, 22 Nov 2026 03:59:30 GMT", 304),
        ("Sun, 22 Nov 2026 03:58:59 GMT", 200),
        ("Sun, 22 Nov 2026 04:00:01 GMT", 200),
        ("never", 200),
    ],
)
def test_if_modified_since(since: str, status: int) -> None:
    assert asked(if_modified_since=since).status == status


def test_if_none_match_comes_before_if_modified_since() -> None:
    since = "Sun, 22 Nov 2026 03:59:30 GMT"
    assert asked(if_none_match='"other"', if_modified_since=since).status == 200
    assert asked(if_none_match=ONE.etag, if_modified_since="Sat, 21 Nov 2026 00:00:00 GMT").status == 304


@pytest.mark.parametrize(
    ("age", "told"), [(-1.0, False), (0.0, False), (1.9, False), (2.0, True), (60.0, True)]
)
def test_last_modified_is_told_once_it_is_past(age: float, told: bool) -> None:
    new = rendered(BODY, NOW)
    found = asked(new, timedelta(seconds=age))
    assert ("Last-Modified" in dict(found.headers)) is told
    since = "Sun, 22 Nov 2026 04:00:00 GMT"
    assert asked(new, timedelta(seconds=age), if_modified_since=since).status == (304 if told else 200)


def test_what_has_no_date_is_told_apart_by_its_etag_alone() -> None:
    plain = rendered(BODY)
    assert "Last-Modified" not in dict(asked(plain).headers)
    assert asked(plain, if_modified_since="Sun, 22 Nov 2026 03:59:59 GMT").status == 200
    assert asked(plain, if_none_match=plain.etag).status == 304


def test_who_takes_neither_coding_gets_406() -> None:
    found = asked(accept_encoding="br, identity;q=0")
    assert found.status == 406
    assert dict(found.headers)["Vary"] == "Accept-Encoding"
