"""What searches cost: bytes and time of each article saved, the start of a catalog, and an answer.

Saves made up articles twice, without their words and with them, in batches as a refresh brings them. Words
are drawn as words of a language are (the n-th most common one as often as 1/n), with some that no other has.
"""

import itertools
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feedsvc.catalog import Indexer
from feedsvc.model import Batch, Draft, Keyword, Kind, Source, Tagging
from feedsvc.queries import canonical
from feedsvc.searches import Searches
from feedsvc.store import Store
from feedsvc.tail import Catalog

ARTICLES = 5000
BATCH = 50
VOCABULARY = 60_000
DRAWN = 420  # words of an article, some of them the same
OWN = 4  # words that no other article has
ASKED = 20  # queries of a kind
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = Source(id="paper", kind=Kind.FEED, title="报", url="https://paper.example/feed")


class Press:
    """Makes up articles; the same ones every time."""

    def __init__(self) -> None:
        self._random = random.Random(1)
        self.vocabulary = [self._word(self._random.choice((1, 2, 2, 2, 3, 4))) for _ in range(VOCABULARY)]
        self._weights = list(itertools.accumulate(1 / (n + 5) for n in range(VOCABULARY)))
        self._body = f"<p>{self._word(600)}</p>"

    def batch(self, number: int, *, words: bool) -> tuple[Draft, ...]:
        """A batch of articles."""
        return tuple(self._draft(f"{number}-{n}", words=words) for n in range(BATCH))

    def _draft(self, name: str, *, words: bool) -> Draft:
        said = set(self._random.choices(self.vocabulary, cum_weights=self._weights, k=DRAWN))
        said |= {self._word(3) for _ in range(OWN)}
        tags = tuple(Keyword(word=self._random.choice(self.vocabulary), weight=1.0) for _ in range(8))
        return Draft(
            title=f"第{name}篇",
            guid=name,
            link=f"https://paper.example/{name}",
            html=self._body,
            tagging=Tagging(keywords=tags, category="city", regions=("330400",)),
            words=tuple(sorted(said)) if words else None,
        )

    def _word(self, length: int) -> str:
        return "".join(chr(0x4E00 + self._random.randrange(3500)) for _ in range(length))


def main() -> None:
    """Prints a line a figure."""
    say(f"{ARTICLES} articles in batches of {BATCH}")
    for words in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            press, path = Press(), Path(folder) / "feedsvc.db"
            store = Store.open(f"sqlite:///{path}", NOW)
            store.sync([SOURCE], {SOURCE.id: ""}, NOW)
            spent = sum(save(store, press.batch(n, words=words), n) for n in range(ARTICLES // BATCH))
            began = time.perf_counter()
            catalog = Catalog(
                store,
                Indexer(sources=[SOURCE.id], ancestors=lambda _: (), limit=2 * ARTICLES),
                bodies=0,
                every=timedelta(seconds=1),
            )
            catalog.load()
            loaded = time.perf_counter() - began
            if words:
                answers(store, catalog, press.vocabulary)
            store.close()
            say(
                f"{'with' if words else 'without'} words: {path.stat().st_size / ARTICLES:.0f} bytes and "
                f"{spent / ARTICLES * 1000:.2f} ms an article, catalog loaded in {loaded:.2f} s"
            )


def save(store: Store, drafts: tuple[Draft, ...], number: int) -> float:
    """Saves a batch; the seconds it took."""
    now = NOW + timedelta(minutes=number)
    store.lease([SOURCE.id], "bench", now, due_only=False)
    began = time.perf_counter()
    store.finish(SOURCE, "bench", Batch(drafts=drafts), now, now + timedelta(days=1))
    return time.perf_counter() - began


def answers(store: Store, catalog: Catalog, vocabulary: list[str]) -> None:
    """Prints how long first answers take."""
    common, rare = vocabulary[:ASKED], vocabulary[VOCABULARY // 3 :][:ASKED]
    kinds = {
        "a common word": common,
        "a rare word": rare,
        "both": [f"{one} {other}" for one, other in zip(common, rare, strict=True)],
        "a hundred characters": ["".join(vocabulary[n : n + 60])[:100] for n in range(ASKED)],
    }
    for kind, queries in kinds.items():
        times, found = [], []
        for query in queries:
            searches = Searches(store.wordings)
            began = time.perf_counter()
            found.append(len(searches.hits(catalog.snapshot, canonical(query)).published))
            times.append((time.perf_counter() - began) * 1000)
        say(
            f"search for {kind}: {statistics.median(times):.1f} ms, at most {max(times):.1f} "
            f"(finds {statistics.median(found):.0f})"
        )


def say(line: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
