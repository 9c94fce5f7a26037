"""A site whose articles are awkward on purpose: what sources really send, and worse. All of it is made up."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lxml import etree

from feedsvc import text
from feedsvc.clean import to_draft
from feedsvc.model import Draft, Enclosure, RawArticle, Tagging
from tests.conftest import SITE, Clock, Newsroom
from tests.judging import ATOM, CONTENT
from tests.made import DAY, MINUTE, NOW, draft
from tests.web import SUFFIXES, Visitor, visit

CONFIG = SITE.replace('title = "试刊"', 'title = "试刊 & <号外>"\nicon = "/static/icon.png"') + (
    '\n[feeds]\nlimit = 6\narchive_size = 4\nhubs = ["https://hub.example/"]\n'
)

# No feed may show any of this.
POISON = (
    '<script>alert(1)</script><iframe src="//evil.example/"></iframe><style>p{}</style>'
    '<p style="position:fixed" onclick="go()">正文有<a href="javascript:go()">坏链接</a>、'
    '<a href="../tu/1.html">相对链接</a>和<img src="tu/二 号.jpg" onerror="go()" alt="图">。</p>'
    '<img src="data:image/png;base64,AAAA"><a href="vbscript:x">x</a><base href="/"><form><input></form>'
    '<object data="a.swf"></object><svg onload="x"><script>y</script></svg>'
)
# Titles as they come, by guid; what a reader must see is `text.squeeze` of it.
TITLES = {
    "control": "控制\x00字\x08符\x1f与\x7f\x85换\n行",
    "surrogate": "半个\ud83d表情\udc00",
    "noncharacter": "不是字\ufffe\uffff的字",
    "emoji": "开幕👩‍👩‍👧‍👦🇨🇳𠮷野家",
    "cdata": "代码 ]]> 与 <![CDATA[ 之间",
    "entity": "A&amp;B &lt;c&gt; &nbsp; & < > \" '",
    "markup": "List<String> 与 <b>粗体</b> 的用法",
    "spaces": "\u3000\u3000前后 \t 空\u200b白\ufeff  ",
    "rtl": "\u202e倒着写\u202c的标题",
    "long": "长" * 400,
}
PLACES = (("330400",), ("330424", "640000"), ("110000", "310000", "440300"), ("330402",), ())
SECTIONS = ("agriculture", "city", "education", None)
TAGS = (("枫桥经验", "C++"), ("A/B,C", "..", "ⅷ"), ("标签 & <尖>",), (), ("100%", "a?b#c", "'\""))


CITY = draft(tags=("枫桥经验",), category="city", regions=("330400",)).tagging


def titled() -> list[Draft]:
    """An article for each of TITLES, filed all over, none of it tidy."""
    return [
        cleaned(
            guid,
            title=title,
            link=f"https://paper.example/{guid}?a=1&b=2",
            html=f"<p>{escape(title)}]]&gt;</p>",
            summary=f"<p>{escape(title)} ]]&gt; &amp;amp; &lt;b&gt;</p>",
            author=("记者\x0b甲 & 乙", "&lt;丙&gt;", None)[at % 3],
            rights="© 试刊 & <号外>",
            published=NOW - at * timedelta(hours=7),
            tagging=draft(
                tags=map(text.spelling, TAGS[at % len(TAGS)]),
                category=SECTIONS[at % len(SECTIONS)],
                regions=PLACES[at % len(PLACES)],
            ).tagging,
        )
        for at, (guid, title) in enumerate(TITLES.items())
    ]


def cleaned(guid: str, *, tagging: Tagging = CITY, **fields: object) -> Draft:
    """A draft as reading makes it of what a source says."""
    given: dict[str, object] = {
        "title": "清理过的",
        "guid": guid,
        "link": f"https://paper.example/新闻/{guid} 1.html",
    }
    made = to_draft(RawArticle(**(given | fields)), tagging=tagging)  # type: ignore[arg-type]
    assert made is not None
    return made


def others() -> list[Draft]:
    """Articles whose bodies, links, files and dates are awkward rather than their titles."""
    files = (
        Enclosure(url="https://paper.example/声音 一.mp3", type="Audio/MPEG; x=1", length=1234),
        Enclosure(url="https://paper.example/b.mp4", type="video", length=None),
        Enclosure(url="https://paper.example/c.jpg", type="image/jpeg", length=-5),
    )
    return [
        cleaned("poison", html=POISON, base_url="https://paper.example/xw/a.html"),
        cleaned("files", title="带附件", html='<p>正文</p><img src="/c.jpg">', enclosures=files),
        cleaned("picture", title="只有图", html='<img src="https://paper.example/i.png" alt="海塘">'),
        cleaned("nothing", title="只有标题"),
        cleaned("untitled", title="", html="<p>没有标题的第一句。第二句。</p>"),
        cleaned("future", title="明年的事", published=NOW + 400 * DAY),
        cleaned("ancient", title="很久以前", published=NOW - 40_000 * DAY, html="<p>旧</p>"),
        cleaned("linkless", title="没有链接", link=None, html="<p>&nbsp;&copy;&hellip;]]&gt;</p>"),
        cleaned("twin1", title="同一秒", published=NOW - DAY, html="<p>一</p>"),
        cleaned("twin2", title="同一秒", published=NOW - DAY, html="<p>二</p>"),
        cleaned("table", title="表格", html="<table><tr><td colspan=2>格<td>子</table><p>未关<b>闭"),
    ]


WITHDRAWN = draft("撤回的稿件", guid="gone", html="<p>没有了</p>", tags=("枫桥经验",), category="city")

# Feeds of every sort: options, scripts, archives, empty ones, and tags that are hard to spell.
ADDRESSES = tuple(
    quote(each, safe="/,")
    for each in (
        "all",
        "all/limit/200",
        "all/content/summary",
        "all/content/title",
        "all/script/hant",
        "all/script/hans",
        "all/limit/200/content/full/script/hant",
        "category/agriculture,city",
        "category/city/region/330400/-tag/枫桥经验",
        "tag/枫桥经验",
        "tag/枫桥经验/script/hant",
        "tag/A／B，C",
        "tag/．．",
        "tag/标签 & <尖>",
        "tag/100%",
        "tag/a?b#c",
        "tag/还没有人写过",
        "region/330000",
        "region/640000",
        "source/paper",
        "source/wire",
        "source/wire/script/hant",
        "author/<丙>",
        "all/archive/1",
        "all/archive/2",
        "all/archive/6",
        "all/script/hant/archive/1",
        "tag/枫桥经验/archive/1",
    )
)
EMPTY = tuple(map(quote, ("source/wire", "source/wire/script/hant", "tag/还没有人写过")))
PATHS = tuple(f"/feeds/{address}.{suffix}" for address in ADDRESSES for suffix in SUFFIXES)


def publish(newsroom: Newsroom) -> Visitor:
    """A visitor of the awkward site an hour after its last article came; 21 are there, one is gone."""
    service = newsroom.open(CONFIG)
    for source, each in (
        ("paper", titled()),
        ("county", others()[:6]),
        ("paper", [*titled(), *others()[6:]]),
    ):
        newsroom.clock.advance(MINUTE)
        newsroom.publish(source, *each)
    newsroom.file("desk", "gone.md", WITHDRAWN)
    newsroom.clock.advance(MINUTE)
    newsroom.remove("desk", "gone.md")
    newsroom.clock.advance(60 * MINUTE)
    return visit(service)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A feed as it was served: its bytes and headers, and the tree of an XML format."""

    path: str
    suffix: str
    body: bytes
    content_type: str
    root: Any = None
    json: dict[str, Any] = field(default_factory=dict)

    @property
    def entries(self) -> list[Any]:
        """The items of RSS or the entries of Atom."""
        return list(self.root.iterfind(f"{ATOM}entry" if self.suffix == "atom" else "channel/item"))

    @property
    def head(self) -> Any:
        """The element that describes the feed."""
        return self.root if self.suffix == "atom" else self.root.find("channel")

    @property
    def markup(self) -> list[str]:
        """Whatever a reader will take for HTML."""
        if self.suffix == "json":
            return [item.get("content_html", "") for item in self.json["items"]]
        within = {"rss": ("description", f"{CONTENT}encoded"), "atom": (f"{ATOM}content",)}[self.suffix]
        return [found.text or "" for each in self.entries for tag in within for found in each.iterfind(tag)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Awkward:
    """The awkward site: somebody who visits it, and all of its feeds."""

    visitor: Visitor
    feeds: tuple[Served, ...]

    def of(self, *suffixes: str) -> Iterator[Served]:
        """The feeds in these formats; there are some with entries among them."""
        found = [feed for feed in self.feeds if feed.suffix in suffixes]
        assert len(found) == len(ADDRESSES) * len(suffixes)
        yield from found


def serve(visitor: Visitor, path: str) -> Served:
    """The feed at `path`, which must be there."""
    found = visitor.get(path)
    assert found.status_code == 200, (path, found.text)
    suffix = path.rpartition(".")[2]
    given: dict[str, Any] = {"path": path, "suffix": suffix, "body": found.data}
    made = Served(content_type=found.content_type or "", **given)
    if suffix == "json":
        return replace(made, json=json.loads(found.data))
    return replace(made, root=etree.fromstring(found.data))


@contextmanager
def opened(folder: Path) -> Iterator[Awkward]:
    """The awkward site in `folder`, with all of its feeds."""
    newsroom = Newsroom(folder=folder, clock=Clock())
    visitor = publish(newsroom)
    yield Awkward(visitor=visitor, feeds=tuple(serve(visitor, path) for path in PATHS))
    for each in newsroom.opened:
        each.close()
