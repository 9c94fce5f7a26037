"""feedsvc.toml + environment -> Settings. The only package that imports pydantic."""

from feedsvc.config.checking import check
from feedsvc.config.loading import DEMO, FILE, Settings, load
from feedsvc.config.sources import Regions
from feedsvc.config.tables import Catalog, Feeds, Refresh, Server, Site, Store, Tagging

__all__ = [
    "DEMO",
    "FILE",
    "Catalog",
    "Feeds",
    "Refresh",
    "Regions",
    "Server",
    "Settings",
    "Site",
    "Store",
    "Tagging",
    "check",
    "load",
]
