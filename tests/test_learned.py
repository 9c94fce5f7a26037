"""The payload of a model: what is written is read again, and nothing else is."""

import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import ReadError
from feedsvc.tagging.learned import Model, decoded, probable, summed

MODEL = Model(
    keys=("agriculture", "port"),
    bias=(0.5, -0.25),
    weights={"枸杞": (2.0, -2.0), "#港": (-1.0, 1.5), "=agriculture": (1.0, 0.0)},
    slope=3.0,
    level=-1.0,
)


def payload(head: object, steps: bytes = b"") -> bytes:
    body = json.dumps(head).encode()
    return b"feedsvc model 1\n" + zlib.compress(len(body).to_bytes(8, "big") + body + steps)


def head(**changed: Any) -> dict[str, Any]:
    return {
        "keys": ["a", "b"],
        "bias": [0, 0],
        "slope": 1,
        "level": 0,
        "scale": 0.1,
        "names": ["x"],
    } | changed


def test_what_is_written_is_read_again() -> None:
    read = decoded(MODEL.encoded())
    assert (read.keys, read.bias, read.slope, read.level) == (
        MODEL.keys,
        MODEL.bias,
        MODEL.slope,
        MODEL.level,
    )
    assert read.weights.keys() == MODEL.weights.keys()
    for name, row in MODEL.weights.items():
        assert read.weights[name] == pytest.approx(row, abs=2.0 / 127)
    assert read.encoded() == MODEL.encoded()


@given(
    st.dictionaries(
        st.text(min_size=1),
        st.tuples(st.floats(-50, 50), st.floats(-50, 50)),
        max_size=8,
    )
)
def test_any_weights_survive(weights: dict[str, tuple[float, float]]) -> None:
    written = Model(keys=("a", "b"), bias=(0.0, 0.0), weights=weights, slope=0.0, level=0.0)
    try:
        read = decoded(written.encoded())
    except UnicodeEncodeError:
        return  # lone surrogates, which no text of ours has
    step = max((abs(w) for row in weights.values() for w in row), default=0.0) / 127
    for name, row in weights.items():
        assert read.weights[name] == pytest.approx(row, abs=step)


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\x80\x04\x95cos\nsystem",
        MODEL.encoded()[:-5],
        MODEL.encoded()[16:],
        b"feedsvc model 1\n" + zlib.compress(b"\xff" * 40),
        b"feedsvc model 1\n" + zlib.compress(b"0" * (1 << 26), 9),
        payload([]),
        payload(head()),
        payload(head(), b"abc"),
        payload(head(keys=["a", "a"]), b"ab"),
        payload(head(keys=[]), b""),
        payload(head(keys=[1, 2]), b"ab"),
        payload(head(names=[["x"]]), b"ab"),
        payload(head(names=["x", "x"]), b"abcd"),
        payload(head(bias=[0]), b"ab"),
        payload(head(bias=[0, "1"]), b"ab"),
        payload(head(slope=float("nan")), b"ab"),
        payload(head(scale=1e300), b"ab"),
        payload(head(level=True), b"ab"),
        payload({key: value for key, value in head().items() if key != "scale"}, b"ab"),
    ],
)
def test_anything_else_is_refused(bad: bytes) -> None:
    with pytest.raises(ReadError, match="the learned model cannot be used"):
        decoded(bad)


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_upset_it(noise: bytes, inside: bool) -> None:
    bad = b"feedsvc model 1\n" + zlib.compress(noise) if inside else noise
    with pytest.raises(ReadError):
        decoded(bad)


def test_names_that_share_a_value_are_summed() -> None:
    sums = summed(MODEL.weights, MODEL.bias, [(2.0, ["枸杞", "#港", "无"]), (1.0, ["无"])])
    assert sums == pytest.approx([0.5 + 2 * (2 - 1), -0.25 + 2 * (-2 + 1.5)])


def test_chances_add_up_and_name_what_was_not_learned() -> None:
    chances = MODEL.chances([(1.0, ["枸杞"]), (0.9, ["=health"]), (0.9, ["=gone"])], ["health", "port"])
    assert chances.keys() == {"agriculture", "port", "health"}
    assert sum(chances.values()) == pytest.approx(1)
    assert probable(chances) == "agriculture"


def test_what_is_not_probable_is_nothing() -> None:
    assert probable({}) is None
    assert probable({str(number): 0.1 for number in range(10)}) is None


def test_a_part_of_its_sections() -> None:
    part = MODEL.only(["port", "other"])
    assert part is not None
    assert (part.keys, part.bias, part.weights["枸杞"]) == (("port",), (-0.25,), [-2.0])
    assert MODEL.only(["port", "agriculture"]) is MODEL
    assert MODEL.only(["other"]) is None
