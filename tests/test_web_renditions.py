"""Renderings kept: made once for a content, bounded in bytes, the same in every process."""

import gzip
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.web.conditional import Coding
from feedsvc.web.renditions import Content, Rendering, Renditions, rendered
from tests.made import MINUTE, NOW


class Writer:
    """Says what a document holds, and counts how often it had to be asked and written."""

    def __init__(self, body: bytes = b"x") -> None:
        self.body = body
        self.asked = self.written = 0

    def __call__(self) -> Content:
        self.asked += 1
        return Content(fingerprint=self.body, last_modified=NOW, write=self._write)

    def _write(self) -> bytes:
        self.written += 1
        return self.body


def weight(one: Rendering) -> int:
    """What a rendering under a key of one letter counts."""
    return sum(len(one.coded(coding)) for coding in Coding) + 1001


@given(st.binary(max_size=2000))
def test_a_rendering_is_determined_by_its_bytes(body: bytes) -> None:
    one = rendered(body)
    assert one == rendered(bytes(body))
    assert one.coded(Coding.IDENTITY) == body
    assert gzip.decompress(one.coded(Coding.GZIP)) == body
    assert brotli.decompress(one.coded(Coding.BROTLI)) == body
    assert all(one.coded(coding) == rendered(bytes(body)).coded(coding) for coding in Coding)
    etags = {one.etag(coding) for coding in Coding}
    assert len(etags) == len(Coding)
    assert not any(etag.startswith("W/") for etag in etags)


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_etags_differ_where_bytes_do(left: bytes, right: bytes) -> None:
    one, other = rendered(left), rendered(right)
    assert all((one.etag(coding) == other.etag(coding)) == (left == right) for coding in Coding)


def test_an_etag_says_what_it_is_given() -> None:
    plain, one = rendered(b"x"), rendered(b"x", tag=lambda digest: f"{digest}-7")
    assert one.etag() == f'"{plain.tag}-7"'
    assert one.etag(Coding.GZIP) == f'"{plain.tag}-7-gz"'
    assert one.etag(Coding.BROTLI) == f'"{plain.tag}-7-br"'
    assert len(plain.tag) == 32


def test_what_is_kept_is_packed_once() -> None:
    kept = Renditions(10_000).get("a", (1, 0), Writer(b"x" * 100))
    assert kept.packed.keys() == {Coding.GZIP, Coding.BROTLI}
    assert all(kept.coded(coding) is kept.coded(coding) for coding in Coding)
    assert all(kept.coded(coding) == rendered(b"x" * 100).coded(coding) for coding in Coding)


def test_a_known_version_is_not_even_asked_for() -> None:
    kept, writer = Renditions(10_000), Writer()
    assert kept.get("a", (1, 0), writer) is kept.get("a", (1, 0), writer)
    assert (writer.asked, writer.written) == (1, 1)


def test_an_unchanged_content_is_not_written_again() -> None:
    kept, writer = Renditions(10_000), Writer()
    before = kept.get("a", (1, 0), writer)
    after = kept.get("a", (2, 0), writer)
    assert after.body is before.body
    assert after.packed is before.packed
    assert (writer.asked, writer.written) == (2, 1)


def test_last_modified_moves_though_the_bytes_stay() -> None:
    kept = Renditions(10_000)
    kept.get("a", (1, 0), Writer())
    later = Content(fingerprint=b"x", last_modified=NOW + MINUTE, write=Writer()._write)
    assert kept.get("a", (2, 0), lambda: later).last_modified == NOW + MINUTE


def test_a_changed_content_is_written() -> None:
    kept = Renditions(10_000)
    kept.get("a", (1, 0), Writer(b"old"))
    assert kept.get("a", (2, 0), Writer(b"new")).body == b"new"


def test_a_thread_with_an_old_snapshot_gets_the_newer_rendering() -> None:
    kept = Renditions(10_000)
    kept.get("a", (2, 0), Writer(b"new"))
    assert kept.get("a", (1, 0), Writer(b"old")).body == b"new"


def test_what_cannot_be_made_leaves_what_was_there() -> None:
    kept = Renditions(10_000)
    kept.get("a", (1, 0), Writer(b"old"))

    def broken() -> Content:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept.get("a", (2, 0), broken)
    last = kept.last("a")
    assert last is not None
    assert last.body == b"old"
    assert kept.last("b") is None


def test_the_least_lately_used_goes_first() -> None:
    kept = Renditions(4000)  # each takes a little over 1000 bytes
    for key in "abc":
        kept.get(key, (1, 0), Writer())
    kept.get("a", (1, 0), Writer())
    kept.get("d", (1, 0), Writer())
    assert [key for key in "abcd" if kept.last(key)] == ["a", "c", "d"]


def test_what_is_larger_than_everything_is_served_and_not_kept() -> None:
    kept = Renditions(2000)
    kept.get("a", (1, 0), Writer())
    assert kept.get("b", (1, 0), Writer(bytes(5000))).body == bytes(5000)
    assert kept.last("b") is None
    assert kept.last("a") is not None


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3000), st.integers(0, 3)), max_size=60))
def test_the_size_never_exceeds_the_limit(asked: list[tuple[int, int, int]]) -> None:
    kept = Renditions(9000)
    for number, length, version in asked:
        key = chr(ord("a") + number)
        kept.get(key, (version, 0), Writer(bytes(length)))
        held = [found for key in "abcdefghijklmnopqrstu" if (found := kept.last(key))]
        assert kept.size == sum(weight(one) for one in held) <= 9000


def test_many_threads_at_once_have_it_made_by_one() -> None:
    kept, writer = Renditions(10_000), Writer()
    start = threading.Barrier(8)

    def ask() -> object:
        start.wait()
        return kept.get("a", (1, 0), writer)

    with ThreadPoolExecutor(8) as pool:
        asking: list[Callable[[], object]] = [ask] * 8
        found = [future.result() for future in [pool.submit(each) for each in asking]]
    assert writer.written == 1
    assert all(one is found[0] for one in found)
