"""Durations and sizes as people write them: "15m", "1h30m", "100ms", "64MiB"; read and written."""

import re
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType

_MICROSECONDS = MappingProxyType(
    {
        "w": 604_800_000_000,
        "d": 86_400_000_000,
        "h": 3_600_000_000,
        "m": 60_000_000,
        "s": 1_000_000,
        "ms": 1_000,
    }
)
_BYTES = MappingProxyType(
    {
        "TiB": 1 << 40,
        "GiB": 1 << 30,
        "MiB": 1 << 20,
        "KiB": 1 << 10,
        "TB": 10**12,
        "GB": 10**9,
        "MB": 10**6,
        "kB": 10**3,
        "B": 1,
    }
)
_NUMBER = r"([0-9]{1,15}(?:\.[0-9]{1,6})?)"
# One number per unit, the units in falling order, as in "1d12h".
_DURATION = re.compile("".join(f"(?:{_NUMBER}{unit})?" for unit in _MICROSECONDS))
_SIZE = re.compile(f"{_NUMBER}({'|'.join(_BYTES)})")
_WRITTEN_DURATION = ("d", "h", "m", "s", "ms")
_WRITTEN_SIZE = ("TiB", "GiB", "MiB", "KiB", "B")


def duration(text: str) -> timedelta:
    """A duration of the units w, d, h, m, s and ms in falling order: "15m", "1h30m", "0.5s".

    Exact to the microsecond. Raises ValueError for anything else, bare numbers included.
    """
    match = _DURATION.fullmatch(text)
    numbers = match.groups() if match else ()
    if not any(numbers):
        raise ValueError('not a duration such as "30s", "15m", "1h30m" or "400d"')
    total = sum(
        (
            Decimal(number) * unit
            for number, unit in zip(numbers, _MICROSECONDS.values(), strict=True)
            if number is not None
        ),
        start=Decimal(0),
    )
    try:
        return timedelta(microseconds=_whole(total))
    except OverflowError:
        raise ValueError("longer than any duration can be") from None


def size(text: str) -> int:
    """A size in bytes from a number and one of B, kB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (1024).

    Raises ValueError for anything else, bare numbers and parts of a byte included.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError('not a size such as "512KiB", "64MiB" or "1GB"')
    return _whole(Decimal(match[1]) * _BYTES[match[2]])


def duration_text(value: timedelta) -> str:
    """`value` as `duration` reads it: "15m", "1d12h", "100ms", "0s"; parts of a millisecond are cut off."""
    if value < timedelta(0):
        return f"-{duration_text(-value)}"
    rest = value // timedelta(milliseconds=1) * 1_000
    written = []
    for unit in _WRITTEN_DURATION:
        number, rest = divmod(rest, _MICROSECONDS[unit])
        if number:
            written.append(f"{number}{unit}")
    return "".join(written) or "0s"


def size_text(value: int) -> str:
    """`value` bytes, exactly, as `size` reads it, in the largest unit that divides it: "64MiB", "1000B"."""
    if value == 0:
        return "0B"
    unit = next(unit for unit in _WRITTEN_SIZE if value % _BYTES[unit] == 0)
    return f"{value // _BYTES[unit]}{unit}"


def _whole(value: Decimal) -> int:
    whole = int(value)
    if whole != value:
        raise ValueError("finer than can be counted")
    return whole
