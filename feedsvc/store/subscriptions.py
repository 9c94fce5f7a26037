"""Who is told of changes by our own hub: requests to be verified, subscriptions, what each is to get."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from feedsvc.store.database import reading, writing
from feedsvc.store.schema import Moment, hub_requests, subscriptions, topics

T = TypeVar("T")

MINUTE = timedelta(minutes=1)  # the time in which requests are counted
_STALE = timedelta(minutes=10)  # a request that nobody verified in this time is forgotten
# No delivery is put off further: what the store says beyond that was written before the clock was set back.
_FURTHEST = timedelta(hours=25)
SUBSCRIBE, UNSUBSCRIBE = "subscribe", "unsubscribe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A request to subscribe to a topic, or to end that. `digest`: the topic's bytes at that moment.

    `host` is the callback's. `id` is 0 until it is kept.
    """

    mode: str
    topic: str
    callback: str
    host: str
    secret: str | None = field(repr=False)
    lease: timedelta
    digest: str
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much is asked and held: `asked` in the last minute; the subscriptions `held`, or about to be.

    The subscription that a request is about is not among the held.
    """

    asked: int
    asked_by_host: int
    held: int
    held_by_host: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A subscription that is to be sent its topic now."""

    id: int
    host: str
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription. `sent` is the digest of the content it got last."""

    id: int
    topic: str
    callback: str
    host: str
    secret: str | None = field(repr=False)
    sent: str
    failures: int


class Subscriptions:
    """Every method is one transaction and may raise StoreError. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # -- requests, from whoever answers them to whoever is on duty

    def ask(self, asking: Asking, now: datetime, objection: Callable[[Counts], T | None]) -> T | None:
        """Keeps a request to be verified, unless there is an `objection` to it, which is returned."""
        with writing(self._engine) as connection:
            found = objection(_counts(connection, asking, now))
            if found is None:
                row = {name: getattr(asking, name) for name in _ASKED}
                row |= {"lease": int(asking.lease.total_seconds()), "asked": now, "done": False}
                connection.execute(insert(hub_requests).values(row))
            return found

    def pending(self) -> list[Asking]:
        """The requests that are not done, oldest first."""
        query = select(hub_requests).where(hub_requests.c.done.is_(False)).order_by(hub_requests.c.id)
        with reading(self._engine) as connection:
            return [_asking(row) for row in connection.execute(query).mappings()]

    def is_pending(self, asking: Asking) -> bool:
        """Whether a request is not done."""
        query = select(hub_requests.c.id).where(
            hub_requests.c.id == asking.id, hub_requests.c.done.is_(False)
        )
        with reading(self._engine) as connection:
            return connection.scalar(query) is not None

    def dismiss(self, asking: Asking) -> None:
        """Ends a request without effect."""
        with writing(self._engine) as connection:
            _done(connection, asking)

    def begin(self, asking: Asking, until: datetime, now: datetime) -> None:
        """A request to subscribe is verified: the subscription lasts `until` then.

        One that there is already keeps what it got; one that is new is sent its topic if that has changed
        since the request.
        """
        same = _same(asking.topic, asking.callback)
        fields = {"secret": asking.secret, "until": until, "failures": 0}
        with writing(self._engine) as connection:
            _done(connection, asking)
            if connection.execute(update(subscriptions).where(same).values(fields)).rowcount:
                # Whoever answers is there again: what waits need not wait longer.
                waits = and_(same, subscriptions.c.due.is_not(None))
                connection.execute(update(subscriptions).where(waits).values(due=now))
                return
            last = connection.scalar(select(topics.c.digest).where(topics.c.topic == asking.topic))
            fields |= {"topic": asking.topic, "callback": asking.callback, "host": asking.host}
            fields |= {"sent": asking.digest, "wanted": last or asking.digest}
            fields |= {"due": None if last in (None, asking.digest) else now}
            connection.execute(insert(subscriptions).values(fields))

    def leave(self, asking: Asking) -> None:
        """A request to unsubscribe is verified: the subscription ends."""
        with writing(self._engine) as connection:
            _done(connection, asking)
            connection.execute(delete(subscriptions).where(_same(asking.topic, asking.callback)))

    # -- subscriptions, for whoever is on duty

    def known(self, topic: str, callback: str) -> bool:
        """Whether there is such a subscription."""
        with reading(self._engine) as connection:
            query = select(subscriptions.c.id).where(_same(topic, callback))
            return connection.scalar(query) is not None

    def topics(self) -> set[str]:
        """Every topic that somebody subscribed to."""
        with reading(self._engine) as connection:
            return set(connection.scalars(select(subscriptions.c.topic).distinct()))

    def wake(self, topic: str, now: datetime) -> None:
        """Has every subscription to `topic` looked at."""
        with writing(self._engine) as connection:
            asleep = and_(subscriptions.c.topic == topic, subscriptions.c.due.is_(None))
            connection.execute(update(subscriptions).where(asleep).values(due=now))

    def waiting(self, now: datetime) -> list[Waiting]:
        """The subscriptions that are to be sent something now, the longest due first."""
        table = subscriptions.c
        query = select(table.id, table.host, table.failures).where(_is_due(now)).order_by(table.due, table.id)
        with reading(self._engine) as connection:
            return [Waiting(**row) for row in connection.execute(query).mappings()]

    def get(self, ident: int, now: datetime | None = None) -> Subscription | None:
        """A subscription; None if it has ended, or (given `now`) is not to be sent anything now."""
        query = select(subscriptions).where(subscriptions.c.id == ident)
        if now is not None:
            query = query.where(_is_due(now))
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().first()
            return None if row is None else _subscription(row)

    def delivered(self, ident: int, digest: str, now: datetime) -> None:
        """A subscription has got the content `digest`; if it wants other by now, that is due at once."""
        table = subscriptions.c
        with writing(self._engine) as connection:
            whose = update(subscriptions).where(table.id == ident)
            connection.execute(whose.values(sent=digest, failures=0, due=now))
            connection.execute(whose.where(table.wanted == digest).values(due=None))

    def settle(self, ident: int, digest: str) -> None:
        """A subscription has got the content `digest` already, and there is no other now."""
        with writing(self._engine) as connection:
            settled = update(subscriptions).where(subscriptions.c.id == ident, subscriptions.c.sent == digest)
            connection.execute(settled.values(wanted=digest, due=None, failures=0))

    def failed(self, ident: int, due: datetime) -> None:
        """A delivery failed; it is tried again when `due`."""
        with writing(self._engine) as connection:
            connection.execute(
                update(subscriptions)
                .where(subscriptions.c.id == ident)
                .values(failures=subscriptions.c.failures + 1, due=due)
            )

    def end(self, ident: int) -> None:
        """Ends a subscription."""
        with writing(self._engine) as connection:
            connection.execute(delete(subscriptions).where(subscriptions.c.id == ident))

    def expire(self, now: datetime) -> int:
        """Ends subscriptions whose lease is over, how many; forgets requests that are done or too old."""
        over = delete(subscriptions).where(subscriptions.c.until <= now)
        old = or_(
            and_(hub_requests.c.done.is_(True), hub_requests.c.asked < now - MINUTE),
            hub_requests.c.asked < now - _STALE,
            hub_requests.c.asked > now + _FURTHEST,
        )
        with writing(self._engine) as connection:
            connection.execute(delete(hub_requests).where(old))
            return connection.execute(over).rowcount


def want(connection: Connection, topic: str, digest: str, now: datetime) -> None:
    """The content of a topic is `digest` now: whoever has not got it is to be sent it, nobody else.

    What was put off after a failure stays put off.
    """
    table = subscriptions.c
    whose = update(subscriptions).where(table.topic == topic)
    connection.execute(whose.where(table.sent == digest).values(wanted=digest, due=None))
    others = whose.where(table.sent != digest)
    connection.execute(others.values(wanted=digest, due=func.coalesce(table.due, literal(now, Moment()))))


_ASKED = ("mode", "topic", "callback", "host", "secret", "digest")


def _same(topic: str, callback: str) -> ColumnElement[bool]:
    return and_(subscriptions.c.topic == topic, subscriptions.c.callback == callback)


def _is_due(now: datetime) -> ColumnElement[bool]:
    due = subscriptions.c.due
    return and_(subscriptions.c.until > now, or_(due <= now, due > now + _FURTHEST))


def _counts(connection: Connection, asking: Asking, now: datetime) -> Counts:
    recent = hub_requests.c.asked > now - MINUTE
    coming = and_(hub_requests.c.done.is_(False), hub_requests.c.mode == SUBSCRIBE)

    def counted(column: ColumnElement[int], *conditions: ColumnElement[bool]) -> int:
        return int(connection.scalar(select(func.count(column)).where(*conditions)) or 0)

    def held(*hosts: str) -> int:
        there = [subscriptions.c.host.in_(hosts)] if hosts else []
        asked = [hub_requests.c.host.in_(hosts)] if hosts else []
        return counted(subscriptions.c.id, or_(*_differs(asking)), *there) + counted(
            hub_requests.c.id, coming, *asked
        )

    return Counts(
        asked=counted(hub_requests.c.id, recent),
        asked_by_host=counted(hub_requests.c.id, recent, hub_requests.c.host == asking.host),
        held=held(),
        held_by_host=held(asking.host),
    )


def _differs(asking: Asking) -> Sequence[ColumnElement[bool]]:
    return subscriptions.c.topic != asking.topic, subscriptions.c.callback != asking.callback


def _done(connection: Connection, asking: Asking) -> None:
    connection.execute(update(hub_requests).where(hub_requests.c.id == asking.id).values(done=True))


def _asking(row: RowMapping) -> Asking:
    return Asking(id=row["id"], lease=timedelta(seconds=row["lease"]), **{name: row[name] for name in _ASKED})


def _subscription(row: RowMapping) -> Subscription:
    return Subscription(**{name: row[name] for name in Subscription.__dataclass_fields__})
