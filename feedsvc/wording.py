"""Looks for the words of articles that have none yet, so that searches find these too."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from feedsvc import reading
from feedsvc.children import Runner
from feedsvc.errors import ChildError, ChildLostError
from feedsvc.model import Unread
from feedsvc.store import Store

log = logging.getLogger(__name__)

_PART = 50  # articles read in one go: what is saved at once


def find_words(store: Store, children: Runner, clock: Callable[[], datetime]) -> int:
    """Reads the words of some articles that have none known, the oldest first; how many. 0: there are none.

    Articles have none that were saved by a version without searches, or whose source says less of them than
    before. May raise StoreError, and ChildLostError where no child can be had.
    """
    unread = store.wordings.unread(_PART)
    if unread:
        read = _read(children, unread)
        store.wordings.save(zip(unread, read, strict=True), clock())
    return len(unread)


def _read(children: Runner, unread: Sequence[Unread]) -> list[tuple[str, ...]]:
    """The words of each. One that no child survives has none: it would be asked for for ever."""
    try:
        return children.run(reading.read_words, unread)
    except ChildLostError:
        raise
    except ChildError as exc:
        if len(unread) > 1:
            return [words for one in unread for words in _read(children, [one])]
        log.warning("article %s: searches do not find it: %s", unread[0].id, exc)
        return [()]
