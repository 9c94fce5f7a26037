"""`feedsvc learn` as it is typed, and a running service that uses what was learned."""

import json
import sqlite3

import pytest

from tests.e2e.running import Done, Home, Site, until

pytestmark = pytest.mark.slow

DESKS = """
[tagging]
category_map = {{ "码头" = "港口" }}

[[categories]]
key = "port"
label = "港口"

[[categories]]
key = "hill"
label = "山野"

[[sources]]
id = "desk"
title = "编辑部"
kind = "folder"
path = "desk"
{more}
"""
# What two invented desks write of; no built-in term is among it.
SAID = {
    "码头": ("潮声里缆绳收紧", "栈桥边浮筒轻响", "引水员听潮声", "缆绳与浮筒", "栈桥夜泊", "浮筒夜泊潮声"),
    "山野": ("石阶通云脚", "茅檐下竹杖", "云脚压山径", "石阶旁茅檐", "竹杖叩石阶", "山径绕茅檐"),
}
LINES = [
    json.dumps({"title": f"{title}{n}", "text": "", "category": label}, ensure_ascii=False)
    for label, titles in SAID.items()
    for title in titles
    for n in range(2)
]


@pytest.fixture
def site(home: Home) -> Site:
    made = Site(home, DESKS.format(more=""))
    (made.folder / "desk").mkdir()
    return made


def learn(site: Site, *options: str, lines: list[str] | None = None) -> Done:
    stdin = "\n".join(lines).encode() if lines is not None else b""
    return site.home.run(
        "learn", *options, *(["-"] if lines is not None else []), cwd=site.folder, stdin=stdin
    )


def category(site: Site, title: str) -> str | None:
    row = json.dumps({"id": 1, "title": title}).encode()
    done = site.home.run("tag", cwd=site.folder, stdin=row)
    assert done.code == 0, done.err
    found: str | None = json.loads(done.out)["category"]
    return found


def test_it_learns_says_how_well_and_tags_so_from_then_on(site: Site) -> None:
    assert category(site, "潮声又起") is None
    done = learn(site, lines=LINES)
    assert (done.code, done.err) == (0, "feedsvc: learning from 24 articles\n")
    rows = [line.split() for line in done.out.splitlines()]
    assert rows[0] == ["category", "articles", "built-in", "learned"]
    assert rows[1] == ["hill", "12", "0%", "100%"]
    assert "24 articles: 0.0% right by the built-in terms alone, 100.0% with what was learned" in done.out
    assert category(site, "潮声又起") == "port"
    assert category(site, "石阶又高") == "hill"
    done = learn(site, "--forget")
    assert (done.code, done.err) == (0, "")
    assert category(site, "潮声又起") is None
    assert learn(site, "--forget").code == 2


def test_what_cannot_be_used_is_named(site: Site) -> None:
    bad = [
        "no json",
        "[1]",
        '{"title": "x"}',
        '{"category": "港口"}',
        '{"title": 3, "category": "港口"}',
        "[" * 100_000,
        "",
    ]
    odd = [json.dumps({"title": f"无{n}", "category": "海外"}) for n in range(3)]
    done = learn(site, lines=[*bad, *odd, *LINES])
    assert done.code == 0
    said = done.err.splitlines()
    for number, why in enumerate(
        ("not JSON", "allowed: an object", "has no category", "has neither", "must be strings", "not JSON"), 1
    ):
        assert said[number - 1].startswith("feedsvc: <stdin>, line ")
        assert f"line {number}: " in said[number - 1]
        assert why in said[number - 1]
    assert said[6] == (
        "feedsvc: labels of no category, left out; give them one with --map LABEL=KEY: 海外 (3)"
    )


@pytest.mark.parametrize(
    ("options", "lines", "said"),
    [
        ((), [], "no article with a category of this site"),
        ((), ["{}", '{"title": "x", "category": "海外"}'], "no article with a category of this site"),
        ((), LINES[:12], "1 categories have 5 articles or more"),
        ((), None, "the store has no labelled articles"),
        (("--map", "海外=world"), LINES, "--map 海外=world: found 'world', an unknown category"),
        (("--map", "海外"), LINES, "not LABEL=KEY"),
        (("--forget", "--force"), None, "--forget stands alone"),
        (("nowhere.jsonl",), None, "No such file"),
    ],
)
def test_nothing_is_learned(site: Site, options: tuple[str, ...], lines: list[str] | None, said: str) -> None:
    done = learn(site, *options, lines=lines)
    assert done.code == 2
    assert said in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_a_label_may_be_given_a_category(site: Site) -> None:
    lines = [line.replace("码头", "江海") for line in LINES]
    assert learn(site, lines=lines).code == 2
    assert learn(site, "--map", "江海=港口", lines=lines).code == 0
    assert category(site, "潮声又起") == "port"


def test_what_makes_nothing_better_is_not_kept_unless_forced(site: Site) -> None:
    plain = [
        json.dumps({"title": f"{label}第{n}日", "category": label})
        for label in ("港口", "山野")
        for n in range(6)
    ]
    done = learn(site, lines=plain)
    assert done.code == 1
    assert "12 articles: 100.0% right by the built-in terms alone, 100.0% with what was learned" in done.out
    assert "nothing was kept" in done.err
    assert learn(site, "--forget").code == 2
    forced = learn(site, "--force", lines=plain)
    assert forced.code == 0
    assert "kept in the store" in forced.out


def test_the_articles_of_the_store_are_learned_from(site: Site) -> None:
    more = "".join(
        f'\n[[sources]]\nid = "{key}"\nkind = "folder"\npath = "{key}"\ncategory = "{key}"\n'
        for key in ("port", "hill")
    )
    site.configure(DESKS.format(more=more))
    for key, titles in zip(("port", "hill"), SAID.values(), strict=True):
        (site.folder / key).mkdir()
        for number, title in enumerate(titles):
            (site.folder / key / f"{number}.md").write_text(f"# {title}\n\n{titles[number - 1]}。", "utf-8")
    assert site.home.run("refresh", cwd=site.folder).code == 0
    done = learn(site)
    assert done.code == 0, done.err
    assert "12 articles: " in done.out
    assert category(site, "潮声又起") == "port"


def test_a_running_service_tags_by_it_at_once_and_after_a_restart(site: Site) -> None:
    (site.folder / "desk" / "a.md").write_text("# 潮声又起", "utf-8")
    started = site.start()

    def categories() -> list[str | None]:
        return [each["category"] for each in site.articles()]

    assert until(categories, "the article is there") == [None]
    ident = site.articles()[0]["id"]
    assert learn(site, lines=LINES).code == 0
    until(lambda: categories() == ["port"], "it is tagged by what was learned")
    assert [each["id"] for each in site.articles()] == [ident]
    started.terminate()
    assert started.wait(30) == 0
    (site.folder / "desk" / "b.md").write_text("# 石阶又高", "utf-8")
    site.start()
    until(lambda: sorted(filter(None, categories())) == ["hill", "port"], "the next article")


def test_a_hostile_model_stops_nothing(site: Site) -> None:
    assert learn(site, lines=LINES).code == 0
    with sqlite3.connect(site.folder / "feedsvc.db") as raw:
        raw.execute("UPDATE models SET payload = ?", (b"cos\nsystem\n(S'touch x'\ntR.",))
    raw.close()
    row = json.dumps({"id": 1, "title": "潮声又起"}).encode()
    done = site.home.run("tag", cwd=site.folder, stdin=row)
    assert done.code == 0
    assert "the learned model cannot be used" in done.err
    assert json.loads(done.out)["category"] is None
    assert not (site.folder / "x").exists()
    (site.folder / "desk" / "a.md").write_text("# 潮声又起", "utf-8")
    assert site.home.run("refresh", cwd=site.folder).code == 0
