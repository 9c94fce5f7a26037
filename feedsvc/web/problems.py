"""What is told when there is no answer: a page for people, a line for readers, RFC 9457 for programs."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from feedsvc.errors import AddressError, StoreError, UnknownError
from feedsvc.web.conditional import preferred
from feedsvc.web.paths import sent
from feedsvc.web.sending import Reply

log = logging.getLogger(__name__)

_PLAIN = ("/feeds/", "/static/", "/opml.xml", "/robots.txt", "/sitemap.xml", "/healthz", "/readyz")
_OFFERS = (("page", ("text/html", "application/xhtml+xml")), ("line", ("text/plain",)))
_RETRY_AFTER = "5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why there is no answer: a status and a sentence for whoever asked. Nothing of our inside.

    `members` are what a program is told besides (RFC 9457, section 3.2).
    """

    status: int
    detail: str
    headers: dict[str, str] = field(default_factory=dict)
    members: dict[str, object] = field(default_factory=dict)

    @property
    def phrase(self) -> str:
        """The name of the status."""
        return HTTPStatus(self.status).phrase


class Refused(Exception):
    """A request that gets no answer but `problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def handle(app: Flask, page: Callable[[Problem], bytes]) -> None:
    """Makes `app` answer every error by the place it happened in; `page` writes the page for people."""

    def failed(error: Exception) -> Response:
        problem = problem_of(error)
        path = sent(request.environ)  # ASCII, so that nobody writes lines into the log
        if isinstance(error, StoreError):
            log.warning("%s %s: %s", request.method, path, error)
        elif problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("%s %s: %s", request.method, path, error, exc_info=error)
        headers = {"Cache-Control": "no-store"} | problem.headers
        if path.startswith("/api/"):
            document = {"type": "about:blank", "title": problem.phrase, "status": problem.status}
            body = json.dumps(document | {"detail": problem.detail} | problem.members, ensure_ascii=False)
            return Reply(body, problem.status, headers | {"Content-Type": "application/problem+json"})
        if not path.startswith(_PLAIN):
            headers["Vary"] = "Accept"
            if preferred(request.headers.get("Accept"), _OFFERS) == "page":
                return Reply(
                    page(problem), problem.status, headers | {"Content-Type": "text/html; charset=utf-8"}
                )
        line = f"{problem.status} {problem.phrase}: {problem.detail}\n"
        return Reply(line, problem.status, headers | {"Content-Type": "text/plain; charset=utf-8"})

    app.register_error_handler(Exception, failed)


def problem_of(error: Exception) -> Problem:
    """What an error means to the client."""
    if isinstance(error, Refused):
        return error.problem
    if isinstance(error, AddressError):
        status = HTTPStatus.NOT_FOUND if isinstance(error, UnknownError) else HTTPStatus.BAD_REQUEST
        return Problem(status=status, detail=str(error))
    if isinstance(error, StoreError):
        return Problem(
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            detail="the store cannot be read now; what is in memory goes on being served",
            headers={"Retry-After": _RETRY_AFTER},
        )
    if isinstance(error, HTTPException) and error.code is not None and error.code >= HTTPStatus.BAD_REQUEST:
        fields = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
        return Problem(status=error.code, detail=error.description or "", headers=fields)
    return Problem(status=HTTPStatus.INTERNAL_SERVER_ERROR, detail="something went wrong here; it is logged")
