"""How long 50 entries take in each format, side by side with the least that could be done by hand.

    python benchmarks/render.py [ROUNDS]

«by hand» is the same elements, set one after another in an lxml tree (for JSON: the same structure, dumped).
Rounds alternate between the two, so that both see the same machine; figures are medians. Then building the
feed of the same articles, converted to a script and as they are.
"""

import json
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from lxml import etree

from feedsvc.feeds.address import SCRIPTS
from feedsvc.feeds.build import Site, build_feed
from feedsvc.feeds.directory import Directory
from feedsvc.feeds.formats import write
from feedsvc.model import Address, Article, Body, Entry, Feed, Format, Kind, Source, Term
from feedsvc.tagging.gazetteer import load

ENTRIES = 50
CHARACTERS = 1100
ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"


def sample() -> Feed:
    """A feed of 50 entries with bodies of 1,100 characters each."""
    now = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
    paragraph = "<p>水乡的早市从天亮开到晌午，蚕农、船工和学生在桥头的面馆里坐到一起。</p>"
    body = (paragraph * (CHARACTERS // len(paragraph) + 1))[:CHARACTERS]
    base = "https://news.example.cn"
    entries = tuple(
        Entry(
            id=uuid.uuid5(uuid.NAMESPACE_URL, str(number)).urn,
            link=f"https://paper.example.cn/2026/{number}.html",
            title=f"第{number}期：桥头面馆里的早市",
            published=now - timedelta(minutes=number),
            updated=now - timedelta(minutes=number),
            author="本报记者",
            summary=paragraph[3:-4],
            html=body,
            categories=(Term(value="society", label="社会", scheme=f"{base}/schemes/category"),),
            tags=tuple(
                Term(value=tag, label=tag, scheme=f"{base}/schemes/tag") for tag in ("早市", "面馆", "船工")
            ),
            regions=(Term(value="330400", label="嘉兴市", scheme=f"{base}/schemes/region"),),
            source_id="jiaxing",
            source_title="南湖晚报",
            source_url=f"{base}/source/jiaxing",
            revision=number,
        )
        for number in range(ENTRIES)
    )
    return Feed(
        id=uuid.uuid5(uuid.NAMESPACE_URL, "feed").urn,
        title="水乡新闻",
        description="水乡各地的新闻",
        language="zh-CN",
        home=f"{base}/all",
        self_urls={suffix: f"{base}/feeds/all.{suffix}" for suffix in Format},
        updated=now,
        entries=entries,
        author="水乡新闻",
    )


def rss_by_hand(feed: Feed) -> bytes:
    """The elements of write_rss, without feedgen."""
    root = etree.Element("rss", version="2.0", nsmap={"atom": ATOM, "content": CONTENT, "dc": DC})
    channel = etree.SubElement(root, "channel")
    for tag, content in (
        ("title", feed.title),
        ("link", feed.home),
        ("description", feed.description),
        ("language", feed.language),
        ("lastBuildDate", format_datetime(feed.updated)),
    ):
        etree.SubElement(channel, tag).text = content
    etree.SubElement(channel, f"{{{ATOM}}}link", href=feed.self_urls[Format.RSS], rel="self")
    for entry in feed.entries:
        item = etree.SubElement(channel, "item")
        for tag, content in (
            ("title", entry.title),
            ("link", entry.link),
            ("description", entry.summary),
            (f"{{{CONTENT}}}encoded", entry.html),
            ("pubDate", format_datetime(entry.published)),
            (f"{{{DC}}}creator", entry.author),
        ):
            etree.SubElement(item, tag).text = content
        etree.SubElement(item, "guid", isPermaLink="false").text = entry.id
        for term in (*entry.categories, *entry.tags, *entry.regions):
            etree.SubElement(item, "category", domain=term.scheme).text = term.label
        etree.SubElement(item, "source", url=entry.source_url).text = entry.source_title
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def atom_by_hand(feed: Feed) -> bytes:
    """The elements of write_atom, without feedgen."""
    root = etree.Element("feed", xmlns=ATOM)
    for tag, content in (("id", feed.id), ("title", feed.title), ("updated", feed.updated.isoformat())):
        etree.SubElement(root, tag).text = content
    etree.SubElement(etree.SubElement(root, "author"), "name").text = feed.author
    etree.SubElement(root, "link", href=feed.self_urls[Format.ATOM], rel="self")
    etree.SubElement(root, "link", href=feed.home, rel="alternate")
    for entry in feed.entries:
        item = etree.SubElement(root, "entry")
        for tag, content in (
            ("id", entry.id),
            ("title", entry.title),
            ("updated", entry.updated.isoformat()),
            ("published", entry.published.isoformat()),
            ("summary", entry.summary),
        ):
            etree.SubElement(item, tag).text = content
        etree.SubElement(item, "content", type="html").text = entry.html
        etree.SubElement(etree.SubElement(item, "author"), "name").text = entry.author
        etree.SubElement(item, "link", href=entry.link, rel="alternate")
        for term in (*entry.categories, *entry.tags, *entry.regions):
            etree.SubElement(item, "category", term=term.value, scheme=term.scheme, label=term.label)
        source = etree.SubElement(item, "source")
        for tag, content in (
            ("id", entry.source_url),
            ("title", entry.source_title),
            ("updated", entry.updated.isoformat()),
        ):
            etree.SubElement(source, tag).text = content
        etree.SubElement(source, "link", href=entry.source_url)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def json_by_hand(feed: Feed) -> bytes:
    """The members of write_json that every item has, dumped."""
    items = [
        {
            "id": entry.id,
            "url": entry.link,
            "title": entry.title,
            "content_html": entry.html,
            "summary": entry.summary,
            "date_published": entry.published.isoformat(),
            "date_modified": entry.updated.isoformat(),
            "authors": [{"name": entry.author}],
            "tags": [term.label for term in (*entry.categories, *entry.tags, *entry.regions)],
        }
        for entry in feed.entries
    ]
    return json.dumps({"title": feed.title, "items": items}, ensure_ascii=False).encode()


def builder(feed: Feed) -> Callable[[str | None], Feed]:
    """What builds `feed` from articles, in a script or as they are."""
    articles = [
        Article(
            id=entry.id,
            source=entry.source_id,
            seq=entry.revision,
            revision=entry.revision,
            title=entry.title,
            link=entry.link,
            author=entry.author,
            published=entry.published,
            updated=entry.updated,
            first_seen=entry.published,
            changed=entry.updated,
            tags=tuple(term.value for term in entry.tags),
            regions=tuple(term.value for term in entry.regions),
        )
        for entry in feed.entries
    ]
    bodies = {entry.id: Body(html=entry.html, summary=entry.summary) for entry in feed.entries}
    names = Directory([], load(), [Source(id="jiaxing", kind=Kind.FOLDER, title="南湖晚报")])
    site = Site(title=feed.title, base_url="https://news.example.cn", authority="example.cn")

    def build(script: str | None) -> Feed:
        return build_feed(
            Address(script=script),
            articles,
            bodies,
            (),
            site=site,
            names=names,
            ttl=feed.ttl,
            born=feed.updated,
        )

    return build


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def scripts(feed: Feed, rounds: int) -> None:
    build = builder(feed)
    for script in SCRIPTS:
        first = seconds(lambda script=script: build(script)) * 1000  # type: ignore[misc]
        converted: list[float] = []
        plain: list[float] = []
        for _ in range(rounds):
            converted.append(seconds(lambda script=script: build(script)))  # type: ignore[misc]
            plain.append(seconds(lambda: build(None)))
        mine, theirs = statistics.median(converted) * 1000, statistics.median(plain) * 1000
        sys.stdout.write(
            f"{script:4}  {mine:6.2f} ms   as it is {theirs:5.2f} ms   ratio {mine / theirs:.2f}"
            f"   first of a process {first:.0f} ms\n"
        )


def main(rounds: int) -> None:
    feed = sample()
    by_hand = {Format.RSS: rss_by_hand, Format.ATOM: atom_by_hand, Format.JSON: json_by_hand}
    for suffix, hand in by_hand.items():
        ours: list[float] = []
        least: list[float] = []
        for _ in range(rounds):
            ours.append(seconds(lambda suffix=suffix: write(feed, suffix)))  # type: ignore[misc]
            least.append(seconds(lambda hand=hand: hand(feed)))  # type: ignore[misc]
        mine, theirs = statistics.median(ours) * 1000, statistics.median(least) * 1000
        sys.stdout.write(
            f"{suffix:4}  {mine:6.2f} ms   by hand {theirs:6.2f} ms   ratio {mine / theirs:.2f}\n"
        )
    scripts(feed, rounds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
