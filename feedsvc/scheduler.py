"""When things happen: sources refreshed when due, folders watched, old articles pruned.

The only module that imports apscheduler. Its jobs are short ticks that compare due times; what takes long
runs in threads of its own, so that nothing slow ever delays a tick.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from apscheduler.executors.pool import ThreadPoolExecutor as TickExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from feedsvc import refresh, wording
from feedsvc.errors import FeedsvcError
from feedsvc.model import Kind, Source, Stamp
from feedsvc.refresh import Refresher
from feedsvc.sources import folder
from feedsvc.store import Store

log = logging.getLogger(__name__)

_TICK = 1.0  # seconds between looks at what is due
_LOOK = 2.0  # seconds between looks at folders
_LOOK_SHARE = 20  # looking at a folder takes at most one part in so many of the time
_WORDS = 2.0  # seconds between looks for articles whose words are not known
_STEP = 2.0  # seconds by which a clock must jump to count as set


class Companion(Protocol):
    """What else happens as long as a scheduler runs: a short tick, every so many seconds."""

    every: float

    def tick(self) -> None:
        """Begins whatever is due."""
        ...

    def stop(self) -> None:
        """Ends; nothing is begun any more."""
        ...


class Scheduler:
    """Refreshes what is due as long as it runs. `start` returns at once; `stop` waits for nothing slow.

    Runs one source of a host at a time and `concurrency` sources at once. `retention`: how long articles are
    kept; `tick` and `look`: seconds between looks, for tests. `beside` runs and ends with it.
    """

    def __init__(
        self,
        refresher: Refresher,
        sources: Sequence[Source],
        *,
        concurrency: int,
        retention: timedelta,
        tick: float = _TICK,
        look: float = _LOOK,
        beside: Companion | None = None,
    ) -> None:
        self._refresher = refresher
        self._store: Store = refresher.store
        self._sources = {s.id: s for s in sources if s.enabled and s.kind is not Kind.PUSH}
        self._concurrency = concurrency
        self._retention = retention
        self._running: dict[str, threading.Thread] = {}
        self._folders = {s.id: _Folder() for s in self._sources.values() if s.kind is Kind.FOLDER}
        self._stopping = threading.Event()
        self._ticks = BackgroundScheduler(
            timezone=UTC,
            executors={"default": TickExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._add(self._lease_due, tick)
        self._add(self._look_at_folders, look)
        self._add(self._bury_the_dead, 15)
        self._add(self._prune, 3600)
        self._add(self._find_words, _WORDS)
        self._add(refresher.children.rest, 60)
        self._beside = beside
        if beside is not None:
            self._add(beside.tick, beside.every)
        self._clock = threading.Thread(target=self._mind_the_clock, name="clock", daemon=True)

    def start(self) -> None:
        """Begins. The first ticks come at once."""
        self._bury_the_dead()
        self._ticks.start()
        self._clock.start()

    def stop(self) -> None:
        """Ends: no new refresh begins, children are ended, leases given back. Once is enough."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._ticks.shutdown(wait=False)
        if self._beside is not None:
            self._beside.stop()
        self._refresher.children.stop()
        try:
            self._store.release([self._refresher.owner])
        except FeedsvcError as exc:
            log.warning("leases could not be given back, they will run out: %s", exc)

    def _add(self, job: Callable[[], object], seconds: float) -> None:
        self._ticks.add_job(_guarded(job), "interval", seconds=seconds, next_run_time=datetime.now(UTC))

    def _lease_due(self) -> None:
        self._running = {ident: thread for ident, thread in self._running.items() if thread.is_alive()}
        free = self._concurrency - len(self._running)
        waiting = [ident for ident in self._sources if ident not in self._running]
        now = self._refresher.clock()
        if free <= 0 or not waiting or not self._store.any_due(waiting, now):
            return
        for ident in self._store.lease(waiting, self._refresher.owner, now, limit=free):
            # A thread of its own, and no pool's: nobody waits for it when the process ends, however slow
            # the source is.
            thread = threading.Thread(
                target=self._refresher.refresh,
                args=(self._sources[ident],),
                name=f"refresh {ident}",
                daemon=True,
            )
            self._running[ident] = thread
            thread.start()

    def _look_at_folders(self) -> None:
        for ident, known in self._folders.items():
            if time.monotonic() < known.look_after:
                continue
            source = self._sources[ident]
            assert source.path is not None
            began = time.monotonic()
            try:
                found = folder.scan(source.path)
            except FeedsvcError:
                continue  # its refresh, when due, says so
            known.look_after = time.monotonic() + _LOOK_SHARE * (time.monotonic() - began)
            if found == known.settled:
                continue
            if refresh.unchanged(self._store, source, found):
                known.settled = found
            else:  # at every look until it is read: a refresh that runs now may have missed the change
                known.settled = None
                self._store.make_due(ident, self._refresher.clock())

    def _prune(self) -> None:
        now = self._refresher.clock()
        count = self._store.prune(now - self._retention, now)
        if count:
            log.info("pruned %d articles", count)

    def _find_words(self) -> None:
        wording.find_words(self._store, self._refresher.children, self._refresher.clock)

    def _bury_the_dead(self) -> None:
        """Gives back the leases of processes of this machine that are no more."""
        dead = [owner for owner in self._store.owners() if not alive(owner)]
        self._store.release(dead)

    def _mind_the_clock(self) -> None:
        """Sets the ticks right when somebody sets the clock: they wait for moments of the wall clock."""
        offset = time.time() - time.monotonic()
        while not self._stopping.wait(1):
            now = time.time() - time.monotonic()
            if abs(now - offset) > _STEP:
                log.warning("the clock was set by %+.0f s", now - offset)
                for job in self._ticks.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))
            offset = now


class _Folder:
    """What a folder looked like when all of it was read; when it is next looked at (monotonic seconds)."""

    def __init__(self) -> None:
        self.settled: dict[str, Stamp] | None = None
        self.look_after = 0.0


def owner_name() -> str:
    """Names this process in leases: machine, process, and a number against reused process ids."""
    return f"{os.uname().nodename}:{os.getpid()}:{_started(os.getpid())}"


def alive(owner: str) -> bool:
    """Whether the process that `owner` names may still run. True for processes of other machines."""
    machine, _, rest = owner.rpartition(":")[0].rpartition(":")
    started = owner.rpartition(":")[2]
    if machine != os.uname().nodename or not rest.isdigit():
        return True
    return _started(int(rest)) == started


def _started(pid: int) -> str:
    """When a process of this machine was started, in its kernel's words; '' if there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except FileNotFoundError:
        return ""
    except OSError:
        return "?"
    return "" if fields[0] in "ZX" else fields[19]  # a zombie runs no more; see proc(5)


def _guarded(job: Callable[[], object]) -> Callable[[], None]:
    """A tick that fails is logged, and comes again."""

    def run() -> None:
        try:
            job()
        except FeedsvcError as exc:
            log.error("%s", exc)
        except Exception:
            log.exception("internal error in %s", job)

    return run
