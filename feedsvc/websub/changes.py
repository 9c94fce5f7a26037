"""Which topics changed since they were last announced. Pure."""

from collections.abc import Set
from dataclasses import dataclass
from enum import Enum

from feedsvc.store.announcements import Known, News
from feedsvc.websub.publications import Mark


class Look(Enum):
    """How closely a topic must be looked at."""

    NONE = "it is as it was"
    NOTE = "it is new to us, and nobody waits for it"
    READ = "its bytes tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """What is `subscribed` at our own hub; the revision up to which all was `announced`, None: never."""

    subscribed: Set[str]
    announced: int | None


def look(topic: str, mark: Mark, known: Known | None, interest: Interest) -> Look:
    """How closely to look at a topic whose mark is `mark` now."""
    subscribed = topic in interest.subscribed
    if known is None:
        return Look.READ if subscribed or _came(mark, interest) else Look.NOTE
    if mark.text != known.mark or (subscribed and known.digest is None):
        return Look.READ
    return Look.NONE


def news(topic: str, mark: Mark, known: Known | None, digest: str | None, interest: Interest) -> News:
    """What to keep of a topic, of whose bytes `digest` is known now, and whether public hubs are to be told.

    They are told where its bytes are other than when it was announced. Where those were not known, the mark
    tells; where nothing was known, whether an article in it is newer than all that was announced.
    """
    if known is None:
        changed = _came(mark, interest)
    elif known.digest is None or digest is None:
        changed = mark.text != known.mark
    else:
        changed = digest != known.digest
    return News(topic=topic, mark=mark.text, digest=digest, ping=changed, revision=mark.revision)


def _came(mark: Mark, interest: Interest) -> bool:
    return interest.announced is not None and mark.revision > interest.announced
