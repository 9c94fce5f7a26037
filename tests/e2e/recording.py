"""A loopback proxy that writes down what a client asks of a site, and what it is answered."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

_HOP = ("connection", "keep-alive", "transfer-encoding")  # between two neighbours; RFC 9110, section 7.6.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request and its answer; header names of the request are in lower case."""

    path: str
    headers: Mapping[str, str]
    status: int


class Recorder:
    """Stands before the server on `port` of 127.0.0.1; `asked` holds what went through, oldest first."""

    def __init__(self, port: int) -> None:
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Relay, port, self.asked))
        self._thread = threading.Thread(target=self._server.serve_forever, name="recorder")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path: str) -> str:
        """The URL under which the client asks for `path`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"


class _Relay(BaseHTTPRequestHandler):
    def __init__(self, port: int, asked: list[Asked], *given: object) -> None:
        self._port = port
        self._asked = asked
        super().__init__(*given)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Passes the request on, and its answer back."""
        sent = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("GET", self.path, headers=sent)
            found = connection.getresponse()
            body = found.read()
        finally:
            connection.close()
        named = {name.lower(): value for name, value in sent.items()}
        self._asked.append(Asked(path=self.path, headers=named, status=found.status))
        self.send_response_only(found.status)
        for name, value in found.getheaders():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""
