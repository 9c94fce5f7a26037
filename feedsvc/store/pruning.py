"""What is removed for good: old articles with the stories that they began, and old withdrawals."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, func, or_, select, update

from feedsvc.store import stories
from feedsvc.store.database import reading, writing
from feedsvc.store.schema import articles, bodies, counters, keys

TOMBSTONES = timedelta(days=90)  # how long a withdrawn article is remembered as such (RFC 6721 readers)
_CHUNK = 300


def prune(engine: Engine, before: datetime, now: datetime) -> int:
    """Removes articles first seen before `before`, and those withdrawn long ago; how many.

    Repeats of a story go with the article that began it, though they be somewhat younger: without it feeds
    would show them as if they were new.
    """
    aged = articles.c.first_seen < before
    begun = articles.c.story.in_(select(articles.c.id).where(aged))
    old = or_(aged, begun, articles.c.withdrawn < now - TOMBSTONES)
    with reading(engine) as connection:
        ids = list(connection.scalars(select(articles.c.id).where(old)))
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        with writing(engine) as connection:
            connection.execute(delete(articles).where(articles.c.id.in_(part)))
            connection.execute(delete(bodies).where(bodies.c.id.in_(part)))
            connection.execute(delete(keys).where(keys.c.article.in_(part)))
            connection.execute(
                update(counters)
                .where(counters.c.name == "pruned")
                .values(value=func.max(counters.c.value + 1, int(now.timestamp())))
            )
    with writing(engine) as connection:
        stories.forget_old(connection, now)
    return len(ids)
