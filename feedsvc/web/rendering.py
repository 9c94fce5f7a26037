"""Addresses -> renderings of feeds, from the memory of the catalog."""

import hashlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from feedsvc.catalog import Selected, Snapshot
from feedsvc.errors import StoreError
from feedsvc.feeds.address import path
from feedsvc.feeds.build import Site, build_feed
from feedsvc.feeds.directory import Directory
from feedsvc.feeds.entries import LeftOut
from feedsvc.feeds.formats import write
from feedsvc.model import Address, Format, Selection, Tombstone
from feedsvc.service import Service
from feedsvc.web.freshness import cache_control, drawn, ttl
from feedsvc.web.renditions import Content, Rendering, Renditions

log = logging.getLogger(__name__)


class Press:
    """Renders what a service publishes, and keeps it until it changes. Thread-safe."""

    def __init__(self, service: Service) -> None:
        settings = service.settings
        self.service = service
        self.names = Directory(settings.categories, service.gazetteer, settings.sources)
        self.site = Site(
            title=settings.site.title,
            base_url=settings.site.base_url,
            authority=settings.site.authority,
            description=settings.site.description,
            language=settings.site.language,
            icon=settings.site.icon,
            hubs=settings.feeds.hubs,
            content=settings.feeds.content,
            limit=settings.feeds.limit,
        )
        self._renditions = Renditions(settings.catalog.cache)
        self._since = _whole(service.rendered_since)

    def feed(self, address: Address, suffix: Format) -> Rendering:
        """The feed of a canonical address in one format.

        Where the store is needed and fails, the feed as it last was; StoreError if it never was.
        """
        snapshot = self.service.catalog.snapshot
        key = f"/feeds/{path(address)}.{suffix}"

        def content() -> Content:
            selected = snapshot.select(address.selection, address.limit or self.site.limit)
            return Content(
                fingerprint=_fingerprint(selected),
                last_modified=max(selected.changed, self._since),
                write=lambda: self._written(address, suffix, selected),
            )

        return self._got(key, snapshot, content)

    def document(self, key: str, compose: Callable[[Snapshot], bytes]) -> Rendering:
        """A document that depends on the catalog and the settings alone; `key` is its path."""
        snapshot = self.service.catalog.snapshot
        version = f"{snapshot.revision}.{snapshot.generation}".encode()
        return self._got(
            key,
            snapshot,
            lambda: Content(fingerprint=version, last_modified=None, write=lambda: compose(snapshot)),
        )

    def cache_control(self, selection: Selection) -> str:
        """The Cache-Control of anything made of `selection`, now."""
        service = self.service
        return cache_control(
            drawn(selection, service.settings.sources), service.catalog.states, service.clock()
        )

    def _got(self, key: str, snapshot: Snapshot, content: Callable[[], Content]) -> Rendering:
        try:
            return self._renditions.get(key, (snapshot.revision, snapshot.generation), content)
        except StoreError as exc:
            last = self._renditions.last(key)
            if last is None:
                raise
            log.debug("%s: served as it last was: %s", key, exc)
            return last

    def _written(self, address: Address, suffix: Format, selected: Selected) -> bytes:
        feed = build_feed(
            address,
            selected.articles,
            self.service.catalog.bodies((a.id, a.revision) for a in selected.articles),
            [Tombstone(id=a.id, when=a.withdrawn) for a in selected.withdrawn if a.withdrawn],
            site=self.site,
            names=self.names,
            ttl=self._ttl(address.selection),
            born=self.service.born,
            report=_report,
        )
        return write(feed, suffix)

    def _ttl(self, selection: Selection) -> timedelta:
        return ttl(drawn(selection, self.service.settings.sources))


def _fingerprint(selected: Selected) -> bytes:
    """What the bytes of a feed depend on, given its address and the settings."""
    shown = ",".join(f"{a.id}.{a.revision}" for a in selected.articles)
    gone = ",".join(f"{a.id}.{a.revision}" for a in selected.withdrawn)
    return hashlib.blake2b(f"{shown};{gone}".encode(), digest_size=16).digest()


def _report(left_out: LeftOut) -> None:
    log.warning("article %s is left out of a feed: %s", left_out.article, left_out.reason)


def _whole(moment: datetime) -> datetime:
    """`moment` in UTC, rounded up to a whole second."""
    return datetime.fromtimestamp(-int(-moment.timestamp() // 1), UTC)
