"""What a site calls things, with the divisions of China as they are shipped."""

import pytest

from feedsvc.errors import UnknownError
from feedsvc.feeds.address import canonical, path, shortcut
from feedsvc.feeds.directory import Directory
from feedsvc.model import Category, Kind, Source
from feedsvc.tagging import gazetteer

DIRECTORY = Directory(
    [Category(key="agriculture", label="三农"), Category(key="it", label="IT 科技")],
    gazetteer.load(),
    [Source(id="wire", kind=Kind.PUSH, title="通稿")],
)


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("agriculture", "agriculture"),
        ("Agriculture", "agriculture"),
        ("三农", "agriculture"),
        ("ｉｔ科技", "it"),
    ],
)
def test_a_category_is_known_by_key_and_label_however_written(word: str, key: str) -> None:
    assert DIRECTORY.category(word) == key


@pytest.mark.parametrize("word", ["", "三", "农业", "\x00"])
def test_other_categories_are_unknown(word: str) -> None:
    with pytest.raises(UnknownError):
        DIRECTORY.category(word)


def test_a_source_is_known_by_its_id_alone() -> None:
    assert DIRECTORY.source("wire") == "wire"
    for word in ("Wire", "通稿", ""):
        with pytest.raises(UnknownError):
            DIRECTORY.source(word)


def test_what_is_found_and_what_is_lost() -> None:
    category, region, source = (
        DIRECTORY.find_category("it"),
        DIRECTORY.find_region("330400"),
        DIRECTORY.find_source("wire"),
    )
    assert category is not None
    assert category.label == "IT 科技"
    assert region is not None
    assert region.name == "嘉兴市"
    assert source is not None
    assert source.title == "通稿"
    assert DIRECTORY.find_category("三农") is None
    assert DIRECTORY.find_region("嘉兴") is None
    assert DIRECTORY.find_source("通稿") is None


@pytest.mark.parametrize(
    ("raw", "code"),
    [("嘉兴", "330400"), ("浙江/嘉兴", "330400"), ("浙江/海宁", "330481"), ("吉林", "220000")],
)
def test_regions_by_name_and_by_path(raw: str, code: str) -> None:
    found = shortcut(raw, DIRECTORY)
    assert found is not None
    assert path(found) == f"region/{code}"
    if "/" not in raw:
        assert canonical(f"region/{raw}.rss", DIRECTORY) == f"region/{code}.rss"


def test_a_name_that_many_share_needs_its_path() -> None:
    assert shortcut("鼓楼区", DIRECTORY) is None
    with pytest.raises(UnknownError, match="江苏省/南京市/鼓楼区"):
        canonical("region/鼓楼区", DIRECTORY)
    assert shortcut("南京/鼓楼区", DIRECTORY) == shortcut("江苏/南京/鼓楼", DIRECTORY)
