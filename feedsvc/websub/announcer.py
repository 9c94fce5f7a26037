"""Looks at all topics after every change, and keeps in the store who is to be told of which."""

import math
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from feedsvc.store import Store
from feedsvc.store.announcements import Known, News
from feedsvc.websub.changes import Interest, Look, look, news
from feedsvc.websub.publications import Publications

_SHARE = 10
_BATCH = 50
_BUDGET = 0.5  # seconds for what nobody here waits for, before what somebody does is looked at again


class Announcer:
    """Finds out which topics changed. For one process at a time, and one thread of it, but for `stir`.

    What somebody subscribed to here (`own`: we have a hub) is looked at first and at every change; what the
    site offers, for which `hubs` are told, only as often as that takes about one part in `share` of the time.
    """

    def __init__(
        self,
        publications: Publications,
        store: Store,
        *,
        hubs: Sequence[str],
        own: bool,
        clock: Callable[[], datetime],
        share: int = _SHARE,
        budget: float = _BUDGET,
    ) -> None:
        self._publications = publications
        self._subscriptions = store.subscriptions
        self._announcements = store.announcements
        self._hubs = hubs
        self._own = own
        self._clock = clock
        self._share = share
        self._budget = budget
        self._known: dict[str, Known] | None = None
        self._stirred = True
        self._seen: object = None
        self._seen_all: object = None
        self._rested = 0.0

    def stir(self) -> None:
        """Has the next look see what is subscribed to, though nothing changed."""
        self._stirred = True

    def due(self) -> bool:
        """Whether there is anything to look at."""
        version = self._publications.version()
        return self._stirred or version != self._seen or (version != self._seen_all and self._is_rested())

    def look(self) -> None:
        """Looks at what may have changed. StoreError; what was not looked at then is looked at next time."""
        self._stirred = False
        try:
            self._look()
        except Exception:
            self._known, self._stirred = None, True  # what was kept last is not certain
            raise

    def _look(self) -> None:
        everything = self._is_rested()
        began = time.monotonic()
        version, revision = self._publications.version(), self._publications.revision()
        if self._known is None:
            self._known = self._announcements.known()
        known = self._known
        subscribed = self._subscriptions.topics() if self._own else set()
        interest = Interest(subscribed=subscribed, announced=self._announcements.revision())
        self._read(sorted(subscribed), known, interest)
        self._seen = version
        if not everything:
            return
        listed = set(self._publications.listed()) if self._hubs else set()
        others = (listed | known.keys()) - subscribed if self._hubs else set()
        whole = self._read(sorted(others), known, interest, self._budget)
        if whole:
            gone = known.keys() - listed - subscribed
            self._announcements.looked(revision, sorted(gone), self._clock())
            for topic in gone:
                del known[topic]
            self._seen_all = version
        now = time.monotonic()
        self._rested = now + (now - began) * (self._share if whole else min(self._share, 1))

    def _is_rested(self) -> bool:
        return time.monotonic() >= self._rested

    def _read(
        self,
        topics: Sequence[str],
        known: dict[str, Known],
        interest: Interest,
        budget: float = math.inf,
    ) -> bool:
        """Whether all of `topics` were looked at within `budget` seconds."""
        kept: list[News] = []
        end = time.monotonic() + budget
        for topic in topics:
            found = self._looked_at(topic, known, interest)
            if found is None:
                continue
            kept.append(found)
            # Somebody waits for what was read; the rest can wait for each other.
            if len(kept) >= _BATCH or topic in interest.subscribed:
                self._note(kept, known)
                kept = []
            if time.monotonic() > end and topic != topics[-1]:
                self._note(kept, known)
                return False
        self._note(kept, known)
        return True

    def _looked_at(self, topic: str, known: dict[str, Known], interest: Interest) -> News | None:
        mark = self._publications.mark(topic)
        if mark is None:
            if topic in interest.subscribed:
                self._subscriptions.wake(topic, self._clock())
            return None
        last = known.get(topic)
        closely = look(topic, mark, last, interest)
        if closely is Look.NONE:
            return None
        edition = self._publications.edition(topic) if closely is Look.READ else None
        return news(topic, mark, last, edition.digest if edition else None, interest)

    def _note(self, kept: Sequence[News], known: dict[str, Known]) -> None:
        if kept:
            self._announcements.note(kept, self._hubs, self._clock())
            known.update((each.topic, Known(mark=each.mark, digest=each.digest)) for each in kept)
