"""How well stories are recognised, and at what cost, beside simhash and difflib on the same texts.

The texts are those of the tests: 60 stories with four edits each, and different stories that read alike. Each
article arrives from another source, in a random order; it joins the first story that it is found to be. Those
of the others that take a threshold are shown with the one that does best here, which flatters them.
"""

import hashlib
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from pathlib import Path

from feedsvc import duplicates
from feedsvc.model import Batch, Draft, Kind, Source
from feedsvc.store import Store
from tests.stories import EDITS, Text, families, stories, twins

APART = timedelta(hours=5)
ORDERS = 10
ARTICLES = 3000
BATCH = 30
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Score:
    """Of all pairs that are said to be one story those that are, and of all that are those that are said."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def simhash(text: Text) -> int:
    """64 bits of character 4-grams, each counted once (Charikar, 2002)."""
    said = "".join(filter(str.isalnum, text.title + text.body))
    sums = [0] * 64
    for gram in {said[i : i + 4] for i in range(max(1, len(said) - 3))}:
        number = int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=8).digest(), "big")
        for bit in range(64):
            sums[bit] += 1 if number >> bit & 1 else -1
    return sum(1 << bit for bit in range(64) if sums[bit] > 0)


def score(same: Callable[[Text, Text], bool], edited: Sequence[tuple[Text, Text]]) -> Score:
    hits = sum(same(one, other) for one, other in edited)
    wrong = sum(same(one, other) for _, one, other in twins())
    return Score(hits / (hits + wrong) if hits + wrong else 1.0, hits / len(edited))


def best(likeness: Callable[[Text, Text], float], edited: Sequence[tuple[Text, Text]]) -> tuple[float, Score]:
    """The threshold with the best F1, and what it gives."""
    right = [likeness(one, other) for one, other in edited]
    wrong = [likeness(one, other) for _, one, other in twins()]
    found = []
    for threshold in sorted(set(right)):
        hits, misses = sum(x >= threshold for x in right), sum(x >= threshold for x in wrong)
        found.append((threshold, Score(hits / (hits + misses), hits / len(right))))
    return max(found, key=lambda each: each[1].f1)


def arrivals() -> tuple[float, int]:
    """In some random orders of arrival: of the articles that told a story again those that joined it, and
    how often one was taken for another story."""
    texts = [(n, t) for n, s in enumerate(stories()) for t in (s.text, *(e(s, n) for e in EDITS.values()))]
    texts += [(100 + n, text) for n, text in enumerate(itertools.chain(*families().values()))]
    prints = [(n, duplicates.fingerprint(t.title, t.body)) for n, t in texts]
    order = random.Random(1)
    repeats = joined = wrong = 0
    for _ in range(ORDERS):
        order.shuffle(prints)
        known: list[tuple[int, bytes]] = []
        for number, made in prints:
            of = {n for n, other in known if duplicates.same_story(made, other, APART)}
            repeats += any(n == number for n, _ in known)
            joined += number in of
            wrong += bool(of - {number})
            known.append((number, made))
    return joined / repeats, wrong


def saving(fingerprints: bool) -> tuple[float, float]:
    """Milliseconds and bytes that an article costs in the store, those of other sources among them."""
    letters = random.Random(2)
    words = ["".join(chr(0x4E00 + letters.randrange(4000)) for _ in "ab") for _ in range(20_000)]
    often = list(itertools.accumulate(1 / (n + 5) for n in range(len(words))))
    sources = [Source(id=f"s{n}", kind=Kind.FEED, title="报", url=f"https://s{n}.example") for n in range(20)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "feedsvc.db")
        store = Store.open(f"sqlite:///{file}", NOW)
        store.sync(sources, {s.id: "1" for s in sources}, NOW)
        taken, number = 0.0, 0
        while number < ARTICLES:
            source, drafts = sources[number // BATCH % len(sources)], []
            for _ in range(BATCH):
                number += 1
                clauses = ("".join(letters.choices(words, cum_weights=often, k=6)) for _ in range(75))
                body = "，".join(clauses)
                made = duplicates.fingerprint("题", body) if fingerprints else None
                drafts.append(Draft(title=str(number), guid=str(number), html=body, fingerprint=made))
            store.lease([source.id], "me", NOW, due_only=False)
            start = time.perf_counter()
            store.finish(source, "me", Batch(drafts=tuple(drafts)), NOW, NOW)
            taken += time.perf_counter() - start
        store.close()
        return taken / ARTICLES * 1000, file.stat().st_size / ARTICLES


def main() -> None:
    out = sys.stdout.write
    edited = [(s.text, edit(s, n)) for n, s in enumerate(stories()) for edit in EDITS.values()]
    pairs = len(list(twins()))

    def of(text: Text) -> bytes:
        return duplicates.fingerprint(text.title, text.body)

    out(f"{len(edited)} edits of 60 stories, {pairs} pairs of different ones that read alike\n\n")
    out("                               precision  recall\n")
    own = score(lambda a, b: duplicates.same_story(of(a), of(b), APART), edited)
    out(f"feedsvc                           {own.precision:.3f}    {own.recall:.3f}\n")
    plain, at = score(lambda a, b: duplicates.similarity(of(a), of(b)) >= 0.4, edited), 0.4
    out(f"MinHash alone, Jaccard >= {at:.2f}    {plain.precision:.3f}    {plain.recall:.3f}\n")
    measures: dict[str, Callable[[Text, Text], float]] = {
        "MinHash alone": lambda a, b: duplicates.similarity(of(a), of(b)),
        "simhash": lambda a, b: 1 - (simhash(a) ^ simhash(b)).bit_count() / 64,
        "difflib": lambda a, b: SequenceMatcher(None, a.body, b.body, autojunk=False).ratio(),
    }
    for name, likeness in measures.items():
        threshold, got = best(likeness, edited)
        out(f"{name + ', its best >=':25} {threshold:.2f}    {got.precision:.3f}    {got.recall:.3f}\n")
    share, wrong = arrivals()
    out(f"\narriving in random orders: {share:.3f} of repeats join their story, {wrong} join another\n\n")

    texts = [text for pair in edited for text in pair]
    paragraphs = [s.text.body for s in stories()]
    long = [Text(t.title, "\n".join(paragraphs[n % 50 : n % 50 + 5])) for n, t in enumerate(texts)]
    for name, some in (("", texts), (" of 1,300 characters", long)):
        start = time.perf_counter()
        made = [of(text) for text in some]
        each = (time.perf_counter() - start) / len(some)
        size = sum(map(len, made)) / len(made)
        out(f"a fingerprint{name}: {each * 1000:.2f} ms, {size:.0f} bytes\n")
    start = time.perf_counter()
    for one, other in edited:
        simhash(one), simhash(other)
    out(f"a simhash: {(time.perf_counter() - start) / len(texts) * 1000:.2f} ms, 8 bytes\n")
    prints = [(of(a), of(b)) for a, b in edited]
    start = time.perf_counter()
    for x, y in prints:
        duplicates.same_story(x, y, APART)
    out(f"a comparison of two that are alike: {(time.perf_counter() - start) / len(prints) * 1e6:.0f} us")
    start = time.perf_counter()
    for one, other in edited[:40]:
        SequenceMatcher(None, one.body, other.body, autojunk=False).ratio()
    out(f"; by difflib {(time.perf_counter() - start) / 40 * 1e6:.0f} us\n")
    (slow, big), (fast, small) = saving(True), saving(False)
    out(f"saving an article: {slow:.2f} ms, {fast:.2f} without; {big - small:.0f} bytes on disk, two weeks\n")


if __name__ == "__main__":
    main()
