"""Problems: what every kind of error becomes, and that our own faults show nothing of our inside."""

import logging
from dataclasses import replace
from datetime import datetime

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from feedsvc.errors import AddressError, BusyStoreError, UnknownError
from feedsvc.web.problems import problem_of
from tests.conftest import Newsroom
from tests.web import visit


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (AddressError("x"), 400, {}),
        (UnknownError("x"), 404, {}),
        (BusyStoreError("/secret/place: locked"), 503, {"Retry-After": "5"}),
        (NotFound(), 404, {}),
        (MethodNotAllowed(valid_methods=["GET"]), 405, {"Allow": "GET"}),
        (RequestRedirect("https://evil.example/"), 500, {}),
        (ZeroDivisionError("/secret/place"), 500, {}),
    ],
)
def test_what_an_error_means(error: Exception, status: int, headers: dict[str, str]) -> None:
    problem = problem_of(error)
    assert (problem.status, problem.headers) == (status, headers)
    assert problem.phrase
    assert problem.detail
    assert "secret" not in problem.detail


@pytest.mark.parametrize(
    ("path", "media_type"),
    [("/feeds/all.rss", "text/plain"), ("/all", "text/html"), ("/api/v1/tags", "application/problem+json")],
)
def test_a_fault_of_ours_is_logged_and_not_shown(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture, path: str, media_type: str
) -> None:
    def broken() -> datetime:
        raise RuntimeError("secret")

    visitor = visit(replace(newsroom.open(), clock=broken))
    with caplog.at_level(logging.ERROR):
        found = visitor.get(f"{path}?%0Aforged", Accept="*/*")
    assert (found.status_code, found.mimetype) == (500, media_type)
    assert "secret" not in found.text
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    (record,) = [r for r in caplog.records if r.name == "feedsvc.web.problems"]
    assert record.exc_info
    assert record.getMessage() == f"GET {path}: secret"
