"""Words of articles that have none: looked for part by part, the oldest first, whatever a child does."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from feedsvc import reading
from feedsvc.errors import ChildError, ChildLostError
from feedsvc.model import Batch, Draft, Stamp, Unread
from feedsvc.store import Store
from feedsvc.store.archives import TermClause
from feedsvc.wording import find_words
from tests.fakes import InProcess
from tests.made import DAY, NOW, draft, source

T = TypeVar("T")
PAPER = source()
FILE = """---
title: 三文鱼游到烟台
author: 海角工作室
---
今年的三文鱼涨价 3.5%。

Open House。
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'feedsvc.db'}", NOW)
    opened.sync([PAPER], {"paper": "1"}, NOW)
    yield opened
    opened.close()


def put(store: Store, *drafts: Draft) -> None:
    store.lease(["paper"], "me", NOW, due_only=False)
    store.finish(PAPER, "me", Batch(drafts=drafts), NOW, NOW + DAY)


def found(store: Store, query: str) -> list[str]:
    return [a.title for a in store.archive([TermClause(terms=(f"search:{query}",))], 0, 1000)]


class Fragile:
    """A child that reads words as they are separated in titles, and does not survive the word 毒."""

    def __init__(self, error: type[ChildError] = ChildError) -> None:
        self.runs = 0
        self._error = error

    def run(self, function: Callable[..., T], *arguments: Any) -> T:
        assert function is reading.read_words
        (articles,) = arguments
        self.runs += 1
        if any("毒" in one.title for one in articles):
            raise self._error("it was too much")
        result: Any = [tuple(sorted(set(one.title.split()))) for one in articles]
        return result  # type: ignore[no-any-return]

    def rest(self) -> None: ...

    def stop(self) -> None: ...


def test_all_articles_get_words_the_oldest_first(store: Store) -> None:
    put(store, *(draft(f"烟台 n{n}", guid=str(n)) for n in range(120)))
    children = Fragile()
    counts = []
    while count := find_words(store, children, lambda: NOW):
        counts.append(count)
    assert counts == [50, 50, 20]
    assert children.runs == 3
    assert found(store, "烟台") == [f"烟台 n{n}" for n in reversed(range(120))]
    assert found(store, "n7") == ["烟台 n7"]


def test_one_that_no_child_survives_is_found_by_nothing_and_not_asked_for_again(store: Store) -> None:
    put(store, draft("烟台 一", guid="1"), draft("烟台 毒", guid="2"), draft("烟台 三", guid="3"))
    assert find_words(store, Fragile(), lambda: NOW) == 3
    assert find_words(store, Fragile(), lambda: NOW) == 0
    assert sorted(found(store, "烟台")) == ["烟台 一", "烟台 三"]


def test_where_there_is_no_child_all_is_left_for_later(store: Store) -> None:
    put(store, draft("烟台 毒", guid="1"))
    with pytest.raises(ChildLostError):
        find_words(store, Fragile(ChildLostError), lambda: NOW)
    assert len(store.wordings.unread(10)) == 1


def test_withdrawn_articles_are_not_read(store: Store) -> None:
    put(store, draft("烟台", guid="1"))
    store.pushing.withdraw(PAPER, store.wordings.unread(1)[0].id, NOW)
    assert find_words(store, Fragile(), lambda: NOW) == 0


@pytest.mark.usefixtures("reader")
def test_words_are_the_same_whenever_they_are_read(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "fish.md"
    file.write_text(FILE, "utf-8")
    stamp = Stamp(size=1, mtime_ns=1)
    batch = InProcess().run(reading.read_files, PAPER, tmp_path, [(file.name, stamp)], NOW)
    (read,) = batch.drafts
    assert read.words is not None
    assert {"三文鱼", "烟台", "3.5", "open", "海角"} <= set(read.words)
    unread = Unread(
        id="x",
        revision=1,
        title=read.title,
        html=read.html,
        summary=read.summary,
        author=read.author,
        tags=tuple(k.word for k in read.tagging.keywords),
    )
    assert reading.read_words([unread]) == [read.words]


@pytest.mark.usefixtures("reader")
def test_a_long_text_is_read_to_a_bound(store: Store) -> None:
    long = Unread(
        id="x",
        revision=1,
        title="长文",
        html="<p>" + "烟台的海。" * 5000 + "带鱼。</p>",
        summary="",
        author="记者",
        tags=("三文鱼",),
    )
    (words,) = reading.read_words([long])
    assert {"长文", "烟台", "记者", "三文鱼"} <= set(words)
    assert "带鱼" not in words
