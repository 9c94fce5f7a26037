"""The pages of tests/data/pages, and the same pages with what designs differ in taken away."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import pagecorpus
from benchmarks.pagecorpus import Page, mean, overlap, same_line, same_minute
from feedsvc.clean import plain, safe_html
from feedsvc.pages import boilerplate, flow, tree
from feedsvc.pages.reading import Reading, read_page

FOLDER = Path(__file__).parent / "data" / "pages"
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
PAGES = pagecorpus.read(FOLDER, NOW)


def reading(page: Page, change: Callable[[str], str] = str) -> Reading:
    return read_page(change(page.html), url=page.url, now=NOW)


def text_of(found: Reading) -> str:
    return plain(safe_html(found.html or "", found.base_url))


def is_utf8(path: Path) -> bool:
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def test_half_of_the_pages_are_not_in_utf_8() -> None:
    assert len(PAGES) >= 60
    assert 2 * sum(not is_utf8(FOLDER / f"{page.name}.html") for page in PAGES) >= len(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_read_right(page: Page) -> None:
    found = reading(page)
    assert same_line(found.title, page.title)
    assert same_minute(found.published, page.published)
    assert same_minute(found.updated, page.updated)
    assert overlap(text_of(found), "\n".join(page.text)) >= 0.97
    assert found.images == page.images
    assert found.keywords == page.keywords
    assert found.canonical == page.canonical
    assert found.rules.keys() >= {"title", "published", "body"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paragraphs_stay_apart(page: Page) -> None:
    lines = {"".join(line.split()) for line in text_of(reading(page)).split("\n")}
    apart = sum("".join(line.split()) in lines for line in page.text)
    assert apart >= len(page.text) - 1  # one holds the byte that is broken


def test_names_are_found_and_none_invented() -> None:
    found = [(reading(page), page) for page in PAGES]
    assert sum(same_line(f.author, p.author) for f, p in found) >= len(PAGES) - 5
    assert sum(same_line(f.source_name, p.source_name) for f, p in found) >= len(PAGES) - 3


def scrambled(html: str) -> str:
    """Classes and ids as nobody has seen them before."""

    def hashed(match: re.Match[str]) -> str:
        return f'{match[1]}="x{md5(match[2].encode(), usedforsecurity=False).hexdigest()[:6]}"'

    return re.sub(r'\b(class|id)\s*=\s*["\']?([^"\'>\s][^"\'>]*?)["\']?(?=[\s>/])(?=[^<]*>)', hashed, html)


def undeclared(html: str) -> str:
    """Nothing said for machines but the title of the window."""
    html = re.sub(r"<meta(?![^>]*charset)[^>]*>|<!--enpprop.*?-->", "", html, flags=re.S | re.I)
    return re.sub(r'<script type="application/ld.json">.*?</script>', "", html, flags=re.S)


def untitled(html: str) -> str:
    return re.sub(r"<title.*?</title>", "", html, flags=re.S | re.I)


def without_headings(html: str) -> str:
    return re.sub(r"<(/?)h[1-6]\b", r"<\1div", html, flags=re.I)


def inserted(html: str, *, above: str = "", below: str = "") -> str:
    html = re.sub(r"<body[^>]*>", lambda match: match[0] + above, html, count=1, flags=re.I)
    return re.sub(r"</body>", lambda match: below + match[0], html, count=1, flags=re.I)


def with_clock(html: str) -> str:
    """The day and time of the reader's visit, as the server wrote it, at the top."""
    return inserted(html, above="<div>2026年11月20日 10:00 星期五</div>")


def with_flashes(html: str) -> str:
    """Other news above the article, in whole sentences, without a name of its own."""
    flash = "<div><i>1{n}:05</i><span>{n}号渡口今日复航，有关方面加开班次，月底恢复正常。</span></div>"
    return inserted(html, above=f"<div>{''.join(flash.format(n=n) for n in range(8))}</div>")


def with_readers(html: str) -> str:
    """Comments below the article, more than most articles are long, without a name of their own."""
    said = "写得不错，我们这边也有类似的情况，希望多关注一下。"
    one = f"<div><b>读者{{n}}</b><i>2026-10-0{{n}} 12:3{{n}}</i><div>{said}</div></div>"
    return inserted(html, below=f"<div>{''.join(one.format(n=n) for n in range(1, 9))}</div>")


@pytest.mark.parametrize(
    ("change", "titles", "minutes", "body"),
    [
        (with_clock, 0.98, 0.98, 0.98),
        (with_flashes, 0.98, 0.98, 0.93),
        (with_readers, 0.98, 0.94, 0.93),
        (scrambled, 0.95, 0.95, 0.98),
        (undeclared, 0.98, 0.95, 0.98),
        (untitled, 0.88, 0.95, 0.98),
        (without_headings, 0.96, 0.97, 0.98),
        (lambda html: scrambled(undeclared(html)), 0.93, 0.91, 0.98),
    ],
    ids=[
        "clock",
        "flashes",
        "readers",
        "scrambled",
        "undeclared",
        "untitled",
        "without headings",
        "scrambled and undeclared",
    ],
)
def test_no_rule_hangs_on_one_mark_of_a_page(
    change: Callable[[str], str], titles: float, minutes: float, body: float
) -> None:
    found = [(reading(page, change), page) for page in PAGES]
    assert mean([same_line(f.title, p.title) for f, p in found]) >= titles
    assert mean([same_minute(f.published, p.published) for f, p in found]) >= minutes
    assert mean([overlap(text_of(f), "\n".join(p.text)) for f, p in found]) >= body


def blocks(html: str) -> list[tuple[str, str]]:
    root = tree.parsed(f"<html><body>{html}</body></html>")
    assert root is not None
    return [(block.kind, block.text) for block in flow.blocks(root)]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<div><div><p>甲</p></div><span>乙</span></div>", [("p", "甲"), ("p", "乙")]),
        ("　　甲。<br>　　乙", [("p", "甲。"), ("p", "乙")]),
        ("甲<br><br>乙", [("p", "甲"), ("p", "乙")]),
        ("甲<br>乙", [("p", "甲 乙")]),
        ("<b>甲。<br><br>乙</b>", [("p", "甲。"), ("p", "乙")]),
        ("<ul><li>甲</li><li><p>乙</p></li></ul>", [("ul", "甲"), ("ul", "乙")]),
        ("<h1>甲</h1><h3>乙</h3>", [("h2", "甲"), ("h3", "乙")]),
        ("<blockquote><p>甲</p></blockquote>", [("blockquote", "甲")]),
        (
            "<table><tr><td>甲</td><td>1</td></tr><tr><td>乙</td><td>2</td></tr></table>",
            [("table", "甲 1\n乙 2")],
        ),
        (
            "<table><tr><td>菜单</td><td><p>甲</p><p>乙</p></td></tr></table>",
            [("p", "菜单"), ("p", "甲"), ("p", "乙")],
        ),
        ("<p>&nbsp;</p><p>　</p><p style='display:none'>甲</p><script>乙</script>", []),
    ],
)
def test_blocks(html: str, expected: list[tuple[str, str]]) -> None:
    assert blocks(html) == expected


def test_inline_markup_is_closed_and_opened_again() -> None:
    root = tree.parsed("<p>甲<b>乙。<br><br>丙<a href='/x'>丁</a></b>&lt;戊&gt;</p>")
    assert root is not None
    assert flow.written(flow.blocks(root)) == (
        '<p>甲<strong>乙。</strong></p>\n<p><strong>丙<a href="/x">丁</a></strong>&lt;戊&gt;</p>'
    )


@given(st.text(max_size=80))
def test_every_line_is_judged(text: str) -> None:
    for judge in (boilerplate.is_furniture, boilerplate.is_notice, boilerplate.is_end):
        assert judge(text) in (True, False)


@pytest.mark.parametrize(
    "html",
    [
        "<div " + " ".join(f"a{i}=1" for i in range(3000)) + ">甲",
        "<p>" + "<span>甲，乙。</span>" * 3000,
        "<!--enpproperty " * 3000,
        "<script>" + '"content":"<p>' * 3000 + "</script>",
        '<script type="application/ld+json">' + '{"headline": "' * 3000 + "</script>",
        "<table>" * 3000 + "<tr><td>甲",
        "<textarea>&lt;p&gt;" + "甲" * 3000,
    ],
)
def test_bombs_are_read_as_what_they_are(html: str) -> None:
    assert read_page(html, url=None, now=NOW).published is None
