"""Who wrote an article, and which paper or office it comes from."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from lxml.html import HtmlElement

from feedsvc.clean import plain_title
from feedsvc.pages.declared import Declared
from feedsvc.pages.found import Found
from feedsvc.pages.near import LONG, Near
from feedsvc.text import fold, squeeze

_AUTHOR = ("author", "article:author", "dc.creator", "og:article:author", "byl")
_SOURCE = ("contentsource", "source", "mediaid", "article:source", "publisher", "copyrightsource")
_LABELLED = re.compile(r"[:：]")  # what still holds a label is another line than was looked for
_NOBODY = re.compile(
    r"(?:https?:.*|admin(?:istrator)?|editor|anonymous|root|new|管理员|佚名|匿名|未知|不详|无|本站|网站编辑"
    r"|小编|dedecms|[\d\s_-]+|.*\b(?:team|cms|inc)\b.*)",
    re.I,
)
_NAME = r"([^\s:：|｜，。,；;()（）\[\]【】<>/“”《》]{2,30}"
_NAMED = r"\s*[:：]\s*" + _NAME + ")"
_PEOPLE = (
    r"\s*[:：]\s*"
    + _NAME
    + r"(?:[ 、](?![^\s]{0,6}[:：])[^\s:：|｜，。,；;()（）\[\]【】<>/\d]{2,4}(?=\s|$|[|｜)）]))*)"
)
_VISIBLE_AUTHOR = re.compile(
    r"(?:^|[\s|｜(（【；;])(?:作\s*者|楼主|发帖人|博主|撰\s*文|撰稿|记\s*者|記\s*者|文|图文|文/图|摄\s*影)"
    + _PEOPLE
)
_REPORTER = re.compile(
    r"^[□■●◎]?\s*(?:(?:本报|本网|本刊|本台)\s*(?:全媒体|融媒体?)?(?:见习|实习)?[记記]者\s*[:：]?\s*"
    r"|(?:全媒体|融媒体?|首席|见习|实习)*[记記]者(?:\s*[:：]\s*|\s+))"
    r"([^\s:：，。]{2,4}(?:[ 、][^\s:：，。]{2,4})*)$"
)
_WORD_REPORTER = re.compile(r"^[^\s:：，。]{0,10}(?:[记記]者|通讯员|特约撰稿) ([^\s:：，。\d]{2,4})$")
_LABEL = re.compile(r"^(?:作者|文|来源|[^\s:：]{0,8}[记記]者(?=[\s:：]))\s*[:：]?\s*")
_MARKED = re.compile(r"^[■□●◎▲◆]\s*([^\s:：，。]{2,8})$")
_VISIBLE_SOURCE = re.compile(
    r"(?:稿件|文章|信息|新闻|内容|稿)?(?:[来來]\s*源|稿源|出处|转自|供稿(?:单位)?|[发發][布佈](?:单位|机构"
    r"|部门|者|人))" + _NAMED
)
_LAST_SOURCE = re.compile(r"^[（(【\[]?(?:本文|文章|稿件|信息)?(?:来\s*源|转自)" + _NAMED)
_MEDIUM = re.compile(
    r"[^\s:：，。0-9]{1,12}(?:日报|晚报|早报|晨报|时报|都市报|商报|导报|报|网|新闻|在线|电视台|广播电台"
    r"|通讯社|融媒|融媒体中心|发布|客户端|周刊)"
)
# Places that hold nothing but the name: WeChat, Discuz, Founder.
_AUTHOR_PLACES = (
    ("<founder-author>", "//*[local-name()='founder-author']"),
    (
        "WeChat byline",
        "//*[@id='meta_content']/*[contains(@class, 'rich_media_meta_text') and not(@id='publish_time')]",
    ),
    ("#js_author_name", "//*[@id='js_author_name']"),
    (
        "first post of the thread",
        "(//*[starts-with(@id, 'post_')]//*[contains(concat(' ', @class, ' '), ' authi ')]/a)[1]",
    ),
    (
        "class author",
        "(//*[contains(concat(' ', normalize-space(@class), ' '), ' author ')]"
        "[string-length(normalize-space()) < 12])[1]",
    ),
    ("itemprop author name", "//*[@itemprop='author']//*[@itemprop='name']"),
    ("itemprop author", "//*[@itemprop='author' and not(self::meta)]"),
)
_SOURCE_PLACES = (("#js_name", "//*[@id='js_name']"),)


def author(
    root: HtmlElement, declared: Declared, near: Near, tail: Sequence[str], source: str | None
) -> Found[str] | None:
    """The person or people; None where nobody is named, or only the site and its machinery are."""
    given = declared.ld.get("author")
    people = given if isinstance(given, list) else [given]
    names = [p.get("name") if isinstance(p, dict) else p for p in people]
    written = "、".join(squeeze(n) for n in names if isinstance(n, str) and n.strip())

    def candidates() -> Iterator[Found[str]]:
        yield Found(written, "JSON-LD author")
        yield Found(declared.founder.get("author", ""), "comment of the publishing system")
        yield from _placed(root, _AUTHOR_PLACES)
        yield from _matching(near.byline, (_VISIBLE_AUTHOR, _REPORTER, _MARKED), "beside the headline")
        yield from _matching(_words(near.byline), (_WORD_REPORTER,), "beside the headline")
        yield from _matching(near.before[:3], (_VISIBLE_AUTHOR, _REPORTER), "above the headline")
        yield from _matching(tail, (_VISIBLE_AUTHOR,), "at the end of the text")
        page = fold(squeeze("".join(root.xpath("//title[1]//text()"))))
        for name, value in declared.each(*_AUTHOR):
            if fold(value) not in page:  # there it is the site's name
                yield Found(value, f"meta {name}")

    site = {fold(v) for _, v in declared.each("og:site_name", "sitename", *_SOURCE)} | {fold(source or "")}
    return _first(c for c in candidates() if fold(c.value) not in site)


def source_name(root: HtmlElement, declared: Declared, near: Near, tail: Sequence[str]) -> Found[str] | None:
    """The paper, site or office that the article comes from, as the page names it."""
    publisher: Any = declared.ld.get("publisher")
    name = publisher.get("name") if isinstance(publisher, dict) else publisher

    def candidates() -> Iterator[Found[str]]:
        yield from _placed(root, _SOURCE_PLACES)
        yield from _matching(near.byline, (_VISIBLE_SOURCE,), "beside the headline")
        yield from _matching(near.before[:6], (_VISIBLE_SOURCE,), "above the headline")
        for key, value in declared.each(*_SOURCE):
            yield Found(re.sub(r"^(?:文章)?来源\s*[:：]\s*", "", value), f"meta {key}")
        yield from _matching(tail, (_LAST_SOURCE,), "at the end of the text")
        for line in near.byline[:8]:
            for word in line.split() if len(line) <= LONG // 2 else ():
                if _MEDIUM.fullmatch(word):
                    yield Found(word, "name of a paper beside the headline")
        yield Found(name if isinstance(name, str) else "", "JSON-LD publisher")

    return _first(candidates())


def _words(lines: Iterable[str]) -> Iterator[str]:
    """Short lines as pairs of neighbouring words: «记者 汀兰» in a row of other things."""
    for line in lines:
        words = line.split() if len(line) <= LONG // 2 else []
        yield from (" ".join(pair) for pair in pairwise(words))


def _placed(root: HtmlElement, places: Iterable[tuple[str, str]]) -> Iterator[Found[str]]:
    for rule, place in places:
        for element in root.xpath(place)[:2]:
            yield Found(squeeze(element.get("content") or element.text_content())[:100], rule)


def _matching(lines: Iterable[str], patterns: Iterable[re.Pattern[str]], where: str) -> Iterator[Found[str]]:
    for pattern in patterns:
        for line in lines:
            match = pattern.search(line) if len(line) <= LONG else None
            if match is not None:
                yield Found(match[1], f"shown {where}")


def _first(candidates: Iterable[Found[str]]) -> Found[str] | None:
    for found in candidates:
        name = plain_title(found.value)
        name = _LABEL.sub("", name)
        if 1 < len(name) <= 60 and not _NOBODY.fullmatch(name) and not _LABELLED.search(name):
            return Found(name, found.rule)
    return None
