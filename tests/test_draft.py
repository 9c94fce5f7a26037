from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.clean import to_draft
from feedsvc.model import Enclosure, Keyword, RawArticle, Tagging
from feedsvc.text import legal
from tests.xss import assert_harmless

BASE = "https://news.example.org/2024/05/a.html"


def test_draft_of_a_full_article() -> None:
    now = datetime(2024, 5, 1, tzinfo=UTC)
    tagging = Tagging(
        keywords=(Keyword(word="春耕", weight=1.0),), category="agriculture", regions=("330400",)
    )
    draft = to_draft(
        RawArticle(
            title=" 春耕\n开始 ",
            guid=" id \x01 1 ",
            link="b.html?x=中",
            html="<p onclick=x>正文第一段，说明春耕的安排。</p><p>第二段。</p><script>1</script>",
            summary="<p>自己的摘要 &amp; 说明</p>",
            author="<b>某某</b>",
            published=now,
            updated=now,
            enclosures=(
                Enclosure(url="a.mp3", type="", length=-5),
                Enclosure(url="a.mp3", type="audio/mpeg", length=1),
                Enclosure(url="v.MP4?x=1", type="垃圾", length=7),
                Enclosure(url="javascript:x", type="audio/mpeg"),
                Enclosure(url="/c", type="Image/PNG; q=1"),
                Enclosure(url="/d", type=""),
            ),
            rights=" © 某报 ",
            base_url=BASE,
            slot="a.md",
        ),
        tagging=tagging,
    )
    assert draft is not None
    assert (draft.title, draft.guid, draft.author, draft.rights, draft.slot) == (
        "春耕 开始",
        "id 1",
        "某某",
        "© 某报",
        "a.md",
    )
    assert draft.link == "https://news.example.org/2024/05/b.html?x=%E4%B8%AD"
    assert draft.html == "<p>正文第一段，说明春耕的安排。</p><p>第二段。</p>"
    assert draft.summary == "自己的摘要 & 说明"
    assert (draft.published, draft.updated, draft.tagging) == (now, now, tagging)
    assert [(e.url.rpartition("/")[2], e.type, e.length) for e in draft.enclosures] == [
        ("a.mp3", "audio/mpeg", None),
        ("v.MP4?x=1", "video/mp4", 7),
        ("c", "image/png", None),
        ("d", "application/octet-stream", None),
    ]


def test_a_summary_longer_than_the_body_gives_way_to_the_lead() -> None:
    draft = to_draft(RawArticle(title="题", html="<p>短正文。</p>", summary="比正文还要长得多的摘要。"))
    assert draft is not None
    assert draft.summary == "短正文。"
    only = to_draft(RawArticle(title="题", summary="只有摘要。"))
    assert only is not None
    assert (only.summary, only.html) == ("只有摘要。", "")


def test_without_a_title_the_first_sentence_is_one() -> None:
    draft = to_draft(RawArticle(html="<p>“真好！”他说。后面还有。</p>"))
    assert draft is not None
    assert draft.title == "“真好！”"
    long = to_draft(RawArticle(html="<p>" + "没有句号的长段落" * 20 + "</p>"))
    assert long is not None
    assert len(long.title) <= 60


@pytest.mark.parametrize(
    "html", [None, "", "<script>x</script>", "<p> &nbsp;</p>", '<img src="javascript:x">']
)
def test_without_title_and_body_there_is_no_draft(html: str | None) -> None:
    assert to_draft(RawArticle(title=" \u200b ", html=html, guid="g", link="http://e.org/")) is None


def test_guids_and_titles_are_bounded_and_empty_ones_absent() -> None:
    draft = to_draft(RawArticle(title="长" * 9999, guid="g" * 9999, author=" ", link="ftp://e.org/"))
    assert draft is not None
    assert (len(draft.title), len(draft.guid or ""), draft.author, draft.link) == (500, 1000, None, None)
    empty = to_draft(RawArticle(title="题", guid=" "))
    assert empty is not None
    assert empty.guid is None


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80), st.text(max_size=30))
def test_any_raw_article_makes_a_draft_or_none(title: str, html: str, summary: str, link: str) -> None:
    raw = RawArticle(
        title=title,
        html=html,
        summary=summary,
        link=link,
        guid=link,
        author=title,
        enclosures=(Enclosure(url=link, type=title),),
        base_url=BASE,
    )
    draft = to_draft(raw)
    if draft is not None:
        assert draft.title == legal(draft.title) != ""
        assert "\n" not in draft.title + draft.summary
        assert_harmless(draft.html)
