"""What WebSub asks of whoever renders feeds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the bytes of a topic depend on: two equal marks are equal bytes.

    `revision` is that of the article in it that changed last.
    """

    text: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A topic as it is served now. `digest` tells its bytes from all others."""

    body: bytes = field(repr=False)
    content_type: str
    digest: str


class Publications(Protocol):
    """The feeds of a site, as of the catalog of this process."""

    def revision(self) -> int:
        """The last change of an article that the catalog knows."""
        ...

    def version(self) -> object:
        """Whatever is equal as long as nothing changes."""
        ...

    def listed(self) -> Sequence[str]:
        """The topics that the site offers: all feeds of its OPML, in every format."""
        ...

    def mark(self, topic: str) -> Mark | None:
        """The mark of a topic; None if there is no such feed (any more). Cheap."""
        ...

    def edition(self, topic: str) -> Edition | None:
        """A topic as it is now; None if there is no such feed. StoreError where the store is needed."""
        ...
