"""The one sequence of all changes."""

from sqlalchemy import Connection, update

from feedsvc.store.schema import counters


def following(connection: Connection) -> int:
    """The next number of the sequence. The row stays locked to the end of the transaction, so numbers
    become visible in their order: who has seen n has seen all below it."""
    query = (
        update(counters)
        .where(counters.c.name == "revision")
        .values(value=counters.c.value + 1)
        .returning(counters.c.value)
    )
    return int(connection.execute(query).scalar_one())
