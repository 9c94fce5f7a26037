"""Tells public hubs which topics changed, until they have taken it."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from feedsvc.calling import Calls
from feedsvc.errors import FetchError
from feedsvc.store.announcements import Announcements, Round
from feedsvc.websub import backoff
from feedsvc.websub.crew import Crew
from feedsvc.websub.pings import BATCH, ping

log = logging.getLogger(__name__)

_GIVEN_UP = timedelta(days=1)


class Pinger:
    """Sends pings to `hubs`, to each one at a time; a slow hub delays no other."""

    def __init__(
        self,
        announcements: Announcements,
        calls: Calls,
        *,
        hubs: Sequence[str],
        clock: Callable[[], datetime],
        chance: Callable[[], float],
    ) -> None:
        self._announcements = announcements
        self._calls = calls
        self._hubs = hubs
        self._clock = clock
        self._chance = chance
        self._crew = Crew("ping", limit=max(1, len(hubs)), per_host=1)

    def send(self) -> None:
        """Begins to tell every hub what it is to know by now, and returns."""
        for each in self._announcements.rounds(self._hubs, self._clock(), 1):
            self._crew.run(each.hub, each.hub, partial(self._tell, each.hub))

    def give_up(self) -> None:
        """Forgets what no hub took for a day, and what is for hubs that are not ours any more."""
        for hub, count in self._announcements.forget(self._hubs, self._clock() - _GIVEN_UP).items():
            log.warning("%s took no ping for a day: it will not hear of %d topics", hub, count)

    def stop(self, patience: float) -> None:
        """Waits `patience` seconds for what was begun."""
        self._crew.join(patience)

    def _tell(self, hub: str) -> None:
        # What it waits for is read here: before this thread began, another may have told it.
        for round_ in self._announcements.rounds([hub], self._clock(), BATCH):
            self._send(round_)

    def _send(self, round_: Round) -> None:
        asked = None
        try:
            reply = self._calls.call(ping(round_))
            if reply.good:
                self._announcements.told(round_)
                return
            why, asked = f"answered {reply.status}", reply.retry_after
        except FetchError as exc:
            why = exc.problem
        wait = backoff.wait(round_.failures + 1, self._chance(), asked)
        self._announcements.untold(round_.hub, self._clock() + wait)
        log.log(logging.DEBUG if round_.failures else logging.WARNING, "%s was not told: %s", round_.hub, why)
