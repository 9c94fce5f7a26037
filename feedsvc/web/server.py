"""Runs the web under gunicorn. The only module that imports gunicorn."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

# What WSGI calls an application: Flask's type would do, but the server needs to know nothing of Flask.
Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


class Server(BaseApplication):
    """gunicorn with our settings. `make` builds the application, once in each worker, after the fork."""

    def __init__(
        self,
        make: Callable[[], Application],
        *,
        bind: str,
        workers: int,
        threads: int,
        leaving: Callable[[], None],
        ready: Callable[[], None],
    ) -> None:
        self._make = make
        self._settings = {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            # gunicorn's heartbeat is a file: on a disk, a slow one would have workers killed
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,
            "timeout": 60,
            "graceful_timeout": 20,
            "keepalive": 15,
            "limit_request_line": 8190,
            "control_socket_disable": True,
            "proc_name": "feedsvc",
            "loglevel": "warning",
            "accesslog": None,
            "when_ready": lambda _server: ready(),
            "worker_exit": lambda _server, _worker: leaving(),
        }
        super().__init__()

    def load_config(self) -> None:
        """Settings from us alone: neither gunicorn's command line nor its environment variable counts."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application of this worker."""
        return self._make()


def serve(
    make: Callable[[], Application],
    *,
    host: str,
    port: int,
    workers: int,
    threads: int,
    leaving: Callable[[], None],
    ready: Callable[[], None],
) -> None:
    """Serves until it is told to stop. `ready` runs when the port is open, `leaving` when a worker goes."""
    os.environ.pop("GUNICORN_CMD_ARGS", None)
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    Server(make, bind=bind, workers=workers, threads=threads, leaving=leaving, ready=ready).run()
