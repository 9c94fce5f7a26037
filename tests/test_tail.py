"""The live catalog: abreast of the store, whole at every moment, unharmed when the store fails."""

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.catalog import Indexer
from feedsvc.errors import StoreError
from feedsvc.model import Batch, Body, Draft, Facet, Saved
from feedsvc.store import Store
from feedsvc.tail import Catalog
from tests.made import DAY, MINUTE, NOW, draft, source

PAPER = source()
SOON = timedelta(seconds=10)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'feedsvc.db'}", NOW)
    opened.sync([PAPER], {"paper": "1"}, NOW)
    yield opened
    opened.close()


@pytest.fixture
def catalog(store: Store) -> Iterator[Catalog]:
    made = catalog_of(store)
    yield made
    made.stop()


def catalog_of(store: Store, bodies: int = 2) -> Catalog:
    indexer = Indexer(sources=["paper"], ancestors=lambda _: (), limit=1000)
    return Catalog(store, indexer, bodies=bodies, every=timedelta(milliseconds=5))


def put(store: Store, *drafts: Draft, minutes: int = 0) -> Saved:
    now = NOW + minutes * MINUTE
    store.lease(["paper"], "me", now, due_only=False)
    return store.finish(PAPER, "me", Batch(drafts=drafts), now, now + DAY)


def test_a_catalog_follows_the_store(store: Store, catalog: Catalog) -> None:
    put(store, draft("一", guid="1", tags=["甲"]))
    catalog.load()
    assert catalog.loaded
    assert [a.title for a in catalog.snapshot.articles.values()] == ["一"]
    catalog.start()
    put(store, draft("二", guid="2", tags=["甲"]), minutes=1)
    assert catalog.wait(2, SOON)
    put(store, draft("二改", guid="2", tags=["乙"]), minutes=2)
    assert catalog.wait(3, SOON)
    assert catalog.snapshot.counts(Facet.TAG) == {"甲": 1, "乙": 1}
    assert not catalog.wait(4, timedelta(milliseconds=20))


class Dawdler(Store):
    """A store that takes long to give the first bodies: until `go` is set."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.begun, self.go = threading.Event(), threading.Event()

    def bodies(self, ids: Sequence[str]) -> dict[str, Body]:
        if not self.begun.is_set():
            self.begun.set()
            assert self.go.wait(SOON.total_seconds())
        return super().bodies(ids)


def test_a_slow_load_never_undoes_a_later_one(store: Store) -> None:
    """As when somebody who pushes loads what he has written, while the catalog follows by itself."""
    dawdler = Dawdler(store.url)
    catalog = catalog_of(dawdler)
    put(store, draft("一", guid="1"))
    slow, later = (threading.Thread(target=catalog.load) for _ in range(2))
    slow.start()
    assert dawdler.begun.wait(SOON.total_seconds())
    put(store, draft("二", guid="2"), minutes=1)
    later.start()
    later.join(0.3)  # it may be done by now, or wait for the other
    dawdler.go.set()
    slow.join()
    later.join()
    assert catalog.snapshot.revision == store.newest() == 2
    dawdler.close()


def test_two_catalogs_see_the_same(store: Store, catalog: Catalog) -> None:
    for minute in range(5):
        put(
            store,
            draft(f"第{minute}篇", guid=str(minute)),
            draft("改", guid="x", html=f"<p>{minute}</p>"),
            minutes=minute,
        )
        catalog.load()
    fresh = catalog_of(store)
    fresh.load()
    assert fresh.snapshot.articles == catalog.snapshot.articles
    assert fresh.snapshot.published == catalog.snapshot.published
    assert fresh.snapshot.touched == catalog.snapshot.touched


def test_bodies_come_from_memory_or_the_store_and_are_never_stale(store: Store, catalog: Catalog) -> None:
    put(store, *(draft(f"第{n}篇", guid=str(n), html=f"<p>{n}</p>") for n in range(4)))
    catalog.load()
    wanted = list(catalog.snapshot.articles.values())
    assert sorted(body.html for body in catalog.bodies(wanted).values()) == [f"<p>{n}</p>" for n in range(4)]
    put(store, draft("第0篇", guid="0", html="<p>new</p>"), minutes=1)
    catalog.load()
    newest = next(a for a in catalog.snapshot.articles.values() if a.title == "第0篇")
    assert catalog.bodies([newest])[newest.id].html == "<p>new</p>"


def test_bodies_of_the_newest_need_no_store(store: Store, catalog: Catalog, tmp_path: Path) -> None:
    put(store, *(draft(f"第{n}篇", guid=str(n), html=f"<p>{n}</p>") for n in range(4)))
    catalog.load()
    newest = sorted(catalog.snapshot.articles.values(), key=lambda a: a.published)
    store.close()
    for file in tmp_path.iterdir():
        file.unlink()
    kept = newest[-2:]
    assert sorted(body.html for body in catalog.bodies(kept).values()) == ["<p>0</p>", "<p>1</p>"]
    with pytest.raises(StoreError):
        catalog.bodies(newest[:1])


def test_a_pruned_article_leaves_every_catalog(store: Store, catalog: Catalog) -> None:
    put(store, draft("旧", guid="1"))
    put(store, draft("新", guid="2"), minutes=10)
    catalog.load()
    store.prune(NOW + 5 * MINUTE, NOW + DAY)
    catalog.load()
    assert [a.title for a in catalog.snapshot.articles.values()] == ["新"]
    assert catalog.snapshot.generation == int((NOW + DAY).timestamp())


def test_states_of_sources_are_known_without_the_store(store: Store, catalog: Catalog) -> None:
    catalog.load()
    catalog.start()
    put(store, draft("一", guid="1"))
    assert catalog.wait(1, SOON)
    assert catalog.states["paper"].last_success == NOW
