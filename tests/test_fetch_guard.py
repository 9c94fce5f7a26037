"""fetch: where nothing may be fetched, TLS and proxies."""

import socket
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from ipaddress import IPv4Network

import pytest

from feedsvc.errors import (
    FetchError,
    RefusedUrlError,
)
from feedsvc.fetch import Fetcher
from tests import hostile
from tests.fetching import FEED, LOOPBACK, fetcher, get, late, names
from tests.hostile import Upstream


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


# Where nothing may be fetched


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://news.example/", "gopher://news.example/", "javascript:alert(1)"),
        *("", "news.example/feed", "//news.example/", "http://", "http://[::1", "http://a b.example/"),
    ],
)
def test_only_the_web_is_fetched(url: str) -> None:
    with pytest.raises(RefusedUrlError) as caught:
        get(fetcher(), url)
    assert str(caught.value) == f"{url}: is not an http or https address"


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "LOCALHOST."),
        *("[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::127.0.0.1]", "0.0.0.0", "169.254.169.254", "10.0.0.1"),
        *("127。0。0。1", "①②⑦.0.0.1"),
    ],
)
def test_nothing_private_is_fetched(host: str, upstream: Upstream) -> None:
    client = Fetcher(deadline=timedelta(seconds=5), max_body=1000, user_agent="feedsvc/0")
    with pytest.raises(RefusedUrlError, match="leads to a private address"):
        get(client, f"http://{host}:{upstream.port}/feed")
    assert upstream.connections == 0


def test_a_name_that_leads_to_a_private_address(upstream: Upstream) -> None:
    lookup = names({"evil.example": ["127.0.0.1"], "both.example": ["93.184.215.14", "10.0.0.1"]})
    client = fetcher(lookup=lookup, allow_networks=[])
    with pytest.raises(RefusedUrlError) as caught:
        get(client, "http://evil.example/feed")
    assert str(caught.value) == "http://evil.example/feed: leads to a private address (127.0.0.1)"
    with pytest.raises(RefusedUrlError, match=r"leads to a private address \(10.0.0.1\)"):
        get(client, "http://both.example/feed")
    assert upstream.connections == 0


def test_a_redirect_to_a_private_address(upstream: Upstream) -> None:
    lookup = names({"news.example": ["127.0.0.1"], "evil.example": ["127.0.0.2"]})
    client = fetcher(lookup=lookup, allow_networks=[IPv4Network("127.0.0.1/32")])
    url = upstream.url("/feed", host="news.example")
    upstream.route("/feed", hostile.redirect(upstream.url("/secret", host="evil.example")))
    upstream.route("/secret", hostile.ok(b"secret"))
    with pytest.raises(RefusedUrlError) as caught:
        get(client, url)
    assert str(caught.value) == f"{url}: redirects to a private address (127.0.0.2)"
    assert upstream.count("/secret") == 0


def test_the_address_that_was_checked_is_the_one_connected_to(upstream: Upstream) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    asked = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    upstream.route("/feed", hostile.ok(FEED))
    url = upstream.url("/feed", host="news.example")
    assert get(fetcher(lookup=rebinding), url).body == FEED
    assert asked == ["news.example"]
    assert upstream.requests("/feed")[0].headers["host"] == f"news.example:{upstream.port}"


@pytest.mark.parametrize("port", [0, 22, 25, 6379, 9200])
def test_ports_of_other_services_are_refused(port: int) -> None:
    client = fetcher(lookup=names({"news.example": ["93.184.215.14"]}))
    with pytest.raises(RefusedUrlError, match=f"leads to port {port}, where no web site is"):
        get(client, f"http://news.example:{port}/")


# TLS and proxies


def test_tls_keeps_the_name_for_certificate_and_host() -> None:
    with Upstream(tls=True) as upstream:
        upstream.route("/feed", hostile.ok(FEED))
        upstream.route("/slow", hostile.drip_body)
        lookup = names({"news.example": ["127.0.0.1"], "elsewhere.test": ["127.0.0.1"]})
        client = fetcher(lookup=lookup)
        assert get(client, upstream.url("/feed", host="news.example")).body == FEED
        assert upstream.requests("/feed")[0].headers["host"] == f"news.example:{upstream.port}"
        with pytest.raises(FetchError, match="has no valid certificate"):
            get(client, upstream.url("/feed", host="elsewhere.test"))
        with pytest.raises(FetchError, match="has no valid certificate"):
            get(client, upstream.url("/feed"))
        late(fetcher(seconds=0.4, lookup=lookup), upstream.url("/slow", host="news.example"))


def test_tls_is_checked_against_the_systems_authorities() -> None:
    with Upstream(tls=True) as upstream:
        client = Fetcher(
            deadline=timedelta(seconds=5),
            max_body=1000,
            user_agent="feedsvc/0",
            allow_networks=LOOPBACK,
            lookup=names({"news.example": ["127.0.0.1"]}),
        )
        with pytest.raises(FetchError, match="has no valid certificate: self-signed certificate"):
            get(client, upstream.url("/feed", host="news.example"))


def test_tls_where_there_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
                sock.recv(65536)

        thread = threading.Thread(target=refuse)
        thread.start()
        with pytest.raises(FetchError, match="cannot be talked to over TLS"):
            get(fetcher(), f"https://127.0.0.1:{listener.getsockname()[1]}/")
        thread.join()


def test_a_proxy_is_asked_for_whole_urls(upstream: Upstream) -> None:
    upstream.route("http://news.example/feed", hostile.ok(FEED))
    lookup = names({"news.example": ["93.184.215.14"], "proxy.test": ["127.0.0.1"]})
    client = fetcher(
        lookup=lookup, allow_networks=[], proxy=f"http://me:se%20cret@proxy.test:{upstream.port}"
    )
    assert get(client, "http://news.example/feed").body == FEED
    (seen,) = upstream.requests("http://news.example/feed")
    assert seen.headers["host"] == "news.example"
    assert seen.headers["proxy-authorization"] == "Basic bWU6c2UgY3JldA=="


def test_a_proxy_is_never_asked_for_private_addresses(upstream: Upstream) -> None:
    lookup = names({"evil.example": ["192.168.1.1"]})
    client = fetcher(lookup=lookup, allow_networks=[], proxy=upstream.url())
    for url in ("http://evil.example/", "http://10.0.0.1/", "https://[::1]/", "http://unknown.example/"):
        with pytest.raises(FetchError):
            get(client, url)
    assert upstream.connections == 0


def test_https_goes_through_a_tunnel(upstream: Upstream) -> None:
    with Upstream(tls=True) as far:
        far.route("/feed", hostile.ok(FEED))
        upstream.route("CONNECT news.example:443", hostile.tunnel(far.port))
        upstream.route("CONNECT closed.news.example:443", hostile.status(403))
        upstream.route("CONNECT slow.news.example:443", hostile.drip_headers)
        table = {f"{name}news.example": ["93.184.215.14"] for name in ("", "closed.", "slow.")}
        client = fetcher(lookup=names(table), allow_networks=[], proxy=upstream.url())
        assert get(client, "https://news.example/feed").body == FEED
        assert far.requests("/feed")[0].headers["host"] == "news.example"
        with pytest.raises(FetchError, match="403"):
            get(client, "https://closed.news.example/")
        hasty = fetcher(lookup=names(table), allow_networks=[], proxy=upstream.url(), seconds=0.4)
        late(hasty, "https://slow.news.example/")


def test_a_proxy_that_is_not_there() -> None:
    with Upstream() as upstream:
        proxy = upstream.url()
    lookup = names({"news.example": ["93.184.215.14"]})
    with pytest.raises(FetchError, match="the proxy refuses connections"):
        get(fetcher(lookup=lookup, proxy=proxy), "http://news.example/")
    with pytest.raises(FetchError, match="the proxy has a name that cannot be resolved"):
        get(fetcher(lookup=lookup, proxy="http://proxy.test"), "http://news.example/")


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1080", "https://proxy.test", "proxy.test:3128", "http://"]
)
def test_a_proxy_that_cannot_be_used(proxy: str) -> None:
    with pytest.raises(ValueError, match="a proxy is given as"):
        fetcher(proxy=proxy)
