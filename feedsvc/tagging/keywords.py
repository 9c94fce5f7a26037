"""The keywords of an article: names and nouns, those of the title first."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from math import exp
from typing import Protocol

from feedsvc import text
from feedsvc.model import Keyword
from feedsvc.tagging import names
from feedsvc.tagging.tokens import UNKNOWN, Token

# How much a word is worth by its part of speech; those not listed are worth nothing.
WORTH: Mapping[str, float] = {
    kind: worth
    for kinds, worth in {
        names.FOREIGN: 1.4,
        "nr nrt nrfg nz": 1.25,
        f"nt {names.WORK} {names.QUOTED}": 1.2,
        f"eng {names.LATIN} {names.PHRASE}": 1.1,
        "n": 1.05,
        "j": 1.0,
        "ns": 0.95,
        UNKNOWN: 0.9,
        "vn": 0.75,
        "l an ng": 0.5,
        "v": 0.45,
        "i s": 0.4,
        "g zg": 0.3,
        "a b z": 0.2,
    }.items()
    for kind in kinds.split()
}
TITLE = 8.0  # of a word in the title, against 1 for one in the body
LATER = 0.03  # what each word before it in the title takes from that
BOTH = 1.5  # how much more the title's words weigh that the body repeats
LEAD = 1.0  # what standing at the very beginning of the body adds
LEAD_LENGTH = 300  # characters after which that is 1/e
REPEATED = 0.5  # exponent of the number of occurrences in the body
COMMON, RARE = 4.0, 13.0  # rarities below and above which words are equally common and rare
WORK = 2.0  # how much more 《…》 says
UNSEEN = 0.5  # of a word that is in no lexicon and never in the body
HINTED = 1.5  # how much more a word weighs that the source has chosen
FAINT = 0.1  # below this share of the best, a word is no keyword
HINT = 0.3  # of the best, for a source's keyword that is not in the text

_LONGEST = 20  # characters of a tag
_HINTS = 20  # of a source's keywords that are heeded
_SHORT_HINT = re.compile(r"[\u4e00-\u9fffA-Za-z0-9+.-]{2,8}")
_NUMBER = re.compile(
    r"[\d.,%:+-]+|第?[\d.零〇一二三四五六七八九十百千万亿两几多余数]+(?:[年月日时分秒天岁个名人元块角次度届期条件只家所座辆台米里亩吨斤克升种号级层楼倍成]|人次|周年|公里|平米|小时|分钟|美元)?"
)
_WORD = re.compile(r"[^\W_]")
_PRESS = re.compile(
    r".*(?:晚报|晨报|都市报|早报|商报|快报|日报|时报|青年报|电视台|新闻网|先生|女士|某|某某|讯)"
)
_BYLINE = frozenset(
    ("记者", "通讯员", "编辑", "责编", "责任编辑", "摄影", "作者", "实习生", "摄", "实习记者")
)
_WEAK = frozenset(("v", "a", "b", "z", "s", "i", "g", "zg"))  # tags only where the body repeats the title
_NAMED = frozenset((names.WORK, names.QUOTED, names.FOREIGN, names.LATIN, names.PHRASE))
_PERSON = frozenset(("nr", "nrt", "nrfg", UNKNOWN))
# Characters that show that a word found by chance is none.
_FUNCTION = frozenset(
    "的了着过是在与和一二三四五六七八九十两百千万亿及或被为成将把有能会太不已最更却又得点来去中上下里对让使给用很都也就还再刚仅共约达超近这那哪其此之于而且因但如若虽并从向往到由以所者们吗呢吧啊呀么每各某几"
)
_EDGES = " .-_&%·、:;!?'"
_SAFE = str.maketrans({"/": "／", ",": "，"})


class Lexicon(Protocol):
    """What is known of words; a Segmenter is one."""

    def rarity(self, word: str) -> float:
        """The negative logarithm of the word's share of all words."""

    def known(self, word: str) -> bool:
        """Whether it is in a dictionary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a site says about its tags.

    `stopwords` and `blocked` are never tags; `aliases` map spellings to the one that is used. They are
    matched by `text.fold`. `stopwords` also never join a phrase.
    """

    stopwords: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, stopwords: Iterable[str], blocked: Iterable[str], aliases: Mapping[str, str]) -> "Rules":
        """Rules from words as people write them, with the built-in stop words."""
        return cls(
            stopwords=default_stopwords() | {text.fold(word) for word in stopwords},
            blocked=frozenset(text.fold(word) for word in blocked),
            aliases={text.fold(spelling): word for spelling, word in aliases.items()},
        )

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


def extract(
    title: Sequence[Token],
    body: Sequence[Token],
    *,
    lexicon: Lexicon,
    rules: Rules,
    limit: int,
    hints: Sequence[str] = (),
) -> tuple[Keyword, ...]:
    """At most `limit` keywords, best first, the best with weight 1; none is part of another.

    `title` and `body` are the whole text as words (NFKC). `hints` are the source's own keywords: they weigh
    more where the text has them, and come last where it has not, if they are short words.
    """
    found = names.find(title, body, rules.stopwords)
    scores = _scores(names.merge(title, found), names.merge(body, found), lexicon, rules)
    if hints:
        scores = _with_hints(scores, hints, "".join(token.word for token in (*title, *body)), rules)
    return tuple(_chosen(scores, rules, limit))


def _with_hints(
    scores: Mapping[str, float], hints: Sequence[str], value: str, rules: Rules
) -> dict[str, float]:
    wanted = {text.fold(hint): hint for hint in hints[:_HINTS]}
    weighed = {word: score * (HINTED if text.fold(word) in wanted else 1) for word, score in scores.items()}
    best = max(weighed.values(), default=1.0)
    whole = text.fold(value)
    for folded, hint in wanted.items():
        inside = folded in whole
        if _tag_like(hint, rules) and (inside or _SHORT_HINT.fullmatch(hint)):
            weighed[hint] = max(weighed.get(hint, 0), best * HINT * (2 if inside else 1))
    return weighed


def _scores(
    title: Sequence[Token], body: Sequence[Token], lexicon: Lexicon, rules: Rules
) -> dict[str, float]:
    """Every candidate with its score."""
    kinds: dict[str, str] = {}
    places: dict[str, int] = {}
    for token in title:
        if token.pos in WORTH and _tag_like(token.word, rules):
            places.setdefault(token.word, len(places))
            kinds.setdefault(token.word, token.pos)
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    for token in _without_bylines(body):
        if (
            token.pos in WORTH
            and len(token.word) > 1
            and (token.word in counts or _tag_like(token.word, rules))
        ):
            counts[token.word] += 1
            first.setdefault(token.word, token.start)
            kinds.setdefault(token.word, token.pos)
    scores = {}
    for word, kind in kinds.items():
        weight = _worth(word, kind, counts[word], word in places, lexicon)
        if weight <= 0:
            continue
        named = kind in _NAMED
        rarity = RARE if named else min(max(lexicon.rarity(word), COMMON + 0.5), RARE)
        score = 0.0
        if word in places:
            score += TITLE / (1 + LATER * places[word]) * (BOTH if counts[word] else 1)
        if counts[word]:
            score += counts[word] ** REPEATED * (1 + LEAD * exp(-first[word] / LEAD_LENGTH))
        scores[word] = score * weight * (rarity - COMMON)
    return scores


def _worth(word: str, kind: str, count: int, titled: bool, lexicon: Lexicon) -> float:
    worth = WORTH.get(kind, 0.0) * (WORK if kind == names.WORK else 1)
    if kind in _WEAK and not count:
        return 0.0
    if kind in _PERSON and not lexicon.known(word):
        if not _FUNCTION.isdisjoint(word):
            return 0.0 if kind == UNKNOWN or count < 2 else worth / 2
        if not count:
            worth *= UNSEEN
    return 0.0 if not titled and _PRESS.fullmatch(word) else worth


def _without_bylines(tokens: Iterable[Token]) -> Iterable[Token]:
    """`tokens` without the names that follow 记者, 编辑 and the like, and without 日 after a number."""
    byline = 0
    number = False
    for token in tokens:
        if token.word in _BYLINE:
            byline = 3
        elif byline and (token.pos in _PERSON or not _WORD.search(token.word)):
            byline -= token.pos in _PERSON
        else:
            byline = 0
            if not (number and token.pos == UNKNOWN):
                yield token
        number = token.word.isdigit()


def _tag_like(word: str, rules: Rules) -> bool:
    """Whether a word could be a tag at all: no single character, number, amount, stop word or sentence."""
    folded = word.casefold()
    return (
        1 < len(word) <= _LONGEST
        and folded not in rules.stopwords
        and folded not in rules.blocked
        and _WORD.search(word) is not None
        and _NUMBER.fullmatch(word) is None
    )


def _chosen(scores: Mapping[str, float], rules: Rules, limit: int) -> Iterable[Keyword]:
    """The best, spelled, without those that are part of a better one or have one as a part."""
    best = 0.0
    taken: list[str] = []
    for word in sorted(scores, key=lambda word: (-scores[word], word)):
        if len(taken) >= limit or scores[word] < FAINT * best:
            return
        tag = rules.spell(word)
        folded = text.fold(tag)
        if not tag or folded in rules.blocked or any(folded in other or other in folded for other in taken):
            continue
        best = best or scores[word]
        taken.append(folded)
        yield Keyword(word=tag, weight=round(scores[word] / best, 4))
