"""Which article a draft is: the rules that subscribers' readers depend on for years."""

from collections.abc import Sequence
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from feedsvc import identity
from feedsvc.identity import Key, KeyKind, Known, Recognised, recognise
from feedsvc.model import Draft
from tests.made import DAY, NOW, draft


class Memory:
    """What a store does with recognised drafts, in a dictionary."""

    def __init__(self) -> None:
        self.keys: dict[Key, str] = {}
        self.known: dict[str, Known] = {}

    def see(self, *drafts: Draft, held: Sequence[str] = (), now: datetime = NOW) -> list[Recognised]:
        found = recognise(
            "paper",
            drafts,
            {key: self.known[ident] for key, ident in self.keys.items()},
            held=frozenset(held),
            taken=lambda ident: ident in self.known,
        )
        for one in found:
            if one.repeat:
                continue
            self.known[one.id] = Known(
                id=one.id,
                digest=identity.digest(one.draft),
                published=one.draft.published or now,
                bodied=bool(one.draft.html),
            )
            for key in one.keys:
                self.keys.setdefault(key, one.id)
        return list(found)

    def ids(self, *drafts: Draft, held: Sequence[str] = ()) -> list[str]:
        return [one.id for one in self.see(*drafts, held=held)]


def test_ids_are_fixed_for_ever() -> None:
    # These very strings are in readers' databases: a change here marks everything unread everywhere.
    memory = Memory()
    assert memory.ids(
        draft(guid="tag:x,2026:1", link="https://x.example/1"),
        draft("二", link="http://www.x.example/2.html?utm_source=a"),
        draft("三", published=NOW),
        draft("四"),
    ) == [
        "26316b34-e8fd-5cbf-8086-085f1dd67f27",
        "064472bb-e8ed-5f06-9de4-1e821bdf32b0",
        "cb8dacc0-44f1-50c5-88e7-b4d6a109e3c5",
        "e85378f4-f67c-5aeb-9758-3920366ec5a2",
    ]


def test_same_guid_is_the_same_article_whatever_else_changes() -> None:
    memory = Memory()
    first = memory.ids(draft("旧题", guid="1", link="https://x.example/a", published=NOW))
    assert memory.ids(draft("新题", guid="1", link="https://x.example/b", published=NOW + DAY)) == first


def test_changed_guid_with_the_same_link_is_the_same_article_for_ever_after() -> None:
    memory = Memory()
    first = memory.ids(draft(guid="1", link="https://x.example/a"))
    assert memory.ids(draft(guid="2", link="http://www.x.example/a?utm_medium=rss")) == first
    assert memory.ids(draft("又改", guid="2", link="https://x.example/moved")) == first
    assert memory.ids(draft("又改", guid="1")) == first


def test_one_guid_for_different_articles_of_a_document_says_nothing() -> None:
    memory = Memory()
    both = [
        draft("甲", guid="0", link="https://x.example/1"),
        draft("乙", guid="0", link="https://x.example/2"),
    ]
    first = memory.ids(*both)
    assert len(set(first)) == 2
    assert memory.ids(*both) == first
    assert memory.ids(*reversed(both)) == first[::-1]


def test_one_link_for_different_articles_says_nothing() -> None:
    memory = Memory()
    both = [draft("甲", link="https://x.example/"), draft("乙", link="https://x.example/")]
    assert len(set(memory.ids(*both))) == 2


def test_a_repeat_within_a_document_is_one_article() -> None:
    memory = Memory()
    found = memory.see(draft(guid="1", html="<p>a</p>"), draft(guid="1", html="<p>a</p>"))
    assert found[0].id == found[1].id
    assert [one.repeat for one in found] == [False, True]


def test_title_and_day_recognise_an_article_without_guid_and_link() -> None:
    memory = Memory()
    first = memory.ids(draft("停水通知", published=NOW))
    assert memory.ids(draft("停水 通知", published=NOW + 60 * (DAY / 1440))) == first
    assert memory.ids(draft("停水通知", published=NOW + DAY)) != first


def test_guid_and_link_both_changed_is_the_same_article_only_with_the_same_text_or_minute() -> None:
    old = draft("图片新闻", guid="1", link="https://x.example/1", published=NOW, html="<p>正文</p>")
    moved = draft("图片新闻", guid="2", link="https://y.example/1", published=NOW, html="<p>正文改</p>")
    later = draft(
        "图片新闻", guid="3", link="https://x.example/3", published=NOW + DAY / 24, html="<p>别的</p>"
    )
    same_text = draft(
        "图片新闻", guid="4", link="https://x.example/4", published=NOW + DAY / 24, html="<p>正文</p>"
    )
    for changed, same in ((moved, True), (later, False), (same_text, True)):
        memory = Memory()
        first = memory.ids(old)
        assert (memory.ids(changed) == first) is same


def test_two_articles_of_one_title_in_one_document_are_two() -> None:
    memory = Memory()
    both = [
        draft("天气预报", guid="1", link="https://x.example/1", html="<p>晴</p>", published=NOW),
        draft("天气预报", guid="2", link="https://x.example/2", html="<p>雨</p>", published=NOW),
    ]
    first = memory.ids(*both)
    assert len(set(first)) == 2
    assert memory.ids(*reversed(both)) == first[::-1]


def test_articles_that_differ_in_their_text_alone_are_each_recognised_again() -> None:
    memory = Memory()
    both = [draft("快讯", html="<p>一</p>"), draft("快讯", html="<p>二</p>")]
    first = memory.ids(*both)
    assert len(set(first)) == 2
    assert memory.ids(*both) == first
    assert memory.ids(both[1]) == first[1:]


def test_a_new_title_in_the_same_file_is_an_edit() -> None:
    memory = Memory()
    first = memory.ids(draft("旧题", slot="a.md", html="<p>x</p>"))
    assert memory.ids(draft("新题", slot="a.md", html="<p>x</p>")) == first


def test_a_file_that_moved_keeps_its_article() -> None:
    memory = Memory()
    first = memory.ids(draft("题", slot="a.md", html="<p>x</p>"))
    assert memory.ids(draft("题", slot="2026/b.md", html="<p>x</p>")) == first


def test_files_that_change_places_keep_their_articles() -> None:
    memory = Memory()
    a, b = memory.ids(draft("甲", slot="a.md", html="<p>x</p>"), draft("乙", slot="b.md", html="<p>y</p>"))
    swapped = memory.ids(draft("乙", slot="a.md", html="<p>y</p>"), draft("甲", slot="b.md", html="<p>x</p>"))
    assert swapped == [b, a]


def test_two_files_with_one_title_are_two_articles() -> None:
    memory = Memory()
    (first,) = memory.ids(draft("天气", slot="mon.md", html="<p>晴</p>"))
    (second,) = memory.ids(draft("天气", slot="tue.md", html="<p>雨</p>"), held=[first])
    assert first != second
    assert memory.ids(draft("天气", slot="tue.md", html="<p>阴</p>"), held=[first]) == [second]


def test_a_file_with_a_guid_of_its_own_is_not_recognised_by_its_place() -> None:
    memory = Memory()
    first = memory.ids(draft("昨天的", slot="today.md", guid="1"))
    assert memory.ids(draft("今天的", slot="today.md", guid="2")) != first


def test_a_headline_on_two_pages_is_one_article() -> None:
    memory = Memory()
    (first,) = memory.ids(draft("禹城:打造“4+X”产业体系"))
    assert memory.ids(draft("禹城:打造“4+X”产业体系"), held=[first]) == [first]


def test_a_headline_and_its_article_are_one_in_any_order() -> None:
    headline, whole = draft("秋粮入仓"), draft("秋粮入仓", slot="a.md", html="<p>颗粒归仓。</p>")
    memory = Memory()
    (first,) = memory.ids(headline)
    assert memory.ids(whole, held=[first]) == [first]
    memory = Memory()
    (first,) = memory.ids(whole)
    assert memory.ids(headline, held=[first]) == [first]
    memory = Memory()
    found = memory.see(headline, whole)
    assert found[0].id == found[1].id
    assert [one.repeat for one in found] == [True, False]  # the body is what is kept


def test_two_new_bodies_never_share_the_headline_before_them() -> None:
    memory = Memory()
    memory.ids(draft("天气"))
    found = memory.ids(
        draft("天气", slot="a.md", html="<p>晴</p>"), draft("天气", slot="b.md", html="<p>雨</p>")
    )
    assert len(set(found)) == 2


def test_digest_sees_words_pictures_and_files_but_not_markup() -> None:
    plain = draft(html='<p>你好 <a href="https://x.example/">世界</a></p>')
    assert identity.digest(plain) == identity.digest(
        draft(html='<div class="x"><p>你好\n<a rel="nofollow" href="https://x.example/">世界</a></p></div>')
    )
    assert identity.digest(plain) != identity.digest(draft(html="<p>你好 世界</p>"))
    assert identity.digest(plain) != identity.digest(draft("别的题", html=plain.html))


TITLES = st.sampled_from(["甲", "乙", "丙"])
DRAFTS = st.builds(
    lambda title, guid, link, slot, html, published: draft(
        title, guid=guid, link=link, slot=slot, html=html, published=published
    ),
    TITLES,
    st.sampled_from([None, "1", "2", "3"]),
    st.sampled_from([None, "https://x.example/1", "https://x.example/2"]),
    st.sampled_from([None, "a.md", "b.md"]),
    st.sampled_from(["", "<p>一</p>", "<p>二</p>"]),
    st.sampled_from([None, NOW, NOW - DAY]),
)


# A file holds one article of its own, so no two drafts have one slot.
DOCUMENTS = st.lists(DRAFTS, max_size=6, unique_by=lambda d: d.slot or id(d))


@given(st.lists(DOCUMENTS, max_size=4))
def test_any_documents_give_each_draft_one_article_and_no_two_new_ones_one_id(
    documents: list[list[Draft]],
) -> None:
    memory = Memory()
    for drafts in documents:
        found = memory.see(*drafts)
        assert len(found) == len(drafts)
        kept = [one.id for one in found if not one.repeat]
        assert len(kept) == len(set(kept))
        assert {one.id for one in found} == set(kept)


@given(DOCUMENTS)
def test_a_document_read_again_is_the_same_articles(drafts: list[Draft]) -> None:
    memory = Memory()
    first = memory.ids(*drafts)
    again = memory.see(*drafts)
    assert {one.id for one in again} == set(first)
    assert not any(one.new for one in again)


def test_keys_name_what_they_are() -> None:
    keys = identity.keys_of(
        draft("题", guid="g", link="https://www.x.example/a/?b=1", slot="a.md", published=NOW)
    )
    assert keys == (
        Key(KeyKind.GUID, "g"),
        Key(KeyKind.LINK, "x.example/a?b=1"),
        Key(KeyKind.TITLE, "题\n2026-11-22"),
        Key(KeyKind.SLOT, "a.md"),
    )
