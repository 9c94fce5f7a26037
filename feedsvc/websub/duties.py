"""All that the process on duty does for WebSub, as ticks of its scheduler."""

import time

from feedsvc.errors import StoreError
from feedsvc.websub.announcer import Announcer
from feedsvc.websub.crew import Crew
from feedsvc.websub.hub import Hub
from feedsvc.websub.pinger import Pinger

_TIDYING = 60.0  # seconds
_PATIENCE = 1.0  # seconds
_REST = 5.0  # seconds, after the store failed


class Duties:
    """Looks for changes, tells public hubs, and runs our own, if we have one. Every tick is short."""

    every = 0.25

    def __init__(
        self,
        announcer: Announcer,
        pinger: Pinger,
        hub: Hub | None,
    ) -> None:
        self._announcer = announcer
        self._pinger = pinger
        self._hub = hub
        self._lookout = Crew("look at the topics", limit=1, per_host=1)
        self._tidied = 0.0
        self._rested = 0.0
        self._stopped = False

    def tick(self) -> None:
        """Begins whatever is to be done now. StoreError, after which a while nothing is begun."""
        if self._stopped or time.monotonic() < self._rested:
            return
        try:
            self._begin()
        except StoreError:
            self._rested = time.monotonic() + _REST
            raise

    def stop(self) -> None:
        """Begins nothing more; what was begun has a second, so that little is done twice by the next."""
        self._stopped = True
        self._lookout.join(_PATIENCE / 4)
        self._pinger.stop(_PATIENCE / 4)
        if self._hub is not None:
            self._hub.stop(_PATIENCE / 2)

    def _begin(self) -> None:
        if self._announcer.due():
            self._lookout.run("look", "", self._announcer.look)
        if self._hub is not None:
            self._hub.verify()
            self._hub.deliver()
        self._pinger.send()
        if time.monotonic() >= self._tidied:
            self._tidied = time.monotonic() + _TIDYING
            self._pinger.give_up()
            if self._hub is not None:
                self._hub.expire()
