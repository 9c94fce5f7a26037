"""The scores that the benchmark prints and the quality test asserts: by hand on small rows, and bounds."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import scores
from benchmarks.scores import Labelled
from feedsvc.model import Keyword, Tagging

NAMES = {"sport": ["sport"], "体育": ["sport"], "社会": ["society", "law"]}
ROOT = Path(__file__).parent.parent


def refuse(label: str) -> None:
    raise AssertionError(label)


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def article(name: str = "a", **labels: object) -> Labelled:
    row = {"id": name, "title": "灯会", "text": "", **labels}
    return scores.labelled(row, NAMES, unknown=refuse)


def said(*words: str, category: str | None = None, regions: tuple[str, ...] = ()) -> Tagging:
    keywords = tuple(Keyword(word=word, weight=0.5) for word in words)
    return Tagging(keywords=keywords, category=category, regions=regions)


def test_keywords_of_one_article() -> None:
    at = scores.keywords_at(3, ["灯会", "花灯", "夜市", "龙灯"], ["龙灯", "灯会"])
    assert (at.precision, at.recall) == pytest.approx((1 / 3, 1 / 2))
    assert at.f == pytest.approx(2 / 5)
    assert scores.keywords_at(5, ["灯会", "花灯", "夜市", "龙灯"], ["龙灯", "灯会"]).f == pytest.approx(4 / 7)


def test_a_short_list_is_no_advantage() -> None:
    assert scores.keywords_at(3, ["灯会"], ["灯会"]).precision == pytest.approx(1 / 3)
    assert scores.keywords_at(3, [], ["灯会"]).f == 0


def test_spellings_that_are_the_same() -> None:
    at = scores.keywords_at(3, ["p30 pro", "Ｐ３０Ｐｒｏ", "灯会"], ["P30Pro", "P30　pro", "灯会", "夜市"])
    assert (at.precision, at.recall) == pytest.approx((2 / 3, 2 / 3))


def test_keywords_are_a_mean_over_the_articles_that_have_labels() -> None:
    one, two, none = article(keywords=["灯会"]), article(keywords=["夜市"]), article()
    mean = scores.keyword_scores(1, [(one, ["灯会"]), (two, ["灯会"]), (none, ["灯会"])])
    assert (mean.precision, mean.recall, mean.f) == (0.5, 0.5, 0.5)
    assert scores.keyword_scores(1, []).f == 0


def test_sections() -> None:
    found = scores.section_scores(
        [
            (article(category="体育"), "sport"),
            (article(category="社会"), "law"),
            (article(category="社会"), "sport"),
            (article(category="社会"), None),
            (article(category=None), "sport"),
            (article(category=None), None),
            (article(), "sport"),
        ]
    )
    assert (found.rows, found.right, found.wrong, found.none, found.uncalled) == (4, 2, 1, 1, 1)
    assert found.accuracy == 0.5
    assert found.confused == Counter({("社会", "sport"): 1, ("社会", None): 1})
    assert scores.section_scores([]).accuracy == 0


def test_regions() -> None:
    found = scores.region_scores(
        [
            (article(regions=["330400", "330100"]), ("330400", "310000")),
            (article(regions=[]), ("110000",)),
            (article(regions=["330424"]), ()),
            (article(), ("110000",)),
        ]
    )
    assert (found.right, found.said, found.wanted) == (1, 3, 3)
    assert (found.precision, found.recall) == pytest.approx((1 / 3, 1 / 3))
    assert (scores.region_scores([]).precision, scores.region_scores([]).recall) == (0, 0)


def test_the_worst() -> None:
    good = article("a", keywords=["灯会"], category="体育", regions=["330400"])
    bad = article("b", keywords=["夜市"], category="体育", regions=["330400"])
    none = article("c", category=None, regions=[])
    tagged = [
        (good, said("灯会", category="sport", regions=("330400",))),
        (bad, said("灯会", category="law", regions=("330100",))),
        (none, said(category="law", regions=("110000",))),
    ]
    assert [(f, row.id) for f, row, _ in scores.worst_keywords(tagged, 1)] == [(0, "b")]
    assert [row.id for row, _ in scores.worst_sections(tagged, 9)] == ["b", "c"]
    assert [row.id for row, _ in scores.worst_regions(tagged, 9)] == ["b", "c"]


def test_reading(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    write(
        tmp_path / "b" / "late.jsonl",
        {"id": "3", "category": "星座"},
        {"id": 4, "title": "灯会", "category": None, "regions": []},
    )
    write(tmp_path / "a.jsonl", {"id": "1", "title": "灯会", "keywords": ["灯会"], "home": "330400"})
    write(tmp_path / "notes.txt", "this is no row")
    alone = write(tmp_path / "b" / "alone.txt", {"id": "2", "text": "灯会", "category": "体育"})
    strange: list[str] = []
    rows = scores.read([tmp_path, alone], NAMES, unknown=strange.append)
    assert [row.id for row in rows] == ["1", "3", "4", "2"]
    assert strange == ["星座"]
    assert rows[0] == Labelled(id="1", title="灯会", home="330400", keywords=("灯会",))
    assert rows[1].sections is None
    assert (rows[2].sections, rows[2].regions) == (frozenset(), ())
    assert rows[3] == Labelled(id="2", title="", text="灯会", label="体育", sections=frozenset({"sport"}))


@pytest.mark.parametrize("row", [[], "灯会", {"title": "灯会"}, {"id": "1", "keywords": "灯会"}])
def test_a_row_that_is_no_article_is_named(tmp_path: Path, row: object) -> None:
    file = write(tmp_path / "rows.jsonl", {"id": "1"}, row)
    with pytest.raises(ValueError, match=r"rows\.jsonl, line 2: no labelled article"):
        scores.read([file], NAMES, unknown=refuse)


def test_every_benchmark_and_file_of_articles_is_described() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    programs = [p for p in (ROOT / "benchmarks").glob("*.py") if "__main__" in p.read_text("utf-8")]
    assert all(f"| `benchmarks/{program.name}` |" in page for program in programs)
    files = list((ROOT / "tests" / "data" / "labelled").iterdir())
    assert all(f"| `{file.name}` |" in page for file in files)
    assert len(programs) >= 4
    assert len(files) >= 5


WORDS = st.lists(st.text(max_size=3), max_size=6)


@given(words=WORDS, labels=WORDS.filter(len), k=st.integers(1, 6))
def test_scores_lie_between_nothing_and_all(words: list[str], labels: list[str], k: int) -> None:
    at = scores.keywords_at(k, words, labels)
    low, high = sorted((at.precision, at.recall))
    assert low - 1e-9 <= at.f <= high + 1e-9
    assert high <= 1
    assert at.f <= scores.keywords_at(k, labels, labels).f


@pytest.mark.slow
def test_the_benchmark_prints_a_table_of_any_folder(tmp_path: Path) -> None:
    row = {
        "id": "1",
        "title": "海盐县办灯会",
        "keywords": ["灯会"],
        "category": "文艺",
        "regions": ["330424"],
    }
    write(tmp_path / "rows.jsonl", row, {"id": "2", "title": "上周的事", "category": "星座"})
    names = tmp_path / "names.json"
    names.write_text(json.dumps({"文艺": ["culture", "entertainment"]}), "utf-8")
    command = [sys.executable, "benchmarks/tagging.py", "--rounds", "1", "--show", "2"]
    done = subprocess.run(
        [*command, "--map", str(names), str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    first = {line.split("  ")[0] for line in done.stdout.splitlines()}
    assert {"jieba extract_tags", "jieba textrank", "keywords, 1 articles"} <= first
    assert "星座: no section of ours, 1 articles left out" in done.stdout
    assert "regions: precision 1.000, recall 1.000 (1 right of 1 said, 1 wanted)" in done.stdout
    wrong = subprocess.run([*command, "nowhere"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "nowhere" in wrong.stderr
