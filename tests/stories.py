"""Stories and what becomes of them on their way from one source to another, from `tests/data/stories`.

Everything there was written for the tests. `edits` are what reposting sites do; `twins` are pairs of articles
that read alike and are different stories.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

_FOLDER = Path(__file__).parent / "data" / "stories"
_AGENCIES = ("新山社", "江畔晚报客户端", "北岭新闻网", "南渡融媒", "大众生活报")


@dataclass(frozen=True, slots=True)
class Text:
    """An article as sources have it: paragraphs are lines."""

    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article, and what another editor made of its title and first paragraph."""

    text: Text
    retitled: str
    led: str


def stories() -> list[Story]:
    """All 60 of them."""
    return [
        Story(
            text=Text(each["title"], each["text"].strip()),
            retitled=each["retitled"],
            led=each["led"],
        )
        for path in sorted(_FOLDER.glob("stories-*.toml"))
        for each in tomllib.loads(path.read_text("utf-8"))["stories"]
    ]


def retitled(story: Story, number: int) -> Text:
    return Text(story.retitled, story.text.body)


def cut(story: Story, number: int) -> Text:
    """The first half of the text, ending with a sentence."""
    body = story.text.body
    end = body.find("。", len(body) // 2 - 1)
    return Text(story.text.title, body[: end + 1])


def led(story: Story, number: int) -> Text:
    """With another first paragraph."""
    rest = story.text.body.split("\n")[1:]
    return Text(story.text.title, "\n".join([story.led, *rest]))


def tagged(story: Story, number: int) -> Text:
    """As an agency sends it, under bylines and credits of its own."""
    agency = _AGENCIES[number % len(_AGENCIES)]
    head = (
        f"{agency}11月20日电（记者 何某）",
        f"本报讯（全媒体记者 何某 通讯员 何某某）{agency}消息：",
        f"来源：{agency}\n【{agency}讯】",
    )[number % 3]
    tail = ("责任编辑：何某", f"（来源：{agency}）\n编辑 何某 校对 何某某", "分享到：微信 微博")[number % 3]
    return Text(f"{story.text.title}", f"{head}{story.text.body}\n{tail}")


EDITS: Mapping[str, Callable[[Story, int], Text]] = {
    "retitled": retitled,
    "cut to half": cut,
    "another first paragraph": led,
    "agency, byline and credits": tagged,
}


def families() -> dict[str, list[Text]]:
    """Different stories that read alike, by what they are."""
    found = {}
    for path in sorted(_FOLDER.glob("twins-*.toml")):
        for each in tomllib.loads(path.read_text("utf-8"))["twins"]:
            title, body = each["title"], each["text"].strip()
            family = [Text(title, body)]
            for pairs in each["others"]:
                family.append(Text(_replaced(title, pairs), _replaced(body, pairs)))
            found[each["name"]] = family
    return found


def twins() -> Iterator[tuple[str, Text, Text]]:
    """Every pair of a family, with its name."""
    for name, family in families().items():
        for one, other in combinations(family, 2):
            yield name, one, other


def _replaced(value: str, pairs: list[list[str]]) -> str:
    for old, new in pairs:
        value = value.replace(old, new)
    return value
