"""Which article a draft is: recognised again by guid, link, title and day, or place in a folder; else new.

Pure and for ever: subscribers keep the ids made here for years. Within one source an article is recognised by
its guid, else its canonical link, else its title and day; a folder adds the file that holds it (its slot), so
that a new title in the same file is an edit. A key that several different articles of one document share says
nothing and is passed over.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from feedsvc import dates, text, urls
from feedsvc.model import Draft

_TAG = re.compile(r"<[^>]*>")
_LINKED = re.compile(r'\b(?:src|href|poster)="([^"]*)"')


class KeyKind(StrEnum):
    """What an article is recognised by, the most reliable first."""

    GUID = "guid"
    LINK = "link"
    TEXT = "text"
    TITLE = "title"
    SLOT = "slot"


NAMES = (KeyKind.GUID, KeyKind.LINK)  # what a source gives an article to be told from all others


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that an article is recognised by, within its source."""

    kind: KeyKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows of an article that a key led to. `published` as stored, aware."""

    id: str
    digest: str
    published: datetime
    bodied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A draft and the article it is: its `id`, and the keys it shall be found by: all that no other draft of
    the document has before it.

    `new`: the store has no such article yet. `repeat`: another draft of the document is the same article and
    says more of it; nothing of this one is kept.
    """

    draft: Draft
    id: str
    new: bool
    repeat: bool
    keys: tuple[Key, ...]


def digest(draft: Draft) -> str:
    """What must change for `updated` to move: title, text of the body, what it links and shows, enclosures.

    Markup alone (a class, white space, an attribute's order) does not count.
    """
    parts = [
        text.fold(draft.title),
        text.fold(_TAG.sub("", draft.html)),
        *_LINKED.findall(draft.html),
        *(e.url for e in draft.enclosures),
    ]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def keys_of(draft: Draft) -> tuple[Key, ...]:
    """Every key of a draft, those that make ids first. An undated draft's title counts without a day.

    A draft with neither guid, link nor slot has its text as a key too: two such of one title and day differ
    in nothing else.
    """
    keys = []
    if draft.guid:
        keys.append(Key(KeyKind.GUID, draft.guid))
    if draft.link:
        keys.append(Key(KeyKind.LINK, urls.canonical(draft.link)))
    day = dates.day_of(draft.published) if draft.published else ""
    keys.append(Key(KeyKind.TITLE, f"{text.fold(draft.title)}\n{day}"))
    if draft.slot:
        keys.append(Key(KeyKind.SLOT, draft.slot))
    elif draft.html and not draft.guid and not draft.link:
        keys.append(Key(KeyKind.TEXT, f"{digest(draft)}\n{day}"))
    return tuple(keys)


def keys_for(drafts: Sequence[Draft]) -> list[tuple[Key, ...]]:
    """The keys of each draft of one document, without guids and links that different ones have in common."""
    guids, links = _shared(drafts)
    return [
        keys_of(
            replace(
                draft,
                guid=None if draft.guid in guids else draft.guid,
                link=None if draft.link and urls.canonical(draft.link) in links else draft.link,
            )
        )
        for draft in drafts
    ]


def recognise(
    source: str,
    drafts: Sequence[Draft],
    known: Mapping[Key, Known],
    *,
    held: Set[str] = frozenset(),
    taken: Callable[[str], bool] = lambda _: False,
    named: bool = False,
) -> tuple[Recognised, ...]:
    """Each draft, in order, with the article it is.

    `known` maps every key of the drafts that the store has to its article; `held` are articles that another
    document still holds; `taken` says whether an id exists already. `named`: every draft has a guid or link
    of its own, given to name it; these alone say which article it is, however alike two texts may be.
    """
    keys = keys_for(drafts)
    if named:
        keys = [tuple(key for key in own if key.kind in NAMES) for own in keys]
    # Drafts that say more speak first: a bare headline of the same article must not displace them.
    order = sorted(
        range(len(drafts)), key=lambda i: (not drafts[i].html, not (drafts[i].guid or drafts[i].link))
    )
    claimed: dict[str, int] = {}
    found: dict[int, str] = {}
    for kind in KeyKind:
        for index in order:
            if index in found:
                continue
            for key in keys[index]:
                match = known.get(key)
                if key.kind is not kind or match is None:
                    continue
                free = match.id not in claimed and match.id not in held
                if named and not free and kind is KeyKind.LINK:
                    continue  # the address went from one article to another, which has a guid
                if _fits(drafts[index], keys[index], key.kind, match, free=free, claimed=match.id in claimed):
                    found[index] = match.id
                    claimed.setdefault(match.id, index)
    fresh: dict[Key, int] = {}
    stored = set(found)
    for index in order:
        earlier = None if index in found else _earlier(drafts, index, keys[index], fresh)
        if earlier is not None:
            found[index] = found[earlier]
        elif index not in found:
            found[index] = _new_id(source, keys[index], lambda i: i in claimed or taken(i))
            claimed[found[index]] = index
        for key in keys[index]:
            fresh.setdefault(key, index)
    return tuple(
        Recognised(
            draft=draft,
            id=found[index],
            new=claimed[found[index]] not in stored,
            repeat=claimed[found[index]] != index,
            keys=tuple(key for key in keys[index] if fresh[key] == index),
        )
        for index, draft in enumerate(drafts)
    )


def _earlier(
    drafts: Sequence[Draft], index: int, keys: Sequence[Key], fresh: Mapping[Key, int]
) -> int | None:
    """The draft of the same document that is the same article as the one at `index`, if there is one."""
    for key in keys:
        if key in fresh and _repeats(drafts[index], drafts[fresh[key]], key):
            return fresh[key]
    return None


def _fits(
    draft: Draft, keys: Sequence[Key], kind: KeyKind, match: Known, *, free: bool, claimed: bool
) -> bool:
    """Whether the article that a key of `kind` leads to is this draft, all of whose keys are `keys`.

    `claimed`: another draft of the document is that article already; `free`: neither that, nor held by
    another document.
    """
    if kind in NAMES:
        return True
    named = any(key.kind in NAMES for key in keys)
    if kind is KeyKind.SLOT:
        # A file with a guid or link of its own says which article it is; then the place says nothing.
        return free and not named
    if kind is KeyKind.TEXT:
        return not named
    if not named:
        # A headline that stands on two pages, or beside its article, is one; two bodies are two articles.
        return free or not draft.html or (not match.bodied and not claimed)
    if not free:
        return False
    # Guid and link both changed: the same only if the text is the same or the minute of publication is.
    dated = draft.published is not None and dates.has_clock(draft.published)
    return (match.bodied and match.digest == digest(draft)) or (dated and match.published == draft.published)


def _repeats(draft: Draft, earlier: Draft, key: Key) -> bool:
    """Whether a draft that shares `key` with an earlier one of its document is the same article."""
    if key.kind in (KeyKind.GUID, KeyKind.LINK, KeyKind.TEXT):
        return True
    if key.kind is KeyKind.SLOT:
        return False
    return not draft.html or not earlier.html or digest(draft) == digest(earlier)


def _shared(drafts: Sequence[Draft]) -> tuple[set[str], set[str]]:
    """The guids and canonical links that drafts of one document share though they are different articles."""
    by_guid: dict[str, list[Draft]] = defaultdict(list)
    by_link: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.guid:
            by_guid[draft.guid].append(draft)
        if draft.link:
            by_link[urls.canonical(draft.link)].append(draft)
    guids = {
        guid
        for guid, group in by_guid.items()
        if len({urls.canonical(d.link) if d.link else "" for d in group}) > 1 and _titles(group) > 1
    }
    links = set()
    for link, group in by_link.items():
        named = {d.guid for d in group if d.guid and d.guid not in guids}
        if len(named) > 1 or (not named and _titles(group) > 1):
            links.add(link)
    return guids, links


def _titles(group: Sequence[Draft]) -> int:
    return len({text.fold(d.title) for d in group})


def _new_id(source: str, keys: Sequence[Key], taken: Callable[[str], bool]) -> str:
    """The id of a new article: from its most reliable key; from the next where that id is another's."""
    for key in keys:
        ident = urls.article_uuid(source, key.kind, key.value)
        if not taken(ident):
            return ident
    number = 2
    while taken(ident := urls.article_uuid(source, keys[0].kind, f"{keys[0].value}\n{number}")):
        number += 1
    return ident
