"""Fakes of the ports of feedsvc, for tests."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, TypeVar

from feedsvc.errors import StatusError
from feedsvc.fetch import Request, Response

T = TypeVar("T")
Reply = Response | Exception | Callable[[Request], Response]


class FakeTransport:
    """Answers from a table of URLs: with a response, by raising an exception, or by asking a callable.

    A URL that is not in the table answers 404. `requests` holds every request, oldest first; `replies` may
    be changed at any time. Usable from many threads.
    """

    def __init__(self, replies: Mapping[str, Reply] | None = None) -> None:
        self.replies: dict[str, Reply] = dict(replies or {})
        self.requests: list[Request] = []
        self._lock = Lock()

    def fetch(self, request: Request) -> Response:
        """The reply for `request.url`."""
        with self._lock:
            self.requests.append(request)
            reply = self.replies.get(request.url)
        if reply is None:
            raise StatusError(request.url, 404)
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, Response) else reply(request)

    def count(self, url: str) -> int:
        """How often `url` was asked for."""
        with self._lock:
            return sum(request.url == url for request in self.requests)


class InProcess:
    """Runs what children would run, at once and here. `fail`: what to raise for some arguments instead."""

    def __init__(self, fail: Callable[..., Exception | None] = lambda *_: None) -> None:
        self.fail = fail
        self.stopped = False

    def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """`function(*arguments)`."""
        error = self.fail(*arguments)
        if error is not None:
            raise error
        return function(*arguments)

    def rest(self) -> None:
        """Nothing is ever idle."""

    def stop(self) -> None:
        """Remembers that it was told."""
        self.stopped = True
