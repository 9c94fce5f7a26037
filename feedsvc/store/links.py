"""The pages that sources list: which are known, which are due, what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, RowMapping, Select, delete, insert, select, update

from feedsvc import urls
from feedsvc.model import Batch, Draft, Finding, Link, LinkState, Listed, Saved, Source
from feedsvc.store import leases, saving, tombstones
from feedsvc.store.database import reading, writing
from feedsvc.store.schema import links

FORGOTTEN = timedelta(days=60)
"""How long a link is remembered after it was listed last; a page that comes back then is read again."""

_TOUCH = timedelta(days=1)  # what is listed all the time is noted as listed once in so long
_CHUNK = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What noting a list brought: how many of its links were unknown, and how many of them known."""

    new: int
    known: int


class Links:
    """Every method is one transaction and may raise StoreError. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(
        self,
        source: Source,
        owner: str,
        found: Sequence[Listed],
        now: datetime,
        *,
        wanted: int,
        start: int = 0,
    ) -> Noted:
        """Remembers what a list shows, under the source's lease; those that are new are due.

        Of the first list of a source only `wanted` are, less the `start` that stood on pages before: the
        rest is older than what was asked for. A page that was changed since it was read is due again.
        """
        with writing(self._engine) as connection:
            leases.hold(connection, source.id, owner, now)
            first = not start and not _any(connection, source.id)
            unique = {urls.canonical(one.url): one for one in found}
            known = _rows(connection, source.id, list(unique))
            fresh = [(key, one) for key, one in unique.items() if key not in known]
            rows = [
                _row(source.id, key, one, now, place, past=(first or start > 0) and place >= wanted)
                for place, (key, one) in enumerate(fresh, start)
            ]
            if rows:
                connection.execute(insert(links), rows)
            for key, row in known.items():
                _seen_again(connection, row, unique[key], now)
            return Noted(new=len(fresh), known=len(known))

    def get(self, source: Source, addresses: Sequence[str]) -> dict[str, Link]:
        """What is known of `addresses`, by them."""
        keys = {urls.canonical(url): url for url in addresses}
        with reading(self._engine) as connection:
            return {keys[k]: _link(row) for k, row in _rows(connection, source.id, list(keys)).items()}

    def due(self, source: Source, now: datetime, *, limit: int, rechecks: int) -> list[Link]:
        """Up to `limit` pages to fetch now, in the order of their lists, the newest list first; of those that
        were read before at most `rechecks`, after all others."""
        query = select(links).where(links.c.source == source.id, links.c.due <= now)
        query = query.where(links.c.state != LinkState.LIST.value)
        again = links.c.state == LinkState.READ.value
        with reading(self._engine) as connection:
            order = (links.c.failures > 0, links.c.first_seen.desc(), links.c.place)
            rows = list(connection.execute(query.where(~again).order_by(*order).limit(limit)).mappings())
            more = query.where(again).order_by(links.c.due).limit(max(0, min(rechecks, limit - len(rows))))
            return [_link(row) for row in (*rows, *connection.execute(more).mappings())]

    def save(
        self, source: Source, owner: str, outcomes: Sequence[Link], drafts: Sequence[Draft], now: datetime
    ) -> Saved:
        """Saves what pages brought and what became of their links, under the source's lease."""
        with writing(self._engine) as connection:
            leases.hold(connection, source.id, owner, now)
            written = saving.save_drafts(connection, source, drafts, now)
            for link in outcomes:
                _write(connection, source.id, link, now)
            return written.saved

    def finish(
        self,
        source: Source,
        owner: str,
        batch: Batch | None,
        now: datetime,
        due: datetime,
        *,
        finding: Finding | None = None,
        more: str | None = None,
    ) -> Saved:
        """Ends a pass under its lease: saves `batch` with the validators of the list (None: it has not
        changed), and what the source turned out to be; forgets links that are listed no more.

        Pages that could not be read are the source's cause, not its failure, and so is what `more` says.
        """
        with writing(self._engine) as connection:
            leases.hold(connection, source.id, owner, now)
            saved = Saved()
            fields: dict[str, object] = {}
            if batch is not None:
                written = saving.save_drafts(connection, source, batch.drafts, now)
                gone = tombstones.meant(connection, source, batch.withdrawn, set(written.ids))
                saved = written.saved + Saved(withdrawn=saving.withdraw(connection, gone, now))
                fields = {"title": batch.title, "etag": batch.etag, "last_modified": batch.last_modified}
            if finding is not None:
                fields["finding"] = {"kind": finding.kind.value, "url": finding.url, "rule": finding.rule}
            leases.succeeded(connection, source.id, now, due, fields)
            told = [more] if more else []
            told += [f"{row.url}: {row.problem}" for row in connection.execute(_problems(source.id, now))]
            if told:
                rest = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
                leases.remark(connection, source.id, told[0] + rest)
            connection.execute(
                delete(links).where(links.c.source == source.id, links.c.listed < now - FORGOTTEN)
            )
            return saved


def reread(connection: Connection, source: str, now: datetime) -> None:
    """Makes what is not settled for long due again, since `source` is read otherwise from now on."""
    recent = links.c.first_seen > now - timedelta(days=2)
    connection.execute(
        update(links)
        .where(links.c.source == source)
        .where(
            links.c.state.in_([LinkState.BARREN.value, LinkState.FAILED.value])
            | (recent & (links.c.state == "read"))
        )
        .values(state=LinkState.NEW.value, due=now, failures=0, problem=None, etag=None, last_modified=None)
    )


def _any(connection: Connection, source: str) -> bool:
    return (
        connection.execute(select(links.c.key).where(links.c.source == source).limit(1)).first() is not None
    )


def _rows(connection: Connection, source: str, keys: Sequence[str]) -> dict[str, RowMapping]:
    found: dict[str, RowMapping] = {}
    for start in range(0, len(keys), _CHUNK):
        query = select(links).where(links.c.source == source, links.c.key.in_(keys[start : start + _CHUNK]))
        found.update({row["key"]: row for row in connection.execute(query).mappings()})
    return found


def _row(source: str, key: str, one: Listed, now: datetime, place: int, *, past: bool) -> dict[str, object]:
    return {
        "source": source, "key": key, "url": one.url, "title": one.title, "published": one.published,
        "summary": one.summary, "guid": one.guid, "author": one.author,
        "state": (LinkState.PAST if past else LinkState.NEW).value, "first_seen": now, "place": place,
        "listed": now, "checked": None, "due": None if past else now, "failures": 0, "problem": None,
        "etag": None, "last_modified": None,
    }  # fmt: skip


def _seen_again(connection: Connection, row: RowMapping, one: Listed, now: datetime) -> None:
    """Notes that a known link is listed still, and is due where its page says that it has changed."""
    values: dict[str, object] = {}
    if now - row["listed"] > _TOUCH:
        values["listed"] = now
    changed = one.changed is not None and row["checked"] is not None and one.changed > row["checked"]
    if changed and row["state"] == LinkState.READ.value and one.changed is not None and one.changed <= now:
        values["due"] = now
    if row["state"] == LinkState.NEW.value and one.title and not row["title"]:
        values["title"] = one.title
    if values:
        connection.execute(
            update(links).where(links.c.source == row["source"], links.c.key == row["key"]).values(**values)
        )


def _write(connection: Connection, source: str, link: Link, now: datetime) -> None:
    key = urls.canonical(link.listed.url)
    values: dict[str, object] = {
        "state": link.state.value, "checked": link.checked, "due": link.due, "failures": link.failures,
        "problem": link.problem, "etag": link.etag, "last_modified": link.last_modified,
    }  # fmt: skip
    done = connection.execute(
        update(links).where(links.c.source == source, links.c.key == key).values(**values)
    )
    if not done.rowcount:
        whole = _row(source, key, link.listed, now, 0, past=False) | values
        connection.execute(insert(links).values(**whole))


def _problems(source: str, now: datetime) -> Select[tuple[str, str | None]]:
    query = select(links.c.url, links.c.problem).where(links.c.source == source, links.c.problem.is_not(None))
    return query.where(links.c.listed >= now - 2 * _TOUCH).order_by(links.c.first_seen.desc(), links.c.place)


def _link(row: RowMapping) -> Link:
    listed = Listed(
        url=row["url"],
        title=row["title"],
        published=row["published"],
        summary=row["summary"],
        guid=row["guid"],
        author=row["author"],
    )
    return Link(
        listed=listed,
        state=LinkState(row["state"]),
        first_seen=row["first_seen"],
        checked=row["checked"],
        due=row["due"],
        failures=row["failures"],
        problem=row["problem"],
        etag=row["etag"],
        last_modified=row["last_modified"],
    )
