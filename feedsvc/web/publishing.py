"""What the web renders, for those who tell others of it."""

from collections.abc import Sequence
from functools import lru_cache

from feedsvc import service
from feedsvc.errors import AddressError
from feedsvc.feeds.formats import CONTENT_TYPES
from feedsvc.model import Format
from feedsvc.web.contents import LEADING, addresses, contents
from feedsvc.web.rendering import Press
from feedsvc.websub.duties import Duties
from feedsvc.websub.publications import Edition, Mark
from feedsvc.websub.topics import Topic, hubs, read_topic, topic_url

_TOPICS = 20_000  # URLs whose meaning is kept in memory


class Published:
    """The feeds of a site: `websub.publications.Publications`. Thread-safe."""

    def __init__(self, press: Press) -> None:
        self._press = press
        self._topic = lru_cache(_TOPICS)(self._read)

    def revision(self) -> int:
        """The last change of an article that the catalog knows."""
        return self._press.service.catalog.snapshot.revision

    def version(self) -> object:
        """Equal as long as the catalog is the same."""
        snapshot = self._press.service.catalog.snapshot
        return snapshot.revision, snapshot.generation

    def listed(self) -> Sequence[str]:
        """All feeds of the site's OPML, in every format."""
        running = self._press.service
        found = contents(running.catalog.snapshot, running.settings, running.gazetteer, tags=LEADING)
        base = self._press.site.base_url
        return [topic_url(base, spelled, suffix) for spelled in addresses(found) for suffix in Format]

    def mark(self, topic: str) -> Mark | None:
        """The mark of a topic; None if there is no such feed."""
        found = self._topic(topic)
        return None if found is None else self._press.mark(found.address)

    def edition(self, topic: str) -> Edition | None:
        """A topic as it is now; None if there is no such feed. StoreError where the store is needed."""
        found = self._topic(topic)
        if found is None:
            return None
        rendering = self._press.fresh(found.address, found.format)
        return Edition(body=rendering.body, content_type=CONTENT_TYPES[found.format], digest=rendering.digest)

    def _read(self, topic: str) -> Topic | None:
        try:
            return read_topic(topic, self._press.site.base_url, self._press.names)
        except AddressError:
            return None


def duties(press: Press) -> Duties | None:
    """What the process on duty does for WebSub; None where the site has nothing to do with hubs."""
    running = press.service
    if not hubs(running.settings):
        return None
    return service.open_websub(running.settings, running.store, Published(press), clock=running.clock)
