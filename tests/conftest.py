"""Fixtures that many tests need: a clock that is set by hand, and services over real stores."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from feedsvc import config, reading, service
from feedsvc.model import Batch, Draft, ReadFile, Saved, Source, Stamp
from feedsvc.service import Service
from feedsvc.tagging.categories import default_categories
from feedsvc.tagging.setup import TaggingSetup
from tests.made import MINUTE, NOW

# Time is no property here: these machines are shared and slow at times.
hypothesis_settings.register_profile("feedsvc", deadline=None, print_blob=True)
hypothesis_settings.load_profile("feedsvc")

# Three feeds, each with another interval, and a folder.
SITE = """
[site]
title = "试刊"
description = "测试用的站点"
base_url = "https://news.example"

[[sources]]
id = "paper"
title = "南湖日报"
url = "https://paper.example/feed"
interval = "30m"

[[sources]]
id = "county"
title = "海盐县报"
url = "https://county.example/feed"
interval = "1h"

[[sources]]
id = "wire"
title = "通稿"
url = "https://wire.example/feed"
interval = "10m"

[[sources]]
id = "desk"
kind = "folder"
title = "编辑部"
path = "desk"
"""


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        """Moves it on."""
        self.now += by


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """A site in a folder: configuration, database, and what its sources bring.

    Services are opened on the same database and share `clock`. Their catalogs learn of changes made through
    the newsroom before the call returns, and of no others.
    """

    folder: Path
    clock: Clock
    opened: list[Service] = field(default_factory=list)

    def open(self, text: str = SITE) -> Service:
        """A service with the configuration `text`; closed when the test ends."""
        file = self.folder / "feedsvc.toml"
        file.write_text(text, "utf-8")
        (self.folder / "desk").mkdir(exist_ok=True)
        settings = config.load(file)
        service.prepare_store(settings, self.clock).close()
        made = service.open_service(settings, clock=self.clock)
        made.catalog.stop()
        self.opened.append(made)
        return made

    def publish(self, source: str, *drafts: Draft, due: timedelta = 30 * MINUTE) -> Saved:
        """One refresh of `source` that brings exactly `drafts`; the next is due after `due`."""
        found, now = self._leased(source), self.clock()
        saved = self.opened[0].store.finish(found, "test", Batch(drafts=drafts), now, now + due)
        self.follow()
        return saved

    def file(self, source: str, name: str, *drafts: Draft) -> Saved:
        """One refresh of the folder `source` that finds `drafts` in its file `name`, new or changed."""
        found, now, store = self._leased(source), self.clock(), self.opened[0].store
        read = ReadFile(name=name, stamp=Stamp(size=1, mtime_ns=1), first=0, last=len(drafts))
        batch = Batch(drafts=drafts, files=(read,))
        saved, _ = store.save_files(found, "test", batch, now, released={name}, claimed=set())
        saved += store.finish_files(found, "test", set(), now, now + MINUTE, changed=True)
        self.follow()
        return saved

    def remove(self, source: str, name: str) -> Saved:
        """One refresh of the folder `source` that finds its file `name` gone: its articles are withdrawn."""
        found, now, store = self._leased(source), self.clock(), self.opened[0].store
        saved = store.finish_files(found, "test", {name}, now, now + MINUTE, changed=True)
        self.follow()
        return saved

    def fail(self, source: str, cause: str, *, due: timedelta = MINUTE) -> None:
        """One refresh of `source` that fails."""
        found, now = self._leased(source), self.clock()
        self.opened[0].store.fail(found, "test", now + due, cause)
        self.follow()

    def follow(self) -> None:
        """Brings every catalog up to the store."""
        for each in self.opened:
            each.catalog.load()

    def _leased(self, source: str) -> Source:
        first = self.opened[0]
        assert first.store.lease([source], "test", self.clock(), due_only=False) == [source]
        return next(each for each in first.settings.sources if each.id == source)


@pytest.fixture
def clock() -> Clock:
    """The clock of this test, at NOW."""
    return Clock()


@pytest.fixture
def newsroom(tmp_path: Path, clock: Clock) -> Iterator[Newsroom]:
    """A site in a folder of its own; nothing is open yet."""
    made = Newsroom(folder=tmp_path, clock=clock)
    yield made
    for each in made.opened:
        each.close()


@pytest.fixture(scope="session")
def reader() -> None:
    """Readies this process to read documents, as children of a service are."""
    reading.prepare(
        TaggingSetup(
            max_keywords=8,
            dictionaries=(),
            stopwords=(),
            aliases=(),
            blocked=(),
            categories=default_categories(),
        )
    )
