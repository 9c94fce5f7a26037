"""Which process of a machine refreshes: the one that holds `refresh.lock`. The kernel passes it on."""

import fcntl
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from feedsvc.errors import StoreError
from feedsvc.scheduler import Scheduler

log = logging.getLogger(__name__)


class Duty:
    """Waits for the lock of the state folder, then runs a scheduler for the rest of the process's life.

    Many processes may wait; the kernel gives the lock to the next as soon as its holder is gone, however it
    went. `on_duty` is set while this one refreshes.
    """

    def __init__(self, state_dir: Path, scheduler: Callable[[], Scheduler]) -> None:
        self._path = state_dir / "refresh.lock"
        self._make = scheduler
        self._scheduler: Scheduler | None = None
        self._lock = threading.Lock()
        self._stopped = False
        self._ended = threading.Event()
        self.on_duty = threading.Event()

    def start(self) -> None:
        """Begins to wait in a thread of its own. StoreError if the lock cannot be made."""
        try:
            file = open(self._path, "w")  # noqa: SIM115 - the thread that holds the lock closes it
        except OSError as exc:
            raise StoreError(f"{self._path}: cannot be opened ({exc.strerror})") from exc
        threading.Thread(target=self._wait, args=(file,), name="duty", daemon=True).start()

    def stop(self) -> None:
        """Ends refreshing and passes the lock on."""
        with self._lock:
            self._stopped = True
            scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.stop()
            self._ended.set()

    def _wait(self, file: IO[str]) -> None:
        with file:  # closing it gives the lock up
            fcntl.flock(file, fcntl.LOCK_EX)
            with self._lock:
                if self._stopped:
                    return
                self._scheduler = self._make()
                self._scheduler.start()
            log.info("this process refreshes the sources")
            self.on_duty.set()
            self._ended.wait()
