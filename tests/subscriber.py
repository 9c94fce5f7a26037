"""A WebSub subscriber, as a real web server on loopback, and a caller that asks nobody.

with Subscriber() as subscriber:
    subscriber.url("/callback"), subscriber.asked, subscriber.got
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from feedsvc.calling import Call, Reply
from feedsvc.errors import FetchError


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question to the callback: the fields of its query, by name."""

    path: str
    fields: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """A POST to the callback; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime


class Subscriber:
    """The server, on a free port of 127.0.0.1 or on `port`.

    `confirm` makes the body of the answer to a question, with status 200, from its challenge: the challenge
    itself unless told otherwise. None answers 404. `status` is the answer to a POST; `hold` keeps it waiting.
    """

    def __init__(self, port: int = 0) -> None:
        self.asked: list[Asked] = []
        self.got: list[Got] = []
        self.confirm: Callable[[str], str | None] = lambda challenge: challenge
        self.status = 204
        self.hold: threading.Event | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Callback, self))
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="subscriber")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.hold is not None:
            self.hold.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path: str = "/callback") -> str:
        """The URL of a callback."""
        return f"http://127.0.0.1:{self.port}{path}"

    def modes(self) -> list[str]:
        """What it was asked about so far."""
        return [asked.fields["hub.mode"] for asked in self.asked]


class _Callback(BaseHTTPRequestHandler):
    def __init__(self, subscriber: Subscriber, *given: object) -> None:
        self._subscriber = subscriber
        super().__init__(*given)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """A question."""
        parts = urlsplit(self.path)
        fields = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self._subscriber.asked.append(Asked(path=parts.path, fields=fields, at=datetime.now(UTC)))
        said = self._subscriber.confirm(fields.get("hub.challenge", ""))
        self._answer(404 if said is None else 200, (said or "").encode())

    def do_POST(self) -> None:
        """A delivery."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        named = {name.lower(): value for name, value in self.headers.items()}
        self._subscriber.got.append(Got(path=self.path, headers=named, body=body, at=datetime.now(UTC)))
        if self._subscriber.hold is not None:
            self._subscriber.hold.wait(60)
        self._answer(self._subscriber.status, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", "application/octet-stream")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class FakeCalls:
    """`calling.Calls` that asks `answer`; `made` holds every call, oldest first. Usable from many threads.

    Unless told otherwise, every question is confirmed and every POST taken.
    """

    def __init__(self) -> None:
        self.made: list[Call] = []
        self.answer: Callable[[Call], Reply] = confirming

    def call(self, call: Call) -> Reply:
        """What `answer` says."""
        self.made.append(call)
        return self.answer(call)

    def posts(self) -> list[Call]:
        """What was brought so far."""
        return [call for call in self.made if call.method == "POST"]

    def questions(self) -> list[Mapping[str, str]]:
        """The fields of what was asked so far."""
        return [fields(call) for call in self.made if call.method == "GET"]


def fields(call: Call) -> dict[str, str]:
    """The fields of a question, by name."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(call.url).query).items()}


def confirming(call: Call) -> Reply:
    """A subscriber that agrees to everything."""
    return Reply(status=200, body=fields(call).get("hub.challenge", "").encode())


def down(call: Call) -> Reply:
    """A server that is not there."""
    raise FetchError(call.url, "refuses connections")
