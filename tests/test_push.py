"""Pushed documents: what is read of them, and what is said of those that are refused."""

import contextlib
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc import reading
from feedsvc.errors import ReadError
from feedsvc.model import Enclosure, Flaw, Kind, Source
from feedsvc.sources.push import MAX_ITEMS, Read, read_push
from tests.made import NOW

CMS = Source(id="cms", kind=Kind.PUSH, title="采编系统", region="330400", author="编辑部")
WIRE = Source(id="wire", kind=Kind.PUSH, title="通稿", url="https://wire.example/")


def read(value: object, *among: Source, one: bool = False, **named: str) -> Read:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read_push(body, among or (CMS,), named=named, one=one, now=NOW)


def flaws(value: object, *among: Source, one: bool = False, **named: str) -> list[tuple[int | None, str]]:
    found = read(value, *among, one=one, **named)
    assert found.source is None
    assert found.articles == ()
    return [(flaw.index, flaw.detail) for flaw in found.flaws]


# -- reading


def test_an_article_has_the_members_of_json_feed() -> None:
    found = read(
        {
            "id": 17,
            "url": "https://cms.example/17",
            "title": "晚稻开镰",
            "content_html": '<p>秋收<img src="a.png"></p>',
            "summary": "秋收开始了。",
            "authors": [{"name": "甲"}, {"name": "乙"}],
            "date_published": "2026-11-20T08:00:00+08:00",
            "date_modified": "2026-11-21T08:00:00+08:00",
            "tags": ["晚稻"],
            "category": "三农",
            "attachments": [{"url": "a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 3}],
            "_own": {"anything": [1]},
            "language": 5,
        }
    )
    assert found.source == CMS
    (article,) = found.articles
    assert (article.guid, article.link, article.title) == ("17", "https://cms.example/17", "晚稻开镰")
    assert (article.html, article.summary) == ('<p>秋收<img src="a.png"></p>', "秋收开始了。")
    assert (article.author, article.keywords, article.category) == ("甲、乙", ("晚稻",), "三农")
    assert article.published is not None
    assert article.published.isoformat() == "2026-11-20T08:00:00+08:00"
    assert article.updated == article.published + timedelta(days=1)
    assert article.enclosures == (Enclosure(url="a.mp3", type="audio/mpeg", length=3),)
    assert article.base_url == "https://cms.example/17"


@pytest.mark.parametrize(
    "document",
    [
        [{"guid": "1", "title": "甲"}, {"guid": "2", "title": "乙"}],
        {"items": [{"guid": "1", "title": "甲"}, {"guid": "2", "title": "乙"}]},
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "x",
            "items": [{"id": "1", "title": "甲", "url": None}, {"id": "2", "title": "乙", "tags": None}],
        },
    ],
)
def test_several_articles_keep_their_order(document: object) -> None:
    found = read(document)
    assert [(a.guid, a.title) for a in found.articles] == [("1", "甲"), ("2", "乙")]


def test_no_articles_are_no_flaw() -> None:
    assert read([]) == Read(source=CMS)


def test_the_authors_of_a_document_are_those_of_articles_that_name_none() -> None:
    items = [{"id": "1", "title": "a"}, {"id": "2", "author": "乙", "title": "b"}]
    found = read({"authors": [{"name": "甲"}], "items": items})
    assert [a.author for a in found.articles] == ["甲", "乙"]


def test_relative_links_are_those_of_the_source() -> None:
    (article,) = read({"url": "/a?b=稻", "title": "x"}, WIRE).articles
    assert article.link == "https://wire.example/a?b=%E7%A8%BB"


TEXT = "allowed: text"
LINK = "allowed: an absolute http:// or https:// URL"
DATE = "allowed: a date such as 2026-11-22T12:00:00+08:00"
NAMELESS = "guid and url are missing: without either, a repeat would be another article"
FILES = f"found a list; allowed: objects whose url is {LINK.removeprefix('allowed: ')}"
PEOPLE = 'allowed: a list such as [{"name": "本报记者"}]'
NAME = "allowed: a whole number, or one line of at most 1000 characters"


@pytest.mark.parametrize(
    ("item", "detail"),
    [
        (5, "found a number; allowed: an article as a JSON object"),
        (None, "found null; allowed: an article as a JSON object"),
        ({"guid": "1"}, "has neither title, text nor link"),
        ({"guid": "1", "title": ["x"]}, f"title: found a list; {TEXT}"),
        ({"guid": "1", "title": 5}, f"title: found a number; {TEXT}"),
        ({"guid": "1", "title": "x", "content_html": {}}, f"content_html: found an object; {TEXT}"),
        ({"guid": True, "title": "x"}, f"guid: found true; {NAME}"),
        ({"id": 1.5, "title": "x"}, f"id: found a number; {NAME}"),
        ({"guid": "a\nb", "title": "x"}, rf"guid: found 'a\nb'; {NAME}"),
        ({"guid": "a\u0000", "title": "x"}, rf"guid: found 'a\x00'; {NAME}"),
        ({"guid": "\ud800", "title": "x"}, rf"guid: found '\ud800'; {NAME}"),
        ({"guid": "x" * 1001, "title": "x"}, f"guid: found '{'x' * 60}…'; {NAME}"),
        ({"title": "x"}, NAMELESS),
        ({"guid": " ", "title": "x"}, NAMELESS),
        ({"guid": "1", "title": "x", "url": "/a"}, f"url: found '/a'; {LINK}"),
        (
            {"guid": "1", "title": "x", "url": "javascript:alert(1)"},
            f"url: found 'javascript:alert(1)'; {LINK}",
        ),
        (
            {"guid": "1", "title": "x", "date_published": "someday"},
            f"date_published: found 'someday'; {DATE}",
        ),
        ({"guid": "1", "title": "x", "date_modified": {}}, f"date_modified: found an object; {DATE}"),
        ({"guid": "1", "title": "x", "tags": [1]}, "tags: found a list; allowed: a list of texts"),
        ({"guid": "1", "title": "x", "tags": {}}, "tags: found an object; allowed: a list of texts"),
        ({"guid": "1", "title": "x", "authors": [{"name": 1}]}, f"authors: found a list; {PEOPLE}"),
        ({"guid": "1", "title": "x", "attachments": ["a"]}, f"attachments: {FILES}"),
        ({"guid": "1", "title": "x", "attachments": [{"url": "a.mp3"}]}, f"attachments: {FILES}"),
        ({"guid": "1", "title": "x", "source": "paper"}, "source: found 'paper'; allowed: cms"),
        ({"guid": "1", "title": "x", "source": 1}, "source: found a number; allowed: cms"),
    ],
)
def test_what_is_wrong_with_an_article_is_said(item: object, detail: str) -> None:
    good = {"guid": "good", "title": "好的"}
    assert detail in [said for index, said in flaws([good, item]) if index == 1]


def test_every_bad_article_is_named() -> None:
    found = flaws([{"guid": "1", "title": 5, "tags": 5}, {"guid": "2", "title": "x"}, {"title": "y"}])
    assert [index for index, _ in found] == [0, 0, 2]


def test_articles_of_one_document_have_names_of_their_own() -> None:
    found = flaws(
        [
            {"guid": "1", "url": "https://cms.example/a", "title": "x"},
            {"guid": "2", "url": "http://www.cms.example/a/?utm_source=z", "title": "y"},
            {"guid": " 1 ", "title": "z"},
        ]
    )
    assert found == [
        (1, "url: that of article 0 too; each has its own"),
        (2, "guid: that of article 0 too; each has its own"),
    ]


def test_the_source_is_named_once_for_all() -> None:
    item = {"guid": "1", "title": "x"}
    assert read({**item, "source": "wire"}, CMS, WIRE).source == WIRE
    assert read({"source": "wire", "items": [item]}, CMS, WIRE).source == WIRE
    assert read([item, {"guid": "2", "title": "y", "source": "wire"}], CMS, WIRE).source == WIRE
    assert flaws([item], CMS, WIRE) == [(None, "source is missing; allowed: cms, wire")]
    two = [{**item, "source": "wire"}, {"guid": "2", "title": "y", "source": "cms"}]
    detail = "source: found 'cms' after 'wire'; allowed: one source for all that is pushed"
    assert flaws(two, CMS, WIRE) == [(1, detail)]
    assert flaws({"source": "wire", "items": [item]}) == [(None, "source: found 'wire'; allowed: cms")]


def test_the_address_names_the_article() -> None:
    assert [a.guid for a in read({"title": "x"}, one=True, guid="7").articles] == ["7"]
    assert [a.guid for a in read({"title": "x", "id": 7}, one=True, guid="7").articles] == ["7"]
    assert [a.link for a in read({"title": "x"}, one=True, url="https://cms.example/7").articles] == [
        "https://cms.example/7"
    ]
    assert read({"title": "x"}, one=True).articles[0].guid is None
    assert flaws({"title": "x", "guid": "8"}, one=True, guid="7") == [
        (0, "guid: found '8', but it is addressed as '7'")
    ]
    assert flaws({"title": "x"}, one=True, guid="a\tb") == [(0, rf"guid: found 'a\tb'; {NAME}")]
    assert flaws({"title": "x"}, one=True, url="7") == [(0, f"url: found '7'; {LINK}")]


def test_articles_are_bounded() -> None:
    items = [{"guid": str(n), "title": "x"} for n in range(MAX_ITEMS + 1)]
    assert len(read(items[:-1]).articles) == MAX_ITEMS
    assert flaws(items) == [(None, "found 201 articles; allowed: 200 at once")]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body is empty"),
        (b" \n", "the body is empty"),
        (b"{", "not JSON: line 1, column 2"),
        (b'{"guid": 1,}', "not JSON: line 1"),
        (b'{"guid": NaN}', "NaN is no number"),
        (b'[1e5, -Infinity]', "-Infinity is no number"),
        (b"5", "found a number"),
        (b"null", "found null"),
        (b'"text"', "found 'text'"),
        (b'{"items": {}}', "items: found an object; allowed: a list of articles"),
        (b'{"items": null}', "items: found null"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"guid": ' + b"9" * 5000 + b"}", "not JSON"),
        ("{\"title\": \"晚稻\"}".encode("gb18030"), "not UTF-8"),
        ("{}".encode("utf-16"), "not UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_document_says_so(body: bytes, said: str) -> None:
    with pytest.raises(ReadError, match=said):
        read(body)


@pytest.mark.parametrize("document", [[{"title": "x"}], {"items": [{"title": "x"}]}, []])
def test_one_article_is_one(document: object) -> None:
    with pytest.raises(ReadError, match="several articles"):
        read(document, one=True)


def test_a_byte_order_mark_is_no_part_of_the_document() -> None:
    assert read(b'\xef\xbb\xbf{"guid": "1", "title": "x"}').articles[0].title == "x"


MEMBERS = [
    *("id", "guid", "url", "title", "content_html", "content_text", "summary", "authors", "author", "source"),
    *("date_published", "tags", "category", "attachments", "image", "items", "name", "_x"),
]
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["https://cms.example/1", "2026-11-20", "cms", "<p>x</p>"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=6),
    max_leaves=30,
)  # fmt: skip


@given(VALUES, st.booleans(), st.sampled_from([{}, {"guid": "1"}, {"url": "https://cms.example/1"}]))
def test_any_json_is_read_or_refused(value: object, one: bool, named: dict[str, str]) -> None:
    with contextlib.suppress(ReadError):
        found = read(value, CMS, WIRE, one=one, **named)
        assert (found.source is None) == bool(found.flaws)
        assert one or all(a.guid or a.link for a in found.articles)


@given(st.binary(max_size=100))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(ReadError):
        read(body)


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(MEMBERS).filter(lambda name: name != "items"), VALUES, max_size=6))
def test_any_article_becomes_a_draft_or_a_flaw(reader: None, item: dict[str, Any]) -> None:
    body = json.dumps([item | {"guid": "1"}]).encode()
    found = reading.read_pushed(body, (CMS,), {}, False, NOW)
    assert (found.source == "cms") == (len(found.drafts) == 1) == (not found.flaws)


def test_what_is_pushed_is_cleaned_and_tagged(reader: None) -> None:
    item = {
        "guid": "1",
        "title": "我市举行消防演练",
        "content_html": '<p onclick="x()">昨日上午，演练在市区举行。</p><script>alert(1)</script>',
        "category": "应急",
    }
    found = reading.read_pushed(json.dumps(item).encode(), (CMS, WIRE), {}, False, NOW)
    assert found.flaws == (Flaw(detail="source is missing; allowed: cms, wire"),)
    found = reading.read_pushed(json.dumps(item).encode(), (CMS,), {}, False, NOW)
    (made,) = found.drafts
    assert (found.source, made.guid, made.author) == ("cms", "1", "编辑部")
    assert made.html == "<p>昨日上午，演练在市区举行。</p>"
    assert made.tagging.regions == ("330400",)


def test_an_article_of_which_nothing_is_left_is_a_flaw(reader: None) -> None:
    items = [{"guid": "1", "title": "好"}, {"guid": "2", "content_html": "<script>alert(1)</script>"}]
    found = reading.read_pushed(json.dumps(items).encode(), (CMS,), {}, False, NOW)
    assert found.drafts == ()
    assert found.flaws == (Flaw(detail="has neither title nor text", index=1),)
