"""What a site has to offer: its categories, regions, tags and sources, with counts and addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from feedsvc.catalog import Snapshot
from feedsvc.config import Settings
from feedsvc.feeds.address import path
from feedsvc.feeds.directory import Directory
from feedsvc.feeds.titles import label
from feedsvc.model import Address, Clause, Facet, Selection
from feedsvc.tagging.gazetteer import Gazetteer

ALL = path(Address())
LEADING = 50  # tags that a site offers feeds of


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One value of a facet that has a feed of its own; `path` is its canonical address.

    `below` are the regions directly below a region that have articles, by code; empty for other facets.
    """

    facet: Facet
    value: str
    label: str
    path: str
    count: int
    below: tuple["Topic", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The topics of a site: `regions` are provinces, `tags` the leading ones; `total` counts all articles."""

    total: int
    categories: tuple[Topic, ...]
    regions: tuple[Topic, ...]
    tags: tuple[Topic, ...]
    sources: tuple[Topic, ...]


def contents(snapshot: Snapshot, settings: Settings, gazetteer: Gazetteer, *, tags: int) -> Contents:
    """The topics of a catalog: all categories and sources, regions with articles, `tags` leading tags."""
    names = Directory(settings.categories, gazetteer, settings.sources)
    in_category = snapshot.counts(Facet.CATEGORY)
    in_source = snapshot.counts(Facet.SOURCE)
    return Contents(
        total=sum(in_source.values()),
        categories=tuple(
            topic(Facet.CATEGORY, c.key, in_category.get(c.key, 0), names) for c in settings.categories
        ),
        regions=_regions(None, snapshot.counts(Facet.REGION), gazetteer, names),
        tags=tuple(topic(Facet.TAG, tag, count, names) for tag, count in snapshot.leading_tags(tags)),
        sources=tuple(topic(Facet.SOURCE, s.id, in_source.get(s.id, 0), names) for s in settings.sources),
    )


def topic(
    facet: Facet,
    value: str,
    count: int,
    names: Directory,
    below: Iterable[Topic] = (),
    *,
    script: str | None = None,
) -> Topic:
    """The topic of one value, labelled in `script` if that is given."""
    selection = Selection(clauses=(Clause(facet=facet, values=(value,)),))
    return Topic(
        facet=facet,
        value=value,
        label=label(facet, value, names, script),
        path=path(Address(selection=selection)),
        count=count,
        below=tuple(below),
    )


def addresses(found: Contents) -> list[str]:
    """The canonical addresses of everything that is offered: the feed of all articles, then every topic's."""
    topics = (*found.categories, *flat(found.regions), *found.sources, *found.tags)
    return [ALL, *(topic.path for topic in topics)]


def flat(topics: Iterable[Topic]) -> list[Topic]:
    """`topics` with everything below them, each before what is below it."""
    found: list[Topic] = []
    for each in topics:
        found += (each, *flat(each.below))
    return found


def _regions(
    code: str | None, counts: Mapping[str, int], gazetteer: Gazetteer, names: Directory
) -> tuple[Topic, ...]:
    return tuple(
        topic(
            Facet.REGION,
            region.code,
            counts[region.code],
            names,
            _regions(region.code, counts, gazetteer, names),
        )
        for region in gazetteer.children(code)
        if counts.get(region.code)
    )
