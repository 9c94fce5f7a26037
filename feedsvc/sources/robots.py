"""robots.txt -> what may be fetched, and how fast (RFC 9309). The only module that imports protego."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from protego import Protego

from feedsvc.text import legal

MAX_BYTES = 500 << 10
"""What is read of a robots.txt (RFC 9309, section 2.5)."""

_PRODUCT = re.compile(r"[A-Za-z_-]+")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a robots.txt says: the addresses it allows among those asked for, in their order; the seconds
    between requests that it asks for, None where it says nothing."""

    allowed: tuple[str, ...]
    delay: float | None = None


def ask(body: bytes, agent: str, urls: Sequence[str]) -> Verdict:
    """What the robots.txt `body` says of `urls` to the product `agent` names."""
    # A byte-order mark would make the first line another one.
    text = legal(body[:MAX_BYTES].removeprefix(_BOM).decode("utf-8", "replace"))
    rules = Protego.parse(text)
    product = token(agent)
    rate = rules.request_rate(product)
    delays = [rules.crawl_delay(product), rate.seconds / rate.requests if rate and rate.requests else None]
    allowed = tuple(url for url in urls if rules.can_fetch(url, product))
    return Verdict(allowed=allowed, delay=max((d for d in delays if d is not None), default=None))


def token(agent: str) -> str:
    """The product token of a User-Agent header (RFC 9309, section 2.2.1): «feedsvc» of «feedsvc/1.0»."""
    match = _PRODUCT.match(agent)
    return match[0] if match else "feedsvc"
