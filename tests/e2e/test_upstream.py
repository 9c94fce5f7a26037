"""Upstreams that misbehave: feeds go on, other sources are on time, memory is bounded, `status` says why."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import pytest

from tests import hostile
from tests.e2e.running import PATIENCE, Home, Site, peak_memory, until
from tests.hostile import ConditionalFeed
from tests.upstream import Behaviour, Upstream

pytestmark = pytest.mark.slow

INTERVAL = 10.0  # seconds; the shortest that is allowed
SLACK = 20.0  # more, for a slow machine
SOURCE = """
[[sources]]
id = "{id}"
url = "{url}"
interval = "10s"
"""
CONFIG = """
[refresh]
jitter = 0
deadline = "2s"
allow_networks = ["127.0.0.0/8"]
"""
# What each bad source does, and what must be said of it.
BAD: Mapping[str, tuple[Behaviour, str]] = {
    "hanging": (hostile.hang, "no answer within 2 s"),
    "dripping": (hostile.drip_body, "not complete after 2 s"),
    "failing": (hostile.status(500), "answered 500"),
    "exploding": (hostile.gzip_bomb(200 << 20), "larger than 15 MiB once decoded"),
    "posing": (hostile.html_page(), "an HTML page, not a feed"),
}
GOOD = "control"
WORKER, CHILD = 250 << 20, 450 << 20  # bytes that a process may need at most; 85 and 215 MiB at rest


def feed(source: str, count: int) -> bytes:
    """A feed with so many items, the newest first."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{n}</guid><title>{source}第{n}条</title></item>"
        for n in reversed(range(count))
    )
    return f"<rss version='2.0'><channel><title>{source}</title>{items}</channel></rss>".encode()


class Subscriber:
    """Polls the feeds of all sources again and again; `wrong` says when one did not answer, or had lost what
    it had at first."""

    def __init__(self, site: Site, sources: list[str]) -> None:
        self.wrong: list[str] = []
        self.polls = 0
        self._site = site
        self._first = {source: self._ids(source) for source in sources}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="subscriber")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _poll(self) -> None:
        while not self._stop.wait(0.05):
            for source in self._first:
                self.polls += 1
                try:
                    now = self._ids(source)
                except (AssertionError, OSError) as exc:
                    self.wrong.append(f"{source}: {exc}")
                    continue
                if not now >= self._first[source]:
                    self.wrong.append(f"{source}: articles are gone")

    def _ids(self, source: str) -> set[str]:
        return {item["id"] for item in self._site.items(f"source/{source}")}


@pytest.fixture
def upstreams() -> Iterator[dict[str, Upstream]]:
    """A server for every source: none waits for another because they share a host."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(Upstream()) for name in (*BAD, GOOD)}


def count(site: Site, source: str) -> int:
    """How many articles of a source its feed shows."""
    return len(site.items(f"source/{source}"))


def test_bad_upstreams_hurt_nobody_but_themselves(home: Home, upstreams: dict[str, Upstream]) -> None:
    good = {name: ConditionalFeed(feed(name, 3)) for name in upstreams}
    urls = {name: each.route("/feed", good[name]) for name, each in upstreams.items()}
    site = Site(home, CONFIG + "".join(SOURCE.format(id=name, url=url) for name, url in urls.items()))
    site.start(workers=2)
    until(lambda: all(count(site, name) == 3 for name in upstreams), "all sources are read")

    with Subscriber(site, list(upstreams)) as subscriber:
        for name, (behaviour, _) in BAD.items():
            upstreams[name].route("/feed", behaviour)
        good[GOOD].publish(feed(GOOD, 4))
        until(lambda: count(site, GOOD) == 4, "the control source on time", INTERVAL + SLACK)
        status = until(lambda: failed(site), "every bad source has been tried")
        for name, (_, cause) in BAD.items():
            assert cause in status[name]["cause"], status[name]
            assert status[name]["last_success"] < status[name]["last_attempt"] < status[name]["next_try"]
        assert (status[GOOD]["failures"], status[GOOD]["cause"]) == (0, None)

        for name in BAD:
            assert count(site, name) == 3
            good[name].publish(feed(name, 6))
            upstreams[name].route("/feed", good[name])
        until(lambda: all(count(site, name) == 6 for name in BAD), "all recover", 2 * PATIENCE)
        assert {row["failures"] for row in site.status().values()} == {0}

    assert subscriber.polls > 100
    assert subscriber.wrong == []
    for process in home.processes():
        most = CHILD if "spawn_main" in process.command else WORKER
        assert peak_memory(process) < most, process


def failed(site: Site) -> dict[str, dict[str, Any]] | None:
    """What `feedsvc status` says once all bad sources have failed."""
    status = site.status()
    return status if all(status[name]["failures"] for name in BAD) else None
