"""Links: made absolute and ASCII, folded for identity; ids made from them.

`canonical` and `article_uuid` decide for ever which article is which: a change here needs a migration that
makes the stored keys anew.
"""

import re
import uuid
from urllib.parse import (
    SplitResult,
    parse_qsl,
    quote,
    unquote_to_bytes,
    urlencode,
    urljoin,
    urlsplit,
    urlunsplit,
)

# UUIDv5 of the name "feedsvc" in the URL namespace of RFC 9562; fixed for ever.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:feedsvc:articles")

_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_BEFORE_QUERY = re.compile(r"^[^?#]*")
_SAFE = "!$&'()*+,;=:@-._~/"
_MIRROR = re.compile(r"^(?:www|m|wap|3g|mobile|amp)\.(?=[^.]+\.)")
_INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|php|aspx?|jsp)$", re.IGNORECASE)
_AMP = re.compile(r"/amp/?$|(?<=\.)amp\.(?=html?$)", re.IGNORECASE)
_TRACKING = re.compile(
    r"^(?:utm_.*|spm|scm|fbclid|gclid|yclid|msclkid|mc_cid|mc_eid|igshid|_ga|_gl|ref_src|isappinstalled|"
    r"share_token|sharefrom|share_from|wxshare_count|nsukey|amp)$",
    re.IGNORECASE,
)
_SHARED_FROM = {"timeline", "singlemessage", "groupmessage", "weixin", "wechat", "qq", "weibo"}
_PORTS = {"http": 80, "https": 443}


def absolute(link: str | None, base: str | None = None) -> str | None:
    """`link`, resolved against `base`, as an absolute ASCII http(s) URL; None if there is no such thing.

    Non-ASCII and unsafe characters are percent-encoded as UTF-8, hosts go to IDNA, credentials are dropped.
    """
    if link is None:
        return None
    link = _CONTROL.sub(lambda m: "%20" if m[0] == " " else "", link.strip())
    if not link:
        return None
    # As browsers read it, a backslash is a slash up to the query: no two readers see two hosts in one link.
    link = _BEFORE_QUERY.sub(lambda m: m[0].replace("\\", "/"), link, count=1)
    try:
        parts = urlsplit(urljoin(base, link) if base else link)
        netloc = _netloc(parts)
    except ValueError:
        return None
    if netloc is None or parts.scheme not in _PORTS:
        return None
    path = _quoted(parts.path, _SAFE) or "/"
    return urlunsplit(
        (parts.scheme, netloc, path, _quoted(parts.query, _SAFE + "?"), _quoted(parts.fragment, _SAFE + "?"))
    )


def canonical(link: str) -> str:
    """The form of an absolute link under which it is recognised: two spellings of one page give one string.

    Folded away: scheme, www. and mobile hosts, default port, AMP twins, index pages, a trailing slash,
    tracking parameters, the order of parameters, needless percent-encoding, the fragment (unless it routes:
    #! or #/).
    """
    parts = urlsplit(link)
    host = _MIRROR.sub("", (parts.hostname or "").rstrip("."))
    if parts.port is not None and parts.port != _PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    path = _AMP.sub("", _INDEX.sub("/", _quoted(_unquoted(parts.path), _SAFE))).rstrip("/")
    pairs = sorted((k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _tracks(k, v))
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return urlunsplit(("", host, path, urlencode(pairs), fragment)).removeprefix("//")


def article_uuid(source: str, kind: str, value: str) -> str:
    """The id of an article first recognised in `source` by key `kind` `value` (RFC 9562, version 5)."""
    return str(uuid.uuid5(NAMESPACE, "\n".join((source, kind, value))))


def host_of(link: str) -> str:
    """The lower-case host of an absolute URL, with its port if not the default; '' if there is none."""
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".")
    return host if port in (None, _PORTS.get(parts.scheme)) else f"{host}:{port}"


def _netloc(parts: SplitResult) -> str | None:
    host = parts.hostname
    if not host:
        return None
    if ":" not in host:  # not an IPv6 literal
        host = host.rstrip(".")
        try:
            host = host.encode("idna").decode("ascii") if not host.isascii() else host
        except UnicodeError:
            return None
        if not re.fullmatch(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", host):
            return None
    else:
        host = f"[{host}]"
    port = parts.port
    return host if port in (None, _PORTS.get(parts.scheme)) else f"{host}:{port}"


def _quoted(value: str, safe: str) -> str:
    """`value` with what is not URL-safe percent-encoded; an existing %XX stays, a lone % becomes %25."""
    value = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", value)
    return quote(value.encode("utf-8", "replace"), safe=safe + "%")


def _unquoted(path: str) -> str:
    """`path` with percent-encoding undone only where that cannot change its meaning."""

    def decoded(match: re.Match[str]) -> str:
        raw = unquote_to_bytes(match[0])
        try:
            char = raw.decode()
        except UnicodeDecodeError:
            return match[0].upper()
        return "".join(c if c.isalnum() or c in "-._~" else quote(c, safe="") for c in char)

    return re.sub(r"(?:%[0-9A-Fa-f]{2})+", decoded, path)


def _tracks(key: str, value: str) -> bool:
    return bool(_TRACKING.match(key)) or (key == "from" and value in _SHARED_FROM)
