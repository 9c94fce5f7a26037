"""The archives of selections (RFC 5005): how many there are, and what each holds, from the store."""

from datetime import UTC, datetime
from threading import Lock

from feedsvc.catalog import Selected, Snapshot
from feedsvc.errors import UnknownError
from feedsvc.feeds.build import Archives
from feedsvc.model import Facet, Selection
from feedsvc.service import Service
from feedsvc.store.archives import TermClause

_REMEMBERED = 10_000  # selections whose size is kept at most


class Library:
    """Archives of `size` articles each, numbered from 1, the oldest. Thread-safe.

    An article stands in the archive that it came into when it came into the selection, for ever.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._size = service.settings.feeds.archive_size
        self._counts: dict[Selection, tuple[int, int]] = {}
        self._lock = Lock()

    def archives(self, snapshot: Snapshot, selection: Selection, limit: int) -> Archives:
        """The archives of a feed that shows `limit` articles: the full ones, and the one that grows while the
        feed does not show all that ever came.

        StoreError if the store is needed and fails.
        """
        came = self._came(snapshot, selection)
        full = came // self._size
        return Archives(full=full, newest=-(-came // self._size) if came > limit else full)

    def archive(self, snapshot: Snapshot, selection: Selection, number: int) -> Selected:
        """What archive `number` holds, the last to come first. UnknownError if there is no such archive.

        The one after the last full archive is there even while it is empty, since that one links it.
        """
        if number > self._came(snapshot, selection) // self._size + 1:
            raise UnknownError(f"there is no archive {number} of this feed yet")
        found = self._service.store.archive(self._clauses(selection), (number - 1) * self._size, self._size)
        found.reverse()
        moments = [-int(-article.changed.timestamp() // 1) for article in found]
        return Selected(
            articles=tuple(article for article in found if not article.withdrawn),
            withdrawn=tuple(article for article in found if article.withdrawn),
            changed=datetime.fromtimestamp(max([snapshot.generation, *moments]), UTC),
        )

    def _came(self, snapshot: Snapshot, selection: Selection) -> int:
        """How many articles ever came into a selection; asked of the store again only after it moved."""
        moved = snapshot.moved(selection)
        known = self._counts.get(selection)
        if known is not None and known[0] >= moved:
            return known[1]
        count = self._service.store.came(self._clauses(selection))
        with self._lock:
            if len(self._counts) >= _REMEMBERED:
                self._counts.clear()
            self._counts[selection] = (moved, count)
        return count

    def _clauses(self, selection: Selection) -> list[TermClause]:
        """A selection in the terms of the store, where a region does not stand for those below it."""
        return [
            TermClause(
                terms=tuple(
                    f"{clause.facet}:{each}"
                    for value in clause.values
                    for each in (
                        (value, *self._service.gazetteer.below(value))
                        if clause.facet is Facet.REGION
                        else (value,)
                    )
                ),
                excluded=clause.excluded,
            )
            for clause in selection.clauses
        ]
