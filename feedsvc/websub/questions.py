"""What the hub asks a callback before it believes a request (WebSub, sections 5.2 and 5.3)."""

import hmac
from datetime import timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from feedsvc.calling import Reply
from feedsvc.store.subscriptions import SUBSCRIBE, Asking

DENIED = "denied"


def question(asking: Asking, challenge: str) -> str:
    """The URL that asks whether a request was meant."""
    fields = {"hub.mode": asking.mode, "hub.topic": asking.topic, "hub.challenge": challenge}
    if asking.mode == SUBSCRIBE:
        fields["hub.lease_seconds"] = str(int(asking.lease / timedelta(seconds=1)))
    return _with(asking.callback, fields)


def denial(callback: str, topic: str, reason: str) -> str:
    """The URL that tells a subscriber that a subscription is denied, or over."""
    return _with(callback, {"hub.mode": DENIED, "hub.topic": topic, "hub.reason": reason})


def confirmed(reply: Reply, challenge: str) -> bool:
    """Whether a subscriber said yes: success, and the challenge, byte for byte."""
    return reply.good and hmac.compare_digest(reply.body, challenge.encode())


def _with(url: str, fields: dict[str, str]) -> str:
    """`url` with `fields` after whatever query it has, which stays as it is."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(fields))))
    return urlunsplit(parts._replace(query=query))
