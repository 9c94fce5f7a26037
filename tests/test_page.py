"""The page of one article: what the page says, what its list fills in, and what is none."""

from datetime import UTC, datetime

import pytest

from feedsvc.model import Listed, RawArticle, Selectors
from feedsvc.sources.page import is_summary, read_full_text, read_page
from tests.made import NOW

URL = "https://paper.example/a/2026/1.html"
DAY = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)  # midnight of the 5th in China
TEXT = "<p>渡口的石阶上个月修好了，往来的渔船又可以靠岸，岸边的鱼市也恢复了早集。</p>" * 3


def page(text: str = TEXT, *, title: str = "渡口修好了", when: str = "2026-03-05 09:12") -> bytes:
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div class=info>{when}</div>"
        f"<div class=content>{text}</div></body></html>"
    ).encode()


def read(body: bytes, listed: Listed | None = None, **given: object) -> RawArticle | None:
    fields: dict[str, object] = {"url": URL, "content_type": "text/html", "selectors": None, "now": NOW}
    return read_page(body, listed=listed or Listed(url=URL), **(fields | given))  # type: ignore[arg-type]


def test_the_page_speaks_first_and_is_known_by_the_address_it_came_from() -> None:
    canonical = b'<link rel="canonical" href="https://paper.example/">'
    found = read(
        page().replace(b"</title>", b"</title>" + canonical), Listed(url=URL, title="渡口…", published=DAY)
    )
    assert found is not None
    assert (found.title, found.link, found.guid) == ("渡口修好了", URL, None)
    assert found.published == datetime(2026, 3, 5, 1, 12, tzinfo=UTC)


def test_the_list_gives_the_hour_that_the_page_does_not_say() -> None:
    shown = datetime(2026, 3, 5, 1, 30, tzinfo=UTC)
    found = read(page(when="2026-03-05"), Listed(url=URL, published=shown))
    assert found is not None
    assert found.published == shown
    other_day = read(page(when="2026-03-01"), Listed(url=URL, published=shown))
    assert other_day is not None
    assert other_day.published == datetime(2026, 2, 28, 16, tzinfo=UTC)


@pytest.mark.parametrize("listed", [Listed(url=URL), Listed(url=URL, title="关于我们")])
def test_a_page_without_text_or_date_is_no_article(listed: Listed) -> None:
    assert read(b"<html><body><ul><li><a href=/>x</a></ul></body></html>", listed) is None


def test_a_page_without_text_that_its_list_names_and_dates_is_one() -> None:
    found = read(b"<html><body></body></html>", Listed(url=URL, title="组图", published=DAY, summary="a < b"))
    assert found is not None
    assert (found.title, found.published, found.summary) == ("组图", DAY, "a &lt; b")


def test_a_document_that_is_no_page_is_enclosed() -> None:
    listed = Listed(url=URL, title="关于印发规划的通知", published=DAY)
    found = read(b"%PDF-1.7", listed, content_type="application/pdf")
    assert found is not None
    assert [(e.url, e.type) for e in found.enclosures] == [(URL, "application/pdf")]
    assert read(b"%PDF-1.7", content_type="application/pdf") is None


def test_selectors_come_before_the_rules() -> None:
    body = b"<meta name=d content='2026-03-02T08:00:00+08:00'>" + page(
        "<div class=b><b class=b>x</b>正</div>"
    )
    found = read(body, selectors=Selectors(title="div.info", date="meta[name=d]", body=".b"))
    assert found is not None
    assert (found.title, found.html) == ("2026-03-05 09:12", '<div class="b"><b class="b">x</b>正</div>')
    assert found.published == datetime(2026, 3, 2, tzinfo=UTC)


def full(listed: Listed, body: bytes) -> RawArticle | None:
    return read_full_text(body, listed=listed, url=URL, content_type=None, selectors=None, now=NOW)


def test_full_text_keeps_what_the_feed_says_and_takes_the_text() -> None:
    listed = Listed(
        url=URL, title="订阅里的标题", guid="g1", author="海角", published=DAY, summary="<p>渡口的石阶……</p>"
    )
    found = full(listed, page())
    assert found is not None
    assert (found.title, found.guid, found.author, found.published) == ("订阅里的标题", "g1", "海角", DAY)
    assert "早集" in (found.html or "")


def test_full_text_that_is_no_more_than_the_summary_is_none() -> None:
    assert full(Listed(url=URL, title="t", summary=TEXT * 3), page()) is None


def test_what_is_only_a_summary() -> None:
    assert is_summary("<p>短</p>")
    assert is_summary("<p>" + "长" * 500 + "……</p>")
    assert not is_summary("<p>" + "长" * 500 + "。</p>")
