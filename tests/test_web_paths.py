"""Paths as they were sent: what servers hand over, and which spelling is the right one."""

from collections.abc import Mapping
from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import UnknownError
from feedsvc.web.paths import article_id, sent, spelled

WORD = "枫桥".encode().decode("latin-1")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"PATH_INFO": "/a/b,c", "RAW_URI": "/a%2Fb,c?x=/y"}, "/a%2Fb,c"),
        ({"PATH_INFO": "/a", "RAW_URI": "/a#b"}, "/a"),
        ({"PATH_INFO": "/a", "REQUEST_URI": "/%61"}, "/%61"),
        ({"PATH_INFO": f"/{WORD}", "RAW_URI": f"/{WORD}"}, "/%E6%9E%AB%E6%A1%A5"),
        ({"PATH_INFO": f"/{WORD}", "RAW_URI": "/枫桥"}, "/%E6%9E%AB%E6%A1%A5"),
        ({"PATH_INFO": f"/{WORD}", "RAW_URI": "/%e6%9e%ab%e6%a1%a5"}, "/%e6%9e%ab%e6%a1%a5"),
        ({"PATH_INFO": "/a", "RAW_URI": "http://evil.example/a?b"}, "/a"),
        ({"PATH_INFO": "/", "RAW_URI": "http://evil.example"}, "/"),
        ({"PATH_INFO": "/b", "SCRIPT_NAME": "/news", "RAW_URI": "/news/b"}, "/b"),
        ({"PATH_INFO": "/b", "SCRIPT_NAME": "/news", "RAW_URI": "/b"}, "/b"),
        ({"PATH_INFO": "/b,c/d%", "RAW_URI": "/rewritten"}, "/b,c/d%25"),
        ({"PATH_INFO": f"/{WORD}"}, "/%E6%9E%AB%E6%A1%A5"),
        ({"PATH_INFO": "/a", "RAW_URI": "http://[bad/a"}, "/a"),
        ({"PATH_INFO": "/a", "RAW_URI": "*"}, "/a"),
        ({"PATH_INFO": "/\xff", "RAW_URI": "/%FF"}, "/%FF"),
        ({"PATH_INFO": "/\xef\xbf\xbd", "RAW_URI": "/%FF"}, "/%FF"),
        ({}, ""),
    ],
)
def test_the_path_is_taken_as_the_client_encoded_it(environ: Mapping[str, object], expected: str) -> None:
    assert sent(environ) == expected


@given(st.text(max_size=60), st.text(st.characters(max_codepoint=255), max_size=60))
def test_any_path_is_ascii_and_means_what_the_server_says(raw: str, info: str) -> None:
    found = sent({"PATH_INFO": f"/{info}", "RAW_URI": raw})
    assert found.isascii()
    decoded = unquote_to_bytes(found).decode(errors="replace")
    assert decoded == f"/{info}".encode("latin-1").decode(errors="replace")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("tag/a%28b%29", True),
        ("tag/a(b)", True),  # what a proxy makes of it
        ("tag/a%28b)", True),
        ("tag/%61%28b%29", False),
        ("tag/a%28b%29/", False),
        ("TAG/a%28b%29", False),
    ],
)
def test_needless_encoding_is_another_spelling_and_sparing_is_not(raw: str, expected: bool) -> None:
    assert spelled(raw, "tag/a%28b%29") is expected


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_every_canonical_path_is_spelled_right(value: str) -> None:
    canonical = f"tag/{quote(value, safe='')}"
    assert spelled(canonical, canonical)


@pytest.mark.parametrize(
    "given_id",
    [
        "689b10a7-ffa1-5815-bfa5-7f48193c8384",
        "urn:uuid:689b10a7-ffa1-5815-bfa5-7f48193c8384",
        "689B10A7FFA15815BFA57F48193C8384",
    ],
)
def test_an_article_is_named_by_any_spelling_of_its_uuid(given_id: str) -> None:
    assert article_id(given_id) == "689b10a7-ffa1-5815-bfa5-7f48193c8384"


@pytest.mark.parametrize("given_id", ["", "1", "urn:uuid:", "689b10a7-ffa1-5815-bfa5-7f48193c838g"])
def test_nothing_else_names_an_article(given_id: str) -> None:
    with pytest.raises(UnknownError):
        article_id(given_id)
