"""Visits to other people's sites: one request to a host at a time, a pause between two, robots.txt obeyed."""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from feedsvc.children import Runner
from feedsvc.errors import FeedsvcError, FetchError, ForbiddenError, StatusError
from feedsvc.fetch import Request, Response, Transport
from feedsvc.sources import robots
from feedsvc.urls import host_of

LONGEST_DELAY = 30.0
"""Seconds; a robots.txt that asks for more between two requests gets so many."""

_KEPT = 24 * 3600.0  # seconds that a robots.txt is believed (RFC 9309, section 2.4)
_KEPT_UNREACHABLE = 600.0  # seconds after which one that could not be had is asked for again
_HOSTS = 2_000  # hosts that are remembered
_PATIENCE = 60.0  # seconds that a host is waited for while another source is served by it
_TOO_MANY = 429


@dataclass(slots=True)
class _Host:
    """A host: who is being served by it now, and when the last request to it ended."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    last: float | None = None


@dataclass(frozen=True, slots=True)
class _Rules:
    """A robots.txt as it came: None where there is none; `unreachable` says why it could not be had."""

    body: bytes | None
    unreachable: str | None
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What the robots.txt files of some addresses say: why an address may not be fetched, for those that may
    not; the pause that each host asks for, in seconds."""

    refused: Mapping[str, ForbiddenError]
    delays: Mapping[str, float]


class Visits:
    """Fetches for sources that read page after page. Thread-safe.

    `clock` counts seconds that never go back, `pause` waits so many.
    """

    def __init__(
        self,
        transport: Transport,
        children: Runner,
        *,
        user_agent: str,
        clock: Callable[[], float],
        pause: Callable[[float], None],
    ) -> None:
        self._transport = transport
        self._children = children
        self._agent = user_agent
        self._clock = clock
        self._pause = pause
        self._lock = threading.Lock()
        self._hosts: OrderedDict[str, _Host] = OrderedDict()
        self._rules: OrderedDict[str, _Rules] = OrderedDict()

    def fetch(self, request: Request, delay: float) -> Response:
        """Fetches when it is its turn: nobody else asks that host, and `delay` seconds have gone by since it
        was asked last. Raises FetchError."""
        host = self._host(host_of(request.url))
        if not host.turn.acquire(timeout=_PATIENCE):
            raise FetchError(request.url, "its host is busy with another source")
        try:
            if host.last is not None:
                left = host.last + delay - self._clock()
                if left > 0:
                    self._pause(left)
            return self._transport.fetch(request)
        finally:
            host.last = self._clock()
            host.turn.release()

    def permission(self, urls: Sequence[str], headers: Mapping[str, str], delay: float) -> Permission:
        """What robots.txt says of `urls` to who sends `headers` (RFC 9309); unknown files are fetched."""
        agent = next((v for k, v in headers.items() if k.lower() == "user-agent"), self._agent)
        sites: dict[str, list[str]] = defaultdict(list)
        for url in urls:
            parts = urlsplit(url)
            sites[f"{parts.scheme}://{parts.netloc}"].append(url)
        refused: dict[str, ForbiddenError] = {}
        delays: dict[str, float] = {}
        for site, own in sites.items():
            rules = self._rules_of(site, headers, delay)
            if rules.unreachable is not None:
                refused |= {url: ForbiddenError(url, rules.unreachable) for url in own}
            elif rules.body is not None:
                verdict = self._children.run(robots.ask, rules.body, agent, own)
                told = "robots.txt of its site forbids to fetch it; robots = false of the source would"
                refused |= {u: ForbiddenError(u, told) for u in own if u not in verdict.allowed}
                if verdict.delay is not None:
                    delays[host_of(site)] = min(verdict.delay, LONGEST_DELAY)
        return Permission(refused=refused, delays=delays)

    def _host(self, name: str) -> _Host:
        with self._lock:
            host = self._hosts.setdefault(name, _Host())
            self._hosts.move_to_end(name)
            idle = (
                [n for n, h in self._hosts.items() if not h.turn.locked()]
                if len(self._hosts) > _HOSTS
                else []
            )
            for old in idle[: len(self._hosts) - _HOSTS]:
                del self._hosts[old]
            return host

    def _rules_of(self, site: str, headers: Mapping[str, str], delay: float) -> _Rules:
        with self._lock:
            known = self._rules.get(site)
        if known is not None and self._clock() < known.until:
            return known
        found = self._asked(site, headers, delay)
        if found.unreachable is not None and known is not None and known.unreachable is None:
            # What it said before holds while it cannot be had (RFC 9309, section 2.3.1.4).
            found = _Rules(known.body, None, found.until)
        with self._lock:
            self._rules[site] = found
            self._rules.move_to_end(site)
            while len(self._rules) > _HOSTS:
                self._rules.popitem(last=False)
        return found

    def _asked(self, site: str, headers: Mapping[str, str], delay: float) -> _Rules:
        url = f"{site}/robots.txt"
        agent = {k: v for k, v in headers.items() if k.lower() == "user-agent"}
        try:
            response = self.fetch(Request(url=url, headers=agent), delay)
        except StatusError as exc:
            if 400 <= exc.status < 500 and exc.status != _TOO_MANY:
                return _Rules(None, None, self._clock() + _KEPT)  # unavailable: everything may be fetched
            return self._unreachable(exc)
        except FeedsvcError as exc:
            return self._unreachable(exc)
        body = response.body[: robots.MAX_BYTES]
        return _Rules(body, None, self._clock() + _KEPT)

    def _unreachable(self, error: FeedsvcError) -> _Rules:
        told = f"robots.txt of its site could not be had ({error}), and nothing is fetched until it can"
        return _Rules(None, told, self._clock() + _KEPT_UNREACHABLE)


def seconds(delay: timedelta) -> float:
    """A pause in seconds."""
    return delay.total_seconds()
