"""fetch: what becomes of a bad server."""

import gzip
import itertools
import threading
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from feedsvc.errors import (
    DeadlineError,
    FetchError,
    StatusError,
    TooLargeError,
)
from feedsvc.fetch import Request
from tests import hostile
from tests.fetching import FEED, fetcher, get, late
from tests.hostile import Upstream


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


# Answers that are none


@pytest.mark.parametrize("code", [204, 206, 300, 400, 401, 403, 404, 410, 500, 502, 999])
def test_other_answers_are_errors(upstream: Upstream, code: int) -> None:
    url = upstream.route("/feed", hostile.status(code))
    with pytest.raises(StatusError) as caught:
        get(fetcher(), url)
    assert caught.value.status == code
    assert str(caught.value) == f"{url}: answered {code}"
    assert caught.value.retry_after is None


@pytest.mark.parametrize("code", [429, 503, 500])
@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("90", timedelta(seconds=90)),
        ("Tue, 03 Mar 2026 08:02:00 GMT", timedelta(minutes=2)),
        ("99999999", timedelta(hours=24)),
        ("later", None),
    ],
)
def test_retry_after_is_told(upstream: Upstream, code: int, value: str, wait: timedelta | None) -> None:
    url = upstream.route("/feed", hostile.come_back(value, code))
    with pytest.raises(StatusError) as caught:
        get(fetcher(), url)
    assert (caught.value.status, caught.value.retry_after) == (code, wait)


BROKEN = {
    "truncated": hostile.truncated(FEED),
    "length": hostile.wrong_length(FEED, len(FEED) + 1),
    "reset": hostile.reset,
    "reset within": hostile.reset_within,
    "nothing": hostile.raw(b""),
    "half a line": hostile.raw(b"HTTP/1.1 2"),
    "no HTTP": hostile.raw(b"220 mail.example ESMTP\r\n"),
    "no status": hostile.raw(b"HTTP/1.1 abc OK\r\n\r\n"),
    "chunk size": hostile.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<rss>"),
    "half a chunk": hostile.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n<rss>"),
    "no last chunk": hostile.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n"),
    "two lengths": hostile.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n<r"),
    "no gzip": hostile.ok(FEED, Content_Encoding="gzip"),
    "half a gzip": hostile.raw(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(FEED)[:-9]
    ),
    "brotli": hostile.ok(FEED, Content_Encoding="br"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_broken_is_an_error_with_a_sentence(upstream: Upstream, kind: str) -> None:
    url = upstream.route("/feed", BROKEN[kind])
    with pytest.raises(FetchError) as caught:
        get(fetcher(), url)
    assert type(caught.value) is FetchError
    assert str(caught.value).startswith(f"{url}: ")
    assert caught.value.problem.isprintable()


def test_a_body_longer_than_its_length_is_cut_there(upstream: Upstream) -> None:
    assert get(fetcher(), upstream.route("/feed", hostile.wrong_length(FEED, 5))).body == FEED[:5]


def test_nobody_there() -> None:
    with Upstream() as upstream:
        url = upstream.url("/feed")
    with pytest.raises(FetchError, match="refuses connections"):
        get(fetcher(), url)


def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(FetchError, match="has a name that cannot be resolved"):
        get(fetcher(), "http://nowhere.example/feed")


def test_a_header_that_cannot_be_sent(upstream: Upstream) -> None:
    for headers in ({"X-Key": "a\r\nHost: evil"}, {"X-Key": "钥匙"}, {"X Key:": "1"}):
        with pytest.raises(FetchError, match="cannot be asked"):
            fetcher().fetch(Request(url=upstream.url("/feed"), headers=headers))
    assert upstream.count("/feed") == 0


# Deadlines


SLOW = {
    "hang": hostile.hang,
    "headers": hostile.drip_headers,
    "body": hostile.drip_body,
    "chunks": hostile.drip_chunks,
}


@pytest.mark.parametrize("kind", SLOW)
def test_the_deadline_is_on_the_whole(upstream: Upstream, kind: str) -> None:
    url = upstream.route("/feed", SLOW[kind])
    error = late(fetcher(seconds=0.4), url)
    told = "no answer within 0.4 s" if kind == "hang" else "its answer was not complete after 0.4 s"
    assert str(error) == f"{url}: {told}"


def test_the_deadline_is_on_all_hops_together(upstream: Upstream) -> None:
    def slowly(exchange: hostile.Exchange) -> None:
        exchange.wait(0.15)
        hostile.redirect(f"{exchange.seen.target}x")(exchange)

    for length in range(9):
        upstream.route(f"/{'x' * length}", slowly)
    assert late(fetcher(seconds=0.4), upstream.url("/")).url != upstream.url("/")


def test_the_deadline_is_on_the_tls_handshake(upstream: Upstream) -> None:
    late(fetcher(seconds=0.4), upstream.url("/").replace("http:", "https:"))


def test_the_deadline_is_on_the_look_up() -> None:
    release = threading.Event()

    def lookup(host: str, port: int) -> Sequence[str]:
        release.wait()
        return ["127.0.0.1"]

    late(fetcher(seconds=0.4, lookup=lookup), "http://slow.example/")
    release.set()


def test_the_deadline_is_on_the_decoding(upstream: Upstream) -> None:
    ticks = itertools.count()
    client = fetcher(clock=lambda: next(ticks) / 100)
    members = gzip.compress(gzip.compress(b"") * 2000)
    late(client, upstream.route("/feed", hostile.ok(members, Content_Encoding="gzip, gzip")), least=0.0)


def test_endless_continue_ends_at_the_deadline_or_the_budget(upstream: Upstream) -> None:
    url = upstream.route("/feed", hostile.endless_continue)
    with pytest.raises((DeadlineError, TooLargeError)):
        get(fetcher(seconds=2.0), url)


# Sizes


@pytest.mark.parametrize(
    "behaviour",
    [hostile.endless_headers, hostile.endless_header_line, hostile.endless_body, hostile.endless_chunks],
)
def test_what_is_endless_is_cut(upstream: Upstream, behaviour: hostile.Behaviour) -> None:
    started = time.monotonic()
    with pytest.raises(FetchError) as caught:
        get(fetcher(seconds=20.0), upstream.route("/feed", behaviour))
    assert not isinstance(caught.value, DeadlineError)
    assert time.monotonic() - started < 10


def test_the_body_is_capped(upstream: Upstream) -> None:
    client = fetcher(max_body=1000)
    assert len(get(client, upstream.route("/1000", hostile.ok(bytes(1000)))).body) == 1000
    for behaviour in (
        hostile.ok(bytes(1001)),
        hostile.raw(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1001)),
        hostile.wrong_length(b"<rss>", 10**15),
    ):
        with pytest.raises(TooLargeError, match=r"the body is larger than 1000 bytes$"):
            get(client, upstream.route("/1001", behaviour))
    assert len(get(client, upstream.route("/gz", hostile.gzip_bomb(0))).body) == 0
    with pytest.raises(TooLargeError, match=r"the body is larger than 1000 bytes once decoded$"):
        get(client, upstream.route("/gz", hostile.gzip_bomb(2**16)))


def test_framing_counts_too(upstream: Upstream) -> None:
    def framing(exchange: hostile.Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            exchange.send(b"1;" + b"x" * 60_000 + b"\r\n<\r\n")

    with pytest.raises(TooLargeError, match="sent more than"):
        get(fetcher(), upstream.route("/feed", framing))


@pytest.mark.slow
@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_never_weighs_more_than_the_cap(upstream: Upstream, layers: int) -> None:
    url = upstream.route("/feed", hostile.gzip_bomb(layers=layers))
    client = fetcher(seconds=60.0, max_body=15 * 2**20)
    get(client, upstream.route("/warm", hostile.ok(FEED)))
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError, match="the body is larger than 15 MiB once decoded") as kept:
            get(client, url)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # A BytesIO grows by an eighth; the bomb's own making is in the same process.
    assert peak < 20 * 2**20
    assert after < 2 * 2**20, f"{kept.value} keeps what was read"


def test_the_server_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    with Upstream() as upstream:
        for name, behaviour in SLOW.items():
            with pytest.raises(FetchError):
                get(fetcher(seconds=0.1), upstream.route(f"/{name}", behaviour))
    assert set(threading.enumerate()) <= before
