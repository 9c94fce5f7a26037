"""Documents -> drafts: parsed, cleaned, tagged. Runs in a child process; see `children`.

The service only names these functions and never runs them, so they import what they need themselves: parsers
and dictionaries stay out of the processes that answer requests.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from feedsvc import text
from feedsvc.errors import FeedsvcError
from feedsvc.model import (
    Batch,
    Document,
    Draft,
    Flaw,
    Kind,
    Listed,
    ListPage,
    Pushed,
    RawArticle,
    ReadFile,
    Selectors,
    Source,
    Stamp,
    Unread,
)
from feedsvc.tagging.setup import TaggingSetup

if TYPE_CHECKING:
    from feedsvc.sources.discovery import Discovery
    from feedsvc.tagging.tagger import Tagger

log = logging.getLogger(__name__)

_SEARCHED = 20_000  # characters of a text that searches find it by
_SHOWN = 200  # characters of a text that show its script


@dataclass(slots=True)
class _Child:
    """What a reading process holds: its tagger, and categories by what sources may call them."""

    tagger: "Tagger | None" = None
    categories: dict[str, str] = field(default_factory=dict)


_child = _Child()


def prepare(setup: TaggingSetup) -> None:
    """Loads what every document needs; once in each child."""
    _child.tagger = setup.tagger()
    named = {text.fold(name): c.key for c in setup.categories for name in (c.label, c.key)}
    _child.categories = {text.fold(name): key for name, key in setup.category_map} | named


def read_feed(source: Source, body: bytes, url: str, content_type: str | None, now: datetime) -> Batch:
    """The articles of a feed, in its order. ReadError if it is none."""
    from feedsvc.sources import feed

    document = feed.read_feed(body, url=url, content_type=content_type, now=now)
    for problem in document.problems:
        log.warning("source %s: %s", source.id, problem)
    drafts = tuple(_drafts(source, document))
    thin = _summaries(drafts) if source.full_text else ()
    return Batch(drafts=drafts, title=document.title, withdrawn=document.withdrawn, thin=thin)


def read_list(
    source: Source, kind: Kind, body: bytes, url: str, content_type: str | None, now: datetime
) -> ListPage:
    """The links of a list page or a sitemap. ReadError if it is none."""
    from feedsvc.sources import document, listpage, sitemap

    if kind is Kind.SITEMAP:
        return sitemap.read_sitemap(body, url=url, content_type=content_type, now=now)
    html = document.decode(body, document.charset_of(content_type))
    return listpage.read_list(html, url=url, selectors=source.selectors or Selectors(), now=now)


def discover(body: bytes, url: str, content_type: str | None, now: datetime) -> "Discovery":
    """What the document at the address of a source without a kind is. ReadError where it is nothing."""
    from feedsvc.sources import discovery

    return discovery.discover(body, url=url, content_type=content_type, now=now)


def read_page(
    source: Source, listed: Listed, body: bytes, url: str, content_type: str | None, now: datetime
) -> Draft | None:
    """The article of a page that a list or sitemap, or a feed that gives only summaries, names; None where
    the page is none."""
    from feedsvc.sources import page

    read = page.read_full_text if source.full_text else page.read_page
    raw = read(body, listed=listed, url=url, content_type=content_type, selectors=source.selectors, now=now)
    return _draft(source, raw) if raw is not None else None


def read_entered(source: Source, listed: Listed) -> Draft | None:
    """The article of a feed's entry as the feed has it."""
    from feedsvc.sources import page

    return _draft(source, page.as_entered(listed))


def read_files(source: Source, root: Path, stamps: Sequence[tuple[str, Stamp]], now: datetime) -> Batch:
    """The articles of some files below `root`. A file that cannot be read has a problem, and no article."""
    from feedsvc.sources import file

    drafts: list[Draft] = []
    files: list[ReadFile] = []
    for name, stamp in stamps:
        problem = None
        found: list[Draft] = []
        try:
            body = (root / name).read_bytes()
            document = file.read_file(name, body, base_url=source.url, now=now)
            found = _drafts(source, document)
            for skipped in document.problems:
                log.warning("source %s, %s: %s", source.id, name, skipped)
        except OSError as exc:
            problem = f"cannot be read ({exc.strerror})"
        except FeedsvcError as exc:
            problem = str(exc)
        first = len(drafts)
        drafts.extend(found)
        files.append(ReadFile(name=name, stamp=stamp, first=first, last=len(drafts), problem=problem))
    return Batch(drafts=tuple(drafts), files=tuple(files))


def read_pushed(
    body: bytes, among: Sequence[Source], named: Mapping[str, str], one: bool, now: datetime
) -> Pushed:
    """The drafts of a document that was pushed to one of the sources `among`, or all that is wrong with it.

    `named` and `one` as `sources.push.read_push` has them. ReadError if it is no JSON of the right shape.
    """
    from feedsvc.sources import push

    read = push.read_push(body, among, named=named, one=one, now=now)
    if read.source is None:
        return Pushed(source=None, flaws=read.flaws)
    drafts = [_draft(read.source, raw) for raw in read.articles]
    empty = [index for index, draft in enumerate(drafts) if draft is None]
    if empty:
        flaws = (Flaw(detail="has neither title nor text", index=index) for index in empty)
        return Pushed(source=None, flaws=tuple(flaws))
    return Pushed(source=read.source.id, drafts=tuple(draft for draft in drafts if draft is not None))


def read_words(articles: Sequence[Unread]) -> list[tuple[str, ...]]:
    """The words of each of some articles, as those of drafts are found."""
    from feedsvc import clean

    return [_words(a.title, clean.plain(a.html) or a.summary, author=a.author, tags=a.tags) for a in articles]


def _summaries(drafts: Sequence[Draft]) -> tuple[int, ...]:
    """The places of drafts that hold only a summary, and name a page of their own."""
    from feedsvc import urls
    from feedsvc.sources import page

    links = Counter(urls.canonical(draft.link) for draft in drafts if draft.link)
    return tuple(
        place
        for place, draft in enumerate(drafts)
        if draft.link
        and links[urls.canonical(draft.link)] == 1
        and page.is_summary(draft.html or draft.summary)
    )


def _drafts(source: Source, document: Document) -> list[Draft]:
    drafts = (_draft(source, raw) for raw in document.articles[: source.max_items])
    return [draft for draft in drafts if draft is not None]


def _draft(source: Source, raw: RawArticle) -> Draft | None:
    from feedsvc import clean

    draft = clean.to_draft(raw)
    if draft is None:
        return None
    own = _child.categories.get(text.fold(raw.category)) if raw.category else None
    body = clean.plain(draft.html) or draft.summary
    tagging = _tagger().tag(
        draft.title,
        body,
        home=source.region,
        category=own or source.category,
        hints=raw.keywords,
    )
    author = text.spelling(draft.author or source.author or "") or None
    words = _words(draft.title, body, author=author, tags=[k.word for k in tagging.keywords])
    return replace(
        draft, author=author, tagging=tagging, words=words, fingerprint=_fingerprint(draft.title, body)
    )


def _fingerprint(title: str, body: str) -> bytes:
    """What an article is recognised by in other sources, whichever script it is in there."""
    from feedsvc import duplicates, script

    if script.of(title + body[:_SHOWN]) == script.HANT:
        title, body = script.to(title, script.HANS), script.to(body[:_SEARCHED], script.HANS)
    return duplicates.fingerprint(title, body)


def _words(title: str, body: str, *, author: str | None, tags: Sequence[str]) -> tuple[str, ...]:
    return _tagger().words(title, "\n".join([body[:_SEARCHED], author or "", *tags]))


def _tagger() -> "Tagger":
    if _child.tagger is None:
        raise RuntimeError("reading.prepare has not run in this process")
    return _child.tagger
