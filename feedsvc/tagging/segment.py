"""Chinese text -> words. The only module that imports jieba."""

import functools
import hashlib
import logging
import marshal
import os
import re
import stat
import unicodedata
import warnings
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from math import log
from pathlib import Path

from feedsvc.errors import ConfigError
from feedsvc.tagging.tokens import UNKNOWN, Token
from feedsvc.tagging.wordlists import Entry, read_dictionary

with warnings.catch_warnings():
    # Its sources hold invalid escapes and it may import the deprecated pkg_resources; both warn on import.
    warnings.simplefilter("ignore")
    import jieba

jieba.setLogLevel(logging.CRITICAL)

_LAYOUT = b"feedsvc lexicon 1"  # another number whenever _build makes something else
_OUTDATED = 86400.0  # seconds after which the lexicon of another configuration is removed
_KEPT = 20  # least frequency of an added word: enough to hold against chance neighbours
_LATIN = re.compile(r"[A-Za-z][A-Za-z+#&._-]*")
_MIXED = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9+#&._%-]+")
_NUMBER = re.compile(r"[0-9.%+-]+")
_WORD = re.compile(r"\w")
# The commonest surnames, those of two characters apart.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴"
    "霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄"
    "窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查"
)
_DOUBLE_SURNAMES = frozenset(
    ("欧阳", "上官", "司马", "诸葛", "司徒", "东方", "皇甫", "夏侯", "尉迟", "端木", "慕容")
)
_ENDINGS = (
    (
        "nt",
        (
            "公司",
            "集团",
            "银行",
            "大学",
            "学院",
            "中学",
            "小学",
            "医院",
            "法院",
            "协会",
            "学会",
            "委员会",
            "研究院",
            "研究所",
        ),
    ),
    ("ns", ("村", "镇", "乡", "街道", "社区", "县", "路", "街", "湖", "岛", "湾", "寺", "景区", "公园")),
)


class Segmenter:
    """A tokenizer of our own: nothing of jieba's global state or its shared cache file is used.

    Not safe for threads. Takes some 100 MB; made for children that tag, never for a web worker.
    """

    def __init__(
        self, dictionaries: Sequence[Path] = (), *, words: Mapping[str, str] | None = None, cache_dir: Path
    ) -> None:
        """`dictionaries` are in jieba's format, and overrule its own; `words` are further words with their
        parts of speech, of which only those that it lacks, and places (ns), change anything.

        The lexicon is kept in `cache_dir`, which is made for this user alone (mode 0700), and is built again
        when anything it came from has changed. Raises ConfigError for a bad dictionary or cache folder.
        """
        own = [entry for path in dictionaries for entry in read_dictionary(path)]
        _secure(cache_dir)
        self._tokenizer = jieba.Tokenizer()
        freq, total, self._pos = _lexicon(words or {}, own, cache_dir)
        self._tokenizer.FREQ, self._tokenizer.total, self._tokenizer.initialized = freq, total, True
        self._log_total = log(total)

    def cut(self, value: str) -> list[Token]:
        """The words of `value` in order; together they are `value`, white space and punctuation included."""
        tokens = []
        start = 0
        known = self._pos.get
        for word in self._tokenizer.cut(value):
            tokens.append(Token(word, known(word) or _guess(word), start))
            start += len(word)
        return tokens

    def search_words(self, value: str) -> list[str]:
        """The words of `value` and the shorter words inside them, folded, for a search index."""
        folded = unicodedata.normalize("NFKC", value).casefold()
        return [word for word in self._tokenizer.cut_for_search(folded) if _WORD.search(word)]

    def rarity(self, word: str) -> float:
        """How rare a word is: the negative logarithm of its share of all words; some 4 to 18."""
        freq: int = self._tokenizer.FREQ.get(word) or 1
        return self._log_total - log(freq)

    def known(self, word: str) -> bool:
        """Whether the lexicon holds `word`."""
        return word in self._pos


def _secure(folder: Path) -> None:
    """Make sure that nobody else can put a cache file there: marshal would run what it is fed."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        info = folder.stat()
        if info.st_uid == os.getuid() and stat.S_IMODE(info.st_mode) & 0o077:
            folder.chmod(0o700)
    except OSError as exc:
        raise ConfigError(str(folder), f"the cache folder cannot be made ({exc.strerror or exc})") from exc
    if info.st_uid != os.getuid():
        raise ConfigError(str(folder), "the cache folder belongs to another user; give one of your own")


_Lexicon = tuple[dict[str, int], int, dict[str, str]]


def _lexicon(words: Mapping[str, str], own: Sequence[Entry], cache_dir: Path) -> _Lexicon:
    """Frequencies of words and of their beginnings (0), their total, parts of speech: cached by content."""
    source = resources.files("jieba").joinpath("dict.txt").read_bytes()
    content = repr((jieba.__version__, sorted(words.items()), own)).encode("utf-8", "surrogatepass")
    name = hashlib.sha256(_LAYOUT + content + source).hexdigest()
    file = cache_dir / f"lexicon-{name[:32]}"
    cached = _load(file)
    if cached is not None:
        return cached
    built = _build(source, words, own)
    _save(file, built)
    return built


def _build(source: bytes, words: Mapping[str, str], own: Sequence[Entry]) -> _Lexicon:
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(_Lines(source))
    tokenizer.initialized = True
    lines = source.decode("utf-8").splitlines()
    pos = {word: tag for word, _, tag in (line.split(" ") for line in lines if line)}
    for word, tag in sorted(words.items()):
        if word not in pos:
            tokenizer.add_word(word, max(_KEPT, tokenizer.suggest_freq(word)))
        if word not in pos or tag == "ns":
            pos[word] = tag
    for word, freq, tag in own:
        tokenizer.add_word(word, freq)
        pos[word] = tag
    # Equal strings become one object, which marshal then writes, and loads, once.
    tags = {tag: tag for tag in pos.values()}
    return (
        tokenizer.FREQ,
        tokenizer.total,
        {word: tags[pos[word]] for word, freq in tokenizer.FREQ.items() if freq and word in pos},
    )


class _Lines:
    """The bytes of a dictionary as jieba reads a file."""

    name = "dict.txt"

    def __init__(self, content: bytes) -> None:
        self._lines = content.splitlines()

    def __iter__(self) -> Iterable[bytes]:
        return iter(self._lines)

    def close(self) -> None:
        self._lines = []


def _load(file: Path) -> _Lexicon | None:
    try:
        content = file.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(content[32:]).digest() != content[:32]:
        return None  # cut short, by a full disk or a crash
    freq, total, pos = marshal.loads(content[32:])
    return freq, total, pos


def _save(file: Path, lexicon: _Lexicon) -> None:
    """Keep `lexicon`, and no outdated one. A full or read-only folder costs a slower start, nothing else."""
    payload = marshal.dumps(lexicon)
    new = file.with_name(f"new-{os.getpid()}-{file.name}")
    try:
        new.write_bytes(hashlib.sha256(payload).digest() + payload)
        new.replace(file)
        for old in file.parent.glob("*lexicon-*"):
            if old != file and old.stat().st_mtime < file.stat().st_mtime - _OUTDATED:
                old.unlink(missing_ok=True)
    except OSError as exc:
        new.unlink(missing_ok=True)
        logging.getLogger(__name__).warning("the lexicon cannot be cached in %s: %s", file.parent, exc)


@functools.lru_cache(maxsize=20_000)
def _guess(word: str) -> str:
    """The part of speech of a word that the lexicon lacks: by its characters, surname or ending."""
    if _LATIN.fullmatch(word):
        return "eng"
    if _NUMBER.fullmatch(word):
        return "m"
    if _MIXED.fullmatch(word):
        return "eng"
    if not _WORD.search(word):
        return "x"
    for pos, endings in _ENDINGS:
        if word.endswith(endings) and len(word) > 2:
            return pos
    if (2 <= len(word) <= 3 and word[0] in _SURNAMES) or (
        len(word) in (3, 4) and word[:2] in _DOUBLE_SURNAMES
    ):
        return "nr"
    return UNKNOWN
