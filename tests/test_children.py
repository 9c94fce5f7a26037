"""Children: what they compute comes back, and nothing they do harms the service."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc import children
from feedsvc.children import Children
from feedsvc.errors import ChildError, ChildLostError, ReadError

PREPARED: list[str] = []


def prepare(word: str) -> None:
    PREPARED.append(word)


def told() -> tuple[list[str], int]:
    return PREPARED, os.getpid()


def refuse(sentence: str) -> None:
    raise ReadError(sentence)


def hang(pid_file: str) -> None:
    Path(pid_file).write_text(str(os.getpid()))
    while True:
        time.sleep(1)


def devour() -> int:
    return len(bytearray(2 * children.MEMORY))


def burn() -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (1, hard))
    while True:
        pass


def crash() -> None:
    os.kill(os.getpid(), 9)


def sink(depth: int = 0) -> int:
    return sink(depth + 1)


def fault() -> None:
    raise KeyError("ours")


@pytest.fixture(scope="module")
def pool() -> Iterator[Children]:
    running = Children(1, prepare, lambda: ("dictionary",))
    yield running
    running.stop()


@pytest.mark.slow
def test_a_child_is_prepared_once_and_works_apart(pool: Children) -> None:
    words, first = pool.run(told)
    assert words == ["dictionary"]
    assert first != os.getpid()
    assert PREPARED == []
    assert pool.run(told) == (["dictionary"], first)


@pytest.mark.slow
def test_an_error_of_ours_comes_through(pool: Children) -> None:
    with pytest.raises(ReadError, match=r"^this is no feed$"):
        pool.run(refuse, "this is no feed")
    with pytest.raises(KeyError):
        pool.run(fault)


@pytest.mark.slow
def test_a_child_that_hangs_is_ended_and_replaced(pool: Children, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    pool.run(told)  # the child is there: its start does not count
    with pytest.raises(ChildError, match=r"longer than 0\.5 s") as caught:
        pool.run(hang, str(file), wall=0.5)
    assert not isinstance(caught.value, ChildLostError)  # the document is to blame
    assert pool.run(told)[1] != int(file.read_text())
    assert not Path(f"/proc/{file.read_text()}").exists()


@pytest.mark.slow
def test_a_child_cannot_take_all_memory(pool: Children) -> None:
    with pytest.raises(ChildError, match="1024 MiB"):
        pool.run(devour)


@pytest.mark.slow
def test_a_child_cannot_take_all_time(pool: Children) -> None:
    with pytest.raises(ChildError, match="processor time"):
        pool.run(burn)


@pytest.mark.slow
def test_a_child_that_crashes_is_named_and_replaced(pool: Children) -> None:
    with pytest.raises(ChildLostError, match="signal 9"):
        pool.run(crash)
    assert pool.run(told)[0] == ["dictionary"]


@pytest.mark.slow
def test_endless_nesting_is_said(pool: Children) -> None:
    with pytest.raises(ChildError, match="nested"):
        pool.run(sink)


@pytest.mark.slow
def test_a_pool_that_was_stopped_starts_again() -> None:
    one = Children(1, prepare, lambda: ("x",))
    _, pid = one.run(told)
    one.stop()
    assert not Path(f"/proc/{pid}").exists()
    assert one.run(told)[1] != pid
    one.stop()


@pytest.mark.slow
def test_a_pool_that_nobody_attends_lets_its_children_go() -> None:
    one = Children(1, prepare, lambda: ("x",), idle=0.5, unattended=True)
    _, pid = one.run(told)
    assert one.run(told)[1] == pid
    end = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < end, "it is still there"
        time.sleep(0.05)
    assert one.run(told)[1] != pid
    one.stop()


@pytest.mark.slow
def test_other_arguments_make_new_children_and_the_old_ones_end_their_work() -> None:
    given = ["first"]
    pool = Children(1, prepare, lambda: (given[0],))
    words, before = pool.run(told)
    assert words == ["first"]
    assert pool.run(told) == (["first"], before)
    given[0] = "second"
    words, after = pool.run(told)
    assert words == ["second"]
    assert after != before
    pool.stop()
