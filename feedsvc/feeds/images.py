"""The picture that shows what an entry is about."""

import html
import re

from feedsvc import urls
from feedsvc.model import Entry

# Enough for safe HTML, whose attributes are quoted and may hold `>`.
_IMAGE = re.compile(r"""<img\b(?:[^>"']|"[^"]*"|'[^']*')*?\ssrc=(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


def body_image(entry: Entry) -> str | None:
    """The absolute URL of the first image of the body; None if there is none or an enclosure is the same."""
    for match in _IMAGE.finditer(entry.html):
        if url := urls.absolute(html.unescape(match[1] or match[2] or "")):
            return None if any(url == enclosure.url for enclosure in entry.enclosures) else url
    return None


def lead_image(entry: Entry) -> str | None:
    """The absolute URL of the first image among the enclosures, else of the first in the body."""
    attached = (enclosure.url for enclosure in entry.enclosures if enclosure.type.startswith("image/"))
    return next(attached, None) or body_image(entry)
