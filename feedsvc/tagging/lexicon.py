"""How common words are, and what they are. The only module that reads the dictionary of jieba."""

import importlib.util
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from math import log
from pathlib import Path

from feedsvc.tagging.tokens import UNKNOWN
from feedsvc.tagging.wordlists import Entry

_LATIN = re.compile(r"[A-Za-z][A-Za-z+#&._-]*")
_MIXED = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9+#&._%-]+")
_NUMBER = re.compile(r"[0-9.%+-]+")
_WORD = re.compile(r"\w")
# The commonest surnames, those of two characters apart.
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴"
    "霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚"
    "岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查惠厉薄"
    "荆冀粟郜鄢晋谌楚晁亢胥闻沃郁诺乌厍冼蔺花漆辜檀练闾干屠候鹿种敬麻水尉古"
)
_DOUBLE_SURNAMES = frozenset(
    ("欧阳", "上官", "司马", "诸葛", "司徒", "东方", "皇甫", "夏侯", "尉迟", "端木", "慕容")
)
_ENDINGS = {
    ending: pos
    for pos, endings in {
        "nt": "公司 集团 银行 大学 学院 中学 小学 医院 法院 协会 学会 委员会 研究院 研究所",
        "ns": "村 镇 乡 街道 社区 县 路 街 湖 岛 湾 寺 景区 公园",
    }.items()
    for ending in endings.split()
}


class Lexicon:
    """jieba's words, those that feedsvc adds and those of a site. Some 80 MB: for children only."""

    def __init__(self, words: Mapping[str, str], own: Sequence[Entry]) -> None:
        """`words`: further ones with their parts of speech, of which only those that jieba lacks, and places
        (ns), change anything. `own`: a site's, which overrule all others."""
        content = _dictionary().read_text("utf-8").split()
        # Three to a line. Equal parts of speech become one object.
        tags = {tag: tag for tag in content[2::3]}
        self._pos = {word: tags[tag] for word, tag in zip(content[0::3], content[2::3], strict=True)}
        self._freq = dict(zip(content[0::3], map(int, content[1::3]), strict=True))
        self._log_total = log(sum(self._freq.values()))
        young = _young()
        further = {**young, **words}
        self.added = {word: pos for word, pos in sorted(further.items()) if word not in self._pos}
        self._pos.update((w, pos) for w, pos in words.items() if pos == "ns" or w not in self._pos)
        self._pos.update((w, pos) for w, pos in young.items() if words.get(w) != "ns")
        self._pos.update((word, pos) for word, _, pos in own)
        self._freq.update((word, freq) for word, freq, _ in own if freq)

    def pos(self, word: str) -> str:
        """The part of speech of a word, in jieba's letters; guessed if it is not known."""
        return self._pos.get(word) or guess(word)

    def known(self, word: str) -> bool:
        """Whether the lexicon holds `word`."""
        return word in self._pos

    def rarity(self, word: str) -> float:
        """How rare a word is: the negative logarithm of its share of all words; some 4 to 18."""
        return self._log_total - log(self._freq.get(word) or 1)


@lru_cache(maxsize=20_000)
def guess(word: str) -> str:
    """The part of speech of a word that no dictionary has: by its characters, surname or ending."""
    if _LATIN.fullmatch(word):
        return "eng"
    if _NUMBER.fullmatch(word):
        return "m"
    if _MIXED.fullmatch(word):
        return "eng"
    if not _WORD.search(word):
        return "x"
    for length in (3, 2, 1):
        pos = _ENDINGS.get(word[-length:])
        if pos and len(word) > max(length, 2):
            return pos
    if (2 <= len(word) <= 3 and word[0] in SURNAMES) or (
        len(word) in (3, 4) and word[:2] in _DOUBLE_SURNAMES
    ):
        return "nr"
    return UNKNOWN


def _young() -> dict[str, str]:
    """The words of data/young.toml with their parts of speech."""
    lists = tomllib.loads(resources.files("feedsvc.tagging").joinpath("data/young.toml").read_text("utf-8"))
    return {word: pos for pos, words in lists.items() for word in words.split()}


def _dictionary() -> Path:
    """jieba's word list, found without running jieba: a word, its frequency, its part of speech a line."""
    spec = importlib.util.find_spec("jieba")
    if spec is None or spec.origin is None:
        raise ImportError("jieba, whose dictionary tagging needs, is not installed", name="jieba")
    return Path(spec.origin).with_name("dict.txt")
