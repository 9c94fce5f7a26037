"""What holds for all feeds of all sites: any text arrives as it was sent, in whatever order articles come."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import feedparser
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from feedsvc import text, urls
from feedsvc.clean import to_draft
from feedsvc.model import Draft, Enclosure, RawArticle
from tests.conftest import Clock, Newsroom
from tests.judging import feed_faults
from tests.made import DAY, MINUTE, NOW, draft
from tests.web import BASE, SUFFIXES, visit

# Any code points, surrogates among them, with those that formats trip over more often than chance has them.
ANY = st.text(
    st.characters() | st.sampled_from("<>&'\"\\]/,.%#?+ \r\n\t\0\x0b\x7f\x85\u2028\u200d\ufeff\ufffe\ud83d"),
    max_size=40,
)
PIECES = (
    "]]>",
    "<![CDATA[",
    "&amp;",
    "&#0;",
    "&nbsp;",
    "<!--",
    "</p>",
    "<script>",
    "<?xml",
    "😀",
    "👨‍👩‍👧",
    "e\u0301",
)
TEXT = st.lists(ANY | st.sampled_from(PIECES), max_size=4).map("".join)


class Desk:
    """A site that holds one article, which is edited over and over."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.visitor = visit(newsroom.open())
        self.link: str | None = None

    def told(self, raw: RawArticle, tag: str) -> Draft:
        """The draft that becomes of `raw` and `tag`, published. `link` is the last one that was told."""
        found = to_draft(raw, tagging=draft(tags=(tag,)).tagging)
        assert found is not None
        self.newsroom.clock.advance(MINUTE)
        self.newsroom.publish("paper", found)
        self.link = found.link or self.link
        return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    newsroom = Newsroom(folder=tmp_path_factory.mktemp("desk"), clock=Clock())
    yield Desk(newsroom)
    for each in newsroom.opened:
        each.close()


@given(title=TEXT, body=TEXT, author=TEXT, tag=TEXT, link=TEXT, raw=st.booleans())
@example(title="a]]>b", body="]]>", author="&lt;", tag="/", link="https://a.example/ a", raw=False)
@example(title="<b>x</b>", body="&amp;amp;", author="<b>", tag="..", link="//x", raw=True)
def test_any_text_arrives_as_it_was_sent(
    desk: Desk, title: str, body: str, author: str, tag: str, link: str, raw: bool
) -> None:
    """`raw`: the body is HTML of anybody's, not text inside HTML."""
    html = body if raw else f"<p>{escape(body)}</p>"
    said = RawArticle(
        guid="one", title=f"题{title}", html=f"文{html}", author=f"甲{escape(author)}", link=link
    )
    known = desk.told(said, text.spelling(f"签{tag}"))
    assert known.title == text.squeeze(f"题{title}")
    assert known.link == urls.absolute(link)
    answers = {suffix: desk.visitor.get(f"/feeds/all.{suffix}") for suffix in SUFFIXES}
    for suffix, found in answers.items():
        url = f"{BASE}/feeds/all.{suffix}"
        assert feed_faults(found.data, suffix, found.content_type or "", url) == []
    (item,) = json.loads(answers["json"].data)["items"]
    expected = {
        "id": item["id"],
        "title": known.title,
        "html": known.html,
        "author": text.squeeze(known.author or ""),
        "tag": text.spelling(f"签{tag}"),
        "link": desk.link or f"{BASE}/articles/{item['id'].removeprefix('urn:uuid:')}",
    }
    assert {
        "id": item["id"],
        "title": item["title"],
        "html": item["content_html"],
        "author": item["authors"][0]["name"],
        "tag": item["_feedsvc"]["tags"][0],
        "link": item["url"],
    } == expected
    assert parsed(answers["rss"].data) == expected
    assert parsed(answers["atom"].data) == expected
    assert desk.visitor.get(f"/feeds/tag/{quote(expected['tag'], safe='')}.rss").status_code == 200


def parsed(body: bytes) -> dict[str, str]:
    """What feedparser reads of the one entry of a feed; its own cleaning is off, ours shall do."""
    found = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not found.bozo
    (entry,) = found.entries
    return {
        "id": entry.id,
        "title": entry.title,
        "html": entry.content[0].value,
        "author": entry.author,
        "tag": next(each.label or each.term for each in entry.tags if each.scheme.endswith("/tag")),
        "link": entry.link,
    }


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article and the source that brings it."""

    source: str
    draft: Draft


def arrivals() -> list[Arrival]:
    """Articles of three sources, each published at a second of its own, some of them edited since."""
    return [
        Arrival(
            ("paper", "county", "wire")[at % 3],
            draft(
                f"第{at}条",
                guid=f"g{at}" if at % 2 else None,
                link=f"https://paper.example/{at}",
                html=f"<p>正文{at}</p>",
                published=NOW - DAY - at * timedelta(minutes=7),
                updated=NOW - DAY + at * timedelta(seconds=11) if at % 4 == 0 else None,
                enclosures=(Enclosure(url=f"https://paper.example/{at}.mp3", type="audio/mpeg"),)
                * (at % 3 == 0),
                tags=("甲", "乙")[: 1 + at % 2],
                category="city",
                regions=("330400",),
            ),
        )
        for at in range(9)
    ]


PATHS = tuple(
    f"/feeds/{quote(address)}.{suffix}"
    for address in ("all", "all/limit/4", "tag/乙", "region/330000/-tag/乙", "source/wire", "all/script/hant")
    for suffix in SUFFIXES
)


@pytest.fixture(scope="module")
def in_order() -> dict[str, Any]:
    """What is served when all came at once, source by source."""
    given = arrivals()
    return served([[each for each in given if each.source == s] for s in ("paper", "county", "wire")])


def served(batches: list[list[Arrival]]) -> dict[str, Any]:
    """The feeds of a new site after `batches`, each brought at another minute; JSON without revisions."""
    with tempfile.TemporaryDirectory() as folder:
        newsroom = Newsroom(folder=Path(folder), clock=Clock())
        visitor = visit(newsroom.open())
        for batch in batches:
            newsroom.clock.advance(MINUTE)
            for source in dict.fromkeys(each.source for each in batch):
                newsroom.publish(source, *(each.draft for each in batch if each.source == source))
        found = {path: visitor.get(path).data for path in PATHS}
        restarted = visit(newsroom.open())
        assert {path: restarted.get(path).data for path in PATHS} == found
        for each in newsroom.opened:
            each.close()
        return found


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(9)), sizes=st.lists(st.integers(1, 5), min_size=9, max_size=9))
def test_any_order_of_arrival_gives_the_same_feeds(
    in_order: dict[str, Any], order: list[int], sizes: list[int]
) -> None:
    """In RSS and Atom to the byte; a JSON item also tells its revision, which is the order of arrival.

    For articles whose sources say when they were published, no two in the same second: others are as old as
    their first sight, and who came first is all that tells twins apart.
    """
    given = arrivals()
    came = [given[at] for at in order]
    batches = []
    for size in sizes:
        batches.append(came[:size])
        came = came[size:]
    assert served([batch for batch in batches if batch]) == in_order


@pytest.mark.slow
def test_what_comes_again_changes_nothing(in_order: dict[str, Any]) -> None:
    """The same articles once more, and then backwards."""
    given = arrivals()
    assert served([given, given, given[::-1]]) == in_order
