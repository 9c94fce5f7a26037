"""Puts the parts together: settings, store, catalog, clock. What a process of feedsvc is made of."""

import hashlib
import json
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata

import feedsvc
from feedsvc import reading, scheduler
from feedsvc.calling import Caller
from feedsvc.catalog import Indexer
from feedsvc.children import Children, Runner
from feedsvc.config import Settings
from feedsvc.errors import StoreError
from feedsvc.fetch import Fetcher
from feedsvc.model import Source
from feedsvc.refresh import Refresher
from feedsvc.scheduler import Companion, Scheduler
from feedsvc.store import Store
from feedsvc.taggers import Setups, tagging_setup
from feedsvc.tagging import gazetteer
from feedsvc.tagging.gazetteer import Gazetteer
from feedsvc.tail import Catalog
from feedsvc.visits import Visits
from feedsvc.websub import topics
from feedsvc.websub.announcer import Announcer
from feedsvc.websub.duties import Duties
from feedsvc.websub.hub import Hub
from feedsvc.websub.pinger import Pinger
from feedsvc.websub.publications import Publications

Clock = Callable[[], datetime]

_CALL = timedelta(seconds=10)  # for a call to a hub or a subscriber, at most


def utc_now() -> datetime:
    """The clock of a running service."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What answering requests needs. `catalog` is loaded and follows the store.

    `children` read what is pushed. `born` is when the store was made; `rendered_since` when feeds began to be
    rendered as they are now: with these settings, by this version.
    """

    settings: Settings
    store: Store
    catalog: Catalog
    children: Runner
    gazetteer: Gazetteer
    clock: Clock
    born: datetime
    rendered_since: datetime

    def close(self) -> None:
        """Ends its children, stops following the store and lets go of it."""
        self.children.stop()
        self.catalog.stop()
        self.store.close()


def open_service(settings: Settings, *, clock: Clock = utc_now) -> Service:
    """A service on an existing store: catalog loaded, following. For the process that answers requests.

    StoreError if the store cannot be used.
    """
    regions = gazetteer.load()
    store = Store(settings.store.url)
    indexer = Indexer(
        sources=[source.id for source in settings.sources],
        ancestors=regions.ancestors,
        limit=settings.catalog.max_articles,
        stories=settings.feeds.stories,
    )
    catalog = Catalog(
        store,
        indexer,
        bodies=settings.catalog.bodies,
        every=settings.catalog.tail,
        publish={source.id: source.publish for source in settings.sources},
    )
    catalog.load()
    catalog.start()
    return Service(
        settings=settings,
        store=store,
        catalog=catalog,
        children=Children(1, reading.prepare, _setups(settings, store, clock), unattended=True),
        gazetteer=regions,
        clock=clock,
        born=datetime.fromtimestamp(store.born(), UTC),
        rendered_since=store.fact("rendering", rendering(settings), clock()),
    )


def prepare_store(settings: Settings, clock: Clock = utc_now, *, thorough: bool = False) -> Store:
    """The store, made or migrated as needed, with the configured sources known to it.

    For the process that starts the others, and for commands. StoreError if the store cannot be used, and
    ConfigError if a word list cannot be read; nothing is made then.
    """
    tagging_setup(settings).fingerprint()  # before anything is made: bad word lists stop the start
    store = Store.open(settings.store.url, clock(), thorough=thorough)
    try:
        settings.state_dir.mkdir(mode=0o700, exist_ok=True)
        sync(settings, store, clock)
    except OSError as exc:
        store.close()
        raise StoreError(f"{settings.state_dir}: cannot be made ({exc.strerror})") from exc
    except StoreError:
        store.close()
        raise
    return store


def sync(settings: Settings, store: Store, clock: Clock = utc_now) -> None:
    """Makes the sources known to the store; those that are read otherwise than before are read anew."""
    tagging = tagging_setup(settings, store).fingerprint()
    store.sync(settings.sources, {s.id: _reading(s, tagging) for s in settings.sources}, clock())


def _setups(settings: Settings, store: Store, clock: Clock) -> Setups:
    """What children are made from; when that changes, all sources are read anew."""
    return Setups(settings, store, changed=lambda: sync(settings, store, clock))


def fetcher(settings: Settings) -> Fetcher:
    """The HTTP client that the settings ask for."""
    return Fetcher(
        deadline=settings.refresh.deadline,
        max_body=settings.refresh.max_body,
        user_agent=settings.refresh.user_agent,
        allow_networks=settings.refresh.allow_networks,
        proxy=settings.refresh.proxy,
    )


def visits(settings: Settings, children: Runner) -> Visits:
    """What fetches politely; `children` read the robots.txt files."""
    return Visits(
        fetcher(settings),
        children,
        user_agent=settings.refresh.user_agent,
        clock=time.monotonic,
        pause=time.sleep,
    )


def open_refresher(settings: Settings, store: Store, *, clock: Clock = utc_now) -> Refresher:
    """What refreshes sources in this process; its children start when first needed."""
    children = Children(settings.refresh.children, reading.prepare, _setups(settings, store, clock))
    return Refresher(
        store=store,
        visits=visits(settings, children),
        children=children,
        clock=clock,
        owner=scheduler.owner_name(),
        jitter=settings.refresh.jitter,
        max_body=settings.refresh.max_body,
    )


def open_scheduler(
    settings: Settings, store: Store, *, clock: Clock = utc_now, beside: Companion | None = None
) -> Scheduler:
    """What keeps refreshing in this process, and does what is `beside` that."""
    return Scheduler(
        open_refresher(settings, store, clock=clock),
        settings.sources,
        concurrency=settings.refresh.concurrency,
        retention=settings.store.retention,
        beside=beside,
    )


def open_websub(
    settings: Settings,
    store: Store,
    publications: Publications,
    *,
    clock: Clock = utc_now,
) -> Duties:
    """What tells hubs and subscribers of changes while this process is on duty."""
    public = topics.public_hubs(settings)
    calls = Caller(
        deadline=min(settings.refresh.deadline, _CALL),
        max_body=settings.refresh.max_body,
        user_agent=settings.refresh.user_agent,
        allow_networks=settings.refresh.allow_networks,
        proxy=settings.refresh.proxy,
    )
    announcer = Announcer(publications, store, hubs=public, own=settings.feeds.hub, clock=clock)
    pinger = Pinger(store.announcements, calls, hubs=public, clock=clock, chance=random.random)
    hub = Hub(
        publications,
        store.subscriptions,
        calls,
        hubs=topics.hubs(settings),
        clock=clock,
        chance=random.random,
        challenge=lambda: secrets.token_urlsafe(32),
        stir=announcer.stir,
    )
    return Duties(announcer, pinger, hub if settings.feeds.hub else None)


def _reading(source: Source, tagging: str) -> str:
    """A fingerprint of how a source is read: all of it is read anew when this changes."""
    parts = (tagging, feedsvc.__version__, source.url, source.category, source.region, source.author)
    more = (source.max_items, source.kind.value, source.full_text, source.selectors)
    return hashlib.blake2b(repr((*parts, *more)).encode(), digest_size=8).hexdigest()


def rendering(settings: Settings) -> str:
    """A fingerprint of everything but articles that the bytes of feeds depend on."""
    parts = {
        "version": feedsvc.__version__,
        "opencc": metadata.version("opencc"),
        "site": settings.site.model_dump(mode="json"),
        "feeds": settings.feeds.model_dump(mode="json"),
        "categories": [repr(c) for c in settings.categories],
        "sources": [
            (s.id, s.title, s.url, s.interval.total_seconds(), s.publish.value) for s in settings.sources
        ],
    }
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).hexdigest()
