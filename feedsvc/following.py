"""The pages that lists, sitemaps and feeds of summaries name: fetched politely when due, read, saved.

A pass saves after every few pages: whatever ends it, what was read stays, and the next pass goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from feedsvc import reading, urls
from feedsvc.children import Runner
from feedsvc.errors import FeedsvcError, FetchError, ForbiddenError, ReadError, StatusError
from feedsvc.fetch import Request, Response
from feedsvc.lists import MAX_PAGES, own_headers, reason
from feedsvc.model import Batch, Draft, Finding, Kind, Link, LinkState, Listed, Saved, Source
from feedsvc.sources import shapes
from feedsvc.store import Store
from feedsvc.visits import Visits, seconds

RECENT = timedelta(hours=48)
"""How long after it was first seen a page is looked at again for changes."""

_RECHECKS = 10
_SOONEST = timedelta(hours=1)  # a page is looked at again after this, then after twice as long, and so on
_TOGETHER = 10  # pages that are saved at once, and lost at most
_LONGEST = timedelta(minutes=10)  # what a pass may take; the rest waits for the next
_IN_A_ROW = 3  # pages of one pass that fail for want of their server end it
_RETRIES = 6
_AGAIN = timedelta(days=7)  # a page that was no article is looked at once more
_BUSY = (429, 503)
GONE = (404, 410)


@dataclass(slots=True)
class _Pass:
    """What a pass has brought and not saved yet, and how its pages fared."""

    source: Source
    began: datetime
    outcomes: list[Link] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    saved: Saved = field(default_factory=Saved)
    row: int = 0
    wait: timedelta | None = None
    stopped: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What following links brought: counts; why it ended early, if it did; what its server asked to wait."""

    saved: Saved
    stopped: str | None = None
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Fetches the pages that lists name, for sources that its caller has leased. Thread-safe."""

    store: Store
    visits: Visits
    children: Runner
    clock: Callable[[], datetime]
    owner: str

    def follow(self, source: Source) -> Followed:
        """Fetches the pages of `source` that are due, politely, and saves what they hold."""
        now = self.clock()
        work = self.store.links.due(source, now, limit=source.max_items or MAX_PAGES, rechecks=_RECHECKS)
        run = _Pass(source=source, began=now)
        refused: dict[str, ForbiddenError] = {}
        delays: dict[str, float] = {}
        if source.robots and work:
            self.store.hold(source, self.owner, self.clock())
            said = self.visits.permission([w.listed.url for w in work], source.headers, seconds(source.delay))
            refused, delays = dict(said.refused), dict(said.delays)
        for link in work:
            if link.listed.url in refused:
                self._failed(run, link, refused[link.listed.url])
                continue
            if run.stopped is None and self.clock() - run.began > _LONGEST:
                run.stopped = (
                    f"stopped after {_LONGEST.seconds // 60} minutes; the rest waits for the next refresh"
                )
            if run.stopped is not None:
                break
            self.store.hold(source, self.owner, self.clock())
            self._page(run, link, max(seconds(source.delay), delays.get(urls.host_of(link.listed.url), 0.0)))
            if len(run.outcomes) >= _TOGETHER:
                self._save(run)
        self._save(run)
        return Followed(saved=run.saved, stopped=run.stopped, wait=run.wait)

    def withhold(self, source: Source, batch: Batch) -> Batch:
        """A feed's batch without the entries that are only summaries: their pages are noted and will be read.

        Those that were read before stay as they are; those that could not be stand in the batch.
        """
        thin = {place: batch.drafts[place] for place in batch.thin}
        listed = {place: _entry(draft) for place, draft in thin.items()}
        wanted = source.max_items or MAX_PAGES
        self.store.links.note(source, self.owner, list(listed.values()), self.clock(), wanted=wanted)
        known = self.store.links.get(source, [one.url for one in listed.values()])
        waiting = (LinkState.NEW, LinkState.READ, LinkState.GONE)
        held = {p for p, one in listed.items() if one.url in known and known[one.url].state in waiting}
        kept = tuple(draft for place, draft in enumerate(batch.drafts) if place not in held)
        return replace(batch, drafts=kept, thin=())

    def _page(self, run: _Pass, link: Link, delay: float) -> None:
        source, url = run.source, link.listed.url
        request = Request(
            url=url,
            headers=own_headers(source, url),
            etag=link.etag,
            last_modified=link.last_modified,
        )
        try:
            response = self.visits.fetch(request, delay)
            run.row = 0
            if response.status == 304:
                self._read(run, link, response, None)
                return
            if shapes.is_list(response.url) and not shapes.is_list(url):
                raise ReadError("leads to a list, and no article")
            self.store.hold(source, self.owner, self.clock())
            draft = self.children.run(
                reading.read_page, source, link.listed, response.body, response.url, response.content_type,
                self.clock(),
            )  # fmt: skip
            if draft is None:
                self._barren(run, link)
            else:
                self._read(run, link, response, draft)
        except (FetchError, ReadError) as exc:
            self._failed(run, link, exc)

    def _read(self, run: _Pass, link: Link, response: Response, draft: Draft | None) -> None:
        now = self.clock()
        age = now - link.first_seen
        later = now + max(_SOONEST, age)
        run.drafts += [draft] if draft is not None else []
        run.outcomes.append(
            replace(
                link,
                state=LinkState.READ,
                checked=now,
                due=later if later - link.first_seen < RECENT else None,
                failures=0,
                problem=None,
                etag=response.etag,
                last_modified=response.last_modified,
            )
        )

    def _barren(self, run: _Pass, link: Link) -> None:
        """A page that is no article; one more look, a week later. A feed's entry stays as the feed has it."""
        now = self.clock()
        again = now + _AGAIN if link.state is LinkState.NEW else None
        state = LinkState.READ if link.state is LinkState.READ else LinkState.BARREN
        self._instead(run, link)
        run.outcomes.append(replace(link, state=state, checked=now, due=again, failures=0, problem=None))

    def _failed(self, run: _Pass, link: Link, error: FeedsvcError) -> None:
        """A page that could not be had. What was read of it before stays, also when the page is no more."""
        now = self.clock()
        status = error.status if isinstance(error, StatusError) else None
        if link.state is LinkState.READ:
            gone = status in GONE
            run.outcomes.append(
                replace(link, state=LinkState.GONE if gone else LinkState.READ, checked=now,
                        due=None if gone else _later(link, now, run.source.interval))
            )  # fmt: skip
        else:
            count = link.failures + 1
            due = (
                _later(replace(link, failures=count), now, run.source.interval) if count < _RETRIES else None
            )
            told = reason(error, link.listed.url)
            self._instead(run, link)
            run.outcomes.append(
                replace(link, state=LinkState.FAILED, checked=now, due=due, failures=count, problem=told)
            )
        if status in _BUSY:
            asked = error.retry_after if isinstance(error, FetchError) else None
            run.wait = asked or run.source.interval
            run.stopped = f"{link.listed.url}: answered {status}; the rest waits until it will"
        elif isinstance(error, FetchError) and status is None and not isinstance(error, ForbiddenError):
            run.row += 1
            if run.row >= _IN_A_ROW:
                run.stopped = f"{error}; so did others, and the rest waits for the next refresh"

    def _instead(self, run: _Pass, link: Link) -> None:
        """The entry of a feed as the feed has it, where its page brings nothing, the first time."""
        if run.source.full_text and link.state is LinkState.NEW:
            draft = self.children.run(reading.read_entered, run.source, link.listed)
            run.drafts += [draft] if draft is not None else []

    def _save(self, run: _Pass) -> None:
        if run.outcomes:
            run.saved += self.store.links.save(run.source, self.owner, run.outcomes, run.drafts, self.clock())
            run.outcomes, run.drafts = [], []


def found_kind(source: Source, finding: Finding) -> Source:
    """`source` as what it turned out to be."""
    return replace(
        source,
        kind=finding.kind,
        url=finding.url,
        headers=own_headers(source, finding.url),  # a page may name a feed of another site
        full_text=source.full_text and finding.kind is Kind.FEED,
    )


def _entry(draft: Draft) -> Listed:
    return Listed(
        url=draft.link or "",
        title=draft.title,
        published=draft.published,
        guid=draft.guid,
        author=draft.author,
        summary=draft.html or draft.summary,
    )


def _later(link: Link, now: datetime, interval: timedelta) -> datetime:
    first = max(interval, timedelta(minutes=15))
    later: datetime = now + min(first * 2 ** max(0, link.failures - 1), timedelta(days=1))
    return later
