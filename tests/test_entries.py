"""Entries: what an article gets in a feed, and what is cleaned of it."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.clean import to_draft
from feedsvc.model import (
    Address,
    Body,
    Enclosure,
    Entry,
    Feed,
    RawArticle,
    Term,
)
from tests.feed_samples import NOON, RICH_ARTICLES, RICH_BODIES, article, built, rich


def only(feed: Feed) -> Entry:
    (entry,) = feed.entries
    return entry


def test_an_entry_has_all_that_is_known_of_its_article() -> None:
    first = rich().entries[0]
    schemes = "https://news.example.cn/schemes"
    assert first == Entry(
        id=f"urn:uuid:{RICH_ARTICLES[0].id}",
        link="https://paper.example.cn/2026/1.html",
        title="桑园里的“智慧大棚”：今年蚕茧增收２０％ 🌱",
        published=NOON - timedelta(hours=1),
        updated=first.updated,
        author="本报记者",
        summary="春蚕上山，茧价看涨。",
        html=RICH_BODIES[RICH_ARTICLES[0].id].html,
        categories=(
            Term(
                value="agriculture",
                label="三农",
                scheme=f"{schemes}/category",
                iptc=("medtop:04000000",),
            ),
        ),
        tags=(
            Term(value="蚕桑", label="蚕桑", scheme=f"{schemes}/tag"),
            Term(value="智慧农业", label="智慧农业", scheme=f"{schemes}/tag"),
        ),
        regions=(Term(value="330400", label="嘉兴市", scheme=f"{schemes}/region"),),
        enclosures=(
            Enclosure(url="https://img.example.cn/%E7%8E%B0%E5%9C%BA.mp3", type="audio/mpeg", length=123456),
            Enclosure(url="https://img.example.cn/b.jpg", type="image/jpeg"),
        ),
        rights="© 南湖晚报",
        source_id="jiaxing",
        source_title="南湖晚报",
        source_url="https://news.example.cn/source/jiaxing",
        revision=999,
    )


def test_an_article_without_a_page_links_to_ours() -> None:
    for link in (None, "", "javascript:alert(1)", "//[", "mailto:editor@example.cn"):
        made = only(built([article(1, "题", link=link)]))
        assert made.link == f"https://news.example.cn/articles/{made.id.removeprefix('urn:uuid:')}"


def test_a_source_on_the_web_is_linked_to_where_it_is() -> None:
    made = only(built([article(1, "题", source="wire.1")]))
    assert (made.source_title, made.source_url) == ("通稿", "https://wire.example.cn/%E6%9C%80%E6%96%B0.xml")
    lost = only(built([article(1, "题", source="no longer/there")]))
    assert lost.source_title == lost.author == "no longer/there"
    assert lost.source_url == "https://news.example.cn/source/no%20longer%2Fthere"


def test_dates_are_whole_seconds_in_utc_and_updates_are_told_apart() -> None:
    moment = datetime(2026, 3, 14, 12, 0, 0, 987654, tzinfo=timezone(timedelta(hours=8)))
    same = [article(number, f"第{number}条", published=moment, updated=moment) for number in range(50)]
    entries = built(same).entries
    assert {entry.published for entry in entries} == {datetime(2026, 3, 14, 4, 0, 0, tzinfo=UTC)}
    assert {entry.updated.replace(microsecond=0) for entry in entries} == {entries[0].published}
    assert len({entry.updated for entry in entries}) == 50
    alone = only(built([same[7]]))
    assert alone.updated == entries[7].updated


def test_a_missing_title_is_made_of_the_summary() -> None:
    one = article(1, " ")
    made = only(built([one], {one.id: Body(summary="今晨起，环城北路半幅封闭施工。\n请绕行。")}))
    assert made.title == "今晨起，环城北路半幅封闭施工。 请绕行。"


def test_what_xml_forbids_is_gone_and_the_rest_is_exact() -> None:
    one = article(
        1,
        "题\x08目\ud800\u200b\r\n  两行",
        author="记\x00者",
        tags=("a\x1fb", "", "ab"),
        regions=("330400", "330400"),
    )
    body = Body(
        html="<p>甲\x0b乙\uffff&amp;丙</p>",
        summary="\x7f甲\x85乙\r\n丙",
        rights="©\x01",
        enclosures=(
            Enclosure(url="/a.mp3", type="audio/mpeg", length=-1),
            Enclosure(url="/a.mp3", type="audio/ogg"),
            Enclosure(url="https://x.example.cn/b", type="nonsense\x00"),
            Enclosure(url="javascript:void", type="text/html"),
        ),
    )
    made = only(built([one], {one.id: body}))
    assert made.title == "题目 两行"
    assert made.author == "记者"
    assert made.html == "<p>甲乙&amp;丙</p>"
    assert made.summary == "甲乙\n丙"
    assert made.rights == "©"
    assert [term.value for term in made.tags] == ["ab"]
    assert [term.label for term in made.regions] == ["嘉兴市"]
    assert made.enclosures == (
        Enclosure(url="https://news.example.cn/a.mp3", type="audio/mpeg"),
        Enclosure(url="https://x.example.cn/b", type="application/octet-stream"),
    )


def test_all_that_people_read_is_in_the_script_of_the_feed() -> None:
    one = article(
        1,
        "软件园里的后台",
        author="记者 余晓岚",
        category="energy",
        tags=("软件", "台风"),
        regions=("640000",),
        link="https://paper.example.cn/软件?里=后",
    )
    body = Body(
        html='<p>网络<code>网络</code><a href="https://x.example.cn/软件" title="软件">链接</a></p>',
        summary="见 https://x.example.cn/软件 。",
        rights="© 南湖晚报",
        enclosures=(Enclosure(url="https://x.example.cn/软件.mp3", type="audio/mpeg"),),
    )
    plain = only(built([one], {one.id: body}))
    made = only(built([one], {one.id: body}, address=Address(script="hant")))
    assert (made.id, made.link, made.enclosures) == (plain.id, plain.link, plain.enclosures)
    assert (made.title, made.author, made.source_title) == ("軟體園裡的後臺", "記者 余曉嵐", "南湖晚報")
    assert made.html == (
        '<p>網路<code>网络</code><a href="https://x.example.cn/软件" title="软件">連結</a></p>'
    )
    assert made.summary == "見 https://x.example.cn/软件 。"
    assert made.rights == "© 南湖晚报"
    assert [(term.value, term.label) for term in made.categories] == [("energy", "產業能源")]
    assert [(term.value, term.label) for term in made.tags] == [("软件", "軟體"), ("台风", "颱風")]
    assert [(term.value, term.label) for term in made.regions] == [("640000", "寧夏回族自治區")]


@pytest.mark.parametrize("content", ["full", "summary", "title"])
def test_a_title_is_the_same_however_much_of_its_article_is_shown(content: str) -> None:
    one = article(1, "支持文件")  # tells no script; its body does
    body = {one.id: Body(html="<p>鎮公所說明</p>", summary="支持")}
    made = only(built([one], body, address=Address(content=content, script="hant")))
    assert made.title == "支持文件"


SENTENCE = "早市从天亮开到晌午，蚕农和船工在桥头的面馆里坐到一起。"


def summarized(summary: str, html: str, content: str) -> str:
    one = article(1, "题")
    return only(
        built([one], {one.id: Body(summary=summary, html=html)}, address=Address(content=content))
    ).summary


@pytest.mark.parametrize("content", ["full", "summary"])
def test_a_long_summary_ends_with_a_sentence(content: str) -> None:
    assert summarized(SENTENCE * 100, "<p>正文</p>", content) == SENTENCE * (400 // len(SENTENCE))
    assert summarized(SENTENCE, "<p>正文</p>", content) == SENTENCE


def test_a_summary_that_is_all_there_is_stays_whole_in_a_full_feed() -> None:
    assert summarized(SENTENCE * 100, "", "full") == SENTENCE * 100
    assert len(summarized(SENTENCE * 100, "", "summary")) <= 400


_PIECES = st.lists(
    st.text(max_size=30)
    | st.sampled_from(
        [
            SENTENCE,
            "👩‍🌾",
            "🇨🇳",
            "👍🏽",
            "e\u0301",
            "❗️",
            "1️⃣",
            "！️",
            "<p>",
            "</p>",
            "<b>粗</b>",
            '<img src="https://x.example.cn/a.png" alt="图。图">',
            "&lt;b&gt;",
            "&amp;",
            "<br>",
            "。",
            "\n",
        ]
    ),
    max_size=60,
).map("".join)


@given(_PIECES, st.none() | _PIECES, st.sampled_from(["full", "summary"]), st.sampled_from(["hans", "hant"]))
@example(SENTENCE * 20, None, "summary", "hant")
@example("<p>" + "一" * 195 + "。👩‍🌾</p>" * 9, None, "summary", "hant")
@example("<p>文</p>" * 999, "一" * 398 + "❗️" + "二" * 9, "full", "hant")
@example("<p>文</p>" * 999, "一" * 397 + "！️" + "二" * 9, "summary", "hant")
@example("<p>文</p>" * 999, "&lt;b&gt;" * 99, "summary", "hans")
def test_a_summary_is_the_head_of_a_text_whole_in_characters_and_never_markup(
    html: str, own: str | None, content: str, script: str
) -> None:
    draft = to_draft(RawArticle(title="题", html=html, summary=own))
    assert draft is not None
    summary = summarized(draft.summary, draft.html, content)
    if content == "full" and not draft.html:
        assert summary == draft.summary
        return
    assert len(summary) <= 400
    shown = summary.removesuffix("…")
    assert draft.summary.startswith(shown)
    if shown and shown != draft.summary:
        after = draft.summary[len(shown)]
        assert not unicodedata.category(after).startswith("M")
        assert after != "\u200d" != shown[-1]
        assert not "\U0001f3fb" <= after <= "\U0001f3ff"
    one = article(1, "题")
    body = Body(summary=draft.summary, html=draft.html)
    converted = only(built([one], {one.id: body}, address=Address(content=content, script=script)))
    assert len(converted.summary) <= 400
