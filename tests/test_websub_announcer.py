"""Which topics changed: the decisions, and a site whose articles come, change and go."""

import pytest
from lxml import etree

from feedsvc.model import Format
from feedsvc.service import Service
from feedsvc.store.announcements import Known
from feedsvc.store.subscriptions import Asking
from feedsvc.web.publishing import Published
from feedsvc.web.rendering import Press
from feedsvc.websub.announcer import Announcer
from feedsvc.websub.changes import Interest, Look, look, news
from feedsvc.websub.publications import Mark
from tests.conftest import SITE, Newsroom
from tests.made import DAY, MINUTE, draft
from tests.web import BASE, BUS, RICE, visit

HUB = "https://hub.example/"
TOPIC = f"{BASE}/feeds/all.atom"
MARK = Mark(text="m", revision=5)


def interest(announced: int | None = 3, *subscribed: str) -> Interest:
    return Interest(subscribed=set(subscribed), announced=announced)


@pytest.mark.parametrize(
    ("known", "about", "expected"),
    [
        (None, interest(None), Look.NOTE),
        (None, interest(3), Look.READ),
        (None, interest(5), Look.NOTE),
        (None, interest(None, TOPIC), Look.READ),
        (Known(mark="m", digest=None), interest(3), Look.NONE),
        (Known(mark="m", digest=None), interest(3, TOPIC), Look.READ),
        (Known(mark="m", digest="d"), interest(3, TOPIC), Look.NONE),
        (Known(mark="n", digest="d"), interest(9), Look.READ),
        (Known(mark="n", digest=None), interest(9), Look.READ),
    ],
)
def test_how_closely_to_look(known: Known | None, about: Interest, expected: Look) -> None:
    assert look(TOPIC, MARK, known, about) is expected


@pytest.mark.parametrize(
    ("known", "digest", "about", "ping"),
    [
        (None, None, interest(None), False),
        (None, "d", interest(None, TOPIC), False),
        (None, None, interest(5), False),
        (None, "d", interest(4), True),
        (Known(mark="n", digest=None), "d", interest(), True),
        (Known(mark="m", digest=None), "d", interest(3, TOPIC), False),
        (Known(mark="n", digest="d"), "d", interest(), False),
        (Known(mark="n", digest="c"), "d", interest(), True),
        (Known(mark="n", digest="c"), None, interest(), True),
    ],
)
def test_when_hubs_are_told(known: Known | None, digest: str | None, about: Interest, ping: bool) -> None:
    found = news(TOPIC, MARK, known, digest, about)
    assert found.ping is ping
    assert (found.topic, found.mark, found.digest, found.revision) == (TOPIC, "m", digest, 5)


def announcer(
    running: Service, *, hubs: tuple[str, ...] = (HUB,), own: bool = False, budget: float = 60.0
) -> Announcer:
    published = Published(Press(running))
    return Announcer(
        published, running.store, hubs=hubs, own=own, clock=running.clock, share=0, budget=budget
    )


def told(running: Service) -> set[str]:
    """The paths of which the hub is to be told; it takes them."""
    found = set()
    announcements = running.store.announcements
    for round_ in announcements.rounds([HUB], running.clock() + DAY, 1000):
        found |= {ping.topic.removeprefix(f"{BASE}/feeds/") for ping in round_.pings}
        announcements.told(round_)
    return found


def everywhere(*addresses: str) -> set[str]:
    return {f"{address}.{suffix}" for address in addresses for suffix in Format}


def looked(one: Announcer) -> None:
    """Looks at everything that is to be looked at, whatever rest that needs."""
    while one.due():
        one.look()


@pytest.fixture
def running(newsroom: Newsroom) -> Service:
    """A site with one article, of which all was announced."""
    running = newsroom.open()
    newsroom.publish("paper", BUS)
    looked(announcer(running))
    assert told(running) == set(), "nobody is told of what was there before anybody was told of anything"
    return running


BUS_IN = (
    *("all", "category/city", "region/330000", "region/330400", "region/330424", "source/paper"),
    *("tag/%E5%85%AC%E4%BA%A4", "tag/%E6%9E%AB%E6%A1%A5%E7%BB%8F%E9%AA%8C"),
)
RICE_IN = (
    *("all", "category/agriculture", "region/330000", "region/330400", "source/paper"),
    "tag/%E6%99%9A%E7%A8%BB",
)


def test_what_is_offered_is_what_the_opml_lists(running: Service) -> None:
    tree = etree.fromstring(visit(running).get("/opml.xml").data)
    urls = [outline.get("xmlUrl", "") for outline in tree.iter("outline")]
    listed = {url.removesuffix(".atom") for url in urls if url}
    topics = Published(Press(running)).listed()
    assert {url.rpartition(".")[0] for url in topics} == listed
    assert len(topics) == len(set(topics)) == 3 * len(listed)


def test_hubs_are_told_of_exactly_the_feeds_with_other_bytes(newsroom: Newsroom, running: Service) -> None:
    one, visitor = announcer(running), visit(running)
    topics = [topic.removeprefix(BASE) for topic in Published(Press(running)).listed()]
    before = {topic: visitor.get(topic).data for topic in topics}
    newsroom.publish("paper", BUS, RICE)
    looked(one)
    assert told(running) == everywhere(*RICE_IN)
    changed = {
        topic.removeprefix("/feeds/") for topic, body in before.items() if visitor.get(topic).data != body
    }
    assert changed | everywhere("tag/%E6%99%9A%E7%A8%BB") == everywhere(*RICE_IN)
    newsroom.publish("paper", BUS, RICE)
    looked(one)
    assert told(running) == set(), "nothing has changed"


def test_a_new_process_knows_what_was_announced(newsroom: Newsroom, running: Service) -> None:
    newsroom.publish("paper", BUS, RICE)  # nobody is on duty at that moment
    looked(announcer(running))
    assert told(running) == everywhere(*RICE_IN)
    looked(announcer(running))
    assert told(running) == set()


def test_what_takes_long_is_done_in_parts_and_who_waits_comes_first(
    newsroom: Newsroom, running: Service
) -> None:
    subscribe(running, TOPIC)
    newsroom.publish("paper", BUS, RICE)
    one = announcer(running, own=True, budget=0.0)
    one.look()
    assert len(running.store.subscriptions.waiting(running.clock())) == 1
    first = told(running)
    assert "all.atom" in first
    assert len(first) == 2, "one more, since the time was up then"
    assert one.due()
    looked(one)
    assert first | told(running) == everywhere(*RICE_IN)


def test_an_edit_and_a_retagging(newsroom: Newsroom, running: Service) -> None:
    one = announcer(running)
    newsroom.clock.advance(MINUTE)
    edited = draft("县城通了新公交", guid="bus", link=BUS.link, html="<p>改了。</p>", summary="改了。")
    newsroom.publish("paper", edited)
    looked(one)
    # It left its tags, category and regions: those feeds are empty now, and unlisted.
    assert told(running) == everywhere(*BUS_IN)
    looked(one)
    assert told(running) == set()


def test_a_withdrawal(newsroom: Newsroom, running: Service) -> None:
    one = announcer(running)
    newsroom.file("desk", "a.md", draft("试运行通知", slot="a.md", tags=("通知",)))
    looked(one)
    assert told(running) == everywhere("all", "source/desk", "tag/%E9%80%9A%E7%9F%A5")
    newsroom.clock.advance(MINUTE)
    newsroom.remove("desk", "a.md")
    looked(one)
    assert told(running) == everywhere("all", "source/desk", "tag/%E9%80%9A%E7%9F%A5")


def test_what_is_not_offered_any_more_is_forgotten(newsroom: Newsroom, running: Service) -> None:
    newsroom.file("desk", "a.md", draft("试运行通知", slot="a.md", tags=("通知",)))
    looked(announcer(running))
    newsroom.remove("desk", "a.md")
    looked(announcer(running))
    assert f"{BASE}/feeds/tag/%E9%80%9A%E7%9F%A5.rss" not in running.store.announcements.known()


def test_another_configuration_changes_every_feed_that_it_changes(
    newsroom: Newsroom, running: Service
) -> None:
    looked(announcer(running))
    newsroom.publish("paper", BUS, RICE)
    looked(announcer(running))
    told(running)
    renamed = newsroom.open(SITE.replace("试刊", "改刊"))
    looked(announcer(renamed))
    assert told(renamed) == {
        topic.removeprefix(f"{BASE}/feeds/") for topic in Published(Press(renamed)).listed()
    }


def subscribe(running: Service, topic: str) -> None:
    asking = Asking(
        mode="subscribe",
        topic=topic,
        callback="https://reader.example/",
        host="reader.example",
        secret=None,
        lease=DAY,
        digest="as it was",
    )
    subscriptions = running.store.subscriptions
    subscriptions.ask(asking, running.clock(), lambda counts: None)
    subscriptions.begin(subscriptions.pending()[-1], running.clock() + DAY, running.clock())


def test_subscribers_are_told_of_any_feed(newsroom: Newsroom, running: Service) -> None:
    topic = f"{BASE}/feeds/category/agriculture/region/330400/limit/3.atom"
    one = announcer(running, hubs=(), own=True)
    looked(one)
    subscribe(running, topic)
    assert running.store.subscriptions.waiting(running.clock()) == []
    assert not one.due()
    one.stir()
    assert one.due()
    looked(one)
    (waiting,) = running.store.subscriptions.waiting(running.clock())
    edition = Published(Press(running)).edition(topic)
    assert edition is not None
    running.store.subscriptions.delivered(waiting.id, edition.digest, running.clock())
    newsroom.publish("paper", BUS, draft("别处的消息"))
    looked(one)
    assert running.store.subscriptions.waiting(running.clock()) == []
    newsroom.publish("paper", BUS, RICE)
    looked(one)
    assert [w.id for w in running.store.subscriptions.waiting(running.clock())] == [waiting.id]


def test_who_subscribed_to_a_feed_that_is_no_more_is_woken(newsroom: Newsroom, running: Service) -> None:
    topic = f"{BASE}/feeds/source/wire.atom"
    subscribe(running, topic)
    looked(announcer(running, hubs=(), own=True))
    (waiting,) = running.store.subscriptions.waiting(running.clock())
    edition = Published(Press(running)).edition(topic)
    assert edition is not None
    running.store.subscriptions.delivered(waiting.id, edition.digest, running.clock())
    without = newsroom.open(SITE.replace('id = "wire"', 'id = "cable"'))
    looked(announcer(without, hubs=(), own=True))
    assert [w.id for w in running.store.subscriptions.waiting(running.clock())] == [waiting.id]
    assert Published(Press(without)).edition(topic) is None
