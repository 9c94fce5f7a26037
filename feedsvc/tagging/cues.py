"""Shapes that lean towards a section: scores, prices, works, datelines of other sites' sections."""

import re
from collections.abc import Iterator

_DATELINES = {
    "科技": "scitech",
    "体育": "sport",
    "娱乐": "entertainment",
    "财经": "finance",
    "教育": "education",
    "汽车": "industry",
    "房产": "city",
    "军事": "military",
    "游戏": "entertainment",
    "旅游": "tourism",
    "健康": "health",
    "时尚": "lifestyle",
}
_DATELINE = re.compile(f"({'|'.join(_DATELINES)})讯")
_LEAD = 100  # characters of a body where a dateline stands
_DATELINE_WEIGHT = 8.0
# Every shape with its section and weight.
_SHAPES = (
    (r"(?<![\d.-])\d{1,3}[-–比]\d{1,3}(?![\d.-])", "sport", 1.0),
    (r"\d+岁(?:的)?(?:男|女|小伙|老|孩|少)", "society", 1.0),
    (r"第[\d一二三四五六七八九十百]+[集季期]|《[^》]{2,20}》", "entertainment", 0.7),
    (r"\d\.\d级", "emergency", 2.0),
    (r"元?[/每](?:公斤|斤|吨|亩)|\d亩", "agriculture", 2.0),
    (r"元?/平|㎡|平方?米", "city", 2.0),
    (r"\d\.\d[TL](?![A-Za-z])", "industry", 3.0),
    (r"[\d.]%|[\d.百千][万亿](?:美?元|股)", "finance", 0.7),
    (r"[上下]联", "culture", 4.0),
)
_SHAPE = re.compile("|".join(f"({shape})" for shape, _, _ in _SHAPES))


def cues(title: str, body: str) -> Iterator[tuple[str, str, float, bool]]:
    """What was found, the section it leans towards, how much, and whether in the title."""
    for found in _SHAPE.finditer(title):
        _, key, weight = _SHAPES[(found.lastindex or 1) - 1]
        yield found[0], key, weight, True
    for found in _DATELINE.finditer(body, 0, _LEAD):
        yield found[0], _DATELINES[found[1]], _DATELINE_WEIGHT, False
