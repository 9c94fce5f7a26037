"""News sections from terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import Category
from feedsvc.tagging import sections
from feedsvc.tagging.categories import Classifier, default_categories, vocabulary
from feedsvc.tagging.learned import Model
from feedsvc.tagging.tokens import Words

NOTHING = Words.of([])


def words(value: str) -> Words:
    """A text from words parted by spaces."""
    return Words.of(value.split())


def terms(classifier: Classifier, title: str) -> set[str]:
    """The terms that speak for any section."""
    return {term for _, _, parts in classifier.explain(words(title), NOTHING) for term, _ in parts}


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(default_categories())


def test_the_built_in_sections() -> None:
    shipped = default_categories()
    assert len(shipped) == 19
    assert [section.key for section in shipped][:2] == ["politics", "law"]
    agriculture = next(section for section in shipped if section.key == "agriculture")
    assert (agriculture.label, agriculture.iptc, agriculture.gb) == ("三农", ("medtop:04000000",), (14,))


def test_every_section_has_terms_and_words() -> None:
    keys = {section.key for section in default_categories()}
    assert len(vocabulary()) > 3000
    assert len(sections.terms()) > 15_000
    assert {key for weighted in sections.terms().values() for key in weighted} == keys
    listed = list(sections.words())
    assert 30_000 < len(listed) == len({word for word, _, _ in listed})
    assert {key for _, key, _ in listed} == keys
    assert {weight for _, _, weight in listed} == {0.5, 1.0, 1.5, 2.0}


def test_of_several_sections_a_term_says_less_of_each() -> None:
    shared = {term: weighted for term, weighted in sections.terms().items() if len(weighted) == 2}
    assert shared
    levels = {level / 2**0.5 for level in sections.LEVELS.values()}
    assert all(weight in levels for weighted in shared.values() for weight in weighted.values())


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("菜农 冬天 有 活 干", "agriculture"),
        ("消防 演练", "emergency"),
        ("电网 负荷 走高", "industry"),
        ("高铁 加开 列车", "city"),
        ("中学 开学", "education"),
        ("义诊 送 到 医院 门口", "health"),
        ("CEO 谈 NBA 球队 夺冠", "sport"),
        ("电子竞技 决赛 两 队 争 冠军", "entertainment"),
        ("上周 的 事", None),
        ("", None),
    ],
)
def test_titles(classifier: Classifier, title: str, key: str | None) -> None:
    assert classifier.classify(words(title), NOTHING) == key


def test_a_term_may_run_over_words_or_stand_in_one(classifier: Classifier) -> None:
    assert "乡村振兴" in terms(classifier, "乡村 振兴 的 路")
    assert "乡村" not in terms(classifier, "乡村 振兴 的 路")
    assert "小学生" in terms(classifier, "某某小学生们 放假")


def test_a_term_never_cuts_a_word(classifier: Classifier) -> None:
    assert "高铁" not in terms(classifier, "提高 铁皮 质量")
    assert "购房合同" not in terms(classifier, "代购房 合同")


def test_the_title_counts_more_and_the_lead_next(classifier: Classifier) -> None:
    assert classifier.classify(words("医院"), words("足球 比赛")) == "health"
    far = "之" * 400
    assert classifier.classify(NOTHING, words(f"足球 {far} 医院")) == "sport"


def test_more_often_is_more_but_ever_less(classifier: Classifier) -> None:
    once, four = (classifier.scores(NOTHING, words("医院 " * times))["health"] for times in (1, 4))
    assert once < four < 4 * once


@pytest.mark.parametrize(
    ("title", "body", "key"),
    [
        ("客队 2-1 扳回 一 局", "", "sport"),
        ("上联 ： 春 到 门前 ， 求 下联", "", "culture"),
        ("今天 的 事", "本报 科技讯 今天", "scitech"),
    ],
)
def test_shapes(classifier: Classifier, title: str, body: str, key: str) -> None:
    assert classifier.classify(words(title), words(body)) == key


def test_ties_go_to_the_earlier_section() -> None:
    first, second = (
        Category(key="a", label="甲", terms=("共有词",)),
        Category(key="b", label="乙", terms=("共有词",)),
    )
    assert Classifier([first, second]).classify(words("共有词"), NOTHING) == "a"
    assert Classifier([second, first]).classify(words("共有词"), NOTHING) == "b"


def test_a_section_of_the_site() -> None:
    port = Category(key="port", label="港口", terms=("集装箱码头", "Box"))
    classifier = Classifier([*default_categories(), port])
    assert classifier.classify(words("集装箱 码头 忙"), NOTHING) == "port"
    assert Classifier([port]).classify(words("港口 忙"), NOTHING) == "port"
    assert classifier.classify(words("BOX 到 了"), NOTHING) == "port"


def test_own_terms_add_to_a_built_in_section() -> None:
    classifier = Classifier([Category(key="sport", label="体育", terms=("板鞋赛",))])
    assert classifier.classify(words("板鞋赛"), NOTHING) == "sport"
    assert classifier.classify(words("足球"), NOTHING) == "sport"
    assert classifier.classify(words("医院"), NOTHING) is None
    assert Classifier([]).classify(words("医院"), NOTHING) is None


def test_it_says_why(classifier: Classifier) -> None:
    reasons = classifier.explain(words("医院 义诊"), words("足球"))
    key, score, parts = reasons[0]
    assert key == "health"
    assert {term for term, _ in parts[:2]} == {"医院", "义诊"}
    assert score == pytest.approx(sum(weight for _, weight in parts))
    assert [reason[1] for reason in reasons] == sorted((reason[1] for reason in reasons), reverse=True)


@given(
    st.lists(
        st.sampled_from(["医院", "乡村", "振兴", "提高", "铁皮", "2-1", "《", "某某小学生们", "的", "Nba"])
    ),
    st.lists(st.sampled_from(["高铁", "科技讯", "乡村", "振兴", "之" * 200, "足球", "\n", "疫苗", "3.5%"])),
)
def test_the_reasons_add_up_to_the_scores(title: list[str], body: list[str]) -> None:
    head, rest = Words.of(title), Words.of(body)
    told = {key: score for key, score, _ in SHARED.explain(head, rest)}
    assert told == pytest.approx(SHARED.scores(head, rest))


SHARED = Classifier(default_categories())


def model(**weights: tuple[float, float]) -> Model:
    return Model(keys=("sport", "port"), bias=(0.0, 0.0), weights=weights, slope=8.0, level=-1.0)


def test_what_was_learned_decides() -> None:
    learned = model(潮声=(-4.0, 4.0), 球鞋=(9.0, -9.0))
    port = Category(key="port", label="港口")
    classifier = Classifier([*default_categories(), port], learned)
    assert classifier.classify(words("潮声 起"), NOTHING) == "port"
    assert classifier.classify(words("球鞋"), NOTHING) == "sport"
    assert classifier.explain(words("潮声 起"), NOTHING)[0][2][0][0] == "潮声"


def test_sections_that_were_not_learned_stay_known() -> None:
    classifier = Classifier(default_categories(), model(潮声=(1.0, 1.0)))
    assert classifier.classify(words("医院 医生 患者 疫苗"), NOTHING) == "health"


def test_sections_that_the_site_has_no_more_are_forgotten() -> None:
    classifier = Classifier([Category(key="sport", label="体育")], model(潮声=(-4.0, 4.0)))
    assert classifier.classify(words("潮声 起"), NOTHING) == "sport"
    assert Classifier(default_categories()[:2], model()).classify(words("上周 的 事"), NOTHING) is None
