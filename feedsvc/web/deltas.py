"""What an ETag tells of the state of a feed, so that a poll brings only what came since (RFC 3229).

Nothing is kept of what was sent to whom: the tag alone says enough, in every process and after a restart. It
is no secret and need not be: whoever makes one up gets fewer entries of a feed that is open to all.
"""

import hashlib
import re
from dataclasses import dataclass

from feedsvc.catalog import Selected, key_of
from feedsvc.model import Article
from feedsvc.web.conditional import named, weighed
from feedsvc.web.renditions import Rendering

_TAG = re.compile(
    r"(?P<digest>[0-9a-f]{32})"
    r"-(?P<state>[0-9a-f]{1,16}\.[0-9a-f]{1,16}\.[0-9a-f]{1,16})\.(?P<check>[0-9a-f]{8})(?:-gz|-br)?"
)
_NEWEST = 1 << 63  # above every key


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How far a feed went: the last `revision` in it, the last second in which something in it `changed`
    (since 1970 UTC), and the key of the `oldest` article it showed.

    Revisions alone would do but for two cases: an article that had fallen off the end of the feed and is
    back, because another was withdrawn; and a store restored from a backup, which gives its numbers again.
    """

    revision: int
    changed: int
    oldest: int

    def __str__(self) -> str:
        return f"{self.revision:x}.{self.changed:x}.{self.oldest:x}"

    def holds(self, article: Article) -> bool:
        """Whether an article that is in the feed now was in this state of it, the same as now."""
        return (
            article.revision <= self.revision
            and _second(article) <= self.changed
            and (article.withdrawn is not None or key_of(article) >= self.oldest)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """An earlier state of a feed that a client has: the entity tag as it was sent, and what it says."""

    etag: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A feed with nothing but what came after a state of it; `base` is the entity tag of that state.

    The rendering has no ETag that could be sent: that of a 226 is the whole feed's.
    """

    base: str
    rendering: Rendering


def wanted(a_im: str | None) -> bool:
    """Whether an A-IM header takes a feed of changes, no less than a whole one (RFC 3229, section 10.5.3)."""
    weights = dict(weighed(a_im or ""))
    return weights.get("feed", 0) > 0 and weights.get("feed", 0) >= weights.get("identity", 0)


def state_of(selected: Selected) -> State:
    """The state of a feed that holds exactly `selected`."""
    everything = (*selected.articles, *selected.withdrawn)
    return State(
        revision=max((a.revision for a in everything), default=0),
        changed=max(map(_second, everything), default=0),
        oldest=min(map(key_of, selected.articles), default=_NEWEST),
    )


def tag(digest: str, state: State, feed: str) -> str:
    """What the ETag of `feed` says where its bytes have `digest`; read back by `base`.

    `feed` is whatever tells it from all others, and from itself under another configuration.
    """
    return f"{digest}-{state}.{_check(digest, str(state), feed)}"


def base(if_none_match: str, feed: str) -> Base | None:
    """The latest state of `feed` that an If-None-Match header names; other tags are passed over."""
    found: list[Base] = []
    for etag, opaque in named(if_none_match):
        parts = _TAG.fullmatch(opaque)
        if parts and parts["check"] == _check(parts["digest"], parts["state"], feed):
            revision, changed, oldest = (int(number, 16) for number in parts["state"].split("."))
            state = State(revision=revision, changed=changed, oldest=oldest)
            found.append(Base(etag=etag, state=state))
    return max(found, key=lambda each: (each.state.revision, each.state.changed), default=None)


def _check(digest: str, state: str, feed: str) -> str:
    return hashlib.blake2b(f"{digest}-{state} {feed}".encode(), digest_size=4).hexdigest()


def _second(article: Article) -> int:
    return max(0, int(article.changed.timestamp()))
