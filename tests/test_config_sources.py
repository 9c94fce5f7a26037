"""Mistakes in sources, and the one line each gets."""

from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.model import Kind, Selectors
from tests.configured import COUNT, HEADERS, ID, KEY, MINUTES, REGION, URL, refusal, site

KINDS = "auto, feed, page, sitemap, folder, push"
FETCHED = "'auto' or 'feed' or 'page' or 'sitemap'"


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("id = 'A b'\nurl = 'http://x.cn'", f"5: source 'A b': id: found 'A b'; allowed: {ID}"),
        ("id = ''\nurl = 'http://x.cn'", f"5: source no. 2: id: found ''; allowed: {ID}"),
        (
            f"id = '{'a' * 65}'\nurl = 'http://x.cn'",
            f"5: source '{'a' * 60}…': id: found '{'a' * 60}…'; allowed: {ID}",
        ),
        ("url = 'http://x.cn'", f"4: source no. 2: id: missing; allowed: {ID}"),
        (
            "id = 'one'\nurl = 'http://x.cn'",
            "5: source 'one': id: found 'one', taken by no. 1; allowed: one that no other has",
        ),
        ("id = 'a'", f"4: source 'a': url: missing; allowed: {URL}"),
        ("id = 'a'\nurl = '/feed.xml'", f"6: source 'a': url: found '/feed.xml'; allowed: {URL}"),
        (
            "id = 'a'\nurl = 'file:///etc/passwd'",
            f"6: source 'a': url: found 'file:///etc/passwd'; allowed: {URL}",
        ),
        (
            "id = 'a'\nurl = 'https://me:pw@x.cn/'",
            "6: source 'a': url: found a URL with a user name; allowed: a URL without one",
        ),
        (
            "id = 'a'\npath = 'x'",
            "6: source 'a': path: found on a source of kind 'auto'; allowed: only where kind = 'folder'",
        ),
        ("id = 'a'\nkind = 'folder'", "4: source 'a': path: missing; allowed: a folder"),
        ("id = 'a'\nkind = 'folder'\npath = ''", "7: source 'a': path: found ''; allowed: a folder"),
        (
            "id = 'a'\nkind = 'folder'\npath = 'x'\nheaders = { A = 'b' }",
            "8: source 'a': headers: found on a source of kind 'folder'; "
            f"allowed: only where kind = {FETCHED}",
        ),
        (
            "id = 'a'\nkind = 'page'\nurl = '/news/'",
            f"7: source 'a': url: found '/news/'; allowed: {URL}",
        ),
        ("id = 'a'\nkind = 'sitemap'", f"4: source 'a': url: missing; allowed: {URL}"),
        (
            "id = 'a'\nkind = 'page'\nurl = 'http://x.cn'\nfull_text = true",
            "8: source 'a': full_text: found on a source of kind 'page'; "
            "allowed: only where kind = 'auto' or 'feed'",
        ),
        (
            "id = 'a'\nkind = 'feed'\nurl = 'http://x.cn'\nselectors = {list = 'a'}",
            "8: source 'a': selectors: found on a source of kind 'feed'; "
            "allowed: only where kind = 'auto' or 'page' or 'sitemap'",
        ),
        (
            "id = 'a'\nkind = 'folder'\npath = 'x'\nrobots = false",
            "8: source 'a': robots: found on a source of kind 'folder'; "
            f"allowed: only where kind = {FETCHED}",
        ),
        (
            "id = 'a'\nkind = 'push'\npath = 'x'",
            "7: source 'a': path: found on a source of kind 'push'; allowed: only where kind = 'folder'",
        ),
        (
            "id = 'a'\nkind = 'push'\nheaders = { A = 'b' }",
            f"7: source 'a': headers: found on a source of kind 'push'; allowed: only where kind = {FETCHED}",
        ),
        (
            "id = 'a'\nkind = 'push'\nmax_items = 5",
            "7: source 'a': max_items: found on a source of kind 'push'; "
            f"allowed: only where kind = {FETCHED} or 'folder'",
        ),
        ("id = 'a'\nkind = 'rss'", f"6: source 'a': kind 'rss' is unknown; allowed: {KINDS}"),
        ("id = 'a'\nkind = 1", f"6: source 'a': kind: found 1; allowed: {KINDS}"),
        (
            "id = 'a'\nurl = 'http://x.cn'\nfull_text = 'yes'",
            "7: source 'a': full_text: found 'yes'; allowed: true or false",
        ),
        (
            "id = 'a'\nurl = 'http://x.cn'\nselectors = {lists = 'a'}",
            "7: source 'a': selectors: unknown selector 'lists'; allowed: list, title, date, body, next",
        ),
        (
            "id = 'a'\nurl = 'http://x.cn'\nselectors = {body = 'div[['}",
            "7: source 'a': selectors: body: found 'div[[', which is no CSS selector; "
            'allowed: one such as "ul.news li > a"',
        ),
        (
            "id = 'a'\nurl = 'http://x.cn'\ndelay = '2m'",
            "7: source 'a': delay: found '2m'; allowed: a duration from \"0s\" to \"60s\"",
        ),
        (
            "id = 'a'\nurl = 'http://x.cn'\nuser_agent = '读者'",
            "7: source 'a': user_agent: found '读者'; allowed: printable ASCII on one line",
        ),
        (
            "id = 'a'\nurl = 'http://x.cn'\nheaders = { Authorization = 'Bearer ${PAPER_KEY}' }",
            "7: source 'a': headers.Authorization: the environment has no PAPER_KEY; "
            "allowed: a variable that is set",
        ),
        (
            "id = 'a'\nurl = 'http://x.cn'\nregions = '嘉兴'",
            "7: source 'a': regions: unknown setting; did you mean 'region'? allowed: id, kind, title, url, "
            "path, interval, enabled, category, region, author, headers, max_items, user_agent, full_text, "
            "selectors, robots, delay, publish",
        ),
        (
            "id = 'a'\nurl = 'http://x.cn'\nregion = '嘉星'",
            f"7: source 'a': region: there is no region '嘉星'; allowed: {REGION}",
        ),
        (
            "id = 'a'\nurl = 'http://x.cn'\nregion = 330400",
            f"7: source 'a': region: found 330400; allowed: {REGION}",
        ),
        (
            "id = 'a'\nurl = 'http://x.cn'\ncategory = 'farm'",
            "7: source 'a': category: found 'farm', an unknown category; did you mean 'farming'? "
            "allowed: farming 三农, silk 丝绸",
        ),
        (
            "id = 'a'\nurl = 'http://x.cn'\ncategory = '三农业'",
            "7: source 'a': category: found '三农业', an unknown category; did you mean '三农'? "
            "allowed: farming 三农, silk 丝绸",
        ),
        (
            "id = 'a'\nurl = 'http://x.cn'\nenabled = 1",
            "7: source 'a': enabled: found 1; allowed: true or false",
        ),
        (
            "id = 'a'\nurl = 'http://x.cn'\ninterval = '1s'",
            f"7: source 'a': interval: found '1s'; allowed: {MINUTES}",
        ),
        (
            "id = 'a'\nurl = 'http://x.cn'\nmax_items = 0",
            f"7: source 'a': max_items: found 0; allowed: {COUNT}",
        ),
        (
            f"id = 'a'\nurl = 'http://x.cn'\n[sources.headers]\nCookie = '{KEY}'\nX = \"{KEY}\\n\"",
            f"7: source 'a': headers: found a value that is not shown; allowed: {HEADERS}",
        ),
        (
            f"id = 'a'\nurl = 'http://x.cn'\n[sources.headers]\n\"A B\" = '{KEY}'\nX = 3",
            f"9: source 'a': headers.X: found a value that is not shown; allowed: {HEADERS}",
        ),
    ],
)
def test_wrong_sources(tmp_path: Path, rest: str, expected: str) -> None:
    first = "[[sources]]\nid = 'one'\nurl = 'http://one.example.org'\n[[sources]]\n"
    after = (
        "\n[[categories]]\nkey = 'farming'\nlabel = '三农'\n[[categories]]\nkey = 'silk'\nlabel = '丝绸'\n"
    )
    assert refusal(tmp_path, first + rest + after) == f"f.toml:{expected}"


PUSH = """
[site]
base_url = "https://news.example.org"
[[sources]]
id = "cms"
kind = "push"
url = "/files/"
"""


def test_a_push_source_needs_neither_url_nor_path(tmp_path: Path) -> None:
    (bare,) = site(tmp_path, "[[sources]]\nid = 'cms'\nkind = 'push'\n").sources
    assert (bare.kind, bare.url, bare.path, bare.place) == (Kind.PUSH, None, None, "")
    (based,) = site(tmp_path, PUSH).sources
    assert based.url == "https://news.example.org/files/"


def test_a_push_source_without_keys_is_hardly_meant(tmp_path: Path) -> None:
    assert site(tmp_path, PUSH).warnings == (
        f"{tmp_path}/feedsvc.toml: source 'cms' is of kind 'push', but server.api_keys is empty; "
        "nothing can be pushed",
    )
    assert site(tmp_path, PUSH, FEEDSVC_SERVER__API_KEYS=f'["{KEY}"]').warnings == ()
    assert len(site(tmp_path, f"{PUSH}enabled = false\n").warnings) == 1  # that no source is enabled


def test_what_a_fetched_source_may_say_comes_out(tmp_path: Path) -> None:
    text = """
[refresh]
delay = "3s"

[[sources]]
id = "plain"
url = "https://paper.example/"

[[sources]]
id = "list"
kind = "page"
url = "https://paper.example/news/"
selectors = { list = "ul.news li", body = "#content" }
robots = false
delay = "0s"
user_agent = "reader/1.0"
headers = { Authorization = "Bearer ${PAPER_KEY}" }

[[sources]]
id = "short"
kind = "feed"
url = "https://paper.example/feed"
full_text = true
"""
    plain, listed, short = site(tmp_path, text, PAPER_KEY="se$cret").sources
    assert (plain.kind, plain.robots, plain.delay) == (Kind.AUTO, True, timedelta(seconds=3))
    assert (plain.selectors, plain.full_text) == (None, False)
    assert listed.kind is Kind.PAGE
    assert listed.selectors == Selectors(list="ul.news li", body="#content")
    assert (listed.robots, listed.delay) == (False, timedelta(0))
    assert listed.headers == {"User-Agent": "reader/1.0", "Authorization": "Bearer se$cret"}
    assert "se$cret" not in repr(listed)
    assert (short.kind, short.full_text) == (Kind.FEED, True)


def test_a_variable_with_what_no_header_holds_is_refused_and_not_shown(tmp_path: Path) -> None:
    text = "[[sources]]\nid = 'a'\nurl = 'http://x.cn'\nheaders = { X = '${KEY}' }\n"
    line = refusal(tmp_path, text, {"KEY": "two\nlines"})
    problem = "found a value that is not shown; allowed: printable ASCII on one line"
    assert line == f"f.toml:4: source 'a': headers.X: {problem}"
