"""A newspaper page dropped into a folder of a running site comes out in feeds."""

import shutil
from pathlib import Path

import lxml.html
import pytest

from feedsvc.tagging import gazetteer
from tests.e2e.paper import HEADLINES, LISTED, PAGE, PARAGRAPHS, TITLE
from tests.e2e.running import Home, Site, until
from tests.e2e.subscribed import FORMATS, Entry, entries

pytestmark = pytest.mark.slow

CONFIG = """
[site]
title = "禾城订阅"

[[sources]]
id = "paper"
kind = "folder"
title = "嘉禾日报"
path = "pages"
region = "330400"
"""
SOON = 30.0  # it takes two or three seconds; the machine may be slow
LABELS = {
    "agriculture": "三农",
    "city": "城建交通",
    "culture": "文化",
    "education": "教育",
    "environment": "生态气象",
    "finance": "财经",
    "health": "健康",
    "industry": "产业能源",
    "law": "法治",
    "sport": "体育",
}


def opened(home: Home) -> tuple[Site, Path]:
    """A running site, and its folder, still empty."""
    site = Site(home, CONFIG)
    pages = site.folder / "pages"
    pages.mkdir()
    site.start()
    assert site.items("all") == []
    return site, pages


def shown(site: Site, count: int) -> dict[str, Entry]:
    """The entries of the source, once there are exactly so many."""
    until(lambda: len(site.items("source/paper")) == count, f"{count} entries", SOON)
    return entries(site, "source/paper", "json")


@pytest.fixture(scope="module")
def site(shared_home: Home) -> Site:
    """A site into whose folder the page was put while it ran."""
    made, pages = opened(shared_home)
    (pages / "第一版.txt").write_text(PAGE, "utf-8")
    shown(made, len(LISTED))
    return made


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("address", ["all", "source/paper"])
def test_the_page_is_one_article_with_its_text_and_the_headlines_beside_it(
    site: Site, address: str, suffix: str
) -> None:
    found = entries(site, address, suffix)
    assert set(found) == set(LISTED)
    assert [title for title, entry in found.items() if (entry.html or "").count("<p>") > 1] == [TITLE]
    html = found[TITLE].html
    assert html is not None
    body = lxml.html.fragment_fromstring(html, create_parent=True)
    assert ["".join(p.itertext()) for p in body.iterfind("p")] == list(PARAGRAPHS)


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_article_of_title_alone_is_a_whole_entry(site: Site, suffix: str) -> None:
    found = entries(site, "source/paper", suffix)
    whole = entries(site, "source/paper", "json")
    for title in HEADLINES:
        entry = found[title]
        assert entry.id.startswith("urn:uuid:")
        assert entry.link == f"http://127.0.0.1:{site.port}/articles/{entry.id.removeprefix('urn:uuid:')}"
        assert entry.html is None
        assert (entry.id, entry.published, entry.subjects) == (
            whole[title].id,
            whole[title].published,
            whole[title].subjects,
        )
        page = site.get("/articles/" + entry.id.removeprefix("urn:uuid:"))
        assert page.status == 200
        assert title in page.body.decode()


@pytest.mark.parametrize("title", HEADLINES)
def test_a_headline_is_in_the_feeds_of_its_regions_and_category(site: Site, title: str) -> None:
    regions, category = HEADLINES[title]
    (item,) = [item for item in site.items("source/paper") if item["title"] == title]
    assert item["_feedsvc"]["regions"] == regions
    if category is not None:
        assert item["_feedsvc"]["category"] == category
    known = gazetteer.load()
    for suffix in FORMATS:
        for code in regions:
            region = known.get(code)
            assert region is not None
            assert region.name in entries(site, f"region/{code}", suffix)[title].subjects
            for above in known.ancestors(code):
                assert title in entries(site, f"region/{above}", suffix)
        if category is not None:
            assert LABELS[category] in entries(site, f"category/{category}", suffix)[title].subjects


def test_no_region_feed_holds_what_is_not_about_it(site: Site) -> None:
    jiaxing = {title for title, (regions, _) in HEADLINES.items() if set(regions) & {"330400", "330482"}}
    assert set(entries(site, "region/330400", "atom")) == {TITLE, *jiaxing}
    assert entries(site, "region/623001", "atom") == {}  # 合作市: 合作 is a word in one of the headlines


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_tag_has_a_feed_with_its_articles(site: Site, suffix: str) -> None:
    tagged: dict[str, set[str]] = {}
    for item in site.items("all"):
        assert item["_feedsvc"]["tags"], item["title"]
        for tag in item["_feedsvc"]["tags"]:
            tagged.setdefault(tag, set()).add(item["title"])
    assert "流感" in tagged
    for tag in sorted(tagged)[::4]:
        assert set(entries(site, f"tag/{tag}", suffix)) == tagged[tag]


def test_what_is_done_to_the_file_shows_in_the_feeds(home: Home) -> None:
    site, pages = opened(home)
    file = pages / "第一版.txt"
    file.write_text(PAGE, "utf-8")
    first = shown(site, len(LISTED))

    file.write_text(PAGE.replace("几户种植大户", "十几户种植大户"), "utf-8")  # edited
    until(lambda: "十几户种植大户" in site.get("/feeds/all.atom").body.decode(), "the edit", SOON)
    second = shown(site, len(LISTED))
    assert {t: e.id for t, e in second.items()} == {t: e.id for t, e in first.items()}
    assert {t: e.published for t, e in second.items()} == {t: e.published for t, e in first.items()}
    changed = {item["title"]: item["date_modified"] for item in site.items("all")}
    assert max(changed, key=lambda title: changed[title]) == TITLE

    file.write_text(PAGE + "我市图书馆试行夜间借阅\n", "utf-8")  # a headline more, and the edit taken back
    third = shown(site, len(LISTED) + 1)
    assert {t: third[t].id for t in first} == {t: e.id for t, e in first.items()}
    assert third[TITLE].html == first[TITLE].html

    (pages / "十一月").mkdir()  # moved; a second file tells when that has been noticed
    shutil.move(file, moved := pages / "十一月" / "头版.txt")
    (brief := pages / "快讯.md").write_text("# 平湖今晨大雾", "utf-8")
    until(lambda: "平湖今晨大雾" in entries(site, "all", "json"), "the second file", SOON)
    fourth = shown(site, len(LISTED) + 2)
    assert {t: fourth[t] for t in third} == third

    moved.unlink()  # removed
    brief.unlink()
    assert shown(site, 0) == {}
    for suffix in FORMATS:
        assert entries(site, "region/330400/source/paper", suffix) == {}
    gone = site.get("/articles/" + first[TITLE].id.removeprefix("urn:uuid:"))
    assert gone.status == 410

    file.write_text(PAGE, "utf-8")  # and put back
    assert {t: (e.id, e.published) for t, e in shown(site, len(LISTED)).items()} == {
        t: (e.id, e.published) for t, e in first.items()
    }
