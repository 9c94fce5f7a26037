"""robots.txt: who may fetch what, and how fast."""

from collections.abc import Sequence

import pytest

from feedsvc.sources.robots import Verdict, ask, token

SITE = "https://paper.example"


def verdict(text: str, *paths: str, agent: str = "feedsvc/0.1 (+https://news.example)") -> Verdict:
    return ask(text.encode(), agent, [SITE + path for path in paths])


def allowed(text: str, *paths: str, agent: str = "feedsvc/0.1") -> Sequence[str]:
    return [url.removeprefix(SITE) for url in verdict(text, *paths, agent=agent).allowed]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["/a", "/b/c"]),
        ("User-agent: *\nDisallow: /", []),
        ("User-agent: *\nDisallow:", ["/a", "/b/c"]),
        ("\ufeffUser-agent: *\nDisallow: /b", ["/a"]),
        ("User-agent: *\nDisallow: /\nAllow: /b/", ["/b/c"]),
        ("User-agent: other\nDisallow: /", ["/a", "/b/c"]),
        ("User-agent: *\nDisallow: /\n\nUser-agent: FeedSvc\nDisallow: /a", ["/b/c"]),
        ("User-agent: *\nDisallow: /*c$", ["/a"]),
        ("<html>404</html>", ["/a", "/b/c"]),
    ],
)
def test_what_may_be_fetched(text: str, expected: list[str]) -> None:
    assert allowed(text, "/a", "/b/c") == expected


def test_the_slowest_of_what_is_asked_for_is_the_pace() -> None:
    assert verdict("User-agent: *\nCrawl-delay: 5").delay == 5
    assert verdict("User-agent: *\nCrawl-delay: 2\nRequest-rate: 1/10").delay == 10
    assert verdict("User-agent: *\nDisallow: /x").delay is None


def test_only_so_much_of_it_is_read() -> None:
    assert allowed("#" * (600 << 10) + "\nUser-agent: *\nDisallow: /", "/a") == ["/a"]


def test_the_product_token_is_what_rules_are_for() -> None:
    assert token("feedsvc/0.1 (+https://news.example)") == "feedsvc"
    assert token("Example-Reader/2.0") == "Example-Reader"
    assert token("(odd)") == "feedsvc"
    assert allowed("User-agent: Example-Reader\nDisallow: /", "/a", agent="Example-Reader/2.0") == []
