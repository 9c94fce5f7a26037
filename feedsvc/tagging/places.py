"""What people call the regions of China: full, short, former and nicknames, and what only looks so."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from feedsvc.model import Region
from feedsvc.tagging.gazetteer import Gazetteer

UNITS = "省市区县州盟旗"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """`names` to codes, more than one where a name is shared; `every` has also those that a name means only
    after their parent (青海海南), as do `bare`, which mean nothing by themselves (浙江江山).

    `heads` are the first two characters of either. `after` makes a short name something else, `inside` may
    follow it within one word. `home` maps 我市 or 县委 to the last character of the region meant. One of
    `verbs` before one of `abbreviations` is a place (来厦). `shortened` maps full names: 嘉兴市 to 嘉兴.
    """

    names: Mapping[str, tuple[str, ...]]
    every: Mapping[str, tuple[str, ...]]
    bare: Mapping[str, tuple[str, ...]]
    heads: frozenset[str]
    after: tuple[str, ...]
    inside: frozenset[str]
    home: Mapping[str, str]
    verbs: frozenset[str]
    abbreviations: Mapping[str, str]
    shortened: Mapping[str, str]

    def words(self) -> dict[str, str]:
        """What a segmenter should keep whole, as places or (我市) pronouns."""
        return dict.fromkeys(self.names, "ns") | dict.fromkeys(self.home, "r")


def load(gazetteer: Gazetteer) -> Places:
    """The names in `gazetteer`, with data/places.toml."""
    lists = _lists()
    words = frozenset(lists["words"].split())
    districts = frozenset(lists["districts"].split())
    names: dict[str, list[Region]] = {}
    bare: dict[str, tuple[str, ...]] = {}
    shortened: dict[str, str] = {}
    for region in gazetteer:
        own = [region.name, *region.former]
        if _alone(region, words, districts):
            own.append(region.short)
            if not region.name.endswith("区") or region.level == 1:
                shortened[region.name] = region.short
        elif len(region.short) > 1:
            bare[region.short] = (*bare.get(region.short, ()), region.code)
        for name in own:
            if len(name) > 1 and (name not in words or region.level == 1):
                names.setdefault(name, []).append(region)
    coded = {name: _preferred(name, regions) for name, regions in names.items()}
    coded |= {name: (code,) for name, code in lists["nicknames"].items()}
    return Places(
        names=coded,
        every={name: tuple(region.code for region in regions) for name, regions in names.items()},
        bare=bare,
        heads=frozenset(name[:2] for name in (*coded, *bare)),
        after=tuple(lists["after"].split()),
        inside=frozenset(lists["inside"].split()),
        home={phrase: unit for unit, phrases in lists["home"].items() for phrase in phrases.split()},
        verbs=frozenset(lists["verbs"].split()),
        abbreviations=lists["abbreviations"],
        shortened=shortened,
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


@functools.cache
def _lists() -> dict[str, Any]:
    content = resources.files("feedsvc.tagging").joinpath("data/places.toml").read_text("utf-8")
    return tomllib.loads(content)
