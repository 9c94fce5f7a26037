"""Building feeds: what an entry gets, what is cleaned, what is left out and told."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc import __version__
from feedsvc.feeds.build import build_feed, feed_id
from feedsvc.feeds.entries import LeftOut
from feedsvc.feeds.titles import title
from feedsvc.model import (
    Address,
    Article,
    Body,
    Clause,
    Enclosure,
    Entry,
    Facet,
    Feed,
    Format,
    Selection,
    Term,
    Tombstone,
)
from tests.feed_samples import BORN, NAMES, NOON, RICH_ARTICLES, RICH_BODIES, SITE, article, built, rich


def only(feed: Feed) -> Entry:
    (entry,) = feed.entries
    return entry


def selecting(*clauses: tuple[Facet, tuple[str, ...], bool]) -> Address:
    return Address(
        selection=Selection(
            clauses=tuple(
                Clause(facet=facet, values=values, excluded=excluded) for facet, values, excluded in clauses
            )
        )
    )


def test_a_feed_has_all_that_is_known_of_its_site() -> None:
    feed = build_feed(Address(), (), {}, (), site=SITE, names=NAMES, ttl=timedelta(minutes=5), born=BORN)
    assert feed.language == "zh-CN"
    assert feed.home == "https://news.example.cn/all"
    assert feed.self_urls == {
        Format.RSS: "https://news.example.cn/feeds/all.rss",
        Format.ATOM: "https://news.example.cn/feeds/all.atom",
        Format.JSON: "https://news.example.cn/feeds/all.json",
    }
    assert feed.author == "水乡新闻"
    assert feed.icon == "https://news.example.cn/static/icon.png"
    assert feed.hubs == ("https://hub.example.cn/",)
    assert built(address=Address(archive=1)).hubs == ()
    assert feed.ttl == timedelta(minutes=5)
    assert (feed.generator, feed.generator_version) == ("feedsvc", __version__)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (Address(), "水乡新闻"),
        (Address(limit=5), "水乡新闻"),
        (selecting((Facet.CATEGORY, ("agriculture",), False)), "三农 — 水乡新闻"),
        (
            selecting((Facet.REGION, ("330400",), False), (Facet.CATEGORY, ("agriculture",), False)),
            "三农 · 嘉兴市 — 水乡新闻",
        ),
        (selecting((Facet.CATEGORY, ("agriculture", "energy"), False)), "三农、产业能源 — 水乡新闻"),
        (selecting((Facet.TAG, ("油价",), True)), "不含 油价 — 水乡新闻"),
        (
            selecting((Facet.TAG, ("油价", "金价"), True), (Facet.SOURCE, ("jiaxing",), False)),
            "南湖晚报 · 不含 油价、金价 — 水乡新闻",
        ),
        (selecting((Facet.AUTHOR, ("本报记者",), False)), "本报记者 — 水乡新闻"),
        (selecting((Facet.CATEGORY, ("gone",), False)), "gone — 水乡新闻"),
    ],
)
def test_titles_say_in_chinese_what_is_selected(address: Address, expected: str) -> None:
    feed = built(address=address)
    assert feed.title == expected
    about = title(address.selection, NAMES)
    assert ("：水乡各地的新闻" in feed.description) is bool(about)


def test_feed_ids_depend_on_address_and_authority_alone() -> None:
    agriculture = selecting((Facet.CATEGORY, ("agriculture",), False))
    moved = built(address=agriculture, site=replace(SITE, base_url="https://elsewhere.example", title="新名"))
    assert built(RICH_ARTICLES, address=agriculture).id == moved.id == feed_id(agriculture, "example.cn")
    assert feed_id(Address(), "example.cn") == "urn:uuid:ec14e206-249b-505a-b1fa-b79d446d5dea"
    other = {
        feed_id(Address(), "example.org"),
        feed_id(Address(limit=20), "example.cn"),
        feed_id(selecting((Facet.CATEGORY, ("agriculture",), True)), "example.cn"),
        moved.id,
    }
    assert len(other) == 4


HANT = Address(script="hant")
HANS = Address(script="hans")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (HANT, "水鄉新聞（繁體）"),
        (HANS, "水乡新闻（简体）"),
        (
            replace(selecting((Facet.CATEGORY, ("agriculture",), False)), script="hant"),
            "三農 — 水鄉新聞（繁體）",
        ),
        (
            replace(
                selecting(
                    (Facet.REGION, ("330400",), False),
                    (Facet.TAG, ("软件",), True),
                    (Facet.SOURCE, ("jiaxing",), False),
                    (Facet.AUTHOR, ("余晓",), False),
                ),
                script="hant",
                limit=5,
            ),
            "嘉興市 · 南湖晚報 · 余曉 · 不含 軟體 — 水鄉新聞（繁體）",
        ),
        (
            replace(selecting((Facet.TAG, ("軟體",), False)), script="hans"),
            "软件 — 水乡新闻（简体）",
        ),
    ],
)
def test_titles_are_in_the_script_of_the_feed_and_name_it(address: Address, expected: str) -> None:
    assert built(address=address).title == expected


def test_a_feed_in_another_script_is_another_feed_of_the_same_entries() -> None:
    plain, hant, hans = rich(), *(built(RICH_ARTICLES, RICH_BODIES, address=a) for a in (HANT, HANS))
    assert len({feed.id for feed in (plain, hant, hans)}) == 3
    assert hant.id == feed_id(HANT, "example.cn")
    assert [feed.language for feed in (plain, hant, hans)] == ["zh-CN", "zh-Hant", "zh-Hans"]
    assert hant.home == "https://news.example.cn/all/script/hant"
    assert hant.self_urls[Format.ATOM] == "https://news.example.cn/feeds/all/script/hant.atom"
    assert (hant.author, hant.description) == ("水鄉新聞", "水鄉各地的新聞")
    assert hant.entries != plain.entries == hans.entries
    assert [fixed(entry) for entry in hant.entries] == [fixed(entry) for entry in plain.entries]
    assert plain.updated == hant.updated == hans.updated


def fixed(entry: Entry) -> Entry:
    """What of an entry no script changes."""

    def values(terms: tuple[Term, ...]) -> tuple[Term, ...]:
        return tuple(replace(term, label="") for term in terms)

    return replace(
        entry,
        title="",
        summary="",
        html="",
        author="",
        source_title="",
        categories=values(entry.categories),
        tags=values(entry.tags),
        regions=values(entry.regions),
    )


def test_a_site_of_both_scripts_is_read_in_one() -> None:
    mixed = [article(1, "新软件上线"), article(2, "新軟體上線", link="https://x.example.cn/新軟體")]
    bodies = {
        mixed[0].id: Body(html="<p>支持建立整合</p>", summary="网络"),
        mixed[1].id: Body(html="<p>支援建立<b>整合</b>設備</p>", summary="網路"),
    }
    hans = built(mixed, bodies, address=HANS).entries
    assert [(entry.title, entry.summary, entry.html) for entry in hans] == [
        ("新软件上线", "网络", "<p>支持建立整合</p>"),
        ("新软件上线", "网络", "<p>支援建立<b>整合</b>设备</p>"),
    ]
    hant = built(mixed, bodies, address=HANT).entries
    assert [(entry.title, entry.summary, entry.html) for entry in hant] == [
        ("新軟體上線", "網路", "<p>支持建立整合</p>"),
        ("新軟體上線", "網路", "<p>支援建立<b>整合</b>設備</p>"),
    ]
    assert hans[1].link == hant[1].link == "https://x.example.cn/%E6%96%B0%E8%BB%9F%E9%AB%94"


def test_the_language_of_the_site_holds_where_no_script_is_asked_for() -> None:
    site = replace(SITE, language="zh-TW")
    assert built(site=site).language == "zh-TW"
    assert built(site=site, address=HANS).language == "zh-Hans"


def test_an_empty_feed_is_as_old_as_the_store() -> None:
    assert built().updated == BORN


def test_a_feed_is_as_new_as_its_newest_change() -> None:
    feed = rich()
    assert feed.updated == max(entry.updated for entry in feed.entries)
    grave = Tombstone(id=str(uuid.uuid4()), when=NOON + timedelta(days=1))
    assert built(RICH_ARTICLES, tombstones=[grave]).updated == NOON + timedelta(days=1)


@pytest.mark.parametrize(
    ("content", "html", "summary"),
    [("full", "<p>长文</p>", "短文"), ("summary", "", "短文"), ("title", "", "")],
)
def test_content_says_how_much(content: str, html: str, summary: str) -> None:
    one = article(1, "题")
    body = {one.id: Body(html="<p>长文</p>", summary="短文")}
    by_address = built([one], body, address=Address(content=content))
    by_site = built([one], body, site=replace(SITE, content=content))
    for feed in (by_address, by_site):
        assert (only(feed).html, only(feed).summary, feed.content) == (html, summary, content)


def test_limit_of_the_address_then_of_the_site() -> None:
    many = [article(number, f"第{number}条") for number in range(9)]
    assert len(built(many, site=replace(SITE, limit=4)).entries) == 4
    feed = built(many, site=replace(SITE, limit=4), address=Address(limit=6))
    assert [entry.title for entry in feed.entries] == [f"第{number}条" for number in range(6)]


@pytest.mark.parametrize(
    "poisoned",
    [
        article(1, "题", id="not-a-uuid"),
        article(1, "题", published=datetime(2026, 3, 14)),  # noqa: DTZ001
        article(1, "题", updated=datetime(2026, 3, 14)),  # noqa: DTZ001
        article(1, "题", published=datetime.min.replace(tzinfo=timezone(timedelta(hours=8)))),
        article(1, "题", updated=datetime.max.replace(tzinfo=timezone(timedelta(hours=-8)))),
        article(1, ""),
        article(1, "\x00\u200b \ud800"),
    ],
)
def test_an_article_that_cannot_be_shown_is_left_out_and_told(poisoned: Article) -> None:
    told: list[LeftOut] = []
    feed = build_feed(
        Address(),
        [article(2, "好"), poisoned, article(3, "也好")],
        {},
        [],
        site=SITE,
        names=NAMES,
        ttl=timedelta(minutes=15),
        born=BORN,
        report=told.append,
    )
    assert [entry.title for entry in feed.entries] == ["好", "也好"]
    assert [left.article for left in told] == [poisoned.id]
    assert told[0].reason


def test_an_article_stands_once() -> None:
    assert len(built([article(1, "题"), article(1, "题")]).entries) == 1


def test_tombstones_are_urns_newest_first_and_never_of_what_is_shown() -> None:
    shown, gone, old = article(1, "题"), str(uuid.uuid4()), str(uuid.uuid4())
    graves = [
        Tombstone(id=old, when=NOON - timedelta(days=9)),
        Tombstone(id=shown.id, when=NOON),
        Tombstone(id=f"urn:uuid:{gone}", when=NOON - timedelta(days=1)),
        Tombstone(id=gone, when=NOON - timedelta(days=2)),
        Tombstone(id="nobody", when=NOON),
        Tombstone(id=str(uuid.uuid4()), when=datetime(2026, 3, 14)),  # noqa: DTZ001
    ]
    feed = built([shown], tombstones=graves)
    assert feed.tombstones == (
        Tombstone(id=f"urn:uuid:{gone}", when=NOON - timedelta(days=1)),
        Tombstone(id=f"urn:uuid:{old}", when=NOON - timedelta(days=9)),
    )
    assert feed == built([shown], tombstones=graves[::-1])


def test_a_base_url_may_end_with_a_slash() -> None:
    assert built(
        RICH_ARTICLES, RICH_BODIES, site=replace(SITE, base_url="https://news.example.cn/")
    ) == built(RICH_ARTICLES, RICH_BODIES)


def test_a_site_without_a_title_is_called_by_its_host() -> None:
    feed = built(site=replace(SITE, title=" ", description=""))
    assert feed.title == feed.description == feed.author == "news.example.cn"


_ANY = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["\ud83d", "]]>", "&amp;", "<b>", "\x00", "\ufffe"]
)


@given(_ANY, _ANY, _ANY, _ANY, st.sampled_from([None, "hans", "hant"]))
def test_whatever_comes_is_shown_or_told(
    heading: str, html: str, word: str, link: str, script: str | None
) -> None:
    told: list[LeftOut] = []
    one = article(
        1, heading, author=word, tags=(word,), regions=(word,), category=word, link=link, source=word
    )
    body = Body(html=html, summary=word, rights=word, enclosures=(Enclosure(url=link, type=word),))
    feed = build_feed(
        replace(selecting((Facet.TAG, (word,), False)), script=script),
        [one],
        {one.id: body},
        [],
        site=replace(SITE, title=heading, description=word),
        names=NAMES,
        ttl=timedelta(minutes=15),
        born=BORN,
        report=told.append,
    )
    assert len(feed.entries) + len(told) == 1
    assert feed.title
    assert feed.description


def test_the_rights_of_a_feed_are_those_that_all_entries_state() -> None:
    two = [article(1, "一"), article(2, "二")]
    own = {a.id: Body(html="<p>文</p>", rights="© 南湖晚报") for a in two}
    assert built(two, own).rights == "© 南湖晚报"
    assert built(two, own | {two[0].id: Body(html="<p>文</p>", rights="© 他报")}).rights is None
    assert built(two, {two[0].id: own[two[0].id]}).rights is None
    assert built([], {}).rights is None
