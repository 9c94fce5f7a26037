import logging
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.clean import plain, safe_html
from feedsvc.extract import extract
from feedsvc.model import Enclosure, RawArticle
from feedsvc.sources.document import decode

PAGES = Path(__file__).parent / "data" / "pages"
NOW = datetime(2024, 6, 1, 4, 0, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))
URL = "https://www.example.org/art/2023/3/14/x.html"
ADDRESS = datetime(2023, 3, 14, tzinfo=CHINA)  # the day in URL
SENTENCES = "工程将对全县十二条主要河道进行疏浚，计划在汛期到来之前全部完成。" * 4


def sample(name: str) -> RawArticle:
    return extract(decode((PAGES / name).read_bytes()), url=URL, now=NOW)


def page(
    head: str = "", top: str = "<h1>河道清淤工程</h1>", body: str = "", url: str | None = URL
) -> RawArticle:
    text = f"<div><p>{SENTENCES}</p><p>{SENTENCES}</p>{body}</div>"
    return extract(f"<html><head>{head}</head><body>{top}{text}</body></html>", url=url, now=NOW)


def lines(article: RawArticle) -> list[str]:
    return plain(article.html or "").split("\n")


def test_a_government_page() -> None:
    article = sample("government.html")
    assert article.title == "我县启动春季河道清淤工程"
    assert article.published == datetime(2023, 3, 14, 16, 5, tzinfo=CHINA)
    assert article.author == "青溪县水利局"
    assert article.link == "https://www.example.org/art/2023/3/14/art_101_5566.html"
    assert [line[:8] for line in lines(article)] == [
        "3月14日上午，",
        "据介绍，这次清淤",
        "县水利局要求各施",
    ]
    html = safe_html(article.html or "", article.base_url)
    assert 'src="https://www.example.org/art/2023/3/14/W020230314.jpg"' in html
    assert 'alt="施工现场"' in html


def test_a_newspaper_page_in_gbk_called_gb2312() -> None:
    article = sample("newspaper-gbk.html")
    assert article.title == "古渡口老街修缮一新"
    assert article.published == datetime(2019, 10, 8, 7, 35, tzinfo=CHINA)
    assert article.author == "白石"
    assert [line[:6] for line in lines(article)] == ["国庆假期过后", "“老房子还是", "负责修缮的单"]
    assert "../../images/2019/street.jpg" in (article.html or "")


def test_a_portal_page_with_structured_data() -> None:
    article = sample("portal.html")
    assert article.title == "智能温室让草莓提前一个月上市"
    assert article.author == "林间、晓风"
    assert article.published == datetime(2024, 1, 5, 9, 20, tzinfo=CHINA)  # declared as UTC, shown as 09:20
    assert article.updated == datetime(2024, 1, 5, 15, 0, tzinfo=CHINA)
    assert article.link == "https://www.example.org/news/2024/0105/77.html"
    assert article.keywords == ("草莓", "智能温室")
    assert article.enclosures == (Enclosure(url="https://img.example.org/2024/strawberry.jpg", type=""),)
    assert len(lines(article)) == 3


def test_a_brief_notice() -> None:
    article = sample("brief.html")
    assert article.title == "停水通知"
    assert article.published == datetime(2022, 6, 1, tzinfo=CHINA)
    assert lines(article) == ["因管道检修，六月二日八时至十七时，柳河北路沿线停水，请提前储水。"]


@pytest.mark.parametrize(
    ("head", "top", "title"),
    [
        ("<title>河道清淤工程今日开工_青溪新闻网</title>", "", "河道清淤工程今日开工"),
        ("<title>河道清淤工程今日开工-青溪新闻网</title>", "", "河道清淤工程今日开工"),
        ("<title>河道清淤工程今日开工 - 要闻 - 青溪县人民政府</title>", "", "河道清淤工程今日开工"),
        ("<title>青溪新闻网 | 河道清淤工程今日开工</title>", "", "河道清淤工程今日开工"),
        ("<title>河道清淤——全县一盘棋</title>", "", "河道清淤——全县一盘棋"),
        ("<title>青溪新闻网</title>", "<h1>河道清淤工程今日开工</h1>", "河道清淤工程今日开工"),
        (
            "<title>河道清淤工程今日开工_本地民生_青溪网</title>",
            '<div class="title">本地民生</div><p class="hd">河道清淤工程今日开工</p>',
            "河道清淤工程今日开工",
        ),
        (
            '<title>青溪</title><meta property="og:title" content="河道清淤工程今日开工 | 青溪网">',
            "",
            "河道清淤工程今日开工",
        ),
        (
            "<title>河道清淤工程今日开工 - 青溪网</title>",
            "<h1>青溪网</h1><h2>河道清淤工程今日开工</h2><h3>相关新闻</h3>",
            "河道清淤工程今日开工",
        ),
        ("", "<h1>河道清淤工程今日开工</h1>", "河道清淤工程今日开工"),
        ("", "", ""),
        ("<title>河道清淤工程今日...</title>", "<h1>河道清淤工程今日开工</h1>", "河道清淤工程今日开工"),
        (
            "<title>河道清淤工程今日开工：沿河十二村受益</title>",
            "<h1>河道清淤工程今日开工</h1>",
            "河道清淤工程今日开工",
        ),
        (
            "<title>青溪网</title>",
            "<h2 class=logo>青溪网</h2><h2>河道清淤<br>今日开工</h2>",
            "河道清淤 今日开工",
        ),
        ("<title>青溪日报</title>", "<founder-title>河道清淤&amp;护岸</founder-title>", "河道清淤&护岸"),
        ("<title>河道清淤工程今日开工 - 看点</title>", "", "河道清淤工程今日开工"),
        ("<title>我说Wi-Fi与5G-A</title>", "", "我说Wi-Fi与5G-A"),
    ],
)
def test_titles(head: str, top: str, title: str) -> None:
    assert page(head, top).title == title


@pytest.mark.parametrize(
    ("head", "top", "moment"),
    [
        ('<meta name="PubDate" content="2024-03-14 08:30">', "", datetime(2024, 3, 14, 8, 30, tzinfo=CHINA)),
        (
            '<meta name="PubDate" content="2024-03-14">',
            "<h1>河道清淤工程</h1><p>时间：2024年03月14日 08:30</p>",
            datetime(2024, 3, 14, 8, 30, tzinfo=CHINA),
        ),
        (
            '<meta name="PubDate" content="2019-03-14">',
            "<h1>河道清淤工程</h1><p>2024-03-15 08:30</p>",
            datetime(2024, 3, 15, 8, 30, tzinfo=CHINA),
        ),
        (
            "",
            "<h1>河道清淤工程</h1><p>2024/3/14 8:30:15 来源：甲报</p>",
            datetime(2024, 3, 14, 8, 30, 15, tzinfo=CHINA),
        ),
        ("", "<h1>河道清淤工程</h1><span>2024-03-14</span>", datetime(2024, 3, 14, 0, 0, tzinfo=CHINA)),
        ("", "<h1>河道清淤工程</h1><span>昨天 08:30</span>", datetime(2024, 5, 31, 8, 30, tzinfo=CHINA)),
        ("", "<h1>河道清淤工程</h1><span>3小时前</span>", datetime(2024, 6, 1, 1, 0, tzinfo=UTC)),
        (
            '<script type="application/ld+json">'
            '[{"@type":["NewsArticle"],"datePublished":"2024-03-14T08:30:00+08:00"}]</script>',
            "",
            datetime(2024, 3, 14, 8, 30, tzinfo=CHINA),
        ),
        ('<script type="application/ld+json">{坏</script>', "<h1>河道清淤工程</h1>", ADDRESS),
        ("", "<h1>河道清淤工程</h1><p>2024年3月14日，全县十二条河道的清淤工程同时开工。</p>", ADDRESS),
        (
            '<meta name="PubDate" content="2024-03-13 08:30">',
            "<h1>河道清淤工程</h1><p>2024-03-14</p>",
            datetime(2024, 3, 13, 8, 30, tzinfo=CHINA),
        ),
        (
            "",
            "<h1>河道清淤工程</h1><p>更新时间：2024-03-15 08:30 发布时间：2024-03-14 07:20</p>",
            datetime(2024, 3, 14, 7, 20, tzinfo=CHINA),
        ),
        (
            "",
            "<h1>河道清淤工程</h1><p>成文日期：2024-03-10</p><p>发布日期：2024-03-14</p>",
            datetime(2024, 3, 14, tzinfo=CHINA),
        ),
        (
            "",
            "<p><b>2024</b> <i>03</i>/<i>14</i> <span>08:30:00</span></p><h1>河道清淤工程</h1>",
            datetime(2024, 3, 14, 8, 30, tzinfo=CHINA),
        ),
        (
            "<script>var cfg = {title: '河道清淤工程', publishTime: '2024-03-14 08:30:00'}</script>",
            "<h1>河道清淤工程</h1>",
            datetime(2024, 3, 14, 8, 30, tzinfo=CHINA),
        ),
        (
            "<!--enpproperty <date>2024-03-14 08:30:00.0</date><author></author>/enpproperty-->",
            "<h1>河道清淤工程</h1>",
            datetime(2024, 3, 14, 8, 30, tzinfo=CHINA),
        ),
    ],
)
def test_dates(head: str, top: str, moment: datetime | None) -> None:
    assert page(f"<title>河道清淤工程</title>{head}", top).published == moment


@pytest.mark.parametrize(
    ("head", "top", "author"),
    [
        ('<meta name="author" content="溪边">', "", "溪边"),
        ('<meta name="author" content="admin">', "<p>来源：<a href='/'>甲报</a></p>", "甲报"),
        ("", "<h1>河道清淤工程</h1><p>来源：甲报 作者：溪边 山间</p>", "溪边 山间"),
        ("", "<h1>河道清淤工程</h1><p>甲报记者 溪边</p>", "溪边"),
        ("", "<h1>河道清淤工程</h1><p>稿件来源:甲报　编辑:石桥</p>", "甲报"),
        ('<meta name="ContentSource" content="县水利局">', "", "县水利局"),
        ("", "<h1>河道清淤工程</h1>", None),
    ],
)
def test_authors(head: str, top: str, author: str | None) -> None:
    assert page(f"<title>河道清淤工程</title>{head}", top).author == author


@pytest.mark.parametrize(
    ("head", "url", "link"),
    [
        ("", URL, URL),
        ('<link rel="canonical" href="/a/1.html">', URL, "https://www.example.org/a/1.html"),
        ('<link rel="canonical" href="https://www.example.org/">', URL, URL),
        (
            '<meta property="og:url" content="https://www.example.org/b.html">',
            None,
            "https://www.example.org/b.html",
        ),
        ('<link rel="canonical" href="javascript:x">', URL, URL),
        ('<link rel="canonical" href="/a/1.html">', None, None),
    ],
)
def test_links(head: str, url: str | None, link: str | None) -> None:
    assert page(head, url=url).link == link


@pytest.mark.parametrize(
    "furniture",
    [
        "责任编辑：石桥",
        "（编辑 ：石桥）",
        "【打印本页】",
        "关闭窗口",
        "分享到：",
        "上一篇：全县植树活动今日举行",
        "下一条",
        "扫一扫在手机打开当前页",
        "微信扫一扫，分享到朋友圈",
        "字号：大 中 小",
        "浏览次数：128次",
        "相关阅读",
        "版权声明：凡注明来源为本网的作品，版权均属本网所有，未经授权不得转载。",
    ],
)
def test_the_furniture_of_the_page_goes(furniture: str) -> None:
    for body in (
        f"<p>{furniture}</p>",
        f"<p>最后一段。<br>{furniture}</p>",
        f"<p>最后一段。</p><a href='#'>{furniture}</a>",
    ):
        text = plain(page(body=body).html or "")
        assert "疏浚" in text
        if not (furniture.startswith("版权") and "<br>" in body):
            assert furniture not in text


@pytest.mark.parametrize(
    "sentence",
    [
        "市民扫一扫二维码即可办理，平均用时不到三分钟。",
        "编辑部的灯一直亮到深夜。",
        "分享会持续了两个小时，大家意犹未尽。",
        "上一篇报道讲过，这条河曾经断流三年。",
        "责任编辑：这个岗位意味着什么？他用三十年的坚守给出了答案，也给年轻人上了一课。",
    ],
)
def test_sentences_that_only_look_like_furniture_stay(sentence: str) -> None:
    assert sentence in plain(page(body=f"<p>{sentence}</p>").html or "")


def test_a_picture_of_the_page_is_named_only_where_the_text_shows_none() -> None:
    head = '<meta property="og:image" content="/share.jpg">'
    assert page(head).enclosures == (Enclosure(url="https://www.example.org/share.jpg", type=""),)
    assert page(head, body='<p><img src="a.jpg"></p>').enclosures == ()


def test_the_base_of_the_page() -> None:
    assert page('<base href="/deep/er/">').base_url == "https://www.example.org/deep/er/"
    assert page().base_url == URL


@pytest.mark.parametrize(
    "html",
    [
        "",
        " ",
        "<",
        "文字",
        "<html></html>",
        "<?xml version='1.0' encoding='gbk'?><html><body>x</body></html>",
        "<!-- -->",
        "<div>" * 5000 + "底",
        "<table><tr><td>" * 2000,
        "<title>" + "标题" * 100_000,
        "\x00\ud800",
        "<frameset><frame src=x></frameset>",
        "<svg><title>x</title></svg>",
        "<img src=x>",
        "<body hidden><p>x",
    ],
)
def test_any_page_gives_an_article_and_no_noise(html: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        article = extract(html, url=None, now=NOW)
    assert article.link is None
    assert caplog.records == []


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["<p>", "</p>", "<h1>", "<table>", "<a>", "甲乙丙。" * 9, "<title>"])).map(
        "".join
    )
)
def test_extract_never_raises(html: str) -> None:
    extract(html, url=URL, now=NOW)
