"""What may be a tag, and how it is spelled: stop words, blocked words, aliases, amounts and dates."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from feedsvc import text

_REMEMBERED = 50_000  # words, at most
_LONGEST = 20  # characters of a tag
_SHORT = re.compile(r"[\u4e00-\u9fffA-Za-z0-9+.-]{2,8}")
_NUMBER = re.compile(
    r"[\d.,%:+-]+|第?[\d.零〇一二三四五六七八九十百千万亿两几多余数]+(?:[年月日时分秒天岁个名人元块角次度届期条件只家所座辆台米里亩吨斤克升种号级层楼倍成]|人次|周年|公里|平米|小时|分钟|美元)?"
)
_WORD = re.compile(r"[^\W_]")
_PRESS = re.compile(
    r".*(?:晚报|晨报|都市报|早报|商报|快报|日报|时报|青年报|电视台|新闻网|先生|女士|某|某某|讯)"
)
_EDGES = " .-_&%·、:;!?'"
_SAFE = str.maketrans({"/": "／", ",": "，"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a site says about its tags.

    `stopwords` and `blocked` are never tags; `aliases` map spellings to the one that is used. They are
    matched by `text.fold`. `stopwords` also never join a phrase.
    """

    stopwords: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    _tags: dict[str, tuple[str, str] | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, stopwords: Iterable[str], blocked: Iterable[str], aliases: Mapping[str, str]) -> "Rules":
        """Rules from words as people write them, with the built-in stop words."""
        return cls(
            stopwords=default_stopwords() | {text.fold(word) for word in stopwords},
            blocked=frozenset(text.fold(word) for word in blocked),
            aliases={text.fold(spelling): word for spelling, word in aliases.items()},
        )

    def allow(self, word: str) -> bool:
        """Whether a word could be a tag: no single character, number, amount, stop word or sentence."""
        folded = word.casefold()
        return (
            1 < len(word) <= _LONGEST
            and folded not in self.stopwords
            and folded not in self.blocked
            and _WORD.search(word) is not None
            and _NUMBER.fullmatch(word) is None
            and _PRESS.fullmatch(word) is None
        )

    def tag(self, word: str) -> tuple[str, str] | None:
        """The tag for a word, and the same folded; None if it can be none. Remembers common words."""
        if word not in self._tags:
            if len(self._tags) >= _REMEMBERED:
                self._tags.clear()
            tag = self.spell(word) if self.allow(word) else ""
            folded = text.fold(tag)
            self._tags[word] = (tag, folded) if tag and folded not in self.blocked else None
        return self._tags[word]

    def short(self, word: str) -> bool:
        """Whether it is a short word, as people write tags."""
        return _SHORT.fullmatch(word) is not None

    def spell(self, word: str) -> str:
        """The tag for a word: aliases resolved, halfwidth, without the characters that part an address."""
        squeezed = text.squeeze(unicodedata.normalize("NFKC", text.squeeze(word))).strip(_EDGES)
        chosen = self.aliases.get(text.fold(squeezed))
        return (text.squeeze(chosen) if chosen else squeezed).translate(_SAFE)


@cache
def default_stopwords() -> frozenset[str]:
    """The words of data/stopwords.txt, folded."""
    lines = resources.files("feedsvc.tagging").joinpath("data/stopwords.txt").read_text("utf-8").splitlines()
    return frozenset(text.fold(word) for line in lines for word in line.partition("#")[0].split())
