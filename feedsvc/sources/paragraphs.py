"""Plain text -> HTML paragraphs, a line each."""

import re
from html import escape

_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")


def to_html(text: str) -> str:
    """`text`, taken literally, as one `<p>` for each line that is not empty."""
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in _lines(text))


def with_paragraphs(html: str) -> str:
    """`html`; where it holds no tag at all, with one `<p>` for each line, since its author meant lines."""
    return html if _TAG.search(html) else "".join(f"<p>{line}</p>" for line in _lines(html))


def _lines(text: str) -> list[str]:
    return [line for line in map(str.strip, text.splitlines()) if line]
