"""Every way in which a source may misbehave, and a few good ones: behaviours for the server of upstream.py.

with Upstream() as upstream:
    upstream.route("/feed", ok(b"<rss/>"))
    upstream.route("/slow", drip_body)
"""

import socket
import zlib
from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise
from select import select

from tests.upstream import CERTIFICATE as CERTIFICATE
from tests.upstream import Behaviour as Behaviour
from tests.upstream import Exchange as Exchange
from tests.upstream import Seen as Seen
from tests.upstream import Upstream as Upstream

_PAUSE = 0.05


def raw(data: bytes) -> Behaviour:
    """Sends exactly `data` and closes."""
    return lambda exchange: exchange.send(data)


def answer(code: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Behaviour:
    """A whole answer; Content-Length is right unless `headers` say otherwise."""
    fields = {"Content-Length": str(len(body)), "Connection": "close"} | dict(headers or {})
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return raw(f"HTTP/1.1 {code} Because\r\n{head}\r\n".encode("latin-1") + body)


def ok(body: bytes, content_type: str = "application/rss+xml", **headers: str) -> Behaviour:
    """200 with `body`; further headers as keywords, `_` for `-`."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(200, {"Content-Type": content_type} | fields, body)


def status(code: int) -> Behaviour:
    """`code` and a page that says so."""
    return answer(code, {"Content-Type": "text/html"}, b"<h1>No.</h1>")


def come_back(retry_after: str, code: int = 429, **headers: str) -> Behaviour:
    """`code` with that Retry-After, in seconds or as a date."""
    return answer(code, {"Retry-After": retry_after} | headers)


def redirect(to: str, code: int = 302) -> Behaviour:
    """A redirect to `to`, a URL or a path."""
    return answer(code, {"Location": to})


def chain(upstream: Upstream, path: str, hops: int, to: str, code: int = 302) -> str:
    """Routes that lead from `path` to `to` in `hops` redirects; returns the URL of the first."""
    places = [path, *(f"{path}-{hop}" for hop in range(1, hops)), to]
    for here, there in pairwise(places):
        upstream.route(here, redirect(there, code))
    return upstream.url(path)


def html_page(title: str = "今日要闻") -> Behaviour:
    """A page where a feed was expected."""
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><p>{title}</p></body></html>"
    return ok(page.encode(), "text/html; charset=utf-8")


def hang(exchange: Exchange) -> None:
    """Takes the request and says nothing."""
    exchange.wait()


def drip_headers(exchange: Exchange) -> None:
    """A header for ever, a byte every 50 ms."""
    exchange.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        exchange.wait(_PAUSE)
        exchange.send(b"x")


def drip_body(exchange: Exchange) -> None:
    """Proper headers, then a body of 10,000 bytes, one every 50 ms."""
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: 10000\r\n\r\n")
    for _ in range(10_000):
        exchange.wait(_PAUSE)
        exchange.send(b"<")


def drip_chunks(exchange: Exchange) -> None:
    """A chunked body whose chunk of a byte comes every 50 ms."""
    exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        exchange.wait(_PAUSE)
        exchange.send(b"1\r\n<\r\n")


def gzip_bomb(size: int = 200 * 2**20, layers: int = 1) -> Behaviour:
    """`size` zero bytes, compressed `layers` times, streamed without a length."""

    def explode(exchange: Exchange) -> None:
        codings = ", ".join(["gzip"] * layers)
        exchange.send(f"HTTP/1.1 200 OK\r\nContent-Encoding: {codings}\r\n\r\n".encode())
        engines = [zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16) for _ in range(layers)]
        for _ in range(size // 2**16):
            piece = bytes(2**16)
            for engine in engines:
                piece = engine.compress(piece)
            exchange.send(piece)
        piece = b""
        for engine in engines:
            piece = engine.compress(piece) + engine.flush()
        exchange.send(piece)

    return explode


def truncated(body: bytes) -> Behaviour:
    """Promises all of `body`, sends half and closes."""
    return raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body[: len(body) // 2])


def wrong_length(body: bytes, claimed: int) -> Behaviour:
    """Sends `body` under a Content-Length of `claimed`."""
    return answer(200, {"Content-Length": str(claimed)}, body)


def reset(exchange: Exchange) -> None:
    """A TCP reset instead of an answer."""
    exchange.reset()


def reset_within(exchange: Exchange) -> None:
    """A TCP reset in the middle of the body."""
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss>")
    exchange.wait(_PAUSE)
    exchange.reset()


def endless_headers(exchange: Exchange) -> None:
    """One header after the other."""
    exchange.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        exchange.send(b"X-More: and more\r\n" * 1000)


def endless_header_line(exchange: Exchange) -> None:
    """One header that does not end."""
    exchange.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        exchange.send(b"x" * 65536)


def endless_continue(exchange: Exchange) -> None:
    """100 Continue, again and again."""
    while True:
        exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def endless_body(exchange: Exchange) -> None:
    """A body without length or end."""
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n<rss>")
    while True:
        exchange.send(b"<item/>" * 9000)


def endless_chunks(exchange: Exchange) -> None:
    """The same, chunked."""
    exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        exchange.send(b"10000\r\n" + bytes(65536) + b"\r\n")


def tunnel(port: int) -> Behaviour:
    """What a proxy does on CONNECT, only that it always leads to `port` of this machine."""

    def relay(exchange: Exchange) -> None:
        with socket.create_connection(("127.0.0.1", port)) as far:
            exchange.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            while True:
                exchange.wait(0)
                ready, _, _ = select([exchange.sock, far], [], [], _PAUSE)
                for sock in ready:
                    piece = sock.recv(65536)
                    if not piece:
                        return
                    (far if sock is exchange.sock else exchange.sock).sendall(piece)

    return relay


class ConditionalFeed:
    """A feed with ETag and Last-Modified that answers 304 to whoever has it; `publish` changes it."""

    def __init__(self, body: bytes, content_type: str = "application/rss+xml") -> None:
        self._content_type = content_type
        self._edition = 0
        self.publish(body)

    def publish(self, body: bytes) -> None:
        """From now on the feed is `body`, a minute younger than before."""
        self._edition += 1
        self.etag = f'"{sha256(body).hexdigest()[:16]}"'
        self.last_modified = f"Tue, 03 Mar 2026 08:{self._edition % 60:02}:00 GMT"
        self.body = body

    def __call__(self, exchange: Exchange) -> None:
        """Answers 200 or 304 (RFC 9110, section 13.2.2: If-None-Match wins)."""
        known = exchange.seen.headers.get("if-none-match")
        since = exchange.seen.headers.get("if-modified-since")
        same = known == self.etag if known is not None else since == self.last_modified
        fields = {"ETag": self.etag, "Last-Modified": self.last_modified, "Content-Type": self._content_type}
        answer(304 if same else 200, fields, b"" if same else self.body)(exchange)
