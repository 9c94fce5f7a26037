"""Which administrative divisions of China an article is about."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from feedsvc.tagging.choice import BODY, LEAD, LEAD_LENGTH, TITLE, Weighed, choose
from feedsvc.tagging.gazetteer import Gazetteer
from feedsvc.tagging.lexicon import Lexicon
from feedsvc.tagging.mentions import How, Mention, MentionFinder
from feedsvc.tagging.places import Places
from feedsvc.tagging.tokens import Words

COUNTED = 5  # mentions in the body that still add weight
DATED = 2.5  # what a dateline weighs where the text names its region as well, or no other
_CAPITAL = "110000"  # whose dateline says nothing: national news comes from there


class Evidence(NamedTuple):
    """What gave a region: the words of the text, and their weight."""

    code: str
    words: str
    weight: float


class RegionFinder:
    """Finds regions in segmented text; made once for a gazetteer."""

    def __init__(self, gazetteer: Gazetteer, places: Places, lexicon: Lexicon) -> None:
        self._gazetteer = gazetteer
        self._mentions = MentionFinder(gazetteer, places, lexicon)

    def find(self, title: Words, body: Words, home: str | None = None) -> tuple[str, ...]:
        """Codes, those of the title first, then by weight; the most specific only, at most MOST.

        `home` is the region that 我市, 全省 or 县委 mean. A name shared by several regions is the one whose
        parent is mentioned too, else the one in the prefecture or province of `home`, else none.
        """
        weighed = self._weigh(title, body, home)
        return choose(weighed, self._gazetteer)[0] if weighed else ()

    def explain(self, title: Words, body: Words, home: str | None = None) -> list[Evidence]:
        """Why `find` says what it says: every mention that gave one of its codes weight, in its order.

        What names a region that holds the one found counts for that one.
        """
        weighed = self._weigh(title, body, home)
        codes, heirs = choose(weighed, self._gazetteer)
        rows = []
        for each in weighed:
            code = each.code
            while code in heirs:
                code = heirs[code]
            if code in codes and each.weight:
                source = title if each.titled else body
                words = source.value[each.mention.start : each.mention.end]
                rows.append(Evidence(code, words, each.weight))
        return sorted(rows, key=lambda row: (codes.index(row.code), -row.weight))

    def _weigh(self, title: Words, body: Words, home: str | None) -> list[Weighed]:
        """All mentions whose region can be told, with their weights."""
        titled, rest = self._mentions.find(title, home), self._mentions.find(body, home)
        if not titled and not rest:
            return []
        persons = {title.value[each.start : each.end] for each in titled if each.how is How.PERSON}
        persons.update(body.value[each.start : each.end] for each in rest if each.how is How.PERSON)
        if persons:
            titled = [each for each in titled if title.value[each.start : each.end] not in persons]
            rest = [each for each in rest if body.value[each.start : each.end] not in persons]
        known = self._known(titled, rest, home)
        shorts = self._shorts(titled, title) | self._shorts(rest, body)
        weighed: list[Weighed] = []
        counts: Counter[str] = Counter()
        for mentions, source, in_title in ((titled, title, True), (rest, body, False)):
            for each in mentions:
                if in_title:
                    weight = TITLE
                elif each.how is How.DATELINE:
                    weight = 0.0 if each.codes[0] == _CAPITAL else DATED
                else:
                    weight = LEAD if each.start < LEAD_LENGTH else BODY
                for meant in self._meant(each, known):
                    code = shorts.get(source.value[each.start : each.end], meant)
                    if meant in self._gazetteer.ancestors(code):
                        code = meant  # 长沙 is the city, though the article names 长沙县
                    counts[code] += not in_title
                    weighed.append(
                        Weighed(code, each, weight * each.share * (counts[code] <= COUNTED), in_title)
                    )
        return weighed

    def _shorts(self, mentions: Sequence[Mention], source: Words) -> dict[str, str]:
        """The short names of what is named in full: after 资阳区, 资阳 is that and no city elsewhere."""
        found = {}
        for each in mentions:
            region = self._gazetteer.get(each.codes[0]) if len(each.codes) == 1 else None
            if region is not None and source.value.endswith(region.name, 0, each.end):
                found[region.short] = region.code
        return found

    def _known(
        self, titled: Sequence[Mention], rest: Sequence[Mention], home: str | None
    ) -> tuple[frozenset[str], ...]:
        """The regions that decide between namesakes, the best first: those of the title and the dateline,
        home, all that are named, and what holds these."""
        near = _single(titled) | _single(each for each in rest if each.how is How.DATELINE)
        named = near | _single(rest)
        at_home = {home, *self._gazetteer.ancestors(home)} if home else set()
        implied = {upper for code in named for upper in self._gazetteer.ancestors(code)}
        return frozenset(near), frozenset(at_home), frozenset(named), frozenset(implied)

    def _meant(self, mention: Mention, known: Sequence[frozenset[str]]) -> tuple[str, ...]:
        """The regions meant: one, none, or all ends of a line."""
        codes = mention.codes
        if mention.how is How.CONFIRMING:
            return tuple(code for code in codes if code in known[2] or code in known[3])[:1]
        if len(codes) == 1 or mention.how is How.ALL:
            return codes
        for regions in known:
            if not regions:
                continue
            for steps in (0, -1, 1):  # itself, its parent, its province
                near = [code for code in codes if _upper(self._gazetteer, code, steps) in regions]
                if len(near) == 1:
                    return (near[0],)
        return ()


def _single(mentions: Iterable[Mention]) -> set[str]:
    """What is named for certain."""
    return {
        code
        for each in mentions
        if each.how in (How.ALL, How.DATELINE) or (each.how is How.NAMED and len(each.codes) == 1)
        for code in each.codes
    }


def _upper(gazetteer: Gazetteer, code: str, steps: int) -> str | None:
    """The region itself (0), its parent (-1) or its province (1)."""
    if not steps:
        return code
    above = gazetteer.ancestors(code)
    return above[min(steps, 0)] if above else None
