"""The fields of HTTP messages: those to ask with, and what those of an answer say (RFC 9110)."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urldefrag, urlsplit

from feedsvc import urls
from feedsvc.dates import http_date
from feedsvc.errors import FetchError, RedirectError, RefusedUrlError
from feedsvc.wire import CODINGS

_PORTS = {"http": 80, "https": 443}
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.8, application/xhtml+xml;q=0.8, */*;q=0.5"
)
# What frames a message, names codings or makes it conditional is the client's to say.
_CLIENTS = {
    *("host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect"),
    *("accept-encoding", "if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "range"),
}
_UNKNOWN_CODINGS = {"br", "zstd", "compress", "x-compress"}
_MAX_CODINGS = 2
_MAX_VALIDATOR = 1000
_MAX_RETRY_AFTER = timedelta(hours=24)


def asked(
    *, user_agent: str, etag: str | None, last_modified: str | None, own: Mapping[str, str]
) -> dict[str, str]:
    """The fields of a GET: conditional where a validator is known; `own` win over what is usual."""
    usual = {"User-Agent": user_agent, "Accept": _ACCEPT}
    mine = {name: value for name, value in own.items() if name.lower() not in _CLIENTS}
    names = {name.lower() for name in mine}
    fields = {name: value for name, value in usual.items() if name.lower() not in names} | mine
    fields |= {"Accept-Encoding": "gzip, deflate", "Connection": "close"}
    if etag is not None:
        fields["If-None-Match"] = etag
    if last_modified is not None:
        fields["If-Modified-Since"] = last_modified
    return fields


def retry_after(value: str | None, date: str | None, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for (RFC 9110, section 10.2.3), 0 to 24 h; None where it says nothing.

    A point in time counts from the Date header of the same answer, so that no two clocks need agree, or
    from `now` where that is missing.
    """
    if value is None:
        return None
    if re.fullmatch(r"\s*[0-9]+\s*", value):
        digits = value.strip().lstrip("0")
        return min(timedelta(seconds=int(digits[:9] or "0")), _MAX_RETRY_AFTER)
    then = http_date(value)
    if then is None:
        return None
    return min(max(then - (http_date(date or "") or now), timedelta(0)), _MAX_RETRY_AFTER)


def redirect_target(url: str, location: str | None) -> str:
    """The absolute URL, without fragment, that a Location header (as http.client decodes it) sends `url` to.

    Bytes beyond ASCII are taken as UTF-8, or kept as they are where they are not. Raises RedirectError where
    it names nothing, RefusedUrlError where it leaves http and https.
    """
    if not location:
        raise RedirectError(url, "redirects without saying where to")
    raw = location.encode("latin-1", "replace")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = "".join(chr(byte) if byte < 128 else f"%{byte:02X}" for byte in raw)
    target = urls.absolute(text, url)
    if target is not None:
        return urldefrag(target).url
    scheme = re.match(r"\s*([a-z][a-z0-9+.-]{0,20}):", text, re.IGNORECASE)
    if scheme is not None and scheme[1].lower() not in _PORTS:
        raise RefusedUrlError(url, f"redirects to {scheme[1].lower()}:, and only http and https are fetched")
    raise RedirectError(url, "redirects to something that is no address")


def same_site(url: str, target: str) -> bool:
    """Whether what may be said to `url` may be said to `target`: the same origin, or its https twin."""
    (scheme, host, port), there = origin(url), origin(target)
    twin = ("https", host, 443) if (scheme, port) == ("http", 80) else None
    return there in ((scheme, host, port), twin)


def origin(url: str) -> tuple[str, str, int]:
    """The scheme, host and port of an absolute http or https URL (RFC 6454)."""
    parts = urlsplit(url)
    port = parts.port if parts.port is not None else _PORTS[parts.scheme]
    return parts.scheme, parts.hostname or "", port


def content_codings(url: str, header: str) -> list[str]:
    """The codings of a Content-Encoding header that `wire.decoded` undoes, in the order they were applied.

    Raises FetchError for one that it does not, and for more than two.
    """
    names = [name.strip().lower() for name in header.split(",")]
    for name in names:
        if name in _UNKNOWN_CODINGS:
            raise FetchError(url, f"the body is encoded as {name}, which was not asked for")
    # Anything else is a server's mistake ("utf-8", "none") that every browser overlooks.
    codings = [name for name in names if name in CODINGS]
    if len(codings) > _MAX_CODINGS:
        raise FetchError(url, f"the body is encoded {len(codings)} times over")
    return codings


def validator(value: str | None) -> str | None:
    """`value`, if it can be sent back in a header."""
    return value if value and value.isprintable() and len(value) <= _MAX_VALIDATOR else None
