"""Which documents a folder holds. What each says is `file`'s business."""

import os
import re
import stat
from pathlib import Path

from feedsvc.errors import ReadError
from feedsvc.model import Stamp

MARKDOWN = (".md", ".markdown")
HTML = (".html", ".htm")
SUFFIXES = (*MARKDOWN, *HTML, ".json", ".txt")

_LEFTOVER = re.compile(
    r"\..*|~\$.*|.*~|#.*#|.*\.(?:swp|swx|swo|tmp|bak|part|crdownload)", re.IGNORECASE | re.DOTALL
)


def scan(root: Path) -> dict[str, Stamp]:
    """The documents below `root`: POSIX path relative to it -> stamp, sorted by path.

    Hidden files and folders and what editors leave behind are no documents. A symbolic link is followed where
    it stays inside `root` and leads to what is not found otherwise, so that nothing is read twice and no loop
    is walked. Names that are not UTF-8 are left out, since they could not be stored. ReadError if `root`, or
    a folder in it, is missing or cannot be listed: files that cannot be seen are not files that were removed.
    """
    try:
        top = Path(os.path.realpath(root, strict=True))
    except OSError as exc:
        raise ReadError(f"{root}: {_cause(exc)}") from exc
    found: dict[str, Stamp] = {}
    linked: list[tuple[str, Path]] = []
    seen: set[Path] = set()
    _walk(top, "", top, found, linked, seen)
    for prefix, target in sorted(linked):  # a link seen early must not hide the thing itself
        if target in seen or not target.is_relative_to(top):
            continue
        if target.is_dir():
            _walk(target, prefix + "/", top, found, linked, seen)
        elif (stamp := _stamp(target)) is not None:
            seen.add(target)
            found[prefix] = stamp
    return dict(sorted(found.items()))


def _walk(
    folder: Path,
    prefix: str,
    top: Path,
    found: dict[str, Stamp],
    linked: list[tuple[str, Path]],
    seen: set[Path],
) -> None:
    """Adds the documents in and below `folder`, a real path inside `top`, and notes the links met there."""
    seen.add(folder)
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda e: e.name)
    except FileNotFoundError as exc:
        if folder == top:
            raise ReadError(f"{folder}: {_cause(exc)}") from exc
        return  # removed while we looked
    except OSError as exc:
        raise ReadError(f"{folder}: {_cause(exc)}") from exc
    for entry in entries:
        name = prefix + entry.name
        if _LEFTOVER.fullmatch(entry.name) or not _storable(entry.name):
            continue
        if entry.is_symlink():
            target = Path(os.path.realpath(entry.path))
            if target.is_dir() or entry.name.lower().endswith(SUFFIXES):
                linked.append((name, target))
        elif entry.is_dir(follow_symlinks=False):
            _walk(Path(entry.path), name + "/", top, found, linked, seen)
        elif entry.name.lower().endswith(SUFFIXES) and (stamp := _stamp(Path(entry.path))) is not None:
            seen.add(Path(entry.path))
            found[name] = stamp


def _stamp(path: Path) -> Stamp | None:
    """The stamp of a regular file; None for a pipe, device or socket, or what is gone by now."""
    try:
        status = path.stat()
    except OSError:
        return None
    return Stamp(size=status.st_size, mtime_ns=status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def _storable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _cause(exc: OSError) -> str:
    return {
        "FileNotFoundError": "there is no such folder",
        "NotADirectoryError": "this is not a folder",
        "PermissionError": "this folder may not be read",
    }.get(type(exc).__name__, exc.strerror or "this folder cannot be read")
