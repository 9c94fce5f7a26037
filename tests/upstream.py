"""A loopback web server for tests: any callable answers a path, byte by byte, or does not.

    with Upstream() as upstream:
        upstream.route("/feed", lambda exchange: exchange.send(b"HTTP/1.0 200 OK\\r\\n\\r\\n<rss/>"))
        upstream.url("/feed"), upstream.count("/feed"), upstream.requests("/feed")[0].headers

tests/hostile.py has ready behaviours. Every connection has one request and a thread of its own; leaving the
`with` ends and joins them all, hanging ones too.
"""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from select import select
from types import TracebackType
from typing import Self

CERTIFICATE = Path(__file__).parent / "data/tls/news.example.pem"
"""For news.example, *.news.example; self-signed, so that it is its own authority."""

_JOIN = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request that came. Header names are in lower case; `target` is as it was sent."""

    method: str
    target: str
    headers: Mapping[str, str]


class Closing(Exception):
    """The server closes: ends a behaviour that waits."""


class Exchange:
    """One request and the connection to answer it on."""

    def __init__(self, seen: Seen, sock: socket.socket, closing: threading.Event) -> None:
        self.seen = seen
        self.sock = sock
        self._closing = closing

    def send(self, data: bytes) -> None:
        """Sends all of `data`; raises OSError once the client has gone."""
        self.sock.sendall(data)

    def wait(self, seconds: float | None = None) -> None:
        """Waits so long, or for ever; raises Closing as soon as the server closes."""
        if self._closing.wait(seconds):
            raise Closing

    def reset(self) -> None:
        """Ends the connection with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


Behaviour = Callable[[Exchange], None]


class Upstream:
    """The server: on a free port of 127.0.0.1, over TLS if `tls`. Paths without a route answer 404."""

    def __init__(self, *, tls: bool = False) -> None:
        self._routes: dict[str, Behaviour] = {}
        self._seen: list[Seen] = []
        self._connections = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._socks: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._tls: ssl.SSLContext | None = None
        if tls:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(CERTIFICATE, CERTIFICATE.with_suffix(".key"))
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._waker, self._wake = socket.socketpair()
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = self._thread(self._accept)

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends every connection and joins every thread; raises RuntimeError if one does not end."""
        self._closing.set()
        self._wake.send(b"x")
        self._join(self._acceptor)
        with self._lock:
            socks = list(self._socks)
        for sock in socks:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # its thread was faster
        for thread in self._threads:
            self._join(thread)
        for sock in (self._listener, self._waker, self._wake):
            sock.close()

    def route(self, path: str, behaviour: Behaviour) -> str:
        """Answers `path` so (no query; for a proxy a whole URL or "CONNECT host:port"); returns its URL."""
        with self._lock:
            self._routes[path] = behaviour
        return self.url(path)

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        """The URL of `path`."""
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def requests(self, path: str) -> list[Seen]:
        """The requests for `path` so far, oldest first."""
        with self._lock:
            return [seen for seen in self._seen if _route_of(seen) == path]

    def count(self, path: str) -> int:
        """How many requests for `path` came."""
        return len(self.requests(path))

    @property
    def connections(self) -> int:
        """How many connections were opened, whether anything was asked on them or not."""
        with self._lock:
            return self._connections

    def _thread(self, target: Callable[[], None]) -> threading.Thread:
        return threading.Thread(target=target, name=f"upstream {self.port}", daemon=True)

    def _join(self, thread: threading.Thread) -> None:
        thread.join(_JOIN)
        if thread.is_alive():
            raise RuntimeError(f"{thread.name} does not end")

    def _accept(self) -> None:
        while not self._closing.is_set():
            ready, _, _ = select([self._listener, self._waker], [], [])
            if self._listener in ready and not self._closing.is_set():
                sock, _ = self._listener.accept()
                with self._lock:
                    self._connections += 1
                    self._socks.add(sock)
                thread = self._thread(partial(self._serve, sock))
                self._threads = [*(other for other in self._threads if other.is_alive()), thread]
                thread.start()

    def _serve(self, sock: socket.socket) -> None:
        bare = sock
        try:
            if self._tls is not None:
                sock = self._tls.wrap_socket(bare, server_side=True, do_handshake_on_connect=False)
                with self._lock:
                    self._socks.add(sock)
                if self._closing.is_set():
                    return
                sock.do_handshake()
            seen = _read(sock)
            if seen is None:
                return
            with self._lock:
                self._seen.append(seen)
                behaviour = self._routes.get(_route_of(seen), _not_found)
            behaviour(Exchange(seen, sock, self._closing))
        except (OSError, Closing):
            return  # the client or the server has had enough
        finally:
            with self._lock:
                self._socks -= {bare, sock}
            sock.close()


def _route_of(seen: Seen) -> str:
    return f"CONNECT {seen.target}" if seen.method == "CONNECT" else seen.target.partition("?")[0]


def _read(sock: socket.socket) -> Seen | None:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = sock.recv(65536)
        if not piece or len(received) > 1_000_000:
            return None
        received += piece
    first, *lines = received.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, target = (*first.split(" "), "")[:2]
    fields = (line.partition(":") for line in lines)
    return Seen(
        method=method, target=target, headers={name.lower(): value.strip() for name, _, value in fields}
    )


def _not_found(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
