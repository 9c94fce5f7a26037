"""wire: deadlines and budgets of sockets, codings undone in small pieces."""

import gzip
import random
import socket
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import DeadlineError, TooLargeError
from feedsvc.wire import STEP, Wire, decoded, dial, size

URL = "http://news.example/feed"


def bare_deflate(body: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(body) + engine.flush()


def members(body: bytes) -> bytes:
    return b"".join(gzip.compress(body[start : start + 1000]) for start in range(0, len(body), 1000))


ENCODED: list[tuple[list[str], Callable[[bytes], bytes]]] = [
    ([], bytes),
    (["gzip"], gzip.compress),
    (["x-gzip"], members),
    (["gzip"], lambda body: gzip.compress(body) + bytes(100)),
    (["deflate"], zlib.compress),
    (["deflate"], bare_deflate),
    (["deflate"], lambda body: zlib.compress(body) + b"and more"),
    (["gzip", "gzip"], lambda body: gzip.compress(gzip.compress(body))),
    (["deflate", "gzip"], lambda body: gzip.compress(zlib.compress(body))),
]
BODY = bytes(random.Random(7).choices("嘉兴今日要闻".encode(), k=20_000)) + bytes(500_000)


@pytest.mark.parametrize(("codings", "encode"), ENCODED)
@pytest.mark.parametrize("length", [1, 2, 3, 1000, 65536])
def test_a_body_is_decoded_however_it_is_cut(
    codings: list[str], encode: Callable[[bytes], bytes], length: int
) -> None:
    whole = encode(BODY)
    pieces = [whole[start : start + length] for start in range(0, len(whole), length)]
    out = list(decoded(pieces, codings))
    assert b"".join(out) == BODY
    assert max(map(len, out)) <= STEP


@given(st.binary(max_size=2000), st.integers(0, len(ENCODED) - 1))
def test_any_body_comes_back(body: bytes, which: int) -> None:
    codings, encode = ENCODED[which]
    assert b"".join(decoded([encode(body)], codings)) == (body or b"")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_an_empty_body_needs_no_coding(coding: str) -> None:
    assert b"".join(decoded([], [coding])) == b""
    assert b"".join(decoded([b"", b""], [coding])) == b""


@pytest.mark.parametrize(("codings", "encode"), [one for one in ENCODED if one[0]])
def test_a_body_that_ends_too_early_is_an_error(codings: list[str], encode: Callable[[bytes], bytes]) -> None:
    whole = encode(BODY[:1500])
    with pytest.raises(zlib.error):
        list(decoded([whole[: len(whole) * 2 // 3]], codings))


@given(st.binary(min_size=1, max_size=200), st.sampled_from(["gzip", "deflate"]))
def test_garbage_is_an_error_or_bytes(garbage: bytes, coding: str) -> None:
    try:
        assert isinstance(b"".join(decoded([garbage], [coding])), bytes)
    except zlib.error:
        return


def test_a_bomb_is_never_held() -> None:
    bomb = gzip.compress(gzip.compress(bytes(100 * 2**20)))
    tracemalloc.start()
    try:
        total = sum(map(len, decoded([bomb], ["gzip", "gzip"])))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 100 * 2**20
    assert peak < 2**20


def test_members_without_content_still_let_the_caller_look_at_the_clock() -> None:
    out = list(decoded([gzip.compress(b"") * 1000], ["gzip"]))
    assert len(out) >= 1000
    assert b"".join(out) == b""


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def wire(clock: Callable[[], float], seconds: float = 30.0, budget: int = 1000) -> Wire:
    return Wire(URL, ends=clock() + seconds, clock=clock, allowed=seconds, budget=budget)


def test_the_deadline_says_what_was_missing() -> None:
    clock = Clock()
    line = wire(clock)
    assert line.left() == 30.0
    clock.now += 29.5
    assert line.left() == 0.5
    clock.now += 0.5
    with pytest.raises(DeadlineError) as caught:
        line.left()
    assert str(caught.value) == f"{URL}: no answer within 30 s"
    line.take(1)
    with pytest.raises(DeadlineError) as caught:
        line.left()
    assert str(caught.value) == f"{URL}: its answer was not complete after 30 s"


def test_the_budget_counts_every_byte() -> None:
    line = wire(Clock())
    line.take(999)
    line.take(1)
    with pytest.raises(TooLargeError) as caught:
        line.take(1)
    assert str(caught.value) == f"{URL}: sent more than 1000 bytes"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (15 * 2**20, "15 MiB"), (16 * 2**20 + 2**19, "16.5 MiB")]
)
def test_sizes_for_people(count: int, text: str) -> None:
    assert size(count) == text


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock


def test_a_silent_peer_is_left_at_the_deadline(listener: socket.socket) -> None:
    started = time.monotonic()
    line = wire(time.monotonic, seconds=0.3)
    with dial([ip_address("127.0.0.1")], listener.getsockname()[1], line) as sock:
        with pytest.raises(TimeoutError):
            sock.recv_into(bytearray(10))
        with pytest.raises(DeadlineError):
            sock.recv_into(bytearray(10))
    assert 0.25 < time.monotonic() - started < 3


def test_a_peer_that_does_not_read_is_left_at_the_deadline(listener: socket.socket) -> None:
    line = wire(time.monotonic, seconds=0.3)
    sock = dial([ip_address("127.0.0.1")], listener.getsockname()[1], line)
    with sock, pytest.raises(TimeoutError):
        sock.sendall(bytes(100_000_000))


def test_the_next_address_is_tried_where_one_refuses(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    addresses = [ip_address("127.0.0.9"), ip_address("127.0.0.1")]
    with dial(addresses, port, wire(time.monotonic)) as sock:
        assert sock.getpeername() == ("127.0.0.1", port)


def test_the_error_of_the_last_address_is_raised() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        free = sock.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        dial([ip_address("127.0.0.9"), ip_address("127.0.0.1")], free, wire(time.monotonic))


def test_nothing_is_dialled_after_the_deadline() -> None:
    clock = Clock()
    line = wire(clock)
    clock.now += 31
    with pytest.raises(DeadlineError):
        dial([ip_address("127.0.0.1")], 9, line)
