"""The whole tagger: what it says of articles in the manner of city news, and that nothing upsets it."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedsvc import text
from feedsvc.errors import ConfigError
from feedsvc.model import Category, Tagging
from feedsvc.tagging.categories import default_categories
from feedsvc.tagging.tagger import Tagger

HEADLINES = Path(__file__).parent / "data" / "tagging" / "headlines.jsonl"
KEYS = {category.key for category in default_categories()}


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger()


def words(tagging: Tagging) -> list[str]:
    return [keyword.word for keyword in tagging.keywords]


def test_headlines_of_city_news(tagger: Tagger) -> None:
    rows = [json.loads(line) for line in HEADLINES.read_text("utf-8").splitlines()]
    sections = regions = keywords = 0
    for row in rows:
        found = tagger.tag(row["title"], "", home=row["home"])
        sections += row["categories"] is None or found.category in row["categories"]
        regions += set(found.regions) == set(row["regions"])
        keywords += all(any(want in word for word in words(found)) for want in row["keywords"])
    assert sections >= 28
    assert regions == len(rows)
    assert keywords >= 26


def test_an_article(tagger: Tagger) -> None:
    found = tagger.tag(
        "我市举行“听潮”渔业应急演练",
        "6月2日，嘉兴市在海盐县渔港举行“听潮”应急演练。渔船模拟失火，消防艇十分钟赶到。渔民穿着救生衣撤离渔船。",
        home="330400",
        hints=["安全生产"],
    )
    assert found.category == "emergency"
    assert found.regions[0] == "330424"
    assert "听潮" in words(found)
    assert "安全生产" in words(found)
    assert not {"我市", "6月2日", "举行"} & set(words(found))


def test_the_source_decides_its_category(tagger: Tagger) -> None:
    assert tagger.tag("医院义诊", "", category="society").category == "society"
    assert tagger.tag("医院义诊", "").category == "health"
    assert tagger.tag("上周的事", "").category is None


def test_wide_and_narrow_spellings_are_one_tag(tagger: Tagger) -> None:
    assert words(tagger.tag("Ｐ３０ｐｒｏ手机发布", "")) == words(tagger.tag("P30pro手机发布", ""))
    assert "嘉兴" in words(tagger.tag("嘉兴市办灯会", ""))
    assert "嘉兴" in words(tagger.tag("嘉兴办灯会", ""))


@pytest.mark.slow
def test_settings_are_heeded(tmp_path: Path) -> None:
    dictionary = tmp_path / "words.txt"
    dictionary.write_text("潮声计划 5 nz\n", "utf-8")
    tagger = Tagger(
        max_keywords=2,
        dictionaries=[dictionary],
        stopwords=["灯会"],
        aliases={"梭子蟹": "海蟹"},
        blocked=["渔港"],
        categories=[Category(key="sea", label="海事", terms=("渔港",))],
    )
    found = tagger.tag("潮声计划让渔港灯会上有梭子蟹卖", "医院")
    assert set(words(found)) == {"潮声计划", "海蟹"}
    assert found.category == "sea"
    assert tagger.tag("医院", "医院").category is None


def test_a_bad_dictionary_stops_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        Tagger(dictionaries=[tmp_path / "none.txt"])


CHINESE = st.text(alphabet='市省县区我全委《》“”"·、，。/,嘉兴海宁京来在记者12 日\nＡa-鼓楼😀\x00\ud800')


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    title=st.text() | CHINESE,
    body=st.text() | CHINESE,
    home=st.sampled_from([None, "330400", "110105", "640181", "000000", ""]),
    hints=st.lists(st.text() | CHINESE, max_size=4),
)
def test_any_text_is_tagged_the_same_twice(
    tagger: Tagger, title: str, body: str, home: str | None, hints: list[str]
) -> None:
    found = tagger.tag(title, body, home=home, hints=hints)
    assert found == tagger.tag(title, body, home=home, hints=hints)
    assert found.category is None or found.category in KEYS
    assert len(found.regions) == len(set(found.regions)) <= 5
    assert len(found.keywords) <= 8
    tags = words(found)
    assert len({text.fold(tag) for tag in tags}) == len(tags)
    assert all(tag and not set("/,") & set(tag) and text.squeeze(tag) == tag for tag in tags)
    assert [k.weight for k in found.keywords] == sorted((k.weight for k in found.keywords), reverse=True)
    assert all(0 < keyword.weight <= 1 for keyword in found.keywords)


@pytest.mark.parametrize(
    "unit",
    [
        "瓴",
        "我市",
        "a",
        "1",
        "“甲乙”",
        "《甲》",
        "嘉兴市",
        "·甲",
        "ﷺ",
        "记者,",
        "来厦",
        "a-",
        "鼓楼区朝阳区",
        "中华人民共和国",
    ],
)
def test_huge_texts_take_no_longer(tagger: Tagger, unit: str) -> None:
    huge = unit * (1_000_000 // len(unit))
    start = time.process_time()
    tagger.tag(huge, huge, home="330400", hints=[huge] * 100)
    assert time.process_time() - start < 1


def test_traditional_text_has_the_tags_of_simplified_text(tagger: Tagger) -> None:
    body = "漁港的早市上，梭子蟹一筐筐上岸。寧波漁民說今年梭子蟹多，計程車司機也來買。"
    found = tagger.tag("寧波漁港梭子蟹上市", body, hints=["軟體"])
    body = "渔港的早市上，梭子蟹一筐筐上岸。宁波渔民说今年梭子蟹多，出租车司机也来买。"
    assert found == tagger.tag("宁波渔港梭子蟹上市", body, hints=["软件"])
    assert "渔港" in words(found)
    assert found.regions == ("330200",)
