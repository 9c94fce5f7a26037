"""What people call the regions of China, as terms to look for, and what only looks like them."""

import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib import resources
from typing import Any, NamedTuple

from feedsvc.model import Region
from feedsvc.tagging.gazetteer import Gazetteer

UNITS = "省市区县州盟旗"


class Kind(Enum):
    """What a term is."""

    NAME = 1  # a full, short or former name or a nickname
    BARE = 2  # a name that is also a word: it counts beside its parent (浙江江山), at home, or once confirmed
    HOME = 3  # 我市, 县委, 市教育局
    ARRIVAL = 4  # 来厦, 赴杭: a place of one character after a verb of one
    PEOPLE = 5  # 台青: people by where they are from
    AREA = 6  # 京津冀: several regions at once
    LINE = 7  # 西成高铁: so are its ends
    SIGHT = 8  # 外滩: what stands in one place only
    NOTHING = 9  # 大理石: no region, whatever stands in it


class Term(NamedTuple):
    """A term of a text: `codes` it may stand for by itself, `every` also after their parent (青海海南).

    `full`: a name with its unit (嘉兴市). `level` of the highest region meant. `unit`: the last character of
    the region that a HOME means. `person`: it is a name of people, too (宁夏).
    """

    kind: Kind
    codes: tuple[str, ...] = ()
    every: tuple[str, ...] = ()
    full: bool = False
    level: int = 3
    unit: str = ""
    person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """`terms` by what they are called, with what stands around names; `pronouns` are 我市 and the like.

    `after`: what follows a short name, and the share that is left of its weight: 0 makes it something else
    (南京路), less than 1 a thing or people elsewhere (北京大学, 河南游客). `inside` may follow a name in a
    word. `passing` stand before what is only come from or gone to (赴山东), `roles` before people. `acting`
    is what follows a district that does something. `shortened` maps full names: 嘉兴市 to 嘉兴.
    """

    terms: Mapping[str, Term]
    pronouns: frozenset[str]
    after: Mapping[str, float]
    inside: frozenset[str]
    acting: frozenset[str]
    passing: frozenset[str]
    roles: frozenset[str]
    shortened: Mapping[str, str]

    def words(self) -> dict[str, str]:
        """What a segmenter should keep whole, as places or (我市) pronouns."""
        names = {word: "ns" for word, term in self.terms.items() if term.kind in (Kind.NAME, Kind.PEOPLE)}
        return names | dict.fromkeys(self.pronouns, "r")


def load(gazetteer: Gazetteer) -> Places:
    """The names in `gazetteer`, with data/places.toml."""
    lists = _lists()
    names = _Names(gazetteer, lists)
    terms = dict(_homes(lists)) | dict(_arrivals(lists))
    terms |= {name: Term(Kind.BARE, (), tuple(codes)) for name, codes in names.bare.items()}
    terms |= dict(names.terms(gazetteer))
    for kind, table in (
        (Kind.NAME, "nicknames"),
        (Kind.PEOPLE, "people"),
        (Kind.AREA, "areas"),
        (Kind.SIGHT, "sights"),
    ):
        for words, regions in lists[table].items():
            codes = tuple(gazetteer.resolve(region) for region in regions.split())
            for word in words.split("|"):
                terms[word] = Term(kind, codes, codes, level=2)
    for line, regions in lists["lines"].items():
        codes = tuple(gazetteer.resolve(region) for region in regions.split())
        terms |= {line + end: Term(Kind.LINE, codes, codes) for end in lists["rails"].split()}
    terms |= dict.fromkeys(lists["nothing"].split(), Term(Kind.NOTHING))
    return Places(
        terms=terms,
        pronouns=frozenset(phrase for phrases in lists["home"].values() for phrase in phrases.split()),
        after={word: float(share) for share, words in lists["after"].items() for word in words.split()},
        inside=frozenset(lists["inside"].split()),
        acting=frozenset(lists["acting"].split()),
        passing=frozenset(lists["passing"].split()),
        roles=frozenset(lists["roles"].split()),
        shortened=names.shortened,
    )


class _Names:
    """What the regions of a gazetteer are called: alone (`own`), and (`bare`) only beside their parents."""

    def __init__(self, gazetteer: Gazetteer, lists: Mapping[str, Any]) -> None:
        words = frozenset(lists["words"].split())
        districts = frozenset(lists["districts"].split())
        self.persons = frozenset(lists["persons"].split())
        self.own: dict[str, list[Region]] = {}
        self.bare: dict[str, list[str]] = {}
        self.shortened: dict[str, str] = {}
        for region in gazetteer:
            names = [region.name, *region.former]
            if "自治" in region.name and region.level > 1:
                names.append(region.short.removesuffix("族") + region.name[-1])  # 东乡县, 凉山州
            if _alone(region, words, districts):
                names.append(region.short)
                if not region.name.endswith("区") or region.level == 1:
                    self.shortened[region.name] = region.short
            elif len(region.short) > 1:
                self.bare.setdefault(region.short, []).append(region.code)
            for name in names:
                if len(name) > 1 and (name not in words or region.level == 1):
                    self.own.setdefault(name, []).append(region)

    def terms(self, gazetteer: Gazetteer) -> Iterator[tuple[str, Term]]:
        for name, regions in self.own.items():
            codes = _preferred(name, regions)
            known = [region for code in codes if (region := gazetteer.get(code))]
            yield (
                name,
                Term(
                    Kind.NAME,
                    codes,
                    tuple(dict.fromkeys([*(r.code for r in regions), *self.bare.get(name, ())])),
                    full=name[-1] in UNITS and all(name != region.short for region in known),
                    level=min(region.level for region in known),
                    person=name in self.persons,
                ),
            )


def _alone(region: Region, words: frozenset[str], districts: frozenset[str]) -> bool:
    """Whether the short name means the region wherever it stands."""
    if region.level == 1:
        return True
    if len(region.short) < 2 or region.short in words:
        return False
    return region.level == 2 or not region.name.endswith("区") or region.short in districts


def _preferred(name: str, regions: list[Region]) -> tuple[str, ...]:
    """Those meant by a shared name.

    Current full names come before short ones, these before former names of the same stem (海宁县: 海宁市)
    and of others; where no name is full, the highest level (吉林: the province).
    """
    full = [region for region in regions if region.name == name]
    short = [region for region in regions if region.short == name]
    stem = [region for region in regions if region.short == name.rstrip(UNITS)]
    best = full or short or stem or regions
    if not full:
        top = min(region.level for region in best)
        highest = [region for region in best if region.level == top]
        best = highest if len(highest) == 1 else best
    return tuple(dict.fromkeys(region.code for region in best))


def _homes(lists: Mapping[str, Any]) -> Iterator[tuple[str, Term]]:
    """我市, 市委, 市教育局 and the like for each unit."""
    for unit, phrases in lists["home"].items():
        term = Term(Kind.HOME, unit=unit)
        yield from ((phrase, term) for phrase in phrases.split())
        if unit in lists["governed"]:
            yield from ((unit + office, term) for office in lists["offices"].split())


def _arrivals(lists: Mapping[str, Any]) -> Iterator[tuple[str, Term]]:
    """来厦 and 甬企: the codes are of the one character."""
    for short, code in lists["abbreviations"].items():
        for verb in lists["few"].get(short, lists["verbs"]).split():
            yield verb + short, Term(Kind.ARRIVAL, (code,), (code,))
        for thing in lists["things"].split():
            yield short + thing, Term(Kind.ARRIVAL, (code,), (code,))


@functools.cache
def _lists() -> dict[str, Any]:
    content = resources.files("feedsvc.tagging").joinpath("data/places.toml").read_text("utf-8")
    return tomllib.loads(content)
