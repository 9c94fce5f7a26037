"""What a tagger is made from: small, and ready to be sent to the process that makes it."""

import hashlib
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from feedsvc.errors import ReadError
from feedsvc.model import Category
from feedsvc.tagging.wordlists import read_dictionary, read_words

if TYPE_CHECKING:
    from feedsvc.tagging.learned import Model
    from feedsvc.tagging.tagger import Tagger

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggingSetup:
    """What a tagger is made from, ready to be sent to a child.

    `category_map`: what sources may call categories, with the keys that are meant; `model`: the payload of
    what was learned of the site's categories. `lists` tells one state of the word lists on disk from another.
    """

    max_keywords: int
    dictionaries: tuple[Path, ...]
    stopwords: tuple[Path, ...]
    aliases: tuple[tuple[str, str], ...]
    blocked: tuple[str, ...]
    categories: tuple[Category, ...]
    category_map: tuple[tuple[str, str], ...] = ()
    model: bytes | None = field(default=None, repr=False)
    lists: tuple[tuple[int, int], ...] = field(default=(), repr=False)

    def tagger(self) -> "Tagger":
        """The tagger; takes half a second and some hundred megabytes. ConfigError for a bad word list.

        A model that cannot be used is left out, and the log says so.
        """
        from feedsvc.tagging.tagger import Tagger  # jieba's dictionary stays out of who only passes this on

        return Tagger(
            max_keywords=self.max_keywords,
            dictionaries=self.dictionaries,
            stopwords=[word for path in self.stopwords for word in read_words(path)],
            aliases=dict(self.aliases),
            blocked=self.blocked,
            categories=self.categories,
            model=self._learned(),
        )

    def fingerprint(self) -> str:
        """Changes when articles would be tagged otherwise, dictionaries edited in place included.

        ConfigError for a bad word list, so that it stops the start and not every document.
        """
        parts = [repr(self), hashlib.blake2b(self.model or b"", digest_size=8).hexdigest()]
        parts.extend(repr(read_dictionary(path)) for path in self.dictionaries)
        parts.extend(repr(read_words(path)) for path in self.stopwords)
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()

    def _learned(self) -> "Model | None":
        from feedsvc.tagging.learned import decoded

        try:
            return decoded(self.model) if self.model is not None else None
        except ReadError as exc:
            log.warning("%s; categories are found by the built-in terms alone; learn it again", exc)
            return None
