"""Our hub at work, over a real store and feeds: verification, delivery, failure, end."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from feedsvc.calling import Call, Reply
from feedsvc.errors import FetchError, StoreError
from feedsvc.service import Service
from feedsvc.store.subscriptions import Asking
from feedsvc.web.publishing import Published
from feedsvc.web.rendering import Press
from feedsvc.websub.announcer import Announcer
from feedsvc.websub.deliveries import signature
from feedsvc.websub.hub import Hub
from tests.conftest import SITE, Newsroom
from tests.made import DAY, MINUTE, draft
from tests.subscriber import FakeCalls, confirming, down, fields
from tests.web import BASE, BUS, RICE

TOPIC = f"{BASE}/feeds/all.atom"
CALLBACK = "https://reader.example/push?me=1"
PATIENCE = 20.0  # seconds; nothing here takes one
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A hub, and everything around it."""

    newsroom: Newsroom
    running: Service
    published: Published
    announcer: Announcer
    hub: Hub
    calls: FakeCalls

    def ask(self, mode: str = "subscribe", callback: str = CALLBACK, **changed: Any) -> None:
        """A request is kept."""
        edition = self.published.edition(TOPIC)
        assert edition is not None
        given: dict[str, Any] = {
            "mode": mode,
            "topic": TOPIC,
            "callback": callback,
            "host": callback.split("/")[2],
            "secret": None,
            "lease": 10 * DAY,
            "digest": edition.digest,
        }
        asking = Asking(**(given | changed))
        self.running.store.subscriptions.ask(asking, self.running.clock(), lambda counts: None)

    def verify(self) -> None:
        """One tick for requests, to its end."""
        self.hub.verify()
        self.hub.wait(PATIENCE)

    def subscribe(self, callback: str = CALLBACK, **changed: Any) -> None:
        """A subscription is asked for and verified."""
        self.ask(callback=callback, **changed)
        self.verify()
        assert self.running.store.subscriptions.known(TOPIC, callback)

    def deliver(self) -> None:
        """One look and one tick for deliveries, to their end."""
        while self.announcer.due():
            self.announcer.look()
        self.hub.deliver()
        self.hub.wait(PATIENCE)


@pytest.fixture
def bench(newsroom: Newsroom) -> Iterator[Bench]:
    running = newsroom.open(f"{SITE}\n[feeds]\nhub = true\n")
    newsroom.publish("paper", BUS)
    published = Published(Press(running))
    announcer = Announcer(published, running.store, hubs=(), own=True, clock=running.clock, share=0)
    calls = FakeCalls()
    numbers = iter(range(1000))
    hub = Hub(
        published,
        running.store.subscriptions,
        calls,
        hubs=(f"{BASE}/hub",),
        clock=running.clock,
        chance=lambda: 0.0,
        challenge=lambda: f"challenge-{next(numbers)}",
        stir=announcer.stir,
    )
    yield Bench(
        newsroom=newsroom, running=running, published=published, announcer=announcer, hub=hub, calls=calls
    )
    hub.stop(PATIENCE)


def until(true: Callable[[], bool]) -> None:
    tick, end = threading.Event(), time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came"
        tick.wait(0.01)


# Verification


def test_a_subscription_is_verified(bench: Bench) -> None:
    bench.subscribe(lease=timedelta(hours=2))
    (question,) = bench.calls.questions()
    assert question == {
        "me": "1",
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.challenge": "challenge-0",
        "hub.lease_seconds": "7200",
    }
    assert bench.running.store.subscriptions.pending() == []
    bench.verify()
    assert len(bench.calls.made) == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda call: Reply(status=200, body=b"challenge-1"),
        lambda call: Reply(status=200, body=b"challenge-0\n"),
        lambda call: Reply(status=200),
        lambda call: Reply(status=404, body=b"challenge-0"),
        lambda call: Reply(status=302, body=b"challenge-0"),
        down,
    ],
)
def test_a_forged_request_has_no_effect(bench: Bench, answer: Callable[[Call], Reply]) -> None:
    bench.calls.answer = answer
    bench.ask()
    bench.verify()
    assert len(bench.calls.made) == 1
    assert bench.running.store.subscriptions.pending() == []
    assert not bench.running.store.subscriptions.known(TOPIC, CALLBACK)


def test_a_forged_request_leaves_a_subscription_as_it_is(bench: Bench) -> None:
    bench.subscribe(secret="mine")
    bench.calls.answer = lambda call: Reply(status=404)
    bench.ask(secret="theirs")
    bench.ask("unsubscribe")
    bench.verify()
    bench.verify()
    assert [q["hub.mode"] for q in bench.calls.questions()] == ["subscribe", "subscribe", "unsubscribe"]
    bench.calls.answer = confirming
    bench.newsroom.publish("paper", BUS, RICE)
    bench.deliver()
    (post,) = bench.calls.posts()
    assert post.body is not None
    assert post.headers["X-Hub-Signature"] == signature("mine", post.body)


def test_the_end_is_verified_too(bench: Bench) -> None:
    bench.subscribe()
    bench.ask("unsubscribe")
    bench.verify()
    assert fields(bench.calls.made[-1])["hub.mode"] == "unsubscribe"
    assert not bench.running.store.subscriptions.known(TOPIC, CALLBACK)


def test_nobody_is_asked_about_the_end_of_nothing(bench: Bench) -> None:
    bench.ask("unsubscribe")
    bench.verify()
    assert bench.calls.made == []
    assert bench.running.store.subscriptions.pending() == []


def test_requests_about_one_subscription_are_verified_in_their_order(bench: Bench) -> None:
    for mode in ("subscribe", "unsubscribe", "subscribe"):
        bench.ask(mode)
    bench.ask(callback="https://other.example/")
    for _ in range(3):
        bench.verify()
    own = [fields(c)["hub.mode"] for c in bench.calls.made if c.url.startswith(CALLBACK)]
    assert own == ["subscribe", "unsubscribe", "subscribe"]
    assert bench.running.store.subscriptions.known(TOPIC, CALLBACK)
    assert bench.running.store.subscriptions.known(TOPIC, "https://other.example/")


def test_a_callback_that_hangs_delays_no_other(bench: Bench) -> None:
    release = threading.Event()

    def answer(call: Call) -> Reply:
        if "slow" in call.url:
            release.wait(PATIENCE)
        return confirming(call)

    bench.calls.answer = answer
    for number in range(5):  # more than one host may have threads
        bench.ask(callback=f"https://slow.example/{number}")
    bench.ask()
    bench.hub.verify()
    until(lambda: bench.running.store.subscriptions.known(TOPIC, CALLBACK))
    until(lambda: sum("slow" in call.url for call in bench.calls.made) >= 2)
    assert sum("slow" in call.url for call in bench.calls.made) == 2
    release.set()


def test_a_topic_that_is_gone_is_denied(bench: Bench) -> None:
    gone = f"{BASE}/feeds/source/gone.atom"
    bench.ask(topic=gone)
    bench.verify()
    (said,) = bench.calls.questions()
    assert said == {
        "me": "1",
        "hub.mode": "denied",
        "hub.topic": gone,
        "hub.reason": "this site has no such feed any more",
    }
    assert bench.running.store.subscriptions.pending() == []


# Delivery


def test_new_content_comes_once_as_it_is_served(bench: Bench) -> None:
    bench.subscribe(secret="s3cret")
    bench.deliver()
    assert bench.calls.posts() == [], "it has read what was there when it subscribed"
    bench.newsroom.publish("paper", BUS, RICE)
    bench.deliver()
    bench.deliver()
    (post,) = bench.calls.posts()
    served = bench.published.edition(TOPIC)
    assert served is not None
    assert (post.url, post.body) == (CALLBACK, served.body)
    assert dict(post.headers) == {
        "Content-Type": "application/atom+xml; charset=utf-8",
        "Link": f'<{BASE}/hub>; rel="hub", <{TOPIC}>; rel="self"',
        "X-Hub-Signature": signature("s3cret", served.body),
    }


def test_without_a_secret_there_is_no_signature(bench: Bench) -> None:
    bench.subscribe()
    bench.newsroom.publish("paper", BUS, RICE)
    bench.deliver()
    (post,) = bench.calls.posts()
    assert "X-Hub-Signature" not in post.headers


def test_what_changed_between_asking_and_verifying_is_delivered(bench: Bench) -> None:
    bench.ask()
    bench.newsroom.publish("paper", BUS, RICE)
    bench.verify()
    bench.deliver()
    assert len(bench.calls.posts()) == 1


def test_who_is_down_gets_the_latest_later_and_once(bench: Bench) -> None:
    bench.subscribe()
    bench.calls.answer = down
    bench.newsroom.publish("paper", BUS, RICE)
    tried = []
    for _ in range(6):
        bench.deliver()
        tried.append(len(bench.calls.posts()))
        bench.newsroom.clock.advance(SECOND)
    assert tried == [1, 2, 2, 3, 3, 3], "after 1 s, 2 s, 4 s …"
    bench.newsroom.publish("paper", BUS, RICE, draft("又一篇"))
    bench.newsroom.publish("paper", BUS, RICE, draft("又一篇"), draft("再一篇"))
    bench.calls.answer = lambda call: Reply(status=503, retry_after=MINUTE)
    bench.newsroom.clock.advance(4 * SECOND)
    bench.deliver()
    bench.newsroom.clock.advance(59 * SECOND)
    bench.deliver()
    before = len(bench.calls.posts())
    bench.calls.answer = confirming
    bench.newsroom.clock.advance(SECOND)
    bench.deliver()
    bench.deliver()
    bench.newsroom.clock.advance(DAY)
    bench.deliver()
    after = bench.calls.posts()
    assert len(after) == before + 1
    served = bench.published.edition(TOPIC)
    assert served is not None
    assert after[-1].body == served.body


def test_a_redirect_is_a_failure_and_410_the_end(bench: Bench) -> None:
    bench.subscribe()
    bench.calls.answer = lambda call: Reply(status=308)
    bench.newsroom.publish("paper", BUS, RICE)
    bench.deliver()
    bench.newsroom.clock.advance(MINUTE)
    bench.calls.answer = lambda call: Reply(status=410)
    bench.deliver()
    assert len(bench.calls.posts()) == 2
    assert not bench.running.store.subscriptions.known(TOPIC, CALLBACK)


def test_a_lease_that_is_over_is_the_end(bench: Bench) -> None:
    bench.subscribe(lease=DAY)
    bench.newsroom.clock.advance(DAY)
    bench.newsroom.publish("paper", BUS, RICE)
    bench.deliver()
    assert bench.calls.posts() == []
    bench.hub.expire()
    assert not bench.running.store.subscriptions.known(TOPIC, CALLBACK)


def test_slow_subscribers_delay_nobody(bench: Bench) -> None:
    release = threading.Event()

    def answer(call: Call) -> Reply:
        if call.method == "POST" and "slow" in call.url:
            release.wait(PATIENCE)
            raise FetchError(call.url, "no answer within 10 s")
        return confirming(call)

    for number in range(10):
        bench.subscribe(f"https://slow.example/{number}")
    bench.subscribe()
    bench.calls.answer = answer
    bench.newsroom.publish("paper", BUS, RICE)
    while bench.announcer.due():
        bench.announcer.look()
    bench.hub.deliver()
    until(lambda: len(bench.calls.posts()) == 5)
    assert sum("slow" in call.url for call in bench.calls.posts()) == 4
    release.set()
    until(lambda: len(bench.calls.posts()) == 11)  # the others follow as soon as there is room
    bench.hub.wait(PATIENCE)


def test_when_the_store_fails_after_a_delivery_it_is_not_made_again(bench: Bench) -> None:
    bench.subscribe()
    store = bench.running.store.subscriptions
    bench.newsroom.publish("paper", BUS, RICE)
    while bench.announcer.due():
        bench.announcer.look()
    (waiting,) = store.waiting(bench.running.clock())
    failing = Failing(store)
    hub = Hub(
        bench.published,
        failing,  # type: ignore[arg-type]
        bench.calls,
        hubs=(f"{BASE}/hub",),
        clock=bench.running.clock,
        chance=lambda: 0.0,
        challenge=str,
        stir=lambda: None,
    )
    with pytest.raises(StoreError):
        hub.send(waiting.id)
    failing.fails = False
    hub.send(waiting.id)
    assert len(bench.calls.posts()) == 1
    assert store.waiting(bench.running.clock()) == []


class Failing:
    """A store that cannot note deliveries, as long as it `fails`."""

    def __init__(self, store: object) -> None:
        self._store = store
        self.fails = True

    def delivered(self, *given: object) -> None:
        """Notes one."""
        if self.fails:
            raise StoreError("the disk is full")
        self._store.delivered(*given)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def test_a_subscription_to_a_feed_that_is_gone_is_denied_and_ends(bench: Bench) -> None:
    gone = f"{BASE}/feeds/source/gone.atom"
    store = bench.running.store.subscriptions
    bench.ask(topic=gone)
    store.begin(store.pending()[-1], bench.running.clock() + DAY, bench.running.clock())
    bench.deliver()
    (said,) = bench.calls.questions()
    assert (said["hub.mode"], said["hub.topic"]) == ("denied", gone)
    assert store.topics() == set()
