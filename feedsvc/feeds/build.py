"""Address, articles and bodies -> Feed: purely, so that equal catalogs give equal feeds."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from feedsvc import __version__, text, urls
from feedsvc.feeds.address import arranged, path
from feedsvc.feeds.entries import LeftOut, entry, in_script, told_again, whole_second
from feedsvc.feeds.titles import MARKS, Labels, title
from feedsvc.model import Address, Article, Body, Entry, Feed, Format, Paging, Tombstone
from feedsvc.script import LANGUAGES, name_to, to

_NO_BODY = Body()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What all feeds of a site have in common.

    `base_url` is the origin of every link; `authority` a domain name of the publisher, from which the ids of
    feeds are made and which should outlive any change of `base_url`. `content` and `limit` hold where an
    address says nothing.
    """

    title: str
    base_url: str
    authority: str
    description: str = ""
    language: str = "zh-CN"
    icon: str | None = None
    logo: str | None = None
    hubs: tuple[str, ...] = ()
    content: str = "full"
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Archives:
    """How many archives a feed has: `full` ones, which never change, and `newest`, the number of the last.

    The last may be one more than the full ones: it grows until it is full. 0 where there is none.
    """

    full: int = 0
    newest: int = 0


def build_feed(
    address: Address,
    articles: Sequence[Article],
    bodies: Mapping[str, Body],
    tombstones: Sequence[Tombstone],
    *,
    site: Site,
    names: Labels,
    ttl: timedelta,
    born: datetime,
    archives: Archives = Archives(),
    related: Mapping[str, Sequence[Article]] = MappingProxyType({}),
    report: Callable[[LeftOut], None] | None = None,
) -> Feed:
    """The feed of `address`, which any writer can write.

    `articles` fit the address and stand in the order of the feed; those beyond its limit are not used.
    `bodies` by article id; a missing one is empty. `tombstones` may name an article by its id or its urn.
    `ttl` is the shortest interval of the sources drawn from, `born` a moment that never changes (when the
    store was made): an empty feed is as old as that. `related` are by article id what other sources have of
    the same story. An article that cannot be shown is left out and told to
    `report`.

    In another script the entries keep their ids, since they are the same entries; the feed has an id of its
    own, as every address has, since it is another feed (RFC 4287, 4.2.6). An archive has the id of the feed
    that it belongs to, and holds every article given.
    """
    address = arranged(address)
    base = site.base_url.rstrip("/")
    content, script = address.content or site.content, address.script
    entries: dict[str, Entry] = {}
    shown = articles if address.archive else articles[: address.limit or site.limit]
    for article in shown:
        body = bodies.get(article.id, _NO_BODY)
        if script:
            article, body = in_script(article, body, script)
        made = entry(article, body, base_url=base, content=content, labels=names, script=script)
        if isinstance(made, Entry):
            others = (
                told_again(other, base_url=base, labels=names, script=script)
                for other in related.get(article.id, ())
            )
            entries.setdefault(made.id, replace(made, related=tuple(filter(None, others))))
        elif report is not None:
            report(made)
    graves = _graves(tombstones, entries)
    spelled = path(address)
    about = title(address.selection, names, script)
    site_title = text.squeeze(site.title) or urls.host_of(base)
    site_description = text.squeeze(site.description) or site_title
    if script:
        site_title, site_description = name_to(site_title, script), to(site_description, script)
    mark = MARKS[script] if script else ""
    return Feed(
        id=feed_id(address, site.authority),
        title=(f"{about} — {site_title}" if about else site_title) + mark,
        description=f"{about}：{site_description}" if about else site_description,
        language=LANGUAGES[script] if script else site.language,
        home=f"{base}/{spelled}",
        self_urls=_urls(base, address),
        updated=max(
            [made.updated for made in entries.values()] + [grave.when for grave in graves],
            default=whole_second(born),
        ),
        entries=tuple(entries.values()),
        tombstones=graves,
        author=site_title,
        # An archive changes too seldom to be subscribed to.
        hubs=() if address.archive else tuple(dict.fromkeys(filter(None, map(urls.absolute, site.hubs)))),
        icon=urls.absolute(site.icon, f"{base}/"),
        logo=urls.absolute(site.logo, f"{base}/"),
        rights=_rights(entries.values()),
        ttl=ttl,
        content=content,
        generator_version=__version__,
        paging=_paging(base, address, archives),
    )


def _rights(entries: Iterable[Entry]) -> str | None:
    """What all entries say of their rights, if that is the same."""
    said = {entry.rights for entry in entries}
    return said.pop() if len(said) == 1 else None


def feed_id(address: Address, authority: str) -> str:
    """The id of a feed: UUIDv5 of its canonical path within `authority` (RFC 9562, 5.5), as a URN.

    The same in all formats, on every replica and after a move to another base URL. A UUID like the ids of
    entries, rather than a tag URI (RFC 4151), since that would need a date and escape all that is Chinese.
    """
    own = path(replace(address, archive=None))
    return uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_DNS, authority), f"feeds/{own}").urn


def _urls(base: str, address: Address) -> dict[Format, str]:
    return {suffix: f"{base}/feeds/{path(address)}.{suffix}" for suffix in Format}


def _paging(base: str, address: Address, archives: Archives) -> Paging:
    """The links of a feed to its archives, or of an archive to its neighbours.

    A full archive links the next one even before that has an article, so that its bytes need not change.
    """

    def numbered(number: int) -> dict[Format, str] | None:
        return _urls(base, replace(address, archive=number)) if number > 0 else None

    own = address.archive
    if own is None:
        return Paging(previous=numbered(archives.newest))
    archived = own <= archives.full
    return Paging(
        current=_urls(base, replace(address, archive=None)),
        previous=numbered(own - 1),
        following=numbered(own + 1) if archived else None,
        archived=archived,
    )


def _graves(tombstones: Sequence[Tombstone], entries: Mapping[str, Entry]) -> tuple[Tombstone, ...]:
    """The tombstones by URN, newest first, one for an article, none for one that is shown."""
    graves: dict[str, Tombstone] = {}
    legal = filter(None, map(_grave, tombstones))
    for grave in sorted(legal, key=lambda grave: (grave.when, grave.id), reverse=True):
        if grave.id not in entries:
            graves.setdefault(grave.id, grave)
    return tuple(graves.values())


def _grave(tombstone: Tombstone) -> Tombstone | None:
    """None where the tombstone names no article of ours or no moment: it tells no reader anything."""
    try:
        return Tombstone(id=uuid.UUID(tombstone.id).urn, when=whole_second(tombstone.when))
    except (ValueError, OverflowError):
        return None
