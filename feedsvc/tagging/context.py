"""What stands around a name in a text, and what that leaves of the name."""

import re

from feedsvc.tagging.lexicon import Lexicon
from feedsvc.tagging.places import Places, Term
from feedsvc.tagging.tokens import Words

OPENING = 60  # characters of a text in which a district without 区 is what it is about, not only where
_NEAR = 14  # characters around a name that is also a person's, in which what people do is done
_DATED = re.compile(r"(?:\d{1,2}月)?\d{1,2}日(?:专?电|讯|消息)|专?[电讯](?=[\s(（【])|报道(?=[\s:：])")
_MAY_BE_DATED = frozenset("0123456789电讯专报")
_AGENCY = frozenset("社网报台刊")
_ACTS = re.compile(r"说|坦言|笑称|跳水|[两一]跳|满分|单打|小将|选手|摘金|夺冠|夺金|折桂|领衔主演|饰演|获救")
_GROUPS = re.compile(r"[队省区一]|选手|小将|运动员|代表团|地区|游客|各地")
# Surnames that are not prepositions as well: 王永兴 is a person, 在永兴 a place.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁沈"
)
# What a word that begins with a name of a province or city is, if it is about that: 舟山渔场, 北京地铁.
_OF_PLACES = frozenset(("ns", "nt", "n"))


class Context:
    """Judges names by the words that they stand in and between."""

    def __init__(self, places: Places, lexicon: Lexicon) -> None:
        self._places = places
        self._lexicon = lexicon

    def whole(self, words: Words, start: int, end: int) -> bool:
        """Whether borders of words stand at both ends, or at one of what is no word at all: 浙企赴川."""
        first, last = words.at(start), words.at(end - 1)
        begins, ends = words.starts[first] == start, words.starts[last + 1] == end
        if begins and ends:
            return True
        word = words.words[first]
        unknown = first == last and not self._lexicon.known(word)
        return unknown and ((begins and len(word) > 2) or (ends and len(word) > 3))

    def share(self, term: Term, words: Words, start: int, end: int, *, beside: bool) -> float | None:
        """The share of its weight that a name keeps there, by what follows it in its sentence; None if it is
        no name there: not on the borders of words, or a street, brand, work or person.

        `beside`: its parent stands before it, so that words may be cut wrong: 南|通通|州区.
        """
        first = words.at(start)
        starts, every = words.starts, words.words
        if starts[first] != start and not beside and (not term.full or self._lexicon.known(every[first])):
            return None
        if term.full:
            return 1.0
        last = first if starts[first + 1] >= end else words.at(end - 1)
        rest = every[last][end - starts[last] :]
        if rest and rest not in self._places.inside and rest not in self._places.after:
            known = self._lexicon.known(every[last])
            if not (beside or term.level < 3) or (known and last != first):
                return None
            pos = self._lexicon.pos(every[last]) if known else "n"
            if pos not in _OF_PLACES and not (beside and pos[0] == "n" and len(rest) > 1):
                return None
        if words.value.rfind("《", 0, start) > words.value.rfind("》", 0, start):
            return None
        if term.level == 3 and first and every[first - 1] in _SURNAMES and starts[first] == start:
            return None
        share = self._places.after.get(rest, 1.0) if rest else self.following(words, last)
        return share or None

    def following(self, words: Words, last: int) -> float:
        """The share that the one or two words after the word with this number leave."""
        after, every = self._places.after, words.words
        if last + 1 == len(every):
            return 1.0
        following = every[last + 1]
        if following in after or last + 2 == len(every):
            return after.get(following, 1.0)
        return after.get(following + every[last + 2], 1.0)

    def acts(self, words: Words, end: int) -> bool:
        """Whether what is named there is the subject, not only where it stands (集美的驿站, 北仑港)."""
        last = words.at(end - 1)
        if words.starts[last + 1] != end:
            return words.words[last][end - words.starts[last] :] in self._places.acting
        following = words.words[last + 1] if last + 1 < len(words.words) else ""
        return end < OPENING or following in self._places.acting

    def dated(self, words: Words, start: int, end: int) -> bool:
        """Whether a name is the place of a dateline: 新华社杭州3月5日电."""
        value = words.value
        if end == len(value) or value[end] not in _MAY_BE_DATED:
            return False
        match = _DATED.match(value, end)
        if match is None:
            return False
        return match[0][0] not in "专电讯" or (start > 0 and value[start - 1] in _AGENCY)

    def person(self, term: Term, words: Words, start: int, end: int) -> bool:
        """Whether a name is a person's: after what people are, or amid what people do."""
        if term.full:
            return False
        if start and words.words[words.at(start) - 1] in self._places.roles:
            return True
        if not term.person or _GROUPS.match(words.value, end):
            return False
        return _ACTS.search(words.value, max(0, start - _NEAR), end + _NEAR) is not None
