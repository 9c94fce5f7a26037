"""Where a list goes on: the link to its next page, and where a page sends its reader at once."""

import re

from lxml.html import HtmlElement

from feedsvc import urls
from feedsvc.sources.anchors import base_of, target_of
from feedsvc.text import squeeze

_NEXT = re.compile(
    r"[\s>»›→\[【(（]*(?:下\s?一?\s?[页頁版]|后一?页|next(?:\s+page)?|older(?:\s+posts)?|[>»›→]{1,2})[\s>»›→\]】)）]*",
    re.I,
)
_NUMBER = re.compile(r"[\[(]?(\d{1,4})[\])]?")
# Pages of TRS, the system of most government portals, print their links by a script: how many pages there
# are, which this is (from 0), and how their files are called.
_TRS = re.compile(
    r"createPage\w*\(\s*['\"]?(\d{1,4})['\"]?\s*,\s*['\"]?(\d{1,4})['\"]?\s*,\s*['\"]([\w-]+)['\"]\s*,\s*['\"](\w{2,5})['\"]",
    re.I,
)
_REFRESH = re.compile(r"^\s*(\d*(?:\.\d+)?)\s*[;,]\s*(?:url\s*=)?\s*['\"]?([^'\"]+)", re.I)
_LOCATION = re.compile(
    r"(?:window|self|top|document)?\.?location(?:\.href)?\s*(?:=|\.replace\()\s*['\"]([^'\"]{1,300})['\"]"
)
_LITTLE = 400  # characters of text; a page with more is no mere signpost
_SOON = 10.0  # seconds


def next_page(root: HtmlElement, html: str, url: str) -> str | None:
    """The address of the page that follows the list page `url`, on the same host; None if it is the last."""
    base = base_of(root, url)
    here = url.partition("#")[0]
    candidates = [
        target_of(e, base)
        for e in root.xpath("//link[@rel='next'] | //a[contains(concat(' ', @rel, ' '), ' next ')]")
    ]
    candidates += [
        target_of(a, base)
        for a in root.iter("a")
        if any(
            _NEXT.fullmatch(squeeze(t)) for t in (a.text_content()[:40], a.get("title") or "") if t.strip()
        )
    ]
    candidates += [_trs(html, base), _numbered(root, base)]
    host = urls.host_of(url)
    for found in candidates:
        if found is not None and found != here and urls.host_of(found) == host:
            return found
    return None


def moved_to(root: HtmlElement, html: str, base: str) -> str | None:
    """Where a page of little text sends its reader at once, by `<meta http-equiv=refresh>` or by a script, as
    the front pages of printed editions do."""
    body = root.find("body")
    if body is not None and len(squeeze(_visible(body))) > _LITTLE:
        return None
    for meta in root.iter("meta"):
        if (meta.get("http-equiv") or "").strip().lower() == "refresh":
            match = _REFRESH.match(meta.get("content") or "")
            if match and float(match[1] or 0) <= _SOON:
                return urls.absolute(match[2].strip(), base)
    if body is None or len(squeeze(_visible(body))) < 40:
        script = _LOCATION.search(html)
        return urls.absolute(script[1], base) if script else None
    return None


def _visible(body: HtmlElement) -> str:
    return " ".join(
        t
        for t in body.xpath(".//text()[not(ancestor::script) and not(ancestor::style)]")
        if isinstance(t, str)
    )


def _trs(html: str, base: str) -> str | None:
    match = _TRS.search(html)
    if match is None:
        return None
    total, current = int(match[1]), int(match[2])
    if current + 1 >= total:
        return None
    return urls.absolute(f"{match[3]}_{current + 1}.{match[4]}", base)


def _numbered(root: HtmlElement, base: str) -> str | None:
    """The link after the number of this page, where pages are only numbered: 1 [2] [3]."""
    for element in root.iter("span", "strong", "b", "em", "a", "li"):
        named = f"{element.get('class') or ''} {element.get('aria-current') or ''}".lower()
        text = (
            _NUMBER.fullmatch(squeeze(element.text_content())) if len(element.text_content()) < 10 else None
        )
        if text is None or not re.search(r"cur|active|on\b|now|select|this|page", named):
            continue
        for sibling in element.itersiblings():
            link = sibling if sibling.tag == "a" else next(iter(sibling.iter("a")), None)
            number = _NUMBER.fullmatch(squeeze(link.text_content())) if link is not None else None
            if link is not None and number is not None and int(number[1]) == int(text[1]) + 1:
                return target_of(link, base)
    return None
