"""Articles pushed to the API: POST, PUT and DELETE below /api/v1/articles, for who has a key.

What is pushed is read in a child, never here, and is in the catalog of this process before the answer is.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import BoundedSemaphore

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import RequestEntityTooLarge

from feedsvc import reading, text, urls
from feedsvc.errors import (
    AddressError,
    ChildLostError,
    ConflictError,
    FeedsvcError,
    ReadError,
    StoreError,
    UnknownError,
)
from feedsvc.identity import Key, KeyKind
from feedsvc.model import Change, Draft, Flaw, Kind, Pushed, Source
from feedsvc.web.keys import Keys
from feedsvc.web.paths import article_id, sent
from feedsvc.web.problems import Problem, Refused
from feedsvc.web.rendering import Press
from feedsvc.web.sending import Reply

log = logging.getLogger(__name__)

MAX_BODY = 2 << 20  # bytes of a document
_RETRY_AFTER = 1  # seconds


def routes(press: Press) -> Blueprint:
    """The routes that change articles; all of them need a key, and touch articles of push sources alone."""
    blueprint = Blueprint("push", __name__, url_prefix="/api/v1")
    desk = Desk(press)

    @blueprint.before_request
    def keyed() -> None:
        desk.keys.check(request.headers.get("Authorization"))

    @blueprint.post("/articles")
    def post() -> Response:
        return desk.save(desk.sources_asked(), {}, one=False)

    @blueprint.put("/articles")
    def put() -> Response:
        source = desk.source_asked()
        _open(source)
        return desk.save([source], _name_asked(), one=True)

    @blueprint.put("/articles/<given>")
    def replace(given: str) -> Response:
        ident = article_id(given)
        source = desk.owner(ident)
        _open(source)
        return desk.save([source], {}, one=True, replacing=ident)

    @blueprint.delete("/articles")
    def delete() -> Response:
        source = desk.source_asked()
        ((kind, value),) = _name_asked().items()
        ident = desk.find(source, kind, value)
        if ident is None:
            raise UnknownError(f"source {source.id!r} has no article of this {kind}, or it is too old")
        return desk.withdraw(source, ident)

    @blueprint.delete("/articles/<given>")
    def withdraw(given: str) -> Response:
        ident = article_id(given)
        return desk.withdraw(desk.owner(ident), ident)

    return blueprint


class Desk:
    """Takes what is pushed to one site. Thread-safe."""

    def __init__(self, press: Press) -> None:
        self._service = press.service
        self._base_url = press.site.base_url
        server = self._service.settings.server
        self.keys = Keys(key.get_secret_value() for key in server.api_keys)
        # Reading takes its time: one thread at least goes on answering polls.
        self._room = BoundedSemaphore(max(1, server.threads - 1))
        self._sources = {source.id: source for source in self._service.settings.sources}

    def sources_asked(self) -> list[Source]:
        """The push source that the query names, else all that are enabled."""
        if "source" in request.args:
            source = self.source_asked()
            _open(source)
            return [source]
        found = [s for s in self._sources.values() if s.kind is Kind.PUSH and s.enabled]
        if not found:
            abort(409, "no source of kind push is configured and enabled")
        return found

    def source_asked(self) -> Source:
        """The push source that the query names, else the only one there is."""
        name = _asked("source")
        if name is not None:
            source = self._sources.get(name)
            if source is None:
                raise UnknownError(f"there is no source {text.cut(name, 40)!r}")
            return _pushed(source)
        found = [s for s in self._sources.values() if s.kind is Kind.PUSH]
        if not found:
            abort(409, "no source of kind push is configured")
        if len(found) > 1:
            raise AddressError(f"source: missing; allowed: {', '.join(s.id for s in found)}")
        return found[0]

    def owner(self, ident: str) -> Source:
        """The push source of an article."""
        source = self._sources.get(self._service.store.pushing.owner(ident) or "")
        if source is None:
            raise UnknownError("there is no such article here, or it is too old")
        return _pushed(source)

    def find(self, source: Source, kind: str, value: str) -> str | None:
        """The article of `source` with this guid or url."""
        key = Key(KeyKind.GUID, text.squeeze(value))
        if kind == "url":
            link = urls.absolute(value, source.url)
            if link is None:
                raise AddressError("url: allowed: an absolute http:// or https:// URL")
            key = Key(KeyKind.LINK, urls.canonical(link))
        return self._service.store.pushing.find(source, key)

    def save(
        self, among: Sequence[Source], named: Mapping[str, str], *, one: bool, replacing: str | None = None
    ) -> Response:
        """Reads and saves the document of this request, whole or not at all, and says what became of it."""
        body = _body()
        with self._place():
            read = self._read(body, among, named, one=one)
            source, made = self._write(read, replacing)
        self._follow()
        changes = [change for _, change in made]
        counts = ", ".join(f"{changes.count(change)} {change}" for change in Change)
        log.info("source %s: pushed: %s", source.id, counts)
        return self._answer(read.drafts, made)

    def withdraw(self, source: Source, ident: str) -> Response:
        """Withdraws an article; again is no fault."""
        try:
            if self._service.store.pushing.withdraw(source, ident, self._service.clock()):
                log.info("source %s: article %s withdrawn through the API", source.id, ident)
        except StoreError as exc:
            raise _unsaved(exc) from exc
        self._follow()
        response = Reply(status=204, headers={"Cache-Control": "no-store"})
        del response.headers["Content-Type"]
        return response

    def _write(self, read: Pushed, replacing: str | None) -> tuple[Source, list[tuple[str, Change]]]:
        assert read.source is not None
        source = self._sources[read.source]
        now = self._service.clock()
        try:
            return source, self._service.store.pushing.save(source, read.drafts, now, replacing=replacing)
        except ConflictError as exc:
            raise Refused(Problem(status=409, detail=f"{exc}; nothing was saved")) from exc
        except StoreError as exc:
            raise _unsaved(exc) from exc

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._room.acquire(blocking=False):
            abort(503, "other articles are being saved; try again in a second", retry_after=_RETRY_AFTER)
        try:
            yield
        finally:
            self._room.release()

    def _read(self, body: bytes, among: Sequence[Source], named: Mapping[str, str], *, one: bool) -> Pushed:
        try:
            read = self._service.children.run(
                reading.read_pushed, body, tuple(among), dict(named), one, self._service.clock()
            )
        except ChildLostError as exc:
            log.error("a pushed document of %d bytes: %s", len(body), exc)
            abort(503, "the document could not be read now; nothing was saved", retry_after=_RETRY_AFTER)
        except ReadError as exc:
            raise Refused(Problem(status=400, detail=f"{exc}; nothing was saved")) from exc
        if read.flaws:
            raise _flawed(read.flaws)
        return read

    def _follow(self) -> None:
        """Who has pushed reads here what he has written; other processes follow in a moment."""
        try:
            self._service.catalog.load()
        except FeedsvcError as exc:
            log.warning("saved, but not yet in the catalog: %s", exc)

    def _answer(self, drafts: Sequence[Draft], made: Sequence[tuple[str, Change]]) -> Response:
        items = [
            {
                "id": f"urn:uuid:{ident}",
                "guid": draft.guid,
                "url": draft.link or f"{self._base_url}/articles/{ident}",
                "status": change,
            }
            for draft, (ident, change) in zip(drafts, made, strict=True)
        ]
        headers = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
        new = [ident for ident, change in made if change is Change.NEW]
        if len(made) == 1 and new:
            headers["Location"] = f"{self._base_url}/api/v1/articles/{new[0]}"
        body = json.dumps({"items": items}, ensure_ascii=False, separators=(",", ":"))
        return Reply(body, 201 if new else 200, headers)


def _pushed(source: Source) -> Source:
    if source.kind is not Kind.PUSH:
        abort(
            409, f"source {source.id!r} is of kind {source.kind.value}: its articles change where it is read"
        )
    return source


def _open(source: Source) -> None:
    if not source.enabled:
        abort(409, f"source {source.id!r} is not enabled: it takes no articles")


def _asked(name: str) -> str | None:
    """A parameter of the query, at most once."""
    values = request.args.getlist(name)
    if len(values) > 1 or "" in values:
        raise AddressError(f"{name}: allowed: once, and not empty")
    return values[0] if values else None


def _name_asked() -> dict[str, str]:
    """The guid or the url that the query names an article by."""
    given = {name: value for name in ("guid", "url") if (value := _asked(name)) is not None}
    if len(given) != 1:
        raise AddressError("an article is named by its id in the path, or by guid= or url= in the query")
    return given


def _body() -> bytes:
    """The JSON document of this request, which is no longer than may be."""
    kind = request.mimetype
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        abort(415, "the document must be JSON: Content-Type: application/json")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        abort(415, "the document must be JSON in UTF-8 (RFC 8259)")
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        abort(415, "the document must not be compressed")
    # One more than may be: of a body without a told length Werkzeug drops what is beyond, and says nothing.
    request.max_content_length = MAX_BODY + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        body = None
    if body is None or len(body) > MAX_BODY:
        abort(413, f"the document is larger than {MAX_BODY >> 20} MiB; push fewer articles at once")
    return body


def _flawed(flaws: Sequence[Flaw]) -> Refused:
    items = [{"index": flaw.index, "detail": flaw.detail} for flaw in flaws]
    first = flaws[0]
    where = "" if first.index is None else f"article {first.index}: "
    more = f" (and {len(flaws) - 1} more)" if len(flaws) > 1 else ""
    detail = f"{where}{first.detail}{more}; nothing was saved"
    return Refused(Problem(status=422, detail=detail, members={"items": items}))


def _unsaved(error: StoreError) -> Refused:
    log.warning("%s %s: %s", request.method, sent(request.environ), error)
    detail = "the store cannot be used now; nothing was saved"
    return Refused(Problem(status=503, detail=detail, headers={"Retry-After": "5"}))
