"""gunicorn's configuration, for who runs gunicorn on his own instead of `feedsvc serve`.

    gunicorn -c deploy/gunicorn.conf.py

serves the site of ./feedsvc.toml, else of $FEEDSVC_CONFIG, else the demo site, and refreshes its sources. To
only answer, and refresh elsewhere (`feedsvc refresh --watch`), name the application:

    gunicorn -c deploy/gunicorn.conf.py 'feedsvc.wsgi:application(refresh=False)'

HUP reads feedsvc.toml anew and replaces the workers; requests are answered all the while. Run `feedsvc check`
first, since gunicorn ends when a configuration cannot be read. What is set here is what `feedsvc serve` sets;
the rest is yours.
"""

import os
import sys
from typing import Any

from feedsvc import service
from feedsvc.cli.common import exiting, log_to_stderr, settings_of

log_to_stderr()
_settings = settings_of(None)
_host = _settings.server.host

wsgi_app = "feedsvc.wsgi:application()"
bind = f"[{_host}]:{_settings.server.port}" if ":" in _host else f"{_host}:{_settings.server.port}"
workers = _settings.server.workers
threads = _settings.server.threads
worker_class = "gthread"
# Never: threads and connections of the store must be opened after the fork.
preload_app = False
# The heartbeat is a file; on a disk that is slow for a while, workers would be killed.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
timeout = 60
graceful_timeout = 20
keepalive = 15
# The longest address, encoded.
limit_request_line = 8190
control_socket_disable = True
proc_name = "feedsvc"
loglevel = "warning"


def _prepare() -> None:
    with exiting():
        service.prepare_store(_settings, thorough=True).close()


def on_starting(server: Any) -> None:
    """Once, before any worker: the store is made or migrated, checked, and told of the sources."""
    if server.cfg.preload_app:
        sys.exit("feedsvc: gunicorn's --preload cannot be used; each worker opens the store itself")
    _prepare()


def on_reload(server: Any) -> None:
    """After HUP, before the new workers: the sources may be others now."""
    _prepare()


def worker_exit(server: Any, worker: Any) -> None:
    """In a worker that ends: children stopped, leases given back, `refresh.lock` passed on."""
    application = getattr(worker, "wsgi", None)  # none if it never came up
    if application is not None:
        application.close()
