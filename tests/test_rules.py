"""Thirty rules that a feed must keep to be read everywhere, each on a site that is awkward on purpose."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import pytest
from lxml import etree

from feedsvc import text
from tests import awkward
from tests.awkward import Awkward, serve
from tests.conftest import Newsroom
from tests.judging import (
    AT,
    ATOM,
    CONTENT,
    DC,
    FH,
    ILLEGAL,
    MEDIA,
    SY,
    TYPES,
    URL,
    link_faults,
    markup_faults,
    not_urls,
    twice,
    xml_faults,
)
from tests.made import DAY, MINUTE, draft
from tests.web import BASE, BUS, SUFFIXES, Visitor, visit


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Awkward]:
    with awkward.opened(tmp_path_factory.mktemp("awkward")) as made:
        yield made


@pytest.fixture
def paper(newsroom: Newsroom) -> Visitor:
    """A visitor of a site with one article, an hour after it came."""
    service = newsroom.open()
    newsroom.publish("paper", BUS)
    newsroom.clock.advance(60 * MINUTE)
    return visit(service)


def test_rule_01_well_formed_and_without_illegal_characters(site: Awkward) -> None:
    """A parser that stops at the first error reads all (XML 1.0, 2.1 and 2.2); JSON is as clean."""
    for feed in site.of("rss", "atom"):
        assert xml_faults(feed.body) == []
    for feed in site.of("json"):
        assert not ILLEGAL.search(json.dumps(feed.json, ensure_ascii=False))
        assert "\\u00" not in feed.body.decode()


def test_rule_02_utf_8_from_the_first_byte(site: Awkward) -> None:
    """Nothing before the XML declaration (XML 1.0, 2.8) or the first brace (RFC 8259, 8.1), not a mark."""
    for feed in site.of(*SUFFIXES):
        start = b"{" if feed.suffix == "json" else b"<?xml "
        assert feed.body.startswith(start)
        assert feed.body.decode("utf-8")
        if feed.suffix != "json":
            assert etree.ElementTree(feed.root).docinfo.encoding == "UTF-8"


def test_rule_03_no_dtd_and_no_entities_of_html(site: Awkward) -> None:
    """Feed readers do not read DTDs, so only the five names that XML itself has are known (XML 1.0, 4.6)."""
    for feed in site.of("rss", "atom"):
        outside = re.sub(r"(?s)<!\[CDATA\[.*?\]\]>", "", feed.body.decode())
        assert "<!" not in outside
        assert set(re.findall(r"&([A-Za-z]\w*);", outside)) <= {"lt", "gt", "amp", "quot", "apos"}


def test_rule_04_exact_media_types(site: Awkward) -> None:
    """Each format under its registered name, with its charset (RFC 4287, 7; JSON Feed 1.1; OPML 2.0)."""
    for feed in site.of(*SUFFIXES):
        assert feed.content_type == TYPES[feed.suffix]
        asked = site.visitor.get(feed.path, Accept="text/html,application/xhtml+xml")
        assert asked.content_type == TYPES[feed.suffix]
    assert site.visitor.get("/opml.xml").content_type == TYPES["opml"]


def test_rule_05_validators_that_last_and_honest_304(site: Awkward) -> None:
    """What has not changed is neither made anew nor sent again (RFC 9110, 8.8, 13.1 and 15.4.5)."""
    for path in awkward.PATHS:
        first, second = site.visitor.get(path), site.visitor.get(path)
        assert (first.data, first.headers["ETag"]) == (second.data, second.headers["ETag"])
        assert re.fullmatch(r'"[^"]+"', first.headers["ETag"])
        assert parsedate_to_datetime(first.headers["Last-Modified"]) == parsedate_to_datetime(
            second.headers["Last-Modified"]
        )
        by_tag = site.visitor.get(path, If_None_Match=first.headers["ETag"])
        by_date = site.visitor.get(path, If_Modified_Since=first.headers["Last-Modified"])
        assert (by_tag.status_code, by_tag.data) == (304, b"")
        assert (by_date.status_code, by_date.data) == (304, b"")
        assert site.visitor.get(path, If_None_Match='"other"').status_code == 200


def test_rule_06_gzip_for_those_who_want_it(site: Awkward) -> None:
    """Compressed where asked for, never where refused; caches are told (RFC 9110, 12.5.3 and 12.5.5)."""
    for feed in site.of(*SUFFIXES):
        packed = site.visitor.get(feed.path, Accept_Encoding="gzip")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == feed.body
        for refused in ("gzip;q=0", "identity", "gzip;q=0.0, br;q=0"):
            plain = site.visitor.get(feed.path, Accept_Encoding=refused)
            assert "Content-Encoding" not in plain.headers
            assert plain.data == feed.body
            assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("spelled", "canonical"),
    [
        ("category/三农", "category/agriculture"),
        ("region/嘉兴", "region/330400"),
        ("region/浙江/嘉兴", "region/330400"),
        ("region/330400/category/city", "category/city/region/330400"),
        ("category/city,agriculture", "category/agriculture,city"),
        ("all/script/hant/limit/20", "all/limit/20/script/hant"),
    ],
)
def test_rule_07_what_has_moved_for_good_says_301(site: Awkward, spelled: str, canonical: str) -> None:
    """Readers change their subscription on a permanent redirect alone (RFC 9110, 15.4.2)."""
    for suffix in SUFFIXES:
        found = site.visitor.get(f"/feeds/{quote(spelled, safe='/,')}.{suffix}")
        assert found.status_code == 301
        assert found.headers["Location"] == f"{BASE}/feeds/{canonical}.{suffix}"
        assert site.visitor.get(found.headers["Location"]).status_code == 200


def test_rule_08_a_channel_has_title_link_and_description_once(site: Awkward) -> None:
    """The three required elements of a channel (RSS 2.0, Required channel elements), none of them empty."""
    for feed in site.of("rss"):
        for name in ("title", "link", "description"):
            (found,) = feed.head.iterfind(name)
            assert found.text.strip()
        assert feed.head.findtext("link") == f"{BASE}/{feed.path[7:].removesuffix('.rss')}"


def test_rule_09_self_is_the_address_served(site: Awkward) -> None:
    """A copy tells where it came from (RFC 4287, 4.2.7.2; RSS Profile, atom:link; JSON Feed, feed_url)."""
    for feed in site.of("rss", "atom"):
        (own,) = (each for each in feed.head.iterfind(f"{ATOM}link") if each.get("rel") == "self")
        assert own.get("href") == f"{BASE}{feed.path}"
        assert f"{own.get('type')}; charset=utf-8" == feed.content_type
    for feed in site.of("json"):
        assert feed.json["feed_url"] == f"{BASE}{feed.path}"


def test_rule_10_languages_by_their_right_names(site: Awkward) -> None:
    """RSS knows zh-CN and zh-TW (RSS language codes); the others tell scripts apart (RFC 5646, 2.2.3)."""
    for feed in site.of(*SUFFIXES):
        told = {
            "rss": lambda feed: feed.head.findtext("language"),
            "atom": lambda feed: feed.root.get("{http://www.w3.org/XML/1998/namespace}lang"),
            "json": lambda feed: feed.json["language"],
        }[feed.suffix](feed)
        if "script/hant" in feed.path:
            assert told == ("zh-TW" if feed.suffix == "rss" else "zh-Hant")
        elif "script/hans" in feed.path:
            assert told == ("zh-CN" if feed.suffix == "rss" else "zh-Hans")
        else:
            assert told == "zh-CN"


def test_rule_11_dates_of_rfc_822(site: Awkward) -> None:
    """English names, the weekday that it was, a zone (RFC 822, 5), years of four digits (RSS 2.0)."""
    form = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (GMT|[+-]\d{4})")
    for feed in site.of("rss"):
        dates = [each.text for name in ("lastBuildDate", "pubDate") for each in feed.root.iter(name)]
        assert len(dates) == 1 + len(feed.entries)
        for each in dates:
            assert form.fullmatch(each)
            moment = parsedate_to_datetime(each)
            assert moment.utcoffset() is not None
            assert each[:3] == ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]


def test_rule_12_last_build_date_moves_only_with_content(newsroom: Newsroom, paper: Visitor) -> None:
    """When content changed (RSS 2.0, lastBuildDate) is not when somebody asked or a source was read."""

    def built() -> datetime:
        return parsedate_to_datetime(str(serve(paper, "/feeds/all.rss").head.findtext("lastBuildDate")))

    first = built()
    newsroom.clock.advance(DAY)
    newsroom.publish("paper", BUS)
    newsroom.publish("wire")
    newsroom.fail("county", "no answer")
    assert built() == first
    newsroom.publish("paper", replace(BUS, html="<p>三路车改了道。</p>"))
    assert built() == first + DAY + 60 * MINUTE
    assert built() <= newsroom.clock()


def test_rule_13_what_describes_a_feed_stands_before_its_entries(site: Awkward) -> None:
    """Readers that stream know the feed when its first entry comes (RFC 4287, appendix B; RSS Profile)."""
    for feed in site.of("rss", "atom"):
        tags = [each.tag for each in feed.head]
        first = next((tags.index(each.tag) for each in feed.entries), len(tags))
        assert set(tags[first:]) <= {"item", f"{ATOM}entry"}


def test_rule_14_an_item_has_a_title_or_a_description(site: Awkward) -> None:
    """Nothing else in an item is required (RSS 2.0, Elements of item); what is there is not empty."""
    for feed in site.of("rss"):
        for item in feed.entries:
            said = [each.text or "" for each in item if each.tag in ("title", "description")]
            assert said
            assert all(each.strip() for each in said)


def test_rule_15_guids_are_unique_and_for_ever(site: Awkward, newsroom: Newsroom) -> None:
    """One that is no address says so (RSS 2.0, guid); an article keeps its own whatever becomes of it."""
    for feed in site.of("rss"):
        guids = [item.find("guid") for item in feed.entries]
        assert twice("guid", (each.text for each in guids)) == []
        assert all(each.get("isPermaLink") == "false" for each in guids)
        assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", each.text) for each in guids)
    for feed in site.of("atom"):
        twin = next(f for f in site.of("rss") if f.path == feed.path.replace(".atom", ".rss"))
        assert [e.findtext(f"{ATOM}id") for e in feed.entries] == [e.findtext("guid") for e in twin.entries]
    visitor = visit(newsroom.open())
    newsroom.publish("paper", BUS)
    before = serve(visitor, "/feeds/all.rss").entries[0].findtext("guid")
    newsroom.clock.advance(DAY)
    newsroom.publish("paper", replace(BUS, title="公交改道", guid="bus-2", html="<p>新</p>"))
    again = serve(visit(newsroom.open()), "/feeds/all/script/hant.rss").entries
    assert [each.findtext("guid") for each in again] == [before]


def test_rule_16_links_of_rss_are_absolute_and_ascii(site: Awkward) -> None:
    """RSS has no base that links could be relative to, and names URLs, not IRIs (RFC 3986, 2)."""
    for feed in site.of("rss"):
        found = [each.text for name in ("link", "docs", "url") for each in feed.root.iter(name)]
        found += [each.get("href") for each in feed.root.iter(f"{ATOM}link")]
        found += [each.get("url") for n in ("enclosure", "source") for each in feed.root.iter(n)]
        found += [each.get("url") for each in feed.root.iter(f"{MEDIA}content")]
        assert not_urls(found) == []


def test_rule_17_who_wrote_it_stands_in_dc_creator(site: Awkward) -> None:
    """`author` is for mail addresses (RSS 2.0, author), which sources do not tell; never are both there."""
    for feed in site.of("rss"):
        assert feed.root.find(".//author") is None
        for item in feed.entries:
            (creator,) = item.iterfind(f"{DC}creator")
            assert creator.text.strip()


def test_rule_18_one_enclosure_with_url_length_and_type(site: Awkward) -> None:
    """RSS readers take one (RSS Profile, enclosure); a length nobody knows is 0, never a word."""
    seen = 0
    for feed in site.of("rss"):
        for item in feed.entries:
            found = item.findall("enclosure")
            assert len(found) <= 1
            for each in found:
                seen += 1
                assert sorted(each.keys()) == ["length", "type", "url"]
                assert each.get("length").isdecimal()
                assert re.fullmatch(r"[a-z]+/[!-.0-~]+", each.get("type"))
    assert seen


def test_rule_19_description_before_content(site: Awkward) -> None:
    """Some readers take the last they find for the text, so the whole of it stands last (RSS Profile)."""
    seen = 0
    for feed in site.of("rss"):
        for item in feed.entries:
            tags = [each.tag for each in item]
            if {"description", f"{CONTENT}encoded"} <= set(tags):
                seen += 1
                assert tags.index("description") < tags.index(f"{CONTENT}encoded")
    assert seen


def test_rule_20_no_relative_address_in_html(site: Awkward) -> None:
    """Readers resolve them against different bases, or none (RSS Profile, description)."""
    for feed in site.of(*SUFFIXES):
        for markup in feed.markup:
            for found in re.findall(r"\s(?:href|src|poster|cite|srcset)\s*=\s*[\"']?([^\"'\s>]*)", markup):
                assert URL.fullmatch(found), (feed.path, found)


def test_rule_21_nothing_in_html_acts(site: Awkward) -> None:
    """No scripts, frames, forms, handlers, styles or addresses that run (RFC 4287, 8.1)."""
    seen = 0
    for feed in site.of(*SUFFIXES):
        assert b"alert(1)" not in feed.body
        for markup in feed.markup:
            assert list(markup_faults(markup)) == []
            seen += "坏链接" in markup
    assert seen


def test_rule_22_titles_are_plain_and_escaped_once(site: Awkward) -> None:
    """What a reader gets after one decoding is the title itself (RFC 4287, 3.1.1.1; RSS Profile, title)."""
    whole = {each.suffix: each for each in site.feeds if each.path.startswith("/feeds/all/limit/200.")}
    shown = {
        "rss": {e.findtext("title") for e in whole["rss"].entries},
        "atom": {e.findtext(f"{ATOM}title") for e in whole["atom"].entries},
        "json": {item["title"] for item in whole["json"].json["items"]},
    }
    expected = {text.squeeze(title) for title in awkward.TITLES.values()}
    for found in shown.values():
        assert expected <= found
    for feed in site.of("atom"):
        assert {each.get("type", "text") for each in feed.root.iter(f"{ATOM}title")} == {"text"}


def test_rule_23_atom_says_who_what_and_when(site: Awkward) -> None:
    """Feed and entries have id, title and updated once, and an author (RFC 4287, 4.1.1 and 4.1.2)."""
    for feed in site.of("atom"):
        for each in (feed.root, *feed.entries):
            for name in ("id", "title", "updated"):
                (found,) = each.iterfind(f"{ATOM}{name}")
                assert found.text.strip()
            assert each.findtext(f"{ATOM}author/{ATOM}name").strip()


def test_rule_24_atom_ids_are_absolute_and_unique(site: Awkward) -> None:
    """IRIs with a scheme, compared character by character (RFC 4287, 4.2.6); another feed has another."""
    owners: dict[str, set[str]] = {}
    for feed in site.of("atom"):
        ids = [each.findtext(f"{ATOM}id") for each in (feed.root, *feed.entries)]
        assert twice("id", ids) == []
        assert all(re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", each) for each in ids)
        owners.setdefault(ids[0], set()).add(re.sub(r"/archive/\d+|\.atom$", "", feed.path))
    assert all(len(found) == 1 for found in owners.values())


def test_rule_25_dates_of_rfc_3339_that_tell_entries_apart(site: Awkward) -> None:
    """With T and a zone (RFC 4287, 3.3); no two entries are updated at once, or readers shuffle them."""
    form = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
    for feed in site.of("atom"):
        dates = [each.text for n in ("updated", "published") for each in feed.root.iter(f"{ATOM}{n}")]
        assert all(form.fullmatch(each) for each in dates)
        updated = [each.findtext(f"{ATOM}updated") for each in feed.entries]
        assert twice("updated", map(datetime.fromisoformat, updated)) == []
    for feed in site.of("json"):
        for item in feed.json["items"]:
            assert form.fullmatch(item["date_published"])
            assert form.fullmatch(item.get("date_modified", item["date_published"]))


def test_rule_26_one_alternate_of_a_kind(site: Awkward) -> None:
    """No two have the same type and hreflang (RFC 4287, 4.1.1 and 4.1.2)."""
    for feed in site.of("atom"):
        for each in (feed.root, *feed.entries):
            links = each.findall(f"{ATOM}link")
            assert list(link_faults(links)) == []
            assert [link.get("rel") for link in links].count("alternate") == 1


def test_rule_27_html_is_declared_and_what_has_no_content_has_a_summary(site: Awkward) -> None:
    """Markup says that it is, plain text that it is not (RFC 4287, 3.1.1, 4.1.1.1 and 4.1.3.1)."""
    for feed in site.of("atom"):
        for each in feed.entries:
            content, summary = each.find(f"{ATOM}content"), each.find(f"{ATOM}summary")
            assert content is None or content.get("type") == "html"
            assert summary is None or summary.get("type", "text") == "text"
            assert content is not None or summary.text.strip()


def test_rule_28_every_entry_has_content_or_an_alternate(site: Awkward) -> None:
    """There is always something to open (RFC 4287, 4.1.2); a JSON item has one text (JSON Feed, Items)."""
    for feed in site.of("atom"):
        for each in feed.entries:
            rels = [link.get("rel", "alternate") for link in each.iterfind(f"{ATOM}link")]
            assert each.find(f"{ATOM}content") is not None or "alternate" in rels
    for feed in site.of("json"):
        for item in feed.json["items"]:
            assert len({"content_html", "content_text"} & item.keys()) == 1


def test_rule_29_archives_know_their_neighbours(site: Awkward) -> None:
    """Links to the feed and both neighbours, which exist, in the head; no fh:complete (RFC 5005, 2 and 4)."""
    for feed in site.of("rss", "atom"):
        found = {each.get("rel"): each.get("href") for each in feed.head.iterfind(f"{ATOM}link")}
        for rel in ("current", "prev-archive", "next-archive"):
            assert all(each.find(f"{ATOM}link[@rel='{rel}']") is None for each in feed.entries)
            if rel in found:
                assert serve(site.visitor, found[rel].removeprefix(BASE)).content_type == feed.content_type
        archive = re.search(r"/archive/(\d+)\.", feed.path)
        assert ("current" in found) is bool(archive)
        assert feed.root.find(f".//{FH}complete") is None
        archived = feed.head.find(f"{FH}archive") is not None
        if archive:
            assert found["current"] == f"{BASE}{feed.path.replace(archive[0], '.')}"
            assert ("prev-archive" in found) is (int(archive[1]) > 1)
        assert archived is ("next-archive" in found)
    assert sum(feed.head.find(f"{FH}archive") is not None for feed in site.of("atom")) >= 3


KNOWN = {
    "rss": {
        ATOM: {"link"},
        CONTENT: {"encoded"},
        DC: {"creator", "rights"},
        MEDIA: {"content"},
        FH: {"archive"},
    },
    "atom": {
        MEDIA: {"content"},
        SY: {"updatePeriod", "updateFrequency"},
        FH: {"archive"},
        AT: {"deleted-entry"},
    },
}


def test_rule_30_extensions_are_spelled_right_and_say_nothing_twice(site: Awkward) -> None:
    """Names and letter case as their documents have them, and only what the format itself cannot say."""
    used: set[str] = set()
    for feed in site.of("rss", "atom"):
        core = ATOM if feed.suffix == "atom" else "{}"
        for each in feed.root.iter(etree.Element):
            name = etree.QName(each)
            space = f"{{{name.namespace or ''}}}"
            if space != core:
                assert name.localname in KNOWN[feed.suffix][space], each.tag
                used.add(each.tag)
        for entry in feed.entries:
            files = [each.get("url") for each in entry.iterfind("enclosure")]
            files += [e.get("href") for e in entry.iterfind(f"{ATOM}link") if e.get("rel") == "enclosure"]
            files += [each.get("url") for each in entry.iterfind(f"{MEDIA}content")]
            assert twice("file", files) == []
        if feed.suffix == "rss":
            rels = {each.get("rel") for each in feed.head.iterfind(f"{ATOM}link")}
            assert rels <= {"self", "hub", "current", "prev-archive", "next-archive"}
    assert used == {
        f"{space}{name}" for known in KNOWN.values() for space, names in known.items() for name in names
    }
    for feed in site.of("json"):
        assert isinstance(feed.json["_feedsvc"], dict)
        assert all(isinstance(item["_feedsvc"], dict) for item in feed.json["items"])


def test_the_site_is_as_awkward_as_it_should_be(site: Awkward) -> None:
    """Rules that look at nothing prove nothing: every article is in some feed, and some feeds are empty."""
    sizes = {feed.path: len(feed.entries) for feed in site.of("atom")}
    empty = {path for path, size in sizes.items() if not size}
    assert empty == {f"/feeds/{address}.atom" for address in awkward.EMPTY}
    assert sizes["/feeds/all/limit/200.atom"] == len(awkward.TITLES) + len(awkward.others())
    assert draft("撤回的稿件").title.encode() not in b"".join(feed.body for feed in site.feeds)
