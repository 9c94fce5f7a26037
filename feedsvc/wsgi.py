"""The site as a WSGI application (PEP 3333): for `feedsvc serve`, and for who runs gunicorn on his own."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from feedsvc import config, service
from feedsvc.config import Settings
from feedsvc.duty import Duty
from feedsvc.scheduler import Scheduler
from feedsvc.web import publishing
from feedsvc.web.app import create_app
from feedsvc.web.rendering import Press


class Application:
    """What one worker process is made of: it answers requests, and waits for its turn at refreshing.

    To be made in the process that uses it, after every fork, since it opens the store and starts threads.
    `service.prepare_store` must have run before. Raises StoreError if the store cannot be used. `close` ends
    the refreshing, passes `refresh.lock` on and lets go of the store.
    """

    def __init__(self, settings: Settings, *, refresh: bool) -> None:
        running = service.open_service(settings)
        self._service = running
        self._duty: Duty | None = None
        press = Press(running)

        def scheduler() -> Scheduler:
            return service.open_scheduler(settings, running.store, beside=publishing.duties(press))

        if refresh:
            self._duty = Duty(settings.state_dir, scheduler)
            self._duty.start()
        self._app = create_app(running, press)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._app(environ, start_response)

    def close(self) -> None:
        """Ends everything that was begun here; the application answers no more."""
        if self._duty is not None:
            self._duty.stop()
        self._service.close()


def application(*, refresh: bool = True) -> Application:
    """The application of the configuration that `feedsvc serve` would use here, for this process.

    With `refresh=False` it only answers, and another process refreshes (`feedsvc refresh --watch`).
    ConfigError, StoreError: as the commands have them.
    """
    return Application(config.load(None, os.environ), refresh=refresh)
