"""The categories and sources of a configuration: what they refer to exists, what they say fits their kind."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Protocol

from feedsvc.config import rules
from feedsvc.config.given import Fault, Given, shown, unknown
from feedsvc.config.lines import Key
from feedsvc.config.tables import REGION, URL, CategoryForm, SourceForm, parsed
from feedsvc.errors import UnknownError
from feedsvc.model import Category, Kind, Publish, Selectors, Source

# The keys that only sources of some kinds can have.
_FETCHED = (Kind.AUTO, Kind.FEED, Kind.PAGE, Kind.SITEMAP)
_OF_KINDS = {
    "path": (Kind.FOLDER,),
    "headers": _FETCHED,
    "user_agent": _FETCHED,
    "robots": _FETCHED,
    "delay": _FETCHED,
    "max_items": (*_FETCHED, Kind.FOLDER),
    "full_text": (Kind.AUTO, Kind.FEED),
    "selectors": (Kind.AUTO, Kind.PAGE, Kind.SITEMAP),
}


class Regions(Protocol):
    """Knows the administrative divisions."""

    def resolve(self, name_or_path: str, /) -> str:
        """The code of a code, name or path; UnknownError where there is none, or more than one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What sources take from the rest of the configuration; relative paths start at `folder`."""

    base_url: str
    folder: Path
    interval: timedelta
    delay: timedelta
    environ: Mapping[str, str]
    categories: tuple[Category, ...]
    regions: Callable[[], Regions]


def categories(given: Given, faults: list[Fault]) -> tuple[Category, ...]:
    """The categories as written, else those that are shipped.

    One that has the key of a shipped category takes from it the codes that it does not give itself.
    """
    shipped = {category.key: category for category in _shipped()}
    if "categories" not in given.tree:
        return tuple(shipped.values())
    found: list[Category] = []
    taken: dict[str, Key] = {}
    for path, written in _tables(given, "categories", faults):
        for key in ("key", "label"):
            _claim((*path, key), written, taken, faults)
        form = parsed(CategoryForm, written, path, faults)
        if form is None:
            # Sources may refer to it all the same: that would be no fault of theirs.
            found.append(Category(key=_text(written, "key") or "", label=_text(written, "label") or ""))
        else:
            own = shipped.get(form.key, Category(key=form.key, label=form.label))
            iptc = own.iptc if form.iptc is None else form.iptc
            gb = own.gb if form.gb is None else form.gb
            found.append(Category(key=form.key, label=form.label, terms=form.terms, iptc=iptc, gb=gb))
    return tuple(found)


def sources(given: Given, faults: list[Fault], around: Surroundings) -> tuple[Source, ...]:
    """The sources as written, with defaults filled in, references looked up, paths and URLs absolute."""
    found: list[Source] = []
    taken: dict[str, Key] = {}
    for path, written in _tables(given, "sources", faults):
        _claim((*path, "id"), written, taken, faults)
        category = _category(path, written, around, faults)
        region = _region(path, written, around, faults)
        form = parsed(SourceForm, written, path, faults)
        if form is None:
            continue
        faults += [Fault(path=(*path, key), problem=problem) for key, problem in _misfits(form)]
        headers = _headers(path, form, around, faults)
        found.append(
            Source(
                id=form.id,
                kind=Kind(form.kind),
                title=form.title or form.id,
                url=rules.resolved(form.url, around.base_url) if form.url else None,
                path=Path(os.path.abspath(around.folder / form.path)) if form.path else None,
                interval=form.interval or around.interval,
                enabled=form.enabled,
                category=category,
                region=region,
                author=form.author,
                headers=headers,
                max_items=form.max_items,
                full_text=bool(form.full_text),
                selectors=Selectors(**form.selectors) if form.selectors else None,
                robots=form.robots is not False,
                delay=around.delay if form.delay is None else form.delay,
                publish=Publish(form.publish),
            )
        )
    return tuple(found)


def _tables(given: Given, name: str, faults: list[Fault]) -> Iterator[tuple[Key, object]]:
    written = given.tree.get(name, [])
    if isinstance(written, list):
        yield from (((name, place), table) for place, table in enumerate(written))
    else:
        faults.append(
            Fault(path=(name,), problem=f"found {shown(written)}; allowed: tables headed [[{name}]]")
        )


def _text(written: object, key: str) -> str | None:
    """The value of a key that must be text; None if it is not: then its table has that fault already."""
    value = written.get(key) if isinstance(written, dict) else None
    return value.strip() or None if isinstance(value, str) else None


def _claim(path: Key, written: object, taken: dict[str, Key], faults: list[Fault]) -> None:
    """A fault if an earlier table has the name at `path`."""
    name = _text(written, str(path[-1]))
    first = taken.setdefault(name, path) if name else path
    if first[:2] != path[:2]:
        found = f"found {shown(name)}, taken by no. {int(first[1]) + 1}"
        faults.append(Fault(path=path, problem=f"{found}; allowed: one that no other has"))


def _misfits(form: SourceForm) -> Iterator[tuple[str, str]]:
    """The keys that a source of this kind must have, or cannot, each with what is wrong."""
    kind = form.kind
    for key, kinds in _OF_KINDS.items():
        if getattr(form, key) not in (None, {}) and kind not in kinds:
            named = " or ".join(repr(each.value) for each in kinds)
            yield key, f"found on a source of kind {kind!r}; allowed: only where kind = {named}"
    if kind == Kind.FOLDER and form.path is None:
        yield "path", "missing; allowed: a folder"
    if kind in _FETCHED and form.url is None and form.path is None:
        yield "url", f"missing; allowed: {URL}"
    if kind in _FETCHED and form.url is not None and "://" not in form.url:
        yield "url", f"found {shown(form.url)}; allowed: {URL}"


def _headers(path: Key, form: SourceForm, around: Surroundings, faults: list[Fault]) -> dict[str, str]:
    """The headers of a source with what the environment has for each ${NAME}; `user_agent` among them."""
    found = {}
    for name, value in form.headers.items():
        try:
            found[name] = rules.header_value(rules.expanded(value, around.environ))
        except KeyError as exc:
            problem = f"the environment has no {exc.args[0]}; allowed: a variable that is set"
            faults.append(Fault(path=(*path, "headers", name), problem=problem))
        except ValueError:
            problem = "found a value that is not shown; allowed: printable ASCII on one line"
            faults.append(Fault(path=(*path, "headers", name), problem=problem))
    named = any(name.lower() == "user-agent" for name in found)
    return found if named or form.user_agent is None else {"User-Agent": form.user_agent} | found


def _category(path: Key, written: object, around: Surroundings, faults: list[Fault]) -> str | None:
    name = _text(written, "category")
    keys = {each.key: each.key for each in around.categories}
    labels = {each.label: each.key for each in around.categories}
    if name is None or name in keys or name in labels:
        return keys.get(name or "") or labels.get(name or "")
    allowed = [f"{each.key} {each.label}" for each in around.categories]
    problem = f"found {shown(name)}, an {unknown('category', name, allowed, (*keys, *labels))}"
    faults.append(Fault(path=(*path, "category"), problem=problem))
    return None


def _region(path: Key, written: object, around: Surroundings, faults: list[Fault]) -> str | None:
    name = _text(written, "region")
    if name is None:
        return None
    try:
        return around.regions().resolve(name)
    except UnknownError as exc:
        faults.append(Fault(path=(*path, "region"), problem=f"{exc}; allowed: {REGION}"))
        return None


def _shipped() -> tuple[Category, ...]:
    # Not asked of feedsvc.tagging: its modules bring the dictionary, which no web worker needs.
    text = resources.files("feedsvc.tagging").joinpath("data/categories.json").read_text("utf-8")
    return tuple(
        Category(key=row["key"], label=row["label"], iptc=tuple(row["iptc"]), gb=tuple(row["gb"]))
        for row in json.loads(text)["categories"]
    )
