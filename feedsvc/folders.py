"""Files of a folder, read some at a time; the one that a child does not survive is found and named."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from feedsvc import reading
from feedsvc.children import Runner
from feedsvc.errors import ChildError, TooLargeError
from feedsvc.model import Batch, ReadFile, Source, Stamp

_FILES = 40  # files read in one go: what is saved at once, and lost at most
_FILES_BYTES = 4 << 20


def parts(changed: Sequence[tuple[str, Stamp]]) -> Iterator[list[tuple[str, Stamp]]]:
    """`changed` in parts that are read and saved at once."""
    part: list[tuple[str, Stamp]] = []
    size = 0
    for file in changed:
        if part and (len(part) >= _FILES or size + file[1].size > _FILES_BYTES):
            yield part
            part, size = [], 0
        part.append(file)
        size += file[1].size
    if part:
        yield part


def read(
    source: Source,
    part: Sequence[tuple[str, Stamp]],
    *,
    children: Runner,
    clock: Callable[[], datetime],
    hold: Callable[[], None],
    max_body: int,
) -> Batch:
    """What some files hold. When their child does not survive them, each is read alone, so that the one to
    blame is known and the others are read; `hold` is called before each."""
    assert source.path is not None
    if len(part) == 1 and part[0][1].size > max_body:
        return _unread(part[0], str(TooLargeError(part[0][0], f"larger than {max_body >> 20} MiB")))
    try:
        return children.run(reading.read_files, source, source.path, part, clock())
    except ChildError as exc:
        if len(part) == 1:
            return _unread(part[0], str(exc))
    whole = Batch()
    for file in part:
        hold()
        one = read(source, [file], children=children, clock=clock, hold=hold, max_body=max_body)
        shift = len(whole.drafts)
        moved = tuple(replace(f, first=f.first + shift, last=f.last + shift) for f in one.files)
        whole = Batch(drafts=whole.drafts + one.drafts, files=whole.files + moved)
    return whole


def _unread(file: tuple[str, Stamp], problem: str) -> Batch:
    name, stamp = file
    return Batch(files=(ReadFile(name=name, stamp=stamp, first=0, last=0, problem=problem),))
