"""Unsafe HTML -> safe HTML, plain text and drafts' parts. The only module that imports nh3."""

import html as entities
import mimetypes
import re
from collections.abc import Callable
from urllib.parse import quote

import nh3

from feedsvc.model import Draft, Enclosure, RawArticle, Tagging
from feedsvc.text import cut, legal, squeeze
from feedsvc.urls import absolute

MAX_DEPTH = 100  # levels of elements that are kept; libxml2 gives up at 256, browsers at 512
_TITLE_LIMIT = 500
_TITLE_READ = 10_000  # of a title as given, markup included; what is longer is no title but an attack
GUID_LIMIT = 1000
_AUTHOR_LIMIT = 100
_SENTENCE = re.compile(r".+?(?:[。！？!?]+[”’」』）)\"]*|\n|$)", re.DOTALL)
_LEAD = 30  # characters; a shorter first paragraph is a caption or a byline and takes the next along

# fmt: off
# Elements of a block that lose their name but not their effect: without it two paragraphs become one.
_AS_DIV = frozenset((
    "section", "article", "main", "center", "header", "footer", "aside", "nav", "address", "fieldset",
    "form", "hgroup", "body",
))
_BLOCKS = _AS_DIV | frozenset((
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption",
    "thead", "tbody", "tfoot", "tr", "blockquote", "pre", "hr", "figure", "figcaption", "details",
    "summary", "audio", "video",
))
_INLINE = frozenset((
    "br", "a", "img", "em", "strong", "b", "i", "u", "s", "del", "ins", "small", "mark", "q", "cite",
    "kbd", "samp", "var", "sub", "sup", "code", "ruby", "rt", "rp", "time", "wbr", "td", "th", "colgroup",
    "col", "source",
))
_VOID = frozenset(("br", "img", "hr", "wbr", "col", "source"))
_SILENT = frozenset((
    "script", "style", "iframe", "noscript", "noembed", "noframes", "template", "object", "embed",
    "applet", "svg", "math", "title", "textarea", "select", "button", "head", "meta", "link", "xml",
))
# Where pages that load images late keep the true address, the best first.
LAZY = (
    "data-original", "data-src", "data-lazy-src", "data-original-src", "data-lazyload", "data-lazy",
    "data-actualsrc", "data-echo", "data-url", "zoomfile", "original", "_src", "lazysrc",
)
# fmt: on
_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_STAND_IN = re.compile(
    r"data:|(?:[^?#]*/)?[^/?#]*(?:loading|blank|placeholder|spacer|transparent|lazy|gr[ae]y|1x1)[^/?#]*\.\w+(?:[?#]|$)",
    re.I,
)
_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,]|[^\s,])(?:\s+(\d+(?:\.\d+)?)[wx])?\s*(?:,|$)")
_TINY = re.compile(r"[01](?:px)?")
_TINY_STYLE = re.compile(r"(?<![\w-])(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|!|$)", re.I)
_NUMBER = re.compile(r"\d{1,5}")
_SPAN = re.compile(r"[1-9]\d{0,2}")
_MOMENT = re.compile(r"[\dT:Z.+\- ]{4,40}")
_CONTACT = re.compile(r"(?:mailto|tel):[^\s<>\"'\\]+", re.I)
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]*/[\w.+-]+", re.ASCII)

_ASKED: dict[str, set[str]] = {
    "*": set(),  # else nh3 adds title and lang
    "img": {"src", "alt", "title", "width", "height", "style", *LAZY, *_SETS},
    "a": {"href", "title"},
    "audio": {"src", "controls"},
    "video": {"src", "poster", "controls", "width", "height"},
    "source": {"src", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "time": {"datetime"},
}
_CLEANER = nh3.Cleaner(
    tags=set(_BLOCKS | _INLINE),
    clean_content_tags=set(_SILENT),
    attributes=_ASKED,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)
_READER = nh3.Cleaner(
    tags=set(_BLOCKS | {"br", "td", "th"}), clean_content_tags=set(_SILENT), attributes={}, link_rel=None
)
# A tag as nh3 writes it: values in double quotes, with no quote inside.
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?: [^\s\"=<>]+=\"[^\"]*\")*)>")
_ATTRIBUTE = re.compile(r" ([^\s\"=<>]+)=\"([^\"]*)\"")

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)", re.I | re.S)
_INLINE_TAG = re.compile(
    r"</?(?:b|i|u|s|p|a|em|strong|font|span|br|div|img|sub|sup|small|big|mark|del|ins|wbr|center|strike|tt|nobr|h[1-6])"
    r"(?:\s[^<>]*|/)?>|<!--.*?-->",
    re.I | re.S,
)
# The table of the library alone: what the machine adds to it would make equal articles differ between
# machines.
_TYPES = mimetypes.MimeTypes()
for _suffix, _type in (
    (".webp", "image/webp"),
    (".m4a", "audio/mp4"),
    (".opus", "audio/ogg"),
    (".flv", "video/x-flv"),
):
    _TYPES.add_type(_type, _suffix)


def safe_html(html: str, base: str | None) -> str:
    """`html` reduced to an allow-list: no script, style, frame, form, comment, handler or pixel is left.

    Links and images are absolute http(s), resolved against `base` and dropped where that fails (mailto: and
    tel: stay in `a`). Images that load late get their true address. The result is balanced, legal for XML and
    at most `MAX_DEPTH` levels deep. Never raises, for any `html`.
    """
    found = _CLEANER.clean(legal(html))
    open_tags: list[str] = []  # what closes each open element; "" where the element itself was dropped

    def rewritten(match: re.Match[str]) -> str:
        if match[1]:
            return open_tags.pop() if open_tags else ""
        name = match[2]
        given = {k: entities.unescape(v) for k, v in _ATTRIBUTE.findall(match[3])}
        tag = _tag(name, given, base)
        if name in _VOID:
            return tag
        kept = bool(tag) and len(open_tags) < MAX_DEPTH
        open_tags.append(f"</{'div' if name in _AS_DIV else name}>" if kept else "")
        return tag if kept else ""

    return legal(_TAG.sub(rewritten, found).replace("&nbsp;", "\xa0")).strip()


def plain(html: str) -> str:
    """The text of a fragment: a line for each block or <br>, squeezed, none empty; entities decoded once."""
    marked = _READER.clean(legal(html))
    marked = re.sub(
        r"<(/?)(\w+)>", lambda m: " " if m[2] in ("td", "th") else "\n", marked.replace("\n", " ")
    )
    lines = (squeeze(line) for line in entities.unescape(marked).split("\n"))
    return "\n".join(line for line in lines if line)


def plain_title(value: str, *, markup: bool = True) -> str:
    """`value` as one line of plain text: entities decoded once and, with `markup`, inline tags removed.

    Only tags that occur in titles are taken for tags, so that «List<String>» and «<table> 的用法» stay.
    """
    value = value[:_TITLE_READ]
    if markup:
        value = _INLINE_TAG.sub(
            lambda m: " " if m[0][:3].lower() in ("<br", "</p", "<p>") else "", _SCRIPT.sub("", value)
        )
    return squeeze(_ENTITY.sub(lambda m: entities.unescape(m[0]), value))


def summary_of(html: str, limit: int = 200) -> str:
    """The lead of a body (HTML or text) as one line of at most `limit` characters, cut at a sentence end."""
    lead = ""
    for line in plain(html).split("\n"):
        lead = f"{lead} {line}".strip()
        if len(lead) >= _LEAD:
            break
    return cut(lead, limit)


def to_draft(raw: RawArticle, *, tagging: Tagging | None = None) -> Draft | None:
    """`raw` cleaned, or None where it has neither a title nor a body.

    Without a title the first sentence of the body is the title. The summary is the upstream's own where it is
    shorter than the body, else the body's lead. Links and enclosures that cannot be made absolute http(s) are
    dropped.
    """
    link = absolute(raw.link, raw.base_url)
    base = raw.base_url or link
    body = safe_html(raw.html or "", base)
    text = plain(body)
    own = squeeze(plain(raw.summary or ""))
    title = squeeze(raw.title) or _first_sentence(text or own)
    if not title:
        return None
    return Draft(
        title=cut(title, _TITLE_LIMIT),
        guid=guid(raw.guid),
        link=link,
        html=body,
        summary=own if own and (not text or len(own) < len(text)) else summary_of(body),
        author=cut(plain_title(raw.author or ""), _AUTHOR_LIMIT) or None,
        published=raw.published,
        updated=raw.updated,
        enclosures=_enclosures(raw.enclosures, base),
        rights=plain_title(raw.rights or "") or None,
        slot=raw.slot,
        tagging=tagging or Tagging(),
    )


def guid(value: str | None) -> str | None:
    """A guid as articles are kept under it: one line of at most `GUID_LIMIT` characters; None if empty."""
    return squeeze(value or "")[:GUID_LIMIT] or None


def _first_sentence(text: str) -> str:
    match = _SENTENCE.match(text)
    return cut(squeeze(match[0]), 60) if match else ""


def _enclosures(found: tuple[Enclosure, ...], base: str | None) -> tuple[Enclosure, ...]:
    kept: dict[str, Enclosure] = {}
    for enclosure in found:
        url = absolute(enclosure.url, base)
        if url is not None and url not in kept:
            length = enclosure.length if enclosure.length is not None and enclosure.length >= 0 else None
            kept[url] = Enclosure(url=url, type=_media_type(enclosure.type, url), length=length)
    return tuple(kept.values())


def _media_type(given: str, url: str) -> str:
    told = given.partition(";")[0].strip().lower()
    if _MEDIA_TYPE.fullmatch(told):
        return told
    return _TYPES.guess_type(url.partition("?")[0])[0] or "application/octet-stream"


def _tag(name: str, given: dict[str, str], base: str | None) -> str:
    """The opening tag of an element with the attributes that may stay; "" where the element may not."""
    if name in _AS_DIV:
        return "<div>"
    if name == "img":
        return _image(given, base)
    asked = [k for k in _KEEP if k in given and k in _ASKED.get(name, ())]
    kept = {k: v for k, v in ((k, _KEEP[k](given[k], base)) for k in asked) if v is not None}
    if (name == "a" and "href" not in kept) or (name == "source" and "src" not in kept):
        return ""
    if name == "a":
        kept["rel"] = "nofollow noopener"
    return _written(name, kept)


def _image(given: dict[str, str], base: str | None) -> str:
    if any(_TINY.fullmatch(given.get(side, "").strip()) for side in ("width", "height")):
        return ""
    if _TINY_STYLE.search(given.get("style", "")):
        return ""
    src = given.get("src", "")
    weak = not src.strip() or _STAND_IN.match(src.strip()[:2000]) is not None
    sets = [_largest(given[k]) for k in _SETS if k in given]
    choice = [*(given[k] for k in LAZY if k in given), *([*sets, src] if weak else [src, *sets])]
    found = next(
        (url for url in (absolute(c, base) for c in choice if not c.startswith("data:")) if url), None
    )
    if found is None:
        return ""
    sides = {k: given[k] for k in ("width", "height") if _NUMBER.fullmatch(given.get(k, ""))}
    words = {k: given[k] for k in ("alt", "title") if given.get(k)}
    return _written("img", {"src": found, **words, **sides})


def _largest(srcset: str) -> str:
    """The candidate of a `srcset` with the highest width or density (HTML, 4.8.4.2.1)."""
    candidates = [(float(size or 1), url) for url, size in _CANDIDATE.findall(srcset[:10_000])]
    return max(candidates, key=lambda c: c[0], default=(0.0, ""))[1]


def _written(name: str, attributes: dict[str, str]) -> str:
    return "".join((f"<{name}", *(f' {k}="{entities.escape(legal(v))}"' for k, v in attributes.items()), ">"))


def _matching(pattern: re.Pattern[str]) -> Callable[[str, str | None], str | None]:
    return lambda value, _: value.strip() if pattern.fullmatch(value.strip()) else None


def _href(value: str, base: str | None) -> str | None:
    contact = _CONTACT.fullmatch(value.strip())
    return quote(contact[0], safe=":@?&=%+,;.-_~") if contact else absolute(value, base)


# Each attribute that may stay, with what makes of it a value that may; other than those of images.
_KEEP: dict[str, Callable[[str, str | None], str | None]] = {
    "href": _href,
    "src": absolute,
    "poster": absolute,
    "title": lambda value, _: value or None,
    "controls": lambda _value, _base: "controls",
    "width": _matching(_NUMBER),
    "height": _matching(_NUMBER),
    "colspan": _matching(_SPAN),
    "rowspan": _matching(_SPAN),
    "start": _matching(_NUMBER),
    "datetime": _matching(_MOMENT),
    "type": _matching(_MEDIA_TYPE),
}
