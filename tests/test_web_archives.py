"""Archives (RFC 5005): a reader that walks them gets every article ever, each once."""

from datetime import timedelta

import pytest
from lxml import etree

from feedsvc.model import Draft
from tests.conftest import SITE, Clock, Newsroom
from tests.made import MINUTE, draft
from tests.web import ATOM, BASE, SUFFIXES, Visitor, visit

FH = "{http://purl.org/syndication/history/1.0}"
SMALL = SITE + "\n[feeds]\nlimit = 3\narchive_size = 4\n"
TAG = "/feeds/tag/%E7%94%B2"


def news(number: int, **fields: object) -> Draft:
    given: dict[str, object] = {"guid": str(number), "html": f"<p>正文{number}</p>", "tags": ["甲"]}
    return draft(f"第{number}篇", **(given | fields))


def fill(newsroom: Newsroom, numbers: range, **fields: object) -> None:
    """Articles one after another, a minute apart."""
    for number in numbers:
        newsroom.clock.advance(MINUTE)
        newsroom.publish("paper", news(number, **fields))


def links(visitor: Visitor, url: str) -> dict[str, str]:
    """The relations of an Atom document and where they lead."""
    root = etree.fromstring(visitor.get(url).data)
    return {str(link.get("rel")): str(link.get("href")) for link in root.findall(f"{ATOM}link")}


def entries(visitor: Visitor, url: str) -> list[str]:
    answer = visitor.get(url)
    assert answer.status_code == 200, url
    root = etree.fromstring(answer.data)
    return [str(entry.findtext(f"{ATOM}title")) for entry in root.findall(f"{ATOM}entry")]


def walk(visitor: Visitor, url: str) -> list[str]:
    """The titles of a feed and all before it, as a reader of RFC 5005 gets them: each entry id once."""
    seen: dict[str, str] = {}
    following: str | None = url
    while following:
        root = etree.fromstring(visitor.get(following).data)
        for entry in root.findall(f"{ATOM}entry"):
            seen.setdefault(str(entry.findtext(f"{ATOM}id")), str(entry.findtext(f"{ATOM}title")))
        following = next(
            (link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "prev-archive"),
            None,
        )
    return list(seen.values())


@pytest.fixture
def visitor(newsroom: Newsroom) -> Visitor:
    return visit(newsroom.open(SMALL))


def test_a_feed_that_shows_all_has_no_archive(newsroom: Newsroom, visitor: Visitor) -> None:
    fill(newsroom, range(3))
    assert "prev-archive" not in links(visitor, f"{TAG}.atom")
    assert len(walk(visitor, f"{TAG}.atom")) == 3


def test_archives_are_linked_to_each_other_and_to_the_feed(newsroom: Newsroom, visitor: Visitor) -> None:
    fill(newsroom, range(10))
    assert links(visitor, f"{TAG}.atom")["prev-archive"] == f"{BASE}{TAG}/archive/3.atom"
    assert entries(visitor, f"{TAG}.atom") == ["第9篇", "第8篇", "第7篇"]
    first, second, third = (f"{TAG}/archive/{n}.atom" for n in (1, 2, 3))
    assert entries(visitor, first) == ["第3篇", "第2篇", "第1篇", "第0篇"]
    assert entries(visitor, second) == ["第7篇", "第6篇", "第5篇", "第4篇"]
    assert entries(visitor, third) == ["第9篇", "第8篇"]
    current = f"{BASE}{TAG}.atom"
    found = links(visitor, first)
    assert (found["current"], found["next-archive"]) == (current, f"{BASE}{second}")
    assert "prev-archive" not in found
    found = links(visitor, second)
    assert (found["prev-archive"], found["next-archive"]) == (f"{BASE}{first}", f"{BASE}{third}")
    found = links(visitor, third)
    assert (found["prev-archive"], found["current"]) == (f"{BASE}{second}", current)
    assert "next-archive" not in found


def test_only_full_archives_say_that_they_never_change(newsroom: Newsroom, visitor: Visitor) -> None:
    fill(newsroom, range(10))
    for number, archived in ((1, True), (2, True), (3, False)):
        for suffix, root in (("atom", "."), ("rss", "channel")):
            document = etree.fromstring(visitor.get(f"{TAG}/archive/{number}.{suffix}").data)
            assert (document.find(f"{root}/{FH}archive") is not None) is archived


def test_all_documents_of_a_feed_have_one_id(newsroom: Newsroom, visitor: Visitor) -> None:
    fill(newsroom, range(5))
    documents = (f"{TAG}.atom", f"{TAG}/archive/1.atom", f"{TAG}/archive/2.atom")
    assert len({etree.fromstring(visitor.get(d).data).findtext(f"{ATOM}id") for d in documents}) == 1


def test_json_leads_to_older_items(newsroom: Newsroom, visitor: Visitor) -> None:
    fill(newsroom, range(5))
    newest = visitor.json(f"{TAG}.json")
    older = visitor.json(newest["next_url"])
    oldest = visitor.json(older["next_url"])
    assert "next_url" not in oldest
    assert {item["title"] for page in (newest, older, oldest) for item in page["items"]} == {
        f"第{n}篇" for n in range(5)
    }


def test_an_archive_that_is_not_yet_is_404_but_for_the_next(newsroom: Newsroom, visitor: Visitor) -> None:
    fill(newsroom, range(4))
    assert links(visitor, f"{TAG}/archive/1.atom")["next-archive"] == f"{BASE}{TAG}/archive/2.atom"
    assert entries(visitor, f"{TAG}/archive/2.atom") == []
    assert visitor.get(f"{TAG}/archive/3.atom").status_code == 404
    assert visitor.get(f"{TAG}/archive/0.atom").status_code == 404
    assert visitor.get("/feeds/archive/1/tag/%E7%94%B2.atom").status_code == 301


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_archive_keeps_its_bytes_until_one_of_its_own_changes(
    newsroom: Newsroom, visitor: Visitor, suffix: str
) -> None:
    fill(newsroom, range(9))

    def answers() -> list[tuple[bytes, str]]:
        found = [visitor.get(f"{TAG}/archive/{n}.{suffix}") for n in (1, 2)]
        return [(answer.data, answer.headers["ETag"]) for answer in found]

    before = answers()
    fill(newsroom, range(9, 30))
    assert answers() == before
    fill(newsroom, range(100, 101), tags=["甲", "乙"])
    assert answers() == before
    newsroom.publish("paper", news(1, html="<p>改过</p>"))
    edited = answers()
    assert edited[0] != before[0]
    assert edited[1] == before[1]
    newsroom.publish("paper", news(6, tags=["乙"]))  # it left the tag, not the archive
    assert b"\xe7\xac\xac6\xe7\xaf\x87" in visitor.get(f"{TAG}/archive/2.{suffix}").data


def test_a_walk_gets_every_article_ever_each_once(newsroom: Newsroom, visitor: Visitor, clock: Clock) -> None:
    fill(newsroom, range(17))
    newsroom.publish("paper", news(200, published=clock() - timedelta(days=300)))  # late, and old at once
    newsroom.publish("paper", news(3, tags=["乙"]))
    expected = {f"第{n}篇" for n in (*range(17), 200)}
    found = walk(visitor, f"{TAG}.atom")
    assert len(found) == len(set(found))
    assert set(found) == expected
    both = walk(visitor, "/feeds/all/-tag/%E4%B9%99.atom")
    assert set(both) == expected  # what got the excluded tag later was there before


def test_new_articles_while_a_reader_walks_take_nothing_from_it(newsroom: Newsroom, visitor: Visitor) -> None:
    fill(newsroom, range(13))
    seen = set(entries(visitor, f"{TAG}.atom"))
    following: str | None = links(visitor, f"{TAG}.atom")["prev-archive"]
    number = 100
    while following:
        fill(newsroom, range(number, number + 3))
        number += 3
        seen |= set(entries(visitor, following))
        following = links(visitor, following).get("prev-archive")
    assert seen >= {f"第{n}篇" for n in range(13)}


def test_numbers_stay_when_old_articles_are_pruned(newsroom: Newsroom) -> None:
    service = newsroom.open(SMALL)
    visitor = visit(service)
    fill(newsroom, range(12))
    second = visitor.get(f"{TAG}/archive/2.atom").data
    third = entries(visitor, f"{TAG}/archive/3.atom")
    now = newsroom.clock()
    assert service.store.prune(now - 8 * MINUTE + timedelta(seconds=1), now + MINUTE) == 4
    service.catalog.load()
    assert entries(visitor, f"{TAG}/archive/1.atom") == []
    assert visitor.get(f"{TAG}/archive/2.atom").data == second
    assert entries(visitor, f"{TAG}/archive/3.atom") == third
    assert len(walk(visitor, f"{TAG}.atom")) == 8


def test_the_withdrawn_leave_a_tombstone_in_their_archive(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open(SMALL))
    for number in range(6):
        newsroom.file("desk", f"{number}.md", draft(f"第{number}篇", slot=f"{number}.md", tags=["甲"]))
    first = entries(visitor, f"{TAG}/archive/1.atom")
    newsroom.remove("desk", "0.md")
    root = etree.fromstring(visitor.get(f"{TAG}/archive/1.atom").data)
    assert entries(visitor, f"{TAG}/archive/1.atom") == [title for title in first if title != "第0篇"]
    assert len(root.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")) == 1


def test_archives_are_the_same_in_another_service(newsroom: Newsroom, visitor: Visitor) -> None:
    fill(newsroom, range(10))
    other = visit(newsroom.open(SMALL))
    for path in (f"{TAG}.atom", f"{TAG}/archive/1.atom", f"{TAG}/archive/3.atom"):
        assert visitor.get(path).data == other.get(path).data
        assert visitor.get(path).headers["ETag"] == other.get(path).headers["ETag"]


def test_a_region_has_archives_of_all_below_it(newsroom: Newsroom, visitor: Visitor) -> None:
    for number, code in enumerate(("330400", "330411", "330000", "330424", "330482")):
        newsroom.clock.advance(MINUTE)
        newsroom.publish("paper", news(number, regions=[code]))
    assert len(entries(visitor, "/feeds/region/330000/archive/1.atom")) == 4
    assert len(entries(visitor, "/feeds/region/330400/archive/1.atom")) == 4
    assert walk(visitor, "/feeds/region/330000.atom") == ["第4篇", "第3篇", "第2篇", "第1篇", "第0篇"]


def test_pages_lead_to_older_and_newer_articles(newsroom: Newsroom, visitor: Visitor) -> None:
    fill(newsroom, range(10))

    def turn(path: str) -> dict[str, str]:
        page = visitor.page(path)
        return {link.get("rel"): link.get("href") for link in page.cssselect("nav a[rel]")}

    tag = "/tag/%E7%94%B2"
    assert turn(tag) == {"prev": f"{tag}/archive/3"}
    assert turn(f"{tag}/archive/3") == {"next": tag, "prev": f"{tag}/archive/2"}
    assert turn(f"{tag}/archive/1") == {"next": f"{tag}/archive/2"}
    assert "第0篇" in visitor.get(f"{tag}/archive/1").text
    page = visitor.page(f"{tag}/archive/1")
    alternates = [link.get("href") for link in page.cssselect("link[rel=alternate]")]
    assert alternates == [f"{BASE}{TAG}.{suffix}" for suffix in SUFFIXES]
    assert visitor.get(f"{tag}/archive/9").status_code == 404


def test_the_page_of_a_script_is_in_that_script(newsroom: Newsroom, visitor: Visitor) -> None:
    newsroom.publish(
        "paper", draft("县医院启用新门诊楼", guid="1", category="health", html="<p>看病更方便了。</p>")
    )
    page = visitor.get("/category/health/script/hant")
    assert "縣醫院啟用新門診樓" in page.text
    assert 'lang="zh-Hant"' in page.text
