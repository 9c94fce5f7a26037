"""Pushing to a site in tests: an editor with a key."""

from dataclasses import dataclass, replace
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedsvc.children import Runner
from feedsvc.service import Service
from feedsvc.web.app import create_app
from tests.conftest import SITE
from tests.fakes import InProcess
from tests.web import BASE, Visitor

KEY = "correct-horse-battery"
PUSH_SITE = f"""
{SITE}
[server]
api_keys = ["another-key-altogether", "{KEY}"]

[[sources]]
id = "cms"
kind = "push"
title = "采编系统"
region = "330400"
"""
SECOND = '\n[[sources]]\nid = "wire2"\nkind = "push"\n'
ARTICLES = "/api/v1/articles"
BUS = {"guid": "bus", "title": "县城通了新公交", "content_html": "<p>三路车开到了汽车站。</p>"}
RICE = {
    "guid": "rice",
    "title": "我市晚稻开镰",
    "url": "https://cms.example/rice",
    "content_text": "秋收开始了。",
}
NOBODY = "00000000-0000-5000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Editor:
    """Writes to one site. `reader` looks at the same one."""

    client: FlaskClient
    reader: Visitor

    def post(self, document: object, query: str = "", **headers: str) -> TestResponse:
        """The answer to a document that is pushed."""
        return self.ask("POST", f"{ARTICLES}{query}", document, **headers)

    def put(self, path: str, document: object) -> TestResponse:
        """The answer to a replacement; `path` goes on from that of all articles."""
        return self.ask("PUT", f"{ARTICLES}{path}", document)

    def delete(self, path: str) -> TestResponse:
        """The answer to a withdrawal; `path` goes on from that of all articles."""
        return self.ask("DELETE", f"{ARTICLES}{path}")

    def ask(self, method: str, path: str, document: object = None, **headers: str) -> TestResponse:
        """The answer to any request, with the key; `document` bytes or a JSON value, none if None."""
        fields = {"Authorization": f"Bearer {KEY}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        given: dict[str, Any] = {"headers": fields}
        if isinstance(document, bytes):
            given["data"] = document
            fields.setdefault("Content-Type", "application/json")
        elif document is not None:
            given["json"] = document
        return self.client.open(path.removeprefix(BASE), method=method, buffered=True, **given)


def editor(service: Service, children: Runner | None = None) -> Editor:
    """An editor of `service`, whose documents are read in this process unless there are `children`."""
    client = create_app(replace(service, children=children or InProcess())).test_client()
    return Editor(client, Visitor(client))


def pushed(answer: TestResponse, status: int = 201) -> list[dict[str, Any]]:
    """The items of an answer that must have this status."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json is not None
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """The problem that an answer tells, which must have this status (RFC 9457)."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = answer.json or {}
    assert found["status"] == status
    assert found["title"]
    assert found["detail"]
    return found
