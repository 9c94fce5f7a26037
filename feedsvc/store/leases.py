"""Who refreshes which source when: rows of sources, leases, outcomes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, insert, or_, select, update

from feedsvc import urls
from feedsvc.errors import LeaseLostError
from feedsvc.model import Finding, Kind, Source, SourceState
from feedsvc.store.schema import sources

# No lease is longer and no source is put off further: what the store says beyond that was written before
# the clock was set back, and does not count.
LEASE = timedelta(minutes=3)
FURTHEST = timedelta(hours=25)
_SKEW = timedelta(minutes=2)  # by how much the clocks of two machines may differ


def sync(
    connection: Connection, configured: Sequence[Source], reading: Mapping[str, str], now: datetime
) -> list[str]:
    """A row for every configured source; those that must be read anew in full, which are due at once.

    That is when the URL or folder is another, or `reading`, which names how each source is read, is.
    """
    changed = []
    have = {row["id"]: row for row in connection.execute(select(sources)).mappings()}
    for source in configured:
        place = {
            "place": source.place,
            "host": urls.host_of(source.url or "") if source.path is None else "",
            "reading": reading[source.id],
        }
        row = have.get(source.id)
        if row is None:
            connection.execute(insert(sources).values(id=source.id, due=now, failures=0, **place))
        elif any(row[name] != value for name, value in place.items()):
            changed.append(source.id)
            connection.execute(
                update(sources)
                .where(sources.c.id == source.id)
                .values(due=now, failures=0, cause=None, etag=None, last_modified=None, finding=None, **place)
            )
    return changed


def lease(
    connection: Connection, ids: Sequence[str], owner: str, now: datetime, *, due_only: bool, limit: int
) -> list[str]:
    """Leases up to `limit` of the sources `ids`, the longest due first; those that `owner` holds now.

    Never a source that is leased, nor one whose host is being fetched under another lease.
    """
    got: list[str] = []
    waiting = select(sources.c.id, sources.c.host).where(sources.c.id.in_(ids)).where(_free(sources, now))
    if due_only:
        waiting = waiting.where(_is_due(now))
    busy = set(connection.scalars(select(sources.c.host).where(~_free(sources, now))))
    for ident, host in connection.execute(waiting.order_by(sources.c.due, sources.c.id)):
        if len(got) >= limit:
            break
        if host and host in busy:
            continue
        taken = connection.execute(
            update(sources)
            .where(sources.c.id == ident)
            .where(_free(sources, now))
            .values(lease_owner=owner, lease_until=now + LEASE, last_attempt=now)
        )
        if taken.rowcount == 1:
            got.append(ident)
            busy.add(host)
    return got


def hold(connection: Connection, ident: str, owner: str, now: datetime) -> None:
    """Makes the lease last from now on; LeaseLostError if `owner` has it no more."""
    kept = connection.execute(
        update(sources)
        .where(sources.c.id == ident)
        .where(sources.c.lease_owner == owner)
        .values(lease_until=now + LEASE)
    )
    if kept.rowcount != 1:
        raise LeaseLostError(f"source {ident}: its lease went to somebody else; what was read is dropped")


def succeeded(
    connection: Connection, ident: str, now: datetime, due: datetime, fields: dict[str, Any]
) -> None:
    """A refresh that went well: the lease ends, the next is `due`. `fields`: title, etag, last_modified."""
    connection.execute(
        update(sources)
        .where(sources.c.id == ident)
        .values(
            last_success=now, due=due, failures=0, cause=None, lease_owner=None, lease_until=None, **fields
        )
    )


def failed(connection: Connection, ident: str, owner: str, due: datetime, cause: str) -> None:
    """A refresh that did not: one failure more in a row, and why. Nothing if `owner` has no lease now."""
    connection.execute(
        update(sources)
        .where(sources.c.id == ident)
        .where(sources.c.lease_owner == owner)
        .values(due=due, failures=sources.c.failures + 1, cause=cause, lease_owner=None, lease_until=None)
    )


def remark(connection: Connection, ident: str, cause: str) -> None:
    """Says what is wrong with a source that was refreshed all the same."""
    connection.execute(update(sources).where(sources.c.id == ident).values(cause=cause))


def release(connection: Connection, owners: Sequence[str]) -> None:
    """Ends every lease of processes that are gone, or are going."""
    connection.execute(
        update(sources).where(sources.c.lease_owner.in_(owners)).values(lease_owner=None, lease_until=None)
    )


def make_due(connection: Connection, ident: str, now: datetime) -> None:
    """The source is refreshed at the next tick."""
    connection.execute(update(sources).where(sources.c.id == ident).values(due=now))


def states(connection: Connection) -> dict[str, SourceState]:
    """What is known of every source that ever was configured."""
    return {row["id"]: _state(row) for row in connection.execute(select(sources)).mappings()}


def owners(connection: Connection) -> set[str]:
    """Everybody who holds a lease."""
    query = select(sources.c.lease_owner).where(sources.c.lease_owner.is_not(None))
    return {owner for owner in connection.scalars(query) if owner is not None}


def any_due(connection: Connection, ids: Sequence[str], now: datetime) -> bool:
    """Whether a source could be leased now."""
    query = select(exists().where(and_(sources.c.id.in_(ids), _is_due(now), _free(sources, now))))
    return bool(connection.scalar(query))


def _free(table: Any, now: datetime) -> ColumnElement[bool]:
    until = table.c.lease_until
    return or_(until.is_(None), until <= now, until > now + LEASE + _SKEW)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(sources.c.due <= now, sources.c.due > now + FURTHEST)


def _state(row: RowMapping) -> SourceState:
    # Columns and fields bear the same names.
    known = {k: row[k] for k in SourceState.__dataclass_fields__}
    finding = known.pop("finding")
    if finding is not None:
        finding = Finding(kind=Kind(finding["kind"]), url=finding["url"], rule=finding["rule"])
    return SourceState(**known, finding=finding)
