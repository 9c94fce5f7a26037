"""Rendering and request fields -> answer: 200, 304 or 406, with every header they need. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.web.conditional import Coding, coding, matched, printed, unmodified
from feedsvc.web.renditions import Rendering

# A second is long: what changes twice in one must not look unchanged. Another is for saving to take its time.
_SETTLED = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The fields of a GET or HEAD that its answer depends on, as they were sent."""

    if_none_match: str | None = None
    if_modified_since: str | None = None
    accept_encoding: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer but for Content-Length and what every answer carries. HEAD has the body of GET here."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def answer(
    rendering: Rendering, asked: Asked, now: datetime, *, content_type: str, cache_control: str
) -> Answer:
    """The answer to a request for `rendering`; the same from every process at the same moment.

    If-None-Match decides alone where it is given, with the ETags of all codings, since they stand for the
    same content. Last-Modified is told, and If-Modified-Since heard, only once it lies safely in the past.
    """
    chosen = coding(asked.accept_encoding)
    if chosen is None:
        text = "This address has gzip and identity codings, and the request accepts neither.\n"
        return Answer(
            status=406,
            headers=(
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Cache-Control", "no-store"),
                ("Vary", "Accept-Encoding"),
            ),
            body=text.encode(),
        )
    body, etag = rendering.coded(chosen)
    modified = rendering.last_modified
    if modified is not None and modified + _SETTLED > now:
        modified = None
    known = None
    if asked.if_none_match is not None:
        known = matched(asked.if_none_match, dict.fromkeys((etag, rendering.etag, rendering.gzip_etag)))
    elif asked.if_modified_since is not None and modified is not None:
        known = etag if unmodified(asked.if_modified_since, modified, now) else None
    headers = [("ETag", known or etag), ("Cache-Control", cache_control), ("Vary", "Accept-Encoding")]
    if modified is not None:
        headers.append(("Last-Modified", printed(modified)))
    if known is not None:
        return Answer(status=304, headers=tuple(headers), body=b"")
    headers.append(("Content-Type", content_type))
    if chosen is Coding.GZIP:
        headers.append(("Content-Encoding", chosen))
    return Answer(status=200, headers=tuple(headers), body=body)
