"""What holds for every answer: no link from a header, guards on all, nothing before it is ready."""

import pytest

from tests.conftest import Newsroom
from tests.made import draft
from tests.web import SUFFIXES, Visitor, visit


@pytest.fixture
def paper(newsroom: Newsroom) -> Visitor:
    """A visitor of a site with one article."""
    service = newsroom.open()
    newsroom.publish("paper", draft("县城通了新公交", tags=("公交",), category="city", regions=("330424",)))
    return visit(service)


PATHS = ["/", "/all", "/sources", "/nothing", "/opml.xml", "/robots.txt", "/sitemap.xml", "/feeds/all"]
PATHS += [f"/feeds/all.{suffix}" for suffix in SUFFIXES]
PATHS += [
    "/feeds/x",
    "/api/v1/articles",
    "/api/v1/x",
    "/healthz",
    "/readyz",
    "/static/style.css",
    "/favicon.ico",
]
FORGED = {
    "Host": "evil.example:81",
    "X_Forwarded_Host": "evil.example",
    "X_Forwarded_Proto": "gopher",
    "X_Forwarded_For": "203.0.113.9",
    "X_Forwarded_Prefix": "/evil",
    "X_Original_URL": "/evil",
    "Forwarded": "host=evil.example;proto=gopher",
    "Cookie": "session=evil",
    "Referer": "https://evil.example/",
}


@pytest.mark.parametrize("path", PATHS)
def test_no_header_of_a_request_reaches_a_link(paper: Visitor, path: str) -> None:
    plain, forged = paper.get(path), paper.get(path, **FORGED)
    assert forged.data == plain.data
    assert b"evil" not in forged.data

    def fields(answer: object) -> dict[str, str]:
        return {k: v for k, v in answer.headers.items() if k != "Date"}  # type: ignore[attr-defined]

    assert fields(forged) == fields(plain)


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_guarded(paper: Visitor, path: str) -> None:
    headers = paper.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script" not in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers
    assert "Cache-Control" in headers


def test_nothing_is_answered_from_a_catalog_that_is_not_loaded(newsroom: Newsroom) -> None:
    service = newsroom.open()
    service.catalog.loaded = False
    visitor = visit(service)
    assert visitor.get("/healthz").status_code == 200
    for path in ("/readyz", "/", "/feeds/all.rss", "/api/v1/articles"):
        found = visitor.get(path)
        assert found.status_code == 503
        assert found.headers["Retry-After"] == "1"
        assert found.headers["Cache-Control"] == "no-store"
    service.catalog.load()
    assert visitor.get("/readyz").status_code == 200
    assert visitor.get("/feeds/all.rss").status_code == 200
