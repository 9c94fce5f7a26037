"""Rendering and request fields -> answer: 200, 226, 304 or 406, with every header they need. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.web.conditional import Coding, coding, matched, printed, unmodified
from feedsvc.web.deltas import Delta, wanted
from feedsvc.web.freshness import partial
from feedsvc.web.renditions import Rendering

# A second is long: what changes twice in one must not look unchanged. Another is for saving to take its time.
_SETTLED = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The fields of a GET or HEAD that its answer depends on, as they were sent."""

    if_none_match: str | None = None
    if_modified_since: str | None = None
    accept_encoding: str | None = None
    a_im: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer but for Content-Length and what every answer carries. HEAD has the body of GET here."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def answer(
    rendering: Rendering,
    asked: Asked,
    now: datetime,
    *,
    content_type: str,
    cache_control: str,
    delta: Callable[[str], Delta | None] = lambda if_none_match: None,
    links: str | None = None,
) -> Answer:
    """The answer to a request for `rendering`; the same from every process at the same moment.

    If-None-Match decides alone where it is given; a tag of any coding will do, since they stand for the same
    content. Last-Modified is told, and If-Modified-Since heard, only once it lies safely in the past.
    `delta` finds what changed since a state that If-None-Match names; it is asked where the client takes it.
    `links` goes along with every body (RFC 8288).
    """
    chosen = coding(asked.accept_encoding)
    if chosen is None:
        text = "This address has br, gzip and identity codings, and the request accepts none of them.\n"
        return Answer(
            status=406,
            headers=(
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Cache-Control", "no-store"),
                ("Vary", "Accept-Encoding"),
            ),
            body=text.encode(),
        )
    etag = rendering.etag(chosen)
    modified = rendering.last_modified
    if modified is not None and modified + _SETTLED > now:
        modified = None
    known = None
    if asked.if_none_match is not None:
        known = matched(asked.if_none_match, etag)
    elif asked.if_modified_since is not None and modified is not None:
        known = etag if unmodified(asked.if_modified_since, modified, now) else None
    dated = () if modified is None else (("Last-Modified", printed(modified)),)
    whole = (("Cache-Control", cache_control), ("Vary", "Accept-Encoding"))
    if known is not None:
        return Answer(status=304, headers=(("ETag", known), *whole, *dated), body=b"")
    packed = () if chosen is Coding.IDENTITY else (("Content-Encoding", str(chosen)),)
    linked = () if links is None else (("Link", links),)
    entity = (("ETag", etag), *dated, ("Content-Type", content_type), *packed, *linked)
    changes = delta(asked.if_none_match) if asked.if_none_match and wanted(asked.a_im) else None
    if changes is None:
        # No A-IM in Vary: whoever asks for changes is served by a whole feed that a cache has as well.
        return Answer(status=200, headers=(*entity, *whole), body=rendering.coded(chosen))
    manipulated = (
        ("IM", "feed"),
        ("Delta-Base", changes.base),
        ("Cache-Control", partial(cache_control)),
        ("Vary", "A-IM, If-None-Match, Accept-Encoding"),
    )
    return Answer(status=226, headers=(*entity, *manipulated), body=changes.rendering.coded(chosen))
