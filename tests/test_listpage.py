"""Pages that list articles: every article is found, with its title and date, and nothing else is."""

import contextlib
import json
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import ReadError
from feedsvc.model import Listed, ListPage, Selectors
from feedsvc.sources.document import decode
from feedsvc.sources.listpage import MAX_LINKS, read_list

LISTS = Path(__file__).parent / "data" / "lists"
NAMES = sorted(path.stem for path in LISTS.glob("*.html"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a page of the corpus lists."""

    url: str
    now: datetime
    next: str | None
    links: tuple[Listed, ...]


def expected(name: str) -> Expected:
    told = json.loads((LISTS / f"{name}.json").read_text("utf-8"))
    links = tuple(
        Listed(
            url=link["url"],
            title=link["title"],
            published=datetime.fromisoformat(link["published"]) if link["published"] else None,
        )
        for link in told["links"]
    )
    return Expected(url=told["url"], now=datetime.fromisoformat(told["now"]), next=told["next"], links=links)


def page(name: str) -> ListPage:
    told = expected(name)
    html = decode((LISTS / f"{name}.html").read_bytes())
    return read_list(html, url=told.url, selectors=Selectors(), now=told.now)


@pytest.mark.parametrize("name", NAMES)
def test_exactly_the_articles_are_found_in_their_order(name: str) -> None:
    assert [link.url for link in page(name).links] == [link.url for link in expected(name).links]


@pytest.mark.parametrize("name", NAMES)
def test_titles_and_dates_are_those_shown(name: str) -> None:
    found = {link.url: (link.title, link.published) for link in page(name).links}
    assert found == {link.url: (link.title, link.published) for link in expected(name).links}


@pytest.mark.parametrize("name", NAMES)
def test_the_next_page_is_found(name: str) -> None:
    assert page(name).next == expected(name).next


# -- what no page of the corpus shows

NOW_THERE = datetime.fromisoformat("2026-03-05T16:30:00+08:00")
HERE = "https://paper.example/news/index.html"


def read(body: str, selectors: Selectors | None = None) -> ListPage:
    return read_list(
        f"<html><body>{body}</body></html>", url=HERE, selectors=selectors or Selectors(), now=NOW_THERE
    )


def rows(*dates: str) -> str:
    return "".join(
        f'<li><a href="/a/2026/{1000 + n}.html">青溪县春茶开采的第{n}则</a><span>{date}</span></li>'
        for n, date in enumerate(dates)
    )


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("2026-03-05", "2026-03-05T00:00"),
        ("[2026/3/5 08:05]", "2026-03-05T08:05"),
        ("2026年03月05日 08:05:09", "2026-03-05T08:05"),
        ("发布时间：2026.03.05", "2026-03-05T00:00"),
        ("03-05", "2026-03-05T00:00"),
        ("12-30", "2025-12-30T00:00"),
        ("(3/5)", "2026-03-05T00:00"),
        ("3月5日", "2026-03-05T00:00"),
        ("昨天 18:40", "2026-03-04T18:40"),
        ("30分钟前", "2026-03-05T16:00"),
        ("<b>05</b><i>2026-03</i>", "2026-03-05T00:00"),
        ("<b>2026</b><i>03-05</i>", "2026-03-05T00:00"),
        ("20260305", "2026-03-05T00:00"),
        ("更新：2026-03-05 发布：2026-03-01", "2026-03-01T00:00"),
        ("2026-03-25（报名截止）", None),
        ("阅读 1203", None),
        ("比分 3-2", None),
    ],
)
def test_dates_of_a_list(shown: str, expected: str | None) -> None:
    found = {link.published for link in read(f"<ul>{rows(*[shown] * 4)}</ul>").links}
    told = {moment.strftime("%Y-%m-%dT%H:%M") if moment else None for moment in found}
    assert told == {expected}


def test_a_page_without_a_list_is_told() -> None:
    for body in ("", "<p>你好</p>", '<a href="/a/20260305/1.html">只有一篇文章的页面</a>'):
        with pytest.raises(ReadError, match="no list of articles"):
            read(body)


@pytest.mark.parametrize("selector", ["ul.x a", "ul.x li", "ul.x", "div#no, ul.x > li"])
def test_a_selector_matches_links_items_or_what_holds_them(selector: str) -> None:
    other = f"<ul>{rows(*['2026-01-01'] * 9)}</ul>".replace("/a/", "/b/")
    page = read(f'{other}<ul class="x">{rows("2026-03-05", "2026-03-04")}</ul>', Selectors(list=selector))
    assert [link.url for link in page.links] == [
        f"https://paper.example/a/2026/{n}.html" for n in (1000, 1001)
    ]


def test_selectors_that_find_nothing_are_told() -> None:
    with pytest.raises(ReadError, match="matches nothing"):
        read(f"<ul>{rows('03-05')}</ul>", Selectors(list="table td"))


def test_the_next_page_by_selector_by_script_and_never_itself() -> None:
    listed = f"<ul>{rows('03-05', '03-04', '03-03')}</ul>"
    assert read(f'{listed}<a class="n" href="?p=2">→→→ 更早</a>', Selectors(next="a.n")).next == f"{HERE}?p=2"
    assert read(f"{listed}<script>createPageHTML(4, 1, 'index', 'html')</script>").next == HERE.replace(
        "index", "index_2"
    )
    assert read(f"{listed}<script>createPageHTML(4, 3, 'index', 'html')</script>").next is None
    assert read(f'{listed}<a href="index.html">下一页</a>').next is None
    assert read(f'{listed}<a href="https://other.example/">下一页</a>').next is None
    assert read(f'{listed}<a href="javascript:go(2)">下一页</a>').next is None


@given(st.recursive(
    st.text("<>&\"'/=a新闻 0123456789-", max_size=20),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag.split()[0]}>",
        st.sampled_from(("div", "ul", "li", "td", "tr", 'a href="/20260305/1.html"', 'a href="?id=2"')),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
))  # fmt: skip
def test_no_page_breaks_the_reader(body: str) -> None:
    try:
        page = read(body)
    except ReadError:
        return
    assert all(link.url.startswith("http") for link in page.links)


@pytest.mark.parametrize(
    "body",
    [
        "".join(
            f'<div class="c{n}"><a href="/a/{n}00000.html">同样长短的一个标题第{n}</a>' for n in range(3000)
        ),
        "<ul>"
        + "".join(f'<li><a href="/a/2026/{n}.html">标题标题标题标题{n}</a>03-05' for n in range(5000))
        + "</ul>",
        "".join(f'<a href="/a/2026/{n}.html">标题标题标题标题{n}</a> 03-05<br>' for n in range(5000)),
        '<a href="/a/20260305/1.html" '
        + " ".join(f'x{n}="y"' for n in range(50_000))
        + ">标题标题标题标题</a>",
    ],
    ids=["deep", "items", "flat", "attributes"],
)
def test_a_page_made_to_take_long_does_not(body: str) -> None:
    began = time.process_time()
    with contextlib.suppress(ReadError):
        assert len(read(body).links) <= MAX_LINKS
    assert time.process_time() - began < 15  # seconds; a child has 40
