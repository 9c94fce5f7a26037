"""Public hubs are told until they have taken it; threads for calls are bounded and independent."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from feedsvc.calling import Call, Reply
from feedsvc.errors import FetchError, StoreError
from feedsvc.store import Store
from feedsvc.store.announcements import News
from feedsvc.websub.crew import Crew
from feedsvc.websub.duties import Duties
from feedsvc.websub.pinger import Pinger
from tests.conftest import Clock
from tests.made import DAY, MINUTE
from tests.subscriber import FakeCalls, down

HUB, SECOND = "https://hub.example/", "https://second.example/"
PATIENCE = 20.0
SECONDS = timedelta(seconds=1)


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'feedsvc.db'}", clock())
    yield opened
    opened.close()


@pytest.fixture
def calls() -> FakeCalls:
    return FakeCalls()


@pytest.fixture
def pinger(store: Store, clock: Clock, calls: FakeCalls) -> Iterator[Pinger]:
    made = Pinger(store.announcements, calls, hubs=(HUB, SECOND), clock=clock, chance=lambda: 0.0)
    yield made
    made.stop(PATIENCE)


def changed(store: Store, clock: Clock, *names: str, revision: int = 1) -> None:
    """Topics changed; a moment later."""
    found = [
        News(topic=f"https://n.example/{n}", mark="m", digest="d", ping=True, revision=revision)
        for n in names
    ]
    store.announcements.note(found, (HUB, SECOND), clock())
    clock.advance(SECONDS)


def send(pinger: Pinger) -> None:
    pinger.send()
    pinger.stop(PATIENCE)


def told(calls: FakeCalls, hub: str) -> list[list[str]]:
    """Of which topics a hub was told, ping by ping."""
    found = []
    for call in calls.made:
        if call.url == hub:
            assert call.body is not None
            form = parse_qs(call.body.decode())
            assert form["hub.mode"] == ["publish"]
            found.append([url.removeprefix("https://n.example/") for url in form["hub.url"]])
    return found


def until(true: Callable[[], bool]) -> None:
    tick, end = threading.Event(), time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came"
        tick.wait(0.01)


def test_every_hub_is_told_once_in_batches(
    store: Store, clock: Clock, pinger: Pinger, calls: FakeCalls
) -> None:
    names = [f"{number:03}" for number in range(120)]
    changed(store, clock, *names)
    for _ in range(5):
        send(pinger)
    for hub in (HUB, SECOND):
        assert told(calls, hub) == [names[:50], names[50:100], names[100:]]


def test_a_hub_that_fails_is_told_later_and_delays_no_other(
    store: Store, clock: Clock, pinger: Pinger, calls: FakeCalls
) -> None:
    calls.answer = lambda call: down(call) if call.url == HUB else Reply(status=204)
    changed(store, clock, "a")
    for _ in range(4):
        send(pinger)
        clock.advance(SECONDS)
    assert told(calls, HUB) == [["a"]] * 3, "after 1 s, 2 s, 4 s …"
    assert told(calls, SECOND) == [["a"]]
    changed(store, clock, "b", revision=2)
    calls.answer = lambda call: Reply(status=204)
    clock.advance(MINUTE)
    send(pinger)
    send(pinger)
    assert told(calls, HUB)[3:] == [["a", "b"]]
    assert told(calls, SECOND) == [["a"], ["b"]]


def test_a_hub_may_ask_for_time(store: Store, clock: Clock, pinger: Pinger, calls: FakeCalls) -> None:
    calls.answer = lambda call: Reply(status=429, retry_after=10 * MINUTE)
    changed(store, clock, "a")
    send(pinger)
    clock.advance(9 * MINUTE)
    send(pinger)
    assert len(told(calls, HUB)) == 1
    clock.advance(MINUTE)
    send(pinger)
    assert len(told(calls, HUB)) == 2


def test_a_hub_that_is_gone_for_a_day_is_given_up(
    store: Store, clock: Clock, pinger: Pinger, calls: FakeCalls, caplog: pytest.LogCaptureFixture
) -> None:
    calls.answer = down
    changed(store, clock, "a", "b")
    send(pinger)
    clock.advance(DAY)
    with caplog.at_level(logging.WARNING):
        pinger.give_up()
    assert f"{HUB} took no ping for a day: it will not hear of 2 topics" in caplog.messages
    send(pinger)
    assert len(told(calls, HUB)) == 1


def test_a_hub_that_hangs_is_asked_once_and_delays_no_other(
    store: Store, clock: Clock, pinger: Pinger, calls: FakeCalls
) -> None:
    release = threading.Event()

    def answer(call: Call) -> Reply:
        if call.url == HUB:
            release.wait(PATIENCE)
        return Reply(status=204)

    calls.answer = answer
    changed(store, clock, "a")
    for number in range(3):
        pinger.send()
        until(lambda n=number: len(told(calls, SECOND)) == n + 1)  # type: ignore[misc]
        changed(store, clock, f"{number}", revision=number + 2)
    assert len(told(calls, HUB)) == 1
    release.set()


# Crews


def test_a_crew_is_bounded_by_all_by_host_and_by_key() -> None:
    release = threading.Event()
    crew = Crew("test", limit=3, per_host=2)
    begun = [
        crew.run(key, host, lambda: release.wait(PATIENCE))
        for key, host in ((1, "a"), (1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "c"))
    ]
    assert begun == [True, False, True, False, True, False]
    release.set()
    crew.join(PATIENCE)
    assert crew.run(1, "a", lambda: None)
    crew.join(PATIENCE)


def test_a_crew_waits_for_nothing_slow() -> None:
    release = threading.Event()
    crew = Crew("test", limit=1, per_host=1)
    crew.run(1, "a", lambda: release.wait(PATIENCE))
    began = time.monotonic()
    crew.join(0.05)
    assert time.monotonic() - began < PATIENCE / 2
    release.set()
    crew.join(PATIENCE)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (FetchError("https://x.example/", "is away"), "test: https://x.example/: is away"),
        (ValueError("x"), "internal"),
    ],
)
def test_what_fails_is_logged_and_rests(
    error: Exception, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    after = threading.Event()
    crew = Crew("test", limit=1, per_host=1, after=after.set)

    def fail() -> None:
        raise error

    with caplog.at_level(logging.ERROR):
        assert crew.run(1, "a", fail)
        assert after.wait(PATIENCE)
        crew.join(PATIENCE)
    assert any(message.startswith(line) for message in caplog.messages)
    assert not crew.run(1, "a", fail)
    assert crew.run(2, "a", lambda: None)
    crew.join(PATIENCE)


class Broken:
    """An announcer or pinger whose store is away; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def due(self) -> bool:
        """Never: it cannot know."""
        self.asked += 1
        raise StoreError("the disk is full")


def test_a_tick_that_fails_says_so_and_rests(pinger: Pinger) -> None:
    broken = Broken()
    duties = Duties(broken, pinger, None)  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        duties.tick()
    duties.tick()
    duties.stop()
    assert broken.asked == 1
