"""WebSub against a running site: a subscriber on loopback gets what is new, whatever happens to either."""

import hmac
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode

import pytest

from tests.e2e.running import Home, Site, until
from tests.subscriber import Got, Subscriber

pytestmark = pytest.mark.slow

CONFIG = """
[site]
title = "推送试验"
base_url = "http://127.0.0.1:{port}"

[feeds]
hub = {hub}
hubs = {hubs}

[refresh]
allow_networks = {networks}

[[sources]]
id = "desk"
kind = "folder"
title = "编辑部"
path = "desk"
category = "agriculture"
"""
SECRET = "芝麻开门"
SOON = timedelta(seconds=2)  # what is promised
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def opened(
    home: Home, *, name: str = "site", hub: str = "true", hubs: str = "[]", networks: str = '["127.0.0.0/8"]'
) -> Site:
    """A site with a hub, not started; its folder is empty."""
    site = Site(home, name=name)
    site.configure(CONFIG.format(port=site.port, hub=hub, hubs=hubs, networks=networks))
    (site.folder / "desk").mkdir()
    return site


def save(site: Site, title: str) -> datetime:
    """A new article is saved, by a process of its own; the moment of that."""
    file = site.folder / f"{title}.md"
    file.write_text(f"# {title}\n\n{title}，正文一段。\n", "utf-8")
    done = site.home.run("ingest", "--source", "desk", str(file), cwd=site.folder)
    assert done.code == 0, done
    with closing(sqlite3.connect(site.folder / "feedsvc.db")) as database:
        (changed,) = database.execute("SELECT changed FROM articles WHERE title = ?", (title,)).fetchone()
    return EPOCH + timedelta(microseconds=changed)


def url(site: Site, feed: str = "all.atom") -> str:
    return f"http://127.0.0.1:{site.port}/feeds/{feed}"


def ask(
    site: Site, callback: str, *, feed: str = "all.atom", mode: str = "subscribe", **more: str
) -> tuple[int, str]:
    """A request to the hub; its status and sentence."""
    fields = {"hub.mode": mode, "hub.topic": url(site, feed), "hub.callback": callback}
    fields |= {f"hub.{name}": value for name, value in more.items()}
    with closing(HTTPConnection("127.0.0.1", site.port, timeout=30)) as connection:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
        connection.request("POST", "/hub", urlencode(fields), headers)
        found = connection.getresponse()
        return found.status, found.read().decode()


def subscribe(site: Site, subscriber: Subscriber, path: str = "/callback", **more: str) -> None:
    """A subscription that is verified, and in force, when this returns."""
    assert ask(site, subscriber.url(path), **more)[0] == 202
    asked = datetime.now(UTC)
    until(lambda: any(a.path == path for a in subscriber.asked), f"{path} is verified")
    assert next(a.at for a in subscriber.asked if a.path == path) - asked < SOON
    until(lambda: subscriber.url(path) in held(site), f"{path} is in force")


def held(site: Site) -> list[str]:
    """The callbacks of all subscriptions."""
    with closing(sqlite3.connect(site.folder / "feedsvc.db")) as database:
        return [callback for (callback,) in database.execute("SELECT callback FROM subscriptions")]


def got(subscriber: Subscriber, path: str = "/callback") -> list[Got]:
    return [each for each in subscriber.got if each.path == path]


def received(subscriber: Subscriber, title: str, path: str = "/callback") -> Got:
    """The first delivery that holds `title`."""
    return until(
        lambda: next((each for each in got(subscriber, path) if title in each.body.decode()), None),
        f"{title} at {path}",
    )


@pytest.fixture(scope="module")
def site(shared_home: Home) -> Site:
    """A site with a hub, running; nobody subscribed."""
    made = opened(shared_home)
    made.start()
    return made


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    with Subscriber() as made:
        yield made


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_a_new_article_comes_within_two_seconds_once_and_signed(
    site: Site, subscriber: Subscriber, suffix: str
) -> None:
    feed = f"category/agriculture.{suffix}"
    subscribe(site, subscriber, feed=feed, secret=SECRET)
    title = f"晚稻开镰{suffix}"
    saved = save(site, title)
    found = received(subscriber, title)
    assert found.at - saved < SOON, f"{(found.at - saved).total_seconds():.2f} s"
    served = site.get(f"/feeds/{feed}")
    assert found.body == served.body
    assert found.headers["content-type"] == served.headers["content-type"]
    assert found.headers["link"] == served.headers["link"]
    assert found.headers["link"] == (
        f'<http://127.0.0.1:{site.port}/hub>; rel="hub", <{url(site, feed)}>; rel="self"'
    )
    signature = hmac.digest(SECRET.encode(), found.body, "sha256").hex()
    assert found.headers["x-hub-signature"] == f"sha256={signature}"
    save(site, f"再来一篇{suffix}")
    received(subscriber, f"再来一篇{suffix}")
    assert len(got(subscriber)) == 2, "each content came once"


def test_a_forged_request_brings_nothing(site: Site, subscriber: Subscriber) -> None:
    subscribe(site, subscriber, "/meant")
    subscriber.confirm = lambda challenge: f"{challenge}x"
    assert ask(site, subscriber.url("/forged"))[0] == 202
    assert ask(site, subscriber.url("/meant"), mode="unsubscribe")[0] == 202
    until(lambda: len(subscriber.asked) == 3, "both are asked about")
    subscriber.confirm = lambda challenge: challenge
    save(site, "谁订的")
    received(subscriber, "谁订的", "/meant")
    subscribe(site, subscriber, "/later")
    save(site, "又是谁订的")
    received(subscriber, "又是谁订的", "/later")
    assert got(subscriber, "/forged") == []
    assert len(got(subscriber, "/meant")) == 2


def test_it_ends_by_410_and_by_wish(site: Site, subscriber: Subscriber) -> None:
    subscribe(site, subscriber, "/gone")
    subscriber.status = 410
    save(site, "不要了")
    received(subscriber, "不要了", "/gone")
    until(lambda: subscriber.url("/gone") not in held(site), "410 ends it")
    subscriber.status = 200
    subscribe(site, subscriber, "/wished")
    assert ask(site, subscriber.url("/wished"), mode="unsubscribe")[0] == 202
    until(lambda: subscriber.url("/wished") not in held(site), "a wish ends it")
    assert subscriber.modes() == ["subscribe", "subscribe", "unsubscribe"]


def test_a_subscriber_that_hangs_delays_no_other(site: Site) -> None:
    with Subscriber() as slow, Subscriber() as quick:
        slow.hold = threading.Event()
        for number in range(3):
            subscribe(site, slow, f"/slow{number}")
        subscribe(site, quick)
        saved = save(site, "快的先到")
        found = received(quick, "快的先到")
        assert found.at - saved < SOON
        slow.hold.set()
        received(slow, "快的先到", "/slow0")


def test_who_is_down_gets_it_later(site: Site) -> None:
    with Subscriber() as first:
        port = first.port
        subscribe(site, first, "/down")
    save(site, "停机时的消息")
    save(site, "停机时的又一条")
    with Subscriber(port) as second:
        found = received(second, "停机时的又一条", "/down")
        assert "停机时的消息" in found.body.decode()
        save(site, "开机后的消息")
        received(second, "开机后的消息", "/down")
        assert len(got(second, "/down")) == 2


def test_subscriptions_survive_kill_and_restart(home: Home) -> None:
    site = opened(home)
    site.start()
    with Subscriber() as first:
        port = first.port
        subscribe(site, first, "/up")
        subscribe(site, first, "/down", secret=SECRET)
    with Subscriber(port) as second:
        save(site, "第一条")
        received(second, "第一条", "/up")
        received(second, "第一条", "/down")
    save(site, "第二条")  # nobody is there to take it
    home.kill()
    site.start()
    with Subscriber(port) as third:
        received(third, "第二条", "/up")
        found = received(third, "第二条", "/down")
        assert found.headers["x-hub-signature"].startswith("sha256=")
        saved = save(site, "第三条")
        assert received(third, "第三条", "/up").at - saved < SOON
        received(third, "第三条", "/down")
        assert [len(got(third, path)) for path in ("/up", "/down")] == [2, 2]


def test_a_request_survives_too(home: Home) -> None:
    site = opened(home)
    started = site.start("--no-refresh")  # nobody is on duty
    with Subscriber() as subscriber:
        assert ask(site, subscriber.url())[0] == 202
        home.kill()
        assert started.poll() is not None
        assert subscriber.asked == []
        site.start()
        until(lambda: subscriber.modes() == ["subscribe"], "it is verified by whoever is on duty")


def test_another_process_may_be_on_duty(home: Home) -> None:
    site = opened(home)
    site.start("--no-refresh")
    with Subscriber() as subscriber:
        log = home.folder / "watch.log"
        home.start("refresh", "--watch", cwd=site.folder, log=log)
        assert ask(site, subscriber.url())[0] == 202
        until(lambda: subscriber.url() in held(site), f"it is verified; {log} has more")
        saved = save(site, "别人值班")
        found = received(subscriber, "别人值班")
        assert found.at - saved < SOON
        until(lambda: site.get("/feeds/all.atom").body == found.body, "the other process has it too")


def test_private_callbacks_are_refused_unless_allowed(home: Home) -> None:
    site = opened(home, networks="[]")
    site.start()
    with Subscriber() as subscriber:
        status, sentence = ask(site, subscriber.url())
        assert status == 400
        assert sentence == "hub.callback leads to a private address (127.0.0.1)\n"
        named = subscriber.url().replace("127.0.0.1", "localhost")
        assert ask(site, named)[0] == 202
        until(lambda: "private address" in site.said(), "it is looked up, and not called")
        assert subscriber.asked == []
        assert held(site) == []


def test_public_hubs_are_told_of_exactly_what_changed(home: Home) -> None:
    with Subscriber() as hub:
        port = hub.port
    site = opened(home, hub="false", hubs=f'["http://127.0.0.1:{port}/"]')
    site.start()
    until(lambda: announced(site), "what is there is known")
    save(site, "公开的消息")  # nobody is there to be told
    with Subscriber(port) as hub:
        until(lambda: hub.got, "the hub is told")
        (ping,) = hub.got
        assert ping.headers["content-type"] == "application/x-www-form-urlencoded"
        form = parse_qs(ping.body.decode())
        assert form["hub.mode"] == ["publish"]
        (item,) = site.items("all")
        tags = [f"tag/{tag}" for tag in item["_feedsvc"]["tags"]]
        changed = ["all", "category/agriculture", "source/desk", *tags]
        paths = {f"/feeds/{address}.{suffix}" for address in changed for suffix in ("rss", "atom", "json")}
        told = {url.removeprefix(f"http://127.0.0.1:{site.port}") for url in form["hub.url"]}
        assert {path for path in told if "/tag/" not in path} == {
            path for path in paths if "/tag/" not in path
        }
        assert len(told) == len(form["hub.url"]) == len(paths)
        assert ask(site, "https://reader.example/")[0] == 404
        for path in told:
            assert f'<http://127.0.0.1:{port}/>; rel="hub"' in site.get(path).headers["link"]


def announced(site: Site) -> bool:
    with suppress(sqlite3.Error), closing(sqlite3.connect(site.folder / "feedsvc.db")) as database:
        return database.execute("SELECT 1 FROM facts WHERE name = 'announced'").fetchone() is not None
    return False
