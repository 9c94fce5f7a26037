"""Paths as they were sent, what addresses in them mean, and whether they are spelled as they should be."""

import uuid
from collections.abc import Mapping
from urllib.parse import quote, unquote_to_bytes, urlsplit

from feedsvc.errors import UnknownError
from feedsvc.feeds.address import Names, parse, shortcut
from feedsvc.model import Address, Facet

_UNRESERVED = "-._~"  # beside letters and digits (RFC 3986, section 2.3); quote() knows them itself


def sent(environ: Mapping[str, object]) -> str:
    """The path of a WSGI request as the client encoded it: ASCII, no query, below SCRIPT_NAME.

    From RAW_URI or REQUEST_URI, where an encoded slash or comma is still told from one that separates; from
    PATH_INFO where the server gives neither, or something in front has rewritten the path.
    """
    script, info = _bytes(environ.get("SCRIPT_NAME")), _bytes(environ.get("PATH_INFO"))
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if isinstance(raw, str):
        found = _quoted(_path(raw), safe="/,%" + _UNRESERVED + "!$&'()*+;=:@")
        if _same(found, info):
            return found
        if script and _same(found, script + info):
            return "/" + "/".join(found.split("/")[1 + script.count(b"/") :])
    return quote(info, safe="/,")


def meaning(raw: str, names: Names) -> Address:
    """The address that a path means: as `address.parse` has it, or the short names of the site's root.

    三农, 嘉兴 and 浙江/嘉兴 are such, and region/浙江/嘉兴. Raises UnknownError and AddressError.
    """
    try:
        return parse(raw, names)
    except UnknownError:
        found = shortcut(raw, names)
        if found is None and raw.startswith("region/"):
            found = shortcut(raw.removeprefix("region/"), names)
            if found is not None and found.selection.clauses[0].facet is not Facet.REGION:
                found = None
        if found is None:
            raise
        return found


def spelled(raw: str, canonical: str) -> bool:
    """Whether `raw` is `canonical`, but for characters that need not have been encoded.

    Proxies decode paths and encode them again, more sparingly; a redirect over that would never end.
    """
    return quote(raw, safe="/,%") == canonical


def article_id(given: str) -> str:
    """The canonical text of an article's UUID, given as any spelling of it or as its URN; UnknownError."""
    try:
        return str(uuid.UUID(given))
    except ValueError as exc:
        raise UnknownError("an article is named by its UUID") from exc


def _path(raw: str) -> str:
    """The path of a request target in origin or absolute form (RFC 9112, section 3.2)."""
    if not raw.startswith("/"):
        try:
            return urlsplit(raw).path or "/"
        except ValueError:
            return "/"
    return raw.partition("?")[0].partition("#")[0]


def _same(path: str, decoded: bytes) -> bool:
    """Whether `path` means what a server has made of it; some put U+FFFD for what is not UTF-8."""
    return unquote_to_bytes(path).decode(errors="replace") == decoded.decode(errors="replace")


def _quoted(value: str, *, safe: str) -> str:
    """`value` with bytes that are not ASCII encoded; WSGI servers hold them as Latin-1, others as text."""
    try:
        return quote(value.encode("latin-1"), safe=safe)
    except UnicodeEncodeError:
        return quote(value, safe=safe)


def _bytes(value: object) -> bytes:
    return value.encode("latin-1", "replace") if isinstance(value, str) else b""
