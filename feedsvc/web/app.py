"""A service -> its web application."""

from flask import Flask, Response, abort, request
from werkzeug.routing import BaseConverter

from feedsvc.service import Service
from feedsvc.web import api, feeds, hub, listings, ops, pages, problems, push
from feedsvc.web.rendering import Press
from feedsvc.web.sending import Reply

_STATIC_AGE = 3600  # seconds
_POLICY = "default-src 'none'; frame-ancestors 'none'"
_POLICIES = {
    "text/html": f"{_POLICY}; style-src 'self'; img-src * data:; base-uri 'none'; form-action 'self'",
    # Pictures carry their styles with them.
    "image/svg+xml": f"{_POLICY}; style-src 'unsafe-inline'; sandbox",
}


class _Rest(BaseConverter):
    """The rest of a path, whatever it is."""

    regex = ".*"
    part_isolating = False


class _App(Flask):
    response_class = Reply


def create_app(service: Service, press: Press | None = None) -> Flask:
    """The web application of a loaded service; `press` renders, a new one without.

    Nothing in its answers depends on Host or X-Forwarded-*.
    """
    app = _App("feedsvc.web")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _STATIC_AGE
    # Werkzeug's own redirects would lead to whatever host the request names.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.url_map.converters["rest"] = _Rest
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    press = press or Press(service)
    look = pages.Look(app.jinja_env, press.site)
    for blueprint in (
        ops.routes(service.catalog),
        feeds.routes(press),
        listings.routes(press),
        hub.routes(press),
        api.routes(press),
        push.routes(press),
        pages.routes(press, look),
    ):
        app.register_blueprint(blueprint)
    problems.handle(app, look.problem)

    @app.before_request
    def loaded() -> None:
        if not service.catalog.loaded and request.path not in ops.PATHS:
            abort(503, "the catalog is being loaded", retry_after=1)

    @app.after_request
    def guarded(response: Response) -> Response:
        policy = _POLICIES.get(response.mimetype or "", _POLICY)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return app
