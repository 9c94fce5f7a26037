from datetime import UTC, datetime, timedelta, timezone

import pytest

from feedsvc.model import RawArticle
from feedsvc.sources.markdown import read_markdown

NOW = datetime(2024, 6, 1, 4, 0, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))
BASE = "https://docs.example.org/"


def read(text: str) -> RawArticle:
    return read_markdown(text, base_url=BASE, now=NOW)


FRONT = """---
title: 我县河道清淤工程开工
date: 2024-03-14 16:05:00
updated: 2024-03-15T08:00:00Z
author: [溪边, 山间]
url: /art/1.html
id: 1001
summary: 摘要
tags: [水利, 三农]
keywords: 河道，清淤
category: 民生
rights: © 某报
---
第一段。

| 河 | 长 |
|---|---|
| 青溪 | 8 |

<script>alert(1)</script>
"""


def test_markdown_with_front_matter() -> None:
    article = read(FRONT)
    assert (article.title, article.guid, article.link) == ("我县河道清淤工程开工", "1001", "/art/1.html")
    assert (article.author, article.summary, article.rights) == ("溪边、山间", "摘要", "© 某报")
    assert article.published == datetime(2024, 3, 14, 16, 5, tzinfo=CHINA)
    assert article.updated == datetime(2024, 3, 15, 8, 0, tzinfo=UTC)
    assert article.keywords == ("水利", "三农", "河道", "清淤")
    assert article.category == "民生"
    assert article.base_url == BASE
    assert article.html is not None
    assert "<td>青溪</td>" in article.html
    assert "<script>" in article.html  # goes when the article is cleaned, like that of any source


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-03-14", datetime(2024, 3, 14, tzinfo=CHINA)),
        ("2024-03-14 08:30", datetime(2024, 3, 14, 8, 30, tzinfo=CHINA)),
        ("2024-03-14T08:30:00+08:00", datetime(2024, 3, 14, 8, 30, tzinfo=CHINA)),
        ("2024-03-14T00:30:00Z", datetime(2024, 3, 14, 0, 30, tzinfo=UTC)),
        ("2024年3月14日 08:30", datetime(2024, 3, 14, 8, 30, tzinfo=CHINA)),
        ("20240314", datetime(2024, 3, 14, tzinfo=CHINA)),
        ("不知道", None),
        ("[2024]", None),
    ],
)
def test_dates_of_front_matter(written: str, moment: datetime | None) -> None:
    assert read(f"---\ntitle: 题\ndate: {written}\n---\n").published == moment
    assert read(f"---\ntitle: 题\npublished: {written}\ndate: 不用\n---\n").published == moment


@pytest.mark.parametrize(
    ("text", "title", "html"),
    [
        ("# 河道 *清淤*\n\n正文。", "河道 清淤", "<p>正文。</p>"),
        ("河道清淤\n========\n正文。", "河道清淤", "<p>正文。</p>"),
        ("引言。\n\n## 小节\n\n正文。", "小节", "<p>引言。</p>\n<h2>小节</h2>\n<p>正文。</p>"),
        ("河道清淤开工\n\n正文。", "河道清淤开工", "<p>正文。</p>"),
        ("河道清淤开工\n正文。", "河道清淤开工", "<p>正文。</p>"),
        ("一段话，不是标题。\n\n又一段。", "", "<p>一段话，不是标题。</p>\n<p>又一段。</p>"),
        ("- 甲\n- 乙", "", "<ul>\n<li>甲</li>\n<li>乙</li>\n</ul>"),
        ("---\ntags: [甲]\n---\n# 题\n", "题", None),
    ],
)
def test_titles_of_markdown_without_one_in_front(text: str, title: str, html: str | None) -> None:
    article = read(text)
    assert (article.title, article.html) == (title, html)


def test_chinese_lines_join_without_a_space() -> None:
    assert read("---\ntitle: 题\n---\n河道\n清淤 ok\nyes\n开工").html == "<p>河道清淤 ok\nyes\n开工</p>"
