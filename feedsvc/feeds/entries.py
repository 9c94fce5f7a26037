"""Article and body -> entry: the last guard before the writers, which take everything in it as legal."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from feedsvc import text, urls
from feedsvc.feeds.address import path
from feedsvc.feeds.titles import Labels, label
from feedsvc.model import Address, Article, Body, Clause, Enclosure, Entry, Facet, Selection, Term

_TITLE = 60  # characters of a summary that stand in for a missing title
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*")
_UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An article that no feed can show, and why, as a sentence for the operator."""

    article: str
    reason: str


def entry(article: Article, body: Body, *, base_url: str, content: str, labels: Labels) -> Entry | LeftOut:
    """`article` as an entry, cleaned of what cannot be written in XML; LeftOut where nothing legal remains.

    `base_url` without a closing slash. `content` says how much: full (HTML and summary), summary, or title.
    """
    try:
        number = uuid.UUID(article.id)
    except ValueError:
        return LeftOut(article=article.id, reason=f"its id {article.id!r} is no UUID")
    try:
        published, updated = whole_second(article.published), _updated(article.updated, number)
    except (ValueError, OverflowError) as exc:
        return LeftOut(article=article.id, reason=f"its dates cannot be written: {exc}")
    summary = text.legal(body.summary).strip()
    title = text.squeeze(article.title) or text.squeeze(text.cut(summary, _TITLE))
    if not title:
        return LeftOut(article=article.id, reason="it has neither title nor summary")
    source_title = label(Facet.SOURCE, article.source, labels)
    return Entry(
        id=number.urn,
        link=urls.absolute(article.link) or f"{base_url}/articles/{number}",
        title=title,
        published=published,
        updated=max(published, updated),
        author=text.squeeze(article.author or "") or source_title,
        summary="" if content == "title" else summary,
        html=text.legal(body.html).strip() if content == "full" else "",
        categories=_terms(Facet.CATEGORY, (article.category,) if article.category else (), base_url, labels),
        tags=_terms(Facet.TAG, article.tags, base_url, labels),
        regions=_terms(Facet.REGION, article.regions, base_url, labels),
        enclosures=_enclosures(body.enclosures, base_url),
        rights=text.squeeze(body.rights or "") or None,
        source_id=text.legal(article.source),
        source_title=source_title,
        source_url=_source_url(article.source, base_url, labels),
        revision=article.revision,
    )


def scheme(facet: Facet, base_url: str) -> str:
    """The URI that tells the categories of an entry which are sections, tags and regions apart."""
    return f"{base_url}/schemes/{facet.value}"


def whole_second(moment: datetime) -> datetime:
    """`moment` in UTC, to the second. ValueError for a naive one, OverflowError near year 1 or 9999."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no zone")
    return moment.astimezone(UTC).replace(microsecond=0)


def _updated(moment: datetime, number: uuid.UUID) -> datetime:
    """`moment` with a fraction of a second that belongs to the article alone.

    Articles of one document share their second. Validators warn of entries with equal `updated`, and readers
    that sort by it would shuffle them; the fraction is the same in every feed, for ever.
    """
    return whole_second(moment).replace(microsecond=number.int % 1_000_000)


def _terms(facet: Facet, values: tuple[str, ...], base_url: str, labels: Labels) -> tuple[Term, ...]:
    terms: list[Term] = []
    for value in dict.fromkeys(filter(None, map(text.squeeze, values))):
        category = labels.find_category(value) if facet is Facet.CATEGORY else None
        terms.append(
            Term(
                value=value,
                label=label(facet, value, labels),
                scheme=scheme(facet, base_url),
                iptc=category.iptc if category else (),
            )
        )
    return tuple(terms)


def _enclosures(found: tuple[Enclosure, ...], base_url: str) -> tuple[Enclosure, ...]:
    kept: dict[str, Enclosure] = {}
    for each in found:
        if url := urls.absolute(each.url, base_url):
            type_ = each.type.strip().lower()
            length = each.length if each.length is not None and each.length >= 0 else None
            kept.setdefault(
                url,
                Enclosure(
                    url=url, type=type_ if _MEDIA_TYPE.fullmatch(type_) else _UNKNOWN_TYPE, length=length
                ),
            )
    return tuple(kept.values())


def _source_url(id_: str, base_url: str, labels: Labels) -> str:
    """Where a source is read from, if that is on the web; else the page of its feed here."""
    source = labels.find_source(id_)
    selection = Selection(clauses=(Clause(facet=Facet.SOURCE, values=(id_,)),))
    return urls.absolute(source.url if source else None) or f"{base_url}/{path(Address(selection=selection))}"
