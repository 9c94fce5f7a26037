"""What an article is about: its keywords, its category and its regions, from one segmentation."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from feedsvc import queries, script
from feedsvc.model import Category, Tagging
from feedsvc.tagging import gazetteer, places
from feedsvc.tagging.categories import Classifier, default_categories, vocabulary
from feedsvc.tagging.keywords import Ranker
from feedsvc.tagging.learned import Model
from feedsvc.tagging.regions import RegionFinder
from feedsvc.tagging.rules import Rules
from feedsvc.tagging.segment import Segmenter
from feedsvc.tagging.tokens import Words
from feedsvc.text import halfwidth, legal

TITLE_LENGTH = 300  # characters of a title that are read
BODY_LENGTH = 1000  # characters of a body that are read: what an article is about, its beginning says
_SHOWN = 200  # characters of a body that show its script


class Tagger:
    """Tags articles. Takes some 120 MB and is not safe for threads: for children only."""

    def __init__(
        self,
        *,
        max_keywords: int = 8,
        dictionaries: Sequence[Path] = (),
        stopwords: Sequence[str] = (),
        aliases: Mapping[str, str] | None = None,
        blocked: Sequence[str] = (),
        categories: Sequence[Category] | None = None,
        model: Model | None = None,
    ) -> None:
        """Without `categories`: the 19 built in; `model`: what was learned of them.

        Raises ConfigError for a bad dictionary.
        """
        regions = gazetteer.load()
        named = places.load(regions)
        self._segmenter = Segmenter(dictionaries, words={**vocabulary(), **named.words()})
        self._regions = RegionFinder(regions, named, self._segmenter.lexicon)
        self.classifier = Classifier(default_categories() if categories is None else categories, model)
        rules = Rules.of(stopwords, blocked, {**named.shortened, **(aliases or {})})
        self._ranker = Ranker(self._segmenter.lexicon, rules, limit=max_keywords)

    def tag(
        self,
        title: str,
        text: str,
        *,
        home: str | None = None,
        category: str | None = None,
        hints: Sequence[str] = (),
    ) -> Tagging:
        """Keywords, category and regions of an article given as plain text; the same for the same input.

        `home` is the code of the source's region; `category`, the source's own, wins; `hints` are keywords
        that the source gave. Never raises, whatever the text. Time is bounded: the first TITLE_LENGTH
        characters of the title and BODY_LENGTH of the body are read. Text in traditional characters has the
        keywords that it would have in simplified ones.
        """
        headline, body = self.cut(title, text)
        return Tagging(
            keywords=self._ranker.rank(
                headline,
                body,
                [script.to(_readable(hint, TITLE_LENGTH).strip(), script.HANS) for hint in hints],
            ),
            category=category or self.classifier.classify(headline, body),
            regions=self._regions.find(headline, body, home),
        )

    def cut(self, title: str, text: str) -> tuple[Words, Words]:
        """The words of as much of an article as is read, in simplified characters."""
        title, text = _readable(title, TITLE_LENGTH), _readable(text, BODY_LENGTH)
        if script.of(title + text[:_SHOWN]) == script.HANT:
            # One thing has one tag, so all tags are simplified, and words those of the mainland.
            title, text = script.to(title, script.HANS), script.to(text, script.HANS)
        return self._segmenter.cut(title), self._segmenter.cut(text)

    def words(self, title: str, text: str) -> tuple[str, ...]:
        """The words by which searches find an article given as plain text; all of it is read."""
        return queries.words(f"{title}\n{text}", self._segmenter.search_words)


def _readable(value: str, limit: int) -> str:
    """The first `limit` characters, legal and NFKC (which may lengthen a text, hence cut twice)."""
    return halfwidth(legal(value[: 2 * limit])[:limit])[:limit]
