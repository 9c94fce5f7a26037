"""Which writer and which media type a format has."""

from collections.abc import Callable, Mapping

from feedsvc.feeds.atom import write_atom
from feedsvc.feeds.generator import MEDIA_TYPES
from feedsvc.feeds.jsonfeed import write_json
from feedsvc.feeds.rss import write_rss
from feedsvc.model import Feed, Format

CONTENT_TYPES: Mapping[Format, str] = {
    suffix: f"{media_type}; charset=utf-8" for suffix, media_type in MEDIA_TYPES.items()
}
OPML_TYPE = "text/x-opml; charset=utf-8"

_WRITERS: Mapping[Format, Callable[[Feed], bytes]] = {
    Format.RSS: write_rss,
    Format.ATOM: write_atom,
    Format.JSON: write_json,
}


def write(feed: Feed, suffix: Format) -> bytes:
    """The bytes of `feed` in one format. Equal feeds are equal bytes."""
    return _WRITERS[suffix](feed)
