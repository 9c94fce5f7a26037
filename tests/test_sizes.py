"""Durations and sizes: what is read, what is refused, and that writing and reading are inverse."""

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.sizes import duration, duration_text, size, size_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15m", timedelta(minutes=15)),
        ("400d", timedelta(days=400)),
        ("100ms", timedelta(milliseconds=100)),
        ("30s", timedelta(seconds=30)),
        ("2w", timedelta(weeks=2)),
        ("1h30m", timedelta(minutes=90)),
        ("1d2h3m4s5ms", timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=5)),
        ("1m1ms", timedelta(minutes=1, milliseconds=1)),
        ("0.5s", timedelta(milliseconds=500)),
        ("1.5h", timedelta(minutes=90)),
        ("0s", timedelta(0)),
        ("90m", timedelta(minutes=90)),
    ],
)
def test_duration_reads(text: str, expected: timedelta) -> None:
    assert duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "15",
        "m",
        "15 m",
        " 15m",
        "15m\n",
        "15M",
        "15min",
        "-15m",
        "+15m",
        "1e3s",
        "1_0s",
        "１５m",
        "٣s",
        "30m1h",
        "1h1h",
        ".5s",
        "5.s",
        "0.0001ms",
        "nan s",
        "9999999999d",
        "9" * 5000 + "s",
        "明天",
    ],
)
def test_duration_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|finer"):
        duration(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("64MiB", 64 * 1024 * 1024),
        ("15MiB", 15_728_640),
        ("1KiB", 1024),
        ("1kB", 1000),
        ("2GB", 2_000_000_000),
        ("1.5MiB", 1_572_864),
        ("0.5KiB", 512),
        ("1GiB", 1 << 30),
        ("1TiB", 1 << 40),
        ("3TB", 3 * 10**12),
        ("17B", 17),
        ("0B", 0),
    ],
)
def test_size_reads(text: str, expected: int) -> None:
    assert size(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "64", "64M", "64 MiB", "64mib", "64Mib", "KB", "-1B", "0.5B", "1KB", "1MiB2KiB", "６MiB", "1e3B"],
)
def test_size_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"size|finer"):
        size(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (timedelta(minutes=15), "15m"),
        (timedelta(days=400), "400d"),
        (timedelta(hours=36), "1d12h"),
        (timedelta(milliseconds=100), "100ms"),
        (timedelta(seconds=1, milliseconds=500), "1s500ms"),
        (timedelta(0), "0s"),
        (timedelta(microseconds=999), "0s"),
        (timedelta(microseconds=1_999), "1ms"),
        (timedelta(seconds=-90), "-1m30s"),
    ],
)
def test_duration_is_written(value: timedelta, expected: str) -> None:
    assert duration_text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(64 << 20, "64MiB"), (1536, "1536B"), (3 << 10, "3KiB"), (0, "0B"), (1000, "1000B"), (2 << 40, "2TiB")],
)
def test_size_is_written(value: int, expected: str) -> None:
    assert size_text(value) == expected


@given(st.integers(min_value=0, max_value=10**15))
def test_durations_survive_writing(milliseconds: int) -> None:
    value = timedelta(milliseconds=milliseconds % 10**14)
    assert duration(duration_text(value)) == value


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_sizes_survive_writing(value: int) -> None:
    assert size(size_text(value)) == value


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (duration, size):
        with contextlib.suppress(ValueError):
            assert read(text) is not None
