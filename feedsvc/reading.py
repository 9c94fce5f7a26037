"""Documents -> drafts: parsed, cleaned, tagged. Runs in a child process; see `children`."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from feedsvc import clean, text
from feedsvc.errors import ConfigError, FeedsvcError
from feedsvc.model import Batch, Category, Document, Draft, ReadFile, Source, Stamp
from feedsvc.sources import feed, folder
from feedsvc.tagging.tagger import Tagger

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggingSetup:
    """What a tagger is made from, ready to be sent to a child."""

    max_keywords: int
    dictionaries: tuple[Path, ...]
    stopwords: tuple[Path, ...]
    aliases: tuple[tuple[str, str], ...]
    blocked: tuple[str, ...]
    categories: tuple[Category, ...]
    cache_dir: Path

    def tagger(self) -> Tagger:
        """The tagger; takes a second and some hundred megabytes."""
        return Tagger(
            max_keywords=self.max_keywords,
            dictionaries=self.dictionaries,
            stopwords=[word for path in self.stopwords for word in _words(path)],
            aliases=dict(self.aliases),
            blocked=self.blocked,
            categories=self.categories,
            cache_dir=self.cache_dir,
        )

    def fingerprint(self) -> str:
        """Changes when articles would be tagged otherwise, dictionaries edited in place included."""
        parts = [repr(replace(self, cache_dir=Path()))]
        parts.extend("\n".join(_words(path)) for path in (*self.dictionaries, *self.stopwords))
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()


def _words(path: Path) -> list[str]:
    """The lines of a word list. ConfigError if it cannot be read."""
    try:
        return [line.strip() for line in path.read_text("utf-8-sig").split("\n") if line.strip()]
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(str(path), f"cannot be read ({exc}); allowed: a text file in UTF-8") from exc


@dataclass(slots=True)
class _Child:
    """What a reading process holds: its tagger, and categories by what sources may call them."""

    tagger: Tagger | None = None
    categories: dict[str, str] = field(default_factory=dict)


_child = _Child()


def prepare(setup: TaggingSetup) -> None:
    """Loads what every document needs; once in each child."""
    _child.tagger = setup.tagger()
    _child.categories = {text.fold(name): c.key for c in setup.categories for name in (c.label, c.key)}


def read_feed(source: Source, body: bytes, url: str, content_type: str | None, now: datetime) -> Batch:
    """The articles of a feed, in its order. ReadError if it is none."""
    document = feed.read_feed(body, url=url, content_type=content_type, now=now)
    for problem in document.problems:
        log.warning("source %s: %s", source.id, problem)
    return Batch(drafts=tuple(_drafts(source, document)), title=document.title)


def read_files(source: Source, root: Path, stamps: Sequence[tuple[str, Stamp]], now: datetime) -> Batch:
    """The articles of some files below `root`. A file that cannot be read has a problem, and no article."""
    drafts: list[Draft] = []
    files: list[ReadFile] = []
    for name, stamp in stamps:
        problem = None
        found: list[Draft] = []
        try:
            body = (root / name).read_bytes()
            document = folder.read_file(name, body, base_url=source.url, now=now)
            found = _drafts(source, document)
            for skipped in document.problems:
                log.warning("source %s, %s: %s", source.id, name, skipped)
        except OSError as exc:
            problem = f"cannot be read ({exc.strerror})"
        except FeedsvcError as exc:
            problem = str(exc)
        first = len(drafts)
        drafts.extend(found)
        files.append(ReadFile(name=name, stamp=stamp, first=first, last=len(drafts), problem=problem))
    return Batch(drafts=tuple(drafts), files=tuple(files))


def _drafts(source: Source, document: Document) -> list[Draft]:
    if _child.tagger is None:
        raise RuntimeError("reading.prepare has not run in this process")
    drafts = []
    for raw in document.articles[: source.max_items]:
        draft = clean.to_draft(raw)
        if draft is None:
            continue
        own = _child.categories.get(text.fold(raw.category)) if raw.category else None
        tagging = _child.tagger.tag(
            draft.title,
            clean.plain(draft.html) or draft.summary,
            home=source.region,
            category=own or source.category,
            hints=raw.keywords,
        )
        author = text.spelling(draft.author or source.author or "")
        drafts.append(replace(draft, author=author or None, tagging=tagging))
    return drafts
