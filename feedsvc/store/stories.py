"""Which articles are one story: found when an article is saved, in its transaction, and kept for ever.

A story is named by its first article to arrive. What feeds show of an article depends on the others of its
story, so when one of them comes, changes or goes, these have a new revision too, and all who follow revisions
see it.
A story never has two articles of one source; which those are is for the source to say.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, or_, select, update

from feedsvc import duplicates
from feedsvc.store import revisions
from feedsvc.store.schema import articles, bands, fingerprints

KEPT = timedelta(days=14)  # an article may be the beginning of a story so long after it was first seen
_LOOKED_AT = 50  # articles that an article is compared with at most, those that share most bands

_shared = (
    select(bands.c.seq, func.count().label("shared"))
    .where(bands.c.band.in_(bindparam("wanted", expanding=True)))
    .group_by(bands.c.seq)
    .subquery()
)
_SHARING = (
    select(articles.c.id, articles.c.story, articles.c.published, fingerprints.c.fingerprint)
    .join(_shared, _shared.c.seq == articles.c.seq)
    .join(fingerprints, fingerprints.c.seq == articles.c.seq)
    .where(articles.c.source != bindparam("source"))
    .order_by(_shared.c.shared.desc(), articles.c.seq)
    .limit(_LOOKED_AT)
)


def find(connection: Connection, source: str, fingerprint: bytes | None, published: datetime) -> str | None:
    """The story that a new article of `source` belongs to; None if it is the first of its own."""
    if fingerprint is None:
        return None
    for row in _candidates(connection, source, fingerprint):
        apart = published - row["published"]
        if duplicates.same_story(fingerprint, row["fingerprint"], apart):
            story: str = row["story"] or row["id"]
            if source not in {other["source"] for other in _members(connection, story)}:
                return story
    return None


def remember(connection: Connection, seq: int, fingerprint: bytes | None, seen: datetime) -> None:
    """Lets later articles be found to be the story of the new article `seq`."""
    if fingerprint is None:
        return
    connection.execute(insert(fingerprints).values(seq=seq, seen=seen, fingerprint=fingerprint))
    rows = [{"band": band, "seq": seq} for band in set(duplicates.bands(fingerprint))]
    if rows:
        connection.execute(insert(bands), rows)


def edited(connection: Connection, row: RowMapping, fingerprint: bytes | None) -> None:
    """Remembers the article `row` by another fingerprint, if it is remembered; its story stays."""
    query = select(fingerprints).where(fingerprints.c.seq == row["seq"])
    known = connection.execute(query).mappings().first()
    if known is not None and fingerprint not in (None, known["fingerprint"]):
        forget(connection, row["seq"])
        remember(connection, row["seq"], fingerprint, known["seen"])


def stir(connection: Connection, ident: str, story: str | None, now: datetime) -> None:
    """Gives the other published articles of the story of article `ident` a new revision each."""
    for other in _members(connection, story or ident):
        if other["id"] != ident and other["withdrawn"] is None:
            connection.execute(
                update(articles)
                .where(articles.c.id == other["id"])
                .values(revision=revisions.following(connection), changed=now)
            )


def forget(connection: Connection, seq: int) -> None:
    """Article `seq` is nobody's story any more."""
    known = connection.scalar(select(fingerprints.c.fingerprint).where(fingerprints.c.seq == seq))
    if known is not None:
        connection.execute(delete(bands).where(bands.c.band.in_(duplicates.bands(known)), bands.c.seq == seq))
        connection.execute(delete(fingerprints).where(fingerprints.c.seq == seq))


def forget_old(connection: Connection, now: datetime) -> None:
    """Forgets what was seen too long ago for another article to be the same story."""
    old = select(fingerprints.c.seq).where(fingerprints.c.seen < now - KEPT)
    for seq in list(connection.scalars(old)):
        forget(connection, seq)


def _candidates(connection: Connection, source: str, fingerprint: bytes) -> Sequence[RowMapping]:
    """What other sources have that shares a band, those that share most first, then the first to arrive."""
    wanted = duplicates.bands(fingerprint)
    if not wanted:
        return ()
    return connection.execute(_SHARING, {"wanted": wanted, "source": source}).mappings().all()


def _members(connection: Connection, story: str) -> list[RowMapping]:
    """The articles of a story, in the order of their arrival."""
    query = (
        select(articles.c.id, articles.c.source, articles.c.withdrawn)
        .where(or_(articles.c.id == story, articles.c.story == story))
        .order_by(articles.c.seq)
    )
    return list(connection.execute(query).mappings())
