"""The store: what is kept, read and written, each call one transaction."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

from sqlalchemy import RowMapping, delete, insert, select

from feedsvc.model import Article, Batch, Body, Enclosure, Keyword, Saved, Source, SourceState, Stamp
from feedsvc.store import archives, database, files, leases, links, pruning, saving, tombstones
from feedsvc.store.announcements import Announcements
from feedsvc.store.archives import TermClause
from feedsvc.store.database import reading, writing
from feedsvc.store.links import Links
from feedsvc.store.models import Models
from feedsvc.store.pushing import Pushing
from feedsvc.store.schema import articles, bodies, counters, facts
from feedsvc.store.subscriptions import Subscriptions
from feedsvc.store.watch import Watch
from feedsvc.store.wording import Wordings

_SUCCESS = ("title", "etag", "last_modified")


class Store:
    """Articles and source state on disk; every method is one transaction and may raise StoreError.

    A method waits up to `busy` seconds while another process writes.

    `subscriptions` and `announcements` are what WebSub needs of it, `pushing` what the API that writes does,
    `wordings` what searches do; `models` holds what was learned of the site.

    Thread-safe. Not to be used on both sides of a fork: open it after.
    """

    def __init__(self, url: str, *, busy: float = database.BUSY_SECONDS) -> None:
        self._engine = database.connect(url, busy=busy)
        self.url = url
        self.subscriptions = Subscriptions(self._engine)
        self.announcements = Announcements(self._engine)
        self.pushing = Pushing(self._engine)
        self.wordings = Wordings(self._engine)
        self.links = Links(self._engine)
        self.models = Models(self._engine)

    @classmethod
    def open(cls, url: str, now: datetime, *, thorough: bool = False) -> "Store":
        """The store at `url`, made, checked and migrated as needed (`database.prepare`)."""
        database.prepare(url, now, thorough=thorough)
        return cls(url)

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()

    # -- articles, for catalogs

    def watch(self) -> Watch:
        """What tells cheaply whether anything was written since it was last asked."""
        return Watch(self.url)

    def newest(self) -> int:
        """The last revision given."""
        return self._counter("revision")

    def generation(self) -> int:
        """When articles were last removed for good, seconds since 1970 UTC (0: never); it always grows."""
        return self._counter("pruned")

    def born(self) -> int:
        """When the store was made, seconds since 1970 UTC."""
        return self._counter("born")

    def changes(self, after: int, limit: int = 5000) -> list[tuple[Article, dict[str, int]]]:
        """Up to `limit` articles changed after revision `after`, in the order of their revisions.

        With each, what it no longer belongs to and since when (seconds since 1970 UTC).
        """
        query = select(articles).where(articles.c.revision > after).order_by(articles.c.revision).limit(limit)
        with reading(self._engine) as connection:
            return [(_article(row), row["left_at"]) for row in connection.execute(query).mappings()]

    def bodies(self, ids: Sequence[str]) -> dict[str, Body]:
        """The bodies of `ids` (at most some hundred); withdrawn and unknown articles have none."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(bodies).where(bodies.c.id.in_(ids))).mappings()
            return {row["id"]: _body(row) for row in rows}

    # -- archives

    def came(self, clauses: Sequence[TermClause]) -> int:
        """How many articles ever came into a selection, pruned and withdrawn ones included."""
        with reading(self._engine) as connection:
            return archives.count(connection, clauses)

    def archive(self, clauses: Sequence[TermClause], first: int, number: int) -> list[Article]:
        """The articles that came into a selection at the places `first` (0 the oldest) and after, `number` of
        them, in that order: as they are now, without those pruned since."""
        with reading(self._engine) as connection:
            seqs = archives.part(connection, clauses, first, number)
            rows = connection.execute(select(articles).where(articles.c.seq.in_(seqs))).mappings()
            found = {row["seq"]: _article(row) for row in rows}
            return [found[seq] for seq in seqs if seq in found]

    # -- sources

    def sync(self, sources: Sequence[Source], reading: Mapping[str, str], now: datetime) -> None:
        """Makes the configured sources known. `reading`, by id, names how each is read: when that is another
        than before, all of the source is read anew."""
        with writing(self._engine) as connection:
            for ident in leases.sync(connection, sources, reading, now):
                files.reread(connection, ident)
                links.reread(connection, ident, now)

    def states(self) -> dict[str, SourceState]:
        """What is known of every source, by id."""
        with reading(self._engine) as connection:
            return leases.states(connection)

    def any_due(self, ids: Sequence[str], now: datetime) -> bool:
        """Whether one of the sources `ids` waits to be refreshed; does not write."""
        with reading(self._engine) as connection:
            return leases.any_due(connection, ids, now)

    def lease(
        self, ids: Sequence[str], owner: str, now: datetime, *, due_only: bool = True, limit: int = 1
    ) -> list[str]:
        """Leases up to `limit` of the sources `ids` to `owner`; those it got."""
        with writing(self._engine) as connection:
            return leases.lease(connection, ids, owner, now, due_only=due_only, limit=limit)

    def hold(self, source: Source, owner: str, now: datetime) -> None:
        """Makes a lease last from now on. LeaseLostError if it is gone."""
        with writing(self._engine) as connection:
            leases.hold(connection, source.id, owner, now)

    def fail(self, source: Source, owner: str, due: datetime, cause: str) -> None:
        """Notes a failed refresh and ends its lease."""
        with writing(self._engine) as connection:
            leases.failed(connection, source.id, owner, due, cause)

    def owners(self) -> set[str]:
        """Everybody who holds a lease."""
        with reading(self._engine) as connection:
            return leases.owners(connection)

    def release(self, owners: Sequence[str]) -> None:
        """Ends every lease of `owners`."""
        if owners:
            with writing(self._engine) as connection:
                leases.release(connection, owners)

    def make_due(self, source: str, now: datetime) -> None:
        """Puts a source at the head of the queue."""
        with writing(self._engine) as connection:
            leases.make_due(connection, source, now)

    # -- saving what a refresh brought, under its lease

    def finish(self, source: Source, owner: str, batch: Batch | None, now: datetime, due: datetime) -> Saved:
        """Saves `batch` (None: nothing has changed) with its validators, notes the success, ends the lease.

        What its tombstones name is withdrawn, unless it stands in the same batch. LeaseLostError if the lease
        is gone: then nothing is saved.
        """
        with writing(self._engine) as connection:
            leases.hold(connection, source.id, owner, now)
            saved = Saved()
            fields = {}
            if batch is not None:
                written = saving.save_drafts(connection, source, batch.drafts, now)
                gone = tombstones.meant(connection, source, batch.withdrawn, set(written.ids))
                saved = written.saved + Saved(withdrawn=saving.withdraw(connection, gone, now))
                fields = {name: getattr(batch, name) for name in _SUCCESS}
            leases.succeeded(connection, source.id, now, due, fields)
            return saved

    def stamps(self, source: str) -> tuple[dict[str, Stamp], set[str]]:
        """A folder's files as they were last read, by name; and the names of those that could not be."""
        with reading(self._engine) as connection:
            return files.stamps(connection, source)

    def save_files(
        self,
        source: Source,
        owner: str,
        batch: Batch,
        now: datetime,
        *,
        released: Set[str],
        claimed: Set[str],
    ) -> tuple[Saved, set[str]]:
        """Saves some files of a folder under its lease; the counts, and the articles these files hold.

        `released` names every file that is gone or changed in this pass: what it held is free. `claimed` are
        articles that files saved earlier in this pass hold.
        """
        with writing(self._engine) as connection:
            leases.hold(connection, source.id, owner, now)
            held = files.held(connection, source.id, released) | claimed
            written = saving.save_drafts(connection, source, batch.drafts, now, held=held)
            files.save(connection, source.id, batch.files, written.ids, by_hand=False)
            return written.saved, set(written.ids)

    def finish_files(
        self, source: Source, owner: str, gone: Set[str], now: datetime, due: datetime, *, changed: bool
    ) -> Saved:
        """Ends the pass over a folder: files `gone` are forgotten, articles that no file holds withdrawn.

        Files that cannot be read make the pass a failure of those files alone: the cause says which.
        """
        with writing(self._engine) as connection:
            leases.hold(connection, source.id, owner, now)
            files.forget(connection, source.id, gone)
            count = 0
            if changed or gone:
                count = saving.withdraw(connection, files.orphans(connection, source.id), now)
            problems = files.problems(connection, source.id)
            leases.succeeded(connection, source.id, now, due, {})
            if problems:
                more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
                leases.remark(connection, source.id, problems[0] + more)
            return Saved(withdrawn=count)

    def ingest(self, source: Source, batch: Batch, now: datetime) -> Saved:
        """Saves documents given by hand; what they hold is theirs until they are ingested again."""
        with writing(self._engine) as connection:
            held = files.held(connection, source.id, {f.name for f in batch.files})
            written = saving.save_drafts(connection, source, batch.drafts, now, held=held)
            files.save(connection, source.id, batch.files, written.ids, by_hand=True)
            return written.saved

    # -- upkeep

    def prune(self, before: datetime, now: datetime) -> int:
        """Removes what `pruning.prune` says; how many articles."""
        return pruning.prune(self._engine, before, now)

    def fact(self, name: str, value: str, now: datetime) -> datetime:
        """Notes that `name` is `value` from now on, unless it is so already; since when it is."""
        with reading(self._engine) as connection:
            row = connection.execute(select(facts).where(facts.c.name == name)).mappings().first()
        if row is not None and row["value"] == value:
            since: datetime = row["since"]
            return since
        with writing(self._engine) as connection:
            connection.execute(delete(facts).where(facts.c.name == name))
            connection.execute(insert(facts).values(name=name, value=value, since=now))
        return now

    def _counter(self, name: str) -> int:
        with reading(self._engine) as connection:
            return int(connection.scalars(select(counters.c.value).where(counters.c.name == name)).one())


def _article(row: RowMapping) -> Article:
    seq, wording = row["seq"], row["wording"]
    wording = seq if wording == seq else wording  # one number in memory, not two
    return Article(
        id=row["id"],
        source=row["source"],
        seq=seq,
        revision=row["revision"],
        title=row["title"],
        link=row["link"],
        author=row["author"],
        published=row["published"],
        updated=row["updated"],
        first_seen=row["first_seen"],
        changed=row["changed"],
        category=row["category"],
        tags=tuple(row["tags"]),
        regions=tuple(row["regions"]),
        withdrawn=row["withdrawn"],
        wording=wording,
        story=row["story"],
    )


def _body(row: RowMapping) -> Body:
    return Body(
        html=row["html"],
        summary=row["summary"],
        enclosures=tuple(Enclosure(**e) for e in row["enclosures"]),
        rights=row["rights"],
        keywords=tuple(Keyword(word=w, weight=x) for w, x in row["keywords"]),
    )
