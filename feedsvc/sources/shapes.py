"""What an address says by its form: an article's, a list's, or nothing."""

import re
from urllib.parse import urlsplit

_NUMBER = re.compile(r"\d+")
# A day or a month in the path, as most systems write it: /2026-03/05/, /202603/t20260305_, /2026/3/5/.
_DATED = re.compile(
    r"(?<!\d)(?:19|20)\d{2}[-/_.]?(?:1[0-2]|0?[1-9])(?:[-/_.]?(?:[12]\d|3[01]|0?[1-9]))?(?!\d{3})"
)
_NAMED = re.compile(
    r"(?:^|[/_])(?:content|article|detail|details|news|art|info|show|view|story|post|archives?|doc|read|thread|item|a|n|p|c|t|s)"
    r"[/_-]?[a-z]?\d+",
    re.I,
)
_LONG_NUMBER = re.compile(r"\d{5,}")
_DIGEST = re.compile(r"(?:^|[/_-])(?=[a-z]*\d)(?=\d*[a-z])[0-9a-z]{12,}(?=$|[/.])", re.I)
_LAST_NUMBER = re.compile(r"(?:^|[^a-z])\d{2,}(?:\.s?html?|\.php|\.aspx?|\.jsp|/)?$", re.I)
_QUERY = re.compile(
    r"(?:^|&)(?:id|aid|nid|newsid|news_id|articleid|article_id|contentid|infoid|docid|tid|itemid|guid|key|sn|mid|uuid|xxid|wbnewsid)=[\w-]+",
    re.I,
)
# fmt: off
_LIST = re.compile(
    r"(?:^|/)(?:index|default|list|node|more|page|home|main|channel|column|category|cate|col|tag|tags|search|login|sitemap|map|about|contact)"
    r"(?:[_-]?[a-z]?\d*)?(?:\.\w{2,5}|/)?$"
    r"|(?:^|/)(?:node|list|col|column|channel|category|cate|tags?|author|user|space|u)[_/-]?\d*(?:[_-]\d+)?(?:/(?:index[^/]*)?|\.\w{2,5})?$"
    r"|(?:^|/)(?:tags?|author|user|search|login|passport)/",
    re.I,
)
# fmt: on
_LIST_QUERY = re.compile(r"(?:^|&)(?:page|pageno|pageindex|p|start|pn|curpage)=\d*(?:&|$)", re.I)
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|css|js|zip|rar|7z|exe|apk|mp3|mp4|m3u8|xml|rss|atom|json|ico)$", re.I
)


def is_article(url: str) -> bool:
    """Whether the absolute `url` looks like that of one article: a date, a number or a digest names it."""
    parts = urlsplit(url)
    path = parts.path
    if is_list(url) or is_file(url):
        return False
    if _QUERY.search(parts.query):
        return True
    routed = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    told = path + routed
    if not told.strip("/"):
        return False
    return any(p.search(told) for p in (_DATED, _NAMED, _LONG_NUMBER, _DIGEST, _LAST_NUMBER))


def is_list(url: str) -> bool:
    """Whether the absolute `url` looks like that of a list, a section, a person or the front page."""
    parts = urlsplit(url)
    if _QUERY.search(parts.query):
        return False
    return (
        not (parts.path.strip("/") or parts.query or parts.fragment.startswith(("/", "!")))
        or _LIST.search(parts.path) is not None
        or _LIST_QUERY.search(parts.query) is not None
    )


def is_file(url: str) -> bool:
    """Whether the absolute `url` names a picture, a program or another file that is no page."""
    return _FILE.search(urlsplit(url).path) is not None


def shape(url: str) -> str:
    """Host and path of the absolute `url` with every number as `0`: articles of one system share it."""
    parts = urlsplit(url)
    keys = "&".join(sorted(pair.partition("=")[0] for pair in parts.query.split("&"))) if parts.query else ""
    path = _NUMBER.sub("0", _DIGEST.sub("/0", parts.path))
    # A day in the path may be one folder or three; the section before it is anything.
    return f"{parts.hostname or ''}{re.sub(r'(?:0[-/_.]?)+', '0/', path)}?{keys}"


def site(url: str) -> str:
    """What hosts of one owner share: `x.example` of `news.x.example`, `y.gov.cn` of `www.y.gov.cn`."""
    labels = (urlsplit(url).hostname or "").split(".")
    if all(label.isdigit() for label in labels):
        return ".".join(labels)
    short = (
        len(labels) >= 3 and len(labels[-1]) == 2 and labels[-2] in ("com", "gov", "org", "net", "edu", "ac")
    )
    return ".".join(labels[-3:] if short else labels[-2:])
