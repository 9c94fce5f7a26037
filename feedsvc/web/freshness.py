"""How long an answer stays good: until the next refresh of a source it draws from."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from feedsvc.model import Facet, Selection, Source, SourceState

SHORTEST = timedelta(seconds=60)
LONGEST = timedelta(seconds=900)
_TTL = timedelta(minutes=15)
_STALE = "stale-while-revalidate=300, stale-if-error=86400"


def drawn(selection: Selection, sources: Iterable[Source]) -> list[Source]:
    """The enabled sources whose articles can be in `selection`."""
    found = [source for source in sources if source.enabled]
    for clause in selection.clauses:
        if clause.facet is Facet.SOURCE:
            found = [source for source in found if (source.id in clause.values) != clause.excluded]
    return found


def ttl(sources: Iterable[Source]) -> timedelta:
    """The shortest interval of `sources`; 15 minutes if there is none."""
    return min((source.interval for source in sources), default=_TTL)


def cache_control(sources: Iterable[Source], states: Mapping[str, SourceState], now: datetime) -> str:
    """The Cache-Control of an answer drawn from `sources`: for caches all over, until one may bring news."""
    due = [states[source.id].due for source in sources if source.id in states]
    wait = min(due, default=now + LONGEST) - now
    return f"public, max-age={int(min(max(wait, SHORTEST), LONGEST).total_seconds())}, {_STALE}"


def partial(cache_control: str) -> str:
    """The Cache-Control of an answer that is of use only to who asked for it, in place of a whole one's.

    Caches that know nothing of 226 keep it not at all; those that do pass over no-store (RFC 3229, `im`).
    """
    return cache_control.replace("public", "no-store, im", 1)
