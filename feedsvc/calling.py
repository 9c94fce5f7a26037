"""Calls to servers that are told something: one exchange, no redirect, any status; guarded as fetches are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol
from urllib.parse import urldefrag

from feedsvc import httpfields, urls, wire
from feedsvc.errors import RefusedUrlError
from feedsvc.fetch import Fetcher, HTTPAnswer

_OVERHEAD = 2**18  # bytes of headers and framing that an answer may have
_HEARD = 2**16  # bytes of its body that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request: a GET that asks, or a POST that brings `body`. `headers` beside those of the client."""

    url: str
    method: Literal["GET", "POST"] = "GET"
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer, whatever its status. `body` is that of a GET without its coding, the first 64 KiB of it.

    `retry_after` is what the server asked for, at most 24 h.
    """

    status: int
    body: bytes = b""
    retry_after: timedelta | None = None

    @property
    def good(self) -> bool:
        """Whether the status says success (2xx)."""
        return 200 <= self.status < 300


class Calls(Protocol):
    """Whatever calls; raises FetchError and nothing else."""

    def call(self, call: Call) -> Reply: ...


class Caller(Fetcher):
    """Calls over HTTP/1.1, one connection a call, from any number of threads; bounded as fetches are.

    Names must lead to public addresses, or to the networks that are allowed, and only to an address so
    checked it connects. A redirect is an answer and not followed.
    """

    def call(self, call: Call) -> Reply:
        """Makes `call`. Raises FetchError where there is no answer within the deadline, or must be none."""
        found = urls.absolute(call.url)
        if found is None:
            raise RefusedUrlError(call.url, "is not an http or https address")
        url = urldefrag(found).url
        ends = self._clock() + self._deadline
        line = wire.Wire(url, ends=ends, clock=self._clock, allowed=self._deadline, budget=_OVERHEAD)
        usual = {"User-Agent": self._user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        headers = {**usual, "Connection": "close", **call.headers}
        heard = self._heard if call.method == "GET" else self._status
        return self._exchange(url, None, headers, line, heard, method=call.method, body=call.body)

    def _status(self, _url: str, answer: HTTPAnswer, _line: wire.Wire) -> Reply:
        headers = answer.headers
        wait = httpfields.retry_after(headers.get("Retry-After"), headers.get("Date"), self._now())
        return Reply(status=answer.status, retry_after=wait)

    def _heard(self, url: str, answer: HTTPAnswer, line: wire.Wire) -> Reply:
        codings = httpfields.content_codings(url, answer.headers.get("Content-Encoding", ""))
        line.budget += _HEARD
        body = b""
        for piece in wire.decoded(answer.stream(wire.STEP, decode_content=False), codings):
            line.left()
            body += piece
            if len(body) > _HEARD:
                break
        return Reply(status=answer.status, body=body[:_HEARD])
