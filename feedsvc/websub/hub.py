"""Our own hub at work: callbacks are asked whether they meant it, and sent what they subscribed to."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from feedsvc.calling import Call, Calls
from feedsvc.errors import FetchError, StoreError
from feedsvc.store.subscriptions import SUBSCRIBE, UNSUBSCRIBE, Asking, Subscription, Subscriptions
from feedsvc.websub import backoff
from feedsvc.websub.crew import Crew
from feedsvc.websub.deliveries import Outcome, delivery, outcome
from feedsvc.websub.publications import Publications
from feedsvc.websub.questions import confirmed, denial, question

log = logging.getLogger(__name__)

_NO_TOPIC = "this site has no such feed any more"


class Hub:
    """Verifies requests and delivers topics. `verify` and `deliver` begin what is to be done and return.

    Nobody waits for a slow callback: each call has a thread, each host a few at most, and those that failed
    before have threads of their own. `hubs`: what topics name as theirs; `stir` is called when a topic may
    be new. `chance`: numbers from 0 to 1; `challenge`: texts that nobody can guess.
    """

    def __init__(
        self,
        publications: Publications,
        subscriptions: Subscriptions,
        calls: Calls,
        *,
        hubs: tuple[str, ...],
        clock: Callable[[], datetime],
        chance: Callable[[], float],
        challenge: Callable[[], str],
        stir: Callable[[], None],
    ) -> None:
        self._publications = publications
        self._subscriptions = subscriptions
        self._calls = calls
        self._hubs = hubs
        self._clock = clock
        self._chance = chance
        self._challenge = challenge
        self._stir = stir
        self._delivering = threading.Lock()
        self._sent: dict[int, str] = {}  # what was delivered and could not be noted
        self._stopped = False
        self._verifiers = Crew("verification", limit=8, per_host=2)
        self._healthy = Crew("delivery", limit=24, per_host=4, after=self._go_on)
        self._ailing = Crew("repeated delivery", limit=8, per_host=2, after=self._go_on)

    def verify(self) -> None:
        """Asks callbacks about the requests that came; those about one subscription in their order."""
        asked = set()
        for asking in self._subscriptions.pending():
            key = (asking.topic, asking.callback)
            if key not in asked:
                asked.add(key)
                self._verifiers.run(key, asking.host, partial(self._verify, asking))

    def deliver(self) -> None:
        """Sends topics to whoever is to have them now."""
        if self._stopped or not self._delivering.acquire(blocking=False):
            return
        try:
            for waiting in self._subscriptions.waiting(self._clock()):
                crew = self._ailing if waiting.failures else self._healthy
                crew.run(waiting.id, waiting.host, partial(self.send, waiting.id))
        finally:
            self._delivering.release()

    def send(self, ident: int) -> None:
        """Sends a subscription its topic as it is now, if it still waits for it. StoreError."""
        store = self._subscriptions
        subscription = store.get(ident, self._clock())
        if subscription is None:
            return
        edition = self._publications.edition(subscription.topic)
        if edition is None:
            self._deny(subscription.callback, subscription.topic)
            store.end(ident)
            return
        if edition.digest == subscription.sent:
            store.settle(ident, edition.digest)
            return
        if self._sent.get(ident) != edition.digest:
            if not self._brought(subscription, delivery(subscription, edition, self._hubs)):
                return
            # Noted here first: should the store fail now, nobody gets the same twice for that.
            self._sent[ident] = edition.digest
        store.delivered(ident, edition.digest, self._clock())
        self._sent.pop(ident, None)

    def expire(self) -> None:
        """Ends the subscriptions whose time is over."""
        count = self._subscriptions.expire(self._clock())
        if count:
            log.info("hub: %d subscriptions were not renewed", count)

    def stop(self, patience: float) -> None:
        """Begins nothing more; waits `patience` seconds for what was begun."""
        self._stopped = True
        self.wait(patience)

    def wait(self, patience: float) -> None:
        """Waits until nothing runs, `patience` seconds at most."""
        for crew in (self._healthy, self._ailing, self._verifiers):
            crew.join(patience / 3)

    def _go_on(self) -> None:
        with suppress(StoreError):  # the next tick says so
            self.deliver()

    def _verify(self, asking: Asking) -> None:
        store = self._subscriptions
        if not store.is_pending(asking):
            return
        if asking.mode == UNSUBSCRIBE and not store.known(asking.topic, asking.callback):
            store.dismiss(asking)  # nothing is there to be ended, so nobody is asked
            return
        if self._publications.mark(asking.topic) is None:
            self._deny(asking.callback, asking.topic)
            store.dismiss(asking)
            return
        challenge, now = self._challenge(), self._clock()
        try:
            reply = self._calls.call(Call(url=question(asking, challenge)))
        except FetchError as exc:
            log.info("hub: %s was not verified: %s", asking.mode, exc.problem)
            store.dismiss(asking)
            return
        if not confirmed(reply, challenge):
            log.info("hub: %s did not confirm to %s", asking.host, asking.mode)
            store.dismiss(asking)
        elif asking.mode == SUBSCRIBE:
            store.begin(asking, now + asking.lease, self._clock())
            self._stir()
            log.info("hub: %s subscribed to %s", asking.host, asking.topic)
        else:
            store.leave(asking)
            log.info("hub: %s unsubscribed from %s", asking.host, asking.topic)

    def _brought(self, subscription: Subscription, call: Call) -> bool:
        """Whether a delivery succeeded; what follows if not is done."""
        asked = None
        try:
            reply = self._calls.call(call)
            found, why, asked = outcome(reply), f"answered {reply.status}", reply.retry_after
        except FetchError as exc:
            found, why = Outcome.FAILED, exc.problem
        if found is Outcome.OVER:
            self._subscriptions.end(subscription.id)
            log.info("hub: %s wants %s no more", subscription.host, subscription.topic)
        elif found is Outcome.FAILED:
            wait = backoff.wait(subscription.failures + 1, self._chance(), asked)
            self._subscriptions.failed(subscription.id, self._clock() + wait)
            level = logging.DEBUG if subscription.failures else logging.WARNING
            log.log(level, "hub: %s did not take %s: %s", subscription.host, subscription.topic, why)
        return found is Outcome.DELIVERED

    def _deny(self, callback: str, topic: str) -> None:
        log.warning("hub: there is no feed %s; who subscribed is told so", topic)
        with suppress(FetchError):  # whoever cannot be told will find out
            self._calls.call(Call(url=denial(callback, topic, _NO_TOPIC)))
