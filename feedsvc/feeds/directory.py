"""What a site calls things: words of addresses -> keys, codes and ids; and these -> labels for people."""

from collections.abc import Iterable
from typing import Protocol

from feedsvc import text
from feedsvc.errors import UnknownError
from feedsvc.model import Category, Region, Source

_ASKED = 40  # characters of a bad word repeated in an error


class Regions(Protocol):
    """What a directory asks of a gazetteer."""

    def get(self, code: str) -> Region | None:
        """The region with this code."""
        ...

    def resolve(self, name_or_path: str) -> str:
        """The code meant by a code, name or path of names; raises UnknownError."""
        ...


class Directory:
    """The categories, regions and sources of one site: `address.Names` and `build.Labels`. Immutable."""

    def __init__(self, categories: Iterable[Category], regions: Regions, sources: Iterable[Source]) -> None:
        self._categories = {category.key: category for category in categories}
        self._regions = regions
        self._sources = {source.id: source for source in sources}
        self._keys = {text.fold(category.label): category.key for category in self._categories.values()}
        self._keys |= {text.fold(key): key for key in self._categories}

    def category(self, value: str) -> str:
        """The key of the category with this key or label, however written. Raises UnknownError."""
        try:
            return self._keys[text.fold(value)]
        except KeyError as exc:
            raise UnknownError(f"there is no category {text.cut(value, _ASKED)!r}") from exc

    def region(self, value: str) -> str:
        """The code meant by a code, a name or a path of names (浙江/嘉兴). Raises UnknownError."""
        return self._regions.resolve(value)

    def source(self, value: str) -> str:
        """`value`, if a source has this id. Raises UnknownError."""
        if value not in self._sources:
            raise UnknownError(f"there is no source {text.cut(value, _ASKED)!r}")
        return value

    def find_category(self, key: str) -> Category | None:
        """The category with this key; None where the configuration has lost it since."""
        return self._categories.get(key)

    def find_region(self, code: str) -> Region | None:
        """The region with this code; None for a code that no gazetteer knows."""
        return self._regions.get(code)

    def find_source(self, id_: str) -> Source | None:
        """The source with this id; None where the configuration has lost it since."""
        return self._sources.get(id_)
