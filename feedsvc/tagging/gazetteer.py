"""The administrative divisions of China by GB/T 2260 code: who holds whom, and what a name means.

Pure data: no segmentation, so that any process may hold it (some 6 MB, 30 ms to load).
"""

import functools
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from itertools import pairwise, product

from feedsvc import text
from feedsvc.errors import UnknownError
from feedsvc.model import Region

_SHOWN = 8  # paths listed in an error
_ASKED = 40  # characters of a bad name repeated in an error


class Gazetteer:
    """Regions by code, by name, and as a tree of at most three levels. Immutable."""

    def __init__(self, regions: Mapping[str, Region]) -> None:
        """`regions` by code; a parent stands before its children."""
        self._regions = dict(regions)
        self._children: dict[str | None, list[Region]] = {}
        self._ancestors: dict[str, tuple[str, ...]] = {}
        self._names: dict[str, list[str]] = {}
        self._shorts: dict[str, list[str]] = {}
        self._former: dict[str, list[str]] = {}
        self._paths = {region.path: region.code for region in self._regions.values()}
        for region in self._regions.values():
            self._children.setdefault(region.parent, []).append(region)
            above = self._ancestors[region.parent] if region.parent else ()
            self._ancestors[region.code] = (*above, region.parent) if region.parent else ()
            self._names.setdefault(region.name, []).append(region.code)
            self._shorts.setdefault(region.short, []).append(region.code)
            for name in region.former:
                self._former.setdefault(name, []).append(region.code)

    def __iter__(self) -> Iterator[Region]:
        """All regions, in the order of their codes."""
        return iter(self._regions.values())

    def __contains__(self, code: object) -> bool:
        return code in self._regions

    def get(self, code: str) -> Region | None:
        """The region with this code."""
        return self._regions.get(code)

    def children(self, code: str | None) -> tuple[Region, ...]:
        """The regions directly below `code`, by code; the provinces for None."""
        return tuple(self._children.get(code, ()))

    def ancestors(self, code: str) -> tuple[str, ...]:
        """The codes above `code`, from the province down, without itself."""
        return self._ancestors.get(code, ())

    def below(self, code: str) -> tuple[str, ...]:
        """The codes of everything below `code`, by code, without itself."""
        found: list[str] = []
        for child in self.children(code):
            found += (child.code, *self.below(child.code))
        return tuple(found)

    def path(self, code: str) -> str:
        """The full names from the province down, as in an address: 浙江省/嘉兴市."""
        return "/".join(self._regions[each].name for each in (*self.ancestors(code), code))

    def codes(self, name: str) -> tuple[str, ...]:
        """Every region that `name` may mean: by full name, else by short name, else by a former name."""
        for table in (self._names, self._shorts, self._former):
            if name in table:
                return tuple(table[name])
        return ()

    def resolve(self, name_or_path: str) -> str:
        """The code meant by 330400, 嘉兴, 嘉兴市, 浙江/嘉兴 or 浙江省嘉兴市.

        A full name comes before a short one, a short one before a former one, and a short name shared by
        levels means the highest (吉林: the province). Levels may be left out of a path. Raises UnknownError,
        whose sentence lists the paths that a shared name may mean.
        """
        value = text.fold(name_or_path).strip("/")
        if value in self._regions:
            return value
        parts = value.split("/")
        found = self._path_ends(parts) if all(parts) else []
        if not found and value in self._paths:
            found = [self._paths[value]]
        if len(found) == 1:
            return found[0]
        asked = text.cut(text.squeeze(name_or_path), _ASKED)
        if not found:
            raise UnknownError(f"there is no region {asked!r}")
        top = min(self._regions[code].level for code in found)
        highest = [code for code in found if self._regions[code].level == top]
        if len(highest) == 1 and parts[-1] not in self._names:
            return highest[0]
        paths = [self.path(code) for code in found]
        shown = ", ".join(paths[:_SHOWN]) + (", …" if len(paths) > _SHOWN else "")
        raise UnknownError(f"{asked!r} is the name of {len(paths)} regions: {shown}")

    def _path_ends(self, parts: list[str]) -> list[str]:
        """The codes of the last part that lie below one of each part before it."""
        steps = [self.codes(part) for part in parts]
        if len(parts) == 1:
            return list(steps[0])
        if len(parts) > 3:
            return []
        ends = [
            chain[-1]
            for chain in product(*steps)
            if all(upper in self.ancestors(lower) for upper, lower in pairwise(chain))
        ]
        return list(dict.fromkeys(ends))


@functools.cache
def load() -> Gazetteer:
    """The gazetteer that is shipped (data/gazetteer.jsonl; its origin is in data/NOTICE)."""
    lines = (
        resources.files("feedsvc.tagging").joinpath("data/gazetteer.jsonl").read_text("utf-8").splitlines()
    )
    rows = json.loads("[" + ",".join(lines) + "]")
    return Gazetteer({row["code"]: _region(row) for row in rows})


def _region(row: Mapping[str, object]) -> Region:
    former = row.get("former", [])
    names = [str(name) for name, _year in former] if isinstance(former, list) else []
    return Region(
        code=str(row["code"]),
        name=str(row["name"]),
        short=str(row["short"]),
        level=int(str(row["level"])),
        parent=str(row["parent"]) if row["parent"] else None,
        path=str(row["path"]),
        former=tuple(dict.fromkeys(name for name in names if name != row["name"])),
    )
