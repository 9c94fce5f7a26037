"""What was last announced of every topic, and which public hubs are still to be told of which."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, or_, select, update

from feedsvc.store.database import reading, writing
from feedsvc.store.schema import facts, pings, topics
from feedsvc.store.subscriptions import want

_ANNOUNCED = "announced"  # the fact that tells up to which revision topics were looked at
_FURTHEST = timedelta(hours=25)  # nothing is put off further: see subscriptions
_CHUNK = 300
# Changes of one document come in several transactions; what a hub is told waits for the others.
_SETTLING = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was last announced of a topic: the `mark` of its selection; the digest of its bytes, if known."""

    mark: str
    digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is now known of a topic. `digest` None: its bytes were not looked at. `ping`: hubs are to know."""

    topic: str
    mark: str
    digest: str | None
    ping: bool
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """A topic of which a hub is to be told, as of a revision of the catalog."""

    topic: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What a hub is to be told now, at most some number of topics; `failures` in a row before."""

    hub: str
    pings: tuple[Ping, ...]
    failures: int


class Announcements:
    """Every method is one transaction and may raise StoreError. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def known(self) -> dict[str, Known]:
        """What was last announced of every topic."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(topics)).mappings()
            return {row["topic"]: Known(mark=row["mark"], digest=row["digest"]) for row in rows}

    def revision(self) -> int | None:
        """The revision up to which topics were looked at; None before the first time."""
        with reading(self._engine) as connection:
            found = connection.scalar(select(facts.c.value).where(facts.c.name == _ANNOUNCED))
            return None if found is None else int(found)

    def note(self, news: Iterable[News], hubs: Sequence[str], now: datetime) -> None:
        """Keeps news of topics; whoever is to be told of them is told from now on, whatever happens."""
        with writing(self._engine) as connection:
            for each in news:
                connection.execute(delete(topics).where(topics.c.topic == each.topic))
                connection.execute(
                    insert(topics).values(topic=each.topic, mark=each.mark, digest=each.digest)
                )
                if each.digest is not None:
                    want(connection, each.topic, each.digest, now)
                for hub in hubs if each.ping else ():
                    _queue(connection, hub, each, now)

    def looked(self, revision: int, gone: Sequence[str], now: datetime) -> None:
        """All topics were looked at as of `revision`; those `gone` are not to be looked at any more."""
        with writing(self._engine) as connection:
            for start in range(0, len(gone), _CHUNK):
                part = gone[start : start + _CHUNK]
                connection.execute(delete(topics).where(topics.c.topic.in_(part)))
            connection.execute(delete(facts).where(facts.c.name == _ANNOUNCED))
            connection.execute(insert(facts).values(name=_ANNOUNCED, value=str(revision), since=now))

    def rounds(self, hubs: Sequence[str], now: datetime, limit: int) -> list[Round]:
        """What each of `hubs` is to be told now, the oldest `limit` topics of it."""
        found = []
        with reading(self._engine) as connection:
            for hub in hubs:
                query = (
                    select(pings)
                    .where(pings.c.hub == hub, _is_due(now))
                    .order_by(pings.c.queued, pings.c.topic)
                    .limit(limit)
                )
                rows = connection.execute(query).mappings().all()
                if rows:
                    told = tuple(Ping(topic=row["topic"], revision=row["revision"]) for row in rows)
                    found.append(Round(hub=hub, pings=told, failures=rows[0]["failures"]))
        return found

    def told(self, round_: Round) -> None:
        """A hub took its pings: they are done, but for topics that changed again meanwhile."""
        with writing(self._engine) as connection:
            for ping in round_.pings:
                connection.execute(
                    delete(pings)
                    .where(pings.c.hub == round_.hub, pings.c.topic == ping.topic)
                    .where(pings.c.revision <= ping.revision)
                )
            connection.execute(update(pings).where(pings.c.hub == round_.hub).values(failures=0))

    def untold(self, hub: str, due: datetime) -> None:
        """A hub did not take them: all that waits for it is tried again when `due`."""
        with writing(self._engine) as connection:
            connection.execute(
                update(pings).where(pings.c.hub == hub).values(failures=pings.c.failures + 1, due=due)
            )

    def forget(self, hubs: Sequence[str], before: datetime) -> Mapping[str, int]:
        """Gives up pings queued before then, by hub how many; and, uncounted, those for none of `hubs`."""
        old = pings.c.queued < before
        with writing(self._engine) as connection:
            connection.execute(delete(pings).where(pings.c.hub.not_in(hubs)))
            query = select(pings.c.hub, func.count()).where(old).group_by(pings.c.hub)
            counted = {hub: int(number) for hub, number in connection.execute(query)}
            connection.execute(delete(pings).where(old))
            return counted


def _queue(connection: Connection, hub: str, news: News, now: datetime) -> None:
    """One row a hub and topic; it waits as long as everything that waits for the hub."""
    last = (
        connection.execute(select(pings.c.failures, pings.c.due).where(pings.c.hub == hub).limit(1))
        .mappings()
        .first()
    )
    connection.execute(delete(pings).where(pings.c.hub == hub, pings.c.topic == news.topic))
    connection.execute(
        insert(pings).values(
            hub=hub,
            topic=news.topic,
            revision=news.revision,
            queued=now,
            failures=last["failures"] if last else 0,
            due=last["due"] if last else now + _SETTLING,
        )
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(pings.c.due <= now, pings.c.due > now + _FURTHEST)
