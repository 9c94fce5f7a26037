"""Which words articles have: an inverted index by time, which only ever grows at its end.

What an article says, its wording, has the number of the revision with which it came, and never changes: an
edit that changes the words is another wording. The wordings of 1024 revisions are a block, a word's row in it
lists their places there. So what is written together lies together on disk, and a row is a few bytes.
Wordings are kept when articles are pruned, so that archives keep their numbers.
"""

import hashlib
import sys
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update

from feedsvc.model import Draft
from feedsvc.queries import Query
from feedsvc.store.schema import counters, occurrences, wordings, words

_BLOCK = 10  # bits of a revision that are a place in a block
_CHUNK = 300


class Words:
    """What the articles of one transaction say, written at its end in one go."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._said: dict[int, tuple[str, ...]] = {}

    def arrived(self, seq: int, draft: Draft) -> dict[str, Any]:
        """Notes the words of a new article; its columns that tell of them."""
        if draft.words is None:
            return {"wording": None, "words": None}
        self._said[seq] = draft.words
        return {"wording": seq, "words": digest(draft.words)}

    def edited(
        self, row: RowMapping, revision: int, said: tuple[str, ...] | None, now: datetime
    ) -> dict[str, Any]:
        """Notes the words of the article `row` from `revision` on; its columns that tell of them.

        None: they are not known, though others than before. Then those from before hold until they are.
        """
        if said is None:
            return {"words": None}
        if digest(said) == row["words"]:
            return {}
        former = row["wording"]
        if former is not None:
            left = {"left": revision, "left_at": now}
            if former == row["seq"]:
                self._connection.execute(insert(wordings).values(came=former, seq=former, **left))
            else:
                self._connection.execute(update(wordings).where(wordings.c.came == former).values(**left))
        self._connection.execute(insert(wordings).values(came=revision, seq=row["seq"]))
        self._said[revision] = said
        return {"wording": revision, "words": digest(said)}

    def save(self) -> None:
        """Writes what was noted. Whoever noted has the counter of revisions locked: nobody else writes."""
        numbers = _numbered(self._connection, sorted({word for said in self._said.values() for word in said}))
        blocks: dict[int, dict[int, array[int]]] = defaultdict(lambda: defaultdict(lambda: array("H")))
        for came in sorted(self._said):
            block = blocks[came >> _BLOCK]
            for word in self._said[came]:
                block[numbers[word]].append(came & ((1 << _BLOCK) - 1))
        for number, block in blocks.items():
            _append(self._connection, number, block)
        self._said.clear()


def digest(said: Sequence[str]) -> str:
    """What tells the words of an article from others."""
    return hashlib.blake2b("\n".join(said).encode(), digest_size=8).hexdigest()


def find(connection: Connection, value: str, first: int, last: int) -> list[int]:
    """The wordings from revision `first` to `last`, in their order, that answer a canonical query."""
    query = Query.of(value)
    known = _known(connection, query.words)
    query = query.narrowed(known.keys())
    if not query.answers({word: {0} for word in known}):
        return []
    named = {number: word for word, number in known.items()}
    found: list[int] = []
    numbers = range(first >> _BLOCK, (last >> _BLOCK) + 1)
    for start in range(0, len(numbers), _CHUNK):
        places: dict[int, dict[str, set[int]]] = defaultdict(dict)
        for block, word, packed in _rows(connection, numbers[start : start + _CHUNK], list(named)):
            places[block][named[word]] = set(_unpacked(packed))
        for block in sorted(places):
            found.extend(block << _BLOCK | place for place in sorted(query.answers(places[block])))
    return [came for came in found if first <= came <= last]


def intervals(connection: Connection, value: str) -> dict[int, list[tuple[int, int | None]]]:
    """When articles, by `seq`, answered a query, in revisions: from one until before another, or for ever."""
    last = connection.scalar(select(func.max(occurrences.c.block)))
    found: dict[int, list[tuple[int, int | None]]] = {}
    if last is not None:
        cames = find(connection, value, 0, (last + 1 << _BLOCK) - 1)
        known = {row["came"]: (row["seq"], row["left"]) for row in _wordings(connection, cames)}
        for came in cames:
            seq, left = known.get(came, (came, None))
            found.setdefault(seq, []).append((came, left))
    return found


def left(connection: Connection, cames: Sequence[int], last: int) -> tuple[datetime, int] | None:
    """When the last of some wordings gave way to another up to revision `last`, and with which; or None."""
    gone = [row for row in _wordings(connection, cames) if row["left"] is not None and row["left"] <= last]
    latest = max(gone, key=lambda row: int(row["left"]), default=None)
    return None if latest is None else (latest["left_at"], latest["left"])


def _wordings(connection: Connection, cames: Sequence[int]) -> Iterable[RowMapping]:
    """The rows of wordings: of those alone that gave way, or came after their articles did."""
    for start in range(0, len(cames), _CHUNK):
        query = select(wordings).where(wordings.c.came.in_(cames[start : start + _CHUNK]))
        yield from connection.execute(query).mappings()


def _known(connection: Connection, wanted: Iterable[str]) -> dict[str, int]:
    """The numbers of those of the words that any article ever had."""
    found: dict[str, int] = {}
    asked = sorted(wanted)
    for start in range(0, len(asked), _CHUNK):
        query = select(words.c.word, words.c.id).where(words.c.word.in_(asked[start : start + _CHUNK]))
        found.update((word, number) for word, number in connection.execute(query))
    return found


def _numbered(connection: Connection, wanted: Sequence[str]) -> dict[str, int]:
    """The numbers of words, those of new ones made."""
    found = _known(connection, wanted)
    missing = [word for word in wanted if word not in found]
    if missing:
        value = counters.c.value
        more = update(counters).where(counters.c.name == "words").values(value=value + len(missing))
        last = int(connection.execute(more.returning(value)).scalar_one())
        made = {word: number for number, word in enumerate(missing, last - len(missing) + 1)}
        connection.execute(insert(words), [{"word": word, "id": number} for word, number in made.items()])
        found |= made
    return found


def _append(connection: Connection, block: int, added: Mapping[int, "array[int]"]) -> None:
    before = {word: packed for _, word, packed in _rows(connection, [block], list(added))}
    new: list[dict[str, Any]] = []
    longer: list[dict[str, Any]] = []
    for word, places in added.items():
        if word in before:
            longer.append({"in_block": block, "of_word": word, "places": before[word] + _packed(places)})
        else:
            new.append({"block": block, "word": word, "places": _packed(places)})
    if new:
        connection.execute(insert(occurrences), new)
    if longer:
        same = (occurrences.c.block == bindparam("in_block"), occurrences.c.word == bindparam("of_word"))
        connection.execute(update(occurrences).where(*same), longer)


def _rows(
    connection: Connection, blocks: Sequence[int], wanted: Sequence[int]
) -> Iterable[tuple[int, int, bytes]]:
    for start in range(0, len(wanted), _CHUNK):
        query = (
            select(occurrences.c.block, occurrences.c.word, occurrences.c.places)
            .where(occurrences.c.block.in_(blocks))
            .where(occurrences.c.word.in_(wanted[start : start + _CHUNK]))
        )
        yield from connection.execute(query)


def _packed(places: "array[int]") -> bytes:
    """Two bytes a place, the lower first."""
    return _lower_first(places).tobytes()


def _unpacked(packed: bytes) -> "array[int]":
    places = array("H")
    places.frombytes(packed)
    return _lower_first(places)


def _lower_first(places: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        places.byteswap()
    return places
