"""An HTML page -> title, dates, author, body. The only module that imports readability and trafilatura."""

import logging
import re
from datetime import datetime

import readability
import trafilatura
from lxml.etree import LxmlError
from lxml.html import HtmlElement, HTMLParser, document_fromstring, tostring

from feedsvc.clean import LAZY, plain
from feedsvc.model import Enclosure, RawArticle
from feedsvc.pagefacts import read_facts
from feedsvc.text import fold, legal, squeeze
from feedsvc.urls import absolute

_ENOUGH = 80  # characters of text; with less, the second extractor is asked
_NOISE = 60  # characters; what is longer is not furniture of the page
_LEADING = 4  # blocks at the start of a body that may be headline, date and source once more
_TRAILING = 5  # blocks at its end that may be a notice about copyright
_FURNITURE = re.compile(
    r"[\s\[【(（«<>|·]*(?:"
    r"(?:责任编辑|责编|编辑|网络编辑|本文编辑|实习编辑|审核|终审|校对|初审|复审|监制|编审)\s*[:：].{0,30}"
    r"|(?:分享|转发)(?:到|至|本文)?(?:\s*[:：].{0,20}|微信|微博|朋友圈|qq空间)?|[上下]一[篇条页](?:[\s:：].{0,60})?"
    r"|[【\[]?(?:打印|关闭)(?:本页|窗口|页面|此页)?[】\]]?|(?:微信|手机)?扫一扫[^。]{0,25}|扫描?二维码[^。]{0,20}"
    r"|(?:相关|推荐|延伸|热门)(?:新闻|阅读|文章|链接|推荐|专题)\s*[:：]?|(?:字号|字体)(?:大小)?\s*[:：].{0,20}|大\s*中\s*小"
    r"|(?:点击|浏览|阅读)(?:次?数|量)?\s*[:：]\s*\d*次?|(?:加入)?收藏(?:本页|本文)?|返回(?:顶部|首页|列表)|我要(?:纠错|评论)"
    r")[\s\]】)）»<>|·]*",
    re.I,
)
_NOTICE = re.compile(r"[\s\[【(（]*(?:版权声明|免责声明|版权所有).{0,400}", re.S)
_BYLINE = re.compile(
    r"(?:来\s*源|作\s*者|发布(?:时间|日期|者|人)|时\s*间|日\s*期|字\s*号|浏览|点击)\s*[:：]|^(?:19|20)\d{2}[-/年.]\d"
)
_BLOCKS = (
    "p",
    "div",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "td",
    "ul",
    "ol",
    "table",
    "tr",
    "dd",
    "dt",
)
_LEAF = "|".join(f".//{name}" for name in _BLOCKS)

# Both write stack traces for pages that they cannot read; that is an answer here, not an incident.
for _name in ("readability.readability", "trafilatura", "htmldate", "justext"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


def extract(html: str, *, url: str | None, now: datetime) -> RawArticle:
    """The article of a page that was served from `url`; what was not found is None, the title "".

    `now` is what relative dates are counted from. The body is HTML, unsafe still, without the headline,
    byline and furniture of the page. Never raises for any `html`.
    """
    root = _parsed(html)
    if root is None:
        return RawArticle(link=absolute(url), base_url=url)
    base = absolute(next(iter(root.xpath("//base/@href")), None), url) or url
    facts = read_facts(root, url=url, now=now)
    _wake_images(root)
    body = _body(root, facts.title or "")
    picture = facts.image if facts.image and "<img" not in body else None
    return RawArticle(
        title=facts.title or "",
        link=facts.link,
        html=body or None,
        author=facts.author,
        published=facts.published,
        updated=facts.updated,
        keywords=facts.keywords,
        enclosures=(Enclosure(url=picture, type=""),) if picture else (),
        base_url=base,
    )


def _parsed(html: str) -> HtmlElement | None:
    # Bytes in an encoding that is named, since lxml refuses text that declares one.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(legal(html).encode(), parser=parser)
    except (LxmlError, ValueError):
        return None


def _wake_images(root: HtmlElement) -> None:
    """Puts the true address of late-loading images into `src`, since the extractors know no other."""
    for image in root.iter("img"):
        late = next((image.get(name) for name in LAZY if image.get(name)), None)
        if late is not None:
            image.set("src", late)


def _body(root: HtmlElement, title: str) -> str:
    page = tostring(root, encoding="unicode")
    body = _tidied(_by_readability(page), title)
    length = len(plain(body))
    if length >= _ENOUGH:
        return body
    other = _tidied(_by_trafilatura(page), title)
    # Where it only has a little more, that little is the page's navigation.
    return other if len(plain(other)) > 2 * length else body


def _by_readability(page: str) -> str:
    try:
        return str(readability.Document(page).summary(html_partial=True))
    except Exception:  # wraps whatever it meets, and lxml raises more; a page without a body is an answer
        return ""


def _by_trafilatura(page: str) -> str:
    try:
        found = trafilatura.extract(page, output_format="html", include_comments=False, include_images=True)
    except Exception:  # foreign parsers on a page made for breaking them; no body is an answer
        return ""
    # Of a page without paragraphs it makes a single one, with a line for each piece of text.
    lines = found is not None and found.count("<p>") == 1
    return re.sub(r"(?<=[^>\s])\n(?=[^<\s])", "</p><p>", found) if found and lines else found or ""


def _tidied(body: str, title: str) -> str:
    """`body` without the headline and what stands above it, the byline, and the page's furniture anywhere."""
    page = _parsed(body) if body.strip() else None
    root = page.find("body") if page is not None else None
    if root is None:
        return ""
    root.tag = "div"
    _blank_furniture(root)
    blocks = [b for b in root.xpath(_LEAF) if not b.xpath(_LEAF)]
    blocks = [(b, squeeze(b.text_content())) for b in blocks]
    blocks = [(b, text) for b, text in blocks if text]
    headline = next(
        (i for i, (_, text) in enumerate(blocks[:_LEADING]) if title and fold(text) == fold(title)), -1
    )
    for number, (block, text) in enumerate(blocks):
        first, last = number < _LEADING, number >= max(len(blocks) - _TRAILING, 1)
        above = number <= headline and len(text) <= max(_NOISE, len(title))
        byline = first and len(text) <= _NOISE and "。" not in text and _BYLINE.search(text)
        furniture = len(text) <= _NOISE and _FURNITURE.fullmatch(text)
        if (above or byline or furniture or (last and _NOTICE.fullmatch(text))) and not block.xpath(".//img"):
            block.drop_tree()
    return str(tostring(root, encoding="unicode"))


def _blank_furniture(root: HtmlElement) -> None:
    """Empties furniture that is no block of its own: links that stand alone, and lines that <br> divides."""
    for element in root.iter():
        after = element.getnext()
        alone = not len(element) and (element.tail or "").strip()[:1] in ("", "|", "·", "】", "]", "）", ")")
        if (element.tag == "a" and alone) or (len(element) and element[0].tag == "br"):
            element.text = _unless_furniture(element.text)
        if element.tag == "br" and (after is None or after.tag == "br"):
            element.tail = _unless_furniture(element.tail)


def _unless_furniture(text: str | None) -> str | None:
    return None if text and len(text) <= _NOISE and _FURNITURE.fullmatch(text) else text
