"""How much of a source's articles leaves the site: what the operator lets, by every way there is."""

import pytest
from flask.testing import FlaskClient

from feedsvc.model import Body, Enclosure, Publish
from feedsvc.tail import publishable
from feedsvc.web.app import create_app
from tests.conftest import SITE, Newsroom
from tests.made import draft

TEXT = "港口昨夜装船的第一批冰鲜今天清晨运到了内陆的批发市场，" * 30
BODY = Body(
    html=f"<p>{TEXT}</p>",
    summary=TEXT,
    enclosures=(Enclosure(url="https://paper.example/a.jpg", type="image/jpeg"),),
    rights="© 海风日报",
)


def test_what_may_leave() -> None:
    assert publishable(BODY, Publish.FULL) == BODY
    short = publishable(BODY, Publish.SUMMARY)
    assert (short.html, short.enclosures, short.rights) == ("", BODY.enclosures, BODY.rights)
    assert 0 < len(short.summary) <= 400
    assert publishable(BODY, Publish.TITLE) == Body(rights=BODY.rights)


def site(newsroom: Newsroom, publish: str) -> tuple[FlaskClient, str]:
    """A client of a site that publishes so much of its paper, and the id of the one article there."""
    opened = newsroom.open(SITE.replace('interval = "30m"', f'interval = "30m"\npublish = "{publish}"'))
    one = draft("冰鲜运到内陆", link="https://paper.example/1", author="海角", html=BODY.html, summary=TEXT)
    newsroom.publish("paper", one)
    (article,) = opened.catalog.snapshot.articles.values()
    return create_app(opened).test_client(), article.id


PLACES = (
    "/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/feeds/all/content/full.atom", "/",
    "/feeds/source/paper.rss", "/all", "/source/paper", "/api/v1/articles", "/api/v1/articles/{}",
    "/feeds/all/archive/1.atom", "/feeds/all/script/hant.atom",
)  # fmt: skip


@pytest.mark.parametrize(("publish", "most"), [("title", 0), ("summary", 1)])
def test_no_way_leads_to_more(newsroom: Newsroom, publish: str, most: int) -> None:
    client, ident = site(newsroom, publish)
    for place in PLACES:
        found = client.get(place.format(ident), buffered=True, follow_redirects=True)
        assert found.status_code == 200, place
        shown = "批发市场" in found.text or "批發市場" in found.text
        assert shown <= most, place
        assert TEXT not in found.text, place
    item = client.get("/feeds/all.json").get_json()["items"][0]
    assert (item["title"], item["url"], item["authors"]) == (
        "冰鲜运到内陆", "https://paper.example/1", [{"name": "海角"}],
    )  # fmt: skip


def test_the_whole_text_leaves_where_nothing_is_said(newsroom: Newsroom) -> None:
    client, ident = site(newsroom, "full")
    assert TEXT in client.get(f"/api/v1/articles/{ident}").get_json()["content_html"]
    assert TEXT in client.get("/feeds/all.atom").text
