"""The form that a subscriber sends to the hub -> a request, or why it is none (WebSub, section 5.1)."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qsl, urldefrag, urlsplit

from feedsvc import httpfields, netguard, urls
from feedsvc.store.subscriptions import SUBSCRIBE, UNSUBSCRIBE, Counts

MAX_BODY = 8192
LEASE = timedelta(days=10)
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)
MAX_SECRET = 200  # bytes
MAX_CALLBACK = 2000  # characters
# What a hub of one site needs, many times over; more is an attack on it, or through it on somebody else.
ASKED, ASKED_BY_HOST = 600, 120  # requests in a minute
HELD, HELD_BY_HOST = 10_000, 500  # subscriptions
_MAX_FIELDS = 50
_AGAIN = 60  # seconds, where a limit is reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a form asks for. `topic` as it was sent; `host` is the callback's."""

    mode: str
    topic: str
    callback: str
    host: str
    secret: str | None = field(repr=False)
    lease: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a request is not taken: an HTTP status and a sentence; when to come again, in seconds."""

    status: int
    reason: str
    retry_after: int | None = None


def read_form(body: bytes, allowed: Sequence[netguard.Network]) -> Wish | Refused:
    """What the bytes of a form (application/x-www-form-urlencoded, UTF-8) ask for.

    Callbacks that name a private address are refused unless it is in `allowed`; where names lead is seen when
    they are called. Leases are brought between an hour and 30 days. Unknown fields are passed over.
    """
    if len(body) > MAX_BODY:
        return Refused(status=413, reason=f"the form is larger than {MAX_BODY} bytes")
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        return _bad("the body is no form in UTF-8")
    form = dict(pairs)
    twice = [name for name in form if name.startswith("hub.") and sum(n == name for n, _ in pairs) > 1]
    if twice:
        return _bad(f"{twice[0]} is given more than once")
    mode = form.get("hub.mode", "")
    if mode not in (SUBSCRIBE, UNSUBSCRIBE):
        return _bad("hub.mode is subscribe or unsubscribe")
    missing = [name for name in ("hub.callback", "hub.topic") if not form.get(name)]
    if missing:
        return _bad(f"{missing[0]} is missing")
    callback = _callback(form["hub.callback"], allowed)
    if isinstance(callback, Refused):
        return callback
    lease = _lease(form) if mode == SUBSCRIBE else LEASE
    if lease is None:
        return _bad("hub.lease_seconds is a positive whole number")
    secret = form.get("hub.secret") or None
    if secret is not None and len(secret.encode()) > MAX_SECRET:
        return _bad(f"hub.secret is longer than {MAX_SECRET} bytes")
    host = httpfields.origin(callback)[1]
    return Wish(mode=mode, topic=form["hub.topic"], callback=callback, host=host, secret=secret, lease=lease)


def excess(mode: str, counts: Counts) -> Refused | None:
    """Which limit a request goes beyond, if any."""
    if counts.asked_by_host >= ASKED_BY_HOST:
        return _later(429, f"more than {ASKED_BY_HOST} requests for one callback host in a minute")
    if counts.asked >= ASKED:
        return _later(503, f"more than {ASKED} requests in a minute")
    if mode == SUBSCRIBE and counts.held_by_host >= HELD_BY_HOST:
        return Refused(status=403, reason=f"one callback host may have {HELD_BY_HOST} subscriptions")
    if mode == SUBSCRIBE and counts.held >= HELD:
        return _later(503, f"this hub has {HELD} subscriptions and takes no more")
    return None


def _callback(given: str, allowed: Sequence[netguard.Network]) -> str | Refused:
    url = urls.absolute(given)
    if url is None or len(given) > MAX_CALLBACK or len(url) > MAX_CALLBACK:
        return _bad(f"hub.callback is an http or https URL of at most {MAX_CALLBACK} characters")
    if "@" in urlsplit(given.strip()).netloc:
        return _bad("hub.callback must not hold a user name")
    url = urldefrag(url).url
    _, host, port = httpfields.origin(url)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return url
    objection = netguard.objection([address], port, allowed)
    return url if objection is None else _bad(f"hub.callback leads to {objection}")


def _lease(form: Mapping[str, str]) -> timedelta | None:
    given = form.get("hub.lease_seconds", "")
    if not given:
        return LEASE
    digits = given.lstrip("0")
    if not (given.isascii() and given.isdigit() and digits):
        return None
    return min(max(timedelta(seconds=int(digits[:9])), SHORTEST), LONGEST)


def _bad(reason: str) -> Refused:
    return Refused(status=400, reason=reason)


def _later(status: int, reason: str) -> Refused:
    return Refused(status=status, reason=reason, retry_after=_AGAIN)
