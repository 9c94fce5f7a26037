"""Stories from the store to subscribers: found when saved, told once, and told of in every format."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import create_engine, text

from feedsvc import reading
from feedsvc.catalog import Indexer, Snapshot
from feedsvc.duplicates import WINDOW, fingerprint
from feedsvc.model import Article, Batch, Clause, Draft, Facet, RawArticle, Saved, Selection, Source
from feedsvc.store import Store
from feedsvc.store.stories import KEPT
from tests.conftest import SITE, Newsroom
from tests.made import DAY, MINUTE, NOW, article, draft, source
from tests.stories import stories
from tests.web import ATOM, BASE, SUFFIXES, Visitor, titles, visit

SOURCES = {ident: source(ident) for ident in ("paper", "county", "wire")}
APPLE, STREET, *_ = (story.text for story in stories())


def told(title: str | None = None, body: str = APPLE.body, **fields: Any) -> Draft:
    """A draft of the first story, as children read it."""
    title = title or APPLE.title
    given: dict[str, Any] = {"guid": "apple", "html": f"<p>{body}</p>", "published": NOW - DAY}
    return draft(title, **(given | {"fingerprint": fingerprint(title, body)} | fields))


# -- the store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'feedsvc.db'}", NOW)
    opened.sync(list(SOURCES.values()), dict.fromkeys(SOURCES, "1"), NOW)
    yield opened
    opened.close()


def put(store: Store, ident: str, *drafts: Draft, now: datetime = NOW) -> Saved:
    of: Source = SOURCES[ident]
    assert store.lease([ident], "me", now, due_only=False) == [ident]
    return store.finish(of, "me", Batch(drafts=drafts), now, now + MINUTE)


def saved(store: Store) -> dict[str, Article]:
    """The articles of the store, by source; of several of a source the last to change."""
    return {a.source: a for a, _ in store.changes(0)}


def test_a_story_is_named_by_its_first_article_to_arrive(store: Store) -> None:
    put(store, "wire", told())
    put(store, "paper", told("苹果早熟半个月", published=NOW - 2 * DAY))
    put(store, "county", told("云岭苹果上市"))
    found = saved(store)
    assert found["wire"].story is None
    assert found["paper"].story == found["county"].story == found["wire"].id


def test_a_source_s_own_repeat_is_its_own_story(store: Store) -> None:
    put(store, "paper", told(), told("苹果早熟半个月", guid="again"))
    assert [a.story for a, _ in store.changes(0)] == [None, None]
    put(store, "wire", told())
    put(store, "paper", told("又是苹果", guid="third"), now=NOW + MINUTE)
    assert [a.story for a, _ in store.changes(0) if a.source == "paper"] == [None, None, None]


def test_published_too_far_apart_are_two_stories(store: Store) -> None:
    put(store, "wire", told(published=NOW - WINDOW - 2 * DAY))
    put(store, "paper", told(published=NOW - DAY))
    assert saved(store)["paper"].story is None


def test_articles_without_fingerprints_are_their_own_stories(store: Store) -> None:
    put(store, "wire", told(fingerprint=None))
    put(store, "paper", told())
    put(store, "county", told(fingerprint=None))
    assert {a.story for a in saved(store).values()} == {None}


def test_what_comes_changes_or_goes_changes_the_others_and_their_dates_stay(store: Store) -> None:
    put(store, "wire", told())
    first = saved(store)["wire"]
    put(store, "paper", told(), now=NOW + MINUTE)
    then = saved(store)
    assert then["wire"].revision > then["paper"].revision > first.revision
    assert then["wire"].changed == NOW + MINUTE
    unmoved = (first.id, first.seq, first.published, first.updated, first.first_seen)
    assert unmoved == (
        then["wire"].id,
        then["wire"].seq,
        then["wire"].published,
        then["wire"].updated,
        then["wire"].first_seen,
    )
    put(store, "paper", told("苹果卖得好"), now=NOW + 2 * MINUTE)
    edited = saved(store)
    assert edited["wire"].revision > edited["paper"].revision > then["wire"].revision
    put(store, "paper", told("苹果卖得好"), now=NOW + 3 * MINUTE)
    assert saved(store) == edited
    gone = store.pushing.withdraw(SOURCES["wire"], first.id, NOW + 4 * MINUTE)
    last = saved(store)
    assert gone
    assert last["wire"].withdrawn is not None
    assert last["paper"].revision > last["wire"].revision
    assert last["paper"].story == first.id


def test_revisions_stay_unique(store: Store) -> None:
    for ident in SOURCES:
        put(store, ident, told())
    put(store, "wire", told("改了"))
    revisions = [a.revision for a, _ in store.changes(0)]
    assert len(set(revisions)) == len(revisions) == 3
    assert store.newest() == max(revisions)


def test_an_edit_does_not_part_a_story_and_makes_none(store: Store) -> None:
    put(store, "wire", told())
    put(store, "paper", told())
    put(store, "county", told(STREET.title, STREET.body))
    put(store, "paper", told(STREET.title, STREET.body), now=NOW + MINUTE)
    found = saved(store)
    assert found["paper"].story == found["wire"].id
    assert found["county"].story is None


def test_later_articles_are_compared_with_what_an_article_says_now(store: Store) -> None:
    put(store, "wire", told())
    put(store, "wire", told(STREET.title, STREET.body), now=NOW + MINUTE)
    put(store, "paper", told(STREET.title, STREET.body), now=NOW + 2 * MINUTE)
    put(store, "county", told(), now=NOW + 3 * MINUTE)
    found = saved(store)
    assert found["paper"].story == found["wire"].id
    assert found["county"].story is None


def test_what_was_seen_long_ago_is_forgotten(store: Store, tmp_path: Path) -> None:
    put(store, "wire", told())
    later = NOW + KEPT + MINUTE
    store.prune(NOW - DAY, later)
    with create_engine(store.url).connect() as connection:
        for table in ("bands", "fingerprints"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
    put(store, "paper", told(published=NOW), now=later)
    assert saved(store)["paper"].story is None


def test_repeats_are_pruned_with_the_article_that_began_their_story(store: Store) -> None:
    put(store, "wire", told())
    put(store, "paper", told(), told("另一篇", body="另外的事", guid="2"), now=NOW + DAY)
    assert store.prune(NOW + timedelta(hours=1), NOW + 2 * DAY) == 2
    assert [a.title for a, _ in store.changes(0)] == ["另一篇"]


def test_a_document_saved_twice_makes_no_story_of_itself(store: Store) -> None:
    for minutes in range(3):
        put(store, "wire", told(), now=NOW + minutes * MINUTE)
    assert [a.story for a, _ in store.changes(0)] == [None]


# -- what children read


def test_drafts_have_fingerprints_whatever_their_script(reader: None) -> None:
    def read(title: str, body: str) -> bytes:
        raw = RawArticle(title=title, guid="1", html="".join(f"<p>{p}</p>" for p in body.split("\n")))
        made = reading._draft(SOURCES["paper"], raw)
        assert made is not None
        assert made.fingerprint is not None
        return made.fingerprint

    assert read(APPLE.title, APPLE.body) == fingerprint(APPLE.title, APPLE.body)
    simplified, traditional = "他们说：发展经济，为人民服务。" * 8, "他們說：發展經濟，為人民服務。" * 8
    assert read("经济发展", simplified) == read("經濟發展", traditional)


# -- the catalog


def snapshot_of(*articles: Article, stories: bool = True) -> Snapshot:
    indexer = Indexer(sources=list(SOURCES), ancestors=lambda _: (), limit=100, stories=stories)
    return indexer.next(Snapshot(), [(a, {}) for a in articles])


def shown(snapshot: Snapshot, *clauses: Clause) -> list[int]:
    return [a.seq for a in snapshot.select(Selection(clauses=clauses), 10).articles]


def clause(facet: Facet, *values: str, excluded: bool = False) -> Clause:
    return Clause(facet=facet, values=values, excluded=excluded)


FIRST = article(1, source="wire", tags=("苹果",), category="agriculture")
SECOND = article(2, source="paper", story=FIRST.id, tags=("苹果", "云岭"))
THIRD = article(3, source="county", story=FIRST.id, tags=("苹果", "云岭"))
OTHER = article(4, source="paper", tags=("苹果",))


def test_a_selection_tells_a_story_once_by_the_first_article_in_it() -> None:
    snapshot = snapshot_of(FIRST, SECOND, THIRD, OTHER)
    assert shown(snapshot) == [4, 1]
    assert shown(snapshot, clause(Facet.TAG, "苹果")) == [4, 1]
    assert shown(snapshot, clause(Facet.TAG, "云岭")) == [2]
    assert shown(snapshot, clause(Facet.SOURCE, "wire", excluded=True)) == [4, 2]
    assert shown(snapshot, clause(Facet.CATEGORY, "agriculture", excluded=True)) == [4, 2]
    assert shown(snapshot, clause(Facet.SOURCE, "county", "wire")) == [1]


def test_a_selection_of_one_source_has_all_of_it() -> None:
    snapshot = snapshot_of(FIRST, SECOND, THIRD, OTHER)
    assert shown(snapshot, clause(Facet.SOURCE, "paper")) == [4, 2]
    assert shown(snapshot, clause(Facet.SOURCE, "county"), clause(Facet.TAG, "苹果")) == [3]


def test_a_story_goes_on_when_its_first_article_is_withdrawn() -> None:
    snapshot = snapshot_of(replace(FIRST, withdrawn=NOW), SECOND, THIRD)
    assert shown(snapshot) == [2]
    assert snapshot.related(SECOND) == (THIRD,)
    assert snapshot.related(THIRD) == (SECOND,)


def test_a_story_goes_on_without_an_article_that_is_not_in_the_catalog() -> None:
    assert shown(snapshot_of(SECOND, THIRD)) == [2]


def test_related_are_the_others_in_the_order_of_arrival() -> None:
    snapshot = snapshot_of(THIRD, SECOND, FIRST, OTHER)
    selected = snapshot.select(Selection(), 10)
    assert selected.related == {FIRST.id: (SECOND, THIRD)}
    assert snapshot.related(THIRD) == (FIRST, SECOND)
    assert snapshot.related(OTHER) == ()


def test_pages_tell_a_story_once() -> None:
    more = [article(n, source="paper") for n in range(5, 9)]
    snapshot = snapshot_of(FIRST, SECOND, THIRD, OTHER, *more)
    seqs: list[int] = []
    following: int | None = None
    while True:
        page, following = snapshot.page(Selection(), 2, following)
        seqs += [a.seq for a in page]
        if following is None:
            break
    assert seqs == [8, 7, 6, 5, 4, 1]


def test_stories_can_be_left_apart() -> None:
    snapshot = snapshot_of(FIRST, SECOND, THIRD, stories=False)
    assert shown(snapshot) == [3, 2, 1]
    assert snapshot.related(FIRST) == ()


def test_any_order_of_arrival_makes_the_same_stories_and_a_full_catalog_keeps_them() -> None:
    small = Indexer(sources=list(SOURCES), ancestors=lambda _: (), limit=4)
    before = [replace(article(n, source="paper"), published=NOW - DAY) for n in range(10, 13)]
    snapshot = Snapshot()
    for each in (*before, THIRD, OTHER, FIRST, SECOND):
        snapshot = small.next(snapshot, [(each, {})])
    assert set(snapshot.articles) == set(snapshot_of(FIRST, SECOND, THIRD, OTHER).articles)
    assert shown(snapshot) == [4, 1]
    assert snapshot.repeats == snapshot_of(FIRST, SECOND, THIRD, OTHER).repeats


# -- feeds, archives, API


def page(newsroom: Newsroom, site: str = SITE) -> Visitor:
    """A visitor of a site in which two sources told one story, the first of them `wire`."""
    visitor = visit(newsroom.open(site))
    newsroom.publish("wire", told(link="https://wire.example/1", tags=("苹果",)))
    newsroom.clock.advance(10 * MINUTE)
    again = told("云岭苹果上市了", link="https://county.example/9", tags=("苹果", "云岭"))
    newsroom.publish("county", again)
    newsroom.clock.advance(10 * MINUTE)
    return visitor


def related(visitor: Visitor, path: str) -> list[dict[str, str]]:
    root = etree.fromstring(visitor.get(path).data)
    return [
        {str(k): str(v) for k, v in link.attrib.items()}
        for link in root.findall(f"{ATOM}entry/{ATOM}link")
        if link.get("rel") == "related"
    ]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_feed_tells_a_story_once(newsroom: Newsroom, suffix: str) -> None:
    visitor = page(newsroom)
    assert titles(visitor.get(f"/feeds/all.{suffix}")) == [APPLE.title]
    assert titles(visitor.get(f"/feeds/tag/苹果.{suffix}")) == [APPLE.title]
    assert titles(visitor.get(f"/feeds/tag/云岭.{suffix}")) == ["云岭苹果上市了"]
    assert titles(visitor.get(f"/feeds/source/county.{suffix}")) == ["云岭苹果上市了"]


def test_an_entry_names_the_others(newsroom: Newsroom) -> None:
    visitor = page(newsroom)
    (link,) = related(visitor, "/feeds/all.atom")
    assert link == {
        "rel": "related",
        "href": "https://county.example/9",
        "title": "海盐县报：云岭苹果上市了",
    }
    (back,) = related(visitor, "/feeds/source/county.atom")
    assert back["href"] == "https://wire.example/1"
    (item,) = visitor.json("/feeds/all.json")["items"]
    (other,) = item["_feedsvc"]["related"]
    assert other["url"] == "https://county.example/9"
    assert (other["title"], other["source"]) == ("云岭苹果上市了", "county")
    (own,) = visitor.json("/feeds/source/county.json")["items"]
    assert other["id"] == own["id"]
    assert "https://county.example/9" not in visitor.get("/feeds/all.rss").text
    assert "海鹽縣報：雲嶺蘋果上市了" in visitor.get("/feeds/all/script/hant.atom").text


def test_the_api_names_the_others(newsroom: Newsroom) -> None:
    visitor = page(newsroom)
    (item,) = visitor.json("/api/v1/articles")["items"]
    (own,) = visitor.json("/api/v1/articles?source=county")["items"]
    assert item["related"] == [
        {"id": own["id"], "url": own["url"], "title": own["title"], "source": "county"}
    ]
    assert own["related"] == [
        {"id": item["id"], "url": item["url"], "title": item["title"], "source": "wire"}
    ]
    alone = visitor.json(f"/api/v1/articles/{own['id'].removeprefix('urn:uuid:')}")
    assert alone == own


def test_the_setting_leaves_stories_apart(newsroom: Newsroom) -> None:
    visitor = page(newsroom, SITE + "[feeds]\nstories = false\n")
    assert titles(visitor.get("/feeds/all.atom")) == ["云岭苹果上市了", APPLE.title]
    assert related(visitor, "/feeds/all.atom") == []
    assert [i["related"] for i in visitor.json("/api/v1/articles")["items"]] == [[], []]
    assert "related" not in json.dumps(visitor.json("/feeds/all.json"))


def test_a_withdrawn_first_article_gives_way_to_the_next(newsroom: Newsroom) -> None:
    visitor = page(newsroom)
    whole = visitor.get("/feeds/all.atom")
    first = newsroom.opened[0].catalog.snapshot.select(Selection(), 1).articles[0]
    newsroom.opened[0].store.pushing.withdraw(SOURCES["wire"], first.id, newsroom.clock())
    newsroom.follow()
    newsroom.clock.advance(10 * MINUTE)
    polled = {"If_None_Match": whole.headers["ETag"], "If_Modified_Since": whole.headers["Last-Modified"]}
    for suffix in SUFFIXES:
        assert titles(visitor.get(f"/feeds/all.{suffix}")) == ["云岭苹果上市了"]
    assert visitor.get("/feeds/all.atom", **polled).status_code == 200
    assert visitor.get("/feeds/all.atom", If_Modified_Since=polled["If_Modified_Since"]).status_code == 200
    changes = visitor.get("/feeds/all.atom", A_IM="feed", If_None_Match=whole.headers["ETag"])
    assert changes.status_code == 226
    assert etree.fromstring(changes.data).findtext(f"{ATOM}entry/{ATOM}title") == "云岭苹果上市了"
    assert related(visitor, "/feeds/all.atom") == []


def test_a_repeat_changes_the_feeds_that_name_it_and_no_other(newsroom: Newsroom) -> None:
    visitor = visit(newsroom.open())
    newsroom.publish("wire", told(tags=("苹果",), category="agriculture"))
    newsroom.publish("paper", draft("别的事", guid="x", category="city"))
    newsroom.clock.advance(10 * MINUTE)
    addresses = ("/feeds/category/agriculture.atom", "/feeds/all.json", "/feeds/category/city.atom")
    before = {address: visitor.get(address) for address in addresses}
    newsroom.publish("county", told("云岭苹果上市了", link="https://county.example/9"))
    newsroom.clock.advance(10 * MINUTE)
    for address in addresses[:2]:
        old = before[address].headers
        now = visitor.get(address, If_None_Match=old["ETag"])
        assert now.status_code == 200
        assert titles(now) == titles(before[address])
        assert visitor.get(address, If_Modified_Since=old["Last-Modified"]).status_code == 200
    assert visitor.get(addresses[2]).data == before[addresses[2]].data
    (entry,) = etree.fromstring(before[addresses[0]].data).findall(f"{ATOM}entry/{ATOM}updated")
    (later,) = etree.fromstring(visitor.get(addresses[0]).data).findall(f"{ATOM}entry/{ATOM}updated")
    assert entry.text == later.text


def test_archives_hold_every_article_and_their_bytes_stay(newsroom: Newsroom) -> None:
    site = SITE + "[feeds]\nlimit = 1\narchive_size = 1\n"
    visitor = visit(newsroom.open(site))
    newsroom.publish("wire", told())
    archive = visitor.get("/feeds/all/archive/1.atom").data
    newsroom.clock.advance(MINUTE)
    newsroom.publish("county", told("云岭苹果上市了"))
    assert visitor.get("/feeds/all/archive/1.atom").data == archive
    assert titles(visitor.get("/feeds/all/archive/2.atom")) == ["云岭苹果上市了"]
    assert related(visitor, "/feeds/all/archive/2.atom") == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_another_worker_says_the_same(newsroom: Newsroom, suffix: str) -> None:
    visitor = page(newsroom)
    other = visit(newsroom.open())
    for address in ("all", "tag/云岭", "source/county", "all/script/hant"):
        one, two = (each.get(f"/feeds/{address}.{suffix}") for each in (visitor, other))
        assert one.data == two.data
        assert one.headers["ETag"] == two.headers["ETag"]
        assert one.headers.get("Last-Modified") == two.headers.get("Last-Modified")


def test_a_site_without_a_source_tells_what_others_say(newsroom: Newsroom) -> None:
    page(newsroom)
    kept = SITE.split("[[sources]]")
    less = "[[sources]]".join(part for part in kept if '"wire"' not in part)
    visitor = visit(newsroom.open(less))
    assert titles(visitor.get("/feeds/all.atom")) == ["云岭苹果上市了"]
    assert related(visitor, "/feeds/all.atom") == []
    assert BASE in visitor.get("/feeds/all.atom").text
