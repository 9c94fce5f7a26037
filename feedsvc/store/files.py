"""Which file of a folder holds which articles, so that only changed files are read again."""

from collections.abc import Iterable, Sequence, Set

from sqlalchemy import Connection, delete, insert, select, update

from feedsvc.model import ReadFile, Stamp
from feedsvc.store.schema import articles, files


def stamps(connection: Connection, source: str) -> tuple[dict[str, Stamp], set[str]]:
    """The stamp of every file as it was when last read, and the names of those that could not be read.

    Documents ingested by hand are not among them.
    """
    query = select(files).where(files.c.source == source).where(files.c.by_hand.is_(False))
    rows = connection.execute(query).mappings().all()
    known = {row["name"]: Stamp(size=row["size"], mtime_ns=row["mtime_ns"]) for row in rows}
    return known, {row["name"] for row in rows if row["problem"]}


def problems(connection: Connection, source: str) -> list[str]:
    """«name: why», for each file that could not be read."""
    query = select(files.c.name, files.c.problem).where(files.c.source == source).order_by(files.c.name)
    return [f"{name}: {problem}" for name, problem in connection.execute(query) if problem]


def held(connection: Connection, source: str, without: Set[str]) -> set[str]:
    """The articles that files of the source hold, but for the files `without`."""
    query = select(files.c.name, files.c.articles).where(files.c.source == source)
    return {i for name, ids in connection.execute(query) if name not in without for i in ids}


def save(
    connection: Connection, source: str, read: Sequence[ReadFile], ids: Sequence[str], *, by_hand: bool
) -> None:
    """Remembers what was read. A file with a problem keeps the articles it held."""
    for file in read:
        where = (files.c.source == source, files.c.name == file.name)
        earlier = connection.scalars(select(files.c.articles).where(*where)).first() or []
        connection.execute(delete(files).where(*where))
        connection.execute(
            insert(files).values(
                source=source,
                name=file.name,
                size=file.stamp.size,
                mtime_ns=file.stamp.mtime_ns,
                articles=earlier if file.problem else list(dict.fromkeys(ids[file.first : file.last])),
                problem=file.problem,
                by_hand=by_hand,
            )
        )


def reread(connection: Connection, source: str) -> None:
    """Every file of the source is read again, as if it had changed."""
    connection.execute(update(files).where(files.c.source == source).values(size=-1))


def forget(connection: Connection, source: str, gone: Iterable[str]) -> None:
    """Files that are no more."""
    for name in gone:
        connection.execute(delete(files).where(files.c.source == source, files.c.name == name))


def orphans(connection: Connection, source: str) -> list[str]:
    """The published articles of a source that no file holds, oldest first."""
    kept = held(connection, source, frozenset())
    query = (
        select(articles.c.id)
        .where(articles.c.source == source)
        .where(articles.c.withdrawn.is_(None))
        .order_by(articles.c.seq)
    )
    return [ident for ident in connection.scalars(query) if ident not in kept]
