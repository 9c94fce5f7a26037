"""The store of the hub: requests, subscriptions, what each is to get, what public hubs are to be told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from feedsvc.store import Store
from feedsvc.store.announcements import Announcements, Known, News, Ping
from feedsvc.store.subscriptions import Asking, Counts, Subscriptions
from tests.made import DAY, MINUTE, NOW

TOPIC, OTHER = "https://news.example/feeds/all.atom", "https://news.example/feeds/all.rss"
HUB, SECOND = "https://hub.example/", "https://second.example/"
SECONDS = timedelta(seconds=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'feedsvc.db'}", NOW)
    yield opened
    opened.close()


@pytest.fixture
def subscriptions(store: Store) -> Subscriptions:
    return store.subscriptions


@pytest.fixture
def announcements(store: Store) -> Announcements:
    return store.announcements


def asking(topic: str = TOPIC, callback: str = "https://reader.example/", **changed: object) -> Asking:
    given: dict[str, object] = {
        "mode": "subscribe",
        "topic": topic,
        "callback": callback,
        "host": callback.split("/")[2],
        "secret": "s",
        "lease": 10 * DAY,
        "digest": "old",
    }
    return Asking(**(given | changed))  # type: ignore[arg-type]


def asked(subscriptions: Subscriptions, wish: Asking, now: datetime = NOW) -> Asking:
    """Asks, and returns the request as it was kept."""
    assert subscriptions.ask(wish, now, lambda counts: None) is None
    return subscriptions.pending()[-1]


def subscribed(subscriptions: Subscriptions, wish: Asking | None = None) -> int:
    """A subscription, begun at NOW; its id."""
    kept = asked(subscriptions, wish or asking())
    subscriptions.begin(kept, NOW + kept.lease, NOW)
    subscriptions.wake(kept.topic, NOW)
    idents = waiting(subscriptions)
    for ident in idents:
        found = subscriptions.get(ident)
        assert found is not None
        subscriptions.settle(ident, found.sent)
    return max(idents)


def waiting(subscriptions: Subscriptions, now: datetime = NOW) -> list[int]:
    return [w.id for w in subscriptions.waiting(now)]


def noted(announcements: Announcements, digest: str | None, topic: str = TOPIC, **changed: object) -> None:
    given: dict[str, object] = {"topic": topic, "mark": "m", "digest": digest, "ping": False, "revision": 1}
    announcements.note([News(**(given | changed))], (HUB, SECOND), NOW)  # type: ignore[arg-type]


# Requests


def test_requests_come_out_as_they_went_in_and_in_their_order(subscriptions: Subscriptions) -> None:
    first, second = asking(), asking(mode="unsubscribe", secret=None, lease=MINUTE)
    asked(subscriptions, first)
    asked(subscriptions, second)
    found = subscriptions.pending()
    assert [(f.mode, f.secret, f.lease, f.digest) for f in found] == [
        ("subscribe", "s", 10 * DAY, "old"),
        ("unsubscribe", None, MINUTE, "old"),
    ]
    assert subscriptions.is_pending(found[0])
    subscriptions.dismiss(found[0])
    assert not subscriptions.is_pending(found[0])
    assert subscriptions.pending() == found[1:]


def test_an_objection_keeps_a_request_out(subscriptions: Subscriptions) -> None:
    assert subscriptions.ask(asking(), NOW, lambda counts: "no") == "no"
    assert subscriptions.pending() == []


def test_what_is_counted(subscriptions: Subscriptions) -> None:
    seen: list[Counts] = []

    def count(wish: Asking, now: datetime = NOW) -> Counts:
        subscriptions.ask(wish, now, lambda counts: seen.append(counts) or "no")  # type: ignore[func-returns-value]
        return seen[-1]

    assert count(asking()) == Counts(asked=0, asked_by_host=0, held=0, held_by_host=0)
    subscribed(subscriptions)
    subscribed(subscriptions, asking(callback="https://second.example/"))
    asked(subscriptions, asking(OTHER))
    asked(subscriptions, asking(OTHER, mode="unsubscribe"))
    # The subscription that is asked for again is not counted, the request that waits is.
    assert count(asking()) == Counts(asked=4, asked_by_host=3, held=2, held_by_host=1)
    assert count(asking(callback="https://reader.example/2")) == Counts(
        asked=4, asked_by_host=3, held=3, held_by_host=2
    )
    assert count(asking(), NOW + MINUTE) == Counts(asked=0, asked_by_host=0, held=2, held_by_host=1)


def test_requests_are_forgotten_when_done_or_old(subscriptions: Subscriptions) -> None:
    done = asked(subscriptions, asking())
    subscriptions.dismiss(done)
    old = asked(subscriptions, asking())
    subscriptions.expire(NOW + 2 * MINUTE)
    assert subscriptions.pending() == [old]
    subscriptions.expire(NOW + 11 * MINUTE)
    assert subscriptions.pending() == []
    new = asked(subscriptions, asking())
    assert new.id > old.id > done.id, "no number is given twice"


# Subscriptions


def test_a_new_subscription_wants_what_changed_since_it_was_asked_for(
    subscriptions: Subscriptions, announcements: Announcements
) -> None:
    noted(announcements, "old")
    subscriptions.begin(asked(subscriptions, asking()), NOW + DAY, NOW)
    assert waiting(subscriptions) == []
    noted(announcements, "new")
    (ident,) = waiting(subscriptions)
    other = asked(subscriptions, asking(callback="https://other.example/"))
    subscriptions.begin(other, NOW + DAY, NOW)
    assert len(waiting(subscriptions)) == 2
    assert subscriptions.get(ident) is not None
    assert subscriptions.topics() == {TOPIC}


def test_only_who_has_not_got_it_is_sent_it(
    subscriptions: Subscriptions, announcements: Announcements
) -> None:
    mine, theirs = subscribed(subscriptions), subscribed(subscriptions, asking(OTHER))
    noted(announcements, "old")
    assert waiting(subscriptions) == []
    noted(announcements, "new")
    assert waiting(subscriptions) == [mine]
    noted(announcements, "old")  # it is as it was before anybody got the other
    assert waiting(subscriptions) == []
    noted(announcements, "new")
    subscriptions.delivered(mine, "new", NOW)
    assert waiting(subscriptions) == []
    noted(announcements, "new")
    assert waiting(subscriptions) == []
    noted(announcements, "newer", OTHER)
    assert waiting(subscriptions) == [theirs]


def test_what_changed_during_a_delivery_is_due_at_once(
    subscriptions: Subscriptions, announcements: Announcements
) -> None:
    ident = subscribed(subscriptions)
    noted(announcements, "new")
    noted(announcements, "newer")
    subscriptions.delivered(ident, "new", NOW)
    assert waiting(subscriptions) == [ident]
    found = subscriptions.get(ident)
    assert found is not None
    assert (found.sent, found.failures) == ("new", 0)


def test_to_be_settled_it_must_have_got_it(
    subscriptions: Subscriptions, announcements: Announcements
) -> None:
    ident = subscribed(subscriptions)
    noted(announcements, "new")
    subscriptions.settle(ident, "new")
    assert waiting(subscriptions) == [ident]
    subscriptions.settle(ident, "old")
    assert waiting(subscriptions) == []


def test_failures_put_off_and_news_do_not_hasten(
    subscriptions: Subscriptions, announcements: Announcements
) -> None:
    ident = subscribed(subscriptions)
    noted(announcements, "new")
    subscriptions.failed(ident, NOW + MINUTE)
    noted(announcements, "newer")
    assert waiting(subscriptions) == []
    (found,) = subscriptions.waiting(NOW + MINUTE)
    assert (found.id, found.host, found.failures) == (ident, "reader.example", 1)
    subscriptions.failed(ident, NOW + 2 * DAY)  # written before the clock was set back
    assert waiting(subscriptions) == [ident]


def test_a_renewal_keeps_what_was_got_and_tries_again(
    subscriptions: Subscriptions, announcements: Announcements
) -> None:
    ident = subscribed(subscriptions)
    noted(announcements, "new")
    subscriptions.failed(ident, NOW + DAY)
    subscriptions.begin(asked(subscriptions, asking(secret="t", digest="newer")), NOW + 20 * DAY, NOW)
    assert waiting(subscriptions) == [ident]
    found = subscriptions.get(ident)
    assert found is not None
    assert (found.secret, found.sent, found.failures) == ("t", "old", 0)
    assert subscriptions.expire(NOW + 11 * DAY) == 0
    assert subscriptions.expire(NOW + 20 * DAY) == 1


def test_it_ends_by_lease_by_wish_and_by_answer(
    subscriptions: Subscriptions, announcements: Announcements
) -> None:
    ident = subscribed(subscriptions)
    noted(announcements, "new")
    assert waiting(subscriptions, NOW + 10 * DAY) == [], "its time is over"
    subscriptions.leave(asked(subscriptions, asking(OTHER, mode="unsubscribe")))
    assert subscriptions.known(TOPIC, "https://reader.example/")
    subscriptions.leave(asked(subscriptions, asking(mode="unsubscribe")))
    assert not subscriptions.known(TOPIC, "https://reader.example/")
    assert subscriptions.get(ident) is None
    again = subscribed(subscriptions)
    assert again > ident, "no number is given twice"
    subscriptions.end(again)
    assert subscriptions.topics() == set()


# Topics and pings


def test_what_was_announced_is_known(announcements: Announcements) -> None:
    assert announcements.known() == {}
    assert announcements.revision() is None
    noted(announcements, None)
    noted(announcements, "x", OTHER, mark="n")
    announcements.looked(7, [], NOW)
    assert announcements.known() == {TOPIC: Known(mark="m", digest=None), OTHER: Known(mark="n", digest="x")}
    assert announcements.revision() == 7
    announcements.looked(8, [TOPIC], NOW)
    assert announcements.known().keys() == {OTHER}
    assert announcements.revision() == 8


def test_pings_wait_a_moment_for_others_and_come_once(announcements: Announcements) -> None:
    noted(announcements, "x", ping=True, revision=4)
    noted(announcements, "y", ping=True, revision=5)
    noted(announcements, "x", OTHER, ping=True, revision=5)
    noted(announcements, "x", "https://news.example/feeds/all.json", ping=False)
    assert announcements.rounds([HUB], NOW, 50) == []
    later = NOW + SECONDS
    (round_,) = announcements.rounds([HUB], later, 50)
    assert round_.hub == HUB
    assert set(round_.pings) == {Ping(topic=TOPIC, revision=5), Ping(topic=OTHER, revision=5)}
    (part,) = announcements.rounds([HUB], later, 1)
    announcements.told(part)
    (rest,) = announcements.rounds([HUB], later, 50)
    assert {*part.pings, *rest.pings} == {*round_.pings}
    assert len(rest.pings) == 1
    assert [r.hub for r in announcements.rounds([HUB, SECOND], later, 50)] == [HUB, SECOND]


def test_what_changed_again_during_a_ping_is_told_again(announcements: Announcements) -> None:
    noted(announcements, "x", ping=True, revision=4)
    (round_,) = announcements.rounds([HUB], NOW + SECONDS, 50)
    noted(announcements, "y", ping=True, revision=5)
    announcements.told(round_)
    (again,) = announcements.rounds([HUB], NOW + SECONDS, 50)
    assert again.pings == (Ping(topic=TOPIC, revision=5),)


def test_a_hub_that_fails_is_left_alone_for_a_while(announcements: Announcements) -> None:
    noted(announcements, "x", ping=True)
    announcements.untold(HUB, NOW + MINUTE)
    noted(announcements, "x", OTHER, ping=True)
    assert [r.hub for r in announcements.rounds([HUB, SECOND], NOW + SECONDS, 50)] == [SECOND]
    (round_,) = announcements.rounds([HUB], NOW + MINUTE, 50)
    assert (len(round_.pings), round_.failures) == (2, 1)
    announcements.untold(HUB, NOW + 2 * DAY)  # written before the clock was set back
    assert len(announcements.rounds([HUB], NOW, 50)) == 1


def test_pings_are_given_up(announcements: Announcements) -> None:
    noted(announcements, "x", ping=True)
    assert announcements.forget([HUB, SECOND], NOW) == {}
    assert announcements.forget([HUB], NOW) == {}
    assert announcements.rounds([HUB, SECOND], NOW + MINUTE, 50)[0].hub == HUB
    assert announcements.rounds([SECOND], NOW + MINUTE, 50) == []
    assert announcements.forget([HUB], NOW + SECONDS) == {HUB: 1}
    assert announcements.rounds([HUB], NOW + MINUTE, 50) == []
