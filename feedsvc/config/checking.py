"""What a service with these settings would meet here: folders and files that are not as they should be."""

import os
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from feedsvc.config.loading import DEMO, Settings, can_hold
from feedsvc.model import Kind


def check(settings: Settings) -> tuple[str, ...]:
    """Problems outside the file, a line each that names file and key; changes nothing."""
    name = settings.file or DEMO
    return tuple(
        f"{name}: {problem}" for problem in (*_folders(settings), *_files(settings), *_store(settings))
    )


def _folders(settings: Settings) -> Iterator[str]:
    folders = [
        (source.id, source.path)
        for source in settings.sources
        if source.enabled and source.kind is Kind.FOLDER and source.path is not None
    ]
    for id_, path in folders:
        try:
            with os.scandir(path):
                pass
        except OSError as exc:
            yield f"source {id_!r}: path: {path} cannot be read: {exc.strerror}"
    for (one, path), (other, another) in combinations(folders, 2):
        first, second = Path(os.path.realpath(path)), Path(os.path.realpath(another))
        if first.is_relative_to(second) or second.is_relative_to(first):
            problem = f"overlaps {path} of source {one!r}; their articles would come twice"
            yield f"source {other!r}: path: {another} {problem}"


def _files(settings: Settings) -> Iterator[str]:
    for key in ("dictionaries", "stopwords"):
        files: tuple[Path, ...] = getattr(settings.tagging, key)
        for file in files:
            try:
                file.read_text("utf-8")
            except OSError as exc:
                yield f"tagging.{key}: {file} cannot be read: {exc.strerror}"
            except UnicodeDecodeError:
                yield f"tagging.{key}: {file} is not UTF-8"


def _store(settings: Settings) -> Iterator[str]:
    folder = settings.store.file.parent
    if not can_hold(folder):
        yield f"store.url: {folder} cannot be written"
