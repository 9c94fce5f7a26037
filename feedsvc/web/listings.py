"""Lists of all feeds and pages for programs: /opml.xml, /sitemap.xml, /robots.txt."""

from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree import ElementTree

from flask import Blueprint, Response

from feedsvc.catalog import Snapshot
from feedsvc.feeds.formats import OPML_TYPE
from feedsvc.feeds.opml import Group, Subscription, write_opml
from feedsvc.model import Selection
from feedsvc.web.contents import ALL, LEADING, Contents, Topic, addresses, contents, flat
from feedsvc.web.rendering import Press
from feedsvc.web.renditions import rendered
from feedsvc.web.sending import send

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_SITEMAP_MAX = 50_000  # URLs in one file (https://www.sitemaps.org/protocol.html)


def routes(press: Press) -> Blueprint:
    """The routes of lists."""
    blueprint = Blueprint("listings", __name__)
    base = press.site.base_url

    def found(snapshot: Snapshot) -> Contents:
        return contents(snapshot, press.service.settings, press.service.gazetteer, tags=LEADING)

    @blueprint.get("/opml.xml")
    def opml() -> Response:
        rendering = press.document(
            "/opml.xml", lambda snapshot: _opml(found(snapshot), press.site.title, base)
        )
        return send(press, rendering, content_type=OPML_TYPE, cache_control=press.cache_control(Selection()))

    @blueprint.get("/sitemap.xml")
    def sitemap() -> Response:
        rendering = press.document("/sitemap.xml", lambda snapshot: _sitemap(snapshot, found(snapshot), base))
        return send(
            press,
            rendering,
            content_type="application/xml; charset=utf-8",
            cache_control=press.cache_control(Selection()),
        )

    # Searches have pages without end.
    robots_txt = rendered(
        f"User-agent: *\nDisallow: /api/\nDisallow: /search\n\nSitemap: {base}/sitemap.xml\n".encode()
    )

    @blueprint.get("/robots.txt")
    def robots() -> Response:
        return send(
            press,
            robots_txt,
            content_type="text/plain; charset=utf-8",
            cache_control="public, max-age=3600",
        )

    return blueprint


def _opml(found: Contents, title: str, base: str) -> bytes:
    everything = Subscription(
        title=title, feed_url=f"{base}/feeds/{ALL}.atom", html_url=f"{base}/{ALL}", description=""
    )
    return write_opml(
        title,
        [
            Group(title="全部", subscriptions=(everything,)),
            _group("栏目", found.categories, base),
            _group("地区", flat(found.regions), base),
            _group("来源", found.sources, base),
            _group("关键词", found.tags, base),
        ],
    )


def _group(title: str, topics: Iterable[Topic], base: str) -> Group:
    return Group(
        title=title,
        subscriptions=tuple(
            Subscription(
                title=topic.label,
                feed_url=f"{base}/feeds/{topic.path}.atom",
                html_url=f"{base}/{topic.path}",
            )
            for topic in topics
        ),
    )


def _sitemap(snapshot: Snapshot, found: Contents, base: str) -> bytes:
    """The page of sources has no `lastmod`: it changes with every refresh."""
    root = ElementTree.Element("urlset", xmlns=_SITEMAP)
    everything, *topics = addresses(found)
    touched = {"": snapshot.last, everything: snapshot.last}
    for topic in (*found.categories, *flat(found.regions), *found.sources, *found.tags):
        touched[topic.path] = snapshot.touched.get(f"{topic.facet}:{topic.value}", (0, 0))[0]
    paths = ["", everything, "sources", *topics]
    for path in paths[:_SITEMAP_MAX]:
        url = ElementTree.SubElement(root, "url")
        ElementTree.SubElement(url, "loc").text = f"{base}/{path}"
        if moment := touched.get(path):
            changed = datetime.fromtimestamp(moment, UTC)
            ElementTree.SubElement(url, "lastmod").text = changed.isoformat(timespec="seconds")
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))
