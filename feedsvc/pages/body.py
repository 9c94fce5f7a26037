"""The text of a page as clean HTML. The only module that imports readability and trafilatura."""

import logging
import re
from collections.abc import Sequence

import readability
import trafilatura
from lxml.html import HtmlElement, tostring

from feedsvc.pages import boilerplate, container, flow, hidden
from feedsvc.pages.declared import Declared
from feedsvc.pages.flow import Block
from feedsvc.pages.found import Found
from feedsvc.pages.tree import Line, parsed
from feedsvc.text import fold

_ENOUGH = 80  # characters of text; with less, the next extractor is asked
_BETTER = 0.05  # by how much another reading must meet the page's sentences better

# Both write stack traces for pages that they cannot read; that is an answer here, not an incident.
for _name in ("readability.readability", "trafilatura", "htmldate", "justext"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


def find(
    root: HtmlElement, lines: Sequence[Line], *, headline: int, title: str, declared: Declared
) -> tuple[list[Block], str]:
    """The blocks of the text and the rule that found them; `root` is changed. No blocks: no text.

    `headline` is the number of the headline's line. A part of the page that is called the text and holds its
    sentences is it; else the innermost part that holds most sentences, or what readability makes of the page,
    whichever meets the page's sentences better; trafilatura where those have hardly anything.
    """
    page = ""
    weights = container.Weights(root, lines, headline)
    part = container.named(root, weights)
    above = lines[headline].block if headline >= 0 else None
    if part is not None:
        best = _read(part, weights, title, above)
        if _length(best.value) >= _ENOUGH or part.rule[0] in "#<f":
            return best.value, best.rule
    page = str(tostring(root, encoding="unicode"))
    heavy = container.heaviest(root, weights)
    best = _read(heavy, weights, title, above) if heavy is not None else Found([], "nothing")
    other = Found(_of_html(_by_readability(page), title), "readability")
    if _length(best.value) == 0 or _meets(other.value, weights) > _meets(best.value, weights) + _BETTER:
        best = other
    if part is not None and _length(best.value) < _ENOUGH:
        best = max((best, _read(part, weights, title, above)), key=lambda b: _length(b.value))
    if _length(best.value) < _ENOUGH:
        unseen = Found(
            boilerplate.trimmed(hidden.blocks(root, declared.scripts), title), "text in a script or a form"
        )
        best = unseen if _length(unseen.value) > max(_ENOUGH, _length(best.value)) else best
    if _length(best.value) < _ENOUGH:
        more = Found(_of_html(_by_trafilatura(page), title), "trafilatura")
        # Where it only has a little more, that little is the page's navigation.
        longer = _length(more.value) > 2 * _length(best.value)
        better = _meets(more.value, weights) > _meets(best.value, weights) + _BETTER
        best = more if longer and (better or not weights.total) else best
    said = declared.text("articleBody")
    if _length(best.value) < _ENOUGH < len(said):
        return [
            Block(kind="p", html=said.replace("&", "&amp;").replace("<", "&lt;"), text=said)
        ], "JSON-LD articleBody"
    return best.value, best.rule


def _read(
    part: Found[HtmlElement], weights: container.Weights, title: str, headline: HtmlElement | None
) -> Found[list[Block]]:
    container.prune(part.value, weights)
    pictures = [b for e in container.lead(part.value, weights, headline) for b in flow.blocks(e)]
    return Found([*pictures, *boilerplate.trimmed(flow.blocks(part.value), title)], part.rule)


def _of_html(html: str, title: str) -> list[Block]:
    page = parsed(html) if html.strip() else None
    return [] if page is None else boilerplate.trimmed(flow.blocks(page), title)


def _length(found: Sequence[Block]) -> int:
    return sum(len(block.text) for block in found)


def _meets(found: Sequence[Block], weights: container.Weights) -> float:
    """How well blocks meet the sentences that the page shows, 0..1: their harmonic mean of shares."""
    text = fold("".join(block.text for block in found))
    met = sum(len(line.text) for line in weights.sentences if fold(line.text) in text)
    return 2 * met / (len(text) + weights.total) if text and weights.total else 0.0


def _by_readability(page: str) -> str:
    try:
        return str(readability.Document(page).summary(html_partial=True))
    except Exception:  # wraps whatever it meets, and lxml raises more; a page without a body is an answer
        return ""


def _by_trafilatura(page: str) -> str:
    try:
        found = trafilatura.extract(page, output_format="html", include_comments=False, include_images=True)
    except Exception:  # foreign parsers on a page made for breaking them; no body is an answer
        return ""
    # Of a page without paragraphs it makes a single one, with a line for each piece of text.
    whole = found is not None and found.count("<p>") == 1
    return re.sub(r"(?<=[^>\s])\n(?=[^<\s])", "</p><p>", found) if found and whole else found or ""
