"""Rendered answers kept in memory: bytes in each coding with their ETags, bounded in bytes, made once."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from feedsvc.web.conditional import Coding

_LEVEL = 6
_OVERHEAD = 1000  # bytes of a kept rendering beside its bodies and its key, about
_STRIPES = 64

Version = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """The bytes of one document. `etag` is strong; gzip has another, as RFC 9110, 8.8.3.3 asks.

    `last_modified` in whole seconds; None for what only its ETag tells apart.
    """

    body: bytes
    gzip: bytes
    etag: str
    gzip_etag: str
    last_modified: datetime | None = None

    def coded(self, coding: Coding) -> tuple[bytes, str]:
        """The bytes and the ETag in one coding."""
        return (self.gzip, self.gzip_etag) if coding is Coding.GZIP else (self.body, self.etag)


def rendered(body: bytes, last_modified: datetime | None = None) -> Rendering:
    """`body` ready to be sent. Equal bodies are equal renderings, in every process."""
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return Rendering(
        body=body,
        gzip=gzip.compress(body, _LEVEL, mtime=0),
        etag=f'"{digest}"',
        gzip_etag=f'"{digest}-gz"',
        last_modified=last_modified,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a document would hold: a `fingerprint` that differs where its bytes would, and how to write it.

    `last_modified` may move on while the fingerprint stays.
    """

    fingerprint: bytes
    last_modified: datetime | None
    write: Callable[[], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    version: Version
    fingerprint: bytes
    rendering: Rendering
    size: int


class Renditions:
    """The renderings last asked for, `limit` bytes of them at most. Thread-safe; one thread makes each."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._makers = tuple(threading.Lock() for _ in range(_STRIPES))

    @property
    def size(self) -> int:
        """The bytes kept now."""
        return self._size

    def get(self, key: str, version: Version, content: Callable[[], Content]) -> Rendering:
        """The rendering of `key` in `version` of the catalog, or a later one.

        `content` is asked only when the version is new, and written only when its fingerprint is.
        """
        kept = self._find(key)
        if kept is not None and kept.version >= version:
            return kept.rendering
        with self._makers[hash(key) % _STRIPES]:
            kept = self._find(key)
            if kept is not None and kept.version >= version:
                return kept.rendering
            now = content()
            if kept is not None and kept.fingerprint == now.fingerprint:
                rendering = replace(kept.rendering, last_modified=now.last_modified)
            else:
                rendering = rendered(now.write(), now.last_modified)
            size = len(rendering.body) + len(rendering.gzip) + len(key) + _OVERHEAD
            self._keep(
                key,
                _Kept(version=version, fingerprint=now.fingerprint, rendering=rendering, size=size),
            )
            return rendering

    def last(self, key: str) -> Rendering | None:
        """The rendering of `key` that is kept, however old."""
        kept = self._find(key)
        return None if kept is None else kept.rendering

    def _find(self, key: str) -> _Kept | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
            return kept

    def _keep(self, key: str, kept: _Kept) -> None:
        with self._lock:
            before = self._kept.pop(key, None)
            if before is not None:
                self._size -= before.size
            if kept.size > self._limit:
                return
            self._kept[key] = kept
            self._size += kept.size
            while self._size > self._limit:
                _, oldest = self._kept.popitem(last=False)
                self._size -= oldest.size
