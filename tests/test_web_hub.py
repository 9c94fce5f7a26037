"""/hub over HTTP: what is taken, what is refused and how, and what feeds say of hubs."""

import json
from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest
from lxml import etree
from werkzeug.test import TestResponse

from feedsvc.service import Service
from feedsvc.store.subscriptions import Asking
from feedsvc.web import publishing
from feedsvc.web.rendering import Press
from feedsvc.websub import requests
from tests.conftest import SITE, Newsroom
from tests.made import MINUTE
from tests.web import ATOM, BASE, BUS, RICE, SUFFIXES, Visitor, visit

ON = f'{SITE}\n[feeds]\nhub = true\nhubs = ["https://public.example/"]\n'
FORM = "application/x-www-form-urlencoded"
CALLBACK = "https://reader.example/push"
TOPIC = f"{BASE}/feeds/all.atom"


@pytest.fixture
def running(newsroom: Newsroom) -> Service:
    """A site with a hub and two articles."""
    running = newsroom.open(ON)
    newsroom.publish("paper", BUS, RICE)
    return running


@pytest.fixture
def visitor(running: Service) -> Visitor:
    return visit(running)


def post(visitor: Visitor, content_type: str = FORM, **changed: str) -> TestResponse:
    """A request to the hub; `hub_mode="…"` changes a field."""
    fields = {"hub_mode": "subscribe", "hub_topic": TOPIC, "hub_callback": CALLBACK} | changed
    body = urlencode({name.replace("_", ".", 1): value for name, value in fields.items()})
    return send(visitor, body.encode(), content_type)


def send(visitor: Visitor, body: bytes, content_type: str | None = FORM) -> TestResponse:
    headers = {"Accept": "text/html", "Host": "evil.example"}
    return visitor.client.post("/hub", data=body, content_type=content_type, headers=headers, buffered=True)


def line(found: TestResponse, status: int) -> str:
    """The sentence of an answer of the hub."""
    assert found.status_code == status, found.text
    assert found.content_type == "text/plain; charset=utf-8"
    assert found.headers["Cache-Control"] == "no-store"
    assert found.text.endswith("\n")
    assert found.text.count("\n") == 1
    return found.text.strip()


def pending(running: Service) -> list[Asking]:
    return running.store.subscriptions.pending()


def test_a_request_is_accepted_and_kept_for_who_is_on_duty(running: Service, visitor: Visitor) -> None:
    line(post(visitor, hub_secret="s3cret", hub_lease_seconds="7200"), 202)
    (kept,) = pending(running)
    assert (kept.mode, kept.topic, kept.callback, kept.host) == (
        "subscribe",
        TOPIC,
        CALLBACK,
        "reader.example",
    )
    assert (kept.secret, kept.lease) == ("s3cret", timedelta(hours=2))
    served = publishing.Published(Press(running)).edition(TOPIC)
    assert served is not None
    assert kept.digest == served.digest
    line(post(visitor, f"{FORM}; charset=UTF-8", hub_mode="unsubscribe"), 202)
    assert [each.mode for each in pending(running)] == ["subscribe", "unsubscribe"]


@pytest.mark.parametrize(
    ("changed", "status", "reason"),
    [
        ({"hub_topic": f"{BASE}/feeds/source/nobody.atom"}, 404, "hub.topic: there is no source 'nobody'"),
        ({"hub_topic": "https://other.example/feed"}, 404, "hub.topic: it is no feed of this site"),
        ({"hub_topic": f"{BASE}/feeds/all"}, 404, "hub.topic: a feed ends in .rss, .atom or .json"),
        (
            {"hub_topic": f"{BASE}/feeds/category/三农.atom"},
            400,
            f"hub.topic: its canonical URL is {BASE}/feeds/category/agriculture.atom",
        ),
        ({"hub_mode": "publish"}, 400, "hub.mode is subscribe or unsubscribe"),
        ({"hub_callback": "http://127.0.0.1/x"}, 400, "hub.callback leads to a private address (127.0.0.1)"),
        ({"hub_callback": "nonsense"}, 400, "hub.callback is an http or https URL"),
        ({"hub_secret": "x" * 201}, 400, "hub.secret is longer than 200 bytes"),
        ({"hub_lease_seconds": "soon"}, 400, "hub.lease_seconds is a positive whole number"),
        ({"x": "x" * 9000}, 413, "the form is larger than 8192 bytes"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    running: Service, visitor: Visitor, changed: dict[str, str], status: int, reason: str
) -> None:
    assert line(post(visitor, **changed), status).startswith(reason)
    assert pending(running) == []


@pytest.mark.parametrize("content_type", [None, "application/json", "multipart/form-data; boundary=x"])
def test_only_forms_are_read(visitor: Visitor, content_type: str | None) -> None:
    assert line(send(visitor, b"hub.mode=subscribe", content_type), 415)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"%ff=%ff", b"&" * 8000])
def test_nonsense_is_refused(visitor: Visitor, body: bytes) -> None:
    line(send(visitor, body), 400)


def test_private_callbacks_are_taken_where_they_are_allowed(newsroom: Newsroom) -> None:
    running = newsroom.open(f'{ON}\n[refresh]\nallow_networks = ["127.0.0.0/8"]\n')
    line(post(visit(running), hub_callback="http://127.0.0.1:8081/x"), 202)
    line(post(visit(running), hub_callback="http://10.0.0.1/x"), 400)


def test_there_is_a_limit_for_every_host(newsroom: Newsroom, running: Service, visitor: Visitor) -> None:
    for number in range(requests.ASKED_BY_HOST):
        line(post(visitor, hub_callback=f"{CALLBACK}/{number}"), 202)
    refused = post(visitor)
    assert "in a minute" in line(refused, 429)
    assert refused.headers["Retry-After"] == "60"
    line(post(visitor, hub_callback="https://another.example/"), 202)
    newsroom.clock.advance(MINUTE)
    line(post(visitor), 202)


def test_other_methods_are_refused(visitor: Visitor) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        found = visitor.ask(method, "/hub")
        assert found.status_code == 405
        assert "POST" in found.headers["Allow"]


@pytest.mark.parametrize("path", ["/hub/x", "/hubs"])
def test_it_is_at_one_address(visitor: Visitor, path: str) -> None:
    assert visitor.client.post(path, data=b"", content_type=FORM).status_code in (404, 405)
    assert visitor.get(path).status_code == 404


def test_without_a_hub_there_is_nothing(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open())
    assert visitor.get("/hub").status_code == 404
    assert post(visitor).status_code == 404
    assert publishing.duties(Press(newsroom.opened[0])) is None


def test_duties_are_there_with_any_hub(newsroom: Newsroom) -> None:
    for setting in ("hub = true", 'hubs = ["https://public.example/"]'):
        made = publishing.duties(Press(newsroom.open(f"{SITE}\n[feeds]\n{setting}\n")))
        assert made is not None
        made.stop()


# What feeds say


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("address", ["all", "category/agriculture", f"tag/{quote('枫桥经验')}/limit/3"])
def test_every_feed_names_its_hubs_and_itself(visitor: Visitor, address: str, suffix: str) -> None:
    own = f"{BASE}/feeds/{address}.{suffix}"
    hubs = ["https://public.example/", f"{BASE}/hub"]
    found = visitor.get(f"/feeds/{address}.{suffix}")
    named = [f'<{hub}>; rel="hub"' for hub in hubs]
    assert found.headers["Link"] == ", ".join([*named, f'<{own}>; rel="self"'])
    if suffix == "json":
        document = json.loads(found.text)
        assert document["hubs"] == [{"type": "WebSub", "url": hub} for hub in hubs]
        assert document["feed_url"] == own
    else:
        links = [
            (link.get("rel"), link.get("href")) for link in etree.fromstring(found.data).iter(f"{ATOM}link")
        ]
        assert [href for rel, href in links if rel == "hub"] == hubs
        assert [href for rel, href in links if rel == "self"] == [own]
    again = visitor.get(f"/feeds/{address}.{suffix}", If_None_Match=found.headers["ETag"])
    assert again.status_code == 304
    assert "Link" not in again.headers


def test_archives_are_not_subscribed_to(visitor: Visitor) -> None:
    assert "Link" not in visitor.get("/feeds/all/archive/1.atom").headers
    assert line(post(visitor, hub_topic=f"{BASE}/feeds/all/archive/1.atom"), 404)


def test_without_hubs_feeds_name_none(newsroom: Newsroom) -> None:
    found = visit(newsroom.open()).get("/feeds/all.atom")
    assert "Link" not in found.headers
    assert b'rel="hub"' not in found.data


def test_what_is_no_feed_names_no_hub(visitor: Visitor) -> None:
    for path in ("/", "/all", "/opml.xml", "/api/v1/articles", "/feeds/all"):
        assert 'rel="hub"' not in visitor.get(path).headers.get("Link", "")
