"""Text in the other script. The only module that imports opencc.

OpenCC's dictionaries for words as Taiwan and the mainland have them (s2twp, tw2sp) are for text of the other
script alone: on text that has its script already they see computing terms in plain words (建立 becomes 创建,
支持 becomes 支援). So each text is asked for its script first, and a text that is right keeps its words.

They come from software, and news says many of their words otherwise: 发布会 would be 釋出會, and 多元音乐
多母音樂. `script.toml` beside this module names these; the longest word of all wins.
"""

import json
import re
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

from opencc import OpenCC

HANS = "hans"
HANT = "hant"
# RFC 5646: language and script.
LANGUAGES: Mapping[str, str] = {HANS: "zh-Hans", HANT: "zh-Hant"}

_WORDS = {HANS: "tw2sp", HANT: "s2twp"}
_CHARACTERS = {HANS: "t2s", HANT: "s2tw"}
_VARIANTS = "t2tw"
# The list of words within each of these.
_LISTS = {"tw2sp": "TWPhrasesRev.ocd2", "s2twp": "TWPhrases.ocd2"}
_SHARED_MEMORY = Path("/dev/shm")
_STANDARDS = {HANS: "gb2312", HANT: "big5"}
_HAN = "".join(map(chr, range(0x4E00, 0xA000)))

# A tag of well-formed HTML whose text has no bare `<` and whose values stand in double quotes: nh3's.
_TAG = re.compile(r'(<[^<>"]*(?:"[^"]*"[^<>"]*)*>)')
_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_CODE = frozenset(("code", "kbd", "pre", "samp", "script"))

# Chinese text runs on after an address without a space, so a host that is ASCII ends where ASCII does; a path
# may hold anything but what closes a sentence or a bracket.
_STOP = r"\s<>\"、。〈〉《》「」『』【】〔〕“”‘’，；：！？（）…"
_LABEL = rf"(?:[A-Za-z0-9@:%_~-]+|[^\x00-\x7f{_STOP}][^./{_STOP}]*)"
_LOCAL = "a-z0-9._%+-"
_LETTER = r"[^\W\x00-\x7f]"
_ADDRESS = re.compile(
    rf"((?:(?<![a-z])[a-z][a-z0-9+.-]{{0,15}}://|www\.){_LABEL}(?:\.{_LABEL})*(?:[/?#][^{_STOP}]*)?"
    rf"|(?:(?<![{_LOCAL}])[{_LOCAL}]{{1,64}}|(?<!{_LETTER}){_LETTER}{{1,64}})@{_LABEL}(?:\.{_LABEL})+)",
    re.IGNORECASE,
)
# Surnames that are words of another spelling elsewhere (范围 is 範圍), where a name of two or three
# characters begins.
_SURNAME = re.compile(
    r"((?:(?<![\u3400-\u9fff])|(?<=记者)|(?<=通讯员)|(?<=编辑)|(?<=作者))[于余范岳郁涂朴游])"
    r"(?=[\u3400-\u9fff]{1,2}(?![\u3400-\u9fff]))"
)
_LOCK = Lock()
_converters: dict[str, Callable[[str], str]] = {}


def of(text: str) -> str | None:
    """The script whose own characters are more in `text`, each counted once; None where neither's are.

    A script's own are those that conversion changes and the other's national character set (GB 2312, Big5)
    does not have: 后, 里, 干 and 余 stand in both and tell nothing.
    """
    found = set(text)
    simplified, traditional = len(found & _telling(HANT)), len(found & _telling(HANS))
    if simplified == traditional:
        return None
    return HANS if simplified > traditional else HANT


def to(text: str, target: str, within: str | None = None) -> str:
    """Plain `text`, legal for XML, in the script `target`, in words of the mainland or of Taiwan.

    A text that is in `target` already keeps its words; only stray characters of the other script are changed.
    `within` is the script of what a text that does not show its own stands in (None: simplified). URLs
    (`https://…`, `www.…`) and mail addresses stay as they are.
    """
    return _to(text, target, of(text) or within or HANS)


def html_to(html: str, target: str, within: str | None = None) -> str:
    """`html`, as `clean.safe_html` makes it, with its text in the script `target`, as in `to`.

    Tags, their attributes and what is inside of code, kbd, pre, samp and script stay as they are. Words that
    a tag divides are converted in their parts.
    """
    pieces = _TAG.split(html)
    source = of("".join(pieces[::2])) or within or HANS
    depth = 0
    for at, piece in enumerate(pieces):
        if at % 2:
            match = _TAG_NAME.match(piece)
            if match and match[2].lower() in _CODE:
                depth = max(0, depth + (-1 if match[1] else 1))
        elif piece and not depth:
            pieces[at] = _to(piece, target, source)
    return "".join(pieces)


def name_to(name: str, target: str, within: str | None = None) -> str:
    """The name of a paper or a place in the script `target`: its characters, never other words."""
    source = of(name) or within or HANS
    return name.translate(_table(target)) if source == target else _converter(_CHARACTERS[target])(name)


def author_to(name: str, target: str, within: str | None = None) -> str:
    """As `name_to`, for people: surnames stay that another character would be made of (余, 范, 于).

    Places are converted (餘姚), and their names may begin with the same.
    """
    if target == HANS:
        return name_to(name, target, within)
    own = of(name) or within
    return _apart(_SURNAME, name, lambda part: name_to(part, target, own))


def _to(text: str, target: str, source: str) -> str:
    if source == target:
        table = _table(target)
        return _apart_from_addresses(text, lambda part: part.translate(table))
    return _apart_from_addresses(text, _converter(_WORDS[target]))


def _apart_from_addresses(text: str, convert: Callable[[str], str]) -> str:
    if "@" in text or "://" in text or "www." in text.lower():
        return _apart(_ADDRESS, text, convert)
    return convert(text)


def _apart(kept: re.Pattern[str], text: str, convert: Callable[[str], str]) -> str:
    """`text` converted but for what the one group of `kept` matches."""
    parts = kept.split(text)
    parts[::2] = map(convert, parts[::2])
    return "".join(parts)


def _converter(config: str) -> Callable[[str], str]:
    """The converter of a configuration of OpenCC, made once (s2twp: 80 ms, 43 MB). Converting is
    thread-safe: OpenCC tests that, and its Python module holds the interpreter's lock meanwhile."""
    with _LOCK:
        if config not in _converters:
            if config in _LISTS:
                with _amended(config) as path:
                    _converters[config] = _opened(path)
            else:
                _converters[config] = _opened(config)
        return _converters[config]


def _opened(config: str) -> Callable[[str], str]:
    # False: no characters that most fonts lack (𬬻); the other script's stays then.
    return OpenCC(config, False).convert


@contextmanager
def _amended(config: str) -> Iterator[str]:
    """The path of a configuration like `config` in which our words stand before those of its list.

    Before any list is asked, text is cut into the words of another, and what that cuts is never found; so it
    learns our longer words too, as they are before any conversion.
    """
    shipped = files("opencc") / "clib" / "share" / "opencc"
    target = next(script for script, name in _WORDS.items() if name == config)
    ours = words(target)
    given = _opened(_CHARACTERS[HANS]) if target == HANT else str
    whole = {given(word): word for word in ours if len(word) > 2}

    def before(entries: Mapping[str, str], found: object) -> dict[str, object]:
        return {
            "type": "group",
            "match_policy": "union",
            "dicts": [{"type": "inline", "entries": entries}, found],
        }

    def amended(node: Any) -> Any:
        if isinstance(node, list):
            return [amended(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "file" not in node:
            return {key: amended(each) for key, each in node.items()}
        found = node | {"file": str(shipped / node["file"])}
        return before(ours, found) if node["file"] == _LISTS[config] else found

    document = amended(json.loads((shipped / f"{config}.json").read_text("utf-8")))
    document["segmentation"]["dict"] = before(whole, document["segmentation"]["dict"])
    # OpenCC reads configurations from files alone; a full disk is no reason to have none.
    folder = _SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None
    with tempfile.NamedTemporaryFile("w", suffix=".json", dir=folder, encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False)
        file.flush()
        yield file.name


def words(target: str) -> dict[str, str]:
    """The words of `script.toml` for the script `target`, and what stands for each.

    What is to stay in Taiwan has Taiwan's characters (裡, not 裏), which OpenCC would not see to any more.
    """
    found: dict[str, str] = {}
    spelled = _opened(_VARIANTS) if target == HANT else str
    for group in tomllib.loads((files("feedsvc") / "script.toml").read_text("utf-8"))[target]:
        found |= {word: spelled(word) for word in group.get("keep", "").split()}
        found |= dict(line.split() for line in group.get("say", "").splitlines() if line)
    return found


@cache
def _table(target: str) -> dict[int, str]:
    return str.maketrans(dict(_foreign(target)))


@cache
def _telling(target: str) -> frozenset[str]:
    return frozenset(_foreign(target))


@cache
def _foreign(target: str) -> Mapping[str, str]:
    """The characters that are the other script's own, and what `target` has in their place."""
    standard = set(_HAN.encode(_STANDARDS[target], "ignore").decode(_STANDARDS[target]))
    # 裏 and 羣 are traditional, though Taiwan has 裡 and 群.
    variants = _changed(HANS).keys() if target == HANT else frozenset()
    return {
        char: other
        for char, other in _changed(target).items()
        if char not in standard and char not in variants
    }


@cache
def _changed(target: str) -> Mapping[str, str]:
    """The characters that change when they stand alone."""
    converted = _converter(_CHARACTERS[target])("\n".join(_HAN)).split("\n")
    return {char: other for char, other in zip(_HAN, converted, strict=True) if char != other}
