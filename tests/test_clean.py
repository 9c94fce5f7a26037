import time

import lxml.etree
import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.clean import MAX_DEPTH, plain, plain_title, safe_html, summary_of
from feedsvc.text import legal
from tests.xss import ELEMENTS, VECTORS, assert_harmless

BASE = "https://news.example.org/2024/05/a.html"
PIECES = st.sampled_from(
    [*VECTORS, "<p>", "</p>", "<b>", "</table>", "<table>", "<svg>", "<math>", "甲乙", "&lt;", '"', "<"]
)


def images(html: str) -> list[str]:
    return [
        str(src)
        for src in lxml.html.fragment_fromstring(html or "<p>", create_parent="div").xpath(".//img/@src")
    ]


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_is_left_of_a_vector(vector: str) -> None:
    for html in (
        vector,
        f"<p>前{vector}后</p>",
        f"<table><tr><td>{vector}</table>",
        f"<div><ul><li>{vector}",
    ):
        assert_harmless(safe_html(html, BASE))
        assert_harmless(safe_html(html, None))


@given(st.lists(PIECES, max_size=8).map("".join))
def test_nothing_is_left_of_vectors_mixed(html: str) -> None:
    assert_harmless(safe_html(html, BASE))


@given(st.text(max_size=300) | st.lists(PIECES | st.text(max_size=5), max_size=10).map("".join))
def test_any_text_gives_legal_html_that_stays_as_it_is_safe(html: str) -> None:
    once = safe_html(html, BASE)
    assert legal(once) == once
    assert_harmless(once)
    assert_harmless(safe_html(once, BASE))
    plain(html)
    summary_of(html)


def test_what_articles_are_made_of_stays() -> None:
    html = (
        '<h2>小标题</h2><p>一<strong>二</strong><br>H<sub>2</sub>O</p><ol start="3"><li>三</li></ol>'
        "<blockquote><p>引</p></blockquote><pre><code>a &lt; b</code></pre><hr>"
        "<ruby>汉<rp>(</rp><rt>hàn</rt><rp>)</rp></ruby><figure><figcaption>图</figcaption></figure>"
        '<table><tbody><tr><th colspan="2">甲</th></tr>'
        '<tr><td>乙</td><td rowspan="1">丙</td></tr></tbody></table>'
        "<dl><dt>名</dt><dd>释</dd></dl><details><summary>摘</summary>详</details>"
        '<time datetime="2024-05-01T08:00:00+08:00">五一</time>'
    )
    assert safe_html(html, None) == html


def test_every_element_of_the_check_is_kept_or_renamed() -> None:
    dropped_alone = {"a", "img", "source"}
    for tag in (
        ELEMENTS - dropped_alone - {"caption", "thead", "tbody", "tfoot", "tr", "td", "th", "colgroup", "col"}
    ):
        assert f"<{tag}>" in safe_html(f"<{tag}>x", None)


def test_links_become_absolute_and_unlinked_text_stays() -> None:
    html = safe_html(
        '<a href="../b.html#x" title="题">甲</a><a href="javascript:x">乙</a><a name="c">丙</a>', BASE
    )
    assert html == (
        '<a href="https://news.example.org/2024/b.html#x" title="题" rel="nofollow noopener">甲</a>乙丙'
    )
    assert safe_html('<a href="/b">甲</a><img src="c.jpg">', None) == "甲"
    assert 'href="mailto:a@example.org"' in safe_html('<a href="mailto:a@example.org">信</a>', BASE)
    assert 'href="tel:+8657312345"' in safe_html('<a href="TEL:+8657312345">电话</a>', BASE).replace(
        "TEL", "tel"
    )


@pytest.mark.parametrize(
    ("image", "found"),
    [
        ('<img src="a.jpg">', ["https://news.example.org/2024/05/a.jpg"]),
        ('<img src="data:image/gif;base64,R0" data-src="b.jpg">', ["https://news.example.org/2024/05/b.jpg"]),
        ('<img src="/img/loading.gif" data-original="/b.jpg">', ["https://news.example.org/b.jpg"]),
        ('<img src="/img/blank.png?v=1" data-lazy-src="/b.jpg">', ["https://news.example.org/b.jpg"]),
        (
            '<img src="/i/placeholder.svg" srcset="s.jpg 320w, l.jpg 1280w, m.jpg 640w">',
            ["https://news.example.org/2024/05/l.jpg"],
        ),
        ('<img srcset="one.jpg, two.jpg 2x">', ["https://news.example.org/2024/05/two.jpg"]),
        ('<img data-srcset="a,b.jpg 1x,c.jpg 3x">', ["https://news.example.org/2024/05/c.jpg"]),
        ('<img src="small.jpg" srcset="big.jpg 2x">', ["https://news.example.org/2024/05/small.jpg"]),
        ('<img src="data:image/gif;base64,R0">', []),
        ('<img src="x.gif" width="1" height="1">', []),
        ('<img src="x.gif" width="0">', []),
        ('<img src="x.gif" style="width:1px; height:1px">', []),
        ('<img src="x.gif" style="max-width:1px;width:100%">', ["https://news.example.org/2024/05/x.gif"]),
        ('<img alt="无地址">', []),
        ("<noscript><img src='n.jpg'></noscript>", []),
    ],
)
def test_images(image: str, found: list[str]) -> None:
    assert images(safe_html(image, BASE)) == found


def test_blocks_of_layout_keep_their_paragraphs_apart() -> None:
    html = safe_html(
        "<section>甲</section><article>乙</article><form><center>丙</center></form><span>丁</span>", None
    )
    assert plain(html) == "甲\n乙\n丙\n丁"
    assert set(lxml.html.fragment_fromstring(html, create_parent="div").xpath("name(.//*)").split()) <= {
        "div"
    }


def test_media() -> None:
    html = safe_html(
        '<video src="v.mp4" poster="p.jpg" autoplay></video><audio controls><source src="s.mp3"></audio>',
        BASE,
    )
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    assert root.xpath("//video/@src") == ["https://news.example.org/2024/05/v.mp4"]
    assert root.xpath("//video/@autoplay") == []
    assert root.xpath("//audio[@controls]/source/@src") == ["https://news.example.org/2024/05/s.mp3"]


@pytest.mark.parametrize(
    "tag", ["div", "blockquote", "b", "ul><li", "table><tr><td", "a href='/x'", "font", "p"]
)
def test_ten_thousand_levels_are_flattened_in_time(tag: str) -> None:
    started = time.process_time()
    html = safe_html(f"<{tag}>" * 10_000 + "底", BASE)
    assert time.process_time() - started < 5
    assert "底" in html
    depth = deepest = 0
    for event, _ in lxml.etree.iterwalk(
        lxml.html.fragment_fromstring(html, create_parent="div"), events=("start", "end")
    ):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    assert deepest <= MAX_DEPTH + 1
    assert html.count("<") - html.count("</") == html.count("</")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>一</p><p>二</p>", "一\n二"),
        ("一<br>二<br/><br>三", "一\n二\n三"),
        ("<table><tr><td>甲</td><td>乙</td></tr><tr><td>丙</td></tr></table>", "甲 乙\n丙"),
        ("<ul><li>甲<li>乙</ul>", "甲\n乙"),
        ("<script>x</script>甲<style>y</style>", "甲"),
        ("A &amp;amp; B &lt;b&gt;", "A &amp; B <b>"),
        ("  多\n  个\t空 \u3000格  ", "多 个 空 格"),
        ("a < b, c > d", "a < b, c > d"),
        ("甲<!-- 注 -->乙", "甲乙"),
        ("", ""),
    ],
)
def test_plain(html: str, text: str) -> None:
    assert plain(html) == text


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("A &amp; B", "A & B"),
        ("A &amp;amp; B", "A &amp; B"),
        ("<b>粗</b>体&nbsp;<font color=red>红</font>", "粗体 红"),
        ("甲<br/>乙", "甲 乙"),
        ("List<String> 与 <table> 的用法", "List<String> 与 <table> 的用法"),
        ("&lt;script&gt; 是什么", "<script> 是什么"),
        ("<script>alert(1)</script>标题", "标题"),
        ("AT&T 与 R&D; 100% &hellip;", "AT&T 与 R&D; 100% …"),
        ("  两\n行  ", "两 行"),
        ("&#128512;&#x4E2D;&#0;", "😀中\ufffd"),
    ],
)
def test_plain_title(given: str, title: str) -> None:
    assert plain_title(given) == title


def test_a_literal_title_keeps_its_tags() -> None:
    assert plain_title("<b>不是标签</b> &amp;amp;", markup=False) == "<b>不是标签</b> &amp;"


def test_summary_is_the_lead() -> None:
    lead = "本报讯（记者 某某）" + "全市春耕备耕工作全面展开，" * 5 + "粮食播种面积稳定。"
    assert summary_of(f"<p>{lead}</p><p>第二段。</p>") == lead
    assert summary_of("<p>图为现场</p><p>正文第一句很长很长，说了许多话，所以取来作摘要。</p>").startswith(
        "图为现场 正文"
    )
    cut = summary_of("<p>" + "这一句有十个字左右。" * 40 + "</p>", 100)
    assert len(cut) <= 100
    assert cut.endswith("。")
    assert summary_of("") == ""
