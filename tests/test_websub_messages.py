"""What WebSub says over HTTP: questions, deliveries, pings, and when it says it again."""

import hashlib
import hmac
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from feedsvc.calling import Reply
from feedsvc.store.announcements import Ping, Round
from feedsvc.store.subscriptions import Asking, Subscription
from feedsvc.websub import backoff
from feedsvc.websub.deliveries import Outcome, delivery, outcome, signature
from feedsvc.websub.pings import ping
from feedsvc.websub.publications import Edition
from feedsvc.websub.questions import confirmed, denial, question

TOPIC = "https://news.example/feeds/tag/%E5%85%AC%E4%BA%A4.atom"
HUBS = ("https://public.example/", "https://news.example/hub")


def asking(**changed: object) -> Asking:
    given: dict[str, object] = {
        "mode": "subscribe",
        "topic": TOPIC,
        "callback": "https://reader.example/push",
        "host": "reader.example",
        "secret": None,
        "lease": timedelta(days=10),
        "digest": "d" * 32,
    }
    return Asking(**(given | changed))  # type: ignore[arg-type]


def test_a_question() -> None:
    url = urlsplit(question(asking(), "c/h+a"))
    assert (url.scheme, url.netloc, url.path) == ("https", "reader.example", "/push")
    assert dict(parse_qsl(url.query, strict_parsing=True)) == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.challenge": "c/h+a",
        "hub.lease_seconds": "864000",
    }


def test_a_question_about_the_end_names_no_lease() -> None:
    query = parse_qsl(urlsplit(question(asking(mode="unsubscribe"), "c")).query)
    assert [name for name, _ in query] == ["hub.mode", "hub.topic", "hub.challenge"]


def test_the_query_of_a_callback_stays_as_it_is() -> None:
    given = "https://reader.example/push?a=%2F+x&hub.mode=mine&b"
    assert question(asking(callback=given), "c").startswith(f"{given}&hub.mode=subscribe&hub.topic=https%3A")


def test_a_denial() -> None:
    query = dict(parse_qsl(urlsplit(denial("https://reader.example/?x=1", TOPIC, "it is gone")).query))
    assert query == {"x": "1", "hub.mode": "denied", "hub.topic": TOPIC, "hub.reason": "it is gone"}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"abc", True),
        (202, b"abc", True),
        (299, b"abc", True),
        (200, b"abd", False),
        (200, b"abc\n", False),
        (200, b"", False),
        (200, b"xabc", False),
        (200, b"\xff", False),
        (302, b"abc", False),
        (404, b"abc", False),
        (500, b"abc", False),
    ],
)
def test_only_success_with_the_challenge_is_a_yes(status: int, body: bytes, expected: bool) -> None:
    assert confirmed(Reply(status=status, body=body), "abc") is expected


def subscription(secret: str | None = None) -> Subscription:
    return Subscription(
        id=1, topic=TOPIC, callback="https://r.example/", host="r.example", secret=secret, sent="", failures=0
    )


def test_a_delivery() -> None:
    edition = Edition(
        body="<feed>新闻</feed>".encode(), content_type="application/atom+xml; charset=utf-8", digest="d"
    )
    call = delivery(subscription(), edition, HUBS)
    assert (call.method, call.url, call.body) == ("POST", "https://r.example/", edition.body)
    assert dict(call.headers) == {
        "Content-Type": "application/atom+xml; charset=utf-8",
        "Link": f'<https://public.example/>; rel="hub", <https://news.example/hub>; rel="hub", '
        f'<{TOPIC}>; rel="self"',
    }
    signed = delivery(subscription("密钥"), edition, HUBS).headers["X-Hub-Signature"]
    assert signed == "sha256=" + hmac.digest("密钥".encode(), edition.body, "sha256").hex()


def test_signatures_are_those_of_the_test_vectors() -> None:
    # RFC 4231, section 4.3
    assert signature("Jefe", b"what do ya want for nothing?") == (
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
    assert signature("", b"") == f"sha256={hmac.new(b'', b'', hashlib.sha256).hexdigest()}"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Outcome.DELIVERED),
        (202, Outcome.DELIVERED),
        (204, Outcome.DELIVERED),
        (301, Outcome.FAILED),
        (308, Outcome.FAILED),
        (400, Outcome.FAILED),
        (404, Outcome.FAILED),
        (410, Outcome.OVER),
        (429, Outcome.FAILED),
        (503, Outcome.FAILED),
    ],
)
def test_what_answers_to_deliveries_mean(status: int, expected: Outcome) -> None:
    assert outcome(Reply(status=status)) is expected


def test_a_ping() -> None:
    topics = ("https://news.example/feeds/all.rss", TOPIC)
    round_ = Round(hub=HUBS[0], pings=tuple(Ping(topic=t, revision=1) for t in topics), failures=0)
    call = ping(round_)
    assert (call.method, call.url) == ("POST", HUBS[0])
    assert call.headers == {"Content-Type": "application/x-www-form-urlencoded"}
    assert call.body is not None
    assert parse_qsl(call.body.decode(), strict_parsing=True) == [
        ("hub.mode", "publish"),
        ("hub.url", topics[0]),
        ("hub.url", topics[1]),
    ]


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (8, 128), (11, 1024), (12, 1800), (10**9, 1800)]
)
def test_waits_double_up_to_half_an_hour(failures: int, seconds: int) -> None:
    assert backoff.wait(failures, 0.0) == timedelta(seconds=seconds)
    assert backoff.wait(failures, 1.0) == timedelta(seconds=seconds) * 1.2


def test_who_asks_for_more_time_gets_it_up_to_a_day() -> None:
    assert backoff.wait(1, 0.0, timedelta(hours=2)) == timedelta(hours=2)
    assert backoff.wait(12, 0.0, timedelta(seconds=5)) == timedelta(minutes=30)
    assert backoff.wait(1, 0.0, timedelta(days=9)) == timedelta(days=1)
