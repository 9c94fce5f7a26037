"""Learning from labelled articles: it learns, always the same, and tells how well."""

import pytest

from feedsvc.tagging.categories import Classifier, default_categories
from feedsvc.tagging.features import features
from feedsvc.tagging.learned import probable
from feedsvc.tagging.learning import FOLDS, Example, folds, train, tried
from feedsvc.tagging.tokens import Words

NOTHING = Words.of([])
CLASSIFIER = Classifier(default_categories())
# What two desks of an invented paper write of, in words that no built-in section has.
DESKS = {
    "port": ("潮声 栈桥 缆绳", "浮筒 栈桥 引水", "潮声 引水 缆绳", "浮筒 缆绳 夜泊", "夜泊 潮声 栈桥"),
    "hill": ("石阶 云脚 竹杖", "云脚 茅檐 山径", "石阶 山径 竹杖", "茅檐 竹杖 云脚", "山径 石阶 茅檐"),
}


def example(key: str, title: str, body: str = "") -> Example:
    head, rest = Words.of(title.split()), Words.of(body.split())
    return Example(key, CLASSIFIER.features(head, rest), CLASSIFIER.classify(head, rest))


def examples(*, bodies: bool = False) -> list[Example]:
    rows = [(key, title, n) for key, titles in DESKS.items() for title in titles for n in range(2)]
    return [example(key, "" if bodies else title, title if bodies else "") for key, title, _ in rows]


def test_titles_and_bodies_teach_each_other() -> None:
    for taught, asked in ((False, True), (True, False)):
        model = train(examples(bodies=taught))
        for each in examples(bodies=asked):
            assert probable(model.chances(each.found, ())) == each.key


def test_equal_examples_make_equal_models() -> None:
    assert train(examples()).encoded() == train(examples()).encoded()


def test_rare_features_are_left_out() -> None:
    model = train([*examples(), example("port", "独见一次")])
    assert "独见一次" not in model.weights
    assert "潮声" in model.weights


def test_folds_hold_everything_once_and_every_section() -> None:
    lessons = examples()
    parts = folds(lessons)
    assert sorted(at for part in parts for at in part) == list(range(len(lessons)))
    assert len(parts) == FOLDS
    assert all({lessons[at].key for at in part} == {"port", "hill"} for part in parts)
    assert folds(lessons) == parts


def test_it_is_tried_on_what_it_never_saw() -> None:
    trials = tried(examples(), ["port", "hill"])
    assert [(t.key, t.articles, t.learned, t.built_in) for t in trials] == [
        ("hill", 10, 10, 0),
        ("port", 10, 10, 0),
    ]
    mixed = [Example(key, e.found) for e, key in zip(examples(), ["port", "hill"] * 10, strict=True)]
    assert sum(t.learned for t in tried(mixed, ["port", "hill"])) < 16


def test_what_is_built_in_is_counted() -> None:
    lessons = [example("health", "医院 医生 患者") for _ in range(5)] + [
        example("sport", "足球 球队 联赛") for _ in range(5)
    ]
    assert [(t.key, t.built_in) for t in tried(lessons, ["health", "sport"])] == [("health", 5), ("sport", 5)]


@pytest.mark.parametrize(("title", "body"), [("", ""), ("\n \n", "\n"), ("——", "……")])
def test_nothing_has_no_features(title: str, body: str) -> None:
    assert features(Words.of(list(title)), Words.of(list(body)), {}) == []


def test_a_feature_is_a_word_characters_or_a_section() -> None:
    found = features(
        Words.of(["枸杞", "，", "红"]), Words.of(["枸杞", "枸杞", "的"]), {"agriculture": 9.0, "sport": 0.1}
    )
    names = [set(some) for _, some in found]
    assert names == [{"枸杞"}, {"#枸杞"}, {"#枸", "#杞", "#红"}, {"枸杞"}, {"=agriculture"}]
    assert 0 < found[-1][0] < 1
