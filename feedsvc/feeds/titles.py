"""What a selection is called in Chinese: 三农 · 嘉兴市 · 不含 油价."""

from typing import Protocol

from feedsvc import text
from feedsvc.model import Category, Facet, Region, Selection, Source


class Labels(Protocol):
    """What keys, codes and ids are called; None for what is not known any more."""

    def find_category(self, key: str) -> Category | None:
        """The category with this key."""
        ...

    def find_region(self, code: str) -> Region | None:
        """The region with this code."""
        ...

    def find_source(self, id_: str) -> Source | None:
        """The source with this id."""
        ...


def title(selection: Selection, labels: Labels) -> str:
    """The title of a selection for people, one line; '' for the selection of everything."""
    parts = (
        ("不含 " if clause.excluded else "")
        + "、".join(label(clause.facet, value, labels) for value in clause.values)
        for clause in selection.clauses
    )
    return text.squeeze(" · ".join(parts))


def label(facet: Facet, value: str, labels: Labels) -> str:
    """The name for people of one value of an address, never empty; the value itself where it has no other."""
    found: str | None = None
    if facet is Facet.CATEGORY and (category := labels.find_category(value)):
        found = category.label
    elif facet is Facet.REGION and (region := labels.find_region(value)):
        found = region.name
    elif facet is Facet.SOURCE and (source := labels.find_source(value)):
        found = source.title
    return text.squeeze(found or "") or text.squeeze(value) or "—"
