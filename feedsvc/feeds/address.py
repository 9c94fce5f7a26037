"""Paths -> addresses of feeds and back: one canonical spelling for each address.

    path    = [ "all" ] *pair *option          at least one of the three
    pair    = [ "-" ] facet "/" value *( "," value )
    option  = "limit" "/" 1..200  |  "content" "/" ( "full" | "summary" | "title" )
            | "script" "/" ( "hans" | "hant" )  |  "archive" "/" number

A path here is still percent-encoded and has neither the leading `/feeds/` nor, but for `split_suffix` and
`canonical`, a suffix. It must be the path as it was sent (gunicorn's RAW_URI), not WSGI's PATH_INFO: that is
decoded already, where an encoded slash or comma can no longer be told from one that separates.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol
from urllib.parse import quote, unquote_to_bytes

from feedsvc import queries, text
from feedsvc.errors import AddressError, UnknownError
from feedsvc.model import Address, Clause, Facet, Format, Selection

MAX_PATH = 2000
MAX_PAIRS = 10
MAX_VALUES = 20
LIMITS = range(1, 201)
CONTENTS = ("full", "summary", "title")
SCRIPTS = ("hans", "hant")

_ALL = "all"
# What values that are not names of something are written as.
_SPELLING: Mapping[Facet, Callable[[str], str]] = {
    Facet.TAG: text.spelling,
    Facet.AUTHOR: text.spelling,
    Facet.SEARCH: queries.canonical,
}
_FACETS = {facet.value: facet for facet in Facet}
_FORMATS = {format_.value: format_ for format_ in Format}
_OPTIONS = ("limit", "content", "script", "archive")
_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
_ORDER = {facet: at for at, facet in enumerate(Facet)}
_ASKED = 40  # characters of a bad path repeated in an error


class Names(Protocol):
    """What the words of closed facets mean; each method raises UnknownError for what it does not know."""

    def category(self, value: str) -> str:
        """The key of the category with this key or label."""
        ...

    def region(self, value: str) -> str:
        """The code of the region with this code, name or path of names (浙江/嘉兴)."""
        ...

    def source(self, value: str) -> str:
        """The id of the source with this id."""
        ...


def parse(path: str, names: Names) -> Address:
    """The address that `path` spells, in its canonical form, so that equal selections are equal values.

    Raises UnknownError where it names what does not exist, AddressError where it cannot be read at all or has
    no canonical spelling within MAX_PATH characters. Never raises anything else, whatever the string.
    """
    if len(path) > MAX_PATH:
        raise AddressError(f"an address has at most {MAX_PATH} characters")
    segments = path.strip("/").split("/")
    words = [_decoded(segment) for segment in segments]
    if words[0] == _ALL:
        segments, words = segments[1:], words[1:]
    elif words == [""]:
        raise AddressError("an address needs a selection, such as all or category/…")
    clauses: list[Clause] = []
    options: dict[str, str] = {}
    for at in range(0, len(words), 2):
        word = words[at]
        known = _facet(word)
        if known is None and word not in _OPTIONS:
            raise UnknownError(f"there is no {_shown(word)} in an address")
        if at + 1 == len(words):
            raise AddressError(f"{word!r} needs a value")
        if known is not None:
            clauses.append(_clause(*known, segments[at + 1], names))
        elif word in options:
            raise AddressError(f"{word!r} is given twice")
        else:
            options[word] = words[at + 1]
    if len(clauses) > MAX_PAIRS:
        raise AddressError(f"an address has at most {MAX_PAIRS} pairs")
    address = arranged(
        Address(
            selection=Selection(clauses=tuple(clauses)),
            limit=_limit(options.get("limit")),
            content=_one_of("content", CONTENTS, options),
            script=_one_of("script", SCRIPTS, options),
            archive=_archive(options.get("archive")),
        )
    )
    if len(spelled := _path(address)) > MAX_PATH:
        raise AddressError(f"an address has at most {MAX_PATH} characters, encoded: this has {len(spelled)}")
    return address


def path(address: Address) -> str:
    """The canonical path of `address`: ASCII, without `/feeds/` and suffix.

    Pairs in the order of Facet, then minus pairs, then options; values sorted by code point; nothing twice.
    """
    return _path(arranged(address))


def canonical(raw_path: str, names: Names) -> str:
    """The canonical spelling of `raw_path`, with its suffix if it has one. Raises as `parse` does.

    Where the two differ, the answer to `raw_path` is a redirect to the result, which is its own canonical.
    """
    rest, suffix = split_suffix(raw_path)
    spelled = path(parse(rest, names))
    return f"{spelled}.{suffix}" if suffix else spelled


def split_suffix(raw_path: str) -> tuple[str, Format | None]:
    """`raw_path` without the suffix of a format, and that format; None if it ends in no known suffix.

    Only the last dot counts, so a tag keeps its own; an unknown suffix is part of the last value.
    """
    # An encoded dot is the same URL (RFC 3986, 6.2.2.2).
    rest = raw_path.rstrip("/").replace("%2E", ".").replace("%2e", ".")
    stem, dot, suffix = rest.rpartition(".")
    if dot and suffix in _FORMATS and stem and not stem.endswith("/"):
        return stem, _FORMATS[suffix]
    return raw_path, None


def shortcut(raw_path: str, names: Names) -> Address | None:
    """What a short path of the site's root means: /三农, /浙江/嘉兴, /嘉兴; None if it means nothing."""
    try:
        words = [_decoded(segment) for segment in raw_path.strip("/").split("/")]
    except AddressError:
        return None
    if len(words) == 1 and (found := _known(names.category, words[0])):
        return Address(selection=Selection(clauses=(Clause(facet=Facet.CATEGORY, values=(found,)),)))
    if all(words) and (found := _known(names.region, "/".join(words))):
        return Address(selection=Selection(clauses=(Clause(facet=Facet.REGION, values=(found,)),)))
    return None


def arranged(address: Address) -> Address:
    """`address` in canonical form: free values as they are spelled, everything sorted, nothing twice."""
    clauses = {
        Clause(facet=clause.facet, values=values, excluded=clause.excluded)
        for clause in address.selection.clauses
        if (values := _arranged_values(clause))
    }
    ordered = sorted(clauses, key=lambda clause: (clause.excluded, _ORDER[clause.facet], clause.values))
    return replace(address, selection=Selection(clauses=tuple(ordered)))


def _path(address: Address) -> str:
    parts: list[str] = []
    for clause in address.selection.clauses:
        parts.append(f"-{clause.facet}" if clause.excluded else clause.facet)
        parts.append(",".join(quote(value, safe="") for value in clause.values))
    if not address.selection.clauses or address.selection.clauses[0].excluded:
        parts.insert(0, _ALL)
    if address.limit is not None:
        parts += ["limit", str(address.limit)]
    if address.content is not None:
        parts += ["content", address.content]
    if address.script is not None:
        parts += ["script", address.script]
    if address.archive is not None:
        parts += ["archive", str(address.archive)]
    return "/".join(parts)


def _arranged_values(clause: Clause) -> tuple[str, ...]:
    values = map(_SPELLING.get(clause.facet, text.legal), clause.values)
    return tuple(sorted(value for value in set(values) if value))


def _decoded(segment: str) -> str:
    """`segment` percent-decoded once, as one line. Raises AddressError for bad UTF-8, control characters."""
    try:
        value = unquote_to_bytes(segment).decode()
    except UnicodeError as exc:
        raise AddressError(f"{_shown(segment)} is not UTF-8") from exc
    if text.legal(value) != value or any(char in value for char in "\t\n"):
        raise AddressError(f"{_shown(segment)} holds a control character")
    return unicodedata.normalize("NFC", text.squeeze(value))


def _facet(word: str) -> tuple[Facet, bool] | None:
    """The facet that the first half of a pair names, and whether it is a minus pair."""
    bare = word.removeprefix("-")
    return (_FACETS[bare], bare != word) if bare in _FACETS else None


def _clause(facet: Facet, excluded: bool, segment: str, names: Names) -> Clause:
    """`segment` is not decoded yet: a comma sent as %2C belongs to a value, a bare one separates."""
    asked = [value for part in segment.split(",") if (value := _decoded(part))]
    if not asked:
        raise AddressError(f"{facet.value!r} needs a value")
    if len(asked) > MAX_VALUES:
        raise AddressError(f"a pair has at most {MAX_VALUES} values")
    meanings: Mapping[Facet, Callable[[str], str]] = {
        Facet.CATEGORY: names.category,
        Facet.REGION: names.region,
        Facet.SOURCE: names.source,
        Facet.SEARCH: _query,
    }
    meaning = meanings.get(facet, text.spelling)
    return Clause(facet=facet, values=tuple(meaning(value) for value in asked), excluded=excluded)


def _query(value: str) -> str:
    """A query without a letter or digit can never find anything, so there is no point in waiting for it."""
    query = queries.canonical(value)
    if not query:
        raise AddressError(f"a search needs a word, and {_shown(value)} has none")
    if len(query) > queries.MAX_QUERY:
        raise AddressError(f"a search has at most {queries.MAX_QUERY} characters, not {len(query)}")
    return query


def _limit(value: str | None) -> int | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit()):
        raise UnknownError(f"a limit is a number, not {_shown(value)}")
    if len(value) > 9 or int(value) not in LIMITS:
        raise AddressError(f"a limit is {LIMITS[0]} to {LIMITS[-1]}, not {_shown(value)}")
    return int(value)


def _archive(value: str | None) -> int | None:
    if value is not None and not _NUMBER.fullmatch(value):
        raise UnknownError(f"archives have numbers from 1, not {_shown(value)}")
    return None if value is None else int(value)


def _one_of(option: str, allowed: tuple[str, ...], options: Mapping[str, str]) -> str | None:
    value = options.get(option)
    if value is not None and value not in allowed:
        raise UnknownError(f"{option} is {', '.join(allowed)}, not {_shown(value)}")
    return value


def _known(meaning: Callable[[str], str], value: str) -> str | None:
    try:
        return meaning(value)
    except UnknownError:
        return None


def _shown(value: str) -> str:
    return ascii(text.cut(value, _ASKED)) if not value.isprintable() else repr(text.cut(value, _ASKED))
