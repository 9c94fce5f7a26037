"""Articles of one story in the catalog: told once where several sources are read together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from feedsvc.model import Article, Clause, Facet
from feedsvc.postings import Postings, fits


@dataclass(frozen=True, slots=True)
class Stories:
    """The stories of a snapshot: `articles` by key, `keys` by id, and by story the keys of those that told it
    again, in the order of their arrival."""

    articles: Mapping[int, Article]
    keys: Mapping[str, int]
    repeats: Mapping[str, tuple[int, ...]]

    def related(self, article: Article) -> tuple[Article, ...]:
        """The other published articles of the story of an article, in the order of their arrival."""
        told = (self.articles[key] for key in self._of(article))
        return tuple(other for other in told if other.id != article.id and other.withdrawn is None)

    def once(self, keys: Iterator[int], clauses: Sequence[Clause], published: Postings) -> Iterator[int]:
        """`keys` that fit the clauses, without those of whose story an earlier article fits them too.

        Where one source alone is asked for, all of them.
        """
        if not self.repeats or _of_one_source(clauses):
            return keys
        return (key for key in keys if not self._told_before(key, clauses, published))

    def _told_before(self, key: int, clauses: Sequence[Clause], published: Postings) -> bool:
        article = self.articles[key]
        if article.story is None:
            return False
        for other in self._of(article):
            if other == key:
                return False
            if self.articles[other].withdrawn is None and fits(published, clauses, other):
                return True
        return False

    def _of(self, article: Article) -> Iterator[int]:
        """The keys of all articles of a story that are known, in the order of their arrival."""
        story = article.story or article.id
        repeats = self.repeats.get(story, ())
        if repeats and story in self.keys:
            yield self.keys[story]
        yield from repeats


def _of_one_source(clauses: Sequence[Clause]) -> bool:
    return any(c.facet is Facet.SOURCE and not c.excluded and len(c.values) == 1 for c in clauses)
