"""Which administrative divisions of China an article is about."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from feedsvc.tagging import places
from feedsvc.tagging.gazetteer import Gazetteer
from feedsvc.tagging.tokens import UNKNOWN, Token

MOST = 5  # regions of one article
TITLE, LEAD, BODY = 10.0, 3.0, 1.0  # what one mention weighs, by where it stands
LEAD_LENGTH = 150  # characters
COUNTED = 5  # mentions in the body that still add weight
FAINT = 0.15  # below this share of the strongest, a region is mentioned in passing
_LONGEST = 15
_SENTENCE_ENDS = frozenset("。！？!?\n")
_OURS = frozenset("我本")
# Surnames that are not prepositions as well: 王永兴 is a person, 在永兴 a place.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁沈"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A name in a text: the codes it may stand for, and where; `end` is past its last character."""

    codes: tuple[str, ...]
    start: int
    end: int


class RegionFinder:
    """Finds regions in segmented text; made once for a gazetteer."""

    def __init__(self, gazetteer: Gazetteer, names: places.Places) -> None:
        self._gazetteer = gazetteer
        self._places = names
        self._home_heads = frozenset(phrase[0] for phrase in names.home)
        heads = frozenset(head[0] for head in names.heads)
        self._first = heads | self._home_heads | names.verbs | _SENTENCE_ENDS

    def find(self, title: Sequence[Token], body: Sequence[Token], home: str | None = None) -> tuple[str, ...]:
        """Codes, those of the title first, then by weight; the most specific only, at most MOST.

        `home` is the region that 我市, 全省 or 县委 mean. A name shared by several regions is the one whose
        parent is mentioned too, else the one in the prefecture or province of `home`, else none.
        """
        in_title, in_body = list(self.mentions(title, home)), list(self.mentions(body, home))
        named = {mention.codes[0] for mention in (*in_title, *in_body) if len(mention.codes) == 1}
        scores: dict[str, float] = {}
        for mention in in_title:
            if code := self._decide(mention.codes, named, home):
                scores[code] = scores.get(code, 0) + TITLE
        titled = set(scores)
        counts: dict[str, int] = {}
        for mention in in_body:
            if code := self._decide(mention.codes, named, home):
                counts[code] = counts.get(code, 0) + 1
                if counts[code] <= COUNTED:
                    scores[code] = scores.get(code, 0) + (LEAD if mention.start < LEAD_LENGTH else BODY)
        self._keep_specific(scores, titled)
        enough = FAINT * max(scores.values(), default=0)
        ranked = sorted(scores, key=lambda code: (code not in titled, -scores[code]))
        return tuple(code for code in ranked if code in titled or scores[code] >= enough)[:MOST]

    def mentions(self, tokens: Sequence[Token], home: str | None = None) -> Iterator[Mention]:
        """Every mention, from left to right: the longest at each place, none inside another."""
        value = "".join(token.word for token in tokens)
        line = _Line(tokens, value)
        last: Mention | None = None
        nearby: str | None = None  # the region last named in this sentence
        at = 0
        while at < len(value) - 1:
            if value[at] not in self._first:
                at += 1
                continue
            if value[at] in _SENTENCE_ENDS:
                nearby = None
            before = last if last is not None and last.end == at else None
            found = None
            if value[at : at + 2] in self._places.heads:
                found = self._named(line, at, before, home)
                nearby = found.codes[0] if found is not None and len(found.codes) == 1 else nearby
            if found is None and before is None and value[at] in self._home_heads:
                found = self._at_home(line, at, home if value[at] in _OURS else nearby or home)
            if found is None and value[at] in self._places.verbs:
                found = self._abbreviated(line, at)
            if found is not None:
                yield found
                last = found
            at = found.end if found is not None else at + 1

    def _named(self, line: "_Line", at: int, before: Mention | None, home: str | None) -> Mention | None:
        for length in range(min(_LONGEST, len(line.value) - at), 1, -1):
            name = line.value[at : at + length]
            codes = self._places.names.get(name)
            if codes is None:
                bare = self._places.bare.get(name, ())
                codes = tuple(code for code in bare if code == home or self._above(before, code))
            elif before is not None:
                every = self._places.every.get(name, ())
                codes = tuple(code for code in every if self._above(before, code)) or codes
            if codes and self._stands(line, at, at + length, codes):
                return Mention(codes=codes, start=at, end=at + length)
        return None

    def _stands(self, line: "_Line", start: int, end: int, codes: Sequence[str]) -> bool:
        """Whether the characters are a name there: on borders of words, no street, brand or person."""
        regions = [region for code in codes if (region := self._gazetteer.get(code))]
        full = line.value[start:end] in {name for region in regions for name in (region.name, *region.former)}
        county = all(region.level == 3 for region in regions)
        first, last = line.token(start), line.token(end - 1)
        trusted = full or not county
        starts = first.start == start or (trusted and first.pos == UNKNOWN)
        ends = (
            last.start + len(last.word) == end
            or (trusted and last.pos == UNKNOWN)
            or (first is last and last.word[end - last.start :] in self._places.inside)
        )
        if not (starts and ends):
            return False
        if full:
            return True
        if line.quoted(start) or self._continued(line, end):
            return False
        previous = line.token(start - 1) if start else None
        return not (county and previous is not None and previous.word in _SURNAMES)

    def _continued(self, line: "_Line", end: int) -> bool:
        """Whether what follows makes a short name something else: 南京路; but 浙江|江山 is two words."""
        if not line.value.startswith(self._places.after, end):
            return False
        found = [each for each in self._places.after if line.value.startswith(each, end)]
        return any(len(each) > 1 or line.token(end).word == each for each in found)

    def _at_home(self, line: "_Line", at: int, home: str | None) -> Mention | None:
        """我市, 全省, 县委 ... as the region of that rank that is or holds `home`.

        That is the source's home, but 全省 after another region's name in its sentence is that one's.
        """
        if home is None or line.token(at).start != at:
            return None
        for length in (3, 2):
            unit = self._places.home.get(line.value[at : at + length])
            last = line.token(min(at + length, len(line.value)) - 1)
            # 市委|书记 and 区|人大常委会 begin with the phrase; 全|市场 does not.
            if unit and (last.start + len(last.word) == at + length or last.start <= at + length - 2):
                code = self._own(home, unit)
                return Mention(codes=(code,), start=at, end=at + length) if code else None
        return None

    def _own(self, home: str, unit: str) -> str | None:
        """The nearest of `home` and what holds it that is a 市, 省 ...; 我区 may be an autonomous region."""
        for code in (home, *reversed(self._gazetteer.ancestors(home))):
            region = self._gazetteer.get(code)
            if region is not None and region.name.endswith(unit):
                return code
        return None

    def _abbreviated(self, line: "_Line", at: int) -> Mention | None:
        code = self._places.abbreviations.get(line.value[at + 1])
        last = line.token(at + 1)
        if code is None or line.token(at).start != at or last.start + len(last.word) != at + 2:
            return None
        return Mention(codes=(code,), start=at + 1, end=at + 2)

    def _above(self, before: Mention | None, code: str) -> bool:
        """Whether the mention directly before is a region that holds `code`."""
        return before is not None and any(upper in before.codes for upper in self._gazetteer.ancestors(code))

    def _decide(self, codes: Sequence[str], named: set[str], home: str | None) -> str | None:
        """The one region meant, or None."""
        if len(codes) == 1:
            return codes[0]
        codes = [code for code in codes if self._gazetteer.ancestors(code)]
        at_home = {home, *self._gazetteer.ancestors(home)} if home else set()
        for known in (named, at_home):
            for place in (-1, 0):
                near = [code for code in codes if self._gazetteer.ancestors(code)[place] in known]
                if len(near) == 1:
                    return near[0]
        return None

    def _keep_specific(self, scores: dict[str, float], titled: set[str]) -> None:
        """Drop what holds another region found, and give its weight to that one.

        A region of the title stays beside two or more that only the body names: it is about the whole.
        """
        for code in list(scores):
            below = [each for each in scores if code in self._gazetteer.ancestors(each)]
            if not below or (code in titled and len(below) > 1 and not titled.intersection(below)):
                continue
            heir = max(below, key=lambda each: scores[each])
            scores[heir] += scores.pop(code)
            if code in titled:
                titled.discard(code)
                if not titled.intersection(below):
                    titled.add(heir)


class _Line:
    """A text with its words and the works named in it (《…》), by place."""

    def __init__(self, tokens: Sequence[Token], value: str) -> None:
        self.value = value
        self._tokens = tokens
        self._starts = [token.start for token in tokens]
        self._depth = list(accumulate((c == "《") - (c == "》") for c in value))

    def token(self, at: int) -> Token:
        """The word that holds this character."""
        return self._tokens[bisect_right(self._starts, at) - 1]

    def quoted(self, at: int) -> bool:
        """Whether the character stands between 《 and 》."""
        return self._depth[at] > 0
