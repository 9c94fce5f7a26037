"""What answers searches in a snapshot of the catalog: found in the store once, remembered for a while."""

import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from feedsvc.catalog import Hits, Snapshot, whole_second

_LIMIT = 16 << 20  # bytes of what is remembered
_OVERHEAD = 500  # bytes of an answer beside its keys


class Wordings(Protocol):
    """What is asked of a store: `store.wording.Wordings`."""

    def find(self, query: str, first: int, last: int) -> list[int]: ...

    def left(self, wordings: Sequence[int], last: int) -> tuple[datetime, int] | None: ...


class Searches:
    """A `catalog.Finder` over the words in a store. Thread-safe; remembers `limit` bytes of answers at most.

    The store may be ahead of a snapshot: what came into it later is passed over, and what left it later is
    there. So the answer depends on nothing but the snapshot and what the store held at its revision.
    """

    def __init__(self, wordings: Wordings, *, limit: int = _LIMIT) -> None:
        self._wordings = wordings
        self._limit = limit
        self._known: OrderedDict[tuple[int, int, str], Hits] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """The bytes remembered now."""
        return self._size

    def hits(self, snapshot: Snapshot, query: str) -> Hits:
        """What answers a canonical query. StoreError if the store is needed and fails."""
        place = (snapshot.generation, snapshot.revision, query)
        with self._lock:
            found = self._known.get(place)
            if found is not None:
                self._known.move_to_end(place)
                return found
        found = self._found(snapshot, query)
        with self._lock:
            if place not in self._known:
                self._known[place] = found
                self._size += _size(place, found)
            while self._size > self._limit:
                self._size -= _size(*self._known.popitem(last=False))
        return found

    def _found(self, snapshot: Snapshot, query: str) -> Hits:
        if not snapshot.wordings:
            return Hits()
        former: list[int] = []
        published: list[int] = []
        withdrawn: list[int] = []
        touched = revision = 0
        for came in self._wordings.find(query, snapshot.first, snapshot.revision):
            key = snapshot.wordings.get(came)
            if key is None:
                former.append(came)
                continue
            article = snapshot.articles[key]
            (withdrawn if article.withdrawn else published).append(key)
            touched = max(touched, whole_second(article.changed))
            revision = max(revision, article.revision)
        left = self._wordings.left(former, snapshot.revision)
        if left is not None:
            touched, revision = max(touched, whole_second(left[0])), max(revision, left[1])
        return Hits(
            published=array("Q", sorted(published)),
            withdrawn=array("Q", sorted(withdrawn)),
            touched=(touched, revision),
        )


def _size(place: tuple[int, int, str], found: Hits) -> int:
    keys = len(found.published) + len(found.withdrawn)
    return _OVERHEAD + 4 * len(place[2]) + keys * found.published.itemsize
