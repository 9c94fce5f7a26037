"""The lines around a headline, in which a page names date, source and author."""

from collections.abc import Sequence
from dataclasses import dataclass

from feedsvc.pages.tree import Line
from feedsvc.text import fold

_AFTER = 800  # characters after the headline that are looked at
_BEFORE = 12  # lines before it
LONG = 160  # characters; a longer line is the text already
_ENGLISH = 80  # the same in English
_TEXT = 12  # characters of a sentence that is the text; its first may be a summary above the date
_LABEL = 12
_SPARE = 40  # characters that may stand in the line of the headline beside it
_HEADINGS = ("h1", "h2", "h3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """`after` the headline, the rest of its own line included, up to the text; `byline` those of them before
    the first sentence; `before` it, nearest first.

    `at` is the number of the headline's line, -1 where no line shows it.
    """

    at: int
    after: tuple[str, ...]
    byline: tuple[str, ...]
    before: tuple[str, ...]


def around(lines: Sequence[Line], title: str | None) -> Near:
    """What stands around `title` on a page of these lines; without a title, its first lines."""
    at = _headline(lines, fold(title or ""))
    after: list[str] = []
    if at >= 0 and title is not None:
        rest = lines[at].text.replace(title, " ").strip()
        after += [rest] if rest != lines[at].text and rest else []
    seen = read = first = 0
    for line in lines[at + 1 :]:
        read += _is_text(line)
        if seen > _AFTER or read > 1 or (len(line.text) > LONG and seen > 0):
            break
        seen += len(line.text)
        after.append(line.text)
        first = first if read else len(after)
    before = [line.text for line in lines[max(0, at - _BEFORE) : at]] if at > 0 else []
    return Near(
        at=at,
        after=_joined(after),
        byline=_joined(after[:first] or [line for line in after if "。" not in line]),
        before=_joined(before)[::-1],
    )


def _is_text(line: Line) -> bool:
    """Whether a line is a sentence of the text, Chinese or English, rather than a byline."""
    chinese = len(line.text) >= _TEXT and "。" in line.text
    return not line.is_links and (chinese or (len(line.text) >= _ENGLISH and ". " in f"{line.text} "))


def _joined(found: Sequence[str]) -> tuple[str, ...]:
    """`found` with each label that ends in a colon joined to what it is the label of."""
    joined: list[str] = []
    for line in found:
        if joined and joined[-1].endswith((":", "：")) and len(joined[-1]) <= _LABEL:
            joined[-1] += line
        else:
            joined.append(line)
    return tuple(joined)


def _headline(lines: Sequence[Line], wanted: str) -> int:
    """The line that is the headline: rather a heading, rather the title alone."""
    best, best_rank = -1, 0
    if not wanted:
        return -1
    for number, line in enumerate(lines):
        if number and line.block is lines[number - 1].block:
            # A headline in several lines is found at its last.
            whole = fold(lines[number - 1].text + line.text)
            if whole == wanted:
                best, best_rank = number, 7 + 8 * (line.block.tag == "h1")
        text = fold(line.text) if len(line.text) < 3 * len(wanted) + _SPARE else ""
        if wanted not in text or len(text) > len(wanted) + _SPARE:
            continue
        name = f"{line.block.get('class') or ''}{line.block.get('id') or ''}".lower()
        headed = line.block.tag in _HEADINGS or "tit" in name or "biaoti" in name
        rank = 1 + 8 * (line.block.tag == "h1") + 4 * headed + 2 * (text == wanted) - 3 * line.is_links
        # Of lines that are no headings the last is nearest to the text: lists and paths come first.
        if rank > best_rank or (rank == best_rank and not headed and line.zone is None):
            best, best_rank = number, rank
    return best
