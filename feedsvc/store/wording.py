"""What searches ask of the store: which wordings answer, and which articles have none yet."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Engine, select

from feedsvc.model import Unread
from feedsvc.store import occurrences, saving
from feedsvc.store.database import reading, writing
from feedsvc.store.occurrences import Words
from feedsvc.store.schema import articles, bodies


class Wordings:
    """Every method is one transaction and may raise StoreError. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, query: str, first: int, last: int) -> list[int]:
        """The wordings from revision `first` to `last`, in their order, that answer a canonical query.

        Articles may have others by now, or be pruned.
        """
        with reading(self._engine) as connection:
            return occurrences.find(connection, query, first, last)

    def left(self, wordings: Sequence[int], last: int) -> tuple[datetime, int] | None:
        """When the latest of `wordings` that gave way to another up to revision `last` did so, and with which
        revision; None if none did."""
        with reading(self._engine) as connection:
            return occurrences.left(connection, wordings, last)

    def unread(self, limit: int) -> list[Unread]:
        """The oldest published articles whose words are not known, `limit` at most."""
        columns = (articles.c.id, articles.c.revision, articles.c.title, articles.c.author, articles.c.tags)
        query = (
            select(*columns, bodies.c.html, bodies.c.summary)
            .join(bodies, bodies.c.id == articles.c.id)
            .where(articles.c.words.is_(None), articles.c.withdrawn.is_(None))
            .order_by(articles.c.seq)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings()
            return [Unread(**(dict(row) | {"tags": tuple(row["tags"])})) for row in rows]

    def save(self, read: Iterable[tuple[Unread, tuple[str, ...]]], now: datetime) -> int:
        """Saves the words of articles that nobody changed meanwhile; how many."""
        count = 0
        with writing(self._engine) as connection:
            words = Words(connection)
            for article, said in read:
                query = select(articles).where(
                    articles.c.id == article.id, articles.c.revision == article.revision
                )
                row = connection.execute(query).mappings().first()
                if row is not None:
                    saving.reword(connection, row, said, now, words)
                    count += 1
            words.save()
        return count
