"""What a learned model sees of an article."""

from collections import Counter
from collections.abc import Mapping
from math import log1p, sqrt

from feedsvc.tagging.tokens import Words

# Names that share a value. Words stand for themselves; "#" marks characters of the title, "=" a section that
# the built-in terms speak for.
Features = list[tuple[float, list[str]]]

WORD, PAIR, SINGLE = 2.0, 1.0, 1.0  # what a word, two characters and one character of a title weigh
BODY = 1.5  # what all words of a body weigh together, where the title weighs 1
PART = 900  # characters of a body that are read
_MUCH = 6  # more of the same word in a body says no more
_FIRM = 3.0  # a sum of scores from which on the built-in terms are believed
_FAINT = 0.05


def features(title: Words, body: Words, scores: Mapping[str, float]) -> Features:
    """The words of both, the characters of the title and what the built-in terms say (`scores`).

    Title and body are scaled apart, so that what is learned from titles alone serves articles with bodies,
    and the other way round: they share their words.
    """
    found: Features = []
    value = "".join(c if c.isalnum() else " " for c in title.value)
    words = [word for word in title.words if len(word) > 1 and word.strip() and "\n" not in word]
    singles = [f"#{c}" for c in value if c != " "]
    pairs = [f"#{value[i : i + 2]}" for i in range(len(value) - 1) if " " not in value[i : i + 2]]
    size = sqrt(WORD**2 * len(words) + PAIR**2 * len(pairs) + SINGLE**2 * len(singles)) or 1.0
    found += [(WORD / size, words), (PAIR / size, pairs), (SINGLE / size, singles)]
    if body.words:
        groups: dict[int, list[str]] = {}
        for word, count in Counter(body.words[: body.at(PART) + 1]).items():
            if len(word) > 1 and "\n" not in word:
                groups.setdefault(count, []).append(word)
        size = sqrt(sum(log1p(min(n, _MUCH)) ** 2 * len(some) for n, some in groups.items())) or 1.0
        found += [(BODY * log1p(min(n, _MUCH)) / size, some) for n, some in groups.items()]
    size = sqrt(sum(score * score for score in scores.values())) + _FIRM
    found += [(score / size, [f"={key}"]) for key, score in scores.items() if score > _FAINT * size]
    return [(value, names) for value, names in found if names]
