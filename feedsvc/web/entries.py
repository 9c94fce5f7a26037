"""Articles -> what a page shows of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from feedsvc import text, urls
from feedsvc.feeds.directory import Directory
from feedsvc.feeds.entries import in_script
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


def items(
    articles: Iterable[Article], bodies: Mapping[str, Body], names: Directory, script: str | None = None
) -> list[Item]:
    """`articles` in their order, in `script` if given; topics without a feed (any more) are left out."""
    return [item(article, bodies.get(article.id, _NO_BODY), names, script) for article in articles]


def item(article: Article, body: Body, names: Directory, script: str | None = None) -> Item:
    """One article with the head of its summary."""
    if script:
        article, body = in_script(article, body, script)

    def about(facet: Facet, value: str) -> Topic:
        return topic(facet, value, 0, names, script=script)

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
        source=about(Facet.SOURCE, article.source),
        category=about(Facet.CATEGORY, category) if category else None,
        tags=tuple(about(Facet.TAG, tag) for tag in article.tags),
        regions=tuple(about(Facet.REGION, code) for code in regions),
    )
