"""The order in which articles came into a selection: it grows at its end and never changes."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.model import Batch, Draft
from feedsvc.store import Store, database
from feedsvc.store.archives import Interval, TermClause, entered
from tests.made import DAY, MINUTE, NOW, draft, source

PAPER = source()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'feedsvc.db'}", NOW)
    opened.sync([PAPER], {"paper": "1"}, NOW)
    yield opened
    opened.close()


def put(store: Store, *drafts: Draft, minutes: int = 0) -> None:
    now = NOW + minutes * MINUTE
    store.lease(["paper"], "me", now, due_only=False)
    store.finish(PAPER, "me", Batch(drafts=drafts), now, now + DAY)


def tag(*values: str) -> TermClause:
    return TermClause(terms=tuple(f"tag:{value}" for value in values))


def without(*values: str) -> TermClause:
    return TermClause(terms=tuple(f"tag:{value}" for value in values), excluded=True)


def titles(store: Store, *clauses: TermClause, first: int = 0, number: int = 100) -> list[str]:
    found = [a.title for a in store.archive(clauses, first, number)]
    assert store.came(clauses) >= len(found)
    return found


def test_articles_stand_in_the_order_in_which_they_came(store: Store) -> None:
    put(store, draft("二", guid="2", tags=["甲"]), draft("一", guid="1", tags=["甲"], published=NOW - DAY))
    put(store, draft("三", guid="3", published=NOW - 9 * DAY), minutes=1)
    assert titles(store) == ["一", "二", "三"]
    assert titles(store, first=1, number=1) == ["二"]
    assert titles(store, tag("甲")) == ["一", "二"]
    assert store.came([]) == 3
    assert store.came([tag("没有")]) == 0


def test_an_article_that_gets_a_tag_later_comes_later(store: Store) -> None:
    put(store, draft("二", guid="2", tags=["甲"]), draft("一", guid="1"))
    put(store, draft("一", guid="1", tags=["甲"]), minutes=1)
    assert titles(store, tag("甲")) == ["二", "一"]


def test_what_left_a_selection_keeps_its_place(store: Store) -> None:
    put(store, draft("二", guid="2", tags=["甲"]), draft("一", guid="1", tags=["甲"]))
    put(store, draft("一", guid="1", tags=["乙"]), minutes=1)
    assert titles(store, tag("甲")) == ["一", "二"]
    put(store, draft("一", guid="1", tags=["甲"]), minutes=2)
    assert titles(store, tag("甲")) == ["一", "二"]
    assert titles(store, tag("乙")) == ["一"]


def test_and_or_not(store: Store) -> None:
    put(
        store,
        draft("三", guid="3", tags=["乙"], category="sport"),
        draft("二", guid="2", tags=["甲", "乙"]),
        draft("一", guid="1", tags=["甲"], author="记者"),
    )
    assert titles(store, tag("甲"), tag("乙")) == ["二"]
    assert titles(store, tag("甲", "乙")) == ["一", "二", "三"]
    assert titles(store, without("甲")) == ["三"]
    assert titles(store, tag("乙"), without("甲")) == ["三"]
    assert titles(store, TermClause(terms=("category:sport",))) == ["三"]
    assert titles(store, TermClause(terms=("author:记者",))) == ["一"]
    assert titles(store, TermClause(terms=("source:paper",))) == ["一", "二", "三"]


def test_losing_an_excluded_tag_is_coming_in_and_getting_it_takes_nothing_back(store: Store) -> None:
    put(store, draft("二", guid="2"), draft("一", guid="1", tags=["油价"]))
    assert titles(store, without("油价")) == ["二"]
    put(store, draft("一", guid="1"), minutes=1)
    assert titles(store, without("油价")) == ["二", "一"]
    put(store, draft("一", guid="1", tags=["油价"]), draft("二", guid="2", tags=["油价"]), minutes=2)
    assert titles(store, without("油价")) == ["二", "一"]


def test_pruned_articles_leave_their_places_empty(store: Store) -> None:
    put(store, draft("一", guid="1", tags=["甲"]))
    put(store, draft("二", guid="2", tags=["甲"]), minutes=10)
    store.prune(NOW + 5 * MINUTE, NOW + DAY)
    assert store.came([tag("甲")]) == 2
    assert titles(store, tag("甲"), first=0, number=1) == []
    assert titles(store, tag("甲"), first=1, number=1) == ["二"]


def test_an_older_store_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "feedsvc.db"
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA application_id={database.APPLICATION_ID}")
    raw.close()
    engine = database.connect(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    row = {
        "id": "a",
        "source": "paper",
        "seq": 1,
        "revision": 4,
        "title": "一",
        "author": "作者",
        "category": "sport",
        "tags": '["甲","乙"]',
        "regions": '["330400"]',
        "left_at": '{"tag:旧": 1, "tag:甲": 2}',
        "digest": "d",
        "bodied": 0,
    } | dict.fromkeys(("published", "updated", "first_seen", "changed"), 0)
    with sqlite3.connect(path) as raw:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        raw.execute(f"INSERT INTO articles ({names}) VALUES ({marks})", list(row.values()))
    raw.close()
    store = Store.open(f"sqlite:///{path}", NOW)
    for term in (
        "all:",
        "tag:甲",
        "tag:乙",
        "tag:旧",
        "region:330400",
        "category:sport",
        "author:作者",
        "source:paper",
    ):
        assert store.came([TermClause(terms=(term,))]) == 1, term
    (article, _) = store.changes(0)[0]
    assert article.wording is None
    with sqlite3.connect(path) as raw:
        raw.execute("INSERT INTO bodies VALUES ('a', '<p>二</p>', '', '[]', NULL, '[]')")
    raw.close()
    (unread,) = store.wordings.unread(10)
    assert (unread.title, unread.html, unread.author, unread.tags) == (
        "一",
        "<p>二</p>",
        "作者",
        ("甲", "乙"),
    )
    assert titles(store, without("旧")) == ["一"]
    assert titles(store, without("甲")) == []
    store.close()


INTERVALS = st.lists(st.tuples(st.integers(1, 12), st.none() | st.integers(1, 14)), max_size=3)


@given(st.lists(INTERVALS, min_size=1, max_size=3), INTERVALS)
def test_entered_is_the_first_moment_at_which_all_holds(
    wanted: list[list[Interval]], unwanted: list[Interval]
) -> None:
    def holds(intervals: list[Interval], moment: int) -> bool:
        return any(a <= moment and (b is None or moment < b) for a, b in intervals)

    expected = next(
        (m for m in range(1, 20) if all(holds(w, m) for w in wanted) and not holds(unwanted, m)), None
    )
    assert entered(wanted, unwanted) == expected


TAGS = st.sets(st.sampled_from("甲乙丙"), max_size=2).map(sorted)
STEPS = st.lists(st.tuples(st.integers(0, 5), TAGS), min_size=1, max_size=14)
SELECTIONS: tuple[list[TermClause], ...] = (
    [],
    [tag("甲")],
    [tag("甲"), tag("乙")],
    [tag("甲", "乙")],
    [without("甲")],
    [tag("乙"), without("甲", "丙")],
)


@settings(max_examples=40)
@given(STEPS)
def test_the_order_of_any_selection_only_grows_at_its_end(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, list[str]]]
) -> None:
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('archives') / 'feedsvc.db'}", NOW)
    store.sync([PAPER], {"paper": "1"}, NOW)
    before: list[list[str]] = [[] for _ in SELECTIONS]
    ever: list[set[str]] = [set() for _ in SELECTIONS]
    now: dict[str, list[str]] = {}
    for minute, (number, tags) in enumerate(steps):
        put(store, draft(f"第{number}篇", guid=str(number), tags=tags), minutes=minute)
        now[f"第{number}篇"] = tags
        for index, clauses in enumerate(SELECTIONS):
            order = titles(store, *clauses)
            assert order[: len(before[index])] == before[index]
            assert store.came(clauses) == len(order)
            before[index] = order
            ever[index] |= {t for t, have in now.items() if fits(have, clauses)}
            assert set(order) == ever[index]
    store.close()


def fits(tags: list[str], clauses: list[TermClause]) -> bool:
    terms = {f"tag:{t}" for t in tags}
    return all(bool(terms & set(c.terms)) != c.excluded for c in clauses)
