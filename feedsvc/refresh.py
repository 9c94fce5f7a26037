"""One source, one pass: fetch, read, save - or say what went wrong and when to try again."""

import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feedsvc import reading
from feedsvc.children import Runner
from feedsvc.errors import ChildError, FeedsvcError, FetchError, LeaseLostError, ReadError, TooLargeError
from feedsvc.fetch import Request, Transport
from feedsvc.model import Batch, Kind, ReadFile, Saved, Source, Stamp
from feedsvc.sources import folder
from feedsvc.store import Store

log = logging.getLogger(__name__)

LONGEST = timedelta(hours=24)  # no source is put off further, whatever its server says
_FILES = 40  # files read in one go: what is saved at once, and lost at most
_FILES_BYTES = 4 << 20
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
    transport: Transport
    children: Runner
    clock: Callable[[], datetime]
    owner: str
    jitter: float
    max_body: int
    chance: Callable[[], float] = random.random

    def refresh(self, source: Source) -> Outcome:
        """One pass over `source`, whose lease is held; it is given back in any case. Never raises."""
        try:
            saved = self._folder(source) if source.kind is Kind.FOLDER else self._feed(source)
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

    def _feed(self, source: Source) -> Saved:
        assert source.kind is Kind.FEED
        assert source.url is not None
        state = self.store.states()[source.id]
        response = self.transport.fetch(
            Request(
                url=source.url,
                headers=source.headers,
                etag=state.etag,
                last_modified=state.last_modified,
            )
        )
        batch: Batch | None = None
        if response.status != 304:
            self.store.hold(source, self.owner, self.clock())
            read = self.children.run(
                reading.read_feed, source, response.body, response.url, response.content_type, self.clock()
            )
            batch = replace(read, etag=response.etag, last_modified=response.last_modified)
        return self._finish(source, batch)

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
        for part in _parts(changed):
            self.store.hold(source, self.owner, self.clock())
            batch = self._files(source, part)
            saved, held = self.store.save_files(
                source, self.owner, batch, self.clock(), released=released, claimed=claimed
            )
            claimed |= held
            total += saved
        now = self.clock()
        due = now + spread(source.interval, self._spread())
        return total + self.store.finish_files(source, self.owner, gone, now, due, changed=bool(changed))

    def _files(self, source: Source, part: Sequence[tuple[str, Stamp]]) -> Batch:
        """What some files hold. When their child does not survive them, each is read alone, so that the one
        to blame is known and the others are read."""
        assert source.path is not None
        if len(part) == 1 and part[0][1].size > self.max_body:
            return _unread(part[0], str(TooLargeError(part[0][0], f"larger than {self.max_body >> 20} MiB")))
        try:
            return self.children.run(reading.read_files, source, source.path, part, self.clock())
        except ChildError as exc:
            if len(part) == 1:
                return _unread(part[0], str(exc))
        whole = Batch()
        for file in part:
            self.store.hold(source, self.owner, self.clock())
            one = self._files(source, [file])
            shift = len(whole.drafts)
            moved = tuple(replace(f, first=f.first + shift, last=f.last + shift) for f in one.files)
            whole = Batch(drafts=whole.drafts + one.drafts, files=whole.files + moved)
        return whole

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


def _parts(changed: Sequence[tuple[str, Stamp]]) -> Iterator[list[tuple[str, Stamp]]]:
    part: list[tuple[str, Stamp]] = []
    size = 0
    for file in changed:
        if part and (len(part) >= _FILES or size + file[1].size > _FILES_BYTES):
            yield part
            part, size = [], 0
        part.append(file)
        size += file[1].size
    if part:
        yield part


def _unread(file: tuple[str, Stamp], problem: str) -> Batch:
    name, stamp = file
    return Batch(files=(ReadFile(name=name, stamp=stamp, first=0, last=0, problem=problem),))


def _counts(saved: Saved) -> str:
    return f"{saved.new} new, {saved.edited} edited, {saved.withdrawn} withdrawn, {saved.unchanged} unchanged"
