"""What is due is refreshed, folders are watched, the dead give their leases back."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedsvc import scheduler
from feedsvc.duty import Duty
from feedsvc.errors import StatusError
from feedsvc.fetch import Request, Response
from feedsvc.model import Batch, Kind, Source
from feedsvc.refresh import Refresher
from feedsvc.scheduler import Scheduler
from feedsvc.store import Store
from tests.fakes import FakeTransport, InProcess, visits
from tests.made import draft, source

FAST = source("fast")
SLOW = source("slow")
FEED = b"<rss><channel><title>t</title><item><guid>1</guid><title>%s</title></item></channel></rss>"
PATIENCE = 20.0  # seconds; nothing here takes one


def utc_now() -> datetime:
    return datetime.now(UTC)


def until(true: Callable[[], bool]) -> None:
    """Waits for something that other threads bring about."""
    tick = threading.Event()
    end = utc_now() + timedelta(seconds=PATIENCE)
    while not true():
        assert utc_now() < end, "it never came"
        tick.wait(0.02)


def feed(title: str) -> Response:
    return Response(
        url="https://x.example/",
        moved_to=None,
        status=200,
        body=FEED % title.encode(),
        content_type=None,
        etag=None,
        last_modified=None,
    )


def hanging(release: threading.Event) -> Callable[[Request], Response]:
    """A server that answers nothing until it is released."""

    def hang(request: Request) -> Response:
        release.wait(PATIENCE)
        raise StatusError(request.url, 504)

    return hang


def scheduler_of(store: Store, sources: list[Source], transport: FakeTransport) -> Scheduler:
    """A scheduler in a hurry, over sources that the store knows from now on."""
    store.sync(sources, {s.id: "1" for s in sources}, utc_now())
    refresher = Refresher(
        store=store,
        visits=visits(transport),
        children=InProcess(),
        clock=utc_now,
        owner=scheduler.owner_name(),
        jitter=0.0,
        max_body=1 << 20,
    )
    return Scheduler(refresher, sources, concurrency=2, retention=timedelta(days=400), tick=0.05, look=0.05)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'feedsvc.db'}", utc_now())
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Source:
    (tmp_path / "in").mkdir()
    return Source(id="folder", kind=Kind.FOLDER, title="夹", path=tmp_path / "in")


@pytest.fixture
def running(store: Store, folder: Source, reader: None) -> Iterator[tuple[Scheduler, FakeTransport]]:
    transport = FakeTransport()
    made = scheduler_of(store, [FAST, SLOW, folder], transport)
    yield made, transport
    made.stop()


def titles(store: Store) -> set[str]:
    return {a.title for a, _ in store.changes(0) if not a.withdrawn}


@pytest.mark.slow
def test_a_hung_source_delays_no_other(store: Store, running: tuple[Scheduler, FakeTransport]) -> None:
    made, transport = running
    release = threading.Event()

    transport.replies = {SLOW.url or "": hanging(release), FAST.url or "": feed("快讯")}
    made.start()
    until(lambda: titles(store) == {"快讯"})
    for number in range(3):
        transport.replies[FAST.url or ""] = feed(f"快讯{number}")
        store.make_due("fast", utc_now())
        until(lambda n=number: titles(store) == {f"快讯{n}"})  # type: ignore[misc]
    assert store.states()["slow"].lease_owner is not None
    assert transport.count(SLOW.url or "") == 1
    release.set()
    until(lambda: store.states()["slow"].cause == "https://slow.example/feed: answered 504")


@pytest.mark.slow
def test_articles_without_words_get_them(store: Store, running: tuple[Scheduler, FakeTransport]) -> None:
    """As when they were saved by a version without searches, and are in their feed no more."""
    made, _ = running
    store.ingest(FAST, Batch(drafts=(draft("三文鱼游到烟台"),)), utc_now())
    assert store.wordings.find("三文鱼 烟台", 0, 9) == []
    made.start()
    until(lambda: not store.wordings.unread(1))
    assert store.wordings.find("三文鱼 烟台", 0, 9) == [2]


@pytest.mark.slow
def test_a_push_source_is_never_refreshed(store: Store, reader: None) -> None:
    pushed = Source(id="cms", kind=Kind.PUSH, title="采编系统", url="https://cms.example/")
    transport = FakeTransport({FAST.url or "": feed("快讯"), "https://cms.example/": feed("不该读的")})
    made = scheduler_of(store, [pushed, FAST], transport)
    made.start()
    for number in range(5):
        transport.replies[FAST.url or ""] = feed(f"快讯{number}")
        store.make_due("fast", utc_now())
        until(lambda n=number: titles(store) == {f"快讯{n}"})  # type: ignore[misc]
    made.stop()
    assert transport.count("https://cms.example/") == 0
    assert store.states()["cms"].last_attempt is None


@pytest.mark.slow
def test_files_are_seen_when_they_come_change_and_go(
    store: Store, folder: Source, running: tuple[Scheduler, FakeTransport]
) -> None:
    made, _ = running
    assert folder.path is not None
    made.start()
    until(lambda: store.states()["folder"].last_success is not None)
    page = folder.path / "a.md"
    page.write_text("# 甲题目\n\n正文。\n", "utf-8")
    until(lambda: titles(store) == {"甲题目"})
    page.write_text("# 乙题目改了\n\n正文。\n", "utf-8")
    until(lambda: titles(store) == {"乙题目改了"})
    page.unlink()
    until(lambda: titles(store) == set())


@pytest.mark.slow
def test_a_file_that_cannot_be_read_is_not_tried_for_ever(
    store: Store, folder: Source, running: tuple[Scheduler, FakeTransport]
) -> None:
    made, _ = running
    assert folder.path is not None
    (folder.path / "a.json").write_text("{", "utf-8")
    made.start()
    until(lambda: (store.states()["folder"].cause or "").startswith("a.json"))

    def left_alone() -> bool:
        seen = store.states()["folder"].last_attempt
        threading.Event().wait(0.5)  # ten looks, in which nothing must happen
        return store.states()["folder"].last_attempt == seen

    until(left_alone)  # a look that ran beside the first refresh may have asked for one more


@pytest.mark.slow
def test_stopping_gives_leases_back(store: Store, running: tuple[Scheduler, FakeTransport]) -> None:
    made, transport = running
    release = threading.Event()

    transport.replies = {SLOW.url or "": hanging(release)}
    made.start()
    until(lambda: store.states()["slow"].lease_owner is not None)
    made.stop()
    assert store.owners() == set()
    release.set()


def test_owners_are_alive_as_long_as_their_process() -> None:
    me = scheduler.owner_name()
    assert scheduler.alive(me)
    machine, pid, _ = me.rsplit(":", 2)
    assert not scheduler.alive(f"{machine}:{pid}:1"), "the number was another process's before"
    assert scheduler.alive("another-machine:1:1")
    code = "from feedsvc import scheduler; print(scheduler.owner_name())"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip().startswith(f"{os.uname().nodename}:")
    assert not scheduler.alive(ran.stdout.strip())


@pytest.mark.slow
def test_leases_of_the_dead_are_free_at_once(store: Store, running: tuple[Scheduler, FakeTransport]) -> None:
    made, transport = running
    transport.replies = {FAST.url or "": feed("快讯")}
    dead = f"{os.uname().nodename}:{os.getpid()}:1"
    assert store.lease(["fast"], dead, utc_now()) == ["fast"]
    made.start()
    until(lambda: titles(store) == {"快讯"})


@pytest.mark.slow
def test_duty_passes_to_the_next_process_when_its_holder_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from feedsvc.duty import Duty\n"
        "class Nothing:\n"
        "    def start(self): print('on duty', flush=True)\n"
        "    def stop(self): pass\n"
        "Duty(Path(sys.argv[1]), Nothing).start()\n"
        "time.sleep(60)\n"
    )

    def another() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )

    first = another()
    assert first.stdout is not None
    assert first.stdout.readline() == "on duty\n"
    second = another()
    try:
        first.kill()
        assert second.stdout is not None
        assert second.stdout.readline() == "on duty\n"
    finally:
        for process in (first, second):
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def test_duty_that_was_stopped_while_it_waited_never_begins(tmp_path: Path) -> None:
    begun: list[int] = []

    class Nothing:
        def start(self) -> None:
            begun.append(1)

        def stop(self) -> None:
            begun.append(-1)

    duty = Duty(tmp_path, Nothing)  # type: ignore[arg-type]
    duty.stop()
    duty.start()
    assert not duty.on_duty.wait(0.2)
    assert begun == []
