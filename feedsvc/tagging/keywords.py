"""The keywords of an article: how likely an editor would choose each of its words, the likeliest first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import exp, log1p

from feedsvc import text
from feedsvc.model import Keyword
from feedsvc.tagging import names
from feedsvc.tagging.lexicon import Lexicon
from feedsvc.tagging.rules import Rules
from feedsvc.tagging.tokens import UNKNOWN, Words

# How likely a word of the title is a keyword, by what it is and how often the body has it: never, once,
# twice, more often. Round figures: names that the body repeats nearly always are, verbs hardly ever.
TITLED: Mapping[str, tuple[float, float, float, float]] = {
    kind: chances
    for kinds, chances in {
        names.WORK: (0.95, 0.95, 0.95, 0.95),
        f"{names.PERSON} {names.FOREIGN} nr nrt nrfg": (0.25, 0.5, 0.8, 0.85),
        f"{names.LATIN} eng nz nt": (0.3, 0.5, 0.55, 0.65),
        "ns": (0.25, 0.45, 0.5, 0.6),
        names.QUOTED: (0.15, 0.3, 0.35, 0.6),
        names.COINED: (0.05, 0.2, 0.5, 0.7),
        names.PHRASE: (0.05, 0.1, 0.25, 0.5),
        names.COMPOUND: (0.05, 0.25, 0.35, 0.45),
        "n j": (0.27, 0.27, 0.35, 0.5),
        "l an ng vn": (0.2, 0.2, 0.3, 0.3),
        "v i": (0.04, 0.06, 0.2, 0.2),
        "a b z s": (0.03, 0.05, 0.1, 0.15),
        UNKNOWN: (0.0, 0.05, 0.3, 0.4),
    }.items()
    for kind in kinds.split()
}
# The same of a word that the title has not, for each time that the body has it.
MENTIONED: Mapping[str, float] = {
    kind: chance
    for kinds, chance in {
        names.WORK: 0.05,
        f"{names.PERSON} {names.FOREIGN} {names.LATIN} {names.QUOTED} {names.COINED}": 0.02,
        "nr nrt nrfg eng nz nt ns": 0.02,
        "n j": 0.012,
        f"{UNKNOWN} vn l": 0.01,
        "v i an ng": 0.005,
    }.items()
    for kind in kinds.split()
}
MORE = 0.4  # how much likelier each e-fold of repetitions past the third makes it
EARLY, EARLY_WORDS = 0.2, 5.0  # how much likelier at the start of the title; words after which that is 1/e
LEAD, LEAD_LENGTH = 1.2, 150  # how much likelier what the body has among its first characters
REPEATED = 0.8  # exponent of the number of times
COMMON, RARE, SAYING = 4.0, 13.0, 0.4  # rarities between which a rarer word says more, and how much more
HINTED = 1.5  # how much likelier a word is that the source has chosen
HINT = 0.3  # of the best, for a source's keyword that is not in the text
FAINT = 0.03  # below this share of the best, a word is no keyword

_HINTS = 20  # of a source's keywords that are heeded
_READ = 300  # characters of the body after which a word must stand twice
_ONCE = 0.024  # no word that the body has once is likelier
_REMEMBERED = 50_000  # words whose chances are remembered, at most
_BYLINE = frozenset(
    ("记者", "通讯员", "编辑", "责编", "责任编辑", "摄影", "作者", "实习生", "摄", "实习记者")
)
_PERSON = frozenset(("nr", "nrt", "nrfg", UNKNOWN))
_MARKED = frozenset((names.WORK, names.QUOTED, names.FOREIGN, names.LATIN, names.PERSON, names.COINED))


class Ranker:
    """Ranks the words of articles; made once for a lexicon and a site's rules. Not safe for threads."""

    def __init__(self, lexicon: Lexicon, rules: Rules, *, limit: int) -> None:
        """`limit`: keywords of one article, at most."""
        self._lexicon = lexicon
        self._rules = rules
        self._limit = limit
        self._mentioned = _Mentioned(lexicon)

    def rank(self, title: Words, body: Words, hints: Sequence[str] = ()) -> tuple[Keyword, ...]:
        """The keywords of an article, best first, no two that say the same.

        A weight is how likely an editor would choose the word, between 0 and 1. `title` and `body` are NFKC.
        `hints` are the source's own keywords: they weigh more where the text has them, and come last where it
        has not, if they are short words.
        """
        scores = self._scores(title, body)
        if hints:
            scores = _with_hints(scores, hints, title.value + body.value, self._rules)
        return tuple(self._chosen(scores))

    def _scores(self, title: Words, body: Words) -> dict[str, float]:
        """Every candidate with its score."""
        found = names.find(title, body, self._lexicon, self._rules.stopwords)
        counts = body.counts.copy()
        _uncount_bylines(counts, body, self._lexicon)
        lead = set(body.words[: body.at(LEAD_LENGTH) + 1])
        for name, kind in found.items():
            at = body.value.find(name)
            if at < 0:
                continue
            times = body.value.count(name)
            if kind != names.COMPOUND:
                for part in body.words[body.at(at) : body.at(at + len(name) - 1) + 1]:
                    counts[part] -= times
            counts[name] = times
            if at < LEAD_LENGTH:
                lead.add(name)
        scores: dict[str, float] = {}
        for place, (word, kind) in enumerate(_titled(title, found, self._lexicon)):
            if word not in scores and (chances := TITLED.get(kind)) is not None:
                count = counts[word]
                score = chances[min(max(count, 0), 3)] * (1 + EARLY * exp(-place / EARLY_WORDS))
                if count > 3:
                    score *= 1 + MORE * log1p(count - 3)
                if score:
                    scores[word] = score * _saying(word, kind, self._lexicon)
        for name, kind in found.items():
            count = counts.pop(name, 0)
            if count > 0 and name not in scores and kind in MENTIONED:
                scores[name] = MENTIONED[kind] * count**REPEATED * (LEAD if name in lead else 1)
        mentioned = self._mentioned
        read = {word for word, count in counts.items() if count > 1}
        if FAINT * max(scores.values(), default=0.0) < _ONCE:
            read.update(word for word in body.words[: body.at(_READ) + 1] if counts.get(word) == 1)
        for word in read.difference(scores):
            if chance := mentioned[word]:
                scores[word] = chance * counts[word] ** REPEATED * (LEAD if word in lead else 1)
        return scores

    def _chosen(self, scores: Mapping[str, float]) -> Iterable[Keyword]:
        """The best, spelled, without those that say the same as a better one."""
        best = max(scores.values(), default=0.0)
        ranked = sorted((-score, word) for word, score in scores.items() if score >= FAINT * best)
        taken: list[str] = []
        for _, word in ranked:
            if len(taken) >= self._limit:
                return
            spelled = self._rules.tag(word)
            if spelled is None or any(_same(spelled[1], other) for other in taken):
                continue
            tag, folded = spelled
            taken.append(folded)
            yield Keyword(word=tag, weight=round(min(1.0, scores[word]), 4))


def _same(one: str, other: str) -> bool:
    """Whether two folded tags say the same: one is part of the other, or short for it (北大, 北京大学)."""
    short, long = sorted((one, other), key=len)
    if short in long:
        return True
    if short[0] != long[0] or len(long) < 2 * len(short):
        return False
    rest = iter(long)
    return all(character in rest for character in short)


class _Mentioned(dict[str, float]):
    """How likely a word is a keyword that the body has once; 0 for what is none. Remembers common words."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self._lexicon = lexicon

    def __missing__(self, word: str) -> float:
        if len(self) >= _REMEMBERED:
            self.clear()
        kind = self._lexicon.pos(word)
        chance = MENTIONED.get(kind, 0.0) if len(word) > 1 else 0.0
        self[word] = chance and chance * _saying(word, kind, self._lexicon)
        return self[word]


def _titled(title: Words, found: Mapping[str, str], lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """The words and names of a title in their order, with what they are; a compound beside its parts."""
    spans = names.spans(title.value, {n: k for n, k in found.items() if n in title.value})
    at = 0
    for start, end, kind in spans:
        first, last = title.at(start), title.at(end - 1)
        for word in title.words[at:first]:
            yield word, lexicon.pos(word)
        yield title.value[start:end], kind
        if kind == names.COMPOUND:
            for word in title.words[first : last + 1]:
                yield word, lexicon.pos(word)
        at = last + 1
    for word in title.words[at:]:
        yield word, lexicon.pos(word)


def _saying(word: str, kind: str, lexicon: Lexicon) -> float:
    """How much a word says by being rare, up to 1; names and works say what they say."""
    if kind in _MARKED:
        return 1.0
    rarity = min(max(lexicon.rarity(word), COMMON + 0.5), RARE)
    return float(((rarity - COMMON) / (RARE - COMMON)) ** SAYING)


def _uncount_bylines(counts: Counter[str], body: Words, lexicon: Lexicon) -> None:
    """Takes the names that follow 记者, 编辑 and the like from `counts`."""
    if counts.keys().isdisjoint(_BYLINE):
        return
    for place, word in enumerate(body.words):
        if word not in _BYLINE:
            continue
        persons = 0
        for after in body.words[place + 1 : place + 8]:
            if lexicon.pos(after) in _PERSON and persons < 3:
                counts[after] -= 1
                persons += 1
            elif after[0].isalnum():
                break


def _with_hints(
    scores: Mapping[str, float], hints: Sequence[str], value: str, rules: Rules
) -> dict[str, float]:
    wanted = {text.fold(hint): hint for hint in hints[:_HINTS]}
    weighed = {word: score * (HINTED if text.fold(word) in wanted else 1) for word, score in scores.items()}
    best = max(weighed.values(), default=1.0)
    whole = text.fold(value)
    for folded, hint in wanted.items():
        inside = folded in whole
        if rules.allow(hint) and (inside or rules.short(hint)):
            weighed[hint] = max(weighed.get(hint, 0), best * HINT * (2 if inside else 1))
    return weighed
