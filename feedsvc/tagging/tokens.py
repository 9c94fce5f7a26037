"""A text cut into words, as everything after segmentation sees it."""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, chain

UNKNOWN = "un"  # the part of speech of what is in no dictionary and has no known shape


@dataclass(frozen=True, slots=True)
class Words:
    """A text as words: together `words` are `value`, white space and punctuation included.

    `starts` are the places of their first characters, and one more: the length of the text. `counts` says how
    often words of two characters and more occur. Plain lists, made at once: there are hundreds of words in an
    article, and an object for each would cost more than all else.
    """

    value: str
    words: list[str]
    starts: list[int]
    counts: Counter[str]

    @classmethod
    def of(cls, words: list[str]) -> "Words":
        """The text that `words` are."""
        counts = Counter([word for word in words if len(word) > 1])
        return cls("".join(words), words, list(accumulate(chain((0,), map(len, words)))), counts)

    def at(self, place: int) -> int:
        """The number of the word that the character at `place` stands in."""
        return bisect_right(self.starts, place, 0, len(self.words)) - 1
