"""A word of a text, as everything after segmentation sees it."""

from typing import NamedTuple

UNKNOWN = "un"  # the part of speech of what is in no dictionary and has no known shape


class Token(NamedTuple):
    """A word, its part of speech (jieba's letters) and the place of its first character in the text.

    A tuple, not a dataclass: there are hundreds in an article.
    """

    word: str
    pos: str
    start: int
