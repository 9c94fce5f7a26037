"""What taggers are made from: the settings, word lists on disk, what was learned and is in the store."""

import logging
from collections.abc import Callable
from datetime import datetime

from feedsvc.config import Settings
from feedsvc.errors import ConfigError, StoreError
from feedsvc.store import Store, database
from feedsvc.tagging.setup import TaggingSetup

log = logging.getLogger(__name__)

CATEGORIES = "categories"  # the name of the model of the site's categories

Stamps = tuple[tuple[int, int], ...]


def tagging_setup(settings: Settings, store: Store | None = None) -> TaggingSetup:
    """What taggers are made from: the settings and, of a store, what was learned of the categories."""
    learned = store.models.get(CATEGORIES) if store else None
    return TaggingSetup(
        max_keywords=settings.tagging.max_keywords,
        dictionaries=settings.tagging.dictionaries,
        stopwords=settings.tagging.stopwords,
        aliases=tuple(sorted(settings.tagging.aliases.items())),
        blocked=settings.tagging.blocked,
        categories=settings.categories,
        category_map=tuple(sorted(settings.tagging.category_map.items())),
        model=learned.payload if learned else None,
        lists=_stamps(settings),
    )


def stored_setup(settings: Settings) -> TaggingSetup:
    """What taggers are made from, with what was learned if there is a store; makes none and changes none."""
    path = settings.store.file
    if not path.exists() or path.stat().st_size == 0:
        return tagging_setup(settings)
    database.inspect(path, thorough=False)
    store = Store(settings.store.url)
    try:
        return tagging_setup(settings, store)
    finally:
        store.close()


class Setups:
    """What children are made from at the moment they are: called by whoever makes them. Thread-safe."""

    def __init__(self, settings: Settings, store: Store, changed: Callable[[], None] = lambda: None) -> None:
        """`changed` is called when articles will be tagged otherwise than before; it may raise StoreError."""
        self._settings = settings
        self._store = store
        self._changed = changed
        self._known: tuple[tuple[datetime | None, Stamps], TaggingSetup] | None = None

    def __call__(self) -> tuple[TaggingSetup]:
        """The same object until something else was learned, or a word list was edited.

        It also stays as it is while the store cannot be read or a word list is wrong; the log says so.
        """
        known = self._known
        mark: tuple[datetime | None, Stamps] = (None, _stamps(self._settings))
        try:
            mark = (self._store.models.learned(CATEGORIES), mark[1])
            if known is None or known[0] != mark:
                setup = tagging_setup(self._settings, self._store)
                setup.fingerprint()  # reads the word lists
                self._known = (mark, setup)
                if known is not None:
                    self._changed()
        except ConfigError as exc:
            log.warning("%s; articles are tagged as before", exc)
            if known is not None:
                self._known = (mark, known[1])
        except StoreError as exc:
            log.warning("what was learned of categories cannot be read: %s", exc)
        if self._known is None:
            self._known = (mark, tagging_setup(self._settings))
        return (self._known[1],)


def _stamps(settings: Settings) -> Stamps:
    """What tells that a word list was edited: its modification time in nanoseconds and its size."""
    found = []
    for path in (*settings.tagging.dictionaries, *settings.tagging.stopwords):
        try:
            info = path.stat()
            found.append((info.st_mtime_ns, info.st_size))
        except OSError:
            found.append((0, 0))
    return tuple(found)
