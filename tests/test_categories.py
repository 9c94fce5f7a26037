"""News sections from terms."""

import pytest

from feedsvc.model import Category
from feedsvc.tagging.categories import Classifier, default_categories, vocabulary
from feedsvc.tagging.tokens import Token


def words(value: str) -> list[Token]:
    """Tokens from words parted by spaces."""
    tokens = []
    start = 0
    for word in value.split():
        tokens.append(Token(word, "n", start))
        start += len(word)
    return tokens


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(default_categories())


def test_the_built_in_sections() -> None:
    sections = default_categories()
    assert len(sections) == 19
    assert [section.key for section in sections][:2] == ["politics", "law"]
    agriculture = next(section for section in sections if section.key == "agriculture")
    assert (agriculture.label, agriculture.iptc, agriculture.gb) == ("三农", ("medtop:04000000",), (14,))


def test_every_section_has_terms(classifier: Classifier) -> None:
    assert len(vocabulary()) > 3000
    for section in default_categories():
        own = Classifier([section])
        assert sum(own.classify(words(term), ()) == section.key for term in vocabulary()) > 80


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
        ("上周 的 事", None),
        ("", None),
    ],
)
def test_titles(classifier: Classifier, title: str, key: str | None) -> None:
    assert classifier.classify(words(title), ()) == key


def test_a_term_may_run_over_words_or_stand_in_one(classifier: Classifier) -> None:
    assert [term for term, _ in classifier.terms(words("乡村 振兴 的 路"))] == ["乡村振兴"]
    assert [term for term, _ in classifier.terms(words("某某小学生们 放假"))] == ["小学生"]


def test_a_term_never_cuts_a_word(classifier: Classifier) -> None:
    assert "高铁" not in [term for term, _ in classifier.terms(words("提高 铁皮 质量"))]


def test_the_title_counts_more_and_the_lead_next(classifier: Classifier) -> None:
    assert classifier.classify(words("医院"), words("足球 比赛")) == "health"
    far = "之" * 400
    assert classifier.classify((), words(f"足球 {far} 医院")) == "sport"


def test_ties_go_to_the_earlier_section() -> None:
    first, second = (
        Category(key="a", label="甲", terms=("共有词",)),
        Category(key="b", label="乙", terms=("共有词",)),
    )
    assert Classifier([first, second]).classify(words("共有词"), ()) == "a"
    assert Classifier([second, first]).classify(words("共有词"), ()) == "b"


def test_a_section_of_the_site() -> None:
    port = Category(key="port", label="港口", terms=("集装箱码头", "Box"))
    classifier = Classifier([*default_categories(), port])
    assert classifier.classify(words("集装箱 码头 忙"), ()) == "port"
    assert Classifier([port]).classify(words("港口 忙"), ()) == "port"
    assert classifier.classify(words("BOX 到 了"), ()) == "port"


def test_own_terms_add_to_a_built_in_section() -> None:
    classifier = Classifier([Category(key="sport", label="体育", terms=("板鞋赛",))])
    assert classifier.classify(words("板鞋赛"), ()) == "sport"
    assert classifier.classify(words("足球"), ()) == "sport"
    assert classifier.classify(words("医院"), ()) is None
    assert Classifier([]).classify(words("医院"), ()) is None
