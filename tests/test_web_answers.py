"""Answers to requests for a rendering: every header of 200, 226, 304 and 406."""

import gzip
from datetime import timedelta

import brotli
import pytest

from feedsvc.web.answers import Answer, Asked, answer
from feedsvc.web.conditional import Coding
from feedsvc.web.deltas import Delta
from feedsvc.web.renditions import Rendering, rendered
from tests.made import MINUTE, NOW

BODY = "正文".encode() * 100
MODIFIED = NOW - MINUTE
ONE = rendered(BODY, MODIFIED)


GZIPPED, BROTLIED = ONE.etag(Coding.GZIP), ONE.etag(Coding.BROTLI)
CHANGES = rendered("新的".encode() * 10)
OLD = '"0123-gz"'


def asked(rendering: Rendering = ONE, at: timedelta = timedelta(), /, **fields: str) -> Answer:
    return answer(
        rendering,
        Asked(**fields),
        NOW + at,
        content_type="text/plain",
        cache_control="public, max-age=60",
        delta=lambda header: Delta(base=OLD, rendering=CHANGES) if OLD in header else None,
    )


def test_a_whole_answer() -> None:
    found = asked()
    assert found.status == 200
    assert found.body == BODY
    assert dict(found.headers) == {
        "Content-Type": "text/plain",
        "ETag": ONE.etag(),
        "Last-Modified": "Sun, 22 Nov 2026 03:59:00 GMT",
        "Cache-Control": "public, max-age=60",
        "Vary": "Accept-Encoding",
    }


def test_each_coding_has_its_own_etag() -> None:
    packed = {Coding.GZIP: gzip.decompress, Coding.BROTLI: brotli.decompress}
    for coding, unpacked in packed.items():
        found = asked(accept_encoding=coding)
        assert unpacked(found.body) == BODY
        headers = dict(found.headers)
        assert headers["Content-Encoding"] == coding
        assert headers["ETag"] == ONE.etag(coding)


@pytest.mark.parametrize("accept_encoding", ["br", "gzip", "identity"])
@pytest.mark.parametrize(
    "etag",
    [
        *(ONE.etag(), GZIPPED, BROTLIED, f"W/{ONE.etag()}", f"W/{BROTLIED}"),
        *(f'"other", {GZIPPED}', f'"other",W/{BROTLIED},"another"'),
    ],
)
def test_the_etag_of_any_coding_is_known(etag: str, accept_encoding: str) -> None:
    for a_im in ({}, {"a_im": "feed"}):
        found = asked(if_none_match=etag, accept_encoding=accept_encoding, **a_im)
        assert (found.status, found.body) == (304, b"")
        headers = dict(found.headers)
        assert headers["ETag"] in etag  # so that the client's cache finds what is meant
        assert headers["Vary"] == "Accept-Encoding"
        assert set(headers) == {"ETag", "Last-Modified", "Cache-Control", "Vary"}


def test_of_several_tags_that_are_known_the_right_coding_is_told() -> None:
    both = f"{ONE.etag()}, {GZIPPED}, {BROTLIED}"
    for coding in Coding:
        found = asked(if_none_match=both, accept_encoding=coding)
        assert dict(found.headers)["ETag"] == ONE.etag(coding)


def test_any_etag_will_do_for_a_star() -> None:
    assert asked(if_none_match="*").status == 304
    assert asked(if_none_match="*", a_im="feed").status == 304


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
    assert asked(if_none_match=ONE.etag(), if_modified_since="Sat, 21 Nov 2026 00:00:00 GMT").status == 304


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
    assert asked(plain, if_none_match=plain.etag()).status == 304


@pytest.mark.parametrize("accept_encoding", ["zstd, identity;q=0", "*;q=0", "br;q=0, gzip;q=0, identity;q=0"])
def test_who_takes_no_coding_gets_406(accept_encoding: str) -> None:
    found = asked(accept_encoding=accept_encoding, if_none_match=ONE.etag(), a_im="feed")
    assert found.status == 406
    assert dict(found.headers)["Vary"] == "Accept-Encoding"
    assert dict(found.headers)["Cache-Control"] == "no-store"


def test_changes_alone() -> None:
    found = asked(if_none_match=OLD, a_im="feed")
    assert found.status == 226
    assert found.body == CHANGES.body
    assert dict(found.headers) == {
        "Content-Type": "text/plain",
        "IM": "feed",
        "Delta-Base": OLD,
        "ETag": ONE.etag(),  # what the client has once it has taken the changes in
        "Last-Modified": "Sun, 22 Nov 2026 03:59:00 GMT",
        "Cache-Control": "no-store, im, max-age=60",
        "Vary": "A-IM, If-None-Match, Accept-Encoding",
    }


def test_changes_come_in_the_coding_that_was_asked_for() -> None:
    for coding in Coding:
        found = asked(if_none_match=OLD, a_im="feed", accept_encoding=coding)
        assert (found.status, found.body) == (226, CHANGES.coded(coding))
        headers = dict(found.headers)
        assert headers["ETag"] == ONE.etag(coding)
        assert headers.get("Content-Encoding", "identity") == coding


@pytest.mark.parametrize(
    "fields",
    [
        {"if_none_match": OLD},
        {"a_im": "feed"},
        {"if_none_match": '"unknown"', "a_im": "feed"},
        {"if_none_match": "", "a_im": "feed"},
        {"if_none_match": OLD, "a_im": "vcdiff, gzip"},
        {"if_modified_since": "Sat, 21 Nov 2026 00:00:00 GMT", "a_im": "feed"},
        {"if_none_match": OLD, "a_im": "feed", "accept_encoding": "*;q=0"},
    ],
)
def test_nothing_but_changes_since_a_known_state_is_226(fields: dict[str, str]) -> None:
    found = asked(**fields)
    assert found.status == (406 if "accept_encoding" in fields else 200)
    assert not {"IM", "Delta-Base"} & set(dict(found.headers))
    assert dict(found.headers)["Vary"] == "Accept-Encoding"


def test_if_none_match_comes_before_if_modified_since_for_changes_too() -> None:
    since = "Sun, 22 Nov 2026 03:59:30 GMT"
    assert asked(if_none_match=OLD, if_modified_since=since, a_im="feed").status == 226
