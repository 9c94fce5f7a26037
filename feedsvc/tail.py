"""Keeps the catalog abreast of the store: the newest snapshot, and the bodies of the newest articles."""

import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from types import MappingProxyType

from feedsvc import text
from feedsvc.catalog import Indexer, Snapshot
from feedsvc.errors import StoreError
from feedsvc.model import Article, Body, Publish, SourceState
from feedsvc.searches import Searches
from feedsvc.store import Store
from feedsvc.store.watch import Watch

log = logging.getLogger(__name__)

_CHUNK = 5000  # articles read from the store at a time: bounds what a load holds twice
_BODIES = 300
_SUMMARY = 400  # characters; some sources call nearly the whole of an article its summary


class Catalog:
    """The live catalog of a process: `snapshot` is always whole, and replaced by one assignment.

    `publish` says by source how much of its articles may leave; nothing else does. `states` is what the store
    last said of every source. `load` fills both; `start` follows the store in a
    thread of its own until `stop`. When the store fails, the last snapshot stays, the failure is logged once,
    and following goes on when the store is back.
    """

    def __init__(
        self,
        store: Store,
        indexer: Indexer,
        *,
        bodies: int,
        every: timedelta,
        publish: Mapping[str, Publish] = MappingProxyType({}),
    ) -> None:
        self._store = store
        self._publish = publish
        self._indexer = indexer
        self._bodies_kept = bodies
        self._every = every.total_seconds()
        self._bodies: dict[str, tuple[int, Body]] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._moved = threading.Condition()
        self._loading = threading.Lock()
        self._searches = Searches(store.wordings)
        self.snapshot = Snapshot(finder=self._searches)
        self.states: Mapping[str, SourceState] = {}
        self.loaded = False

    def load(self) -> None:
        """Brings the snapshot up to the store's last revision. StoreError if the store cannot be read.

        Thread-safe: what was committed before the call is in the snapshot after it.
        """
        with self._loading:  # two at once would put the older snapshot over the newer
            self._load()

    def _load(self) -> None:
        generation = self._store.generation()
        snapshot = self.snapshot
        if generation != snapshot.generation:
            snapshot = Snapshot(generation=generation, finder=self._searches)
        while changes := self._store.changes(snapshot.revision, _CHUNK):
            snapshot = self._indexer.next(snapshot, changes)
        self.states = self._store.states()  # after the articles: never older than these
        if snapshot is not self.snapshot:
            self._load_bodies(snapshot)
            with self._moved:
                self.snapshot = snapshot
                self._moved.notify_all()
        self.loaded = True

    def start(self) -> None:
        """Follows the store in a thread of its own."""
        self._thread = threading.Thread(target=self._follow, name="tail", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; the snapshot stays."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def wait(self, revision: int, timeout: timedelta) -> bool:
        """Whether the snapshot knows `revision`, at the latest after `timeout`."""
        with self._moved:
            return self._moved.wait_for(lambda: self.snapshot.revision >= revision, timeout.total_seconds())

    def bodies(self, articles: Iterable[Article]) -> dict[str, Body]:
        """The bodies of articles by their ids, as far as they may leave: from memory, else from the store.

        StoreError if the store is needed and fails.
        """
        found: dict[str, Body] = {}
        missing: list[str] = []
        limits: dict[str, Publish] = {}
        for article in articles:
            ident = article.id
            limits[ident] = self._publish.get(article.source, Publish.FULL)
            kept = self._bodies.get(ident)
            if kept is not None and kept[0] == article.revision:
                found[ident] = kept[1]
            else:
                missing.append(ident)
        for start in range(0, len(missing), _BODIES):
            found.update(self._store.bodies(missing[start : start + _BODIES]))
        return {ident: publishable(body, limits[ident]) for ident, body in found.items()}

    def _load_bodies(self, snapshot: Snapshot) -> None:
        """Keeps the bodies of the newest articles of `snapshot`, and no others."""
        newest = [snapshot.articles[k] for k in islice(reversed(snapshot.published.all), self._bodies_kept)]
        kept: dict[str, tuple[int, Body]] = {}
        missing: list[tuple[str, int]] = []
        for article in newest:
            have = self._bodies.get(article.id)
            if have is not None and have[0] == article.revision:
                kept[article.id] = have
            else:
                missing.append((article.id, article.revision))
        for start in range(0, len(missing), _BODIES):
            part = dict(missing[start : start + _BODIES])
            kept.update((i, (part[i], body)) for i, body in self._store.bodies(list(part)).items())
        self._bodies = kept

    def _follow(self) -> None:
        watch: Watch | None = None
        failing = False
        while not self._stopping.wait(self._every):
            try:
                if watch is None:
                    watch = self._store.watch()
                if watch.moved():
                    self.load()
                if failing:
                    log.info("the store is back")
                    failing = False
            except StoreError as exc:
                if not failing:
                    log.error("serving from memory: %s", exc)
                failing = True
                if watch is not None:
                    watch.close()
                    watch = None
        if watch is not None:
            watch.close()


def publishable(body: Body, publish: Publish) -> Body:
    """What of `body` may be given to anybody: all of it, its summary and pictures, or nothing but rights."""
    if publish is Publish.FULL:
        return body
    if publish is Publish.SUMMARY:
        return replace(body, html="", summary=text.cut(body.summary, _SUMMARY))
    return Body(rights=body.rights, keywords=body.keywords)
