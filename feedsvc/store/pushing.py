"""What is pushed: articles that their author names, saved all at once or not at all."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, select, update

from feedsvc import identity
from feedsvc.errors import ConflictError
from feedsvc.identity import Key, KeyKind, Known, Recognised
from feedsvc.model import Change, Draft, Source
from feedsvc.store import saving
from feedsvc.store.database import reading, writing
from feedsvc.store.schema import articles, keys, sources


class Pushing:
    """Every method is one transaction and may raise StoreError. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(
        self, source: Source, drafts: Sequence[Draft], now: datetime, *, replacing: str | None = None
    ) -> list[tuple[str, Change]]:
        """Saves `drafts`: the article that each is, in their order, and what was done to it.

        Guid or link alone say which article a draft is, and a draft is all of it. `replacing` is the article
        that a single draft takes the place of, whatever it is named. ConflictError where two drafts are one
        article, or the guid of one is that of another; then nothing is saved.
        """
        with writing(self._engine) as connection:
            known = saving.known(connection, source.id, drafts)
            if replacing is None:
                recognised = _recognised(connection, source, drafts, known)
            else:
                recognised = tuple(_replacement(source, draft, known, replacing) for draft in drafts)
            written = saving.write(connection, source, recognised, now, whole=True)
            _note(connection, source.id, now)
            return [(ident, written.changes[ident]) for ident in written.ids]

    def withdraw(self, source: Source, ident: str, now: datetime) -> bool:
        """Withdraws an article of `source`; False if it is withdrawn already."""
        with writing(self._engine) as connection:
            count = saving.withdraw(connection, [ident], now)
            _note(connection, source.id, now)
            return count == 1

    def owner(self, ident: str) -> str | None:
        """The source of an article, withdrawn or not; None if there is no such article."""
        with reading(self._engine) as connection:
            return connection.scalar(select(articles.c.source).where(articles.c.id == ident))

    def find(self, source: Source, key: Key) -> str | None:
        """The article of `source`, withdrawn or not, that `key` leads to; None if there is none."""
        query = (
            select(articles.c.id)
            .join(keys, articles.c.id == keys.c.article)
            .where(keys.c.source == source.id, keys.c.kind == key.kind.value, keys.c.value == key.value)
        )
        with reading(self._engine) as connection:
            return connection.scalar(query)


def _recognised(
    connection: Connection, source: Source, drafts: Sequence[Draft], known: Mapping[Key, Known]
) -> tuple[Recognised, ...]:
    found = identity.recognise(
        source.id, drafts, known, taken=lambda ident: saving.exists(connection, ident), named=True
    )
    places: dict[str, int] = {}
    for index, one in enumerate(found):
        if places.setdefault(one.id, index) != index:
            first = places[one.id]
            raise ConflictError(f"articles {first} and {index} are one article here, under two of its guids")
    return found


def _replacement(source: Source, draft: Draft, known: Mapping[Key, Known], ident: str) -> Recognised:
    own = tuple(key for key in identity.keys_of(draft) if key.kind in identity.NAMES)
    for key in own:
        if key.kind is KeyKind.GUID and key in known and known[key].id != ident:
            raise ConflictError(f"guid {key.value!r} is that of another article of source {source.id!r}")
    return Recognised(draft=draft, id=ident, new=False, repeat=False, keys=own)


def _note(connection: Connection, source: str, now: datetime) -> None:
    """A push is to its source what a refresh is to others."""
    connection.execute(
        update(sources)
        .where(sources.c.id == source)
        .values(last_attempt=now, last_success=now, failures=0, cause=None)
    )
