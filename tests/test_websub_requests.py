"""The form that a subscriber sends: what it asks for, or why it is refused."""

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_network
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.netguard import Network
from feedsvc.store.subscriptions import Counts
from feedsvc.websub import requests
from feedsvc.websub.requests import Refused, Wish, excess, read_form

TOPIC = "https://news.example/feeds/all.atom"
CALLBACK = "https://reader.example/push?id=7f3a"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def form(**changed: str | None) -> bytes:
    """A form that asks to subscribe; `hub_mode="…"` changes a field, None leaves it out."""
    fields = {"hub_mode": "subscribe", "hub_topic": TOPIC, "hub_callback": CALLBACK} | changed
    named = {name.replace("_", ".", 1): value for name, value in fields.items() if value is not None}
    return urlencode(named).encode()


def read(body: bytes, allowed: Sequence[Network] = ()) -> Wish:
    found = read_form(body, allowed)
    assert isinstance(found, Wish), found
    return found


def refused(body: bytes, allowed: Sequence[Network] = ()) -> str:
    found = read_form(body, allowed)
    assert isinstance(found, Refused), found
    assert found.status == 400
    return found.reason


def test_a_request_to_subscribe() -> None:
    assert read(form(hub_secret="geheim 密", hub_lease_seconds="7200", hub_more="x", other="y")) == Wish(
        mode="subscribe",
        topic=TOPIC,
        callback=CALLBACK,
        host="reader.example",
        secret="geheim 密",
        lease=2 * HOUR,
    )


def test_a_secret_is_in_no_text_about_it() -> None:
    assert "hush" not in repr(read(form(hub_secret="hush")))


def test_what_is_left_out_has_a_default() -> None:
    wish = read(form(hub_secret=""))
    assert (wish.secret, wish.lease) == (None, 10 * DAY)
    assert read(form(hub_mode="unsubscribe", hub_lease_seconds="nonsense")).mode == "unsubscribe"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("1", HOUR),
        ("3599", HOUR),
        ("3601", timedelta(seconds=3601)),
        ("0864000", 10 * DAY),
        ("2592000", 30 * DAY),
        ("2592001", 30 * DAY),
        ("9" * 400, 30 * DAY),
    ],
)
def test_leases_are_brought_within_bounds(asked: str, given: timedelta) -> None:
    assert read(form(hub_lease_seconds=asked)).lease == given


@pytest.mark.parametrize("asked", ["0", "000", "-1", "1.5", "1e3", "a day", "１０", " 60"])
def test_a_lease_is_a_positive_whole_number(asked: str) -> None:
    assert refused(form(hub_lease_seconds=asked)) == "hub.lease_seconds is a positive whole number"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://reader.example", "http://reader.example/"),
        ("https://reader.example:8443/a?b=c&b=d#e", "https://reader.example:8443/a?b=c&b=d"),
        ("https://reader.example/订阅?é", "https://reader.example/%E8%AE%A2%E9%98%85?%C3%A9"),
        ("https://reader.example/a%2Fb?q=%zz", "https://reader.example/a%2Fb?q=%25zz"),
        ("http://93.184.215.14/push", "http://93.184.215.14/push"),
        ("http://93.184.215.14:8080/push", "http://93.184.215.14:8080/push"),
    ],
)
def test_callbacks(given: str, kept: str) -> None:
    assert read(form(hub_callback=given)).callback == kept


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("ftp://reader.example/", "an http or https URL of at most 2000 characters"),
        ("javascript:alert(1)", "an http or https URL of at most 2000 characters"),
        ("/push", "an http or https URL of at most 2000 characters"),
        (f"https://reader.example/{'x' * 2000}", "an http or https URL of at most 2000 characters"),
        (f"https://reader.example/{'订' * 300}", "an http or https URL of at most 2000 characters"),
        ("https://me:pw@reader.example/", "must not hold a user name"),
        ("http://127.0.0.1/push", "leads to a private address (127.0.0.1)"),
        ("http://10.1.2.3:8080/push", "leads to a private address (10.1.2.3)"),
        ("http://[::1]/push", "leads to a private address (::1)"),
        ("http://[::ffff:192.168.0.1]/push", "leads to a private address (::ffff:"),
        ("http://169.254.169.254/latest", "leads to a private address (169.254.169.254)"),
        ("http://93.184.215.14:25/", "leads to port 25, where no web site is"),
    ],
)
def test_callbacks_that_are_none(given: str, reason: str) -> None:
    assert reason in refused(form(hub_callback=given))


def test_private_callbacks_are_taken_where_they_are_allowed() -> None:
    allowed = [ip_network("10.0.0.0/8")]
    assert read(form(hub_callback="http://10.1.2.3:8080/push"), allowed).host == "10.1.2.3"
    assert "private" in refused(form(hub_callback="http://127.0.0.1/push"), allowed)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "hub.mode is subscribe or unsubscribe"),
        (form(hub_mode=None), "hub.mode is subscribe or unsubscribe"),
        (form(hub_mode="publish"), "hub.mode is subscribe or unsubscribe"),
        (form(hub_mode="Subscribe"), "hub.mode is subscribe or unsubscribe"),
        (form(hub_callback=None), "hub.callback is missing"),
        (form(hub_topic=""), "hub.topic is missing"),
        (form() + b"&hub.topic=x", "hub.topic is given more than once"),
        (form(hub_secret="密" * 67), "hub.secret is longer than 200 bytes"),
        (form() + b"&x=%FF", "the body is no form in UTF-8"),
        (form() + b"&x=\xff", "the body is no form in UTF-8"),
        (form() + b"&a" * 50, "the body is no form in UTF-8"),
    ],
)
def test_forms_that_are_refused(body: bytes, reason: str) -> None:
    assert refused(body) == reason


def test_secrets_may_be_as_long_as_that() -> None:
    assert read(form(hub_secret="s" * 200)).secret == "s" * 200


def test_a_form_that_is_too_large() -> None:
    found = read_form(form(x="x" * requests.MAX_BODY), ())
    assert isinstance(found, Refused)
    assert found.status == 413


@given(st.binary(max_size=300))
def test_any_bytes_are_a_wish_or_refused(body: bytes) -> None:
    assert isinstance(read_form(body, ()), Refused | Wish)


@given(st.text(min_size=1))
def test_any_callback_is_ascii_or_refused(callback: str) -> None:
    found = read_form(form(hub_callback=callback.encode("utf-8", "replace").decode()), ())
    if isinstance(found, Wish):
        assert found.callback.isascii()
        assert found.callback.startswith(("http://", "https://"))


def counts(**changed: int) -> Counts:
    return Counts(**({"asked": 0, "asked_by_host": 0, "held": 0, "held_by_host": 0} | changed))


@pytest.mark.parametrize(
    ("mode", "found", "status", "again"),
    [
        ("subscribe", counts(), None, None),
        ("subscribe", counts(asked=599, asked_by_host=119, held=9999, held_by_host=499), None, None),
        ("subscribe", counts(asked_by_host=120), 429, 60),
        ("subscribe", counts(asked=600), 503, 60),
        ("subscribe", counts(held_by_host=500), 403, None),
        ("subscribe", counts(held=10_000), 503, 60),
        ("unsubscribe", counts(held_by_host=500, held=10_000), None, None),
        ("unsubscribe", counts(asked_by_host=120), 429, 60),
    ],
)
def test_limits(mode: str, found: Counts, status: int | None, again: int | None) -> None:
    refusal = excess(mode, found)
    if status is None:
        assert refusal is None
    else:
        assert refusal is not None
        assert (refusal.status, refusal.retry_after) == (status, again)
