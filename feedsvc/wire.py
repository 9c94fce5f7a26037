"""One exchange on the wire: sockets that keep its deadline and its budget, codings undone in small pieces."""

import socket
import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from http.client import IncompleteRead
from itertools import chain
from typing import Any

from feedsvc.errors import DeadlineError, TooLargeError
from feedsvc.netguard import Address

STEP = 64 * 1024
"""The most bytes that are read or decoded at once."""

CODINGS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
"""The content codings (RFC 9110, section 8.4.1) that `decoded` undoes, with zlib's word for each."""

_MAX_ADDRESSES = 4
_MAX_TOLD = 200
_INSTANT = 0.001


class Wire:
    """What one exchange with `url` may still take: time until `ends` of `clock`, `budget` bytes.

    `allowed` is the whole deadline in seconds, for messages. Every byte counts: headers, framing, body;
    `budget` may be raised on the way.
    """

    def __init__(
        self, url: str, *, ends: float, clock: Callable[[], float], allowed: float, budget: int
    ) -> None:
        self._url = url
        self._ends = ends
        self._clock = clock
        self._allowed = allowed
        self.budget = budget
        self.received = 0

    def left(self) -> float:
        """The seconds left, more than 0; raises DeadlineError when there are none."""
        left = self.remaining
        if left <= 0:
            raise self.late()
        return left

    @property
    def remaining(self) -> float:
        """The seconds left; negative after the deadline."""
        return self._ends - self._clock()

    def late(self) -> DeadlineError:
        """The error that says what was missing at the deadline."""
        problem = "its answer was not complete after" if self.received else "no answer within"
        return DeadlineError(self._url, f"{problem} {self._allowed:g} s")

    def take(self, count: int) -> None:
        """Counts `count` bytes that came; raises TooLargeError when they are more than the budget."""
        self.received += count
        if self.received > self.budget:
            raise TooLargeError(self._url, f"sent more than {size(self.budget)}")


class WireSocket(socket.socket):
    """A TCP socket whose every wait ends at the deadline of its wire, however the bytes trickle."""

    wire: Wire

    def recv_into(self, *args: Any) -> int:
        self.settimeout(self.wire.left())
        count = super().recv_into(*args)
        self.wire.take(count)
        return count

    def sendall(self, *args: Any) -> None:
        self.settimeout(self.wire.left())
        super().sendall(*args)

    def gettimeout(self) -> float:
        # The TLS handshake is one call under the timeout that this socket names while it is wrapped. An error
        # in that moment would leave two sockets with one descriptor, and close it twice.
        return max(self.wire.remaining, _INSTANT)


class WireTLSSocket(ssl.SSLSocket):
    """The same for TLS; made by a context as its `sslsocket_class`, it gets its wire after the handshake."""

    wire: Wire

    def recv_into(self, *args: Any) -> int:
        self.settimeout(self.wire.left())
        count = super().recv_into(*args)
        self.wire.take(count)
        return count

    def send(self, *args: Any) -> int:
        self.settimeout(self.wire.left())
        return super().send(*args)


def dial(addresses: Sequence[Address], port: int, wire: Wire) -> WireSocket:
    """A connection to the first of `addresses` that answers, each given its share of the time left.

    Raises the OSError of the last one tried, DeadlineError when time is up.
    """
    tried = addresses[:_MAX_ADDRESSES]
    for others in range(len(tried), 0, -1):
        address = tried[-others]
        try:
            return _connected(address, port, wire, wire.left() / others)
        except OSError:
            if others == 1:
                raise
    raise ValueError("no address to connect to")


def decoded(pieces: Iterable[bytes], codings: Sequence[str]) -> Iterator[bytes]:
    """`pieces` with `codings` (lower case, in the order they were applied) undone, at most STEP bytes each.

    Nothing larger than a piece and STEP is ever held, whatever it would grow to. Pieces may be empty: each is
    a chance to look at the clock. Raises zlib.error for what is no such coding or ends too early.
    """
    for coding in reversed(codings):
        pieces = _inflated(pieces, coding)
    return iter(pieces)


def size(count: int) -> str:
    """`count` bytes for people: in MiB from one on."""
    return f"{count / 2**20:.4g} MiB" if count >= 2**20 else f"{count} bytes"


def described(error: BaseException) -> str:
    """What `error`, of a socket, TLS, HTTP or a coding, says of a server, printable, to follow its name."""
    match error:
        case ssl.SSLCertVerificationError():
            told = f"has no valid certificate: {error.verify_message}"
        case ssl.SSLError():
            told = f"cannot be talked to over TLS: {error.reason or error}"
        case socket.gaierror():
            told = "has a name that cannot be resolved"
        case ConnectionRefusedError():
            told = "refuses connections"
        case ConnectionError():
            told = "broke the connection off"
        case OSError():
            told = f"cannot be reached: {error.strerror or error}"
        case zlib.error():
            told = "sent a compressed body that is broken"
        case IncompleteRead():
            told = "broke off in the middle of its answer"
        case ValueError():
            told = f"cannot be asked, or understood ({type(error).__name__})"
        case _:
            told = f"does not speak HTTP as it should: {error}"
    return "".join(char if char.isprintable() else " " for char in told)[:_MAX_TOLD].rstrip(": ")


def _connected(address: Address, port: int, wire: Wire, timeout: float) -> WireSocket:
    sock = WireSocket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
    try:
        sock.wire = wire
        sock.settimeout(timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect((str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock


def _inflated(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    pieces = iter(pieces)
    head = b""
    while len(head) < 2 and (piece := next(pieces, None)) is not None:
        head += piece
    if not head:
        return
    window = CODINGS[coding]
    if coding == "deflate" and (head[0] & 15 != 8 or int.from_bytes(head[:2], "big") % 31):
        window = -zlib.MAX_WBITS  # many servers send the bare stream, without zlib's two bytes in front
    engine = zlib.decompressobj(window)
    for piece in chain([head], pieces):
        rest = piece
        while rest:
            if engine.eof:
                if window < zlib.MAX_WBITS | 16 or not rest.startswith(b"\x1f"):
                    return  # whatever trails the stream, every client drops it
                engine = zlib.decompressobj(window)
            yield engine.decompress(rest, STEP)
            rest = engine.unconsumed_tail or engine.unused_data
    yield engine.flush()
    if not engine.eof:
        raise zlib.error("the compressed body ends too early")
