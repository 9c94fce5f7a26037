"""Judges of served documents: what a strict reader would say against them, as sentences.

Schemas written from the specifications (tests/data/schemas), two parsers that others have written, and what
no schema can say. A document without faults is one that no judge has a word about.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import feedparser
import listparser
import lxml.html
from jsonschema import Draft202012Validator
from lxml import etree

SCHEMAS = Path(__file__).parent / "data" / "schemas"
TYPES: Mapping[str, str] = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "opml": "text/x-opml; charset=utf-8",
}

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
FH = "{http://purl.org/syndication/history/1.0}"
MEDIA = "{http://search.yahoo.com/mrss/}"
SY = "{http://purl.org/rss/1.0/modules/syndication/}"
AT = "{http://purl.org/atompub/tombstones/1.0}"

URL = re.compile(r"https?://[!-~]+")
# XML 1.0 (5th ed.), production 2, and what it discourages below that.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|apos|#\d+|#x[0-9A-Fa-f]+);)")
_CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_VERSIONS = {"rss": "rss20", "atom": "atom10"}
_ACTIVE = frozenset(("script", "iframe", "frame", "object", "embed", "form", "style", "base", "meta", "link"))
_INERT_SCHEMES = ("http://", "https://", "mailto:", "tel:")


def feed_faults(body: bytes, suffix: str, content_type: str, url: str) -> list[str]:
    """What is wrong with a feed in the format `suffix` that was served as `content_type` at `url`."""
    found = [] if content_type == TYPES[suffix] else [f"served as {content_type}"]
    if suffix == "json":
        return found + list(json_faults(body, url))
    found += xml_faults(body)
    if found:
        return found
    root = etree.fromstring(body)
    found += schema_faults(root, suffix)
    parsed = feedparser.parse(body)
    if parsed.bozo:
        found.append(f"feedparser: {parsed.bozo_exception}")
    if parsed.version != _VERSIONS[suffix]:
        found.append(f"feedparser takes it for {parsed.version!r}")
    found += rss_faults(root, url) if suffix == "rss" else atom_faults(root, url)
    for markup in bodies(root):
        found += markup_faults(markup)
    return found


def opml_faults(body: bytes, content_type: str) -> list[str]:
    """What is wrong with a subscription list (http://opml.org/spec2.opml)."""
    found = [] if content_type == TYPES["opml"] else [f"served as {content_type}"]
    found += xml_faults(body)
    if found:
        return found
    parsed = listparser.parse(body)
    if parsed.bozo:
        found.append(f"listparser: {parsed.bozo_exception}")
    root = etree.fromstring(body)
    if (root.tag, root.get("version"), [each.tag for each in root]) != ("opml", "2.0", ["head", "body"]):
        found.append("no opml 2.0 with a head, then a body")
    outlines = list(root.iter("outline"))
    if any(not (each.get("text") or "").strip() for each in outlines):
        found.append("an outline without text")
    feeds = [each for each in outlines if each.get("type") == "rss"]
    if len(parsed.feeds) != len(feeds):
        found.append(f"listparser finds {len(parsed.feeds)} of {len(feeds)} feeds")
    found += not_urls(each.get(name) for each in feeds for name in ("xmlUrl", "htmlUrl"))
    return found + twice("feed", (each.get("xmlUrl") for each in feeds))


def xml_faults(body: bytes) -> list[str]:
    """Bytes that are no well-formed UTF-8 XML, or that stricter readers than libxml2 stumble over."""
    try:
        text = body.decode()
    except UnicodeDecodeError as exc:
        return [f"not UTF-8: {exc}"]
    found = [f"an illegal character U+{ord(char):04X}" for char in sorted(set(ILLEGAL.findall(text)))]
    if not re.match(r"""<\?xml version=['"]1\.0['"] encoding=['"](?i:utf-8)['"]\?>""", text):
        found.append(f"it begins with {text[:40]!r}")
    outside = _CDATA.sub("", text)
    if "<!DOCTYPE" in outside or "<!ENTITY" in outside:
        found.append("a DTD")
    if "<?xml-stylesheet" in outside:
        found.append("a stylesheet")
    if _ENTITY.search(outside):
        found.append("an entity that XML does not define")
    try:
        etree.fromstring(body)
    except etree.XMLSyntaxError as exc:
        found.append(f"not well-formed: {exc}")
    return found


def schema_faults(root: Any, suffix: str) -> list[str]:
    """What the schema of a format (RFC 4287, appendix B; the tables of RSS 2.0) says."""
    schema = _relaxng(suffix)
    if schema.validate(root):
        return []
    return [f"schema, line {each.line}: {each.message}" for each in schema.error_log]


def json_faults(body: bytes, url: str) -> Iterator[str]:
    """What is wrong with a JSON Feed at `url`."""
    try:
        feed = json.loads(body.decode())
    except ValueError as exc:
        yield f"no JSON in UTF-8: {exc}"
        return
    yield from (f"schema, {each.json_path}: {each.message}" for each in _json_schema().iter_errors(feed))
    if ILLEGAL.search(json.dumps(feed, ensure_ascii=False).replace("\\n", "")) or "\\u00" in body.decode():
        yield "an illegal character"
    if feed.get("feed_url") != url:
        yield f"feed_url is {feed.get('feed_url')}"
    if feed.get("next_url") == url:
        yield "it follows itself"
    yield from twice("id", (item.get("id") for item in feed["items"]))
    for item in feed["items"]:
        yield from markup_faults(item.get("content_html", ""))


def rss_faults(root: Any, url: str) -> Iterator[str]:
    """What the schema cannot say of RSS: RSS Advisory Board's Best Practices Profile, RFC 5005."""
    channel = root.find("channel")
    links = channel.findall(f"{ATOM}link")
    own = [link.get("href") for link in links if link.get("rel") == "self"]
    if own != [url]:
        yield f"self is {own}"
    yield from link_faults(links)
    if [each.tag for each in channel].count("item") and [each.tag for each in channel].index("item") < max(
        (at for at, each in enumerate(channel) if each.tag != "item"), default=0
    ):
        yield "something of the channel stands after an item"
    items = channel.findall("item")
    yield from twice("guid", (item.findtext("guid") for item in items))
    for item in items:
        tags = [each.tag for each in item]
        once = ("title", "description", "guid", "pubDate", f"{DC}creator", f"{CONTENT}encoded")
        yield from (f"{tag} {tags.count(tag)} times" for tag in once if tags.count(tag) > 1)
        if "author" in tags and f"{DC}creator" in tags:
            yield "author and dc:creator"
        if {"description", f"{CONTENT}encoded"} <= set(tags) and tags.index(f"{CONTENT}encoded") < tags.index(
            "description"
        ):
            yield "content:encoded before description"
        yield from not_urls(each.get("url") for each in item.iter(f"{MEDIA}content"))
    if (channel.find(f"{FH}archive") is not None) and not {"current"} <= {link.get("rel") for link in links}:
        yield "an archive without its feed"


def atom_faults(root: Any, url: str) -> Iterator[str]:
    """What the schema cannot say of Atom: RFC 4287, sections 4.1.1, 4.1.2 and 4.2.6; RFC 5005; RFC 6721."""
    links = root.findall(f"{ATOM}link")
    own = [link.get("href") for link in links if link.get("rel") == "self"]
    if own != [url]:
        yield f"self is {own}"
    entries = root.findall(f"{ATOM}entry")
    yield from link_faults(links)
    yield from twice("id", (entry.findtext(f"{ATOM}id") for entry in entries))
    yield from twice("updated", (entry.findtext(f"{ATOM}updated") for entry in entries))
    authored = root.find(f"{ATOM}author") is not None
    for entry in entries:
        yield from link_faults(entry.findall(f"{ATOM}link"))
        if not authored and entry.find(f"{ATOM}author") is None:
            yield "an entry without author"
        content = entry.find(f"{ATOM}content")
        if content is None and not any(
            link.get("rel", "alternate") == "alternate" for link in entry.findall(f"{ATOM}link")
        ):
            yield "an entry with neither content nor alternate"
        if content is None and entry.find(f"{ATOM}summary") is None:
            yield "an entry that says nothing"
    shown = {entry.findtext(f"{ATOM}id") for entry in entries}
    for grave in root.iter(f"{AT}deleted-entry"):
        if grave.get("ref") in shown or not grave.get("when"):
            yield "a tombstone without a moment, or of an entry that is there"
    if (root.find(f"{FH}archive") is not None) and not {"current"} <= {link.get("rel") for link in links}:
        yield "an archive without its feed"


def link_faults(links: Iterable[Any]) -> Iterator[str]:
    """Links of one feed or entry: RFC 4287, section 4.1.1, and RFC 8288."""
    found = list(links)
    yield from not_urls(link.get("href") for link in found)
    once = ("self", "alternate", "current", "prev-archive", "next-archive")
    yield from twice(
        "link",
        (
            (link.get("rel", "alternate"), link.get("type"), link.get("hreflang"))
            for link in found
            if link.get("rel", "alternate") in once
        ),
    )


def markup_faults(markup: str) -> Iterator[str]:
    """What no reader should be sent inside HTML: relative links, and anything that acts."""
    if not markup.strip():
        return
    for element in lxml.html.fragment_fromstring(markup, create_parent="div").iter(etree.Element):
        if element.tag in _ACTIVE:
            yield f"<{element.tag}>"
        for name, value in element.items():
            low = "".join(str(value).split()).lower()
            if str(name).startswith("on") or name in ("style", "srcdoc", "srcset"):
                yield f"the attribute {name}"
            if name in ("href", "src", "poster", "cite", "action") and not low.startswith(_INERT_SCHEMES):
                yield f"{name}={value!r}"


def bodies(root: Any) -> list[str]:
    """The HTML of all entries of a parsed RSS or Atom feed."""
    found = [each.text or "" for each in root.iter(f"{CONTENT}encoded")]
    found += [each.text or "" for each in root.iter(f"{ATOM}content") if each.get("type") == "html"]
    return found + [each.text or "" for each in root.findall("channel/item/description")]


def not_urls(found: Iterable[str | None]) -> list[str]:
    """Those of `found` that are no absolute web address in ASCII."""
    return [f"{each!r} is no address" for each in found if not URL.fullmatch(each or "")]


def twice(what: str, found: Iterable[object]) -> list[str]:
    """Those of `found` that are there more than once."""
    return [f"{what} {each} {count} times" for each, count in Counter(found).items() if count > 1]


@cache
def _relaxng(suffix: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(SCHEMAS / f"{suffix}.rng"))


@cache
def _json_schema() -> Draft202012Validator:
    schema = json.loads((SCHEMAS / "jsonfeed.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
