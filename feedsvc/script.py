"""Text in the other script. The only module that imports opencc.

OpenCC's dictionaries for words as Taiwan and the mainland have them (s2twp, tw2sp) are for text of the other
script alone: on text that has its script already they see computing terms in plain words (建立 becomes 创建,
支持 becomes 支援). So each text is asked for its script first, and a text that is right keeps its words.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from threading import Lock

from opencc import OpenCC

HANS = "hans"
HANT = "hant"
# RFC 5646: language and script.
LANGUAGES: Mapping[str, str] = {HANS: "zh-Hans", HANT: "zh-Hant"}

_WORDS = {HANS: "tw2sp", HANT: "s2twp"}
_CHARACTERS = {HANS: "t2s", HANT: "s2tw"}
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
# What OpenCC's lists of words make into words of computing, which news hardly ever means: 发布会 would be
# 釋出會, 社区 社群, 循环经济 迴圈經濟. Such words change their characters only.
_PLAIN = {
    HANT: re.compile(
        "(发布|社区|支持|添加|队列|审核|刷新|卸载|参数|函数|创建|循环|优化|回调|采样|批量|抛出|扩展|溢出|持久性"
        "|指针|映射|权限|消息|激活|用户(?!名)|禁用|窗口|联系|调度|调用|脚本|触摸(?!屏)|连接(?!器)|项目|远程|默认|点击"
        "|仿真|光标|全局|局部|实例|分区|导入|导出|呼出|文件(?!夹|名|扩展名)|打开|性价比|查找|查看|绑定|设备"
        "|设置|注销|声明|调试|自行车|万象|进程|集群|高级|低级|运行|类型|保存|代码(?!页)|对象|重装|重载|菜单|范式"
        "|程序(?!员|设计|代码|语言|开发))"
    ),
    HANS: re.compile(
        "(社群|資料(?!庫)|建立|支援|裝置|執行(?!長|緒)|開啟|設定|檢視|物件|儲存|連線|高階|宣告|影片(?=票房|上映|首映|講述|改編|主演|導演|拍攝|獲獎|殺青)|影像|整合|元件"
        "|區域性|互動|聯絡|排程|呼叫|擷取|指標|使用者|(?<!人工)智慧(?!型?手機|型?手錶|音箱)|文件|檔案|線上|啟用|停用|批次"
        "|新增|遠端|程序|過載|傳送|查詢|重新整理|永續性|點選|通訊|簡報|複製|剪下|存取|載入|字型|變數|外掛|外接|內建|進階"
        "|冷盤|擴音|稽核|影印|陣列|向量|埠)"
    ),
}
_LOCK = Lock()
_converters: dict[str, Callable[[str], str]] = {}


def of(text: str) -> str | None:
    """The script whose own characters are more in `text`, each counted once; None where neither's are.

    A script's own are those that conversion changes and the other's national character set (GB 2312, Big5)
    does not have: 后, 里, 干 and 余 stand in both and tell nothing.
    """
    found = set(text)
    simplified, traditional = len(found & _foreign(HANT).keys()), len(found & _foreign(HANS).keys())
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
    words, characters = _converter(_WORDS[target]), _converter(_CHARACTERS[target])
    return _apart_from_addresses(text, lambda part: _apart(_PLAIN[target], part, words, characters))


def _apart_from_addresses(text: str, convert: Callable[[str], str]) -> str:
    if "@" in text or "://" in text or "www." in text.lower():
        return _apart(_ADDRESS, text, convert)
    return convert(text)


def _apart(
    kept: re.Pattern[str],
    text: str,
    convert: Callable[[str], str],
    otherwise: Callable[[str], str] | None = None,
) -> str:
    """`text` converted but for what the one group of `kept` matches, which `otherwise` converts, if given."""
    parts = kept.split(text)
    parts[::2] = map(convert, parts[::2])
    if otherwise is not None:
        parts[1::2] = map(otherwise, parts[1::2])
    return "".join(parts)


def _converter(config: str) -> Callable[[str], str]:
    """The converter of a configuration of OpenCC, made once (s2twp: 80 ms, 43 MB). Converting is
    thread-safe: OpenCC tests that, and its Python module holds the interpreter's lock meanwhile."""
    with _LOCK:
        if config not in _converters:
            # False: no characters that most fonts lack (𬬻); the other script's stays then.
            _converters[config] = OpenCC(config, False).convert
        return _converters[config]


@cache
def _table(target: str) -> dict[int, str]:
    return str.maketrans(dict(_foreign(target)))


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
