"""What is pushed, in the store: told apart by name alone, saved at once or not at all, taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc import urls
from feedsvc.errors import ConflictError
from feedsvc.identity import Key, KeyKind
from feedsvc.model import Article, Change, Draft, Kind, Source
from feedsvc.store import Store
from tests.made import MINUTE, NOW, draft

CMS = Source(id="cms", kind=Kind.PUSH, title="采编系统")
WIRE = Source(id="wire", kind=Kind.PUSH, title="通稿")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'feedsvc.db'}", NOW)
    opened.sync([CMS, WIRE], {"cms": "1", "wire": "1"}, NOW)
    yield opened
    opened.close()


def changes(store: Store, *drafts: Draft, minutes: int = 0, replacing: str | None = None) -> list[Change]:
    made = store.pushing.save(CMS, drafts, NOW + minutes * MINUTE, replacing=replacing)
    return [change for _, change in made]


def articles(store: Store) -> dict[str, Article]:
    return {article.id: article for article, _ in store.changes(0)}


def only(store: Store) -> Article:
    (found,) = articles(store).values()
    return found


def test_a_repeat_changes_nothing(store: Store) -> None:
    pushed = [draft("一", guid="1", html="<p>x</p>"), draft("二", guid="2", link="https://cms.example/2")]
    assert changes(store, *pushed) == [Change.NEW, Change.NEW]
    before = store.changes(0)
    assert changes(store, *pushed, minutes=5) == [Change.UNCHANGED, Change.UNCHANGED]
    assert changes(store, pushed[1], minutes=6) == [Change.UNCHANGED]
    assert store.changes(0) == before


def test_a_push_is_the_success_of_its_source(store: Store) -> None:
    changes(store, draft("一", guid="1"), minutes=3)
    state = store.states()["cms"]
    assert (state.last_attempt, state.last_success) == (NOW + 3 * MINUTE, NOW + 3 * MINUTE)
    assert store.states()["wire"].last_success is None


def test_the_guid_says_which_article_it_is(store: Store) -> None:
    changes(store, draft("一", guid="1", html="<p>x</p>", published=NOW - MINUTE))
    first = only(store)
    made = changes(store, draft("另一个题目", guid="1", html="<p>y</p>", published=NOW), minutes=5)
    assert made == [Change.EDITED]
    edited = only(store)
    assert (edited.id, edited.title, edited.published) == (first.id, "另一个题目", first.published)
    assert edited.updated == NOW + 5 * MINUTE


def test_articles_that_are_alike_but_for_their_names_are_two(store: Store) -> None:
    same: dict[str, object] = {"html": "<p>停水通知</p>", "published": NOW - MINUTE}
    assert changes(store, draft("停水", guid="1", **same)) == [Change.NEW]
    assert changes(store, draft("停水", guid="2", **same)) == [Change.NEW]
    assert changes(store, draft("快讯", guid="3"), draft("快讯", guid="4")) == [Change.NEW, Change.NEW]
    assert changes(store, draft("停水", link="https://cms.example/5", **same)) == [Change.NEW]
    assert len(articles(store)) == 5


def test_a_changed_guid_with_the_same_link_is_the_same_article(store: Store) -> None:
    changes(store, draft("一", guid="1", link="https://cms.example/1"))
    assert changes(store, draft("一", guid="new-1", link="https://cms.example/1")) == [Change.UNCHANGED]
    assert changes(store, draft("改", guid="1"), minutes=1) == [Change.EDITED]
    assert changes(store, draft("又改", guid="new-1"), minutes=2) == [Change.EDITED]
    assert only(store).title == "又改"


def test_two_names_of_one_article_in_one_document_conflict_and_nothing_is_saved(store: Store) -> None:
    changes(store, draft("一", guid="1", link="https://cms.example/1"))
    changes(store, draft("一", guid="new-1", link="https://cms.example/1"))
    before = store.changes(0)
    with pytest.raises(ConflictError, match="articles 1 and 2"):
        changes(store, draft("新", guid="9"), draft("甲", guid="1"), draft("乙", guid="new-1"))
    assert store.changes(0) == before


def test_addresses_may_go_from_one_article_to_another(store: Store) -> None:
    one, two = "https://cms.example/1", "https://cms.example/2"
    changes(store, draft("一", guid="1", link=one))
    ident = only(store).id
    made = changes(store, draft("一", guid="1", link=two), draft("二", guid="2", link=one))
    assert made == [Change.EDITED, Change.NEW]
    assert articles(store)[ident].link == two
    assert {a.link for a in articles(store).values()} == {one, two}


def test_what_a_push_leaves_out_is_gone(store: Store) -> None:
    changes(
        store, draft("一", guid="1", link="https://cms.example/1", html="<p>x</p>", author="甲", tags=("稻",))
    )
    assert changes(store, draft("一", guid="1")) == [Change.EDITED]
    found = only(store)
    assert (found.link, found.author, found.tags) == (None, None, ())
    assert store.bodies([found.id])[found.id].html == ""


def test_sources_keep_apart_what_has_one_guid(store: Store) -> None:
    store.pushing.save(CMS, [draft("一", guid="1")], NOW)
    store.pushing.save(WIRE, [draft("一", guid="1")], NOW)
    assert {a.source for a in articles(store).values()} == {"cms", "wire"}


def test_a_replacement_is_the_article_whatever_it_is_named(store: Store) -> None:
    changes(store, draft("一", guid="1"), draft("二", link="https://cms.example/2"))
    idents = {a.title: a.id for a in articles(store).values()}
    assert changes(store, draft("新一"), replacing=idents["一"]) == [Change.EDITED]
    assert changes(
        store, draft("新二", guid="2", link="https://cms.example/two"), replacing=idents["二"]
    ) == [Change.EDITED]
    assert {a.id: a.title for a in articles(store).values()} == {idents["一"]: "新一", idents["二"]: "新二"}
    # All its names go on leading to it.
    for again in (draft("再", guid="2"), draft("又", link="https://cms.example/2")):
        assert changes(store, again, minutes=1) == [Change.EDITED]
    with pytest.raises(ConflictError, match="guid '1' is that of another article"):
        changes(store, draft("x", guid="1"), replacing=idents["二"])
    assert len(articles(store)) == 2


def test_withdrawn_is_withdrawn_until_it_is_pushed_again(store: Store) -> None:
    changes(store, draft("一", guid="1", html="<p>x</p>"))
    first = only(store)
    assert store.pushing.withdraw(CMS, first.id, NOW + MINUTE)
    assert not store.pushing.withdraw(CMS, first.id, NOW + 2 * MINUTE)
    gone = only(store)
    assert (gone.withdrawn, gone.revision) == (NOW + MINUTE, 2)
    assert store.bodies([first.id]) == {}
    assert changes(store, draft("一", guid="1", html="<p>x</p>"), minutes=3) == [Change.EDITED]
    back = only(store)
    assert (back.id, back.withdrawn, back.published) == (first.id, None, first.published)
    assert store.bodies([first.id])[first.id].html == "<p>x</p>"


def test_an_article_is_found_by_either_name(store: Store) -> None:
    changes(store, draft("一", guid="1", link="https://www.cms.example/1?utm_source=x"))
    ident = only(store).id
    link = Key(KeyKind.LINK, urls.canonical("http://cms.example/1"))
    assert store.pushing.find(CMS, Key(KeyKind.GUID, "1")) == ident
    assert store.pushing.find(CMS, link) == ident
    assert store.pushing.find(WIRE, link) is None
    assert store.pushing.find(CMS, Key(KeyKind.GUID, "2")) is None
    assert store.pushing.owner(ident) == "cms"
    assert store.pushing.owner("00000000-0000-5000-8000-000000000000") is None


def test_the_first_of_a_document_is_the_newest(store: Store) -> None:
    changes(store, draft("新", guid="2"), draft("旧", guid="1"))
    assert [a.title for a in sorted(articles(store).values(), key=lambda a: a.published)] == ["旧", "新"]
