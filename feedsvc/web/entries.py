"""Articles -> what a page shows of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from feedsvc import text, urls
from feedsvc.feeds.directory import Directory
from feedsvc.model import Article, Body, Facet
from feedsvc.web.contents import Topic, topic

_SUMMARY = 140  # characters
_NO_BODY = Body()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article in a list: `link` is its page elsewhere, None where it has none."""

    id: str
    title: str
    link: str | None
    published: datetime
    updated: datetime
    author: str | None
    summary: str
    source: Topic
    category: Topic | None
    tags: tuple[Topic, ...]
    regions: tuple[Topic, ...]


def items(articles: Iterable[Article], bodies: Mapping[str, Body], names: Directory) -> list[Item]:
    """`articles` in their order; topics that the site has no feed for (any more) are left out."""
    return [item(article, bodies.get(article.id, _NO_BODY), names) for article in articles]


def item(article: Article, body: Body, names: Directory) -> Item:
    """One article with the head of its summary."""
    category = article.category if names.find_category(article.category or "") else None
    regions = (code for code in article.regions if names.find_region(code))
    return Item(
        id=article.id,
        title=article.title,
        link=urls.absolute(article.link),
        published=article.published,
        updated=article.updated,
        author=article.author,
        summary=text.cut(text.squeeze(body.summary), _SUMMARY),
        source=topic(Facet.SOURCE, article.source, 0, names),
        category=topic(Facet.CATEGORY, category, 0, names) if category else None,
        tags=tuple(topic(Facet.TAG, tag, 0, names) for tag in article.tags),
        regions=tuple(topic(Facet.REGION, code, 0, names) for code in regions),
    )
