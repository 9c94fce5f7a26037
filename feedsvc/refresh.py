"""One source, one pass: fetch, read, save - or say what went wrong and when to try again."""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feedsvc import folders, reading
from feedsvc.children import Runner
from feedsvc.errors import (
    ChildError,
    FeedsvcError,
    FetchError,
    LeaseLostError,
    ReadError,
    StatusError,
)
from feedsvc.fetch import Request, Response
from feedsvc.following import GONE, Followed, Follower, found_kind
from feedsvc.lists import Lister, own_headers
from feedsvc.model import Batch, Finding, Kind, Saved, Source, SourceState, Stamp
from feedsvc.sources import folder
from feedsvc.store import Store
from feedsvc.visits import Visits, seconds

if TYPE_CHECKING:
    from feedsvc.sources.discovery import Discovery

log = logging.getLogger(__name__)

LONGEST = timedelta(hours=24)  # no source is put off further, whatever its server says
_SURE = 3  # failures in a row after which a source is no more what it was found to be
_HOPS = 3  # pages that send their reader on, one after the other
_SUSPICIOUS = 5  # so many files gone at once, none left: the disk is missing, not the articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """A refresh that went well."""

    source: Source
    saved: Saved


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A refresh that did not; the source keeps its articles."""

    source: Source
    error: FeedsvcError
    due: datetime


Outcome = Refreshed | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresher:
    """Refreshes sources that its caller has leased. Thread-safe; several sources may be refreshed at once."""

    store: Store
    visits: Visits
    children: Runner
    clock: Callable[[], datetime]
    owner: str
    jitter: float
    max_body: int
    chance: Callable[[], float] = random.random

    @property
    def lister(self) -> Lister:
        """What reads lists for it."""
        return Lister(
            store=self.store, visits=self.visits, children=self.children, clock=self.clock, owner=self.owner
        )

    @property
    def follower(self) -> Follower:
        """What reads the pages that lists name."""
        return Follower(
            store=self.store, visits=self.visits, children=self.children, clock=self.clock, owner=self.owner
        )

    def refresh(self, source: Source) -> Outcome:
        """One pass over `source`, whose lease is held; it is given back in any case. Never raises."""
        try:
            saved = self._folder(source) if source.kind is Kind.FOLDER else self._fetched(source)
            log.info("source %s: %s", source.id, _counts(saved))
            return Refreshed(source=source, saved=saved)
        except LeaseLostError as exc:
            log.warning("%s", exc)
            return Failed(source=source, error=exc, due=self.clock())
        except FeedsvcError as exc:
            return self._failed(source, exc)
        except Exception as exc:  # a fault of ours must not stop the other sources
            log.exception("source %s: internal error", source.id)
            return self._failed(source, ReadError(f"internal error: {type(exc).__name__}: {exc}"))

    def _failed(self, source: Source, error: FeedsvcError) -> Outcome:
        now = self.clock()
        due = now + source.interval
        try:
            state = self.store.states()[source.id]
            asked = error.retry_after if isinstance(error, FetchError) else None
            due = now + backoff(source.interval, state.failures + 1, asked, self._spread())
            log.warning("source %s: %s; next try %s", source.id, error, due.isoformat(timespec="seconds"))
            self.store.fail(source, self.owner, due, str(error))
        except FeedsvcError as exc:
            log.error("source %s: %s; and its state could not be saved: %s", source.id, error, exc)
        return Failed(source=source, error=error, due=due)

    def _fetched(self, source: Source) -> Saved:
        state = self.store.states()[source.id]
        if source.kind is not Kind.AUTO:
            return self._read(source, state)
        finding = state.finding
        if finding is None:
            return self._discovered(source)
        try:
            return self._read(found_kind(source, finding), state)
        except (StatusError, ReadError) as exc:
            gone = exc.status in GONE if isinstance(exc, StatusError) else not isinstance(exc, ChildError)
            if not gone or state.failures + 1 < _SURE:
                raise  # for a while a feed may be a page that says sorry
            log.warning("source %s: %s; looking anew for what its address is", source.id, exc)
            return self._discovered(source)

    def _discovered(self, source: Source) -> Saved:
        """Finds out what the address of a source without a kind is, and reads it as that."""
        assert source.url is not None
        response = self._get(source, source.url)
        found = self._what(response)
        for _ in range(_HOPS):
            if found.moved is None or found.findings:
                break
            response = self._get(source, found.moved)
            found = self._what(response)
        failure: FeedsvcError = ReadError(f"{response.url}: sends its reader on and on")
        for place, finding in enumerate(found.findings):
            try:
                known = response if finding.url == response.url else self._get(source, finding.url)
                return self._read(found_kind(source, finding), None, known, finding)
            except (FetchError, ReadError) as exc:
                failure = failure if place else exc
        raise failure

    def _what(self, response: Response) -> "Discovery":
        return self.children.run(
            reading.discover, response.body, response.url, response.content_type, self.clock()
        )

    def _read(
        self,
        source: Source,
        state: SourceState | None,
        response: Response | None = None,
        finding: Finding | None = None,
    ) -> Saved:
        """Reads a source of a kind: `response` where it was fetched already, else what it is by now."""
        assert source.url is not None
        is_list = source.kind in (Kind.PAGE, Kind.SITEMAP)
        delay = self.lister.permitted(source, source.url) if is_list else seconds(source.delay)
        response = response or self._get(source, source.url, delay, state)
        batch: Batch | None = None
        if response.status != 304 and is_list:
            page = self.lister.note_list(source, response, source.kind)
            # The validators of a page that only sends its reader on say nothing of where it sends him.
            own = None if page.moved else response
            batch = Batch(etag=own.etag if own else None, last_modified=own.last_modified if own else None)
        elif response.status != 304:
            self.store.hold(source, self.owner, self.clock())
            read = self.children.run(
                reading.read_feed, source, response.body, response.url, response.content_type, self.clock()
            )
            batch = replace(read, etag=response.etag, last_modified=response.last_modified)
        if not is_list and not source.full_text and finding is None:
            return self._finish(source, batch)
        return self._followed(source, batch, finding)

    def _followed(self, source: Source, batch: Batch | None, finding: Finding | None) -> Saved:
        """Reads the pages that are due, and ends the pass."""
        early = Saved()
        followed = Followed(saved=early)
        if source.kind is not Kind.FEED or source.full_text:
            if batch is not None and source.full_text:
                batch = self.follower.withhold(source, batch)
                early = self.store.links.save(source, self.owner, [], batch.drafts, self.clock())
                batch = replace(batch, drafts=())
            followed = self.follower.follow(source)
        now = self.clock()
        due = now + max(spread(source.interval, self._spread()), followed.wait or timedelta())
        last = self.store.links.finish(
            source, self.owner, batch, now, min(due, now + LONGEST), finding=finding, more=followed.stopped
        )
        return early + followed.saved + last

    def _get(
        self, source: Source, url: str, delay: float = 0.0, state: SourceState | None = None
    ) -> Response:
        request = Request(
            url=url,
            headers=own_headers(source, url),
            etag=state.etag if state else None,
            last_modified=state.last_modified if state else None,
        )
        return self.visits.fetch(request, max(delay, seconds(source.delay)))

    def _finish(self, source: Source, batch: Batch | None) -> Saved:
        now = self.clock()
        return self.store.finish(
            source, self.owner, batch, now, now + spread(source.interval, self._spread())
        )

    def _folder(self, source: Source) -> Saved:
        assert source.path is not None
        found = folder.scan(source.path)
        known, unreadable = self.store.stamps(source.id)
        gone = known.keys() - found.keys()
        if not found and len(gone) > _SUSPICIOUS:
            raise ReadError(
                f"{source.path}: empty, but {len(gone)} files were there before; their articles are kept "
                "until a file is there again"
            )
        changed = [(n, stamp) for n, stamp in found.items() if known.get(n) != stamp or n in unreadable]
        released = gone | {name for name, _ in changed}
        total = Saved()
        claimed: set[str] = set()
        for part in folders.parts(changed):
            self.store.hold(source, self.owner, self.clock())
            batch = folders.read(
                source,
                part,
                children=self.children,
                clock=self.clock,
                hold=lambda: self.store.hold(source, self.owner, self.clock()),
                max_body=self.max_body,
            )
            saved, held = self.store.save_files(
                source, self.owner, batch, self.clock(), released=released, claimed=claimed
            )
            claimed |= held
            total += saved
        now = self.clock()
        due = now + spread(source.interval, self._spread())
        return total + self.store.finish_files(source, self.owner, gone, now, due, changed=bool(changed))

    def _spread(self) -> float:
        """A factor between 1 - jitter and 1 + jitter."""
        return 1 + self.jitter * (2 * self.chance() - 1)


def spread(interval: timedelta, factor: float) -> timedelta:
    """When the next refresh comes after a good one."""
    return interval * factor


def backoff(interval: timedelta, failures: int, asked: timedelta | None, factor: float) -> timedelta:
    """When the next try comes after `failures` in a row: the interval, doubled each time, at most a day.

    What the server asked for (Retry-After) is obeyed if it is longer, up to a day.
    """
    doubled = min(interval * 2 ** min(failures - 1, 16), LONGEST)
    wanted: timedelta = max(doubled * factor, asked or timedelta())
    return min(wanted, LONGEST)


def unchanged(store: Store, source: Source, found: Mapping[str, Stamp]) -> bool:
    """Whether the files `found` in a folder are exactly those that were last read."""
    known, _ = store.stamps(source.id)
    return known == found


def _counts(saved: Saved) -> str:
    return f"{saved.new} new, {saved.edited} edited, {saved.withdrawn} withdrawn, {saved.unchanged} unchanged"
