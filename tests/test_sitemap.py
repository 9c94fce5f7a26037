"""Sitemaps: XML, news, index, gzip, text; and what is made to break their reader."""

import gzip
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import ReadError
from feedsvc.model import ListPage
from feedsvc.sources.sitemap import MAX_LINKS, is_sitemap, read_sitemap
from tests.made import NOW

URL = "https://paper.example/sitemap.xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def read(text: str | bytes, url: str = URL) -> ListPage:
    body = text.encode() if isinstance(text, str) else text
    return read_sitemap(body, url=url, now=NOW)


def test_pages_come_newest_first_and_lastmod_dates_no_article() -> None:
    page = read(
        f'{HEAD}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        "<url><loc>https://paper.example/a/1.html</loc><lastmod>2026-03-01</lastmod></url>"
        "<url><loc> https://paper.example/a/2.html?x=1&amp;y=2 </loc>"
        "<lastmod>2026-03-05T08:30:00+08:00</lastmod></url>"
        "<url><loc>/a/3.html</loc></url></urlset>"
    )
    assert [link.url for link in page.links] == [
        "https://paper.example/a/2.html?x=1&y=2",
        "https://paper.example/a/1.html",
        "https://paper.example/a/3.html",
    ]
    assert page.links[0].changed == datetime(2026, 3, 5, 0, 30, tzinfo=UTC)
    assert {link.published for link in page.links} == {None}


def test_the_news_extension_gives_title_and_date_and_an_image_does_not() -> None:
    page = read(
        f'{HEAD}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
        'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url>'
        "<image:image><image:loc>https://paper.example/i.jpg</image:loc><image:title>图</image:title></image:image>"
        "<loc>https://paper.example/a/1.html</loc><news:news><news:publication><news:name>海风日报</news:name>"
        "<news:language>zh-cn</news:language></news:publication>"
        "<news:publication_date>2026-03-05T08:30+08:00</news:publication_date>"
        "<news:title>县城通了&#x65B0;公交</news:title></news:news></url></urlset>"
    )
    (link,) = page.links
    assert (link.url, link.title) == ("https://paper.example/a/1.html", "县城通了新公交")
    assert link.published == datetime(2026, 3, 5, 0, 30, tzinfo=UTC)


def test_an_index_names_its_parts_news_first_then_the_newest() -> None:
    page = read(
        f"{HEAD}<sitemapindex>"
        "<sitemap><loc>https://cdn.example/1.xml</loc><lastmod>2026-03-01</lastmod></sitemap>"
        "<sitemap><loc>https://paper.example/2.xml.gz</loc><lastmod>2026-03-04</lastmod></sitemap>"
        "<sitemap><loc>https://paper.example/news.xml</loc><lastmod>2026-01-01</lastmod></sitemap></sitemapindex>"
    )
    assert page.links == ()
    assert [part.url.rpartition("/")[2] for part in page.more] == ["news.xml", "2.xml.gz", "1.xml"]


def test_gzip_is_undone_whatever_it_is_called_and_broken_gzip_is_told() -> None:
    body = gzip.compress(b"<urlset><url><loc>https://paper.example/a/1.html</loc></url></urlset>")
    assert len(read(body).links) == 1
    with pytest.raises(ReadError, match="broken gzip"):
        read(body[:2] + b"\x00" * 40)


def test_a_bomb_of_gzip_is_refused() -> None:
    engine = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    body = b"".join(engine.compress(b" " * (1 << 20)) for _ in range(80)) + engine.flush()
    with pytest.raises(ReadError, match="larger than 64 MiB"):
        read(body)


def test_an_entity_bomb_expands_to_nothing() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "蛋" * 10}">' for n in range(10))
    page = read(
        f"<?xml version='1.0'?><!DOCTYPE urlset [{entities}]><urlset><url><loc>https://paper.example/a/1.html</loc>"
        "<news:title xmlns:news='n'>&e9;</news:title></url></urlset>"
    )
    assert [len(link.title) < 10 for link in page.links] == [True]


def test_an_external_entity_is_not_read() -> None:
    page = read(
        '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url>'
        "<loc>https://paper.example/&x;</loc></url></urlset>"
    )
    assert "root" not in "".join(link.url for link in page.links)


def test_a_text_sitemap_has_an_address_a_line_of_its_own_host() -> None:
    page = read(
        "\ufeffhttps://paper.example/a/1.html\r\nhttps://paper.example/a/2.html\nhttps://other.example/x\n"
    )
    assert [link.url for link in page.links] == [
        "https://paper.example/a/1.html",
        "https://paper.example/a/2.html",
    ]


def test_of_many_pages_the_newest_are_taken() -> None:
    rows = "".join(
        f"<url><loc>https://paper.example/a/{n}.html</loc>"
        f"<lastmod>2026-01-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z</lastmod></url>"
        for n in range(6000)
    )
    page = read(f"<urlset>{rows}</urlset>")
    assert len(page.links) == MAX_LINKS
    assert page.links[0].url.endswith("/5999.html")


@pytest.mark.parametrize(
    "text", ["", "<html><body>你好</body></html>", "公告\n没有地址", "<rss><channel/></rss>"]
)
def test_what_is_no_sitemap_is_told(text: str) -> None:
    with pytest.raises(ReadError, match="sitemap"):
        read(text)


def test_a_truncated_sitemap_gives_what_it_has() -> None:
    page = read("<urlset><url><loc>https://paper.example/a/1.html</loc></url><url><loc>https://paper.exa")
    assert [link.url for link in page.links] == ["https://paper.example/a/1.html"]


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    for wrapped in (text, f"<urlset><url><loc>{text}</loc><lastmod>{text}</lastmod></url></urlset>"):
        try:
            page = read(wrapped)
        except ReadError:
            continue
        assert all(link.url.startswith("http") for link in page.links)


def test_what_a_sitemap_is() -> None:
    assert is_sitemap("<!-- x --><sm:urlset>")
    assert not is_sitemap("<feed/>")
