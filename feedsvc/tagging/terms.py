"""Which of many terms stand in a text, and where. The only module that imports ahocorasick_rs."""

from collections.abc import Sequence

from ahocorasick_rs import AhoCorasick, MatchKind

Found = tuple[int, int, int]  # the number of a term, where it starts, where it ends


class Terms:
    """Finds thousands of terms in one pass over a text, in time that does not grow with their number."""

    def __init__(self, terms: Sequence[str], *, overlapping: bool = False) -> None:
        """At each place the longest term wins and hides what stands inside it; not so if `overlapping`."""
        self._overlapping = overlapping
        kind = MatchKind.Standard if overlapping else MatchKind.LeftmostLongest
        self._automaton = AhoCorasick(terms, matchkind=kind)

    def find(self, value: str) -> list[Found]:
        """Every term in `value`, by where it ends (overlapping) or starts; places are in characters."""
        return self._automaton.find_matches_as_indexes(value, overlapping=self._overlapping)
