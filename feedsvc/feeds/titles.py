"""What a selection is called in Chinese: 三农 · 嘉兴市 · 不含 油价."""

from typing import Protocol

from feedsvc import text
from feedsvc.model import Category, Facet, Region, Selection, Source
from feedsvc.script import author_to, name_to, to

# What tells the feeds of one selection apart in a reader.
MARKS = {"hans": "（简体）", "hant": "（繁體）"}
# Other words than these are converted with the text.
_NAMES = {Facet.REGION: name_to, Facet.SOURCE: name_to, Facet.AUTHOR: author_to}


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


def title(selection: Selection, labels: Labels, script: str | None = None) -> str:
    """The title of a selection for people, one line; '' for the selection of everything.

    In the script `script`, if that is given.
    """
    parts = (
        ("不含 " if clause.excluded else "")
        + "、".join(label(clause.facet, value, labels, script) for value in clause.values)
        for clause in selection.clauses
    )
    return text.squeeze(" · ".join(parts))


def label(facet: Facet, value: str, labels: Labels, script: str | None = None) -> str:
    """The name for people of one value of an address, never empty; the value itself where it has no other.

    In the script `script`, if that is given.
    """
    found: str | None = None
    if facet is Facet.CATEGORY and (category := labels.find_category(value)):
        found = category.label
    elif facet is Facet.REGION and (region := labels.find_region(value)):
        found = region.name
    elif facet is Facet.SOURCE and (source := labels.find_source(value)):
        found = source.title
    elif facet is Facet.SEARCH:
        found = f"“{text.squeeze(value)}”"
    shown = text.squeeze(found or "") or text.squeeze(value) or "—"
    return shown if script is None else _NAMES.get(facet, to)(shown, script)
