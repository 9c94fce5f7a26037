"""Calls: what is sent, what is heard, and what is never called."""

import gzip
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from ipaddress import IPv4Network

import pytest

from feedsvc.calling import Call, Caller, Reply
from feedsvc.errors import DeadlineError, FetchError, RefusedUrlError
from tests import hostile
from tests.fetching import LOOPBACK, NOW, names
from tests.hostile import Upstream
from tests.subscriber import Subscriber


def caller(
    *,
    seconds: float = 10.0,
    allow_networks: Sequence[IPv4Network] = LOOPBACK,
    lookup: Callable[[str, int], Sequence[str]] | None = None,
    proxy: str | None = None,
) -> Caller:
    return Caller(
        deadline=timedelta(seconds=seconds),
        max_body=2**20,
        user_agent="feedsvc/0 (+https://feeds.example)",
        allow_networks=allow_networks,
        lookup=lookup or names(),
        proxy=proxy,
        now=lambda: NOW,
        authorities=hostile.CERTIFICATE,
    )


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


def patient(status: int) -> hostile.Behaviour:
    """Answers before the body is read, and leaves the connection open for it."""

    def behave(exchange: hostile.Exchange) -> None:
        hostile.status(status)(exchange)
        exchange.wait(1)

    return behave


def test_a_post_brings_its_body_and_headers() -> None:
    body = "新闻".encode() * 100_000
    with Subscriber() as subscriber:
        headers = {"Content-Type": "application/atom+xml; charset=utf-8", "X-Hub-Signature": "sha256=00"}
        call = Call(url=subscriber.url("/push?a=%2F&b"), method="POST", body=body, headers=headers)
        assert caller().call(call) == Reply(status=204)
    (got,) = subscriber.got
    assert (got.path, got.body) == ("/push?a=%2F&b", body)
    assert got.headers["content-type"] == headers["Content-Type"]
    assert got.headers["x-hub-signature"] == "sha256=00"
    assert got.headers["user-agent"] == "feedsvc/0 (+https://feeds.example)"
    assert got.headers["host"] == f"127.0.0.1:{subscriber.port}"
    assert got.headers["content-length"] == str(len(body))


def test_a_get_hears_the_body() -> None:
    with Subscriber() as subscriber:
        reply = caller().call(Call(url=subscriber.url("/?hub.challenge=abc")))
    assert (reply.status, reply.body, reply.good) == (200, b"abc", True)


@pytest.mark.parametrize("status", [200, 201, 204, 302, 404, 410, 500])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_any_status_is_an_answer_and_no_redirect_is_followed(
    upstream: Upstream, method: str, status: int
) -> None:
    upstream.route("/there", hostile.ok(b"abc"))
    url = upstream.route("/here", hostile.answer(status, {"Location": upstream.url("/there")}))
    reply = caller().call(Call(url=url, method=method))  # type: ignore[arg-type]
    assert reply.status == status
    assert reply.good is (status < 300)
    assert upstream.count("/there") == 0


def test_who_answers_before_all_was_read_is_heard(upstream: Upstream) -> None:
    url = upstream.route("/gone", patient(410))
    assert caller().call(Call(url=url, method="POST", body=b"x" * 100_000)).status == 410


def test_retry_after_is_told(upstream: Upstream) -> None:
    url = upstream.route("/busy", hostile.come_back("120", 503))
    assert caller().call(Call(url=url, method="POST", body=b"")).retry_after == timedelta(minutes=2)


def test_a_body_is_decoded_and_no_more_of_it_is_heard_than_needed(upstream: Upstream) -> None:
    packed = upstream.route("/gzip", hostile.ok(gzip.compress(b"abc"), Content_Encoding="gzip"))
    assert caller().call(Call(url=packed)).body == b"abc"
    bomb = upstream.route("/bomb", hostile.ok(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip"))
    assert len(caller().call(Call(url=bomb)).body) == 2**16


def test_headers_without_end_are_cut(upstream: Upstream) -> None:
    url = upstream.route("/large", hostile.raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000))
    with pytest.raises(FetchError):
        caller().call(Call(url=url, method="POST", body=b"x"))


@pytest.mark.parametrize("behaviour", [hostile.hang, hostile.drip_headers])
def test_the_deadline_is_on_all_of_it(upstream: Upstream, behaviour: hostile.Behaviour) -> None:
    url = upstream.route("/slow", behaviour)
    began = time.monotonic()
    with pytest.raises(DeadlineError):
        caller(seconds=0.3).call(Call(url=url, method="POST", body=b"x"))
    assert 0.25 < time.monotonic() - began < 4


def test_over_tls() -> None:
    with Upstream(tls=True) as upstream:
        upstream.route("/push", patient(202))
        known = names({"news.example": ["127.0.0.1"]})
        url = upstream.url("/push", host="news.example")
        assert caller(lookup=known).call(Call(url=url, method="POST", body=b"x")).status == 202


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1/x", "a private address"),
        ("http://inside.example/x", "a private address"),
        ("http://outside.example:25/x", "port 25"),
        ("ftp://outside.example/x", "not an http or https address"),
        ("x", "not an http or https address"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_never_called(url: str, reason: str, method: str) -> None:
    known = names({"inside.example": ["93.184.215.14", "10.0.0.1"], "outside.example": ["93.184.215.14"]})
    with pytest.raises(RefusedUrlError, match=reason):
        caller(allow_networks=(), lookup=known).call(Call(url=url, method=method))  # type: ignore[arg-type]


def test_through_a_proxy_names_are_checked_all_the_same(upstream: Upstream) -> None:
    known = names({"inside.example": ["10.0.0.1"]})
    with pytest.raises(RefusedUrlError):
        caller(lookup=known, proxy=upstream.url()).call(Call(url="http://inside.example/x", method="POST"))
    assert upstream.connections == 0
