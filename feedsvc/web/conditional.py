"""Whether a client has an answer already, and in which coding and format it wants it (RFC 9110)."""

import email.utils
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from feedsvc.dates import http_date

_ETAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_QVALUE = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_MAX_HEADER = 4000  # characters looked at: more is no client's list


class Coding(StrEnum):
    """A content coding; the value is its name."""

    IDENTITY = "identity"
    GZIP = "gzip"


def matched(if_none_match: str, etags: Iterable[str]) -> str | None:
    """The first of `etags` (quoted, as sent) that an If-None-Match header names, compared weakly; `*` is any.

    RFC 9110, sections 8.8.3.2 and 13.1.2. What is no entity tag in the header is passed over.
    """
    ours = list(etags)
    if if_none_match.strip() == "*":
        return ours[0] if ours else None
    asked = set(_ETAG.findall(if_none_match[:_MAX_HEADER]))
    return next((etag for etag in ours if etag.removeprefix("W/").strip('"') in asked), None)


def unmodified(if_modified_since: str, last_modified: datetime, now: datetime) -> bool:
    """Whether what was last modified then has not changed since the date of the header (RFC 9110, 13.1.3).

    A date that is none, or is later than `now`, says nothing.
    """
    since = http_date(if_modified_since)
    return since is not None and last_modified <= since <= now


def printed(moment: datetime) -> str:
    """`moment` as an HTTP date; a fraction of a second is cut."""
    return email.utils.format_datetime(moment.astimezone(UTC), usegmt=True)


def coding(accept_encoding: str | None) -> Coding | None:
    """The coding for an Accept-Encoding header (RFC 9110, section 12.5.3); None if neither may be sent.

    gzip where the client wants it no less than identity; without the header identity, which all can read.
    """
    if accept_encoding is None:
        return Coding.IDENTITY
    weights = dict(weighed(accept_encoding))
    anything = weights.get("*")
    gzip = weights.get("gzip", weights.get("x-gzip", anything))
    identity = weights.get("identity", anything)
    if gzip and gzip >= (identity or 0):
        return Coding.GZIP
    # Identity is refused only by name or by *;q=0 (the same section).
    return Coding.IDENTITY if identity is None or identity > 0 else Coding.GZIP if gzip else None


def preferred(accept: str | None, offers: Sequence[tuple[str, Sequence[str]]]) -> str | None:
    """The name of the offer that an Accept header likes best; None where it likes none.

    Each offer is a name and its media types. Among equals a type named in full comes before a range, then the
    order of the offers decides; so it does without a header.
    """
    if accept is None:
        return offers[0][0]
    weights = dict(weighed(accept))
    best: tuple[float, int] = (0, 0)
    found = None
    for name, media_types in offers:
        liked = max(_liking(weights, media_type) for media_type in media_types)
        if liked > best and liked[0] > 0:
            best, found = liked, name
    return found


def weighed(header: str) -> Iterator[tuple[str, float]]:
    """The members of a header with q values, in lower case, without other parameters; no malformed ones."""
    for member in header[:_MAX_HEADER].split(","):
        name, *parameters = (part.strip().lower() for part in member.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                weight = float(value) if _QVALUE.fullmatch(value := value.strip()) else -1
        if name and weight >= 0:
            yield name, weight


def _liking(weights: dict[str, float], media_type: str) -> tuple[float, int]:
    """The weight of a media type and how exactly it is named: 2 in full, 1 type/*, 0 */*."""
    kind = media_type.partition("/")[0]
    for exactness, name in ((2, media_type), (1, f"{kind}/*"), (0, "*/*")):
        if name in weights:
            return weights[name], exactness
    return 0, 0
