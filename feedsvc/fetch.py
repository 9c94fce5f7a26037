"""The polite, bounded, guarded HTTP client. The only module that imports urllib3 and certifi."""

import io
import ssl
import time
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import unquote, urldefrag, urlsplit

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from feedsvc import httpfields, netguard, urls, wire
from feedsvc.errors import FetchError, RedirectError, RefusedUrlError, StatusError, TooLargeError

T = TypeVar("T")

HTTPAnswer = urllib3.HTTPResponse

_PERMANENT = (301, 308)
_REDIRECTS = (*_PERMANENT, 302, 303, 307)
_OVERHEAD = 2**20  # headers and the framing of chunks, on top of what a body may weigh


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A GET. `headers` are the source's own: they go to its host alone, never along with a redirect to
    another, and those that frame a message or name codings are the client's. `etag` and `last_modified`,
    as the last good response gave them, make it conditional.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came. `url` is where from, after redirects; `moved_to` the same where every one of them was
    permanent (301, 308), None where there was none. `status` is 200, or 304 with an empty body.
    `body` is without its content coding. `etag` and `last_modified` are the server's words for the next
    request; those of the request where a 304 does not repeat them.
    """

    url: str
    moved_to: str | None = None
    status: int = 200
    body: bytes = b""
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None


class Transport(Protocol):
    """Whatever fetches; raises FetchError and nothing else."""

    def fetch(self, request: Request) -> Response: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proxy:
    host: str
    port: int
    headers: Mapping[str, str]


class _Pinned:
    dial: Callable[[], wire.WireSocket]

    def _new_conn(self) -> wire.WireSocket:
        return self.dial()


class _PinnedHTTP(_Pinned, HTTPConnection):
    pass


class _PinnedHTTPS(_Pinned, HTTPSConnection):
    pass


class Fetcher:
    """Fetches over HTTP/1.1, one connection a request, from any number of threads.

    A whole fetch, from the look-up of the name to the last byte after the last redirect, takes at most
    `deadline`; a body, decoded, at most `max_body` bytes. Names must lead to public addresses (or to
    `allow_networks`) at every hop, and only to an address so checked it connects. Through `proxy`
    ("http://[user:password@]host:port") names are checked the same way, but the proxy looks them up again.
    Certificates are checked against the system's authorities, certifi's where it has none, or `authorities`.
    """

    def __init__(
        self,
        *,
        deadline: timedelta,
        max_body: int,
        user_agent: str,
        allow_networks: Sequence[netguard.Network] = (),
        proxy: str | None = None,
        max_redirects: int = 8,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        lookup: netguard.Lookup = netguard.system_lookup,
        authorities: Path | None = None,
    ) -> None:
        self._deadline = deadline.total_seconds()
        self._max_body = max_body
        self._user_agent = user_agent
        self._allowed = tuple(allow_networks)
        self._proxy = _proxy(proxy) if proxy else None
        self._max_redirects = max_redirects
        self._clock = clock
        self._now = now
        self._lookup = lookup
        self._tls = ssl.create_default_context(cafile=authorities)
        if authorities is None and not self._tls.cert_store_stats()["x509_ca"]:
            self._tls.load_verify_locations(certifi.where())
        self._tls.sslsocket_class = wire.WireTLSSocket

    def fetch(self, request: Request) -> Response:
        """Fetches `request`. Raises FetchError, whose subclass and sentence say what went wrong where."""
        first = urls.absolute(request.url)
        if first is None:
            raise RefusedUrlError(request.url, "is not an http or https address")
        url, came_from = urldefrag(first).url, None
        ends = self._clock() + self._deadline
        headers, seen, permanent = request.headers, {url}, True
        while True:
            line = wire.Wire(url, ends=ends, clock=self._clock, allowed=self._deadline, budget=_OVERHEAD)
            asked = httpfields.asked(
                user_agent=self._user_agent,
                etag=request.etag,
                last_modified=request.last_modified,
                own=headers,
            )
            answer = self._exchange(url, came_from, asked, line, self._read)
            if answer.status not in _REDIRECTS:
                break
            target = httpfields.redirect_target(url, answer.headers.get("Location"))
            if target in seen:
                raise RedirectError(url, "redirects in a circle")
            if len(seen) > self._max_redirects:
                raise RedirectError(url, f"redirects more than {self._max_redirects} times")
            if not httpfields.same_site(url, target):
                headers = {}
            seen.add(target)
            permanent = permanent and answer.status in _PERMANENT
            url, came_from = target, url
        moved_to = url if permanent and came_from else None
        etag = httpfields.validator(answer.headers.get("ETag"))
        modified = httpfields.validator(answer.headers.get("Last-Modified"))
        if answer.status == 304:
            if request.etag is None and request.last_modified is None:
                raise FetchError(url, "answered 304 though nothing was known of it")
            etag, modified = etag or request.etag, modified or request.last_modified
        return Response(
            url=url,
            moved_to=moved_to,
            status=answer.status,
            body=answer.body,
            content_type=answer.headers.get("Content-Type"),
            etag=etag,
            last_modified=modified,
        )

    def _exchange(
        self,
        url: str,
        came_from: str | None,
        headers: Mapping[str, str],
        line: wire.Wire,
        read: Callable[[str, HTTPAnswer, wire.Wire], T],
        *,
        method: str = "GET",
        body: bytes | None = None,
    ) -> T:
        try:
            conn, target, more = self._connection(url, came_from, line)
            with closing(conn):
                conn.connect()
                if isinstance(conn.sock, wire.WireTLSSocket):
                    conn.sock.wire = line
                # Who answers before all of a body is sent has no need of the rest of it.
                with suppress(BrokenPipeError):
                    conn.request(method, target, body, headers={**headers, **more}, preload_content=False)
                with closing(conn.getresponse()) as answer:
                    return read(url, answer, line)
        except (OSError, HTTPException, urllib3.exceptions.HTTPError, ValueError, zlib.error) as exc:
            raise _translated(exc, url, line) from exc

    def _connection(
        self, url: str, came_from: str | None, line: wire.Wire
    ) -> tuple[_PinnedHTTP | _PinnedHTTPS, str, Mapping[str, str]]:
        """The connection to ask, not yet made; what to ask it for; headers for whoever answers there."""
        scheme, host, port = httpfields.origin(url)
        addresses = netguard.resolve(host, port, line.left(), self._lookup)
        objection = netguard.objection(addresses, port, self._allowed)
        if objection is not None:
            verb = "leads to" if came_from is None else "redirects to"
            raise RefusedUrlError(came_from or url, f"{verb} {objection}")
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        more: Mapping[str, str] = {}
        proxy = self._proxy
        near = (proxy.host, proxy.port) if proxy else (host, port)
        conn: _PinnedHTTP | _PinnedHTTPS
        if scheme == "http":
            conn = _PinnedHTTP(*near)
            if proxy is not None:
                target, more = url, proxy.headers
        else:
            conn = _PinnedHTTPS(*near, ssl_context=self._tls)
            if proxy is not None:
                conn.set_tunnel(host, port, headers=proxy.headers, scheme="http")
        conn.dial = partial(self._dial, url, addresses, port, line)
        return conn, target, more

    def _dial(
        self, url: str, addresses: Sequence[netguard.Address], port: int, line: wire.Wire
    ) -> wire.WireSocket:
        proxy = self._proxy
        if proxy is None:
            return wire.dial(addresses, port, line)
        try:
            addresses = netguard.resolve(proxy.host, proxy.port, line.left(), self._lookup)
            return wire.dial(addresses, proxy.port, line)
        except TimeoutError:
            raise
        except OSError as exc:
            raise FetchError(url, f"the proxy {wire.described(exc)}") from exc

    def _read(self, url: str, answer: HTTPAnswer, line: wire.Wire) -> _Answer:
        headers = answer.headers
        if answer.status in (304, *_REDIRECTS):
            return _Answer(status=answer.status, headers=headers)
        if answer.status != 200:
            wait = httpfields.retry_after(headers.get("Retry-After"), headers.get("Date"), self._now())
            raise StatusError(url, answer.status, retry_after=wait)
        codings = httpfields.content_codings(url, headers.get("Content-Encoding", ""))
        if (answer.length_remaining or 0) > self._max_body:
            raise self._too_large(url, codings)
        line.budget += self._max_body
        # Closed on every way out: an error that is kept, with its frames, keeps no body.
        with io.BytesIO() as body:
            for piece in wire.decoded(answer.stream(wire.STEP, decode_content=False), codings):
                line.left()
                if body.tell() + len(piece) > self._max_body:
                    raise self._too_large(url, codings)
                body.write(piece)
            return _Answer(status=200, headers=headers, body=body.getvalue())

    def _too_large(self, url: str, codings: Sequence[str]) -> TooLargeError:
        decoded = " once decoded" if codings else ""
        return TooLargeError(url, f"the body is larger than {wire.size(self._max_body)}{decoded}")


def _translated(error: BaseException, url: str, line: wire.Wire) -> FetchError:
    while isinstance(error, urllib3.exceptions.HTTPError) and error.__cause__ is not None:
        error = error.__cause__
    return line.late() if isinstance(error, TimeoutError) else FetchError(url, wire.described(error))


def _proxy(url: str) -> _Proxy:
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError("a proxy is given as http://[user:password@]host:port")
    headers: Mapping[str, str] = {}
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers = {"Proxy-Authorization": f"Basic {b64encode(login.encode()).decode()}"}
    return _Proxy(host=parts.hostname, port=parts.port or 80, headers=headers)
