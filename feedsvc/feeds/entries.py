"""Article and body -> entry: the last guard before the writers, which take everything in it as legal."""

import re
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from feedsvc import text, urls
from feedsvc.feeds.address import path
from feedsvc.feeds.titles import Labels, label
from feedsvc.model import Address, Article, Body, Clause, Enclosure, Entry, Facet, Related, Selection, Term
from feedsvc.script import author_to, html_to, of, to

_TITLE = 60  # characters of a summary that stand in for a missing title
_SUMMARY = 400  # characters; some sources call nearly the whole of an article its summary
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*")
_UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An article that no feed can show, and why, as a sentence for the operator."""

    article: str
    reason: str


def entry(
    article: Article,
    body: Body,
    *,
    base_url: str,
    content: str,
    labels: Labels,
    script: str | None = None,
) -> Entry | LeftOut:
    """`article` as an entry, cleaned of what cannot be written in XML; LeftOut where nothing legal remains.

    `base_url` without a closing slash. `content` says how much: full (HTML and summary), summary, or title.
    A summary has at most 400 characters, but where a full entry has nothing else. `script`: what people read
    of terms and source is converted to, hans or hant; the article itself is taken as it is (`in_script`).
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
    html = text.legal(body.html).strip()
    title = text.squeeze(article.title) or text.squeeze(text.cut(summary, _TITLE))
    if not title:
        return LeftOut(article=article.id, reason="it has neither title nor summary")
    if content != "full" or html:
        summary = text.cut(summary, _SUMMARY)
    source_title = label(Facet.SOURCE, article.source, labels, script)
    terms = partial(_terms, base_url=base_url, labels=labels, script=script)
    return Entry(
        id=number.urn,
        link=urls.absolute(article.link) or f"{base_url}/articles/{number}",
        title=title,
        published=published,
        updated=max(published, updated),
        author=text.squeeze(article.author or "") or source_title,
        summary="" if content == "title" else summary,
        html=html if content == "full" else "",
        categories=terms(Facet.CATEGORY, (article.category or "",)),
        tags=terms(Facet.TAG, article.tags),
        regions=terms(Facet.REGION, article.regions),
        enclosures=_enclosures(body.enclosures, base_url),
        rights=text.squeeze(body.rights or "") or None,
        source_id=text.legal(article.source),
        source_title=source_title,
        source_url=_source_url(article.source, base_url, labels),
        revision=article.revision,
    )


def told_again(
    article: Article, *, base_url: str, labels: Labels, script: str | None = None
) -> Related | None:
    """`article` as an entry of the same story names it; None where it has nothing that could be shown."""
    title = text.squeeze(article.title)
    try:
        number = uuid.UUID(article.id)
    except ValueError:
        return None
    if not title:
        return None
    return Related(
        id=number.urn,
        link=urls.absolute(article.link) or f"{base_url}/articles/{number}",
        title=to(title, script) if script else title,
        source_id=text.legal(article.source),
        source_title=label(Facet.SOURCE, article.source, labels, script),
    )


def in_script(article: Article, body: Body, script: str) -> tuple[Article, Body]:
    """`article` and `body` with what people read in them in the script `script`, hans or hant.

    Title, summary, HTML and author, that is. Rights stay: they are somebody's legal word. Category, tags and
    regions stay as addresses have them; it is their labels that are converted.
    """
    title, summary, html = text.legal(article.title), text.legal(body.summary), text.legal(body.html)
    own = of(f"{title} {summary} {html}")
    author = author_to(text.legal(article.author), script, own) if article.author else None
    return (
        replace(article, title=to(title, script, own), author=author),
        replace(body, summary=to(summary, script, own), html=html_to(html, script, own)),
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


def _terms(
    facet: Facet, values: tuple[str, ...], *, base_url: str, labels: Labels, script: str | None
) -> tuple[Term, ...]:
    terms: list[Term] = []
    for value in dict.fromkeys(filter(None, map(text.squeeze, values))):
        category = labels.find_category(value) if facet is Facet.CATEGORY else None
        terms.append(
            Term(
                value=value,
                label=label(facet, value, labels, script),
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
