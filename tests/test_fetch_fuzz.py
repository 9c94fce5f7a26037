"""fetch: whatever a server may say, it ends as a response or as a FetchError."""

import gzip
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from feedsvc.errors import FetchError
from feedsvc.fetch import Request
from tests import hostile
from tests.fetching import CLIENT, FEED, get
from tests.hostile import Upstream


@pytest.fixture(scope="module")
def babbler() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


PIECES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 301 Moved\r\n",
        b"HTTP/1.1 103 Hints\r\n",
        b"HTTP/0.9\r\n",
        b"\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"Content-Length: 5\r\n",
        b"Content-Length: -1\r\n",
        b"\n",
        b"\r",
        *(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n", b"Content-Encoding: gzip\r\n"),
        b"Content-Encoding: deflate\r\n",
        b"Location: /x\r\n",
        b"Location: \xe8\xa6\r\n",
        b"ETag: \xff\r\n",
        b"Retry-After: Tue\r\n",
        b"HTTP/1.1 429 No\r\n",
        b" folded\r\n",
        b": no name\r\n",
        b"5\r\n<rss>\r\n",
        *(b"0\r\n\r\n", b"ffffffffffffffff\r\n", b"-5\r\n", b"\x1f\x8b\x08\x00", gzip.compress(FEED)),
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES | st.binary(max_size=20), max_size=12).map(b"".join))
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999999\r\n\r\n")
@example(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n")
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 5000 + b"\r\n")
def test_any_answer_is_a_response_or_a_fetch_error(babbler: Upstream, said: bytes) -> None:
    url = babbler.route("/", hostile.raw(said))
    problem, status = "", 0
    try:
        status = CLIENT.fetch(Request(url=url, etag='"1"')).status
    except FetchError as error:
        problem = error.problem
    assert problem.isprintable()
    assert status in (200, 304) or problem


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40))
def test_any_location_is_followed_or_a_fetch_error(babbler: Upstream, location: str) -> None:
    said = f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n".encode("latin-1")
    url = babbler.route("/", hostile.raw(said))
    with pytest.raises(FetchError) as caught:
        get(CLIENT, url)
    assert caught.value.problem.isprintable()
