"""The articles in memory: immutable snapshots that follow the store, postings, selections.

An article's key in every posting holds its time of publication and the number of its arrival, so the newest
of any selection are found by walking backwards; it never changes, so a change of one article touches its own
postings alone.
"""

import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

from feedsvc.model import Article, Facet, Selection
from feedsvc.postings import Postings, Rewrite, walk
from feedsvc.stories import Stories

_SEQ_BITS = 28
_NEVER = (0, 0)
_BULK = 200  # changes from which sorting postings anew is less work than keeping them sorted


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The newest articles of a selection, newest first, and those withdrawn from it.

    `changed` is no earlier than the last change of this answer, whatever it was, and the same in every
    process. `related` are by article id the others of its story, where it has any (`Snapshot.related`).
    """

    articles: tuple[Article, ...]
    withdrawn: tuple[Article, ...]
    changed: datetime
    related: Mapping[str, tuple[Article, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What answers a query: postings of articles published and withdrawn, and when it was last `touched`."""

    published: "array[int]" = field(default_factory=lambda: array("Q"))
    withdrawn: "array[int]" = field(default_factory=lambda: array("Q"))
    touched: tuple[int, int] = _NEVER


class Finder(Protocol):
    """Finds what answers queries. Words are not in memory: there are too many."""

    def hits(self, snapshot: "Snapshot", query: str) -> Hits:
        """What answers a canonical query in a snapshot: always the same. StoreError if the store fails."""
        ...


class NoFinder:
    """Finds nothing: for a catalog of articles whose words nobody knows."""

    def hits(self, snapshot: "Snapshot", query: str) -> Hits:
        return Hits()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The catalog at one moment. Nothing in it ever changes.

    `revision` is the last change it knows, `generation` the last pruning. `touched` says of each term when
    an article in it last came, changed or left: the time in seconds since 1970 UTC, and the revision.
    `wordings` are the keys of articles by the revisions with which their words came, `first` is the lowest
    `seq` of an article. `repeats` are by story the keys of the articles that told it again, in the order of
    their arrival; none where stories are not put together. Of one story a selection has the first article to
    arrive that is in it, and no other; a selection of a single source has all that this source has. What
    selects raises StoreError where a selection holds a search and `finder` fails.
    """

    revision: int = 0
    generation: int = 0
    articles: Mapping[int, Article] = field(default_factory=dict)
    keys: Mapping[str, int] = field(default_factory=dict)
    wordings: Mapping[int, int] = field(default_factory=dict)
    first: int = sys.maxsize
    repeats: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    published: Postings = field(default_factory=Postings)
    withdrawn: Postings = field(default_factory=Postings)
    touched: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    last: int = 0
    finder: Finder = field(default_factory=NoFinder, compare=False)

    def article(self, ident: str) -> Article | None:
        """The article of an id, withdrawn or not."""
        key = self.keys.get(ident)
        return None if key is None else self.articles[key]

    def count(self, facet: Facet, value: str) -> int:
        """How many articles are published under a term."""
        return len(self.published.get(f"{facet}:{value}"))

    def counts(self, facet: Facet) -> dict[str, int]:
        """How many articles are published under every value of a facet."""
        start = f"{facet}:"
        return {
            term[len(start) :]: len(posting)
            for term, posting in self.published.by_term.items()
            if term.startswith(start) and posting
        }

    def leading_tags(self, number: int, among: int = 1000) -> list[tuple[str, int]]:
        """The `number` most frequent tags of the `among` newest articles, with how often; ties by the tag."""
        newest = (self.articles[key] for key in islice(reversed(self.published.all), among))
        counted = Counter(tag for article in newest for tag in article.tags)
        return sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:number]

    def select(self, selection: Selection, limit: int) -> Selected:
        """The newest `limit` articles of a selection, newest first."""
        hits = self._hits(selection)
        found = list(islice(self._walk(selection, hits), limit))
        articles = tuple(self.articles[key] for key in found)
        withdrawn = replace(self.withdrawn, beside={term: each.withdrawn for term, each in hits.items()})
        gone = list(islice(walk(withdrawn, selection.clauses), limit))
        return Selected(
            articles=articles,
            withdrawn=tuple(self.articles[key] for key in gone),
            changed=datetime.fromtimestamp(max(self._touched(selection, hits)[0], self.generation), UTC),
            related={article.id: others for article in articles if (others := self.related(article))},
        )

    def related(self, article: Article) -> tuple[Article, ...]:
        """The other published articles of the story of an article, in the order of their arrival."""
        return Stories(self.articles, self.keys, self.repeats).related(article)

    def moved(self, selection: Selection) -> int:
        """A revision since which no article came into a selection, changed in it or left it."""
        return self._touched(selection, self._hits(selection))[1]

    def page(
        self, selection: Selection, limit: int, before: int | None = None
    ) -> tuple[list[Article], int | None]:
        """Up to `limit` articles older than the key `before`, newest first, and the key to go on from."""
        found = list(islice(self._walk(selection, self._hits(selection), before), limit + 1))
        following = found[limit - 1] if len(found) > limit else None
        return [self.articles[key] for key in found[:limit]], following

    def _walk(self, asked: Selection, hits: Mapping[str, Hits], before: int | None = None) -> Iterator[int]:
        """The keys of a selection, newest first, those below `before` only."""
        published, stories = self._published(hits), Stories(self.articles, self.keys, self.repeats)
        return stories.once(walk(published, asked.clauses, before), asked.clauses, published)

    def _hits(self, selection: Selection) -> dict[str, Hits]:
        """What answers each search of a selection, by its term."""
        return {
            f"{clause.facet}:{query}": self.finder.hits(self, query)
            for clause in selection.clauses
            if clause.facet is Facet.SEARCH
            for query in clause.values
        }

    def _published(self, hits: Mapping[str, Hits]) -> Postings:
        return replace(self.published, beside={term: each.published for term, each in hits.items()})

    def _touched(self, selection: Selection, hits: Mapping[str, Hits]) -> tuple[int, int]:
        """When, and with which revision, the answer to a selection can last have changed.

        Whatever changes it comes, changes or leaves under every one of its positive clauses; so the clause
        that was touched least recently tells.
        """
        terms = [[f"{c.facet}:{v}" for v in c.values] for c in selection.clauses if not c.excluded]
        touches = [
            [hits[term].touched if term in hits else self.touched.get(term, _NEVER) for term in each]
            for each in terms
        ]
        return (
            min((max(moment for moment, _ in each) for each in touches), default=self.last),
            min((max(revision for _, revision in each) for each in touches), default=self.revision),
        )


class Indexer:
    """Makes the next snapshot from the one before and what changed. Pure but for its own making.

    `sources`: articles of other sources stay outside. `ancestors(code)`: the regions that hold a region.
    At most about `limit` articles are kept, the newest. `stories`: articles of one story are put together.
    """

    def __init__(
        self,
        *,
        sources: Iterable[str],
        ancestors: Callable[[str], Sequence[str]],
        limit: int,
        stories: bool = True,
    ) -> None:
        self._sources = frozenset(sources)
        self._ancestors = ancestors
        self._limit = limit
        self._stories = stories

    def next(
        self,
        before: Snapshot,
        changes: Sequence[tuple[Article, Mapping[str, int]]],
        *,
        generation: int | None = None,
    ) -> Snapshot:
        """`before` with `changes` in the order of their revisions: (article, what it left and when)."""
        if not changes and generation in (None, before.generation):
            return before
        articles, keys, touched = dict(before.articles), dict(before.keys), dict(before.touched)
        wordings, first, repeats = dict(before.wordings), before.first, dict(before.repeats)
        bulk = len(changes) > _BULK
        shown, gone = Rewrite(before.published, bulk=bulk), Rewrite(before.withdrawn, bulk=bulk)
        revision, last = before.revision, before.last
        for article, left in changes:
            revision = max(revision, article.revision)
            if article.source not in self._sources:
                continue
            key = key_of(article)
            old = articles.get(key)
            if old is not None:
                (gone if old.withdrawn else shown).remove(key, self._terms(old))
                if old.wording is not None:
                    del wordings[old.wording]
            articles[key] = article
            keys[article.id] = key
            first = min(first, article.seq)
            if article.wording is not None:
                wordings[article.wording] = key
            if old is None and article.story is not None and self._stories:
                told = (*repeats.get(article.story, ()), key)
                repeats[article.story] = tuple(sorted(told, key=lambda one: articles[one].seq))
            terms = self._terms(article)
            (gone if article.withdrawn else shown).add(key, terms)
            moment = whole_second(article.changed)
            last = max(last, moment)
            for term in terms:
                touched[term] = max(touched.get(term, _NEVER)[0], moment), article.revision
            for term, when in left.items():
                for each in self._widened(term):
                    touched[each] = max(touched.get(each, _NEVER)[0], when + 1), article.revision
        snapshot = Snapshot(
            revision=revision,
            generation=before.generation if generation is None else generation,
            articles=articles,
            keys=keys,
            wordings=wordings,
            first=first,
            repeats=repeats,
            published=shown.done(),
            withdrawn=gone.done(),
            touched=touched,
            last=last,
            finder=before.finder,
        )
        return self._bounded(snapshot)

    def _bounded(self, snapshot: Snapshot) -> Snapshot:
        """A snapshot that has grown too far over the limit, rebuilt from its newest articles."""
        if len(snapshot.articles) <= self._limit + self._limit // 50:
            return snapshot
        newest = sorted(snapshot.articles)[-self._limit :]
        kept = sorted((snapshot.articles[key] for key in newest), key=lambda a: a.revision)
        small = self.next(Snapshot(generation=snapshot.generation), [(a, {}) for a in kept])
        return replace(
            snapshot,
            articles=small.articles,
            keys=small.keys,
            wordings=small.wordings,
            first=small.first,
            repeats=small.repeats,
            published=small.published,
            withdrawn=small.withdrawn,
        )

    def _terms(self, article: Article) -> list[str]:
        terms = [f"{Facet.SOURCE}:{article.source}", *(f"{Facet.TAG}:{tag}" for tag in article.tags)]
        if article.category:
            terms.append(f"{Facet.CATEGORY}:{article.category}")
        if article.author:
            terms.append(f"{Facet.AUTHOR}:{article.author}")
        regions = {held for code in article.regions for held in (code, *self._ancestors(code))}
        terms.extend(f"{Facet.REGION}:{code}" for code in sorted(regions))
        return terms

    def _widened(self, term: str) -> list[str]:
        facet, _, value = term.partition(":")
        if facet != Facet.REGION:
            return [term]
        return [f"{facet}:{code}" for code in (value, *self._ancestors(value))]


def key_of(article: Article) -> int:
    """The place of an article in every posting: by publication, then arrival. Fixed for life."""
    seconds = max(0, int(article.published.timestamp()))
    return seconds << _SEQ_BITS | article.seq & ((1 << _SEQ_BITS) - 1)


def whole_second(moment: datetime) -> int:
    """Seconds since 1970 UTC, rounded up: two changes in one second must not look like one."""
    return -int(-moment.timestamp() // 1)
