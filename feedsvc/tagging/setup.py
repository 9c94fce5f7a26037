"""What a tagger is made from: small, and ready to be sent to the process that makes it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feedsvc.model import Category
from feedsvc.tagging.wordlists import read_dictionary, read_words

if TYPE_CHECKING:
    from feedsvc.tagging.tagger import Tagger


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggingSetup:
    """What a tagger is made from, ready to be sent to a child."""

    max_keywords: int
    dictionaries: tuple[Path, ...]
    stopwords: tuple[Path, ...]
    aliases: tuple[tuple[str, str], ...]
    blocked: tuple[str, ...]
    categories: tuple[Category, ...]

    def tagger(self) -> "Tagger":
        """The tagger; takes half a second and some hundred megabytes. ConfigError for a bad word list."""
        from feedsvc.tagging.tagger import Tagger  # jieba's dictionary stays out of who only passes this on

        return Tagger(
            max_keywords=self.max_keywords,
            dictionaries=self.dictionaries,
            stopwords=[word for path in self.stopwords for word in read_words(path)],
            aliases=dict(self.aliases),
            blocked=self.blocked,
            categories=self.categories,
        )

    def fingerprint(self) -> str:
        """Changes when articles would be tagged otherwise, dictionaries edited in place included.

        ConfigError for a bad word list, so that it stops the start and not every document.
        """
        parts = [repr(self)]
        parts.extend(repr(read_dictionary(path)) for path in self.dictionaries)
        parts.extend(repr(read_words(path)) for path in self.stopwords)
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
