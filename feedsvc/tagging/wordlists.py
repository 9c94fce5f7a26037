"""Word lists of the configuration: dictionaries in jieba's form, and plain lists. Knows nothing of jieba."""

import re
import unicodedata
from pathlib import Path

from feedsvc.errors import ConfigError

Entry = tuple[str, int | None, str]

USER_POS = "nz"  # a proper name of its own: what people add to a dictionary
_LINE = re.compile(r"(?P<word>\S{1,64})(?: (?P<freq>[0-9]{1,9}))?(?: (?P<pos>[a-z]{1,8}))?")
_ALLOWED = "allowed is: a word, its frequency (digits, optional), its part of speech (a-z, optional)"


def read_dictionary(path: Path) -> list[Entry]:
    """Words, frequencies (None: high enough to be kept whole) and parts of speech of a jieba user dictionary.

    Blank lines are allowed. Raises ConfigError with file and line for anything else that jieba would misread.
    """
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except OSError as exc:
        raise ConfigError(str(path), f"the dictionary cannot be read ({exc.strerror or exc})") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(str(path), "the dictionary is not UTF-8") from exc
    entries = []
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or match["freq"] == "0":
            raise ConfigError(f"{path}:{number}", f"found {line.strip()[:40]!r}; {_ALLOWED}")
        word = unicodedata.normalize("NFKC", match["word"])
        entries.append((word, int(match["freq"]) if match["freq"] else None, match["pos"] or USER_POS))
    return entries


def read_words(path: Path) -> list[str]:
    """The lines of a word list. ConfigError if it cannot be read."""
    try:
        return [line.strip() for line in path.read_text("utf-8-sig").split("\n") if line.strip()]
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(str(path), f"cannot be read ({exc}); allowed: a text file in UTF-8") from exc
