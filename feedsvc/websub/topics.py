"""The URLs under which feeds are subscribed to, and the hubs where."""

from dataclasses import dataclass

from feedsvc.config import Settings
from feedsvc.errors import AddressError, UnknownError
from feedsvc.feeds.address import Names, parse, path, split_suffix
from feedsvc.model import Address, Format


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A feed in one format, by its canonical URL."""

    url: str
    address: Address
    format: Format


def own_hub(base_url: str) -> str:
    """The URL of a site's own hub."""
    return f"{base_url}/hub"


def public_hubs(settings: Settings) -> tuple[str, ...]:
    """The hubs that are told of changes; a site does not ping itself."""
    own = own_hub(settings.site.base_url)
    return tuple(dict.fromkeys(hub for hub in settings.feeds.hubs if hub != own))


def hubs(settings: Settings) -> tuple[str, ...]:
    """Every hub that knows of a site's changes, as its feeds name them: public ones, then its own."""
    own = (own_hub(settings.site.base_url),) if settings.feeds.hub else ()
    return (*public_hubs(settings), *own)


def links(hubs: tuple[str, ...], topic: str) -> str:
    """The Link header of a topic (WebSub, section 4; RFC 8288): its hubs and its canonical URL."""
    named = [f'<{hub}>; rel="hub"' for hub in hubs]
    return ", ".join([*named, f'<{topic}>; rel="self"'])


def topic_url(base_url: str, spelled: str, suffix: Format) -> str:
    """The URL of the feed with the canonical path `spelled`."""
    return f"{base_url}/feeds/{spelled}.{suffix}"


def read_topic(url: str, base_url: str, names: Names) -> Topic:
    """The topic that a URL names, which must be spelled as its feed spells it in rel="self".

    Raises UnknownError where there is no such feed, AddressError where it is spelled otherwise.
    """
    start = f"{base_url}/feeds/"
    if not url.startswith(start):
        raise UnknownError(f"it is no feed of this site, whose feeds begin with {start}")
    stem, suffix = split_suffix(url.removeprefix(start))
    if suffix is None:
        raise UnknownError("a feed ends in .rss, .atom or .json")
    address = parse(stem, names)
    if address.archive is not None:
        raise UnknownError("an archive is read once and not subscribed to")
    canonical = topic_url(base_url, path(address), suffix)
    if url != canonical:
        raise AddressError(f"its canonical URL is {canonical}")
    return Topic(url=url, address=address, format=suffix)
