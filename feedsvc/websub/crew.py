"""Threads for calls that may be slow: bounded, none waiting for another, none waited for at the end."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable

from feedsvc.errors import FeedsvcError

log = logging.getLogger(__name__)

_REST = 5.0  # seconds before what failed inside us is tried again


class Crew:
    """Runs jobs, each in a thread of its own: `limit` at once, `per_host` of one host, one of a key.

    Whatever goes wrong in a job, other than what it says itself, is logged, and its key rests for a while.
    `after` is called in the job's thread when it has made room for another; it raises nothing. Thread-safe.
    """

    def __init__(
        self, name: str, *, limit: int, per_host: int, after: Callable[[], None] = lambda: None
    ) -> None:
        self._name = name
        self._limit = limit
        self._per_host = per_host
        self._after = after
        self._lock = threading.Lock()
        self._running: dict[Hashable, threading.Thread] = {}
        self._hosts: Counter[str] = Counter()
        self._resting: dict[Hashable, float] = {}

    def run(self, key: Hashable, host: str, job: Callable[[], object]) -> bool:
        """Whether the job begins now; if not, there is no room for it, or one of its key runs or rests."""
        with self._lock:
            now = time.monotonic()
            self._resting = {each: until for each, until in self._resting.items() if until > now}
            if key in self._running or key in self._resting:
                return False
            if len(self._running) >= self._limit or self._hosts[host] >= self._per_host:
                return False
            thread = threading.Thread(
                target=self._work, args=(key, host, job), name=f"{self._name} {host}", daemon=True
            )
            self._running[key] = thread
            self._hosts[host] += 1
        try:
            thread.start()
        except RuntimeError as exc:
            log.error("%s: no thread can be started: %s", self._name, exc)
            self._leave(key, host, failed=True)
            return False
        return True

    def join(self, seconds: float) -> None:
        """Waits until nothing runs, at most so long."""
        end = time.monotonic() + seconds
        while running := self._threads():
            for thread in running:
                thread.join(max(0.0, end - time.monotonic()))
            if time.monotonic() >= end:
                return

    def _threads(self) -> list[threading.Thread]:
        with self._lock:
            return list(self._running.values())

    def _work(self, key: Hashable, host: str, job: Callable[[], object]) -> None:
        failed = True
        try:
            job()
            failed = False
        except FeedsvcError as exc:
            log.error("%s: %s", self._name, exc)
        except Exception:
            log.exception("internal error in %s", self._name)
        finally:
            self._leave(key, host, failed=failed)
        self._after()

    def _leave(self, key: Hashable, host: str, *, failed: bool) -> None:
        with self._lock:
            del self._running[key]
            self._hosts[host] -= 1
            if not self._hosts[host]:
                del self._hosts[host]
            if failed:
                self._resting[key] = time.monotonic() + _REST
