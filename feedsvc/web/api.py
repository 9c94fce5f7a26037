"""/api/v1: articles, sources, categories, tags and regions as JSON; errors as RFC 9457."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, abort, request

from feedsvc import urls
from feedsvc.errors import AddressError, UnknownError
from feedsvc.feeds.address import parse as parse_address
from feedsvc.feeds.address import path
from feedsvc.model import Address, Article, Body, Clause, Facet, Format, Kind, Selection, Source
from feedsvc.web.paths import article_id
from feedsvc.web.rendering import Press
from feedsvc.web.renditions import rendered
from feedsvc.web.sending import send

_T = TypeVar("_T")

MAX_LIMIT = 200
_LIMIT = 50
_CURSOR = re.compile(r"[0-9a-f]{1,16}")
_NAMES = {facet: "q" if facet is Facet.SEARCH else facet.value for facet in Facet}
# The parameters that filter, with what they are called in an address.
_FILTERS = {f"{sign}{name}": f"{sign}{facet}" for facet, name in _NAMES.items() for sign in ("", "-")}


def routes(press: Press) -> Blueprint:
    """The routes of the API, version 1."""
    blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
    catalog, settings = press.service.catalog, press.service.settings

    @blueprint.get("/articles")
    def articles() -> Response:
        given = request.args
        pairs = [(name, value) for name in _FILTERS for value in given.getlist(name)]
        selection = _selection(pairs, press)
        limit, cursor = _limit(given.get("limit"), _LIMIT), _cursor(given.get("cursor"))
        found, following = catalog.snapshot.page(selection, limit, cursor)
        bodies = catalog.bodies(found)
        return answer([_article(a, bodies.get(a.id), press) for a in found], limit, following, pairs)

    @blueprint.get("/articles/<given>")
    def article(given: str) -> Response:
        found = catalog.snapshot.article(article_id(given))
        if found is None:
            raise UnknownError("there is no such article here, or it is too old")
        body = None if found.withdrawn else catalog.bodies([found]).get(found.id)
        return document(_article(found, body, press))

    @blueprint.get("/sources")
    def sources() -> Response:
        counts = catalog.snapshot.counts(Facet.SOURCE)
        return page(settings.sources, lambda s: _source(s, counts.get(s.id, 0), press))

    @blueprint.get("/categories")
    def categories() -> Response:
        counts = catalog.snapshot.counts(Facet.CATEGORY)
        return page(
            settings.categories,
            lambda c: (
                {"key": c.key, "label": c.label, "iptc": c.iptc, "gb": c.gb}
                | _shared(Facet.CATEGORY, c.key, counts.get(c.key, 0), press)
            ),
        )

    @blueprint.get("/tags")
    def tags() -> Response:
        counts = catalog.snapshot.counts(Facet.TAG)
        ranked = sorted(counts, key=lambda tag: (-counts[tag], tag))
        return page(ranked, lambda tag: {"tag": tag} | _shared(Facet.TAG, tag, counts[tag], press))

    @blueprint.get("/regions")
    def regions() -> Response:
        counts = catalog.snapshot.counts(Facet.REGION)
        known = [region for region in press.service.gazetteer if counts.get(region.code)]
        return page(
            known,
            lambda r: (
                {"code": r.code, "name": r.name, "level": r.level, "parent": r.parent, "path": r.path}
                | _shared(Facet.REGION, r.code, counts[r.code], press)
            ),
        )

    @blueprint.route("/", defaults={"_": ""})
    @blueprint.route("/<rest:_>")
    def unknown(_: str) -> Response:
        abort(404, "there is no such resource in this API")

    def page(known: Sequence[_T], written: Callable[[_T], Mapping[str, Any]]) -> Response:
        """One page of a list, in its order; the cursor is the place to go on from."""
        limit, start = _limit(request.args.get("limit"), MAX_LIMIT), _cursor(request.args.get("cursor")) or 0
        following = start + limit if start + limit < len(known) else None
        return answer([written(each) for each in known[start : start + limit]], limit, following, [])

    def answer(
        items: list[Mapping[str, Any]], limit: int, following: int | None, pairs: list[tuple[str, str]]
    ) -> Response:
        query = urlencode([*pairs, ("limit", limit), ("cursor", f"{following or 0:x}")])
        url = None if following is None else f"{press.site.base_url}{request.path}?{query}"
        return document({"items": items, "next": url})

    def document(value: Mapping[str, Any]) -> Response:
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        return send(
            press,
            rendered(body),
            content_type="application/json; charset=utf-8",
            cache_control="no-cache",
        )

    return blueprint


def _article(article: Article, body: Body | None, press: Press) -> dict[str, Any]:
    return {
        "id": article.urn,
        "url": _url(article, press),
        "title": article.title,
        "source": article.source,
        "author": article.author,
        "published": _time(article.published),
        "updated": _time(article.updated),
        "category": article.category,
        "tags": article.tags,
        "regions": article.regions,
        "summary": body.summary if body else "",
        "content_html": body.html if body else "",
        "revision": article.revision,
        "withdrawn": _time(article.withdrawn),
        "related": [
            {"id": other.urn, "url": _url(other, press), "title": other.title, "source": other.source}
            for other in press.service.catalog.snapshot.related(article)
        ],
    }


def _url(article: Article, press: Press) -> str:
    return urls.absolute(article.link) or f"{press.site.base_url}/articles/{article.id}"


def _source(source: Source, count: int, press: Press) -> dict[str, Any]:
    state = press.service.catalog.states.get(source.id)
    refreshed = source.kind is not Kind.PUSH
    found = state.finding if state and source.kind is Kind.AUTO else None
    return {
        "id": source.id,
        "title": source.title,
        "kind": found.kind if found else source.kind,
        "url": source.url,
        "enabled": source.enabled,
        "interval": int(source.interval.total_seconds()) if refreshed else None,
        "last_attempt": _time(state.last_attempt) if state else None,
        "last_success": _time(state.last_success) if state else None,
        "next_try": _time(state.due) if state and source.enabled and refreshed else None,
        "failures": state.failures if state else 0,
        "cause": state.cause if state else None,
    } | _shared(Facet.SOURCE, source.id, count, press)


def _shared(facet: Facet, value: str, count: int, press: Press) -> dict[str, Any]:
    """What every topic has: how many articles, its page and its feeds."""
    selection = Selection(clauses=(Clause(facet=facet, values=(value,)),))
    spelled, base = path(Address(selection=selection)), press.site.base_url
    return {
        "count": count,
        "page": f"{base}/{spelled}",
        "feeds": {suffix.value: f"{base}/feeds/{spelled}.{suffix}" for suffix in Format},
    }


def _selection(pairs: list[tuple[str, str]], press: Press) -> Selection:
    """The selection that filters ask for, read as an address is: a comma is OR, a repeated filter AND."""
    parts = [f"{_FILTERS[name]}/{quote(value, safe=',')}" for name, value in pairs]
    return parse_address("/".join(["all", *parts]), press.names).selection


def _limit(value: str | None, usual: int) -> int:
    if value is None:
        return usual
    if not re.fullmatch("[0-9]{1,9}", value) or not 1 <= int(value) <= MAX_LIMIT:
        raise AddressError(f"limit: a whole number from 1 to {MAX_LIMIT}")
    return int(value)


def _cursor(value: str | None) -> int | None:
    if value is None:
        return None
    if not _CURSOR.fullmatch(value):
        raise AddressError("cursor: take it from the field next of the page before")
    return int(value, 16)


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
