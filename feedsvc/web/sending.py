"""Renderings and redirects -> responses of Flask."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Response, request

from feedsvc.web.answers import Asked, answer
from feedsvc.web.deltas import Delta
from feedsvc.web.rendering import Press
from feedsvc.web.renditions import Rendering

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import Headers


class Reply(Response):
    """A response whose 304 keeps Last-Modified, as RFC 9110, section 15.4.5 allows; Werkzeug drops it."""

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> "Headers":
        """The headers as they are sent."""
        headers = super().get_wsgi_headers(environ)
        if self.status_code == 304 and "Last-Modified" in self.headers:
            headers["Last-Modified"] = self.headers["Last-Modified"]
        return headers


def send(
    press: Press,
    rendering: Rendering,
    *,
    content_type: str,
    cache_control: str,
    delta: Callable[[str], Delta | None] = lambda if_none_match: None,
    links: str | None = None,
) -> Response:
    """The response to this request for `rendering`; `delta` and `links` as `answer` takes them."""
    fields = request.headers
    made = answer(
        rendering,
        Asked(
            if_none_match=fields.get("If-None-Match"),
            if_modified_since=fields.get("If-Modified-Since"),
            accept_encoding=fields.get("Accept-Encoding"),
            a_im=fields.get("A-IM"),
        ),
        press.service.clock(),
        content_type=content_type,
        cache_control=cache_control,
        delta=delta,
        links=links,
    )
    return Reply(made.body, made.status, list(made.headers))


def moved(press: Press, path: str, *, vary: str | None = None, for_good: bool = True) -> Response:
    """A redirect to a path below the site's base URL: for good, unless it depends on a field (`vary`)."""
    location = f"{press.site.base_url}/{path}"
    headers = {"Location": location, "Content-Type": "text/plain; charset=utf-8"}
    headers["Cache-Control"] = "public, max-age=300" if vary else "public, max-age=3600"
    if vary:
        headers["Vary"] = vary
    return Reply(f"{location}\n", 302 if vary or not for_good else 301, headers)
