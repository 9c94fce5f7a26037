"""Lists whose links lead to articles - list pages, sitemaps, indexes of sitemaps - fetched and noted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from feedsvc import httpfields, reading, urls
from feedsvc.children import Runner
from feedsvc.errors import FeedsvcError, FetchError, ReadError
from feedsvc.fetch import Request, Response
from feedsvc.model import Kind, Link, LinkState, Listed, ListPage, Source
from feedsvc.store import Store
from feedsvc.visits import Visits, seconds

MAX_PAGES = 100
"""The pages of articles that one pass fetches at most, where the source does not say (`max_items`)."""

MAX_LISTS = 5
"""The list pages, or parts of a sitemap index, that one pass reads at most."""

_HOPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Lister:
    """Reads lists for sources that its caller has leased. Thread-safe."""

    store: Store
    visits: Visits
    children: Runner
    clock: Callable[[], datetime]
    owner: str

    def permitted(self, source: Source, url: str) -> float:
        """The pause that the host of `url` asks for, in seconds. ForbiddenError if robots.txt forbids it."""
        delay = seconds(source.delay)
        if not source.robots:
            return delay
        said = self.visits.permission([url], source.headers, delay)
        if url in said.refused:
            raise said.refused[url]
        return max(delay, said.delays.get(urls.host_of(url), 0.0))

    def note_list(self, source: Source, response: Response, kind: Kind) -> ListPage:
        """Notes the links of a list that was fetched, and of those that it goes on with, up to a bound.

        Where a page only sends its reader on, the list is what it sends him to: `moved` of what is returned.
        Raises FetchError or ReadError where the list cannot be read; the lists after it may fail.
        """
        asked = response
        first = page = self._list(source, response, kind)
        for _ in range(_HOPS):
            if page.moved is None:
                break
            response = self._fetch_list(source, page.moved)
            first = page = self._list(source, response, kind)
        if page.moved is not None:
            raise ReadError(f"{response.url}: sends its reader on and on")
        sent = None if response is asked else response.url
        wanted = source.max_items or MAX_PAGES
        noted = self.store.links.note(source, self.owner, page.links, self.clock(), wanted=wanted)
        count, seen = len(page.links), {response.url}
        for _ in range(MAX_LISTS - 1):
            # What is known already was reached: everything behind it was seen before.
            if noted.known or page.next is None or page.next in seen or count >= wanted:
                break
            seen.add(page.next)
            try:
                page = self._list(source, self._fetch_list(source, page.next), kind)
            except (FetchError, ReadError):
                break  # the list itself was read; where it goes on is tried again when something new comes
            noted = self.store.links.note(
                source, self.owner, page.links, self.clock(), wanted=wanted, start=count
            )
            count += len(page.links)
        if first.more:
            self._note_parts(source, first.more, wanted)
        return replace(first, moved=sent)

    def _note_parts(self, source: Source, parts: Iterable[Listed], wanted: int) -> None:
        """Notes the links of those parts of a sitemap index that have changed since they were read."""
        parts = list(parts)
        known = self.store.links.get(source, [one.url for one in parts])
        count = done = 0
        for part in parts:
            before = known.get(part.url)
            if done >= MAX_LISTS or count >= wanted:
                break
            if before and before.checked and part.changed and part.changed <= before.checked:
                continue
            done += 1
            now = self.clock()
            link = before or Link(listed=part, state=LinkState.LIST, first_seen=now)
            link = replace(link, state=LinkState.LIST, due=None, checked=now, problem=None)
            try:
                response = self._fetch_list(source, part.url, link.etag, link.last_modified)
                if response.status != 304:
                    page = self._list(source, response, Kind.SITEMAP)
                    self.store.links.note(
                        source, self.owner, page.links, self.clock(), wanted=wanted, start=count
                    )
                    count += len(page.links)
                link = replace(link, etag=response.etag, last_modified=response.last_modified)
            except (FetchError, ReadError) as exc:
                link = replace(link, checked=None, problem=reason(exc, part.url))
            self.store.links.save(source, self.owner, [link], [], self.clock())

    def _fetch_list(
        self, source: Source, url: str, etag: str | None = None, last_modified: str | None = None
    ) -> Response:
        delay = self.permitted(source, url)
        self.store.hold(source, self.owner, self.clock())
        request = Request(url=url, headers=own_headers(source, url), etag=etag, last_modified=last_modified)
        return self.visits.fetch(request, delay)

    def _list(self, source: Source, response: Response, kind: Kind) -> ListPage:
        self.store.hold(source, self.owner, self.clock())
        return self.children.run(
            reading.read_list, source, kind, response.body, response.url, response.content_type, self.clock()
        )


def own_headers(source: Source, url: str) -> dict[str, str]:
    """What is said to the site of `url`: all to the source's own; to others who asks, and no secret."""
    if source.url is not None and httpfields.same_site(source.url, url):
        return dict(source.headers)
    return {k: v for k, v in source.headers.items() if k.lower() in ("user-agent", "accept-language")}


def reason(error: FeedsvcError, url: str) -> str:
    """What `error` says of the page `url`, without repeating the address."""
    return error.problem if isinstance(error, FetchError) else str(error).removeprefix(f"{url}: ")
