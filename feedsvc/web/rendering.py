"""Addresses -> renderings of feeds, from the memory of the catalog."""

import hashlib
import logging
from collections.abc import Callable, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from feedsvc.catalog import Selected, Snapshot
from feedsvc.errors import StoreError
from feedsvc.feeds.address import path
from feedsvc.feeds.build import Archives, Site, build_feed
from feedsvc.feeds.directory import Directory
from feedsvc.feeds.entries import LeftOut
from feedsvc.feeds.formats import write
from feedsvc.model import Address, Format, Selection, Tombstone
from feedsvc.service import Service, rendering
from feedsvc.web import deltas
from feedsvc.web.archives import Library
from feedsvc.web.deltas import Delta
from feedsvc.web.freshness import cache_control, drawn, ttl
from feedsvc.web.renditions import Content, Rendering, Renditions
from feedsvc.websub.publications import Mark
from feedsvc.websub.topics import hubs

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
            logo=settings.site.logo,
            hubs=hubs(settings),
            content=settings.feeds.content,
            limit=settings.feeds.limit,
        )
        self._renditions = Renditions(settings.catalog.cache)
        self._since = _whole(service.rendered_since)
        self._manner = rendering(settings)
        self._library = Library(service)

    def feed(self, address: Address, suffix: Format) -> Rendering:
        """The feed, or archive, of a canonical address in one format. UnknownError for one that is not yet.

        Where the store is needed and fails, the feed as it last was; StoreError if it never was.
        """
        snapshot = self.service.catalog.snapshot
        return self._got(_key(address, suffix), snapshot, self._content(snapshot, address, suffix))

    def fresh(self, address: Address, suffix: Format) -> Rendering:
        """The same feed, but StoreError where there is only an older one."""
        snapshot = self.service.catalog.snapshot
        content = self._content(snapshot, address, suffix)
        return self._renditions.get(_key(address, suffix), _version(snapshot), content)

    def mark(self, address: Address) -> Mark:
        """What the bytes of a feed depend on in any format: equal marks are equal bytes, in every process."""
        snapshot = self.service.catalog.snapshot
        selected = self.selected(snapshot, address)
        everything = (*selected.articles, *selected.withdrawn)
        return Mark(
            text=f"{self._manner[:16]}.{_fingerprint(selected, self.archives(snapshot, address)).hex()}",
            revision=max((article.revision for article in everything), default=0),
        )

    def delta(self, address: Address, suffix: Format, if_none_match: str) -> Delta | None:
        """What came into a feed, or changed, since the latest state of it that an If-None-Match names.

        A feed like the whole one, but for the entries and tombstones that the state held. None where no
        state of this feed is named, or the store is needed and fails. It is no older than what `feed`
        returned before: a client that takes its ETag from there misses nothing.
        """
        key = _key(address, suffix)
        base = deltas.base(if_none_match, f"{self._manner}{key}")
        if base is None:
            return None
        state = base.state
        snapshot = self.service.catalog.snapshot

        def content() -> Content:
            selected, archives = self.selected(snapshot, address), self.archives(snapshot, address)
            everything = (*selected.articles, *selected.withdrawn)
            known = {article.urn for article in everything if state.holds(article)}
            return Content(
                fingerprint=_fingerprint(selected, archives),
                last_modified=None,
                write=lambda: self._written(address, suffix, selected, archives, known),
            )

        try:
            changes = self._renditions.get(f"{key} since {state}", _version(snapshot), content)
        except StoreError as exc:
            log.debug("%s: sent as a whole: %s", key, exc)
            return None
        return Delta(base=base.etag, rendering=changes)

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
            return self._renditions.get(key, _version(snapshot), content)
        except StoreError as exc:
            last = self._renditions.last(key)
            if last is None:
                raise
            log.debug("%s: served as it last was: %s", key, exc)
            return last

    def _content(self, snapshot: Snapshot, address: Address, suffix: Format) -> Callable[[], Content]:
        def content() -> Content:
            selected, archives = self.selected(snapshot, address), self.archives(snapshot, address)
            state = deltas.state_of(selected)
            return Content(
                fingerprint=_fingerprint(selected, archives),
                last_modified=max(selected.changed, self._since),
                write=lambda: self._written(address, suffix, selected, archives),
                tag=lambda digest: deltas.tag(digest, state, f"{self._manner}{_key(address, suffix)}"),
            )

        return content

    def selected(self, snapshot: Snapshot, address: Address) -> Selected:
        """The articles of a feed or archive. UnknownError, StoreError: as `feed` has them."""
        if address.archive is not None:
            return self._library.archive(snapshot, address.selection, address.archive)
        return snapshot.select(address.selection, address.limit or self.site.limit)

    def archives(self, snapshot: Snapshot, address: Address) -> Archives:
        """What of the archives a feed says: its newest one; an archive, whether itself is full."""
        found = self._library.archives(snapshot, address.selection, address.limit or self.site.limit)
        if address.archive is None:
            return Archives(newest=found.newest)
        return Archives(full=min(found.full, address.archive))

    def _written(
        self,
        address: Address,
        suffix: Format,
        selected: Selected,
        archives: Archives,
        known: Set[str] = frozenset(),
    ) -> bytes:
        """The bytes of a feed without the entries and tombstones whose ids are `known`."""
        feed = build_feed(
            address,
            selected.articles,
            self.service.catalog.bodies(selected.articles),
            [Tombstone(id=a.id, when=a.withdrawn) for a in selected.withdrawn if a.withdrawn],
            site=self.site,
            names=self.names,
            ttl=self._ttl(address.selection),
            born=self.service.born,
            archives=archives,
            related=selected.related,
            report=_report,
        )
        feed = replace(
            feed,
            entries=tuple(entry for entry in feed.entries if entry.id not in known),
            tombstones=tuple(grave for grave in feed.tombstones if grave.id not in known),
        )
        return write(feed, suffix)

    def _ttl(self, selection: Selection) -> timedelta:
        return ttl(drawn(selection, self.service.settings.sources))


def _key(address: Address, suffix: Format) -> str:
    return f"/feeds/{path(address)}.{suffix}"


def _version(snapshot: Snapshot) -> tuple[int, int]:
    # A later generation is a later version though its revision be lower: the newest change was pruned.
    return snapshot.generation, snapshot.revision


def _fingerprint(selected: Selected, archives: Archives) -> bytes:
    """What the bytes of a feed depend on, given its address and the settings."""
    shown = ",".join(f"{a.id}.{a.revision}" for a in selected.articles)
    gone = ",".join(f"{a.id}.{a.revision}" for a in selected.withdrawn)
    told = ",".join(f"{i}:{a.id}.{a.revision}" for i, others in selected.related.items() for a in others)
    return hashlib.blake2b(f"{shown};{gone};{told};{archives}".encode(), digest_size=16).digest()


def _report(left_out: LeftOut) -> None:
    log.warning("article %s is left out of a feed: %s", left_out.article, left_out.reason)


def _whole(moment: datetime) -> datetime:
    """`moment` in UTC, rounded up to a whole second."""
    return datetime.fromtimestamp(-int(-moment.timestamp() // 1), UTC)
