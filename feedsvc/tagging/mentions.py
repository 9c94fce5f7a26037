"""Where a text names regions, and how much each place of it says that the text is about them."""

import re
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from feedsvc.tagging.context import Context
from feedsvc.tagging.gazetteer import Gazetteer
from feedsvc.tagging.lexicon import Lexicon
from feedsvc.tagging.places import Kind, Places, Term
from feedsvc.tagging.terms import Terms
from feedsvc.tagging.tokens import Words

PASSING = 0.2  # the share of its weight that a place keeps where people only come from it or go to it
LISTED = 0.3  # ... and in a list of MANY or more
ABOVE = 0.6  # ... and for what holds home: 省委 says less of a province than 我省
IN_CAPITAL = 0.4  # ... for 在京 and 进京, which what concerns all of China is said to be
PEOPLE = 0.5  # ... and for those who come from it, by a name of their own (台青)
LINED = 0.5  # ... and as an end of a railway
SEEN = 0.6  # ... and for a sight in it
MANY = 4
_CAPITAL = ("110000",)
_OURS = frozenset("我本")
_SENTENCE_END = re.compile(r"[。！？!?\n]")
_LISTERS = frozenset("、和与及")
_SPANNING = ("到", "至")  # 福建到广东; 从芜湖到合肥
_OTHERS = frozenset("某外各他该邻两几跨地县市区省副城夜菜门超上都股楼房车花")


class How(Enum):
    """What a mention is good for."""

    NAMED = 1
    ALL = 2  # every code is meant, not one of them
    CONFIRMING = 3  # counts only if its region is named elsewhere, too
    DATELINE = 4
    PERSON = 5
    HOME = 6  # 我市


class Mention(NamedTuple):
    """A name in a text: the codes it may stand for, and where; `end` is past its last character.

    `share` is what is left of its weight, at most 1. `sure`: named in full or beside its parent, or a
    prefecture or province. `passing`: come from or gone to.
    """

    codes: tuple[str, ...]
    start: int
    end: int
    share: float = 1.0
    how: How = How.NAMED
    sure: bool = True
    passing: bool = False


class MentionFinder:
    """Finds mentions in segmented text; made once for a gazetteer."""

    def __init__(self, gazetteer: Gazetteer, places: Places, lexicon: Lexicon) -> None:
        self._gazetteer = gazetteer
        self._places = places
        self._context = Context(places, lexicon)
        self._all = list(places.terms.values())
        self._terms = Terms(list(places.terms), overlapping=True)

    def find(self, words: Words, home: str | None = None) -> list[Mention]:
        """Every mention, from left to right: the longest at each place, none inside another."""
        spans = [(start, -end, number) for number, start, end in self._terms.find(words.value)]
        if not spans:
            return []
        spans.sort()
        found: list[Mention] = []
        taken = 0
        for start, end, number in spans:
            if start < taken:
                continue
            term = self._all[number]
            mention = self._read(term, words, start, -end, found, home)
            if mention is not None:
                if found and mention.start < found[-1].end:
                    found.pop()  # the parent that it stands beside: 浙江|江山
                found.append(mention)
                taken = -end
            elif term.kind is Kind.NOTHING:
                taken = -end
        return self._listed(found, words.value) if len(found) > 1 else found

    def _read(
        self, term: Term, words: Words, start: int, end: int, found: Sequence[Mention], home: str | None
    ) -> Mention | None:
        kind = term.kind
        if kind is Kind.NAME or kind is Kind.BARE:
            return self._named(term, words, start, end, found[-1] if found else None, home)
        if kind is Kind.HOME:
            return self._at_home(term, words, start, end, found, home)
        if kind is Kind.LINE or kind is Kind.AREA:
            share = LINED if kind is Kind.LINE else 1.0
            starts = words.starts[words.at(start)] == start
            return Mention(term.codes, start, end, share, How.ALL) if starts else None
        if kind is Kind.NOTHING or not self._context.whole(words, start, end):
            return None
        if kind is Kind.ARRIVAL:
            passing = words.value[start] in self._places.passing
            if term.codes == _CAPITAL and not passing:
                return Mention(term.codes, start, end, IN_CAPITAL)
            return Mention(term.codes, start, end, PASSING if passing else 1.0, passing=passing)
        if kind is Kind.PEOPLE:
            share = self._context.following(words, words.at(end - 1))
            return Mention(term.codes, start, end, min(PEOPLE, share)) if share else None
        return Mention(term.codes, start, end, SEEN)

    def _named(
        self, term: Term, words: Words, start: int, end: int, before: Mention | None, home: str | None
    ) -> Mention | None:
        codes, how = term.codes, How.NAMED
        below: tuple[str, ...] = ()
        if before is not None and 0 <= start - before.end <= 1 and before.how is How.NAMED:
            gap = words.value[before.end : start]
            if not gap or gap in " ·-":
                below = tuple(code for code in codes if self._below(code, before.codes)) or tuple(
                    code for code in term.every if self._below(code, before.codes)
                )
        if below:
            codes = below
        elif not codes:
            codes, how = ((home,), How.NAMED) if home in term.every else (term.every, How.CONFIRMING)
        share = self._context.share(term, words, start, end, beside=bool(below))
        if share is None:
            return None
        if below and before is not None:
            return Mention(codes, before.start, end, min(share, before.share), passing=before.passing)
        sure = term.full or term.level < 3 or not self._district(codes)
        if how is How.NAMED and self._context.dated(words, start, end):
            how = How.DATELINE
        elif how is How.NAMED and self._context.person(term, words, start, end):
            how = How.PERSON
        previous = words.words[words.at(start) - 1] if start else ""
        passing = previous in self._places.passing
        if passing and previous in _SPANNING and before is not None and before.end == start - len(previous):
            passing = before.passing
        sure = sure or (share == 1 and self._context.acts(words, end))
        return Mention(codes, start, end, min(share, PASSING) if passing else share, how, sure, passing)

    def _at_home(
        self, term: Term, words: Words, start: int, end: int, found: Sequence[Mention], home: str | None
    ) -> Mention | None:
        """我市, 全省, 县委 ... as the region of that rank that is or holds `home`.

        That is the source's home, but 全省 after another region's name in its sentence is that one's.
        """
        value = words.value
        if words.starts[words.at(start)] != start:
            return None
        if value[start] not in _OURS:
            before = found[-1] if found else None
            if before is not None and (before.how in (How.NAMED, How.HOME) and len(before.codes) == 1):
                if before.end == start:
                    return None
                if not _SENTENCE_END.search(value, before.end, start):
                    home = before.codes[0]
            if start and value[start] != "全" and value[start - 1] in _OTHERS:
                return None
        if home is None:
            return None
        last = words.at(end - 1)
        # 市委|书记 and 区|人大常委会 begin with the phrase; 全|市场 does not.
        if words.starts[last + 1] != end and words.starts[last] > end - 2:
            return None
        code = self._own(home, term.unit)
        if code is None:
            return None
        return Mention((code,), start, end, 1.0 if code == home or value[start] in _OURS else ABOVE, How.HOME)

    def _listed(self, found: list[Mention], value: str) -> list[Mention]:
        """The mentions, with less weight in long lists (、) and where one of a list is come from or gone to.

        In a list with its siblings a name that is also a word needs no other support: 银川、中卫.
        """
        runs: list[list[int]] = []
        for number, mention in enumerate(found):
            if number and value[found[number - 1].end : mention.start] in _LISTERS:
                runs[-1].append(number)
            else:
                runs.append([number])
        for run in runs:
            if len(run) == 1:
                continue
            passing = any(found[number].passing for number in run)
            share = min(
                found[run[-1]].share,  # 上海、江苏游客
                PASSING if passing else LISTED if len(run) >= MANY else 1.0,
            )
            uppers = {
                self._gazetteer.ancestors(code)[-1:]
                for number in run
                if found[number].how is How.NAMED
                for code in found[number].codes
            }
            for number in run:
                mention = found[number]
                if mention.how is How.CONFIRMING:
                    codes = tuple(c for c in mention.codes if self._gazetteer.ancestors(c)[-1:] in uppers)
                    if len(codes) == 1:
                        mention = mention._replace(codes=codes, how=How.NAMED)
                found[number] = mention._replace(share=min(share, mention.share), passing=passing)
        return found

    def _own(self, home: str, unit: str) -> str | None:
        """The nearest of `home` and what holds it that is a 市, 省 ...; 我区 may be an autonomous region."""
        for code in (home, *reversed(self._gazetteer.ancestors(home))):
            region = self._gazetteer.get(code)
            if region is not None and region.name.endswith(unit):
                return code
        return None

    def _below(self, code: str, uppers: Sequence[str]) -> bool:
        return any(upper in uppers for upper in self._gazetteer.ancestors(code))

    def _district(self, codes: Sequence[str]) -> bool:
        """Whether all are districts of cities, which are rarely named without 区 for themselves."""
        return all((region := self._gazetteer.get(code)) and region.name[-1] == "区" for code in codes)
