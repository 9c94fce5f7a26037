import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import ReadError
from feedsvc.model import Document, RawArticle, Stamp
from feedsvc.sources.file import read_file
from feedsvc.sources.folder import scan

NOW = datetime(2024, 6, 1, 4, 0, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))
BASE = "https://docs.example.org/"


def read(name: str, body: str | bytes) -> Document:
    return read_file(name, body.encode() if isinstance(body, str) else body, base_url=BASE, now=NOW)


def only(name: str, body: str | bytes) -> RawArticle:
    (article,) = read(name, body).articles
    return article


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")


@contextlib.contextmanager
def not_as_root() -> Iterator[None]:
    """Root may list every folder; so do what follows as nobody."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_scan_finds_documents_at_any_depth_in_order(tmp_path: Path) -> None:
    write(tmp_path, "b.md", "a/c.HTML", "a/b/d.txt", "三农/春耕.json", "e.markdown", "f.htm")
    write(
        tmp_path,
        "g.docx",
        "README",
        "h.md~",
        ".hidden.md",
        ".git/x.md",
        "i.md.swp",
        "#j.md#",
        "~$k.md",
        "l.tmp",
        ".md",
    )
    os.utime(tmp_path / "b.md", ns=(5, 7_000_000_001))
    found = scan(tmp_path)
    assert list(found) == ["a/b/d.txt", "a/c.HTML", "b.md", "e.markdown", "f.htm", "三农/春耕.json"]
    assert found["b.md"] == Stamp(size=1, mtime_ns=7_000_000_001)


def test_scan_notices_a_change_and_a_removal(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "b.md")
    before = scan(tmp_path)
    (tmp_path / "a.md").write_text("longer", encoding="utf-8")
    (tmp_path / "b.md").unlink()
    after = scan(tmp_path)
    assert after.keys() == {"a.md"}
    assert after["a.md"] != before["a.md"]


def test_links_out_of_the_folder_and_in_circles_are_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    write(root, "a.md", "sub/b.md")
    write(outside, "secret.md")
    (root / "out").symlink_to(outside, target_is_directory=True)
    (root / "secret.md").symlink_to(outside / "secret.md")
    (root / "sub" / "up").symlink_to(root, target_is_directory=True)
    (root / "self").symlink_to(root / "self")
    (root / "gone.md").symlink_to(root / "nowhere.md")
    (root / "again.md").symlink_to(root / "a.md")
    assert list(scan(root)) == ["a.md", "sub/b.md"]


def test_links_inside_the_folder_to_what_is_hidden_are_followed_once(tmp_path: Path) -> None:
    write(tmp_path, ".versions/3/a.md", ".versions/3/sub/b.md", ".versions/c.md")
    (tmp_path / "current").symlink_to(tmp_path / ".versions" / "3", target_is_directory=True)
    (tmp_path / "latest").symlink_to(tmp_path / ".versions" / "3", target_is_directory=True)
    (tmp_path / "c.md").symlink_to(Path(".versions") / "c.md")
    assert list(scan(tmp_path)) == ["c.md", "current/a.md", "current/sub/b.md"]


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    write(tmp_path, "real/a.md")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert list(scan(tmp_path / "link")) == ["a.md"]


def test_pipes_and_folders_with_a_suffix_are_no_documents(tmp_path: Path) -> None:
    write(tmp_path, "folder.md/a.txt")
    os.mkfifo(tmp_path / "pipe.md")
    assert list(scan(tmp_path)) == ["folder.md/a.txt"]


def test_names_that_are_not_utf_8_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    with open(os.fsencode(tmp_path) + b"/" + "春耕.md".encode("gbk"), "wb"):
        pass
    assert list(scan(tmp_path)) == ["a.md"]


def test_a_folder_that_cannot_be_listed_is_an_error_that_names_it(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    with pytest.raises(ReadError, match=f"{missing}: there is no such folder"):
        scan(missing)
    write(tmp_path, "file.md")
    with pytest.raises(ReadError, match=r"file\.md: this is not a folder"):
        scan(tmp_path / "file.md")


def test_a_closed_folder_inside_is_an_error_and_not_a_removal() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write(root, "a.md", "closed/b.md")
        root.chmod(0o755)
        (root / "closed").chmod(0)
        try:
            with not_as_root(), pytest.raises(ReadError, match="closed: this folder may not be read"):
                scan(root)
        finally:
            (root / "closed").chmod(0o700)


def test_an_unreadable_file_is_left_to_reading(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    (tmp_path / "a.md").chmod(0)
    assert list(scan(tmp_path)) == ["a.md"]


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("a.md", "---\ntitle: 题\nauthor: @x\n---\n正文", "front matter, line 3: "),
        ("a.md", "---\ntitle: 题\ndate: 2024-13-45\n---\n正文", "front matter: month"),
        ("a.md", "---\ntitle: 题\n正文", "line 1: opened with --- and never closed"),
        ("a.md", "", "neither a title nor text"),
        ("a.txt", " \n", "neither a title nor text"),
        ("a.html", "", "neither a title nor text"),
        ("a.json", '{"title":\n x}', "line 2: Expecting value"),
        ("a.json", "", "line 1"),
        ("a.json", "[" * 100_000, "cannot be read as JSON"),
        ("a.json", "3", "not an object"),
        ("a.json", "{}", "neither title, text nor link"),
        ("a.docx", "x", ".docx is no kind of document"),
        ("a", "x", "no kind of document"),
    ],
)
def test_what_cannot_be_read_says_why(name: str, body: str, sentence: str) -> None:
    with pytest.raises(ReadError, match=sentence):
        read(name, body)


def test_a_json_article_is_its_file() -> None:
    article = only("a/b.json", json.dumps({"title": "题", "content_html": "<p>文</p>", "url": "c.html"}))
    assert (article.title, article.html, article.slot) == ("题", "<p>文</p>", "a/b.json")
    assert article.link == "https://docs.example.org/c.html"


@pytest.mark.parametrize(
    "value",
    [
        [{"title": "甲"}, {"title": "乙"}, 3],
        {"items": [{"title": "甲"}, {"title": "乙"}, 3]},
        {"version": "https://jsonfeed.org/version/1", "items": [{"title": "甲"}, {"title": "乙"}, 3]},
    ],
)
def test_json_lists_and_feeds(value: object) -> None:
    document = read("a.json", json.dumps(value))
    assert [(a.title, a.slot) for a in document.articles] == [("甲", None), ("乙", None)]
    assert document.problems == ("item 3: is not an object",)


def test_a_text_file_in_any_encoding() -> None:
    for encoding in ("utf-8", "gbk", "utf-16", "utf-8-sig"):
        article = only("a.txt", "河道清淤开工\n第一段，讲施工的情况。\n第二段。".encode(encoding))
        assert article.title == "河道清淤开工"
        assert article.html == "<p>第一段，讲施工的情况。</p><p>第二段。</p>"
        assert article.slot == "a.txt"


def test_only_the_article_of_a_saved_page_is_its_file() -> None:
    body = "三月十四日上午，我县春季河道清淤工程在石桥镇开工，将对全县十二条主要河道进行疏浚。" * 5
    listed = ["高新区新增三条公交线路", "市人民医院开通夜间门诊", "我县春季河道清淤工程开工"]
    document = read("2024-03-14-page.txt", "\n".join([body, *listed]))
    assert [(a.title, a.slot) for a in document.articles] == [
        ("我县春季河道清淤工程开工", "2024-03-14-page.txt"),
        ("高新区新增三条公交线路", None),
        ("市人民医院开通夜间门诊", None),
    ]
    assert [a.published for a in document.articles] == [datetime(2024, 3, 14, tzinfo=CHINA), None, None]


def test_a_page() -> None:
    page = "<title>河道清淤开工</title><h1>河道清淤开工</h1><p>" + "工程对十二条河道进行疏浚。" * 20 + "</p>"
    article = only("p.html", page)
    assert (article.title, article.slot, article.link) == ("河道清淤开工", "p.html", None)
    own = only("p.html", f'<link rel="canonical" href="/p/1.html">{page}')
    assert own.link == "https://docs.example.org/p/1.html"


@pytest.mark.parametrize(
    ("name", "published", "title"),
    [
        ("2024-03-14-清淤.md", datetime(2024, 3, 14, tzinfo=CHINA), "清淤"),
        ("2024-03-14 清淤.md", datetime(2024, 3, 14, tzinfo=CHINA), "清淤"),
        ("2024-03-14.md", datetime(2024, 3, 14, tzinfo=CHINA), "2024-03-14"),
        ("2024-13-14-清淤.md", None, "清淤"),
        ("2024-03-145.md", None, "2024-03-145"),
        ("清淤-2024-03-14.md", None, "清淤-2024-03-14"),
    ],
)
def test_a_date_in_the_name(name: str, published: datetime | None, title: str) -> None:
    article = only(name, "一段话，不是标题。")
    assert (article.published, article.title) == (published, title)
    dated = only(name, "---\ndate: 2020-01-01\n---\n一段话，不是标题。")
    assert dated.published == datetime(2020, 1, 1, tzinfo=CHINA)


@given(
    st.sampled_from(["a.md", "b.html", "c.json", "d.txt"]), st.binary(max_size=200) | st.text(max_size=200)
)
def test_any_file_is_a_document_or_a_read_error(name: str, body: bytes | str) -> None:
    try:
        document = read(name, body.encode("utf-8", "replace") if isinstance(body, str) else body)
    except ReadError:
        return
    assert all(a.title or a.html or a.link for a in document.articles)
