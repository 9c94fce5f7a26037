"""Fakes of the ports of feedsvc, for tests."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, TypeVar

from feedsvc.children import Runner
from feedsvc.errors import StatusError
from feedsvc.fetch import Request, Response, Transport
from feedsvc.visits import Visits

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


def visits(transport: Transport, pauses: list[float] | None = None, children: Runner | None = None) -> Visits:
    """Polite visits through `transport` that wait for nothing; `pauses` are the seconds they would have."""
    spent = pauses if pauses is not None else []
    return Visits(
        transport,
        children or InProcess(),
        user_agent="feedsvc/test",
        clock=lambda: sum(spent),
        pause=spent.append,
    )
