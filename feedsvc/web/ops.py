"""For who runs the service: is the process alive, is it ready."""

from flask import Blueprint, Response

from feedsvc.tail import Catalog
from feedsvc.web.sending import Reply

_HEADERS = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
PATHS = ("/healthz", "/readyz")


def routes(catalog: Catalog) -> Blueprint:
    """The routes of operation; none touches the store, or makes anything happen."""
    blueprint = Blueprint("ops", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return Reply("alive\n", 200, _HEADERS)

    @blueprint.get("/readyz")
    def readyz() -> Response:
        if not catalog.loaded:
            return Reply("the catalog is being loaded\n", 503, _HEADERS | {"Retry-After": "1"})
        return Reply("ready\n", 200, _HEADERS)

    return blueprint
