"""/hub: the site's own WebSub hub takes requests (WebSub, section 5.1); who is on duty sees to them."""

import logging

from flask import Blueprint, Response, abort, request

from feedsvc.errors import AddressError, StoreError, UnknownError
from feedsvc.store.subscriptions import SUBSCRIBE, Asking
from feedsvc.web.rendering import Press
from feedsvc.web.sending import Reply
from feedsvc.websub.requests import MAX_BODY, Refused, Wish, excess, read_form
from feedsvc.websub.topics import read_topic

log = logging.getLogger(__name__)

_FORM = "application/x-www-form-urlencoded"
_ACCEPTED = "the callback will be asked at once whether it meant this"


def routes(press: Press) -> Blueprint:
    """The route of the hub: without one, there is nothing here."""
    blueprint = Blueprint("hub", __name__)
    settings = press.service.settings

    @blueprint.route("/hub", methods=["GET", "POST"])
    def hub() -> Response:
        if not settings.feeds.hub:
            abort(404, "this site has no hub of its own")
        if request.method != "POST":
            abort(405, valid_methods=["POST"])
        if request.mimetype != _FORM:
            return _answer(415, f"a request to the hub is a form: {_FORM}")
        wish = read_form(request.stream.read(MAX_BODY + 1), settings.refresh.allow_networks)
        if isinstance(wish, Refused):
            return _refusal(wish)
        try:
            refused = _kept(press, wish)
        except UnknownError as exc:
            return _answer(404, f"hub.topic: {exc}")
        except AddressError as exc:
            return _answer(400, f"hub.topic: {exc}")
        except StoreError as exc:
            log.warning("POST /hub: %s", exc)
            refused = Refused(status=503, reason="the store cannot be written now", retry_after=5)
        return _answer(202, _ACCEPTED) if refused is None else _refusal(refused)

    return blueprint


def _kept(press: Press, wish: Wish) -> Refused | None:
    """Keeps a wish for whoever is on duty, unless it goes beyond a limit."""
    service = press.service
    topic = read_topic(wish.topic, press.site.base_url, press.names)
    subscribing = wish.mode == SUBSCRIBE
    asking = Asking(
        mode=wish.mode,
        topic=topic.url,
        callback=wish.callback,
        host=wish.host,
        secret=wish.secret,
        lease=wish.lease,
        # Whoever subscribes has read the feed just before: what changes from now on is news to them.
        digest=press.feed(topic.address, topic.format).digest if subscribing else "",
    )
    return service.store.subscriptions.ask(
        asking, service.clock(), lambda counts: excess(asking.mode, counts)
    )


def _refusal(refused: Refused) -> Response:
    answer = _answer(refused.status, refused.reason)
    if refused.retry_after is not None:
        answer.headers["Retry-After"] = str(refused.retry_after)
    return answer


def _answer(status: int, sentence: str) -> Response:
    headers = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
    return Reply(f"{sentence}\n", status, headers)
