"""Whether a client has an answer already, and in which coding and format it wants it (RFC 9110)."""

import email.utils
import re
from collections.abc import Iterator, Sequence
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
    BROTLI = "br"


def matched(if_none_match: str, etag: str) -> str | None:
    """The entity tag in an If-None-Match header that stands for the same bytes as `etag`; `*` stands for all.

    RFC 9110, sections 8.8.3.2 and 13.1.2: compared weakly. Ours say what the bytes are before the first `-`,
    after it in which coding they were sent, and whatever else; so the one found may be another than `etag`,
    which comes first where both are named. What is no entity tag in the header is passed over.
    """
    if if_none_match.strip() == "*":
        return etag
    same = [f'"{opaque}"' for _, opaque in named(if_none_match) if _bytes(opaque) == _bytes(etag.strip('"'))]
    return etag if etag in same else next(iter(same), None)


def named(if_none_match: str) -> Iterator[tuple[str, str]]:
    """The entity tags in an If-None-Match header: each as it was sent, and what stands between its quotes."""
    for found in _ETAG.finditer(if_none_match[:_MAX_HEADER]):
        yield found[0], found[1]


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
    """The coding for an Accept-Encoding header (RFC 9110, section 12.5.3); None if none of ours may be sent.

    What weighs most, and among equals br, then gzip. Without the header identity, which all can read.
    """
    if accept_encoding is None:
        return Coding.IDENTITY
    weights = dict(weighed(accept_encoding))
    anything = weights.get("*")
    packed = {
        Coding.BROTLI: weights.get("br", anything),
        Coding.GZIP: weights.get("gzip", weights.get("x-gzip", anything)),
    }
    best = max(packed, key=lambda each: packed[each] or 0)
    identity = weights.get("identity", anything)
    if packed[best] and (packed[best] or 0) >= (identity or 0):
        return best
    # Identity is refused only by name or by *;q=0 (the same section).
    return Coding.IDENTITY if identity is None or identity > 0 else None


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


def _bytes(opaque: str) -> str:
    return opaque.partition("-")[0]


def _liking(weights: dict[str, float], media_type: str) -> tuple[float, int]:
    """The weight of a media type and how exactly it is named: 2 in full, 1 type/*, 0 */*."""
    kind = media_type.partition("/")[0]
    for exactness, name in ((2, media_type), (1, f"{kind}/*"), (0, "*/*")):
        if name in weights:
            return weights[name], exactness
    return 0, 0
