"""fetch: what a good server gives, and where redirects lead."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from feedsvc.errors import (
    DeadlineError,
    FetchError,
    RedirectError,
    RefusedUrlError,
    StatusError,
)
from feedsvc.fetch import Request, Response
from tests import hostile
from tests.fakes import FakeTransport
from tests.fetching import FEED, fetcher, get, names
from tests.hostile import ConditionalFeed, Upstream


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


# What a good server gives


def test_a_feed(upstream: Upstream) -> None:
    url = upstream.route("/feed", hostile.ok(FEED, "application/atom+xml; charset=utf-8"))
    assert get(fetcher(), url) == Response(
        url=url, status=200, body=FEED, content_type="application/atom+xml; charset=utf-8"
    )
    (seen,) = upstream.requests("/feed")
    assert seen.method == "GET"
    assert seen.target == "/feed"
    assert seen.headers["host"] == f"127.0.0.1:{upstream.port}"
    assert seen.headers["user-agent"] == "feedsvc/0 (+https://feeds.example)"
    assert seen.headers["connection"] == "close"


def test_the_target_is_asked_for_as_it_stands(upstream: Upstream) -> None:
    upstream.route("//a/%E4%B8%89%E5%86%9C;v=1", hostile.ok(FEED))
    get(fetcher(), upstream.url("//a/三农;v=1?q=%2F&p=a b#top"))
    assert upstream.requests("//a/%E4%B8%89%E5%86%9C;v=1")[0].target == (
        "//a/%E4%B8%89%E5%86%9C;v=1?q=%2F&p=a%20b"
    )


def test_a_conditional_feed(upstream: Upstream) -> None:
    feed = ConditionalFeed(FEED)
    url = upstream.route("/feed", feed)
    client = fetcher()
    first = get(client, url)
    assert (first.status, first.body, first.etag) == (200, FEED, feed.etag)
    assert first.last_modified == feed.last_modified
    again = client.fetch(Request(url=url, etag=first.etag, last_modified=first.last_modified))
    assert (again.status, again.body) == (304, b"")
    assert (again.etag, again.last_modified) == (first.etag, first.last_modified)
    since = client.fetch(Request(url=url, last_modified=first.last_modified))
    assert since.status == 304
    feed.publish(FEED + b"\n")
    new = client.fetch(Request(url=url, etag=first.etag, last_modified=first.last_modified))
    assert (new.status, new.body, new.etag) == (200, FEED + b"\n", feed.etag)


def test_a_304_without_validators_keeps_those_that_were_asked_with(upstream: Upstream) -> None:
    url = upstream.route("/feed", hostile.answer(304))
    response = fetcher().fetch(Request(url=url, etag='"1"', last_modified="Tue, 03 Mar 2026 08:00:00 GMT"))
    assert (response.etag, response.last_modified) == ('"1"', "Tue, 03 Mar 2026 08:00:00 GMT")


def test_a_304_that_nobody_asked_for_is_an_error(upstream: Upstream) -> None:
    url = upstream.route("/feed", hostile.answer(304))
    with pytest.raises(FetchError, match="answered 304 though nothing was known"):
        get(fetcher(), url)


def test_an_empty_body_is_returned_as_it_is(upstream: Upstream) -> None:
    assert get(fetcher(), upstream.route("/feed", hostile.ok(b""))).body == b""
    assert get(fetcher(), upstream.route("/gz", hostile.ok(b"", Content_Encoding="gzip"))).body == b""


def test_a_page_that_is_no_feed_is_returned_as_it_is(upstream: Upstream) -> None:
    response = get(fetcher(), upstream.route("/feed", hostile.html_page()))
    assert response.content_type == "text/html; charset=utf-8"
    assert "今日要闻" in response.body.decode()


@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("gzip, gzip", lambda body: gzip.compress(gzip.compress(body))),
        ("utf-8", bytes),
    ],
)
def test_codings_are_undone(upstream: Upstream, coding: str, encode: Callable[[bytes], bytes]) -> None:
    url = upstream.route("/feed", hostile.ok(encode(FEED), Content_Encoding=coding))
    assert get(fetcher(), url).body == FEED


def test_a_chunked_body(upstream: Upstream) -> None:
    chunks = b"".join(b"%x\r\n%b\r\n" % (1, FEED[n : n + 1]) for n in range(len(FEED)))
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    url = upstream.route("/feed", hostile.raw(head + chunks + b"0\r\nX-Trailer: 1\r\n\r\n"))
    assert get(fetcher(), url).body == FEED


def test_http_1_0(upstream: Upstream) -> None:
    assert (
        get(fetcher(), upstream.route("/feed", hostile.raw(b"HTTP/1.0 200 OK\r\n\r\n" + FEED))).body == FEED
    )


def test_headers_of_a_source_are_sent(upstream: Upstream) -> None:
    url = upstream.route("/feed", hostile.ok(FEED))
    fetcher().fetch(Request(url=url, headers={"Authorization": "Bearer k", "user-agent": "mine"}))
    headers = upstream.requests("/feed")[0].headers
    assert headers["authorization"] == "Bearer k"
    assert headers["user-agent"] == "mine"


def test_many_threads_share_a_fetcher(upstream: Upstream) -> None:
    urls = [upstream.route(f"/{n}", hostile.ok(b"%d" % n)) for n in range(40)]
    client = fetcher()
    with ThreadPoolExecutor(8) as pool:
        assert [response.body for response in pool.map(lambda url: get(client, url), urls)] == [
            b"%d" % n for n in range(40)
        ]
    assert upstream.connections == 40


# Redirects


def test_permanent_redirects_say_where_the_feed_moved(upstream: Upstream) -> None:
    url = hostile.chain(upstream, "/old", 3, "/new", 301)
    upstream.route("/old-1", hostile.redirect("/old-2", 308))
    upstream.route("/new", hostile.ok(FEED))
    response = get(fetcher(), url)
    assert (response.body, response.url, response.moved_to) == (FEED, *[upstream.url("/new")] * 2)


@pytest.mark.parametrize("code", [302, 303, 307])
def test_one_temporary_redirect_makes_a_move_temporary(upstream: Upstream, code: int) -> None:
    url = hostile.chain(upstream, "/old", 3, "/new", 301)
    upstream.route("/old-1", hostile.redirect("/old-2", code))
    upstream.route("/new", hostile.ok(FEED))
    response = get(fetcher(), url)
    assert (response.url, response.moved_to) == (upstream.url("/new"), None)


def test_conditions_go_along_with_redirects(upstream: Upstream) -> None:
    feed = ConditionalFeed(FEED)
    upstream.route("/new", feed)
    url = upstream.route("/old", hostile.redirect("/new", 301))
    response = fetcher().fetch(Request(url=url, etag=feed.etag))
    assert (response.status, response.moved_to) == (304, upstream.url("/new"))
    assert upstream.requests("/old")[0].headers["if-none-match"] == feed.etag


def test_redirects_are_counted(upstream: Upstream) -> None:
    upstream.route("/end", hostile.ok(FEED))
    assert get(fetcher(), hostile.chain(upstream, "/eight", 8, "/end")).body == FEED
    with pytest.raises(RedirectError, match="redirects more than 8 times"):
        get(fetcher(), hostile.chain(upstream, "/nine", 9, "/end"))
    with pytest.raises(RedirectError, match="redirects more than 0 times"):
        get(fetcher(max_redirects=0), hostile.chain(upstream, "/one", 1, "/end"))


def test_circles_are_seen_at_once(upstream: Upstream) -> None:
    with pytest.raises(RedirectError, match="redirects in a circle"):
        get(fetcher(), upstream.route("/self", hostile.redirect("/self#top")))
    hostile.chain(upstream, "/a", 2, "/a")
    with pytest.raises(RedirectError, match="redirects in a circle"):
        get(fetcher(), upstream.url("/a"))
    assert (upstream.count("/self"), upstream.count("/a"), upstream.count("/a-1")) == (1, 1, 1)


def test_a_redirect_to_nowhere(upstream: Upstream) -> None:
    with pytest.raises(RedirectError, match="without saying where to"):
        get(fetcher(), upstream.route("/x", hostile.answer(302)))
    with pytest.raises(RefusedUrlError, match="redirects to file:"):
        get(fetcher(), upstream.route("/y", hostile.redirect("file:///etc/passwd")))


def test_credentials_stay_with_their_host(upstream: Upstream) -> None:
    lookup = names({"news.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]})
    upstream.route("/start", hostile.redirect("/same"))
    upstream.route("/same", hostile.redirect(upstream.url("/other", host="other.example")))
    upstream.route("/other", hostile.redirect(upstream.url("/back", host="news.example")))
    upstream.route("/back", hostile.ok(FEED))
    request = Request(
        url=upstream.url("/start", host="news.example"),
        headers={"Authorization": "Bearer k", "Cookie": "c=1", "X-Key": "k", "User-Agent": "mine"},
        etag='"e"',
    )
    assert fetcher(lookup=lookup).fetch(request).body == FEED
    for path, kept in (("/start", True), ("/same", True), ("/other", False), ("/back", False)):
        headers = upstream.requests(path)[0].headers
        assert {"authorization", "cookie", "x-key"} & set(headers) == (
            {"authorization", "cookie", "x-key"} if kept else set()
        )
        assert headers["if-none-match"] == '"e"'
        assert headers["user-agent"] == ("mine" if kept else "feedsvc/0 (+https://feeds.example)")


# The fake


def test_the_fake_transport() -> None:
    response = Response(url="http://a.example/", body=FEED)
    fake = FakeTransport(
        {
            "http://a.example/": response,
            "http://b.example/": DeadlineError("http://b.example/", "no answer within 30 s"),
            "http://c.example/": lambda request: Response(url=request.url, status=304, etag=request.etag),
        }
    )
    assert get(fake, "http://a.example/") is response
    with pytest.raises(DeadlineError):
        get(fake, "http://b.example/")
    assert fake.fetch(Request(url="http://c.example/", etag='"1"')).etag == '"1"'
    with pytest.raises(StatusError):
        get(fake, "http://d.example/")
    assert [request.url[7] for request in fake.requests] == ["a", "b", "c", "d"]
    assert fake.count("http://a.example/") == 1
