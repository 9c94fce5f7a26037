"""Topics: feeds by their canonical URLs, and nothing else; the hubs of a site."""

from pathlib import Path
from urllib.parse import quote

import pytest

from feedsvc.errors import AddressError, UnknownError
from feedsvc.feeds.directory import Directory
from feedsvc.tagging import gazetteer
from feedsvc.tagging.categories import default_categories
from feedsvc.websub.topics import hubs, links, public_hubs, read_topic
from tests.configured import site
from tests.made import source

BASE = "https://news.example/zh"
NAMES = Directory(default_categories(), gazetteer.load(), [source()])


@pytest.mark.parametrize(
    "path",
    [
        "all.rss",
        "category/agriculture.atom",
        f"tag/{quote('枫桥经验')}.json",
        f"category/agriculture,city/region/330400/-tag/{quote('油价')}/limit/20/content/title.atom",
        "source/paper.rss",
    ],
)
def test_the_canonical_url_of_any_feed_is_a_topic(path: str) -> None:
    url = f"{BASE}/feeds/{path}"
    topic = read_topic(url, BASE, NAMES)
    assert topic.url == url
    assert url.endswith(f".{topic.format}")


@pytest.mark.parametrize(
    ("url", "error", "reason"),
    [
        (f"{BASE}/feeds/category/{quote('三农')}.atom", AddressError, "/feeds/category/agriculture.atom"),
        (f"{BASE}/feeds/tag/枫桥经验.atom", AddressError, f"/feeds/tag/{quote('枫桥经验')}.atom"),
        (f"{BASE}/feeds/all.atom/", AddressError, "/feeds/all.atom"),
        (f"{BASE}/feeds/all.atom?x=1", UnknownError, ".rss, .atom or .json"),
        (f"{BASE}/feeds/all.atom#x", UnknownError, ".rss, .atom or .json"),
        (f"{BASE}/feeds/all", UnknownError, ".rss, .atom or .json"),
        (f"{BASE}/feeds/all.xml", UnknownError, ".rss, .atom or .json"),
        (f"{BASE}/feeds/category/nothing.atom", UnknownError, "no category"),
        (f"{BASE}/feeds/source/nobody.atom", UnknownError, "no source"),
        (f"{BASE}/feeds/tag/%FF.atom", AddressError, "UTF-8"),
        (f"{BASE}/feeds/.atom", UnknownError, ".rss, .atom or .json"),
        (f"{BASE}/feeds/all/archive/1.atom", UnknownError, "an archive"),
        (f"{BASE}/opml.xml", UnknownError, "no feed of this site"),
        ("https://news.example/feeds/all.atom", UnknownError, "no feed of this site"),
        ("http://news.example/zh/feeds/all.atom", UnknownError, "no feed of this site"),
        ("https://other.example/zh/feeds/all.atom", UnknownError, "no feed of this site"),
        ("", UnknownError, "no feed of this site"),
    ],
)
def test_nothing_else_is(url: str, error: type[AddressError], reason: str) -> None:
    with pytest.raises(error) as caught:
        read_topic(url, BASE, NAMES)
    assert reason in str(caught.value)
    assert isinstance(caught.value, UnknownError) is (error is UnknownError)


def test_the_hubs_of_a_site(tmp_path: Path) -> None:
    own = "https://news.example/hub"
    first = '[site]\nbase_url = "https://news.example"\n[feeds]\n'
    public = f'hubs = ["https://b.example/", "https://a.example/", "https://b.example/", "{own}"]\n'
    none, ours, theirs, both = (
        site(tmp_path, first + rest) for rest in ("", "hub = true", public, public + "hub = true")
    )
    assert hubs(none) == public_hubs(none) == public_hubs(ours) == ()
    assert hubs(ours) == (own,)
    assert (
        hubs(theirs)
        == public_hubs(theirs)
        == public_hubs(both)
        == ("https://b.example/", "https://a.example/")
    )
    assert hubs(both) == ("https://b.example/", "https://a.example/", own)


def test_links() -> None:
    assert links(("https://a.example/",), "https://t.example/") == (
        '<https://a.example/>; rel="hub", <https://t.example/>; rel="self"'
    )
