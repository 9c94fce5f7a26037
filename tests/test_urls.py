"""Links made absolute, and folded for identity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc import urls
from feedsvc.urls import absolute, canonical


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("a.html", "https://paper.example/news/a.html"),
        ("/a?b=1#c", "https://paper.example/a?b=1#c"),
        ("//cdn.example/a.png", "https://cdn.example/a.png"),
        ("?page=2", "https://paper.example/news/?page=2"),
        (" http://paper.example/路 径\n?q=我 ", "http://paper.example/%E8%B7%AF%20%E5%BE%84?q=%E6%88%91"),
        ("http://中国.example/", "http://xn--fiqs8s.example/"),
        ("HTTP://Paper.Example:80/A", "http://paper.example/A"),
        ("http://user:secret@paper.example/", "http://paper.example/"),
        ("http://paper.example/100%", "http://paper.example/100%25"),
        ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("http://paper.example", "http://paper.example/"),
        ("java\tscript:alert(1)", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("mailto:a@b.example", None),
        ("ftp://paper.example/", None),
        ("http://", None),
        ("http:///a", None),
        ("http://a b.example/", None),
        ("http://a.example:99999/", None),
        ("http://a.example\\@b.example/", "http://a.example/@b.example/"),
        ("", None),
        (None, None),
    ],
)
def test_absolute(link: str | None, expected: str | None) -> None:
    assert absolute(link, "https://paper.example/news/") == expected


@pytest.mark.parametrize(
    "twin",
    [
        "https://www.paper.example/a/1.html",
        "http://paper.example:80/a/1.html",
        "https://m.paper.example/a/1.html",
        "https://paper.example/a/1.html#top",
        "https://paper.example/a/1.html?utm_source=rss&spm=1.2",
        "https://paper.example/a/1.html?from=timeline&isappinstalled=0",
        "https://paper.example/%61/1.html",
        "https://paper.example/a/1.amp.html",
    ],
)
def test_spellings_of_one_page_are_one_link(twin: str) -> None:
    assert canonical(twin) == canonical("https://paper.example/a/1.html") == "paper.example/a/1.html"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://paper.example/", "https://www.paper.example/index.html"),
        ("https://paper.example/a/", "https://paper.example/a/default.aspx"),
        ("https://paper.example/a?x=1&y=2", "https://paper.example/a/?y=2&x=1"),
        ("https://paper.example/中", "https://paper.example/%e4%b8%ad"),
        ("https://paper.example/a", "https://paper.example/a/amp/"),
    ],
)
def test_more_spellings(one: str, other: str) -> None:
    assert canonical(absolute(one) or "") == canonical(absolute(other) or "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://paper.example/a?id=1", "https://paper.example/a?id=2"),
        ("https://paper.example/a?from=2019", "https://paper.example/a?from=2020"),
        ("https://paper.example/A", "https://paper.example/a"),
        ("https://paper.example/a%2Fb", "https://paper.example/a/b"),
        ("https://paper.example/#!/1", "https://paper.example/#!/2"),
        ("https://paper.example:8080/", "https://paper.example/"),
        ("https://news.paper.example/1", "https://paper.example/1"),
        ("https://m.example/1", "https://example/1"),
    ],
)
def test_different_pages_stay_different(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@given(st.text(max_size=80), st.sampled_from([None, "https://paper.example/a/"]))
def test_any_text_is_an_ascii_url_or_none(link: str, base: str | None) -> None:
    found = absolute(link, base)
    if found is not None:
        assert found.isascii()
        assert found.startswith(("http://", "https://"))
        assert not set(found) & set(' "<>\n\t\\^`{|}')
        assert absolute(found) == found
        assert canonical(found)


@given(st.from_regex(r"https?://[a-z]{1,8}\.example/[a-z0-9/%?&=.#-]{0,30}", fullmatch=True))
def test_canonical_is_settled(link: str) -> None:
    found = absolute(link)
    assert found is not None
    once = canonical(found)
    assert canonical(f"http://{once}") == once


def test_ids_are_fixed_for_ever() -> None:
    assert str(urls.NAMESPACE) == "fe394fde-0694-522f-a9d0-7daec84018f7"
    assert urls.article_uuid("paper", "guid", "1") == "9e1a1e2d-e1fa-5a33-8dad-9e33860ef675"


def test_hosts() -> None:
    assert urls.host_of("https://Paper.Example:443/a") == "paper.example"
    assert urls.host_of("http://paper.example:8080/") == "paper.example:8080"
    assert urls.host_of("http://x:y/") == ""
