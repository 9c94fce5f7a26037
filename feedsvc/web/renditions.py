"""Rendered answers kept in memory, made once, bounded in bytes. The only module that imports brotli."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import brotli

from feedsvc.web.conditional import Coding

_GZIP_LEVEL = 6
_BROTLI_QUALITY = 5  # as quick as gzip at 6, and smaller; from 9 on it takes ten times as long
_SUFFIXES = {Coding.IDENTITY: "", Coding.GZIP: "-gz", Coding.BROTLI: "-br"}
_OVERHEAD = 1000  # bytes of a kept rendering beside its bodies and its key, about
_STRIPES = 64

Version = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """The bytes of one document. `tag` is what its strong ETag says, a digest of `body` and no coding, which
    a `-` and more may follow.

    `packed` are the bytes in other codings, as far as they were made. `last_modified` in whole seconds; None
    for what only its ETag tells apart.
    """

    body: bytes
    tag: str
    packed: Mapping[Coding, bytes] = field(default_factory=dict)
    last_modified: datetime | None = None

    @property
    def digest(self) -> str:
        """32 hexadecimal digits that tell `body` from all others."""
        return self.tag.partition("-")[0]

    def etag(self, coding: Coding = Coding.IDENTITY) -> str:
        """The ETag in one coding; each has its own, as RFC 9110, section 8.8.3.3 asks."""
        return f'"{self.tag}{_SUFFIXES[coding]}"'

    def coded(self, coding: Coding) -> bytes:
        """The bytes in one coding."""
        if coding is Coding.IDENTITY:
            return self.body
        return self.packed[coding] if coding in self.packed else _PACKERS[coding](self.body)


def rendered(
    body: bytes, last_modified: datetime | None = None, tag: Callable[[str], str] = lambda digest: digest
) -> Rendering:
    """`body` ready to be sent. Equal bodies are equal renderings, in every process.

    `tag` makes what the ETag says of the digest (32 hexadecimal digits), with which it must begin.
    """
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return Rendering(body=body, tag=tag(digest), last_modified=last_modified)


def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)


def _brotlied(body: bytes) -> bytes:
    return bytes(brotli.compress(body, quality=_BROTLI_QUALITY))


_PACKERS = {Coding.GZIP: _gzipped, Coding.BROTLI: _brotlied}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a document would hold: a `fingerprint` that differs where its bytes would, and how to write it.

    `last_modified` may move on while the fingerprint stays. `tag` as `rendered` takes it.
    """

    fingerprint: bytes
    last_modified: datetime | None
    write: Callable[[], bytes]
    tag: Callable[[str], str] = lambda digest: digest

    def rendering(self) -> Rendering:
        """Writes it, in all codings."""
        one = rendered(self.write(), self.last_modified, self.tag)
        return replace(one, packed={coding: pack(one.body) for coding, pack in _PACKERS.items()})


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
        """The rendering of `key` in `version` of the catalog, or a later one, in all codings.

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
                rendering = now.rendering()
            size = len(rendering.body) + sum(map(len, rendering.packed.values())) + len(key) + _OVERHEAD
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
