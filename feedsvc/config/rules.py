"""What a single setting may be: each rule gives the value back in its clean form, or raises ValueError.

A plain ValueError means «found ...; allowed: ...»; a `Refusal` says the whole sentence itself.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from urllib.parse import urlsplit

from feedsvc import sizes, urls
from feedsvc.config.given import shown
from feedsvc.model import Kind, Selectors

KINDS = tuple(Kind)
ID = r"[a-z0-9][a-z0-9_-]{0,63}"
LANGUAGE = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?"  # RFC 5646, the parts feeds use
HOST = r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*"
AUTHORITY = rf"([A-Za-z0-9._-]+@)?{HOST}"  # RFC 4151, section 2.1
IPTC = r"medtop:[0-9]{8}"
CONTACT = r"[^\s@<>()]+@[^\s@<>()]+"
_API_KEY = r"[!-~]{16,}"  # as it stands in an Authorization header
_HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # RFC 9110, section 5.6.2
_HEADER_VALUE = r"[!-~]([\t -~]*[!-~])?"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


class Refusal(ValueError):
    """A value that may not be; `str()` is the whole sentence about it."""


def matching(pattern: str) -> Callable[[str], str]:
    """The rule that the whole value matches `pattern`."""

    def rule(value: str) -> str:
        if re.fullmatch(pattern, value) is None:
            raise ValueError(pattern)
        return value

    return rule


def line(value: str) -> str:
    """One line of text that is not empty, without control characters and what no encoding holds; stripped."""
    if not value.strip() or _UNPRINTABLE.search(value):
        raise ValueError("empty or unprintable")
    return value.strip()


def label(value: str) -> str:
    """A line that may stand in an address, where `/` and `,` have a meaning (DESIGN: feeds)."""
    if "/" in value or "," in value:
        raise ValueError("/ or ,")
    return line(value)


def file(value: object) -> object:
    """Text as a path, as it stands; other values are left to the type."""
    return Path(line(value)) if isinstance(value, str) else value


def duration(value: object) -> object:
    """Text as a timedelta; other values are left to the type."""
    return sizes.duration(value) if isinstance(value, str) else value


def size(value: object) -> object:
    """Text as bytes. A bare number is refused: nobody knows of what."""
    if isinstance(value, str):
        return sizes.size(value)
    raise ValueError("no unit")


def network(value: object) -> object:
    """Text as an IP network (CIDR); bits set beyond the mask are refused."""
    return ipaddress.ip_network(value) if isinstance(value, str) else value


def host(value: str) -> str:
    """An IP address or a host name to listen on."""
    try:
        return str(ipaddress.ip_address(value.strip("[]")))
    except ValueError:
        return matching(HOST)(value)


def web_url(value: str) -> str:
    """An absolute http(s) URL, made ASCII; credentials in it are refused."""
    url = urls.absolute(value)
    if url is None:
        raise ValueError("not absolute, not http(s)")
    if "@" in urlsplit(value).netloc:
        raise Refusal("found a URL with a user name; allowed: a URL without one")
    return url


def base_url(value: str) -> str:
    """An absolute http(s) URL without query and fragment; a slash at its end is cut."""
    if "?" in value or "#" in value:
        raise ValueError("query or fragment")
    return web_url(value).rstrip("/")


def url_or_path(value: str) -> str:
    """An absolute http(s) URL, or a path below the site's base URL, to be resolved by `resolved`."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", value):
        return web_url(value)
    if resolved(value, "http://localhost") is None:
        raise ValueError("no path")
    return value


def resolved(value: str, base: str) -> str | None:
    """What `url_or_path` let pass, as an absolute URL; `base` has no slash at its end."""
    return urls.absolute(value if "://" in value else f"{base}/{line(value).removeprefix('/')}")


def proxy(value: str) -> str:
    """An absolute http(s) URL as it stands, since it may hold a password."""
    if urls.absolute(value) is None:
        raise ValueError("not absolute, not http(s)")
    return value


def store_url(value: str) -> str:
    """An SQLite URL that names a file."""
    scheme, _, path = value.partition(":///")
    if value.startswith("postgres"):
        raise Refusal("PostgreSQL is not supported by this version; allowed: sqlite:///FILE")
    if scheme != "sqlite" or "?" in path or path.rpartition("/")[2] in ("", ".", "..", ":memory:"):
        raise ValueError("not a file of SQLite")
    return line(value)


def kind(value: str) -> str:
    """The kind of a source."""
    if value not in KINDS:
        raise Refusal(f"kind {shown(value)} is unknown; allowed: {', '.join(KINDS)}")
    return value


def api_key(value: object) -> object:
    """A key that is long enough not to be guessed; other values are left to the type."""
    return matching(_API_KEY)(value) if isinstance(value, str) else value


def header_value(value: str) -> str:
    """A header's value as HTTP may carry it, in ASCII (RFC 9110, section 5.5)."""
    return matching(_HEADER_VALUE)(value)


def headers(value: dict[str, str]) -> dict[str, str]:
    """Request headers by name."""
    for name, content in value.items():
        matching(_HEADER_NAME)(name)
        header_value(content)
    return value


def selectors(value: dict[str, str]) -> dict[str, str]:
    """CSS selectors by what they find."""
    from lxml.cssselect import CSSSelector  # no other process than one that reads such a setting needs it

    names = [each.name for each in fields(Selectors)]
    for name, selector in value.items():
        if name not in names:
            raise Refusal(f"unknown selector {shown(name)}; allowed: {', '.join(names)}")
        try:
            CSSSelector(selector)
        except (SyntaxError, ValueError) as exc:
            problem = f"{name}: found {shown(selector)}, which is no CSS selector"
            raise Refusal(f'{problem}; allowed: one such as "ul.news li > a"') from exc
    return value


def expanded(value: str, environ: Mapping[str, str]) -> str:
    """`value` with each ${NAME} as the environment has it. KeyError names one that is not there."""
    return _VARIABLE.sub(lambda match: environ[match[1]], value)
