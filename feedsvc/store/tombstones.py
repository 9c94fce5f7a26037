"""Which articles a source means by its tombstones (RFC 6721)."""

from collections.abc import Sequence, Set

from sqlalchemy import Connection, select

from feedsvc.identity import KeyKind
from feedsvc.model import Source, Tombstone
from feedsvc.store.schema import articles, keys

_CHUNK = 300


def meant(
    connection: Connection, source: Source, tombstones: Sequence[Tombstone], kept: Set[str]
) -> list[str]:
    """The published articles of `source` that `tombstones` name by guid, but for those that are `kept`.

    An article that was updated after the moment of its tombstone has come back since: the tombstone is old.
    """
    found: list[str] = []
    moments = {tombstone.id: tombstone.when for tombstone in tombstones}
    guids = list(moments)
    for start in range(0, len(guids), _CHUNK):
        query = (
            select(keys.c.value, articles.c.id, articles.c.updated)
            .join(articles, articles.c.id == keys.c.article)
            .where(keys.c.source == source.id, keys.c.kind == KeyKind.GUID.value)
            .where(keys.c.value.in_(guids[start : start + _CHUNK]))
            .where(articles.c.withdrawn.is_(None))
        )
        for guid, ident, updated in connection.execute(query):
            if ident not in kept and updated <= moments[guid]:
                found.append(ident)
    return list(dict.fromkeys(found))
