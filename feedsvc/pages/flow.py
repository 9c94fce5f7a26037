"""Part of a page -> its blocks in a row: paragraphs, headings, list items, tables, pictures."""

import html as entities
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from lxml.etree import iterwalk, tostring
from lxml.html import HtmlElement

from feedsvc.clean import LAZY
from feedsvc.pages.tree import BLOCKS, SILENT, is_hidden
from feedsvc.text import squeeze

_INLINE = {
    "strong": "strong", "b": "strong", "em": "em", "i": "em", "u": "u", "s": "s", "del": "del",
    "ins": "ins", "sub": "sub", "sup": "sup", "code": "code", "mark": "mark", "cite": "cite", "q": "q",
    "ruby": "ruby", "rt": "rt", "rp": "rp",
}  # fmt: skip
_HEADS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_MEDIA = frozenset(("video", "audio"))
_INDENT = " \t\r\n\xa0\u3000\u2002\u2003\u2009"
_WHITE = re.compile(r"[ \t\r\n\f]+")
_INDENTED = re.compile(r"\s*(?:\u3000|\xa0{2}|[\u2002\u2003]|\xa0 \xa0)")
_ENDED = re.compile(r"[。！？!?…：；][”’」』）)]*$")
# Pictures of the page, not of the article, by the names of their files.
_FURNITURE = re.compile(
    r"(?:^|/)(?:qr|qrcode|ewm|erweima|logo|icon|weixin|share|print|close|arrow|dot)[\w-]{0,8}\.(?:gif|png"
    r"|jpe?g|svg|webp)$",
    re.I,
)
_LOOKBACK = 8  # pieces of text in which the end of a sentence is looked for
_CELL = 150  # characters; a table with longer cells is layout
_IMAGE = ("src", "alt", "title", "width", "height", "style", "srcset", "data-srcset", *LAZY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block. `kind` is p, h2..h6, ul, ol, blockquote, pre, table or media; `html` its unsafe inside (all
    of it for table and media); `text` what is read, squeezed; `linked` the characters of it inside links.
    """

    kind: str
    html: str
    text: str
    linked: int = 0

    @property
    def pictured(self) -> bool:
        """Whether it holds a picture, film or sound."""
        return self.kind == "media" or "<img" in self.html


class _Flow:
    """Collects the blocks of one walk: text and inline elements go into the block that is open."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.kinds: list[str] = ["p"]
        self._open: list[tuple[str, str]] = []  # inline elements around the place: name, opening tag
        self._written = 0  # how many of them stand in the block already
        self._html: list[str] = []
        self._text: list[str] = []
        self._linked = 0
        self._links = 0
        self._breaks = 0
        self._begun = False  # whether the block that is open holds text or a picture
        self._pictured = False

    def text(self, value: str | None) -> None:
        if not value:
            return
        bare = not value.strip(_INDENT)
        if self._breaks and not bare:
            self._after_breaks(value)
        if not self._begun:
            value = value.lstrip(_INDENT)
        if not value:
            return
        self._reopen()
        value = _WHITE.sub(" ", value)
        self._begun = True
        self._html.append(entities.escape(value, quote=False))
        self._text.append(value)
        if self._links:
            self._linked += len(value.strip(_INDENT))

    def image(self, element: HtmlElement) -> None:
        given = {k: element.get(k) for k in _IMAGE if element.get(k)}
        if _FURNITURE.search((element.get("src") or "").partition("?")[0]):
            return
        late = next((given[k] for k in LAZY if k in given), None)
        if late is not None:
            given["src"] = late
        if self._breaks:
            self.flush()
        self._reopen()
        self._begun = self._pictured = True
        self._html.append(
            "".join(("<img", *(f' {k}="{entities.escape(v or "")}"' for k, v in given.items()), ">"))
        )

    def line_break(self) -> None:
        self._breaks += 1

    def push(self, name: str, opening: str) -> None:
        self._open.append((name, opening))
        self._links += name == "a"

    def pop(self) -> None:
        name, _ = self._open.pop()
        self._links -= name == "a"
        if self._written > len(self._open):
            self._html.append(f"</{name}>")
            self._written -= 1

    def flush(self) -> None:
        """Closes the block that is open; the inline elements around the place go on in the next."""
        text = squeeze("".join(self._text))
        while self._written:
            self._written -= 1
            self._html.append(f"</{self._open[self._written][0]}>")
        inside = "".join(self._html).strip(_INDENT)
        if text or self._pictured:
            self.blocks.append(
                Block(kind=self.kinds[-1], html=inside, text=text, linked=min(self._linked, len(text)))
            )
        self._html, self._text, self._linked, self._breaks = [], [], 0, 0
        self._begun = self._pictured = False

    def whole(self, block: Block) -> None:
        self.flush()
        self.blocks.append(block)

    def _reopen(self) -> None:
        for _, opening in self._open[self._written :]:
            self._html.append(opening)
        self._written = len(self._open)

    def _after_breaks(self, following: str) -> None:
        before = "".join(self._text[-_LOOKBACK:]).rstrip(_INDENT)
        if self._breaks > 1 or not before or _INDENTED.match(following) or _ENDED.search(before):
            self.flush()
        else:
            self._reopen()
            self._html.append("<br>")
            self._text.append(" ")
        self._breaks = 0


def blocks(root: HtmlElement) -> list[Block]:
    """The blocks of `root`, without wrappers, scripts and what is hidden.

    Two `<br>` part paragraphs as `<p>` does, and one does where a sentence ended or an indent follows.
    """
    flow = _Flow()
    walker = iterwalk(root, events=("start", "end"))
    skipped: HtmlElement | None = None
    for event, element in walker:
        tag = element.tag
        if event == "start":
            if tag in SILENT or (element is not root and is_hidden(element)):
                skipped = element
            elif tag == "table" and (table := _table(element)) is not None:
                flow.whole(table)
                skipped = element
            elif tag in _MEDIA:
                flow.whole(
                    Block(
                        kind="media",
                        html=str(tostring(element, encoding="unicode", with_tail=False)),
                        text="",
                    )
                )
                skipped = element
            elif tag == "pre":
                flow.whole(
                    Block(
                        kind="pre",
                        html=entities.escape(element.text_content()),
                        text=squeeze(element.text_content()),
                    )
                )
                skipped = element
            elif tag == "img":
                flow.image(element)
            elif tag == "br":
                flow.line_break()
            elif tag in BLOCKS:
                flow.flush()
                flow.kinds.append(_kind(element, flow.kinds[-1]))
            elif tag == "a" and element.get("href"):
                flow.push("a", f'<a href="{entities.escape(element.get("href"))}">')
            elif tag in _INLINE:
                flow.push(_INLINE[tag], f"<{_INLINE[tag]}>")
            if skipped is element:
                walker.skip_subtree()
            else:
                flow.text(element.text)
            continue
        if skipped is element:
            skipped = None
        elif tag in BLOCKS:
            flow.flush()
            flow.kinds.pop()
        elif (tag == "a" and element.get("href")) or tag in _INLINE:
            flow.pop()
        if element is not root:
            flow.text(element.tail)
    flow.flush()
    return flow.blocks


def written(found: Iterable[Block]) -> str:
    """The HTML of these blocks; neighbours of one list or quotation stand in one."""
    pieces = []
    for kind, group in groupby(found, key=lambda block: block.kind):
        if kind in ("ul", "ol"):
            pieces.append(f"<{kind}>{''.join(f'<li>{b.html}</li>' for b in group)}</{kind}>")
        elif kind == "blockquote":
            pieces.append(f"<blockquote>{''.join(f'<p>{b.html}</p>' for b in group)}</blockquote>")
        elif kind in ("table", "media"):
            pieces.extend(b.html for b in group)
        else:
            pieces.extend(f"<{kind}>{b.html}</{kind}>" for b in group)
    return "\n".join(pieces)


def _kind(element: HtmlElement, around: str) -> str:
    tag = str(element.tag)
    if tag in _HEADS:
        return "h2" if tag == "h1" else tag
    if tag == "li":
        parent = element.getparent()
        return "ol" if parent is not None and parent.tag == "ol" else "ul"
    if tag == "blockquote" or around == "blockquote":
        return "blockquote"
    return around if tag == "p" and around in ("ul", "ol") else "p"


def _table(table: HtmlElement) -> Block | None:
    """`table` as one block if it holds rows of short cells; None where it is only there for layout."""
    if table.find(".//table") is not None:
        return None
    rows = [[c for c in row if c.tag in ("td", "th")] for row in table.iter("tr")]
    rows = [row for row in rows if row]
    wide = [row for row in rows if len(row) > 1]
    if len(wide) < 2 or 2 * len(wide) < len(rows):
        return None
    texts = [[squeeze(cell.text_content()) for cell in row] for row in rows]
    if any(len(text) > _CELL for row in texts for text in row):
        return None
    linked = sum(len(squeeze(a.text_content())) for a in table.iter("a"))
    pieces = []
    for row, said in zip(rows, texts, strict=True):
        cells = (_cell(cell, text) for cell, text in zip(row, said, strict=True))
        pieces.append(f"<tr>{''.join(cells)}</tr>")
    text = "\n".join(" ".join(row) for row in texts)
    return Block(kind="table", html=f"<table>{''.join(pieces)}</table>", text=text, linked=linked)


def _cell(cell: HtmlElement, text: str) -> str:
    spans = "".join(f' {k}="{entities.escape(cell.get(k))}"' for k in ("colspan", "rowspan") if cell.get(k))
    flow = _Flow()
    for image in cell.iter("img"):
        flow.image(image)
    flow.flush()
    pictures = "".join(block.html for block in flow.blocks)
    return f"<{cell.tag}{spans}>{pictures}{entities.escape(text, quote=False)}</{cell.tag}>"
