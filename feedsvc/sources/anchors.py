"""The links of a page that may lead to articles, in their order."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement

from feedsvc import urls
from feedsvc.pages.tree import is_hidden, names
from feedsvc.sources import shapes
from feedsvc.sources.shown import title_of
from feedsvc.text import squeeze

_MOST = 5_000  # links of a page that are looked at
# Classes that say where an item stands in its list, or what a pointer does, and not what it is.
_STATE = re.compile(
    r"^(?:odd|even|first|last|on|off|cur|current|active|hover|selected|line\d*|nobor\w*|no-?border|clear\w*"
    r"|clearfix|fl|fr|left|right|top|new|hot|bold|red)$",
    re.I,
)
_WORDS = re.compile(
    r"\W*(?:更多|查看(?:更多|详情|全文|详细)?|阅读(?:全文|原文|更多)|详细(?:内容|信息)?|详情"
    r"|点击(?:进入|查看|阅读)|进入|全文|首页|主页|返回.{0,4}|[上下前后][一]?[页頁篇条版期]|尾页|末页|第?\d+[页版]?|\d+"
    r"|登[录陆]|注册|收藏|设为首页|加入收藏|评论|\d*条?评论|回复|分享|打印|关闭"
    r"|more|read more|next|prev(?:ious)?|home"
    r"|关于我们|联系我们|网站地图|版权声明|隐私.{0,4}|广告|rss|手机版|电脑版|客户端|微信|微博|无障碍.{0,4}|繁[體体].{0,2}"
    r"|english|投稿|订阅)\W*",
    re.I,
)
_ASIDE = re.compile(
    r"(?:^|[-_\s])(?:foot\w*|copyright|nav\w*|menu\w*|header|crumbs?|breadcrumbs?|position|location|dqwz|mbx|wz"
    r"|page|pages|pager|paging|pagination|pagelist|fenye|hot\w*|rank\w*|top\d+|paihang\w*|phb|side\w*|aside"
    r"|relat\w*|recom\w*|tuijian\w*|rec|xgyd|links?|friend\w*|flink|yqlj|tags?|search|login|ads?|advert\w*|gg"
    r"|zt|zhuanti|special\w*|swiper\w*|slide\w*|banner|focus\w*|carousel|lunbo|tab-?nav|click\w*|djph"
    r"|r|right\w*|\w+[-_]?right|gz|qr\w*|ewm|share)(?:$|[-_\s\d])",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link with what it shows; `chain` is the way to it by names of elements, `path` with their classes."""

    element: HtmlElement
    url: str
    key: str
    title: str
    summary: str | None
    chain: str
    path: str


def base_of(root: HtmlElement, url: str) -> str:
    """What the relative links of a page served from `url` start at (HTML, `<base href>`)."""
    return urls.absolute(next(iter(root.xpath("//base/@href")), None), url) or url


def anchors(root: HtmlElement, url: str, now: datetime) -> list[Anchor]:
    """The links of the page `root`, served from `url`, that lead to pages and show more than a word of
    navigation. One that is there twice is there once for each of its forms."""
    base = base_of(root, url)
    own = urls.canonical(url)
    found: list[Anchor] = []
    for element in root.iter("a"):
        target = target_of(element, base)
        if target is None or urls.canonical(target) == own:
            continue
        if shapes.is_file(target) or shapes.is_list(target):
            continue
        title, summary = title_of(element, now)
        if not title or _WORDS.fullmatch(title) or is_hidden(element):
            continue
        chain, path = _way(element)
        found.append(Anchor(element, target, urls.canonical(target), title, summary, chain, path))
        if len(found) >= _MOST:
            break
    return list(_without_labels(found))


def target_of(element: HtmlElement, base: str) -> str | None:
    """The absolute address that a link leads to, without fragment unless it routes; None if to no page."""
    href = squeeze(element.get("href") or "")
    if not href or (href.startswith("#") and not href.startswith(("#/", "#!"))):
        return None
    target = urls.absolute(href, base)
    if target is None:
        return None
    stem, _, fragment = target.partition("#")
    return target if fragment.startswith(("/", "!")) else stem


def is_aside(element: HtmlElement) -> bool:
    """Whether `element` calls itself something beside the list: navigation, what is hot, the footer."""
    if element.tag in ("nav", "aside", "footer", "header", "marquee"):
        return True
    if element.tag in ("html", "body", "a", "li", "tr", "td"):
        return False
    return _ASIDE.search(names(element)) is not None


def signature(element: HtmlElement, *, classes: bool) -> str:
    """The name of an element, with its lasting classes and its id without digits."""
    tag = element.tag if isinstance(element.tag, str) else "?"
    if not classes:
        return tag
    kept = sorted(
        {re.sub(r"\d+", "", word) for word in (element.get("class") or "").split() if not _STATE.match(word)}
    )
    ident = re.sub(r"\d+", "", element.get("id") or "")
    return f"{tag}.{'.'.join(kept)}#{ident}"


def _way(element: HtmlElement) -> tuple[str, str]:
    chain, path = [], []
    for each in (element, *element.iterancestors()):
        chain.append(signature(each, classes=each is element))
        path.append(signature(each, classes=True))
    return ">".join(reversed(chain)), ">".join(reversed(path))


def _without_labels(found: Sequence[Anchor]) -> Iterator[Anchor]:
    """`found` without the sections and authors named beside each article: one short text, many times."""
    places: dict[tuple[str, str], int] = defaultdict(int)
    for anchor in found:
        places[anchor.key, anchor.title] += 1
    for anchor in found:
        label = len(anchor.title) <= 8 and (
            places[anchor.key, anchor.title] > 2 or re.fullmatch(r"[\[【〔(（].*[\])）】〕]", anchor.title)
        )
        if not label:
            yield anchor
