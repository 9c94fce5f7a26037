"""Codes, names and the tree of China's administrative divisions."""

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import UnknownError
from feedsvc.tagging import gazetteer
from feedsvc.tagging.gazetteer import Gazetteer


@pytest.fixture(scope="module")
def regions() -> Gazetteer:
    return gazetteer.load()


def test_a_region_knows_its_names(regions: Gazetteer) -> None:
    region = regions.get("610482")
    assert region is not None
    assert (region.name, region.short, region.level, region.parent) == ("彬州市", "彬州", 3, "610400")
    assert region.former == ("彬县",)
    assert regions.get("999999") is None


def test_the_tree(regions: Gazetteer) -> None:
    provinces = regions.children(None)
    assert len(provinces) == 34
    assert [province.level for province in provinces] == [1] * 34
    assert "330400" in [region.code for region in regions.children("330000")]
    assert regions.ancestors("330481") == ("330000", "330400")
    assert regions.ancestors("330000") == ()
    assert regions.ancestors("999999") == ()
    assert "330481" in regions.below("330000")
    assert "330000" not in regions.below("330000")
    assert regions.below("330481") == ()
    assert regions.children("330481") == ()
    assert regions.path("330481") == "浙江省/嘉兴市/海宁市"


def test_everything_hangs_together(regions: Gazetteer) -> None:
    for region in regions:
        assert region.code in regions
        assert region.level >= len(regions.ancestors(region.code)) + 1
        for upper in regions.ancestors(region.code):
            assert region.code in regions.below(upper)
        assert regions.resolve(region.code) == region.code
        assert regions.resolve(regions.path(region.code)) == region.code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("嘉兴", "330400"),
        ("嘉兴市", "330400"),
        ("浙江/嘉兴", "330400"),
        ("浙江省/嘉兴市", "330400"),
        ("浙江省嘉兴市", "330400"),
        ("浙江/海宁", "330481"),
        (" ／嘉兴／ ", "330400"),
        ("３３０４００", "330400"),
        ("吉林", "220000"),
        ("吉林市", "220200"),
        ("朝阳", "211300"),
        ("北京/朝阳", "110105"),
        ("南京/鼓楼区", "320106"),
        ("青海/海南", "632500"),
        ("彬县", "610482"),
        ("宁夏", "640000"),
    ],
)
def test_a_name_means_a_region(regions: Gazetteer, said: str, code: str) -> None:
    assert regions.resolve(said) == code


def test_a_shared_name_lists_its_paths(regions: Gazetteer) -> None:
    with pytest.raises(UnknownError) as caught:
        regions.resolve("鼓楼区")
    for path in (
        "江苏省/南京市/鼓楼区",
        "江苏省/徐州市/鼓楼区",
        "福建省/福州市/鼓楼区",
        "河南省/开封市/鼓楼区",
    ):
        assert path in str(caught.value)


@pytest.mark.parametrize("said", ["", "/", "浙江/成都", "//", "不存在的县", "浙江/嘉兴/海宁/硖石"])
def test_an_unknown_name_is_said_to_be_one(regions: Gazetteer, said: str) -> None:
    with pytest.raises(UnknownError):
        regions.resolve(said)


@given(st.text(max_size=40))
def test_any_name_is_a_code_or_unknown(said: str) -> None:
    regions = gazetteer.load()
    try:
        found = regions.resolve(said)
    except UnknownError as exc:
        sentence = str(exc)
    else:
        assert found in regions
        return
    assert len(sentence) < 500


def test_it_loads_quickly() -> None:
    best = 1.0
    for _ in range(5):
        gazetteer.load.cache_clear()
        start = time.process_time()
        gazetteer.load()
        best = min(best, time.process_time() - start)
    assert best < 0.05


@pytest.mark.parametrize(
    "module", ["gazetteer", "categories", "places", "choice", "mentions", "regions", "keywords", "names"]
)
def test_a_web_worker_gets_no_dictionary_with_it(module: str) -> None:
    code = f"import sys, feedsvc.tagging.{module}; sys.exit('rjieba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
