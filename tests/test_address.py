"""Addresses: what every path means, its one canonical spelling, and what is refused."""

import pytest

from feedsvc.errors import AddressError, UnknownError
from feedsvc.feeds.address import (
    MAX_PAIRS,
    MAX_PATH,
    MAX_VALUES,
    arranged,
    canonical,
    parse,
    path,
    shortcut,
    split_suffix,
)
from feedsvc.model import Address, Clause, Facet, Format, Selection
from feedsvc.queries import MAX_QUERY
from tests.feed_samples import NAMES


def address(
    *clauses: Clause, limit: int | None = None, content: str | None = None, script: str | None = None
) -> Address:
    return Address(selection=Selection(clauses=clauses), limit=limit, content=content, script=script)


def having(facet: Facet, *values: str) -> Clause:
    return Clause(facet=facet, values=values)


def lacking(facet: Facet, *values: str) -> Clause:
    return Clause(facet=facet, values=values, excluded=True)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("all", address()),
        ("category/agriculture", address(having(Facet.CATEGORY, "agriculture"))),
        ("tag/%E6%9E%AB%E6%A1%A5%E7%BB%8F%E9%AA%8C", address(having(Facet.TAG, "枫桥经验"))),
        ("region/330400", address(having(Facet.REGION, "330400"))),
        ("source/jiaxing", address(having(Facet.SOURCE, "jiaxing"))),
        ("author/%E6%9C%AC%E6%8A%A5%E8%AE%B0%E8%80%85", address(having(Facet.AUTHOR, "本报记者"))),
        (
            "category/tourism/region/640000",
            address(having(Facet.CATEGORY, "tourism"), having(Facet.REGION, "640000")),
        ),
        ("category/agriculture,energy", address(having(Facet.CATEGORY, "agriculture", "energy"))),
        ("tag/a/tag/b", address(having(Facet.TAG, "a"), having(Facet.TAG, "b"))),
        (
            "region/330000/-tag/%E6%B2%B9%E4%BB%B7",
            address(having(Facet.REGION, "330000"), lacking(Facet.TAG, "油价")),
        ),
        ("all/-tag/%E6%B2%B9%E4%BB%B7", address(lacking(Facet.TAG, "油价"))),
        ("all/limit/20/content/summary", address(limit=20, content="summary")),
        ("all/limit/20/content/summary/script/hant", address(limit=20, content="summary", script="hant")),
        ("tag/script/script/hans", address(having(Facet.TAG, "script"), script="hans")),
        (
            "search/%E4%B8%89%E6%96%87%E9%B1%BC%20%E7%83%9F%E5%8F%B0",
            address(having(Facet.SEARCH, "三文鱼 烟台")),
        ),
        ("search/a,b%20c/limit/5", address(having(Facet.SEARCH, "a", "b c"), limit=5)),
        ("all/-search/open", address(lacking(Facet.SEARCH, "open"))),
        (
            "category/energy/tag/x/author/y/search/open/-search/house",
            address(
                having(Facet.CATEGORY, "energy"),
                having(Facet.TAG, "x"),
                having(Facet.AUTHOR, "y"),
                having(Facet.SEARCH, "open"),
                lacking(Facet.SEARCH, "house"),
            ),
        ),
        ("source/wire.1/content/title", address(having(Facet.SOURCE, "wire.1"), content="title")),
    ],
)
def test_a_canonical_path_is_read_and_written_back(raw: str, expected: Address) -> None:
    assert parse(raw, NAMES) == expected
    assert path(expected) == raw
    assert canonical(raw, NAMES) == raw


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("category/%E4%B8%89%E5%86%9C", "category/agriculture"),
        ("category/三农", "category/agriculture"),
        ("category/AGRICULTURE", "category/agriculture"),
        ("region/%E5%98%89%E5%85%B4", "region/330400"),
        ("region/嘉兴市,浙江", "region/330000,330400"),
        ("category/energy,agriculture,energy", "category/agriculture,energy"),
        ("category/energy,,agriculture,", "category/agriculture,energy"),
        ("region/640000/category/tourism", "category/tourism/region/640000"),
        ("tag/b/tag/a/tag/b", "tag/a/tag/b"),
        ("-tag/x/category/energy", "category/energy/-tag/x"),
        ("-tag/x", "all/-tag/x"),
        ("-region/330000/-category/energy", "all/-category/energy/-region/330000"),
        ("all/tag/x", "tag/x"),
        ("limit/20", "all/limit/20"),
        ("content/title/limit/5/tag/x", "tag/x/limit/5/content/title"),
        ("script/hant/content/title/limit/5", "all/limit/5/content/title/script/hant"),
        ("script/hans/-tag/x", "all/-tag/x/script/hans"),
        ("all/limit/020", "all/limit/20"),
        ("all/", "all"),
        ("/all", "all"),
        ("%61ll", "all"),
        ("tag/x//", "tag/x"),
        ("t%61g/x", "tag/x"),
        ("tag/%20x%20%20y%20", "tag/x%20y"),
        ("tag/x y", "tag/x%20y"),
        ("tag/e%cc%81", "tag/%C3%A9"),
        ("search/烟台 三文鱼", "search/%E4%B8%89%E6%96%87%E9%B1%BC%20%E7%83%9F%E5%8F%B0"),
        ("search/三文鱼%2C烟台", "search/%E4%B8%89%E6%96%87%E9%B1%BC%20%E7%83%9F%E5%8F%B0"),
        ("search/b a,ＯＰＥＮ  House!,a%2Fb", "search/a%20b,house%20open"),
        ("search/open/author/y", "author/y/search/open"),
        ("search/3.5%25", "search/3.5"),
        ("search/x/search/y", "search/x/search/y"),
    ],
)
def test_any_other_spelling_leads_to_the_canonical_one(raw: str, expected: str) -> None:
    assert canonical(raw, NAMES) == expected
    assert canonical(expected, NAMES) == expected


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("tag/C++", "C++"),
        ("tag/C%2B%2B", "C++"),
        ("tag/a%2Fb", "a／b"),
        ("tag/a%2Cb", "a，b"),
        ("tag/a，b", "a，b"),
        ("tag/2.0", "2.0"),
        ("tag/report.xml", "report.xml"),
        ("tag/%25E6", "%E6"),
        ("tag/100%", "100%"),
        ("tag/..", "．．"),
        ("tag/%2e", "．"),
        ("tag/all", "all"),
        ("tag/-tag", "-tag"),
        ("tag/ＡＢ", "ＡＢ"),
        ("tag/a%E2%80%8Bb", "ab"),
        ("tag/👩‍🌾", "👩‍🌾"),
    ],
)
def test_what_a_tag_keeps(raw: str, value: str) -> None:
    found = parse(raw, NAMES)
    assert found == address(having(Facet.TAG, value))
    assert parse(path(found), NAMES) == found


@pytest.mark.parametrize(
    "raw",
    [
        "category/nonsense",
        "category/agriculture.xml",
        "category/agriculture,nonsense",
        "category/agriculture%2Cenergy",
        "region/999999",
        "region/330400.html",
        "source/nobody",
        "all.xml",
        "alle",
        "month/2026",
        "all/archive/0",
        "all/archive/first",
        "all/archive/12345678",
        "all/script/latin",
        "all/script/Hant",
        "all/script/繁体",
        "all/script/hant,hans",
        "all/script/hant.xml",
        "all/script/zh-Hant",
        "all/limit/many",
        "all/limit/20.xml",
        "all/limit/-1",
        "all/limit/２０",
        "all/content/everything",
        "Category/agriculture",
        "--tag/x",
        "tag/x//tag/y",
    ],
)
def test_what_does_not_exist_is_unknown(raw: str) -> None:
    with pytest.raises(UnknownError):
        parse(raw, NAMES)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "/",
        "tag",
        "tag/",
        "tag//x",
        "tag/,",
        "tag/%20",
        "search/%20",
        "search/%00",
        "search/，。！",
        "search/x,！",
        "search/" + "x" * (MAX_QUERY + 1),
        "all/limit",
        "all/limit/0",
        "all/limit/201",
        "all/limit/99999999999999999999",
        "all/limit/5/limit/5",
        "all/script",
        "all/script/hans/script/hant",
        "tag/%00",
        "tag/a%0Ab",
        "tag/a%09b",
        "tag/a%C2%85b",
        "tag/%EF%BF%BE",
        "tag/%ff",
        "tag/%ED%A0%80",
        "tag/\ud800",
        "t\x00g/x",
        "tag/" + ",".join(f"v{n}" for n in range(MAX_VALUES + 1)),
        "/".join(f"tag/t{n}" for n in range(MAX_PAIRS + 1)),
        "tag/" + "x" * MAX_PATH,
        "tag/" + "枫" * 300,
    ],
)
def test_what_cannot_be_read(raw: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse(raw, NAMES)
    assert not isinstance(caught.value, UnknownError)
    assert str(caught.value).isprintable()


def test_the_limits_themselves_are_allowed() -> None:
    assert parse("all/limit/1", NAMES).limit == 1
    assert parse("all/limit/200", NAMES).limit == 200
    assert len(parse("/".join(f"tag/t{n}" for n in range(MAX_PAIRS)), NAMES).selection.clauses) == MAX_PAIRS
    values = parse("tag/" + ",".join(f"v{n}" for n in range(MAX_VALUES)), NAMES).selection.clauses[0].values
    assert len(values) == MAX_VALUES
    assert parse("tag/" + "x" * (MAX_PATH - 4), NAMES)
    assert parse("search/" + "鱼" * MAX_QUERY, NAMES)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("all.rss", ("all", Format.RSS)),
        ("all/script/hant.rss", ("all/script/hant", Format.RSS)),
        ("all.atom", ("all", Format.ATOM)),
        ("tag/2.0.json", ("tag/2.0", Format.JSON)),
        ("all.atom/", ("all", Format.ATOM)),
        ("all%2Eatom", ("all", Format.ATOM)),
        ("all%2eatom", ("all", Format.ATOM)),
        ("tag/x.json.rss", ("tag/x.json", Format.RSS)),
        ("all", ("all", None)),
        ("all.xml", ("all.xml", None)),
        ("all.RSS", ("all.RSS", None)),
        ("tag/report.html", ("tag/report.html", None)),
        (".rss", (".rss", None)),
        ("tag/.rss", ("tag/.rss", None)),
        ("rss", ("rss", None)),
        ("", ("", None)),
    ],
)
def test_only_the_last_known_suffix_is_one(raw: str, expected: tuple[str, Format | None]) -> None:
    assert split_suffix(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("category/三农.atom", "category/agriculture.atom"),
        ("all.rss/", "all.rss"),
        ("tag/C++.json", "tag/C%2B%2B.json"),
        ("tag/2.0.rss", "tag/2.0.rss"),
        ("script/hant.atom", "all/script/hant.atom"),
        ("all%2Ejson", "all.json"),
    ],
)
def test_canonical_keeps_the_suffix(raw: str, expected: str) -> None:
    assert canonical(raw, NAMES) == expected
    assert canonical(expected, NAMES) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("三农", "category/agriculture"),
        ("%E4%B8%89%E5%86%9C", "category/agriculture"),
        ("tourism", "category/tourism"),
        ("嘉兴", "region/330400"),
        ("浙江/嘉兴", "region/330400"),
        ("浙江/嘉兴/", "region/330400"),
        ("330400", "region/330400"),
    ],
)
def test_short_paths_of_the_root(raw: str, expected: str) -> None:
    found = shortcut(raw, NAMES)
    assert found is not None
    assert path(found) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "/",
        "script",
        "hant",
        "favicon.ico",
        "宁夏/嘉兴",
        "三农/嘉兴",
        "%ff",
        "浙江//嘉兴",
        "嘉兴%00",
        "healthz",
    ],
)
def test_other_paths_of_the_root_mean_nothing(raw: str) -> None:
    assert shortcut(raw, NAMES) is None


def test_an_address_made_by_hand_is_put_in_order() -> None:
    made = address(
        lacking(Facet.SOURCE, "jiaxing"),
        having(Facet.TAG, "b", "a", "b", " "),
        having(Facet.TAG, "a", "b"),
        having(Facet.AUTHOR, " 本报 / 记者,通讯员 "),
        having(Facet.TAG),
        having(Facet.CATEGORY, "energy", "agriculture"),
        limit=9,
        script="hans",
    )
    assert arranged(made) == address(
        having(Facet.CATEGORY, "agriculture", "energy"),
        having(Facet.TAG, "a", "b"),
        having(Facet.AUTHOR, "本报 ／ 记者，通讯员"),
        lacking(Facet.SOURCE, "jiaxing"),
        limit=9,
        script="hans",
    )
    assert parse(path(made), NAMES) == arranged(made)


def test_paths_need_no_escaping_anywhere() -> None:
    found = path(address(having(Facet.TAG, "a&b", "'<\">", "50%", "#1?")))
    assert found == "tag/%231%3F,%27%3C%22%3E,50%25,a%26b"
