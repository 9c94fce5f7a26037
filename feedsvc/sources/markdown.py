"""Markdown with front matter -> an article. The only module that imports frontmatter, markdown_it, yaml."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler
from markdown_it import MarkdownIt
from markdown_it.token import Token

from feedsvc.clean import plain
from feedsvc.dates import SHANGHAI, parse
from feedsvc.errors import ReadError
from feedsvc.model import RawArticle
from feedsvc.sources.textfile import is_title
from feedsvc.text import squeeze

_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff“”‘’…—]")
# HTML stays in: what is unsafe in it goes when the article is cleaned, like that of any source.
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def _softbreak(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    """A line break in the source is a space, but none between two Chinese characters (CSS Text 3, 4.1.3)."""
    before = "".join(t.content for t in tokens[:at][-1:])
    after = "".join(t.content for t in tokens[at + 1 : at + 2])
    return "" if _WIDE.fullmatch(before[-1:]) and _WIDE.fullmatch(after[:1]) else "\n"


_MARKDOWN.add_render_rule("softbreak", _softbreak)
_UNCLOSED = re.compile(r"---[ \t]*\n[ \t]*[\w-]+[ \t]*:")


def read_markdown(text: str, *, base_url: str | None, now: datetime) -> RawArticle:
    """The article of a Markdown file: CommonMark with tables, under YAML front matter.

    Front matter: title, date or published, updated, author, link or url, guid or id, summary, tags, keywords
    and category; dates without a zone are Asia/Shanghai. Without a title there, the first heading, else a
    short first line, is the title, and no part of the body. ReadError, with the line, where the front matter
    cannot be read.
    """
    given, content = _split(text)
    title = squeeze(_text(given.get("title")))
    if not title:
        title, content = _own_title(content)
    return RawArticle(
        title=title,
        guid=_first(given, "guid", "id"),
        link=_first(given, "link", "url"),
        html=str(_MARKDOWN.render(content)).strip() or None,
        summary=_first(given, "summary", "description"),
        author="、".join(_words(given.get("author"))) or None,
        published=_moment(given.get("published"), now) or _moment(given.get("date"), now),
        updated=_moment(given.get("updated"), now),
        keywords=tuple(dict.fromkeys(w for key in ("tags", "keywords") for w in _words(given.get(key)))),
        category=squeeze(_text(given.get("category"))) or None,
        rights=_first(given, "rights"),
        base_url=base_url,
    )


def _split(text: str) -> tuple[dict[str, Any], str]:
    try:
        given, content = frontmatter.parse(text, handler=YAMLHandler())
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise ReadError(f"front matter{line}: {getattr(exc, 'problem', None) or exc}") from exc
    except (ValueError, TypeError, RecursionError) as exc:
        raise ReadError(f"front matter: {exc}") from exc
    if not given and content and _UNCLOSED.match(text):
        raise ReadError("front matter, line 1: opened with --- and never closed")
    return given, content


def _own_title(content: str) -> tuple[str, str]:
    """The title that the text itself gives, and the text without it; "" and all of it where it gives none."""
    tokens = _MARKDOWN.parse(content)
    heading = next((i for i, t in enumerate(tokens) if t.type == "heading_open" and t.level == 0), None)
    if heading is None:
        span = tokens[0].map if tokens and tokens[0].type == "paragraph_open" else None
        if span is None:
            return "", content
        first, rest = _cut_out(content, span[0], span[0] + 1)
        title = _rendered(first)
        return (title, rest) if is_title(title) else ("", content)
    title, span = _rendered(tokens[heading + 1].content), tokens[heading].map
    return title, _cut_out(content, *span)[1] if heading == 0 and span else content


def _cut_out(content: str, start: int, end: int) -> tuple[str, str]:
    lines = content.split("\n")
    return "\n".join(lines[start:end]), "\n".join(lines[:start] + lines[end:])


def _rendered(markdown: str) -> str:
    return squeeze(plain(_MARKDOWN.renderInline(markdown)))


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


def _first(given: dict[str, Any], *keys: str) -> str | None:
    return next((text for text in (_text(given.get(key)) for key in keys) if text), None)


def _words(value: Any) -> Iterator[str]:
    values = value if isinstance(value, list) else re.split("[,，、;；]", _text(value))
    yield from (word for word in (squeeze(_text(v)) for v in values) if word)


def _moment(value: Any, now: datetime) -> datetime | None:
    """YAML gives dates as such where it knows the form; all others are read like those of any source."""
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=SHANGHAI)
    if isinstance(value, date):
        return datetime.combine(value, time(), SHANGHAI)
    return parse(_text(value), now)
