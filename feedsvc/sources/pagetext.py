"""A page saved as text: long paragraphs, then the headlines that the page lists, its own among them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import median

from feedsvc.text import cut, fold

_LONGEST = 60  # characters of a headline
_FEWEST = 3  # headlines that make a run
_TEXT = 150  # characters that the paragraphs have at least
_SHORTEST = 6  # characters; shorter lines in a run are labels of the page, such as 首页 and 更多>>
_SHARED = (
    0.3  # the weighted share of a headline's pairs and triples that the text must hold to be its title …
)
_AHEAD = 1.3  # … and how far ahead of the next that must be
_ABOUT = 0.45  # where half the lines have that share, they are part of the text

_PARAGRAPH_END = re.compile(r"[。；;：:，,、]$")
_BYLINE = re.compile(
    r"[（(【\[]?\s*(?:(?:本报|本网|见习|实习|特约)*(?:记者|通讯员)|作者|(?:责任|网络)?编辑|责编|(?:稿件|信息)?来源|摄影|供稿|"
    r"文[/／]图|图[/／]文)[\s:：/／].{0,40}|[（(【\[].{0,30}(?:记者|通讯员|编辑|供稿|摄).{0,30}[）)】\]]|"
    r"(?:19|20)\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s+\d{1,2}[:：]\d{2}.{0,20})?"
)
_CLOSING = re.compile(r"(?:让我们|愿|希望|期待|相信|祝).*[！!…]|“.*”")
_ENDS_A_SENTENCE = re.compile(r"[。！？!?…][”’」』）)\"]*$")
_LABEL = re.compile(
    r"(?:(?:相关|推荐|热门|热点|最新|精彩|延伸|更多)?(?:新闻|阅读|推荐|文章|资讯|链接|排行|图片|动态|要闻)(?:排行榜?)?|"
    r"首页|更多|返回.*|[上下]一[篇页条]|.*(?:版权所有|ICP备|公网安备|(?i:copyright|all rights reserved)).*)"
    r"\s*[:：>»]*"
)
_BULLET = re.compile(r"^(?:[·•●■◆★▪▸►○◇>»*-]+|[上下]一[篇页条]\s*[:：])\s*")
_NUMBERED = re.compile(
    r"^[（(]?(?:\d{1,3}|[一二三四五六七八九十]{1,3}|[①-⑳])\s*[、.．)）①-⑳]|^第[一二三四五六七八九十\d]+[、名届期\s]"
)
_FIELD = re.compile(r"^.{1,6}[:：]")
_WORDLESS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """The article of a saved page, and the other headlines on it, each once, in their order."""

    title: str
    paragraphs: tuple[str, ...]
    headlines: tuple[str, ...]


def saved_page(lines: Sequence[str]) -> SavedPage | None:
    """What `lines` (squeezed, none empty) hold if they are a page saved as text, else None.

    They are where they begin with long paragraphs and end with a run of headlines. The headline that shares
    most with the paragraphs is the title; where none does so clearly, their first sentence, cut to 60
    characters, is. A first line that is a title of its own makes an article with a list at its end, unless
    that line is listed there again.
    """
    run = _run_start(lines)
    paragraphs, listed = list(lines[:run]), list(lines[run:])
    while listed and (_BYLINE.fullmatch(listed[0]) or _CLOSING.fullmatch(listed[0])):
        paragraphs.append(listed.pop(0))
    found = (_BULLET.sub("", line) for line in listed if not _LABEL.fullmatch(line))
    headlines = list({fold(h): h for h in found if len(h) >= _SHORTEST}.values())
    if len(headlines) < _FEWEST or not paragraphs or _is_list(paragraphs[-1], headlines):
        return None
    own = None
    if _is_headline(paragraphs[0]):
        own = next((h for h in headlines if fold(h) == fold(paragraphs[0])), None)
        if own is None:
            return None
        paragraphs.pop(0)
    if sum(map(len, paragraphs)) < _TEXT or max(map(len, paragraphs)) <= _LONGEST:
        return None
    shares = _shares(headlines, "".join(paragraphs))
    if median(share for share, _ in shares) > _ABOUT:
        return None
    title = own or _title(headlines, shares)
    return SavedPage(
        title=title or _first_sentence(paragraphs[0]),
        paragraphs=tuple(paragraphs),
        headlines=tuple(h for h in headlines if h != title),
    )


def _is_headline(line: str) -> bool:
    return len(line) <= _LONGEST and "。" not in line and _PARAGRAPH_END.search(line) is None


def _run_start(lines: Sequence[str]) -> int:
    """Where the run of headlines at the end begins. An odd line is part of it below two headlines."""
    start = len(lines)
    while start > 0:
        line = lines[start - 1]
        odd = len(line) <= _LONGEST or (len(line) <= 80 and not _ENDS_A_SENTENCE.search(line))
        inside = start < len(lines) and start > 2 and all(map(_is_headline, lines[start - 3 : start - 1]))
        if not (_is_headline(line) or _LABEL.fullmatch(line) or (odd and inside)):
            return start
        start -= 1
    return start


def _is_list(before: str, lines: Sequence[str]) -> bool:
    """Whether `lines` are a list of the text itself: announced, numbered, of fields, verses or names."""
    return (
        before.endswith(("：", ":"))
        or sum(1 for line in lines if _NUMBERED.match(line)) * 2 >= len(lines)
        or sum(1 for line in lines if _FIELD.match(line)) > 0.7 * len(lines)
        or median(map(len, lines)) < 8
        or (len(lines) > _FEWEST and len(set(map(len, lines))) == 1)
    )


def _shares(headlines: Sequence[str], text: str) -> list[tuple[float, float]]:
    """Of each headline: the share of it that the text holds, 0..1, and the same stressed by repetition.

    Measured in character pairs and triples; those that several headlines have (我市, 开展) weigh little.
    """
    body = Counter(_grams(text))
    grams = [list(_grams(h)) for h in headlines]
    spread = Counter(g for one in grams for g in set(one))
    shares = []
    for one in grams:
        weights = [(g, (len(g) - 1) * log((len(headlines) + 1) / spread[g])) for g in one]
        whole = sum(w for _, w in weights) or 1.0
        plain = sum(w for g, w in weights if body[g])
        stressed = sum(w * (1 + log(body[g])) for g, w in weights if body[g])
        shares.append((plain / whole, stressed / whole))
    return shares


def _grams(text: str) -> list[str]:
    bare = _WORDLESS.sub("", fold(text))
    return [bare[i : i + n] for n in (2, 3) for i in range(len(bare) - n + 1)]


def _title(headlines: Sequence[str], shares: Sequence[tuple[float, float]]) -> str | None:
    ranked = sorted(range(len(headlines)), key=lambda i: (-shares[i][1], i))
    best, second = ranked[0], ranked[1]
    clear = shares[best][0] >= _SHARED and shares[best][1] >= _AHEAD * shares[second][1]
    return headlines[best] if clear else None


def _first_sentence(paragraph: str) -> str:
    return cut(re.split(r"(?<=[。！？!?])", paragraph, maxsplit=1)[0], _LONGEST)
