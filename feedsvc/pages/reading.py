"""An HTML page -> its article, and which rule found what."""

import html as entities
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from feedsvc.clean import plain_title
from feedsvc.pages import body, byline, declared, flow, moment, near, tree
from feedsvc.pages import title as titles
from feedsvc.urls import absolute

_IMAGE = re.compile(r'<img[^>]*? src="([^"]+)"')
_TAIL = 3  # blocks at the end of the text in which a date or a name may stand
_LIST = re.compile(r"\s*[,，、;；|]\s*|\s+")
_LONGEST_WORD = 12
_WORDS = 30  # keywords of a page that are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read from a page; None and () where nothing was found.

    `html` is unsafe still: paragraphs, headings, lists, tables and pictures of the text alone, without
    headline, byline and furniture. `canonical`, `link` and `image` are absolute; `link` is the
    canonical address, else that of the page. `images` are the addresses in `html`, absolute where that of the
    page is known.
    `keywords` are the page's own. `rules` names for title, published, updated, author, source_name and body
    the rule that found it.
    """

    title: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    author: str | None = None
    source_name: str | None = None
    html: str | None = None
    images: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    canonical: str | None = None
    link: str | None = None
    image: str | None = None
    base_url: str | None = None
    rules: Mapping[str, str] = field(default_factory=dict)


def read_page(html: str, *, url: str | None, now: datetime) -> Reading:
    """The article of the page `html`, served from `url`; `now` is what relative dates are counted from.

    Never raises for any `html`.
    """
    root = tree.parsed(html)
    if root is None:
        return Reading(link=absolute(url), base_url=url)
    base = absolute(next(iter(root.xpath("//base/@href")), None), url) or url
    told = declared.read(root, html)
    lines = tree.lines(root)
    title = titles.find(root, told, lines)
    beside = near.around(lines, title.value if title else None)
    canonical = next(iter(root.xpath("//link[@rel='canonical']/@href")), None) or told.meta.get("og:url")
    own = _own(absolute(canonical, url), url)
    seen = [line for line in lines[beside.at + 1 :] if line.zone is None and not line.is_links]
    blocks, rule = body.find(
        root, lines, headline=beside.at, title=title.value if title else "", declared=told
    )
    tail = [line.text for line in seen] + [b.text for b in blocks[-_TAIL:]]
    ends = [b.text for b in blocks[-_TAIL:]] + [line.text for line in seen[-2 * _TAIL :]]
    source = byline.source_name(root, told, beside, ends)
    author = byline.author(root, told, beside, ends, source.value if source else None)
    moments = moment.find(
        root, told, beside, title=title.value if title else None, tail=tail, url=url, now=now
    )
    text = flow.written(blocks)
    sources = [entities.unescape(i) for i in _IMAGE.findall(text) if not i.startswith("data:")]
    found = {
        "title": title, "published": moments.published, "updated": moments.updated,
        "author": author, "source_name": source,
    }  # fmt: skip
    rules = {key: value.rule for key, value in found.items() if value is not None}
    return Reading(
        title=title.value if title else None,
        published=moments.published.value if moments.published else None,
        updated=moments.updated.value if moments.updated else None,
        author=author.value if author else None,
        source_name=source.value if source else None,
        html=text or None,
        images=tuple(dict.fromkeys(absolute(i, base) or i for i in sources)),
        keywords=_keywords(told, f"{title.value if title else ''}\n{text}"),
        canonical=own,
        link=own or absolute(url),
        image=absolute(told.meta.get("og:image") or None, url),
        base_url=base,
        rules=rules | ({"body": rule} if text else {}),
    )


def _own(canonical: str | None, url: str | None) -> str | None:
    """The canonical address, unless it is the front page, as templates write on every page."""
    front = (
        canonical is not None and url is not None and canonical.count("/") <= 3 and canonical.endswith("/")
    )
    return None if front else canonical


def _keywords(told: declared.Declared, text: str) -> tuple[str, ...]:
    """The keywords that the page gives its article.

    Those of `<meta>` are the site's far more often: they count where most of them occur in `text`, and then
    those that do.
    """
    own = _words(told.ld.get("keywords")) or _words(told.founder.get("keyword"))
    if own:
        return own
    said = _words(told.meta.get("keywords"))
    met = tuple(word for word in said if word in text)
    return met if 2 * len(met) > len(said) else ()


def _words(given: object) -> tuple[str, ...]:
    words = _LIST.split(given) if isinstance(given, str) else given if isinstance(given, list) else []
    kept = (plain_title(w) for w in words if isinstance(w, str))
    return tuple(dict.fromkeys(w for w in kept if 1 < len(w) <= _LONGEST_WORD))[:_WORDS]
