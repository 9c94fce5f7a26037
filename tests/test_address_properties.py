"""Addresses, for any input: reading undoes writing, spellings settle at once, no string breaks the reader."""

from urllib.parse import quote, unquote

from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc import queries
from feedsvc.errors import AddressError
from feedsvc.feeds.address import arranged, canonical, parse, path, shortcut
from feedsvc.model import Address, Clause, Facet, Format, Selection
from feedsvc.text import spelling
from tests.feed_samples import NAMES

KEYS = ("agriculture", "energy", "tourism")
CODES = ("330000", "330400", "640000")

_FREE = st.text(max_size=12).map(spelling).filter(bool)
_VALUES = {
    Facet.CATEGORY: st.sampled_from(KEYS),
    Facet.TAG: _FREE,
    Facet.REGION: st.sampled_from(CODES),
    Facet.SOURCE: st.sampled_from(["jiaxing", "wire.1"]),
    Facet.AUTHOR: _FREE,
    Facet.SEARCH: st.text(max_size=12).filter(lambda v: 0 < len(queries.canonical(v)) <= queries.MAX_QUERY),
}


@st.composite
def _clauses(draw: st.DrawFn) -> Clause:
    facet = draw(st.sampled_from(list(Facet)))
    values = draw(st.lists(_VALUES[facet], min_size=1, max_size=3))
    return Clause(facet=facet, values=tuple(values), excluded=draw(st.booleans()))


@st.composite
def _addresses(draw: st.DrawFn) -> Address:
    return Address(
        selection=Selection(clauses=tuple(draw(st.lists(_clauses(), max_size=4)))),
        limit=draw(st.none() | st.integers(1, 200)),
        content=draw(st.none() | st.sampled_from(["full", "summary", "title"])),
        script=draw(st.none() | st.sampled_from(["hans", "hant"])),
    )


@given(_addresses())
def test_parse_undoes_path(made: Address) -> None:
    spelled = path(made)
    assert parse(spelled, NAMES) == arranged(made)
    assert spelled.isascii()
    assert path(parse(spelled, NAMES)) == spelled
    assert arranged(arranged(made)) == arranged(made)


@given(_addresses(), st.sampled_from(list(Format)))
def test_canonical_is_its_own_canonical(made: Address, suffix: Format) -> None:
    spelled = f"{path(made)}.{suffix}"
    assert canonical(spelled, NAMES) == spelled
    assert canonical(unquote(spelled).replace("%", "%25"), NAMES) == spelled


_WORDS = st.sampled_from(
    [
        "all",
        "tag",
        "-tag",
        "category",
        "region",
        "limit",
        "content",
        "script",
        "hant",
        "author",
        "search",
        "-search",
        "三文鱼 烟台",
        "agriculture",
        "330400",
        "5",
        "%",
        "",
    ]
)


@given(
    st.text(max_size=80)
    | st.lists(_WORDS | st.text(max_size=5) | st.binary(max_size=4).map(quote), max_size=8).map("/".join)
)
@example("tag/\udcff")
@example("tag/%E2%80%8B")
@example("tag/e%E2%80%8B%CC%81")
@example("tag/x.rss/limit/3.atom")
@example("search/3.5%25.atom")
@example("search/%EF%BC%8C")
def test_any_string_is_an_address_or_an_address_error(raw: str) -> None:
    shortcut(raw, NAMES)
    try:
        spelled = canonical(raw, NAMES)
    except AddressError:
        return
    assert canonical(spelled, NAMES) == spelled


@given(st.text(max_size=40))
def test_spelling_is_settled_at_once(value: str) -> None:
    spelled = spelling(value)
    assert spelling(spelled) == spelled
    assert not {"/", ","} & set(spelled)


@given(st.text(max_size=40))
@example("İ")
@example("ǰ 3.5.rss K")
@example("Ⅳ．５ ½ﬁ")
def test_a_query_is_settled_at_once(value: str) -> None:
    spelled = queries.canonical(value)
    assert queries.canonical(spelled) == spelled
    assert not {"/", ",", "%"} & set(spelled)
