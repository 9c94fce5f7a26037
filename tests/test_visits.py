"""One request to a host at a time, a pause between two, and robots.txt as RFC 9309 has it."""

import threading

import pytest

from feedsvc.errors import StatusError
from feedsvc.fetch import Request, Response
from feedsvc.visits import LONGEST_DELAY, Visits
from tests.fakes import FakeTransport, InProcess, visits

SITE = "https://paper.example"
ROBOTS = f"{SITE}/robots.txt"


class Clock:
    """Seconds that pass only when somebody waits, or says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, by: float) -> None:
        self.now += by


def text(url: str, body: str = "") -> Response:
    return Response(url=url, body=body.encode())


def polite(transport: FakeTransport, clock: Clock) -> Visits:
    return Visits(transport, InProcess(), user_agent="feedsvc/test", clock=clock, pause=clock.wait)


def test_the_pause_is_counted_from_the_last_answer_and_for_each_host() -> None:
    clock, spent = Clock(), []

    def slow(request: Request) -> Response:
        spent.append((request.url, clock.now))
        clock.wait(3)
        return text(request.url)

    found = polite(
        FakeTransport({f"{SITE}/a": slow, f"{SITE}/b": slow, "https://other.example/": slow}), clock
    )
    for url in (f"{SITE}/a", "https://other.example/", f"{SITE}/b"):
        found.fetch(Request(url=url), 5.0)
    assert spent == [(f"{SITE}/a", 0.0), ("https://other.example/", 3.0), (f"{SITE}/b", 8.0)]


def test_two_threads_never_ask_one_host_at_once() -> None:
    running, most, lock = 0, 0, threading.Lock()
    enough = threading.Event()

    def counted(request: Request) -> Response:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        enough.wait(0.01)
        with lock:
            running -= 1
        return text(request.url)

    urls = [f"{SITE}/{n}" for n in range(8)]
    found = visits(FakeTransport(dict.fromkeys(urls, counted)))
    threads = [threading.Thread(target=found.fetch, args=(Request(url=u), 0.0)) for u in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_robots_txt_is_asked_for_once_a_day_by_who_will_fetch() -> None:
    clock, transport = Clock(), FakeTransport({ROBOTS: text(ROBOTS, "User-agent: *\nDisallow: /x")})
    found = polite(transport, clock)
    headers = {"User-Agent": "reader/1", "Authorization": "Bearer secret"}
    for _ in range(3):
        assert list(found.permission([f"{SITE}/x", f"{SITE}/a"], headers, 0.0).refused) == [f"{SITE}/x"]
    assert [dict(request.headers) for request in transport.requests] == [{"User-Agent": "reader/1"}]
    clock.wait(24 * 3600 + 1)
    found.permission([f"{SITE}/a"], headers, 0.0)
    assert transport.count(ROBOTS) == 2


@pytest.mark.parametrize(
    ("status", "refused"), [(401, 0), (403, 0), (404, 0), (410, 0), (429, 1), (500, 1), (503, 1)]
)
def test_what_an_answer_without_a_file_means(status: int, refused: int) -> None:
    found = visits(FakeTransport({ROBOTS: StatusError(ROBOTS, status)}))
    assert len(found.permission([f"{SITE}/a"], {}, 0.0).refused) == refused


def test_a_file_that_could_not_be_had_is_asked_for_again_and_what_it_said_holds() -> None:
    clock, transport = Clock(), FakeTransport({ROBOTS: StatusError(ROBOTS, 500)})
    found = polite(transport, clock)
    assert "could not be had" in str(found.permission([f"{SITE}/a"], {}, 0.0).refused[f"{SITE}/a"])
    clock.wait(601)
    transport.replies[ROBOTS] = text(ROBOTS, "User-agent: *\nDisallow: /b")
    assert list(found.permission([f"{SITE}/a", f"{SITE}/b"], {}, 0.0).refused) == [f"{SITE}/b"]
    clock.wait(24 * 3600 + 1)
    transport.replies[ROBOTS] = StatusError(ROBOTS, 502)
    assert list(found.permission([f"{SITE}/a", f"{SITE}/b"], {}, 0.0).refused) == [f"{SITE}/b"]


def test_the_pace_that_is_asked_for_is_kept_up_to_a_bound() -> None:
    found = visits(FakeTransport({ROBOTS: text(ROBOTS, "User-agent: *\nCrawl-delay: 3600")}))
    assert found.permission([f"{SITE}/a"], {}, 0.0).delays == {"paper.example": LONGEST_DELAY}
