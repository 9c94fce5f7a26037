"""Keywords: names and nouns of the title first, whole, and no noise."""

from collections.abc import Callable

import pytest

from feedsvc.model import Keyword
from feedsvc.tagging.keywords import Ranker
from feedsvc.tagging.rules import Rules, default_stopwords
from feedsvc.tagging.segment import Segmenter

Extract = Callable[..., list[str]]


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter()


@pytest.fixture(scope="module")
def keywords(segmenter: Segmenter) -> Callable[..., tuple[Keyword, ...]]:
    def run(title: str, body: str = "", **kwargs: object) -> tuple[Keyword, ...]:
        rules = Rules.of(
            kwargs.get("stopwords", ()),  # type: ignore[arg-type]
            kwargs.get("blocked", ()),  # type: ignore[arg-type]
            kwargs.get("aliases", {}),  # type: ignore[arg-type]
        )
        ranker = Ranker(segmenter.lexicon, rules, limit=int(str(kwargs.get("limit", 8))))
        hints = kwargs.get("hints", ())
        return ranker.rank(segmenter.cut(title), segmenter.cut(body), hints)  # type: ignore[arg-type]

    return run


@pytest.fixture(scope="module")
def tags(keywords: Callable[..., tuple[Keyword, ...]]) -> Extract:
    return lambda *args, **kwargs: [keyword.word for keyword in keywords(*args, **kwargs)]


BODY = "渔港的早市上，海鲜一筐筐上岸。渔民说今年梭子蟹多。梭子蟹装箱后直发各地，渔港忙到中午。"


def test_the_title_comes_first(tags: Extract) -> None:
    found = tags("渔港梭子蟹上市", BODY)
    assert set(found[:2]) == {"渔港", "梭子蟹"}
    assert "海鲜" in found


def test_weights_are_likelihoods(keywords: Callable[..., tuple[Keyword, ...]]) -> None:
    weights = [keyword.weight for keyword in keywords("渔港梭子蟹上市", BODY)]
    assert weights == sorted(weights, reverse=True)
    assert all(0 < weight <= 1 for weight in weights)
    [work] = keywords("《海上灯塔》", "")
    assert work.weight > 0.9


def test_the_number_is_limited(tags: Extract) -> None:
    assert len(tags("渔港梭子蟹上市", BODY, limit=2)) == 2
    assert tags("渔港梭子蟹上市", BODY, limit=0) == []
    assert tags("", "") == []


def test_works_and_quoted_names_are_whole(tags: Extract) -> None:
    found = tags("话剧《灯塔下的人家》讲“三色工作法”", "《灯塔下的人家》排了三年。")
    assert found[0] == "灯塔下的人家"
    assert "三色工作法" in found
    assert not {"灯塔", "人家", "三色"} & set(found)


def test_latin_names_are_whole(tags: Extract) -> None:
    found = tags("渔港通了Wi-Fi和T-72", "www.a-b.example")
    assert {"Wi-Fi", "T-72"} <= set(found)
    assert "a-b" not in found


def test_foreign_names_are_whole(tags: Extract) -> None:
    found = tags("钢琴家米洛·瓦伦汀到访", "米洛·瓦伦汀在音乐厅演出。")
    assert "米洛·瓦伦汀" in found


@pytest.mark.parametrize(
    "noise",
    [
        "本报讯",
        "记者",
        "3月5日",
        "12",
        "1.5万元",
        "活动",
        "我们",
        "第三届",
        "2024年",
        "上午",
        "图片",
        "全市",
        "百分之五",
    ],
)
def test_noise_is_no_keyword(tags: Extract, noise: str) -> None:
    found = tags(f"{noise}渔港梭子蟹上市", f"{noise}，{noise}。{BODY}{noise}")
    assert noise not in found


def test_bylines_are_no_keywords(tags: Extract) -> None:
    found = tags("渔港梭子蟹上市", f"本报记者 秦汐澜 通讯员 骆潮生 {BODY}")
    assert not {"秦汐澜", "骆潮生"} & set(found)


def test_no_keyword_is_part_of_another(tags: Extract) -> None:
    found = tags("新能源汽车充电站落户渔港", "新能源汽车充电站建成，新能源汽车来充电。汽车多了，充电站忙了。")
    assert all(one == other or one not in other for one in found for other in found)


def test_a_short_name_beside_its_long_one_is_one_keyword(tags: Extract) -> None:
    found = tags("海大新船下水", "海洋大学的新船下水。海洋大学师生上船。海大学生说，海大有船了。", limit=8)
    assert len({"海大", "海洋大学"} & set(found)) == 1
    assert {"渔港", "渔民"} <= set(tags("渔港渔民出海", BODY))


def test_stopwords_blocked_and_aliases(tags: Extract) -> None:
    assert "渔港" not in tags("渔港梭子蟹上市", BODY, stopwords=["渔港"])
    assert "梭子蟹" not in tags("渔港梭子蟹上市", BODY, blocked=["梭子蟹"])
    found = tags("渔港梭子蟹上市", BODY, aliases={"梭子蟹": "三疣/梭子蟹"})
    assert "三疣／梭子蟹" in found
    assert "梭子蟹" not in found
    assert "x,y" not in tags("渔港", aliases={"渔港": "x,y"})
    assert tags("渔港", aliases={"渔港": "x,y"}) == ["x，y"]
    assert tags("渔港", aliases={"渔港": "港"}, blocked=["港"]) == []


def test_a_work_with_a_comma_keeps_it_safely(tags: Extract) -> None:
    assert tags("读《如果,海》", "")[0] == "如果，海"


def test_hints_of_the_source(tags: Extract) -> None:
    plain, hinted = tags("渔港梭子蟹上市", BODY), tags("渔港梭子蟹上市", BODY, hints=["海鲜"])
    assert hinted.index("海鲜") == 2 < plain.index("海鲜") + 1
    assert "休渔期" in tags("渔港梭子蟹上市", BODY, hints=["休渔期"])
    assert "活动" not in tags("渔港梭子蟹上市", BODY, hints=["活动"])
    found = tags("渔港梭子蟹上市", BODY, hints=["这是一个很长很长的句子不是关键词", "a/b", ""])
    assert not {"这是一个很长很长的句子不是关键词", "a/b", ""} & set(found)


def test_the_built_in_stopwords() -> None:
    assert {"记者", "本报讯", "活动", "的"} <= default_stopwords()
    assert not {"电网", "志愿者", "乡村振兴"} & default_stopwords()
