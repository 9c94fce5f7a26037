"""Child processes that read what sources bring, each killable. The only module that imports pebble."""

import logging
import multiprocessing
import resource
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any, Protocol, TypeVar

from pebble import ProcessExpired, ProcessPool

from feedsvc.errors import ChildError, ChildLostError, FeedsvcError

T = TypeVar("T")
log = logging.getLogger(__name__)

MEMORY = 1 << 30  # bytes of address space that one child may have
CPU_SECONDS = 40  # processor time that one document may take
WALL_SECONDS = 60.0  # time that one document may take, waiting included
_IDLE_SECONDS = 300.0  # children that had nothing to do for so long are let go, with their memory


class Runner(Protocol):
    """What computes something apart from the service."""

    def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """`function(*arguments)`. A FeedsvcError of it comes through; ChildError: it was stopped."""
        ...

    def rest(self) -> None:
        """Lets go of what has been idle for long."""
        ...

    def stop(self) -> None:
        """Ends everything that runs."""
        ...


class Children:
    """A small pool of child processes, started when first needed, let go when idle for `idle` seconds.

    `prepare(*arguments())` runs once in each child; when `arguments()` are others than before, what comes
    next finds new children. `unattended`: nobody calls `rest`, so it calls itself. Thread-safe.
    """

    def __init__(
        self,
        number: int,
        prepare: Callable[..., None],
        arguments: Callable[[], tuple[Any, ...]],
        *,
        idle: float = _IDLE_SECONDS,
        unattended: bool = False,
    ) -> None:
        self._number = number
        self._prepare = prepare
        self._arguments = arguments
        self._idle = idle
        self._unattended = unattended
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._prepared: tuple[Any, ...] = ()
        self._running = 0
        self._idle_since = time.monotonic()

    def run(self, function: Callable[..., T], *arguments: Any, wall: float = WALL_SECONDS) -> T:
        """`function(*arguments)`, computed in a child.

        A FeedsvcError of the function comes through. ChildError: the child took too long or too much memory,
        or crashed; the next call finds a new one.
        """
        with self._lock:
            self._running += 1
        try:
            with self._lock:
                pool = self._open()
            future = pool.schedule(_limited, args=[function, arguments], timeout=wall)
            result: T = future.result()
            return result
        except FeedsvcError:
            raise
        except TimeoutError as exc:
            raise ChildError(f"reading took longer than {wall:g} s and was stopped") from exc
        except MemoryError as exc:
            raise ChildError(
                f"reading needed more than {MEMORY >> 20} MiB of memory and was stopped"
            ) from exc
        except ProcessExpired as exc:
            raise _ending(exc) from exc
        except RecursionError as exc:
            raise ChildError("it is nested too deeply to be read") from exc
        except (CancelledError, RuntimeError, OSError) as exc:
            raise ChildLostError(f"the reading process could not be used ({exc})") from exc
        finally:
            with self._lock:
                self._running -= 1
                self._idle_since = time.monotonic()
                if self._unattended:
                    self._rest_later()

    def rest(self) -> None:
        """Lets children go that have been idle for long."""
        with self._lock:
            idle = not self._running and time.monotonic() - self._idle_since >= self._idle
            pool = self._pool if idle else None
            if idle:
                self._pool = None
        if pool is not None:
            pool.close()  # type: ignore[no-untyped-call]
            pool.join()

    def stop(self) -> None:
        """Ends every child at once, whatever it does."""
        with self._lock:
            pool, self._pool = self._pool, None
            if self._timer is not None:
                self._timer.cancel()
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    def _rest_later(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(self._idle, self.rest)
        self._timer.daemon = True
        self._timer.start()

    def _open(self) -> ProcessPool:
        arguments = self._arguments()
        if self._pool is not None and arguments != self._prepared:
            # What it has begun it ends, and nobody waits for that.
            threading.Thread(target=_finish, args=(self._pool,), daemon=True).start()
            self._pool = None
        self._prepared = arguments
        if self._pool is None or not self._pool.active:
            # Spawned, never forked: the parent has threads and open connections.
            self._pool = ProcessPool(
                max_workers=self._number,
                max_tasks=500,
                initializer=_start,
                initargs=(self._prepare, arguments),
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool


def _finish(pool: ProcessPool) -> None:
    pool.close()  # type: ignore[no-untyped-call]
    pool.join()


def _start(prepare: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    prepare(*arguments)
    _lower(resource.RLIMIT_AS, MEMORY)
    _lower(resource.RLIMIT_CORE, 0)


def _limited(function: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_SECONDS, hard))
    return function(*arguments)


def _lower(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _ending(exc: ProcessExpired) -> ChildError:
    code = exc.exitcode
    if code == -24:  # SIGXCPU
        return ChildError(f"reading took more than {CPU_SECONDS} s of processor time and was stopped")
    if code is not None and code < 0:
        return ChildLostError(f"the reading process was ended by signal {-code}")
    return ChildLostError(f"the reading process ended unexpectedly (exit code {code})")
