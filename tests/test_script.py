"""Text in the other script: what is converted, what keeps its words, what is never touched."""

from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.clean import safe_html
from feedsvc.feeds.address import SCRIPTS
from feedsvc.feeds.titles import MARKS
from feedsvc.script import LANGUAGES, author_to, html_to, name_to, of, to, words
from feedsvc.text import legal

# The same sentences as the mainland and as Taiwan write them: 发 里 后 台 干 面 只, and words that differ.
PAIRS = (
    (
        "理发店里的老师傅干了三十年，头发剪得又快又好。",
        "理髮店裡的老師傅幹了三十年，頭髮剪得又快又好。",
    ),
    ("台风过后，皇后的后代来到台湾。", "颱風過後，皇后的後代來到臺灣。"),
    ("干部们喝了一杯茶，吃了几块饼干，毛巾晾干了。", "幹部們喝了一杯茶，吃了幾塊餅乾，毛巾晾乾了。"),
    ("面馆的面条只卖十元，门口停着一只鸟。", "麵館的麵條只賣十元，門口停著一隻鳥。"),
    ("新软件可以从网络上下载到硬盘。", "新軟體可以從網路上下載到硬碟。"),
    ("出租车司机用手机看视频。", "計程車司機用手機看影片。"),
    ("打印机的信息显示在屏幕上，鼠标不见了。", "印表機的資訊顯示在螢幕上，滑鼠不見了。"),
)


@pytest.mark.parametrize(("hans", "hant"), PAIRS)
def test_each_script_has_its_characters_and_words(hans: str, hant: str) -> None:
    assert to(hans, "hant") == hant
    assert to(hant, "hans") == hans


@pytest.mark.parametrize(("hans", "hant"), PAIRS)
def test_text_that_has_its_script_already_stays(hans: str, hant: str) -> None:
    assert to(hans, "hans") == hans
    assert to(hant, "hant") == hant


@pytest.mark.parametrize(
    "text",
    [
        "核心区新增一座智慧图书馆，建立三支志愿队。",
        "整合资源，支援山区，影片和文件一并移交。",
        "赛车在方程式赛道上宣告停赛，物件遗失。",
        "南湖边的社群活动：桌布与冰棒。",
        "核心支援建立整合",
    ],
)
def test_words_of_the_mainland_are_not_taken_for_taiwan_s(text: str) -> None:
    assert to(text, "hans") == text


@pytest.mark.parametrize(
    "text",
    [
        "設備和音樂類型的問題，鎮公所表示支持。",
        "余小姐談台北的程序與文件，岳飛廟的連接步道。",
        "范先生說，干戈未息，后冠已成，千里馬與里長同行。",
        "這個項目的對象是社區的高級循環水系統。",
        "火點在裏面，羣眾爲之驚呼。",
    ],
)
def test_words_of_taiwan_and_hong_kong_are_not_taken_for_the_mainland_s(text: str) -> None:
    assert to(text, "hant") == text


def test_stray_characters_of_the_other_script_are_changed_one_by_one() -> None:
    assert to("馆里陈列着一块写有“鐵路”的木牌，整合了核心展品。", "hans") == (
        "馆里陈列着一块写有“铁路”的木牌，整合了核心展品。"
    )
    assert to("館裡陳列著一塊寫有「铁路」的木牌，支持設備更新。", "hant") == (
        "館裡陳列著一塊寫有「鐵路」的木牌，支持設備更新。"
    )


def test_the_script_of_a_text_is_that_of_most_of_its_own_characters() -> None:
    assert of("开会说书") == "hans"
    assert of("開會說書") == "hant"
    assert of("开开开会說") == "hans"  # each counts once
    assert of("开會") is None
    for tells_nothing in ("", "2026 abc 🌱", "皇后千里干杯", "余姚", "李喆", "あいう"):
        assert of(tells_nothing) is None


def test_a_text_that_tells_nothing_goes_by_what_it_stands_in() -> None:
    assert to("短信", "hant") == to("短信", "hant", "hans") == "簡訊"
    assert to("短信", "hant", "hant") == "短信"
    assert to("程式", "hans") == to("程式", "hans", "hans") == "程式"
    assert to("程式", "hans", "hant") == "程序"


@pytest.mark.parametrize(
    "kept",
    [
        "https://news.example.cn/发展/网络?题=软件#里",
        "http://新闻.例子/发展",
        "HTTPS://WWW.例子.CN/网络",
        "www.example.cn/发展",
        "ftp://files.example.cn/软件/",
        "rtsp://live.example.cn:554/频道",
        "desk@news.example.cn",
        "编辑@例子.中国",
        "a+b@软件.example",
    ],
)
@pytest.mark.parametrize("target", SCRIPTS)
def test_urls_and_mail_addresses_stay(kept: str, target: str) -> None:
    for end in ("。", "，", " ", "）", "”", "\n", ""):
        converted = to(f"网络 {kept}{end}", target)
        assert converted == f"{to('网络', target)} {kept}{end}"


def test_text_that_follows_an_address_without_a_space_is_text() -> None:
    assert to("请访问https://news.example.cn查看软件，或致信desk@news.example.cn咨询软件。", "hant") == (
        "請訪問https://news.example.cn查看軟體，或致信desk@news.example.cn諮詢軟體。"
    )


def test_html_is_converted_between_its_tags() -> None:
    assert html_to(
        '<p>软件 &amp; 网络 &lt;台&gt;<br><a href="https://x.example.cn/网络?a=1&amp;b=软" title="软件">'
        '软件</a><img src="https://x.example.cn/软.png" alt="软件 > 网络"></p>'
        "<pre>软件 <code>网络</code> 软件</pre><p>敲 <kbd>确认</kbd>，见 <samp>错误</samp>、"
        "<code>变量</code>。</p>软<b>件</b>",
        "hant",
    ) == (
        '<p>軟體 &amp; 網路 &lt;臺&gt;<br><a href="https://x.example.cn/网络?a=1&amp;b=软" title="软件">'
        '軟體</a><img src="https://x.example.cn/软.png" alt="软件 > 网络"></p>'
        "<pre>软件 <code>网络</code> 软件</pre><p>敲 <kbd>确认</kbd>，見 <samp>错误</samp>、"
        "<code>变量</code>。</p>軟<b>件</b>"
    )


def test_a_body_has_one_script_whatever_its_parts_tell() -> None:
    body = "<p>鎮公所說明如下：</p><p>支持<b>程式</b></p>"
    assert html_to(body, "hant") == body
    assert html_to("<p>支持<b>短信</b></p>", "hant", "hant") == "<p>支持<b>短信</b></p>"
    assert html_to(body, "hans") == "<p>镇公所说明如下：</p><p>支持<b>程序</b></p>"


@pytest.mark.parametrize(
    ("hans", "hant"),
    [
        ("本报记者 余立", "本報記者 余立"),
        ("通讯员于晓岚 记者范立新", "通訊員于曉嵐 記者范立新"),
        ("岳红、郁达、涂建", "岳紅、郁達、涂建"),
        ("叶青 沈晚", "葉青 沈晚"),
        ("软件时报", "軟件時報"),
        ("余额宝典编写组", "餘額寶典編寫組"),
    ],
)
def test_names_of_people_keep_their_surnames(hans: str, hant: str) -> None:
    assert author_to(hans, "hant") == hant
    assert author_to(hant, "hans") == hans
    assert author_to(hans, "hans") == hans
    assert author_to(hant, "hant") == hant


@pytest.mark.parametrize(
    ("hans", "hant"),
    [
        ("余姚市", "餘姚市"),
        ("岳麓区", "嶽麓區"),
        ("台州市", "台州市"),
        ("沈阳市", "瀋陽市"),
        ("布尔津县", "布爾津縣"),
        ("信息时报", "信息時報"),
    ],
)
def test_names_of_places_and_papers_keep_their_words(hans: str, hant: str) -> None:
    assert name_to(hans, "hant") == hant
    assert name_to(hant, "hans") == hans
    assert name_to(hant, "hant", "hant") == hant


def test_every_script_of_addresses_is_known_here() -> None:
    assert tuple(LANGUAGES) == SCRIPTS == tuple(MARKS)


def test_threads_convert_together() -> None:
    pairs = PAIRS * 50
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda pair: to(pair[0], "hant"), pairs)) == [hant for _, hant in pairs]


_TEXT = (
    st.text(max_size=12).map(legal)
    | st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=12)
    | st.sampled_from([part for pair in PAIRS for part in pair])
)
_URLS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["https://news.example.cn/", "http://例子.中国/", "www.example.cn/", "ftp://a.example/"]),
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=8),
    st.sampled_from(["", "?网=络&a=b", "#台", "/里.html"]),
)


@given(_TEXT, _URLS, _TEXT, st.sampled_from(SCRIPTS))
def test_no_url_in_any_text_changes(before: str, url: str, after: str, target: str) -> None:
    assert f" {url} " in to(f"{before} {url} {after}", target)


@given(st.text(st.characters(max_codepoint=0x2FFF), max_size=60).map(legal), st.sampled_from(SCRIPTS))
def test_what_is_not_chinese_stays(text: str, target: str) -> None:
    assert to(text, target) == name_to(text, target) == text


@given(_TEXT, st.sampled_from(SCRIPTS))
def test_an_author_is_as_long_as_before(text: str, target: str) -> None:
    assert len(author_to(text, target)) == len(text)


class _Outline(HTMLParser):
    """All of a body that may not change, in order: tags with their attributes, and the text inside code."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.kept: list[object] = []
        self.texts = 0
        self._code: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.kept.append((tag, attrs))
        if tag in ("code", "kbd", "pre", "samp"):
            self._code.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.kept.append(tag)
        if self._code and tag == self._code[-1]:
            self._code.pop()

    def handle_data(self, data: str) -> None:
        if self._code:
            self.kept.append(data)
        else:
            self.texts += 1


_HTML = st.lists(
    _TEXT
    | _URLS
    | st.sampled_from(
        [
            "<p>",
            "</p>",
            "<code>软件",
            "</code>",
            "<pre>",
            "</pre>",
            "<kbd>网络</kbd>",
            "<samp>",
            '<a href="https://x.example.cn/软件?a=1&amp;b=>" title="网络 &quot;软件&quot; >">',
            "</a>",
            '<img src="https://x.example.cn/网.png" alt="软件<b>">',
            "<script>软件</script>",
            "<!-- 软件 -->",
            "&lt;网络&gt;&amp;&nbsp;&#x8F6F;",
            '"软件"',
            "<",
            ">",
            "&",
        ]
    ),
    max_size=12,
).map("".join)


@given(_HTML, st.sampled_from(SCRIPTS))
def test_no_tag_no_attribute_and_no_code_of_any_body_changes(html: str, target: str) -> None:
    body = safe_html(html, None)
    before, after = _Outline(body), _Outline(html_to(body, target))
    assert after.kept == before.kept
    assert after.texts == before.texts


@given(st.text(max_size=60).map(legal), st.sampled_from(SCRIPTS))
def test_any_string_at_all_is_converted_as_html(html: str, target: str) -> None:
    assert isinstance(html_to(html, target), str)


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("新闻发布会在社区举行", "新聞發布會在社區舉行"),
        ("循环经济项目优化用户服务", "循環經濟項目優化用戶服務"),
        ("列车运行途中保存文物类型", "列車運行途中保存文物類型"),
        ("法院发表声明，走完法律程序", "法院發表聲明，走完法律程序"),
        ("刷新纪录的对象查看设备", "刷新紀錄的對象查看設備"),
        ("质量数据审核通过，消息激活市场", "質量數據審核通過，消息激活市場"),
        ("食品添加剂参数，股票代码", "食品添加劑參數，股票代碼"),
        ("小区参与光盘行动，万象更新", "小區參與光盤行動，萬象更新"),
    ],
)
def test_words_of_computing_are_not_seen_in_news(simplified: str, traditional: str) -> None:
    assert to(simplified, "hant") == traditional


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("程序员打印文件夹", "程式設計師列印資料夾"),
        ("软件信息通过互联网传到出租车", "軟體資訊通過網際網路傳到計程車"),
        ("小程序、应用程序与数据库", "小程式、應用程式與資料庫"),
        ("数字经济的数字", "數位經濟的數字"),
        ("视频会议后观看视频", "視訊會議後觀看影片"),
        ("移动硬盘和计算机", "行動硬碟和電腦"),
        ("老挝万象的奔驰汽车飞奔", "寮國永珍的賓士汽車飛奔"),
    ],
)
def test_the_longest_word_wins(simplified: str, traditional: str) -> None:
    assert to(simplified, "hant") == traditional


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("勇敢的士兵正在线下开展训练", "勇敢的士兵正在線下開展訓練"),
        ("阳光驱散雾霾，多元音乐明显存在", "陽光驅散霧霾，多元音樂明顯存在"),
        ("更多任务落实时间", "更多任務落實時間"),
        ("电视图像与影视频道", "電視圖像與影視頻道"),
        ("园丁当选，书香农家更加蓬勃", "園丁當選，書香農家更加蓬勃"),
        ("免提供证明，拓宽带动范围", "免提供證明，拓寬帶動範圍"),
        ("依照预算法，国家安全局发布数据报告", "依照預算法，國家安全局發布數據報告"),
    ],
)
def test_no_word_is_seen_across_two_others(simplified: str, traditional: str) -> None:
    assert to(simplified, "hant") == traditional


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("社群支援計畫資料整合", "社群支援计划资料整合"),
        ("影片首映，影像檔案文件", "影片首映，影像档案文件"),
        ("人工智慧與人生智慧", "人工智能与人生智慧"),
        ("開埠後的指標與變數", "开埠后的指标与变数"),
        ("網路軟體與計程車的訊息", "网络软件与出租车的消息"),
        ("執行長執行智慧型手機專案", "首席执行官执行智能手机项目"),
        ("許多工人儘快取得電子音樂", "许多工人尽快取得电子音乐"),
        ("多數位於前線上的數位化設備", "多数位于前线上的数字化设备"),
        ("印尼日前訪問獅子山與巴西元首", "印尼日前访问狮子山与巴西元首"),
        ("原著與專著接著出版", "原著与专著接着出版"),
    ],
)
def test_nor_the_other_way(traditional: str, simplified: str) -> None:
    assert to(traditional, "hans") == simplified


@pytest.mark.parametrize("target", SCRIPTS)
def test_every_word_of_ours_is_found_where_it_stands_alone(target: str) -> None:
    given = words(target)
    assert given
    for word, other in given.items():
        sent = name_to(word, "hans", "hant") if target == "hant" else word
        assert to(sent, target, "hans" if target == "hant" else "hant") == name_to(other, target, target)
