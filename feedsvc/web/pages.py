"""Pages for people: home, the twin of every feed, articles, the health of sources."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import resources
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, abort, request
from jinja2 import Environment

from feedsvc import __version__
from feedsvc.catalog import Snapshot
from feedsvc.dates import SHANGHAI
from feedsvc.errors import UnknownError
from feedsvc.feeds.address import MAX_PATH, parse, path
from feedsvc.feeds.build import Site
from feedsvc.feeds.generator import MEDIA_TYPES
from feedsvc.feeds.titles import MARKS, title
from feedsvc.model import Address, Body, Facet, Format, Kind, Selection, Source, SourceState
from feedsvc.queries import MAX_QUERY
from feedsvc.script import LANGUAGES
from feedsvc.web.contents import ALL, Topic, contents, topic
from feedsvc.web.entries import item, items
from feedsvc.web.paths import article_id, meaning, sent, spelled
from feedsvc.web.problems import Problem
from feedsvc.web.rendering import Press
from feedsvc.web.renditions import rendered
from feedsvc.web.sending import moved, send

_HTML = "text/html; charset=utf-8"
# What a source wrote is shown, never run: cleaned when it came, and caged here all the same.
_CAGE = (
    "default-src 'none'; style-src 'self'; img-src http: https: data:; media-src http: https:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)
_TAGS = 48
_LATEST = 20
_PAGE_AGE = "public, max-age=60"


class Look:
    """Writes pages from the templates. Links between pages are paths below that of the site's base URL."""

    def __init__(self, environment: Environment, site: Site) -> None:
        style = resources.files("feedsvc.web").joinpath("static/style.css").read_bytes()
        self._environment = environment
        self._common = {
            "site": site,
            "base": site.base_url,
            "root": urlsplit(site.base_url).path,
            "all": ALL,
            "media_types": MEDIA_TYPES,
            "formats": {Format.RSS: "RSS", Format.ATOM: "Atom", Format.JSON: "JSON"},
            "style": hashlib.blake2b(style, digest_size=6).hexdigest(),
            "version": __version__,
        }
        environment.filters["clock"] = clock
        environment.filters["iso"] = lambda moment: moment.isoformat(timespec="seconds")

    def page(self, template: str, **known: object) -> bytes:
        """The page of a template."""
        return self._environment.get_template(template).render(self._common | known).encode()

    def problem(self, problem: Problem) -> bytes:
        """The page that says why there is no other."""
        return self.page("problem.html", problem=problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A source on the page of sources; `state` names its condition.

    well, failing, remark (well, but for some files), waiting (not read yet), unpushed, off.
    """

    source: Source
    topic: Topic
    known: SourceState | None
    state: str


def routes(press: Press, look: Look) -> Blueprint:
    """The routes of pages. The last of them takes what no other route does."""
    blueprint = Blueprint("pages", __name__)
    service = press.service

    @blueprint.get("/")
    def home() -> Response:
        def compose(snapshot: Snapshot) -> bytes:
            latest, _ = snapshot.page(Selection(), _LATEST)
            return look.page(
                "home.html",
                contents=contents(snapshot, service.settings, service.gazetteer, tags=_TAGS),
                latest=items(latest, {}, press.names),
                longest=MAX_QUERY,
            )

        return send(press, press.document("/", compose), content_type=_HTML, cache_control=_PAGE_AGE)

    @blueprint.get("/sources")
    def sources() -> Response:
        counts = service.catalog.snapshot.counts(Facet.SOURCE)
        states = service.catalog.states
        body = look.page(
            "sources.html",
            sources=[
                _health(s, states.get(s.id), topic(Facet.SOURCE, s.id, counts.get(s.id, 0), press.names))
                for s in service.settings.sources
            ],
        )
        return send(press, rendered(body), content_type=_HTML, cache_control="no-cache")

    @blueprint.get("/articles/<given>")
    def article(given: str) -> Response:
        ident = article_id(given)
        if f"/articles/{ident}" != sent(request.environ):
            return moved(press, f"articles/{ident}")
        found = service.catalog.snapshot.article(ident)
        if found is None:
            raise UnknownError("there is no such article here, or it is too old")
        if found.withdrawn is not None:
            abort(410, "the article was withdrawn by its source")
        body = service.catalog.bodies([found]).get(found.id, Body())
        shown = item(found, body, press.names)
        page = look.page("article.html", item=shown, body=body, cited=shown.link is not None)
        response = send(press, rendered(page), content_type=_HTML, cache_control=_PAGE_AGE)
        response.headers["Content-Security-Policy"] = _CAGE
        return response

    @blueprint.get("/search")
    def search() -> Response:
        """What the form of the site asks: leads to the page of a search, or back where nothing is asked."""
        asked = quote(request.args.get("q", "").strip(), safe="")
        found = path(parse(f"{Facet.SEARCH}/{asked}", press.names)) if asked else ""
        return moved(press, found, for_good=False)

    @blueprint.get("/favicon.ico")
    def favicon() -> Response:
        response = moved(press, "static/icon.svg")
        if press.site.icon:
            response.headers["Location"] = press.site.icon
        return response

    @blueprint.get("/<rest:_>")
    def twin(_: str) -> Response:
        raw = sent(request.environ).removeprefix("/")
        if len(raw) > MAX_PATH:
            abort(414)
        address = meaning(raw, press.names)
        canonical = path(address)
        if not spelled(raw, canonical):
            return moved(press, canonical)
        return send(
            press,
            press.document(f"/{canonical}", lambda snapshot: _twin(press, look, address, snapshot)),
            content_type=_HTML,
            cache_control=press.cache_control(address.selection),
        )

    return blueprint


def clock(moment: datetime) -> str:
    """A time as Chinese pages have it, in Beijing time: 2026-11-22 12:00."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _twin(press: Press, look: Look, address: Address, snapshot: Snapshot) -> bytes:
    articles = press.selected(snapshot, address).articles
    bodies = press.service.catalog.bodies(articles)
    above, below = _around(press, address.selection, snapshot)
    name = title(address.selection, press.names, address.script) or "全部文章"
    marks = [MARKS[address.script]] if address.script else []
    if address.archive:
        marks.append(f"（第 {address.archive} 卷）")
    older, newer = _beside(press, address, snapshot)
    return look.page(
        "feed.html",
        title="".join((name, *marks)),
        language=LANGUAGES.get(address.script or ""),
        path=path(address),
        feed=path(replace(address, archive=None)),  # what one subscribes to, also on the page of an archive
        address=address,
        items=items(articles, bodies, press.names, address.script),
        above=above,
        below=below,
        older=older,
        newer=newer,
    )


def _beside(press: Press, address: Address, snapshot: Snapshot) -> tuple[str | None, str | None]:
    """The addresses of the archive before a feed or archive, and of what comes after an archive."""
    archives = press.archives(snapshot, replace(address, archive=None))
    number = address.archive or archives.newest + 1
    older = path(replace(address, archive=number - 1)) if number > 1 else None
    if address.archive is None:
        return older, None
    following = number + 1 if number < archives.newest else None
    return older, path(replace(address, archive=following))


def _around(press: Press, selection: Selection, snapshot: Snapshot) -> tuple[list[Topic], list[Topic]]:
    """The regions above the one region that is selected, and those below it that have articles."""
    match selection.clauses:
        case (clause,) if clause.facet is Facet.REGION and len(clause.values) == 1 and not clause.excluded:
            gazetteer = press.service.gazetteer
            counts = snapshot.counts(Facet.REGION)

            def region(code: str) -> Topic:
                return topic(Facet.REGION, code, counts.get(code, 0), press.names)

            above = [region(code) for code in gazetteer.ancestors(clause.values[0])]
            below = [region(r.code) for r in gazetteer.children(clause.values[0]) if counts.get(r.code)]
            return above, below
    return [], []


def _health(source: Source, known: SourceState | None, about: Topic) -> Health:
    if not source.enabled:
        state = "off"
    elif known is None or known.last_attempt is None:
        state = "unpushed" if source.kind is Kind.PUSH else "waiting"
    elif known.failures:
        state = "failing"
    else:
        state = "remark" if known.cause else "well"
    return Health(source=source, topic=about, known=known, state=state)
