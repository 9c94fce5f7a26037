"""Asking the web application, and reading what it says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import lxml.html
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

from feedsvc.service import Service
from feedsvc.web.app import create_app
from tests.made import draft

BASE = "https://news.example"
ATOM = "{http://www.w3.org/2005/Atom}"
SUFFIXES = ("rss", "atom", "json")

BUS = draft(
    "县城通了新公交",
    guid="bus",
    link="https://paper.example/bus",
    html="<p>三路车开到了汽车站。</p>",
    summary="三路车开到了汽车站。",
    tags=("公交", "枫桥经验"),
    category="city",
    regions=("330424",),
)
RICE = draft(
    "晚稻开镰",
    guid="rice",
    link="https://paper.example/rice",
    html="<p>秋收开始了。</p>",
    tags=("晚稻",),
    category="agriculture",
    regions=("330400",),
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A client of one service's application."""

    client: FlaskClient

    def get(self, path: str, **headers: str) -> TestResponse:
        """The answer to a GET; header names with `_` for `-`."""
        return self.ask("GET", path, **headers)

    def ask(self, method: str, path: str, **headers: str) -> TestResponse:
        """The answer to any request. A URL below BASE is asked for by its path."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(path.removeprefix(BASE), method=method, headers=fields, buffered=True)

    def json(self, path: str) -> Any:
        """The document of an answer that must be 200."""
        found = self.get(path)
        assert found.status_code == 200, found.text
        return found.json

    def page(self, path: str) -> Any:
        """The tree of a page that must be there."""
        found = self.get(path)
        assert found.status_code == 200, found.text
        assert found.content_type == "text/html; charset=utf-8"
        return lxml.html.document_fromstring(found.text)


def visit(service: Service) -> Visitor:
    """A visitor of `service`."""
    return Visitor(create_app(service).test_client())


def titles(found: TestResponse) -> list[str]:
    """The titles of a feed's entries, in any of the three formats."""
    assert found.status_code == 200, found.text
    if found.mimetype == "application/feed+json":
        assert found.json is not None
        return [item["title"] for item in found.json["items"]]
    root = etree.fromstring(found.data)
    within = f"{ATOM}entry/{ATOM}title" if root.tag == f"{ATOM}feed" else "channel/item/title"
    return [element.text or "" for element in root.findall(within)]


def links(page: Any, where: Callable[[str], bool] = bool) -> Iterator[str]:
    """Every link of a page's body that leads to this site, as a path."""
    for href in page.xpath("//body//a/@href"):
        url = href.removeprefix(BASE)
        if url.startswith("/") and not urlsplit(url).netloc and where(url):
            yield url
