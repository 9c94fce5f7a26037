"""What `feedsvc check --source` tells: what a source is, what would be read of it now, and why."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from feedsvc import reading, service
from feedsvc.config import Settings
from feedsvc.dates import SHANGHAI
from feedsvc.errors import FeedsvcError, FetchError, ReadError
from feedsvc.fetch import Request, Response
from feedsvc.following import found_kind
from feedsvc.lists import own_headers
from feedsvc.model import Finding, Kind, Listed, ListPage, Source
from feedsvc.visits import Visits, seconds

T = TypeVar("T")

_SHOWN = 10  # articles of a list that are told
_HOPS = 3


class _Here:
    """Runs what children would run, in this command: what it reads can break no more than itself."""

    def run(self, function: Callable[..., T], *arguments: Any) -> T:
        return function(*arguments)

    def rest(self) -> None:
        """Nothing is ever idle."""

    def stop(self) -> None:
        """Nothing runs on."""


def probe(settings: Settings, source: Source) -> Iterator[str]:
    """Lines about `source`, as it is now: fetched and read, and nothing of it stored. Raises FeedsvcError."""
    if source.url is None or source.kind in (Kind.FOLDER, Kind.PUSH):
        yield f"source {source.id}: {source.kind.value}; nothing is fetched"
        return
    visits = service.visits(settings, _Here())
    if source.kind is Kind.AUTO:
        source, finding, response = _found(visits, source)
        yield f"source {source.id}: {finding.kind.value} {finding.url}"
        yield f"  because {finding.rule}"
    else:
        response = _get(visits, source, source.url or "")
        yield f"source {source.id}: {source.kind.value} {source.url}"
    if source.kind is Kind.FEED:
        yield from _feed(source, response)
    else:
        yield from _list(visits, source, response)


def _found(visits: Visits, source: Source) -> tuple[Source, Finding, Response]:
    """What an address without a kind is: the first of its findings that can be read."""
    response = _get(visits, source, source.url or "")
    found = reading.discover(response.body, response.url, response.content_type, service.utc_now())
    for _ in range(_HOPS):
        if found.moved is None or found.findings:
            break
        response = _get(visits, source, found.moved)
        found = reading.discover(response.body, response.url, response.content_type, service.utc_now())
    failure: FeedsvcError = ReadError(f"{response.url}: sends its reader on and on")
    for place, finding in enumerate(found.findings):
        try:
            known = response if finding.url == response.url else _get(visits, source, finding.url)
            if finding.kind is Kind.FEED:
                _entries(known)
            return found_kind(source, finding), finding, known
        except (FetchError, ReadError) as exc:
            failure = failure if place else exc
    raise failure


def _get(visits: Visits, source: Source, url: str) -> Response:
    delay = seconds(source.delay)
    if source.robots and source.kind in (Kind.PAGE, Kind.SITEMAP):
        said = visits.permission([url], source.headers, delay)
        if url in said.refused:
            raise said.refused[url]
    return visits.fetch(Request(url=url, headers=own_headers(source, url)), delay)


def _entries(response: Response) -> tuple[Listed, ...]:
    from feedsvc.sources import feed

    now = service.utc_now()
    document = feed.read_feed(response.body, url=response.url, content_type=response.content_type, now=now)
    return tuple(
        Listed(url=raw.link or "", title=raw.title, published=raw.published) for raw in document.articles
    )


def _feed(source: Source, response: Response) -> Iterator[str]:
    entries = _entries(response)
    yield f"  {len(entries)} entries"
    yield from _told(entries)


def _list(visits: Visits, source: Source, response: Response) -> Iterator[str]:
    page = _read_list(source, response)
    for _ in range(_HOPS):
        if page.moved is None:
            break
        yield f"  sent on to {page.moved}"
        response = _get(visits, source, page.moved)
        page = _read_list(source, response)
    if page.more:
        yield f"  {page.rule}; the first: {page.more[0].url}"
        page = _read_list(source, _get(visits, source, page.more[0].url))
    yield f"  list: {page.rule}"
    yield f"  next page: {page.next or 'none'}"
    yield from _told(page.links)
    if page.links:
        yield from _article(visits, source, page.links[0])


def _read_list(source: Source, response: Response) -> ListPage:
    return reading.read_list(
        source, source.kind, response.body, response.url, response.content_type, service.utc_now()
    )


def _article(visits: Visits, source: Source, listed: Listed) -> Iterator[str]:
    """What would be read of the first page of a list, and which rule finds it."""
    from feedsvc import clean
    from feedsvc.pages import reading as pages
    from feedsvc.sources import document, page

    response = _get(visits, source, listed.url)
    now = service.utc_now()
    raw = page.read_page(
        response.body,
        listed=listed,
        url=response.url,
        content_type=response.content_type,
        selectors=source.selectors,
        now=now,
    )
    yield f"  first page: {response.url}"
    if raw is None:
        yield "    no article was found on it"
        return
    html = document.decode(response.body, document.charset_of(response.content_type))
    rules = dict(pages.read_page(html, url=response.url, now=now).rules)
    for name in ("title", "date", "body"):
        if source.selectors is not None and getattr(source.selectors, name):
            rules["published" if name == "date" else name] = f"selectors.{name}"
    text = clean.plain(raw.html or "")
    yield f"    title: {raw.title or 'none'} ({rules.get('title', 'the list')})"
    yield f"    published: {_when(raw.published)} ({rules.get('published', 'the list')})"
    yield f"    text: {len(text)} characters ({rules.get('body', 'none found')}): {text[:60]}"


def _told(links: tuple[Listed, ...]) -> Iterator[str]:
    for one in links[:_SHOWN]:
        yield f"    {_when(one.published)}  {one.title or '(no title shown)'}  {one.url}"
    if len(links) > _SHOWN:
        yield f"    and {len(links) - _SHOWN} more"


def _when(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if moment else "no date"
