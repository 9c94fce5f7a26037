"""Chinese text -> words, as jieba cuts it. The only module that imports rjieba, which is jieba in Rust."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

import rjieba

from feedsvc.tagging.lexicon import Lexicon
from feedsvc.tagging.tokens import Words
from feedsvc.tagging.wordlists import read_dictionary

_KEPT = 20  # least frequency of an added word: enough to hold against chance neighbours
_WORD = re.compile(r"\w")


class Segmenter:
    """A tokenizer of our own: nothing of its library's global state is used.

    Not safe for threads. Takes some 60 MB, its `lexicon` 80; made for children that tag, never for a
    web worker.
    """

    def __init__(self, dictionaries: Sequence[Path] = (), *, words: Mapping[str, str] | None = None) -> None:
        """`dictionaries` are in jieba's format, and overrule its own; `words` are further words with their
        parts of speech, of which only those that it lacks, and places (ns), change anything.

        Raises ConfigError for a bad dictionary.
        """
        own = [entry for path in dictionaries for entry in read_dictionary(path)]
        self.lexicon = Lexicon(words or {}, own)
        self._jieba = rjieba.Jieba()
        for word, pos in self.lexicon.added.items():
            self._jieba.add_word(word, max(_KEPT, self._jieba.suggest_freq(word)), pos)
        for word, freq, pos in own:
            self._jieba.add_word(word, freq, pos)

    def cut(self, value: str) -> Words:
        """The words of `value` in order; together they are `value`, white space and punctuation included."""
        return Words.of(self._jieba.cut(value))

    def search_words(self, value: str) -> list[str]:
        """The words of `value` and the shorter words inside them, folded, for a search index."""
        folded = unicodedata.normalize("NFKC", value).casefold()
        return [word for word in self._jieba.cut_for_search(folded) if _WORD.search(word)]
