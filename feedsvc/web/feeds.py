"""/feeds/…: every feed at its canonical address, every other spelling led there."""

from flask import Blueprint, Response, abort, request

from feedsvc.feeds.address import MAX_PATH, path, split_suffix
from feedsvc.feeds.formats import CONTENT_TYPES
from feedsvc.model import Format
from feedsvc.web.conditional import preferred
from feedsvc.web.paths import meaning, sent, spelled
from feedsvc.web.rendering import Press
from feedsvc.web.sending import moved, send
from feedsvc.websub.topics import links

_LONGEST = MAX_PATH + len(".json")
# The formats by preference: what a client likes equally well is answered by the first.
_OFFERS = (
    (Format.ATOM, ("application/atom+xml",)),
    (Format.RSS, ("application/rss+xml",)),
    (Format.JSON, ("application/feed+json", "application/json")),
)


def routes(press: Press) -> Blueprint:
    """The routes of feeds."""
    blueprint = Blueprint("feeds", __name__)
    hubs = press.site.hubs

    @blueprint.get("/feeds/<rest:_>")
    def feed(_: str) -> Response:
        raw = sent(request.environ)
        if not raw.startswith("/feeds/"):  # an encoded slash is not one that separates
            abort(404)
        raw = raw.removeprefix("/feeds/")
        if len(raw) > _LONGEST:
            abort(414)
        stem, suffix = split_suffix(raw)
        address = meaning(stem, press.names)
        if suffix is None:
            liked = preferred(request.headers.get("Accept"), _OFFERS) or Format.ATOM
            return moved(press, f"feeds/{path(address)}.{liked}", vary="Accept")
        canonical = f"{path(address)}.{suffix}"
        if not spelled(raw, canonical):
            return moved(press, f"feeds/{canonical}")
        subscribable = hubs and address.archive is None
        return send(
            press,
            press.feed(address, suffix),
            content_type=CONTENT_TYPES[suffix],
            cache_control=press.cache_control(address.selection),
            delta=lambda if_none_match: press.delta(address, suffix, if_none_match),
            links=links(hubs, f"{press.site.base_url}/feeds/{canonical}") if subscribable else None,
        )

    return blueprint
