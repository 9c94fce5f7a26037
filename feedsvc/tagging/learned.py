"""A linear model of a site's sections, and its payload: bytes of a plain form, checked, never code."""

import json
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, isfinite
from typing import Any

from feedsvc.errors import ReadError
from feedsvc.tagging.features import Features

_MAGIC = b"feedsvc model 1\n"
_LARGEST = 1 << 25  # bytes that a payload may hold when inflated
PROBABLE = 0.2  # below, fewer than one in six would be right
_MOST = 500  # sections
_STEPS = 127
_FARTHEST = 1e6  # a weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """For every feature what it says of each of `keys`, in their order.

    A section that was not learned is judged by the built-in terms alone: `slope` times what they say of it,
    and `level`.
    """

    keys: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, Sequence[float]]
    slope: float
    level: float

    def only(self, keys: Iterable[str]) -> "Model | None":
        """The model without the sections that are not among `keys`; None if it has no other."""
        kept = [place for place, key in enumerate(self.keys) if key in set(keys)]
        if not kept:
            return None
        if len(kept) == len(self.keys):
            return self
        return Model(
            keys=tuple(self.keys[place] for place in kept),
            bias=tuple(self.bias[place] for place in kept),
            weights={name: [row[place] for place in kept] for name, row in self.weights.items()},
            slope=self.slope,
            level=self.level,
        )

    def chances(self, found: Features, keys: Iterable[str]) -> dict[str, float]:
        """The probability of every section learned, and of those of `keys` that the built-in terms name."""
        sums = summed(self.weights, self.bias, found)
        logits = dict(zip(self.keys, sums, strict=True))
        for value, names in found:
            key = names[0][1:] if names[0].startswith("=") else ""
            if key and key not in logits and key in keys:
                logits[key] = self.slope * value + self.level
        most = max(logits.values())
        shares = {key: exp(logit - most) for key, logit in logits.items()}
        total = sum(shares.values())
        return {key: share / total for key, share in shares.items()}

    def shares(self, found: Features) -> Iterator[tuple[str, str, float]]:
        """What every feature adds to a section that it speaks for: section, feature, how much."""
        for value, names in found:
            for name in names:
                for key, weight in zip(self.keys, self.weights.get(name, ()), strict=False):
                    if weight > 0:
                        yield key, name, value * weight

    def encoded(self) -> bytes:
        """The model as bytes, each weight rounded to one of 255 steps."""
        names = sorted(self.weights)
        top = max((abs(weight) for row in self.weights.values() for weight in row), default=0.0) or 1.0
        scale = top / _STEPS
        head = {
            "keys": self.keys,
            "bias": self.bias,
            "slope": self.slope,
            "level": self.level,
            "scale": scale,
            "names": names,
        }
        steps = array("b", (round(weight / scale) for name in names for weight in self.weights[name]))
        body = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
        return _MAGIC + zlib.compress(len(body).to_bytes(8, "big") + body + steps.tobytes(), 9)


def decoded(payload: bytes) -> Model:
    """The model that `payload` holds. ReadError if it is none, however it was made."""
    try:
        if not payload.startswith(_MAGIC):
            raise ValueError("another form")
        inflater = zlib.decompressobj()
        content = inflater.decompress(payload[len(_MAGIC) :], _LARGEST)
        if not inflater.eof:
            raise ValueError("cut short or too large")
        end = 8 + int.from_bytes(content[:8], "big")
        if end > len(content):
            raise ValueError("cut short")
        return _model(json.loads(content[8:end]), content[end:])
    except (ValueError, TypeError, KeyError, RecursionError, zlib.error) as exc:
        raise ReadError(f"the learned model cannot be used ({exc})") from exc


def probable(chances: Mapping[str, float]) -> str | None:
    """The most probable section; None where none is probable enough. Of equals, the first."""
    best = max(chances, key=lambda key: round(chances[key], 9), default=None)
    return best if best is not None and chances[best] >= PROBABLE else None


def summed(weights: Mapping[str, Sequence[float]], bias: Sequence[float], found: Features) -> list[float]:
    """What the features of an article say of each section together."""
    total = list(bias)
    for value, names in found:
        rows = [weights[name] for name in names if name in weights]
        if len(rows) == 1:
            total = [had + value * weight for had, weight in zip(total, rows[0], strict=True)]
        elif rows:
            columns = map(sum, zip(*rows, strict=True))
            total = [had + value * column for had, column in zip(total, columns, strict=True)]
    return total


def _model(head: Any, steps: bytes) -> Model:
    keys, names = head["keys"], head["names"]
    if not all(isinstance(rows, list) and all(isinstance(r, str) for r in rows) for rows in (keys, names)):
        raise ValueError("names that are none")
    if not 0 < len(keys) <= _MOST or len(set(keys)) < len(keys) or len(set(names)) < len(names):
        raise ValueError("sections or features that are none")
    bias = [_number(number) for number in head["bias"]]
    scale = _number(head["scale"])
    if len(bias) != len(keys) or len(steps) != len(names) * len(keys):
        raise ValueError("rows of another length")
    values = array("b", steps)
    levels = [step * scale for step in range(-128, 128)]
    width = len(keys)
    rows = {
        name: tuple([levels[step + 128] for step in values[at * width : (at + 1) * width]])
        for at, name in enumerate(names)
    }
    return Model(
        keys=tuple(keys),
        bias=tuple(bias),
        weights=rows,
        slope=_number(head["slope"]),
        level=_number(head["level"]),
    )


def _number(value: Any) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not isfinite(value)
        or abs(value) > 1e6
    ):
        raise ValueError("a weight that is none")
    return float(value)
