"""A plain text file -> raw articles: title and paragraphs, or a page saved as text."""

import re

from feedsvc.model import RawArticle
from feedsvc.sources.pagetext import saved_page
from feedsvc.sources.paragraphs import to_html
from feedsvc.text import squeeze

TITLE_LENGTH = 60
_SENTENCE = re.compile(r"。|[；;：:，,、]$|[^.]\.$")


def is_title(line: str) -> bool:
    """Whether a first line is a title: at most 60 characters, and no sentence.

    An end in ! or ? is no sentence end here: what stands alone on a first line and calls or asks is a
    headline.
    """
    return 0 < len(line) <= TITLE_LENGTH and _SENTENCE.search(line) is None


def read_text(text: str, *, base_url: str | None) -> tuple[RawArticle, ...]:
    """The article of a text file; with those listed on it, if it is a page saved as text (see `pagetext`).

    A first line that is short, and no sentence, is the title; every other line is a paragraph.
    """
    lines = [line for line in map(squeeze, text.split("\n")) if line]
    page = saved_page(lines)
    if page is not None:
        principal = RawArticle(title=page.title, html=to_html("\n".join(page.paragraphs)), base_url=base_url)
        return (principal, *(RawArticle(title=headline, base_url=base_url) for headline in page.headlines))
    if not lines:
        return ()
    title = lines[0] if is_title(lines[0]) else ""
    body = lines[1:] if title else lines
    return (RawArticle(title=title, html=to_html("\n".join(body)) or None, base_url=base_url),)
