"""Words of Chinese text and what is known of them: nothing of a library's global state."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedsvc.errors import ConfigError
from feedsvc.tagging import lexicon
from feedsvc.tagging.segment import Segmenter
from feedsvc.tagging.wordlists import USER_POS


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(words={"海潮灯会": "n", "彬县": "ns"})


def test_words_with_parts_of_speech_and_places(segmenter: Segmenter) -> None:
    words = segmenter.cut("海潮灯会在彬县开幕，12日P30pro免费。")
    assert words.words[:4] == ["海潮灯会", "在", "彬县", "开幕"]
    assert words.starts[:4] == [0, 4, 5, 7]
    assert [segmenter.lexicon.pos(word) for word in ("彬县", "12", "P30pro")] == ["ns", "m", "eng"]
    assert [words.at(place) for place in (0, 3, 4, 5, 6, 7)] == [0, 0, 1, 2, 2, 3]
    assert words.counts["海潮灯会"] == 1
    assert "在" not in words.counts


@pytest.mark.parametrize(
    ("word", "pos"),
    [
        ("P30pro", "eng"),
        ("3.5%", "m"),
        ("，", "x"),
        ("苗圩瓴", "nr"),
        ("欧阳瓴瓴", "nr"),
        ("瓴瓴公司", "nt"),
        ("瓴瓴村", "ns"),
        ("瓴瓴", "un"),
    ],
)
def test_unknown_words_are_guessed(segmenter: Segmenter, word: str, pos: str) -> None:
    assert lexicon.guess(word) == pos
    assert segmenter.lexicon.pos(word) == pos


def test_words_for_a_search_index(segmenter: Segmenter) -> None:
    words = segmenter.search_words("三文鱼，ＯＰＥＮ　House！")
    assert {"三文鱼", "三文", "open", "house"} <= set(words)
    assert not {"，", "！", " "} & set(words)


def test_rare_words_are_rarer(segmenter: Segmenter) -> None:
    assert (
        segmenter.lexicon.rarity("我们")
        < segmenter.lexicon.rarity("电网")
        < segmenter.lexicon.rarity("从没见过的词")
    )
    assert segmenter.lexicon.known("电网")
    assert not segmenter.lexicon.known("从没见过的词")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(max_size=200))
def test_nothing_is_lost(segmenter: Segmenter, value: str) -> None:
    words = segmenter.cut(value)
    assert "".join(words.words) == words.value == value
    assert all(value.startswith(word, start) for word, start in zip(words.words, words.starts, strict=False))


@pytest.mark.slow
def test_a_user_dictionary(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("\ufeff潮汐灯塔计划 9 nz\n\n 三治融合\nＡ计划 3\n海宁 9000 nz\n", "utf-8")
    segmenter = Segmenter([file])
    words = segmenter.cut("潮汐灯塔计划与三治融合和A计划在海宁")
    tokens = {word: segmenter.lexicon.pos(word) for word in words.words}
    assert tokens["潮汐灯塔计划"] == "nz"
    assert tokens["三治融合"] == USER_POS
    assert tokens["A计划"] == USER_POS
    assert tokens["海宁"] == "nz"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("好词 3 n\n两 个 词 语\n", 2),
        ("词 0\n", 1),
        ("词  3\n", 1),
        ("词 n 3\n", 1),
        ("词" * 65, 1),
        ("词\t3", 1),
    ],
)
def test_a_bad_dictionary_line_is_named(tmp_path: Path, content: str, line: int) -> None:
    file = tmp_path / "words.txt"
    file.write_text(content, "utf-8")
    with pytest.raises(ConfigError) as caught:
        Segmenter([file])
    assert str(caught.value).startswith(f"{file}:{line}: ")
    assert "allowed is" in str(caught.value)


def test_a_dictionary_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Segmenter([tmp_path / "none.txt"])
    (tmp_path / "gbk.txt").write_bytes("词".encode("gbk"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        Segmenter([tmp_path / "gbk.txt"])


@pytest.mark.slow
def test_it_is_silent_and_leaves_the_shared_folder_alone(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    code = (
        "import sys; from feedsvc.tagging.segment import Segmenter;"
        "Segmenter().cut('嘉兴电网'); assert 'jieba' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-B", "-c", code],
        env={**os.environ, "TMPDIR": str(shared)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert list(shared.iterdir()) == []
