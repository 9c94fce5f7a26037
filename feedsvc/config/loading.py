"""Finds the configuration, reads it, makes it whole: defaults that follow from others, absolute paths."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import urlsplit

from feedsvc import __version__
from feedsvc.config import rules
from feedsvc.config.given import CONFIG, Fault, Given, gather, read, shown, unknown
from feedsvc.config.sources import Regions, Surroundings, categories, sources
from feedsvc.config.tables import (
    SECTIONS,
    Catalog,
    Feeds,
    Refresh,
    Server,
    Site,
    Store,
    Table,
    Tagging,
    keys,
    parsed,
)
from feedsvc.errors import ConfigError
from feedsvc.model import Category, Kind, Source

FILE = "feedsvc.toml"
DEMO = Path(__file__).parents[1] / "demo" / FILE
_EMPTY: Mapping[str, str] = MappingProxyType({})
DATABASE = "feedsvc.db"
_DEMO_DATABASE = "demo.db"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ANYWHERE = {"0.0.0.0": "localhost", "::": "localhost"}
_T = TypeVar("_T", bound=Table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of the configuration, whole: paths and URLs absolute, categories and regions known.

    `file` is None for the demo site. `warnings` are sentences about what is legal and hardly meant.
    """

    site: Site
    server: Server
    store: Store
    catalog: Catalog
    refresh: Refresh
    feeds: Feeds
    tagging: Tagging
    categories: tuple[Category, ...]
    sources: tuple[Source, ...]
    file: Path | None
    warnings: tuple[str, ...] = ()

    @property
    def state_dir(self) -> Path:
        """Where locks and caches lie, beside the database; whoever needs it makes it, with mode 0700."""
        return self.store.file.with_name(f"{self.store.file.name}.d")


def load(
    path: Path | None = None,
    environ: Mapping[str, str] = _EMPTY,
    *,
    overrides: Mapping[str, object] = _EMPTY,
    regions: Regions | None = None,
) -> Settings:
    """The settings of `path`, else ./feedsvc.toml, else $FEEDSVC_CONFIG, else the demo site.

    `overrides` ("server.port": 8000; None: not given) come before `environ`, that before the file, that
    before the defaults. Reads only the file; nothing is made or changed. Raises ConfigError.
    """
    file, demo = _find(path, environ)
    given, faults = gather(str(file), read(file), environ, overrides, keys())
    faults += [
        Fault(path=(key,), problem=unknown("section", key, (*SECTIONS, "categories", "sources")))
        for key in given.tree
        if key not in (*SECTIONS, "categories", "sources")
    ]
    folder = Path(os.path.abspath(file.parent))
    server = _section(given, "server", Server, faults)
    site = _site(_section(given, "site", Site, faults), server)
    refresh = _refresh(_section(given, "refresh", Refresh, faults), site)
    known = categories(given, faults)
    around = Surroundings(
        base_url=site.base_url,
        folder=folder,
        interval=refresh.interval,
        delay=refresh.delay,
        environ=environ,
        categories=known,
        regions=_gazetteer if regions is None else lambda: regions,
    )
    settings = Settings(
        site=site,
        server=server,
        store=_section(given, "store", Store, faults),
        catalog=_section(given, "catalog", Catalog, faults),
        refresh=refresh,
        feeds=_section(given, "feeds", Feeds, faults),
        tagging=_mapped(_section(given, "tagging", Tagging, faults), known, faults),
        categories=known,
        sources=sources(given, faults, around),
        file=None if demo else folder / file.name,
    )
    if faults:
        raise given.error(faults)

    default = (lambda: _demo_database(environ)) if demo else (lambda: folder / DATABASE)
    # Nobody means the package's own folder by a relative path given to the demo site from outside.
    start = Path() if demo else folder
    return replace(
        settings,
        store=_store(settings.store, start, default),
        tagging=_tagging(settings.tagging, start),
        warnings=tuple(_warnings(settings, given)),
    )


def _find(path: Path | None, environ: Mapping[str, str]) -> tuple[Path, bool]:
    """The file to read, and whether it is the demo site's."""
    if path is not None:
        return path, False
    if os.path.lexists(FILE):
        return Path(FILE), False
    if environ.get(CONFIG):
        return Path(environ[CONFIG]), False
    return DEMO, True


def _section(given: Given, name: str, table: type[_T], faults: list[Fault]) -> _T:
    """The section as written; with faults, as it is by default, so that the others can be looked at too."""
    return parsed(table, given.tree.get(name, {}), (name,), faults) or table()


def _site(site: Site, server: Server) -> Site:
    host = _ANYWHERE.get(server.host, server.host)
    own = f"http://[{host}]:{server.port}" if ":" in host else f"http://{host}:{server.port}"
    base_url = site.base_url or own
    return site.model_copy(
        update={
            "base_url": base_url,
            "authority": site.authority or urlsplit(base_url).hostname,
            "icon": rules.resolved(site.icon, base_url) if site.icon else None,
            "logo": rules.resolved(site.logo, base_url) if site.logo else None,
        }
    )


def _refresh(refresh: Refresh, site: Site) -> Refresh:
    own = f"feedsvc/{__version__} (+{site.base_url})"
    return refresh.model_copy(update={"user_agent": refresh.user_agent or own})


def _store(store: Store, folder: Path, default: Callable[[], Path]) -> Store:
    file = os.path.abspath(folder / store.file) if store.url else str(default())
    written = file.replace("%", "%25").replace("?", "%3F")  # all that has a meaning to SQLAlchemy
    return store.model_copy(update={"url": f"sqlite:///{written}"})


def _tagging(tagging: Tagging, folder: Path) -> Tagging:
    return tagging.model_copy(
        update={
            key: tuple(Path(os.path.abspath(folder / file)) for file in files)
            for key, files in (("dictionaries", tagging.dictionaries), ("stopwords", tagging.stopwords))
        }
    )


def _mapped(tagging: Tagging, known: Sequence[Category], faults: list[Fault]) -> Tagging:
    """With the keys of categories in the place of their labels."""
    names = {each.label: each.key for each in known} | {each.key: each.key for each in known}
    for written, name in tagging.category_map.items():
        if name not in names:
            allowed = [f"{each.key} {each.label}" for each in known]
            problem = f"found {shown(name)}, an {unknown('category', name, allowed, names)}"
            faults.append(Fault(path=("tagging", "category_map", written), problem=problem))
    found = {written: names.get(name, name) for written, name in tagging.category_map.items()}
    return tagging.model_copy(update={"category_map": found})


def _demo_database(environ: Mapping[str, str]) -> Path:
    """The demo site's database: in the user's state folder (XDG Base Directory 0.8), else a temporary one."""
    state, home = environ.get("XDG_STATE_HOME", ""), environ.get("HOME", "")
    candidates = [Path(state)] if os.path.isabs(state) else []
    candidates += [Path(home, ".local", "state")] if os.path.isabs(home) else []
    for folder in candidates:
        if can_hold(folder / "feedsvc"):
            return folder / "feedsvc" / _DEMO_DATABASE
    folder = Path(tempfile.gettempdir(), f"feedsvc-{os.getuid()}")
    if os.path.lexists(folder) and (folder.is_symlink() or folder.lstat().st_uid != os.getuid()):
        # Anybody can make a folder there; what another user made is not to be written to.
        raise ConfigError(
            str(folder), "belongs to another user; allowed: to set store.url, HOME or XDG_STATE_HOME"
        )
    return folder / _DEMO_DATABASE


def can_hold(folder: Path) -> bool:
    """Whether `folder` can be written, or made where it is not yet."""
    while not os.path.lexists(folder):
        folder = folder.parent
    effective = os.access in os.supports_effective_ids
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK, effective_ids=effective)


def _warnings(settings: Settings, given: Given) -> Iterator[str]:
    if not any(source.enabled for source in settings.sources):
        yield f"{given.name}: no source is enabled; the feeds will stay empty"
    pushed = next((s.id for s in settings.sources if s.enabled and s.kind is Kind.PUSH), None)
    if pushed is not None and not settings.server.api_keys:
        yield (
            f"{given.name}: source {pushed!r} is of kind 'push', but server.api_keys is empty; "
            "nothing can be pushed"
        )
    if "base_url" not in given.tree.get("site", {}) and settings.server.host not in _LOOPBACK:
        yield (
            f"{given.name}: site.base_url is not set; links will lead to {settings.site.base_url}, "
            "which other machines may not reach"
        )


def _gazetteer() -> Regions:
    from feedsvc.tagging import gazetteer  # half a megabyte that only sources with a region need

    return gazetteer.load()
