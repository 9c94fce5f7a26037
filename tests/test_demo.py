"""The demo site as files: every kind, encoding and awkward thing is there, and nothing is broken."""

import email.utils
import json
import re
import struct
import tomllib
import unicodedata
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from functools import cache
from importlib import resources
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import lxml.html
import pytest
import yaml

PACKAGE = Path(str(resources.files("feedsvc")))
DEMO = PACKAGE / "demo"
ARTICLES = DEMO / "articles"
IMAGES = PACKAGE / "web" / "static" / "demo"

SHANGHAI = timezone(timedelta(hours=8))
FIRST = datetime(2026, 11, 1, tzinfo=SHANGHAI)
END = datetime(2026, 11, 22, tzinfo=SHANGHAI)

# All other files are UTF-8 without a byte-order mark.
ODD_ENCODINGS = {
    "cidu/乐平古戏台.txt": "gb18030",
    "xianglu/aomen-yicheng.txt": "big5",
    "tingjiang/长者食堂.txt": "utf-16",
    "huanghewan/yunjisuan.html": "gbk",
}
SAVED_PAGE = "jiahe/page-20261119.txt"
SAVED_PAGE_TITLE = "农村公路串起“共富路” 全市今年新改建里程突破260公里"
PICTURE_ONLY = "cidu/chenwu-tupian.md"
DATE_LINE = re.compile(r"2026(-|年)11(-|月)\d\d(日)? \d\d:\d\d\s*来源：")


class Sample(NamedTuple):
    """One article as its file tells it; `body` is still Markdown, HTML or text."""

    file: str
    title: str
    body: str
    front: dict[str, Any]


def text_of(file: str) -> str:
    return (ARTICLES / file).read_bytes().decode(ODD_ENCODINGS.get(file, "utf-8"))


def samples_in(file: str) -> list[Sample]:
    match Path(file).suffix:
        case ".md":
            _, front, body = text_of(file).split("---\n", 2)
            fields = yaml.safe_load(front)
            return [Sample(file, fields["title"], body, fields)]
        case ".json":
            tree = json.loads(text_of(file))
            items = tree.get("items", [tree])
            return [Sample(file, i["title"], i.get("content_html") or i["content_text"], i) for i in items]
        case ".html":
            title = str(lxml.html.fromstring(text_of(file)).xpath("string(//h1)"))
            return [Sample(file, title, text_of(file), {})]
        case _:
            title, _, body = text_of(file).partition("\n")
            return [Sample(file, SAVED_PAGE_TITLE if file == SAVED_PAGE else title, body, {})]


@cache
def files() -> tuple[str, ...]:
    return tuple(sorted(p.relative_to(ARTICLES).as_posix() for p in ARTICLES.rglob("*") if p.is_file()))


@cache
def samples() -> tuple[Sample, ...]:
    return tuple(sample for file in files() for sample in samples_in(file))


@cache
def settings() -> dict[str, Any]:
    return tomllib.loads((DEMO / "feedsvc.toml").read_text("utf-8"))


@cache
def gazetteer() -> dict[str, dict[str, Any]]:
    lines = (PACKAGE / "tagging" / "data" / "gazetteer.jsonl").read_text("utf-8").splitlines()
    return {region["code"]: region for region in map(json.loads, lines)}


def moment(written: object) -> datetime:
    """The time of a date in any form the samples use; zone-less ones are Beijing time."""
    match written:
        case datetime():
            found = written
        case date():
            found = datetime(written.year, written.month, written.day, tzinfo=SHANGHAI)
        case str() if written[0].isalpha():
            found = email.utils.parsedate_to_datetime(written)
        case _:
            year, month, day, hour, minute, *_ = map(int, re.findall(r"\d+", str(written)))
            found = datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def paragraphs(sample: Sample) -> list[str]:
    """Plain paragraphs: of HTML the <p>, of everything else what blank lines part."""
    if sample.body.startswith("<"):
        return [str(p.xpath("string()")) for p in lxml.html.fromstring(sample.body).iter("p")]
    return [p for p in sample.body.split("\n\n") if p.strip()]


def test_every_source_of_the_settings_is_a_folder_with_articles_and_no_folder_is_left_out() -> None:
    sources = settings()["sources"]
    assert [s["kind"] for s in sources] == ["folder"] * 8
    assert {DEMO / s["path"] for s in sources} == set(ARTICLES.iterdir())
    assert {(s["path"], s["url"]) for s in sources} == {
        (f"articles/{s['id']}", "/static/demo/") for s in sources
    }
    counts = Counter(file.split("/")[0] for file in files())
    assert {s["id"] for s in sources} == set(counts)
    assert min(counts.values()) >= 8


def test_every_paper_is_plainly_a_sample_and_at_home_in_a_province_of_its_own() -> None:
    sources = settings()["sources"]
    assert settings()["site"]["language"] == "zh-CN"
    assert all(s["title"].endswith("（示例）") for s in sources)
    assert len({s["title"] for s in sources}) == len(sources)
    assert [s["region"] for s in sources if s["region"] not in gazetteer()] == []
    assert len({s["region"][:2] for s in sources}) == len(sources)


def test_there_are_enough_files_of_every_kind_with_nested_folders_and_chinese_names() -> None:
    kinds = Counter(Path(file).suffix for file in files())
    assert set(kinds) == {".md", ".html", ".json", ".txt"}
    assert kinds[".md"] > len(files()) / 2
    assert min(kinds[".html"] - 8, kinds[".json"] - 6, kinds[".txt"] - 9) >= 0
    assert len(samples()) >= 72
    assert max(file.count("/") for file in files()) >= 3
    assert sum(not file.isascii() for file in files()) >= 3


def test_no_two_articles_are_alike() -> None:
    assert [t for t, n in Counter(s.title for s in samples()).items() if n > 1] == []
    grams = [({s.body[i : i + 5] for i in range(len(s.body) - 4)}, s.title) for s in samples()]
    for (mine, one), (theirs, other) in combinations(grams, 2):
        assert len(mine & theirs) < 0.2 * len(mine | theirs), (one, other)


def test_bodies_have_the_length_of_short_news_but_for_one_picture() -> None:
    for sample in samples():
        found = paragraphs(sample)
        length = sum(len(re.sub(r"\s|<[^>]+>", "", p)) for p in found)
        if sample.file == PICTURE_ONLY:
            assert re.fullmatch(r"\s*!\[[^]]+\]\([a-z]+\.png\)\s*", sample.body)
        elif sample.file != SAVED_PAGE:
            assert len(found) >= 3, sample.file
            assert 250 <= length <= 900, (sample.file, length)


@pytest.mark.parametrize("file", files())
def test_a_file_is_legal_text_in_its_encoding(file: str) -> None:
    text = text_of(file)
    assert len(text) > 80
    assert "\ufffd" not in text
    controls = [c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") and c not in "\t\r\n"]
    assert controls == []
    assert not text.startswith("\ufeff")


@pytest.mark.parametrize(
    ("file", "strict", "holds"),
    [
        ("cidu/乐平古戏台.txt", "gbk", "老𬱖"),  # 𬱖 takes four bytes, which GBK has not
        ("xianglu/aomen-yicheng.txt", "utf-8", "澳門百年老街與珠海聯手推出「一程多站」"),
        ("tingjiang/长者食堂.txt", "utf-8", "\ufeff长者食堂开到祠堂边"),
        ("huanghewan/yunjisuan.html", "gb2312", "charset=gb2312"),  # it says so, and is more
    ],
)
def test_an_odd_encoding_is_what_it_should_be(file: str, strict: str, holds: str) -> None:
    body = (ARTICLES / file).read_bytes()
    assert holds.removeprefix("\ufeff") in text_of(file)
    assert body.startswith(b"\xff\xfe") == holds.startswith("\ufeff")
    for encoding in ("utf-8", strict):
        with pytest.raises(UnicodeDecodeError):
            body.decode(encoding)


def test_front_matter_is_complete_and_varied() -> None:
    fronts = [s.front for s in samples() if s.file.endswith(".md")]
    known = {"title", "date", "author", "category", "tags", "link", "guid"}
    assert {key for front in fronts for key in front} == known
    assert all(isinstance(f["title"], str) and f["title"].strip() for f in fronts)
    assert {type(f["tags"]) for f in fronts if "tags" in f} == {list, str}
    for key in known - {"title", "date"}:
        assert 0 < sum(key in f for f in fronts) < len(fronts), key
    guids = [f["guid"] for f in fronts if "guid" in f]
    links = [f["link"] for f in fronts if "link" in f]
    assert len(set(guids)) == len(guids) >= 5
    assert len(set(links)) == len(links) >= 5
    assert all(re.match(r"https://news\.example\.(com|org|net)/", link) for link in links)


def test_dates_come_in_many_forms_and_lie_in_the_three_weeks() -> None:
    written = [s.front.get("date", s.front.get("date_published")) for s in samples() if s.front]
    for one in written:
        assert FIRST <= moment(one) < END, one
    assert {type(one) for one in written} == {datetime, date, str}
    stamps = [one for one in written if isinstance(one, datetime)]
    assert {bool(stamp.tzinfo) for stamp in stamps} == {True, False}
    assert {stamp.utcoffset() for stamp in stamps if stamp.tzinfo} == {timedelta(0), timedelta(hours=8)}
    for form in ("年", "Thu, ", "+08:00"):
        assert any(form in one for one in written if isinstance(one, str)), form
    assert len({moment(one).date() for one in written}) >= 15


@pytest.mark.parametrize("file", [f for f in files() if f.endswith(".html")])
def test_a_page_has_title_headline_date_line_and_boilerplate(file: str) -> None:
    tree = lxml.html.fromstring(text_of(file))
    headline = str(tree.xpath("string(//h1)"))
    assert headline
    assert headline in str(tree.xpath("string(//title)"))
    assert tree.xpath("//meta[@name or @property or @http-equiv or @charset]")
    text = str(tree.xpath("string()"))
    assert DATE_LINE.search(text)
    assert "责任编辑" in text


def test_json_is_one_feed_and_single_articles() -> None:
    trees = [json.loads(text_of(file)) for file in files() if file.endswith(".json")]
    assert [len(t["items"]) >= 4 for t in trees if t.get("version", "").endswith("/version/1.1")] == [True]
    assert sum("items" not in tree for tree in trees) >= 5
    entries = [s.front for s in samples() if s.file.endswith(".json")]
    assert all(item["id"] and item["title"] and item["date_published"] for item in entries)
    for key in ("content_html", "url"):
        assert {key in item for item in entries} == {True, False}


def test_a_text_is_a_short_title_then_a_body() -> None:
    for sample in samples():
        if sample.file.endswith(".txt") and sample.file != SAVED_PAGE:
            assert 10 <= len(sample.title) <= 60, sample.file
            assert sample.body.startswith("\n"), sample.file


def test_the_saved_page_is_long_paragraphs_then_headlines_of_which_one_is_its_own() -> None:
    lines = text_of(SAVED_PAGE).splitlines()
    long = [line for line in lines if len(line) >= 100]
    short = [line for line in lines if len(line) < 50]
    assert lines == long + short
    assert (len(long) >= 5, len(short)) == (True, 13)
    body = "".join(long)
    shares = {line: sum(line[i : i + 2] in body for i in range(len(line))) / len(line) for line in short}
    own, runner_up = sorted(shares, key=lambda line: shares[line])[:-3:-1]
    assert own == SAVED_PAGE_TITLE
    assert shares[own] > 2 * shares[runner_up]


def test_every_relative_image_is_there_and_every_image_is_used() -> None:
    found: set[str] = set()
    for sample in samples():
        refs = re.findall(r"!\[[^]]*\]\((\S+?)(?:\s+\"[^\"]*\")?\)", sample.body)
        refs += re.findall(r"<img [^>]*src=\\?\"([^\"\\]+)", sample.body)
        found |= {ref for ref in refs if not ref.startswith(("http", "/"))}
    assert found == {image.name for image in IMAGES.iterdir()}


@pytest.mark.parametrize("image", sorted(IMAGES.iterdir()), ids=lambda image: image.name)
def test_an_image_is_a_small_png(image: Path) -> None:
    body = image.read_bytes()
    assert body.startswith(b"\x89PNG\r\n\x1a\n")
    assert body.endswith(b"IEND\xaeB`\x82")
    assert struct.unpack(">II", body[16:24]) == (640, 360)
    assert len(body) < 15_000


def test_awkward_things_are_in_titles() -> None:
    titles = "\n".join(sample.title for sample in samples())
    awkward = ["&", "<", "]]>", "🍎", "🐶", "𰻝", "Ｇ１５２３", "ＡＩ", "｜", "《", "“"]
    assert [text for text in awkward if text not in titles] == []
    assert max(len(line) for line in titles.splitlines()) > 110


def test_awkward_things_are_in_bodies() -> None:
    bodies = "\n".join(sample.body for sample in samples())
    marks = ["『", "「", "‘", "𠮷", "N-760", "```", "]]>"]
    structure = ["|---|", "<table", "<figcaption>", "<ul>", "\n1. ", "\n- ", "\n> ", "<blockquote>"]
    assert [text for text in marks + structure if text not in bodies] == []


def test_regions_are_many_and_go_by_old_names_too() -> None:
    titles = "\n".join(s.title for s in samples())
    shorts = {r["short"] for r in gazetteer().values() if len(r["short"]) > 1}
    assert len({short for short in shorts if short in titles}) >= 24
    assert [n for n in ("彬县", "长岛", "汀州", "哈市", "我市", "全市", "我县") if n not in titles] == []
