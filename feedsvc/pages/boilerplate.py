"""What stands around and in the text of Chinese pages and is none of it: furniture, bylines, notices."""

import re
from collections.abc import Sequence

from feedsvc.pages.flow import Block
from feedsvc.text import fold, squeeze

_NOISE = 60  # characters; what is longer is not furniture of the page
_LEADING = 8  # blocks at the start of a body that may be headline, date and source once more
_TRAILING = 6  # blocks at its end that may be notices
_LONGEST_NOTICE = 500
_ENDING = 0.5  # share of the text that must stand before its end
_EDITORS = (
    r"责任编辑|责编|编辑|网络编辑|本文编辑|本期编辑|实习编辑|见习编辑|值班编辑|值班主任|编辑录入|录入|审核"
    r"|审签|终审|校对|校审|责校"
    r"|初审|复审|一审|二审|三审|一读|二读|三读|监制|总监制|编审|制作|排版|美编|视觉|统筹|策划|编校|签发"
    r"|编发|运维|网编|来稿"
)
_BUTTONS = (
    r"(?:打印|关闭|收藏|分享|转发|返回|举报|纠错|点赞|复制|评论|推荐|挑错|报错|列印|轉寄|關閉|朗读|放大"
    r"|缩小|默认|顶|踩|订阅|反馈)(?:一下|本页|本文|此文|此页|窗口|視窗|页面|正文|链接|好友|字体|首页|列表"
    r"|上页|顶部|目录)?"
    r"|加入收藏|发表评论|我要(?:纠错|评论|反馈|分享|收藏)|告诉好友|推荐给?好友|保存网页|展开全文|查看全文"
    r"|阅读全文|查看原文|阅读原文|在看|赞|大|中|小|繁体|简体|A[+-]|上一[篇条页]|下一[篇条页]"
)
_FURNITURE = re.compile(
    r"[\s\[【(（「«<>|·■●▲◆―—_*=-]*(?:"
    rf"(?:(?:{_EDITORS})\s*(?:[:：丨|/]\s*[^。！？，]{{0,16}}|[\s　])\s*)+"
    rf"|(?:(?:{_EDITORS})[\s　]+[^\s。，：:]{{2,4}}[\s　]*)+"
    r"|(?:本文)?(?:分享|转发)(?:到|至|给|本文|让更多人看到)?(?:\s*[:：].{0,20}|微信|微博|朋友圈"
    r"|好友和朋友圈|qq空间)?"
    r"|[上下]一[篇条页则](?:文章|新闻|公告)?(?:[\s:：].{0,60})?|前一[篇条]\s*[:：].{0,60}"
    r"|后一[篇条]\s*[:：].{0,60}|没有了"
    r"|(?:请?用?(?:微信|手机))?扫一扫[^。]{0,25}|(?:长按|扫描?|识别)[^。]{0,8}二维码[^。]{0,20}"
    r"|微信扫码[^。]{0,16}"
    r"|点击(?:下载|收听|查看|进入|关注|阅读|播放|上方|下方|蓝字|这里)[^。，]{0,20}|(?:下载"
    r"|打开)[^。，]{0,12}(?:APP|客户端)[^。]{0,12}"
    r"|(?:更多|往期)?(?:相关|推荐|延伸|热门|精彩|猜你喜欢|往期)(?:新闻|阅读|文章|链接|推荐|专题|内容|资讯"
    r"|报道|回顾|评论)?\s*[:：]?|(?:字号|字体)(?:大小)?\s*[:：]?.{0,20}"
    r"|(?:点击|浏览|阅读|访问)(?:次?数|量|率)?\s*[:：]?\s*[\[(（]?\s*\d*\s*[\])）]?\s*次?"
    r"|(?:文章)?(?:关键词|标签|tags?)\s*[:：].{0,50}"
    r"|返回.{0,8}[，,]\s*查看更多|(?:全文|正文)(?:完|结束)|完|end|the end|fin|-*分隔线-*|纠错|【纠错】"
    r"|(?:本(?:新闻|文|篇文章))?共\s*\d+\s*页.{0,30}|(?:\d+\s+)+下一页(?:\s*尾页)?"
    r"|(?:首页\s*)?(?:上一页\s*)?(?:\d+\s*)*下一页(?:\s*末页|\s*尾页)?"
    r"|原标题\s*[:：]?|广告|赞助|ad|图集|正文|视频加载中.*|0?\d人参与.*|全部评论.*|网友评论.*|发表评论.*"
    r"|文明上网.*"
    r")[\s\]】)）」»<>|·■●▲◆―—_*=-]*",
    re.I,
)
_STAFF = re.compile(
    rf"[\s\[【(（]*(?=.*(?:{_EDITORS})\s*[:：])(?:(?:{_EDITORS}|记者|作者|通讯员|实习生|文字|文|图|图片"
    rf"|摄影|摄像|剪辑|来源|供图|供稿)(?:[/、](?:图|视频"
    rf"|摄影))?\s*[:：丨|]\s*[^。！？，:：]{{1,16}}[\s;；]*)+[\]】)）]*"
)
_ATOM = re.compile(
    _BUTTONS + r"|(?:字号|字体|分享到?|qq|qq空间|微信|微博|新浪微博|朋友圈|更多|手机看|浏览次数|\d{1,6}次?)",
    re.I,
)
_PARTS = re.compile(r"[\s\[\]【】()（）|｜·:：,，/]+")
_NOTICE = re.compile(
    r"[\s\[【(（“\"*※■●◎]*(?:"
    r"(?:(?:版权|免责|特别|平台|郑重|重要|转载|本网|本站|本报|侵权|原创|广告)?声明|(?:版权|免责|侵权"
    r"|风险)提示)\s*[:：】].{0,400}"
    r"|(?:版权所有|copyright|©|all rights reserved|(?:主办|承办)(?:单位)?[:：]|技术支持[:：]).{0,200}"
    r"|.{0,60}(?:ICP备|公网安备|网站标识码).{0,100}"
    r"|(?:本文|本网|本站|本刊|本平台|本报(?!讯|记者)|以上|凡|部分|文中).{0,60}"
    r"(?:转载|转自|侵权|版权|授权|立场|删除|不代表|仅供参考|不构成).{0,200}"
    r"|未经.{0,40}(?:不得|禁止|严禁|请勿).{0,100}|转载(?:请|须|时|需).{0,100}"
    r"|.{0,40}(?:违者必究|转载请注明.{0,30}|禁止转载|不得转载|联系删除)[。！]?[）)]?"
    r"|(?:投稿(?:邮箱|信箱|热线|电话)|(?:新闻|爆料|报料)(?:热线|电话)|欢迎(?:关注|投稿|订阅)).{0,60}"
    r"|.{0,20}(?:扫描|长按|识别).{0,12}二维码.{0,12}(?:关注|入群|进群|下载).{0,20}"
    r"|附?责任编辑[^。？！]{0,40})",
    re.S | re.I,
)
_SOURCED = re.compile(
    r"[\s\[【(（]*(?:本文|文章|稿件|信息|资料|图文)?(?:来\s*源|转自|出处|稿源)\s*[:：].{1,30}", re.S
)
BYLINE = re.compile(
    r"(?:来\s*源|作\s*者|发布(?:时间|日期|者|人|单位|机构)|时\s*间|日\s*期|字\s*号|字\s*体|(?:浏览|点击"
    r"|阅读|访问)(?:次?数|量)?)\s*[:：]|^(?:19|20)\d{2}[-/年.]\s?\d"
    r"|^(?:本报|本网|本刊|全媒体)?记者\s*[:：]?\s*[^\s，。]{2,4}$"
)
# Where the article is over: the heading of a list of others, or of what readers say.
_END = re.compile(
    r"[\s【\[■●·>◆▌|]*(?:(?:相关|推荐|延伸|热门|最新|更多|往期|猜你|大家都在|编辑推荐|热点|热|本周|今日"
    r"|今日热|点击|阅读|24小时|一周|精彩|人气|图片新闻|为你|为您)"
    r"(?:阅读|新闻|文章|链接|推荐|报道|资讯|喜欢|看|搜|排行|排行榜|榜|榜单|内容|专题|回顾|信息|图文|精彩"
    r"|图集|视频|热榜|热点)?"
    r"|(?:全部|最新|热门|精彩|网友|用户|读者|发表|我来|我要)?(?:评论|留言|跟[帖贴]|点评)(?:列表|区|专区)?"
    r"|大家(?:都)?(?:在|怎么)[说看]|网友(?:热议|热评|怎么说|说))"
    r"\s*(?:[(（]?\d*条?[)）]?)\s*[:：】\]>]*"
)
_DATELINE = re.compile(r"20\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s?\d{1,2}:\d{2}")
_ABSTRACT = re.compile(r"[\s【\[]*(?:内容)?摘\s*要[】\]]?\s*[:：】]")
_SENTENCE = re.compile(r"[。！？；]|，.*，")


def is_furniture(text: str) -> bool:
    """Whether a line is one of the page's own: buttons, editors, counters, sharing, other pages."""
    if len(text) > _NOISE:
        return False
    if _FURNITURE.fullmatch(text) or _STAFF.fullmatch(text):
        return True
    parts = [part for part in _PARTS.split(text) if part]
    atoms = sum(_ATOM.fullmatch(part) is not None for part in parts)
    most = len(parts) > 2 and 5 * atoms >= 3 * len(parts) and all(len(part) <= 6 for part in parts)
    return bool(parts) and (atoms == len(parts) or most) and not text.isdigit()


def is_notice(text: str) -> bool:
    """Whether a paragraph is about copyright, liability or how to reach the paper."""
    return len(text) <= _LONGEST_NOTICE and _NOTICE.fullmatch(text) is not None


def is_end(text: str) -> bool:
    """Whether a line says that what follows is no longer the article."""
    return len(text) <= 16 and _END.fullmatch(text) is not None


def trimmed(found: Sequence[Block], title: str) -> list[Block]:
    """`found` without headline and byline at its start, notices and lists at its end, furniture anywhere."""
    kept = [b for b in found if b.pictured or not is_furniture(b.text)]
    kept = _without_others(kept)
    kept = _without_head(kept, title)
    kept = [b for n, b in enumerate(kept) if n > 1 or len(kept) < 4 or not _ABSTRACT.match(b.text)]
    return _without_tail(kept)


def _without_head(found: list[Block], title: str) -> list[Block]:
    wanted = fold(title)
    at = -1
    for number, block in enumerate(found[:_LEADING]):
        if wanted and fold(block.text) == wanted:
            at = number
    kept = []
    begun = False
    for number, block in enumerate(found):
        text = block.text
        begun = begun or (number > at and "。" in text and len(text) >= _NOISE // 2)
        above = number <= at and len(text) <= max(_NOISE, len(title)) and not _SENTENCE.search(text)
        byline = number < _LEADING and "。" not in text and _is_byline(text)
        byline = byline and (not begun or _DATELINE.match(text) is not None)
        if not (above or byline) or block.pictured:
            kept.append(block)
    return kept


def _is_byline(text: str) -> bool:
    return BYLINE.search(text) is not None and (
        len(text) <= _NOISE or (len(text) <= 3 * _NOISE and len(BYLINE.findall(text)) > 1)
    )


def _without_tail(found: list[Block]) -> list[Block]:
    kept = list(found)
    for number in range(len(kept) - 1, max(len(kept) - 1 - _TRAILING, 0), -1):
        block = kept[number]
        if block.pictured:
            continue
        if is_notice(block.text) or _SOURCED.fullmatch(block.text) or _is_list(block):
            del kept[number]
    return kept


def _without_others(found: list[Block]) -> list[Block]:
    """`found` up to where a line says that the article is over, if most of the text stands before it.

    If it goes on after that, only that line goes, with the list below it.
    """
    weights = [len(b.text) if _SENTENCE.search(b.text) and not _is_list(b) else 0 for b in found]
    kept: list[Block] = []
    before = 0
    listing = False
    for number, block in enumerate(found):
        if number and is_end(block.text) and not block.pictured:
            if before >= _ENDING * sum(weights):
                return kept
            listing = True
            continue
        listing = listing and _is_list(block)
        if not listing:
            kept.append(block)
        before += weights[number]
    return kept


def _is_list(block: Block) -> bool:
    text = squeeze(block.text)
    return (
        block.linked > 0.6 * len(text)
        and not _SENTENCE.search(text)
        and "附件" not in text
        and not _FILE.search(text)
    )


_FILE = re.compile(r"\.(?:docx?|xlsx?|pdf|zip|rar|wps|ofd|pptx?|et|jpe?g)\b", re.I)
