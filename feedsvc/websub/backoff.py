"""How long to wait after failures in a row."""

from datetime import timedelta

FIRST = timedelta(seconds=1)
LONGEST = timedelta(minutes=30)
_SPREAD = 0.2  # part of the wait by which it is spread at random, so that not all come at once


def wait(failures: int, chance: float, asked: timedelta | None = None) -> timedelta:
    """The wait after `failures` (1 or more) in a row: 1 s, 2 s, 4 s … 30 minutes, or longer if `asked` to.

    `chance`, 0 to 1, says where within the spread. The longest that may be asked is a day.
    """
    steps = min(max(failures, 1), 32) - 1
    usual: timedelta = min(FIRST * (1 << steps), LONGEST) * (1 + _SPREAD * chance)
    return max(usual, min(asked or timedelta(0), timedelta(days=1)))
