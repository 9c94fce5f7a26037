from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.sources.pagetext import SavedPage, saved_page
from feedsvc.sources.textfile import is_title, read_text

RIVER = (
    "三月十四日上午，我县春季河道清淤工程在石桥镇开工。工程将对全县十二条主要河道进行疏浚，总长度约八十六公里，计划在汛期到来之前"
    "全部完成，届时河道的行洪能力将明显提高，两岸农田的灌溉条件也会得到改善。",
    "县水利局有关负责人说，这次清淤采用环保绞吸船作业，淤泥经过脱水固化以后，用于堤岸绿化和农田改良，沿线还将修复生态护坡，建设"
    "亲水步道。“河道清了，水才活得起来。”这位负责人说。",
    "一要加快进度。",
    "各施工单位要严格落实安全措施，合理安排作业时间，尽量减少对春耕灌溉的影响，确保工程质量经得起群众检验。",
)
READING = (
    "周末的城北社区图书角里，二十多名小学生围坐在一起，听志愿者讲绘本故事。这是社区今年推出的“四点半课堂”的一个场景，课堂面向辖区"
    "双职工家庭的孩子，放学以后有人看护，也有书可读。",
    "社区把闲置的老车棚改造成阅读空间，添置了三千多册图书，招募退休教师和大学生做志愿者，每天下午四点半到六点开放，周末全天开放，"
    "半年来累计服务孩子四千多人次。",
    "“孩子在这里写完作业还能看书，我们下班晚一点也放心。”一位家长说。下一步，社区还将开设书法、围棋和科学小实验课程。",
)
OTHERS = (
    "高新区新增三条公交线路",
    "今年首趟采茶旅游专列抵达云雾山",
    "市人民医院开通夜间门诊",
    "小龙虾价格回落 夜市摊主迎来旺季",
    "全省青少年乒乓球锦标赛落幕",
    "台风“海葵”逼近 沿海渔船回港避风",
    "博物馆里过大年：三百件青铜器首次展出",
    "第十二届花灯节下月开幕",
    "养老金上调了！快看看你能多领多少",
    "山区孩子有了自己的足球场",
    "我市举行消防安全应急演练",
    "老旧小区加装电梯 居民圆了“电梯梦”",
)
PAGES = [
    (RIVER, "我县春季河道清淤工程开工"),
    (RIVER, "清淤八十六公里 十二条河道将换新颜"),
    (READING, "“四点半课堂”让双职工家庭放心"),
    (READING, "城北社区：老车棚变身阅读空间"),
]


@pytest.mark.parametrize(("paragraphs", "title"), PAGES)
@pytest.mark.parametrize("seed", range(6))
def test_a_saved_page(paragraphs: tuple[str, ...], title: str, seed: int) -> None:
    listed = [*OTHERS, title]
    Random(seed).shuffle(listed)
    page = saved_page([*paragraphs, *listed])
    assert page == SavedPage(
        title=title, paragraphs=paragraphs, headlines=tuple(h for h in listed if h != title)
    )


@pytest.mark.parametrize("paragraphs", [RIVER, READING])
def test_no_wrong_headline_is_taken_for_the_title(paragraphs: tuple[str, ...]) -> None:
    page = saved_page([*paragraphs, *OTHERS])
    assert page is not None
    assert page.title.startswith(paragraphs[0][:8])
    assert len(page.title) <= 60
    assert page.headlines == OTHERS


def test_three_headlines_are_enough() -> None:
    page = saved_page([*RIVER, OTHERS[0], PAGES[0][1], OTHERS[1]])
    assert page is not None
    assert page.title == PAGES[0][1]
    assert saved_page([*RIVER, OTHERS[0], PAGES[0][1]]) is None


def test_the_title_may_stand_first_where_it_is_listed_again() -> None:
    title = "又是一年清淤时"
    page = saved_page([title, *RIVER, *OTHERS, title])
    assert page == SavedPage(title=title, paragraphs=RIVER, headlines=OTHERS)


def test_labels_bullets_bylines_and_footers_are_no_headlines() -> None:
    title = PAGES[0][1]
    lines = [
        *RIVER,
        "（记者 小溪 通讯员 石桥）",
        "2023年3月14日",
        "“我们一定把工程做好！”",
        "相关新闻：",
        "· " + OTHERS[0],
        "首页",
        "上一篇：" + OTHERS[1],
        "● " + title,
        "■" + OTHERS[0],
        "更多>>",
        "版权所有：青溪县人民政府　某ICP备00000000号",
    ]
    page = saved_page(lines)
    assert page == SavedPage(title=title, paragraphs=(*RIVER, *lines[4:7]), headlines=(OTHERS[0], OTHERS[1]))


def test_one_odd_line_does_not_end_the_run() -> None:
    odd = "一条写成句子的标题也会出现在列表里。"
    listed = (*OTHERS[:6], odd, *OTHERS[6:], PAGES[0][1])
    page = saved_page([*RIVER, *listed])
    assert page is not None
    assert page.headlines == listed[:-1]


@pytest.mark.parametrize(
    "ending",
    [
        ["获奖名单如下：", "石桥镇中心小学代表队", "城北社区少年宫代表队", "青溪县实验小学代表队"],
        [
            "1. 石桥镇中心小学代表队",
            "2. 城北社区少年宫代表队",
            "3. 青溪县实验小学代表队",
            "4. 云雾山小学代表队",
        ],
        ["一、清淤河段和施工时间", "二、占道绕行的具体路线", "三、沿线停车和交通管制", "四、联系方式"],
        ["报名时间：三月二十日", "报名地点：县水利局", "联系电话：00000000", "报名对象：全县群众"],
        ["张桥", "李溪", "王渡", "赵湾"],
        ["春来江水绿如蓝", "夏至荷花映日红", "秋到芦花白满洲", "冬临瑞雪兆丰年"],
        ["第一名 石桥镇代表队", "第二名 城北街道代表队", "第三名 云雾山乡代表队"],
        [
            "春季河道清淤工程开工",
            "十二条主要河道疏浚",
            "淤泥脱水固化用于堤岸绿化",
            "修复生态护坡建设亲水步道",
        ],
    ],
)
def test_a_list_at_the_end_belongs_to_the_article(ending: list[str]) -> None:
    assert saved_page([*RIVER, *ending]) is None


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["只有一行"],
        list(OTHERS),
        list(RIVER),
        [PAGES[0][1], *RIVER],
        [PAGES[0][1], *RIVER, *OTHERS],
        ["春", "门前的老树发了新芽", "屋檐下的燕子衔着泥", "孩子们跑过田埂", "风筝挂在云的衣角"],
        ["这一段很短，但是一句话。", *OTHERS],
    ],
)
def test_what_is_no_saved_page(lines: list[str]) -> None:
    assert saved_page(lines) is None


def test_an_ordinary_text_is_title_and_paragraphs() -> None:
    (article,) = read_text(
        "我县河道清淤开工\n\n　　第一段。\r\n第二段 <b>&amp;。\n", base_url="https://e.example.org/"
    )
    assert article.title == "我县河道清淤开工"
    assert article.html == "<p>第一段。</p><p>第二段 &lt;b&gt;&amp;amp;。</p>"
    assert article.base_url == "https://e.example.org/"


def test_a_text_without_a_title_line_has_no_title() -> None:
    (article,) = read_text("\n".join(RIVER), base_url=None)
    assert article.title == ""
    assert (article.html or "").count("<p>") == 4


def test_a_poem_keeps_its_lines() -> None:
    (article,) = read_text("春\n门前的老树\n发了新芽\n孩子们跑过田埂\n", base_url=None)
    assert article.title == "春"
    assert article.html == "<p>门前的老树</p><p>发了新芽</p><p>孩子们跑过田埂</p>"


def test_a_saved_page_as_articles() -> None:
    first, *rest = read_text("\n".join([*RIVER, *OTHERS, PAGES[0][1]]), base_url=None)
    assert first.title == PAGES[0][1]
    assert (first.html or "").count("<p>") == 4
    assert [a.title for a in rest] == list(OTHERS)
    assert all(a.html is None for a in rest)
    assert read_text(" \n\n", base_url=None) == ()


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("下班快去加油！油价又降了", True),
        ("你家的油烟机该洗了吗？", True),
        ("禹城：打造“4+X”产业体系", True),
        ("这是一句话。", False),
        ("名单如下：", False),
        ("前一句。后一句", False),
        ("A sentence in English.", False),
        ("A headline in English", True),
        ("长" * 61, False),
        ("", False),
    ],
)
def test_is_title(line: str, title: bool) -> None:
    assert is_title(line) is title


@given(st.lists(st.text(min_size=1, max_size=90).filter(str.strip), max_size=30))
def test_any_text_makes_articles_that_say_something(lines: list[str]) -> None:
    articles = read_text("\n".join(lines), base_url=None)
    assert all(a.title or a.html for a in articles)
