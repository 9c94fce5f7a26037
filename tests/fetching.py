"""A fetcher for tests of fetch.py: short, and with a look-up that asks nobody."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, ip_address
from socket import EAI_NONAME, gaierror

import pytest

from feedsvc.errors import DeadlineError
from feedsvc.fetch import Fetcher, Request, Response, Transport
from tests import hostile

FEED = "<rss><channel><title>城市日报</title></channel></rss>".encode()
LOOPBACK = [IPv4Network("127.0.0.0/8")]
NOW = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


def names(table: Mapping[str, Sequence[str]] | None = None) -> Callable[[str, int], Sequence[str]]:
    """A look-up that knows `table` and addresses, and asks nobody."""

    def lookup(host: str, port: int) -> Sequence[str]:
        if table and host in table:
            return table[host]
        try:
            return [str(ip_address(host))]
        except ValueError:
            raise gaierror(EAI_NONAME, "no such name") from None

    return lookup


def fetcher(
    *,
    seconds: float = 10.0,
    max_body: int = 2**20,
    allow_networks: Sequence[IPv4Network] = LOOPBACK,
    lookup: Callable[[str, int], Sequence[str]] | None = None,
    proxy: str | None = None,
    max_redirects: int = 8,
    clock: Callable[[], float] = time.monotonic,
) -> Fetcher:
    return Fetcher(
        deadline=timedelta(seconds=seconds),
        max_body=max_body,
        user_agent="feedsvc/0 (+https://feeds.example)",
        allow_networks=allow_networks,
        lookup=lookup or names(),
        proxy=proxy,
        max_redirects=max_redirects,
        clock=clock,
        now=lambda: NOW,
        authorities=hostile.CERTIFICATE,
    )


def get(client: Transport, url: str) -> Response:
    return client.fetch(Request(url=url))


def late(client: Fetcher, url: str, *, least: float = 0.25, within: float = 4.0) -> DeadlineError:
    """The error of a fetch that must be cut, after so many seconds and before so many."""
    started = time.monotonic()
    with pytest.raises(DeadlineError) as caught:
        get(client, url)
    assert least < time.monotonic() - started < within
    return caught.value


CLIENT = fetcher(seconds=5.0)
"""One for many tests: it may fetch from this machine alone."""
