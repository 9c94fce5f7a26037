"""Which articles ever stood in a selection, in the order in which they came into it.

An article comes into a selection at the first revision at which every positive clause held for it and no
excluded one did; that never changes afterwards, and later articles come later. So the order only ever grows
at its end: what archives need. Terms are kept for pruned articles too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from feedsvc.model import Facet
from feedsvc.store import occurrences
from feedsvc.store.schema import memberships, terms

ALL = "all:"  # the term under which every article stands
_CHUNK = 300
_SEARCH = f"{Facet.SEARCH}:"  # what a query begins with among terms; it has no memberships, but occurrences

Interval = tuple[int, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermClause:
    """A clause in terms: an article fits while it stands under any of `terms` - under none, if `excluded`.

    It stands under `search:` and a canonical query while it answers that.
    """

    terms: tuple[str, ...]
    excluded: bool = False


def join(connection: Connection, seq: int, revision: int, joined: Sequence[str]) -> None:
    """Article `seq` stands under the terms `joined` from `revision` on."""
    if joined:
        numbers = _numbers(connection, joined, make=True)
        rows = [{"term": number, "joined": revision, "seq": seq, "left": None} for number in numbers.values()]
        connection.execute(insert(memberships), rows)


def leave(connection: Connection, seq: int, revision: int, left: Sequence[str]) -> None:
    """Article `seq` stands under the terms `left` no more from `revision` on."""
    for number in _numbers(connection, left).values():
        connection.execute(
            update(memberships)
            .where(memberships.c.term == number, memberships.c.seq == seq, memberships.c.left.is_(None))
            .values(left=revision)
        )


def count(connection: Connection, clauses: Sequence[TermClause]) -> int:
    """How many articles ever came into a selection."""
    single = _single(clauses)
    if single is None:
        return len(_order(connection, clauses))
    number = _numbers(connection, [single]).get(single)
    query = select(func.count(memberships.c.seq.distinct())).where(memberships.c.term == number)
    return int(connection.scalar(query) or 0)


def part(connection: Connection, clauses: Sequence[TermClause], first: int, number: int) -> list[int]:
    """The `seq` of `number` articles of a selection, from place `first` (0 the oldest), in their order."""
    single = _single(clauses)
    if single is None:
        return _order(connection, clauses)[first : first + number]
    came = func.min(memberships.c.joined)
    query = (
        select(memberships.c.seq)
        .where(memberships.c.term == _numbers(connection, [single]).get(single))
        .group_by(memberships.c.seq)
        .order_by(came, memberships.c.seq)
        .limit(number)
        .offset(first)
    )
    return list(connection.scalars(query))


def entered(wanted: Sequence[Sequence[Interval]], unwanted: Sequence[Interval]) -> int | None:
    """The first revision at which each of `wanted` has an interval that holds and `unwanted` has none.

    An interval (joined, left) holds from `joined` until before `left`; left None is for ever. None if that
    never was.
    """
    starts = {joined for intervals in wanted for joined, _ in intervals}
    moments = sorted(starts | {left for _, left in unwanted if left is not None})
    for moment in moments:
        if all(_holds(intervals, moment) for intervals in wanted) and not _holds(unwanted, moment):
            return moment
    return None


def _holds(intervals: Sequence[Interval], moment: int) -> bool:
    return any(joined <= moment and (left is None or moment < left) for joined, left in intervals)


def _single(clauses: Sequence[TermClause]) -> str | None:
    """The one term that the selection is, if it is."""
    if not clauses:
        return ALL
    only = clauses[0]
    if len(clauses) > 1 or len(only.terms) > 1 or only.excluded or only.terms[0].startswith(_SEARCH):
        return None
    return only.terms[0]


def _order(connection: Connection, clauses: Sequence[TermClause]) -> list[int]:
    wanted = [_intervals(connection, c.terms) for c in clauses if not c.excluded]
    wanted = wanted or [_intervals(connection, (ALL,))]
    unwanted = _intervals(connection, [t for c in clauses if c.excluded for t in c.terms])
    wanted.sort(key=len)
    came = []
    for seq in wanted[0]:
        if all(seq in each for each in wanted[1:]):
            moment = entered([each[seq] for each in wanted], unwanted.get(seq, ()))
            if moment is not None:
                came.append((moment, seq))
    return [seq for _, seq in sorted(came)]


def _intervals(connection: Connection, wanted: Sequence[str]) -> dict[int, list[Interval]]:
    found: dict[int, list[Interval]] = {}
    for term in wanted:
        if term.startswith(_SEARCH):
            answers = occurrences.intervals(connection, term.removeprefix(_SEARCH))
            for seq, intervals in answers.items():
                found.setdefault(seq, []).extend(intervals)
    numbers = list(_numbers(connection, wanted).values())
    for start in range(0, len(numbers), _CHUNK):
        query = select(memberships.c.seq, memberships.c.joined, memberships.c.left).where(
            memberships.c.term.in_(numbers[start : start + _CHUNK])
        )
        for seq, joined, left in connection.execute(query):
            found.setdefault(seq, []).append((joined, left))
    return found


def _numbers(connection: Connection, wanted: Sequence[str], *, make: bool = False) -> dict[str, int]:
    """The numbers of terms; unknown ones are left out, or made."""
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _CHUNK):
        query = select(terms.c.term, terms.c.id).where(terms.c.term.in_(wanted[start : start + _CHUNK]))
        found.update((term, number) for term, number in connection.execute(query))
    if make:
        for term in wanted:
            if term not in found:
                made = insert(terms).values(term=term).returning(terms.c.id)
                found[term] = int(connection.execute(made).scalar_one())
    return found
