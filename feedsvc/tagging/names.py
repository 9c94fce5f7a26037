"""The names that segmentation cuts apart: works, quoted terms, foreign names, persons, T-72, phrases."""

import re
from collections.abc import Iterator, Mapping, Sequence

from feedsvc.tagging.lexicon import SURNAMES, Lexicon
from feedsvc.tagging.tokens import Words

# Parts of speech of our own, beside jieba's.
WORK, QUOTED, FOREIGN, LATIN, PERSON, COINED, PHRASE, COMPOUND = [
    "work",
    "quoted",
    "foreign",
    "latin",
    "person",
    "coined",
    "phrase",
    "compound",
]

# Characters that show that a word found by chance is none.
FUNCTION = frozenset(
    "的了着过是在与和一二三四五六七八九十两百千万亿及或被为成将把有能会太不已最更却又得点来去中上下里对让使给用很都也就还再刚仅共约达超近这那哪其此之于而且因但如若虽并从向往到由以所者们吗呢吧啊呀么每各某几"
)

_WORK = re.compile(r"《([^《》\n]{2,20})》")
_QUOTED = re.compile(
    r"“([^“”\n]{2,8})”|「([^「」\n]{2,8})」|『([^『』\n]{2,8})』|\"([^\"\n]{2,8})\"|【([^【】\n]{2,8})】"
)
_FOREIGN = re.compile(r"[\u4e00-\u9fff]{1,6}(?:[·•・][\u4e00-\u9fff]{1,8}){1,3}")
_LATIN = re.compile(
    r"(?<![A-Za-z0-9.@/_-])(?=[0-9&+'-]*[A-Za-z])[A-Za-z0-9]{1,12}(?:[-&+'][A-Za-z0-9]{1,12}){1,2}(?![A-Za-z0-9.@/_-])"
)
# Weapons, rockets and ships by number (红旗-9B), and models of one word and a second (P60 Pro).
_NUMBERED = re.compile(r"[\u4e00-\u9fff]{1,2}-[0-9]{1,3}[A-Z]{0,2}(?![A-Za-z0-9-])")
_MODEL = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{1,12}[ ]?[0-9]{1,4}[A-Za-z]{0,2}"
    r"(?:[ ](?:Pro|Max|Plus|Ultra|Mini|mini|Air|SE|Lite)\+?)+(?![A-Za-z0-9])"
)
_JOINTS = "-&+'"
_DOTS = "·•・"
_SENTENCE = re.compile(r"[,.;:!?。、…()+|@#=*]")
_PART = re.compile(r"[\w.+-]+")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_NOUNS = frozenset(["n", "nz", "nt", "ns", "nr", "nrt", "vn", "b", "j", "eng", "l", "ng"])
_HEADS = frozenset(["n", "nz", "nt", "vn", "eng"])
_WORDS = _NOUNS | frozenset(["nrfg", "g", "zg", "un"])
_ACTS = frozenset(["v", "d", "p", "f", "r", "q"])
_NUMERAL = "m"
_SINGLE = frozenset(("v", "a", "vg", "ag"))
_LONGEST = 7  # characters of a phrase
_PARTS = 4  # words of a phrase
_LONGEST_PERSON = 4  # characters of what is no word of the dictionary
_TOGETHER = 0.8  # share of the rarest part's occurrences that must be in the phrase
_MOST_TOGETHER = 0.7  # the same for the commonest part
_PARTED = 1.5  # times as often that a part stands alone where two names happen to meet


def find(title: Words, body: Words, lexicon: Lexicon, skip: frozenset[str] = frozenset()) -> dict[str, str]:
    """Names that stand whole in the article, with their kinds; no phrase holds a word of `skip`.

    Works and quoted terms are told by their marks, foreign names by their dots. A run of words of the title
    is a phrase if the body repeats it and hardly ever parts it, a compound if both are nouns and the body
    has it. Characters of the title that are no words by themselves are a person or a coined word if the
    body repeats them.
    """
    names: dict[str, str] = {}
    for words in (title, body):
        value = words.value
        if "《" in value:
            for match in _WORK.finditer(value):
                names.setdefault(match[1].strip(), WORK)
        for match in _QUOTED.finditer(value):
            quoted = match[match.lastindex or 0].strip()
            if not _SENTENCE.search(quoted):
                names.setdefault(quoted, QUOTED)
        if any(joint in value for joint in _JOINTS):
            for match in _LATIN.finditer(value):
                names.setdefault(match[0], LATIN)
            for match in _NUMBERED.finditer(value):
                if words.starts[words.at(match.start())] == match.start():
                    names.setdefault(match[0], LATIN)
        if any(dot in value for dot in _DOTS):
            for match in _FOREIGN.finditer(value):
                names.setdefault(_trimmed(match, words), FOREIGN)
    for match in _MODEL.finditer(title.value):
        names.setdefault(match[0], LATIN)
    kinds = [lexicon.pos(word) for word in title.words]
    marked = {place for start, end, _ in spans(title.value, names) for place in range(start, end)}
    free = [word for word, start in zip(title.words, title.starts, strict=False) if start not in marked]
    for name, kind in _coined(free, body.value, lexicon):
        names.setdefault(name, kind)
    for phrase, kind in _phrases(title.words, kinds, body.value, skip):
        names.setdefault(phrase, kind)
    return {name: kind for name, kind in names.items() if len(name) > 1 and name not in skip}


def spans(value: str, names: Mapping[str, str]) -> list[tuple[int, int, str]]:
    """Where `names` stand in `value`: start, end and kind; the longest at each place, none overlapping."""
    found = sorted(
        ((at, at + len(name), kind) for name, kind in names.items() for at in _places(value, name)),
        key=lambda span: (span[0], -span[1]),
    )
    kept: list[tuple[int, int, str]] = []
    for span in found:
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def _places(value: str, name: str) -> Iterator[int]:
    at = value.find(name)
    while at >= 0:
        yield at
        at = value.find(name, at + len(name))


def _trimmed(match: re.Match[str], words: Words) -> str:
    """A foreign name without the words that happen to stand before and after it."""
    dots = [match.start() + place for place, c in enumerate(match[0]) if c in _DOTS]
    start = max(match.start(), words.starts[words.at(max(0, dots[0] - 2))])
    end = match.end()
    if dots[-1] + 2 < end:
        end = min(end, words.starts[words.at(dots[-1] + 2) + 1])
    return words.value[start:end]


def _coined(words: Sequence[str], text: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """Persons and coined words of a title: what its loose characters are, by what `text` repeats of them."""
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and _loose(words[end], lexicon):
            end += 1
        if end == at:
            at += 1
            continue
        run = "".join(words[at:end])
        following, before = words[end] if end < len(words) else "", words[at - 1] if at else ""
        if words[end - 1] in SURNAMES and len(following) <= 2 and _HAN.fullmatch(following):
            run += following  # a given name that is a word as well
        if len(before) == 2 and _HAN.fullmatch(before):
            run = before + run  # a surname and half a given name that are a word as well
        yield from _cohesive(run, text, lexicon)
        at = end


def _loose(word: str, lexicon: Lexicon) -> bool:
    return _HAN.fullmatch(word) is not None and (len(word) == 1 or not lexicon.known(word))


def _cohesive(run: str, text: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """The parts of `run` that `text` repeats, each as long as it is always repeated."""
    counts: dict[str, int] = {}
    for start in range(len(run) - 1):
        for end in range(start + 2, min(len(run), start + _LONGEST_PERSON) + 1):
            part = run[start:end]
            count = text.count(part)
            if not count:
                break
            # 中 or 之 ends a given name only if it always does.
            always = len(part) == 3 and count > 1 and count == counts.get(part[:2])
            if FUNCTION.isdisjoint(part[: 2 if always else None]):
                counts[part] = count
    for part, count in counts.items():
        person = part[0] in SURNAMES and len(part) <= 3
        if lexicon.known(part) or count < (1 if person and len(part) == 3 else 2):
            continue
        if not person and any(lexicon.pos(character) in _ACTS for character in part):
            continue
        longer = (often for other, often in counts.items() if part in other and part != other)
        inside = (often for other, often in counts.items() if other in part and part != other)
        if max(longer, default=0) < _TOGETHER * count and max(inside, default=0) < _PARTED * count:
            yield part, PERSON if person else COINED


def _phrases(
    words: Sequence[str], kinds: Sequence[str], text: str, skip: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """The phrases and compounds of a title, those that begin first first."""
    joining = [word not in skip and _joins(word, kind) for word, kind in zip(words, kinds, strict=True)]
    often = [
        text.count(word) if joins and len(word) > 1 else 0 for word, joins in zip(words, joining, strict=True)
    ]
    for start, kind in enumerate(kinds):
        if not joining[start] or kind == _NUMERAL:
            continue
        joined = words[start]
        rarest = commonest = often[start]
        for place in range(start + 1, min(start + _PARTS, len(words))):
            word = words[place]
            joined += word
            if not joining[place] or len(joined) > _LONGEST:
                break
            if len(word) > 1:
                rarest = min(rarest, often[place]) if rarest else often[place]
                commonest = max(commonest, often[place])
            count = text.count(joined)
            if not count:
                break
            if count > 1 and count >= _TOGETHER * rarest and count >= _MOST_TOGETHER * commonest:
                yield joined, PHRASE
            elif (
                place == start + 1
                and kinds[place] in _HEADS
                and kind in _NOUNS
                and min(len(word), len(words[start])) > 1
            ):
                yield joined, COMPOUND


def _joins(word: str, kind: str) -> bool:
    """Whether a word may be part of a phrase; a numeral may not be the first."""
    if kind not in _WORDS and kind != _NUMERAL and (len(word) > 1 or kind not in _SINGLE):
        return False
    return _PART.fullmatch(word) is not None
