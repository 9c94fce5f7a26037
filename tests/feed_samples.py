"""Articles and sites for the tests of feeds, in the manner of city news; nobody in them is real.

python -m tests.feed_samples [FOLDER]       writes the golden files anew (default: where they are)
"""

import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feedsvc.errors import UnknownError
from feedsvc.feeds.build import Site, build_feed
from feedsvc.feeds.directory import Directory
from feedsvc.feeds.formats import write
from feedsvc.feeds.opml import Group, Subscription, write_opml
from feedsvc.model import (
    Address,
    Article,
    Body,
    Category,
    Enclosure,
    Feed,
    Format,
    Kind,
    Region,
    Source,
    Tombstone,
)

GOLDEN = Path(__file__).parent / "data" / "golden"
BORN = datetime(2026, 1, 1, 0, 0, 0, tzinfo=UTC)
NOON = datetime(2026, 3, 14, 4, 0, 0, tzinfo=UTC)

SITE = Site(
    title="水乡新闻",
    description="水乡各地的新闻",
    base_url="https://news.example.cn",
    authority="example.cn",
    icon="/static/icon.png",
    hubs=("https://hub.example.cn/",),
)


class Provinces:
    """Three regions, one below another."""

    _regions = (
        Region(code="330000", name="浙江省", short="浙江", level=1, parent=None, path="浙江省"),
        Region(code="330400", name="嘉兴市", short="嘉兴", level=2, parent="330000", path="浙江省嘉兴市"),
        Region(code="640000", name="宁夏回族自治区", short="宁夏", level=1, parent=None, path="宁夏"),
    )

    def get(self, code: str) -> Region | None:
        return next((region for region in self._regions if region.code == code), None)

    def resolve(self, name_or_path: str) -> str:
        *above, name = name_or_path.split("/")
        for region in self._regions:
            known = (region.code, region.name, region.short)
            if name in known and all(part in region.path for part in above):
                return region.code
        raise UnknownError(f"there is no region {name_or_path!r}")


NAMES = Directory(
    [
        Category(key="agriculture", label="三农", iptc=("medtop:04000000",)),
        Category(key="energy", label="产业能源", iptc=("medtop:04000000",)),
        Category(key="society", label="社会", iptc=("medtop:14000000", "medtop:09000000")),
        Category(key="tourism", label="文旅"),
    ],
    Provinces(),
    [
        Source(id="jiaxing", kind=Kind.FOLDER, title="南湖晚报"),
        Source(id="wire.1", kind=Kind.FEED, title="通稿", url="https://wire.example.cn/最新.xml"),
    ],
)


def article(number: int, title: str, **changes: object) -> Article:
    """The article with this number; it came `number` hours before NOON."""
    when = NOON - timedelta(hours=number)
    plain = Article(
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"article {number}")),
        source="jiaxing",
        seq=number,
        revision=1000 - number,
        title=title,
        link=f"https://paper.example.cn/2026/{number}.html",
        author=None,
        published=when,
        updated=when,
        first_seen=when,
        changed=when,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


RICH_ARTICLES = (
    article(
        1,
        "桑园里的“智慧大棚”：今年蚕茧增收２０％ 🌱",
        author="本报记者",
        category="agriculture",
        tags=("蚕桑", "智慧农业"),
        regions=("330400",),
    ),
    article(
        2,
        "5 < 6 & 7 > 2：《小学数学》<公开课>走进社区]]>",
        link="https://paper.example.cn/教育/公开课.html?第=一&页=2",
        category="society",
        tags=("公开课",),
        regions=("330000", "640000"),
        source="wire.1",
        updated=NOON,
    ),
    article(3, "一句话新闻：老街今晚亮灯", link=None, category="gone", regions=("999999",)),
)
RICH_BODIES: Mapping[str, Body] = {
    RICH_ARTICLES[0].id: Body(
        html=(
            "<p>春蚕上山，<strong>茧价</strong>看涨。</p>"
            '<p><img src="https://img.example.cn/a.jpg?w=1&amp;h=2" alt="桑园"></p>'
            "<table><tr><td>亩产</td><td>１２０公斤</td></tr></table>"
        ),
        summary="春蚕上山，茧价看涨。",
        enclosures=(
            Enclosure(url="https://img.example.cn/现场.mp3", type="audio/mpeg", length=123456),
            Enclosure(url="https://img.example.cn/b.jpg", type="image/jpeg"),
        ),
        rights="© 南湖晚报",
    ),
    RICH_ARTICLES[1].id: Body(
        html="<p>代码 <code>a &lt; b &amp;&amp; x[[0]]; ]]&gt;</code> 与 ‘引号’ “引号” 「引号」</p>",
        summary="一堂课：5 < 6 & <b>7</b> > 2。\n下课。",
    ),
}
RICH_TOMBSTONES = (
    Tombstone(id=str(uuid.uuid5(uuid.NAMESPACE_URL, "gone 1")), when=NOON - timedelta(days=2)),
    Tombstone(id=uuid.uuid5(uuid.NAMESPACE_URL, "gone 2").urn, when=NOON - timedelta(days=1)),
)


def built(
    articles: Sequence[Article] = (),
    bodies: Mapping[str, Body] | None = None,
    tombstones: Sequence[Tombstone] = (),
    *,
    address: Address | None = None,
    site: Site = SITE,
) -> Feed:
    """The feed of these, by a generator of no version, so that releases do not change what is expected."""
    feed = build_feed(
        address or Address(),
        articles,
        bodies or {},
        tombstones,
        site=site,
        names=NAMES,
        ttl=timedelta(minutes=15),
        born=BORN,
    )
    return replace(feed, generator_version="0")


def rich() -> Feed:
    """A feed with all that an entry can have."""
    return built(RICH_ARTICLES, RICH_BODIES, RICH_TOMBSTONES)


def empty() -> Feed:
    """A feed without entries."""
    return built(site=replace(SITE, icon=None, hubs=(), description=""))


def title_only() -> Feed:
    """A feed of one article of which nothing but the title is known."""
    return built([article(7, "市区今起供暖", link=None)])


def traditional() -> Feed:
    """The feed of `rich` in traditional characters."""
    return built(RICH_ARTICLES, RICH_BODIES, RICH_TOMBSTONES, address=Address(script="hant"))


SAMPLES: Mapping[str, Feed] = {
    "rich": rich(),
    "empty": empty(),
    "title-only": title_only(),
    "hant": traditional(),
}


GROUPS = (
    Group(
        title="栏目",
        subscriptions=(
            Subscription(
                title="三农 — 水乡新闻",
                feed_url="https://news.example.cn/feeds/category/agriculture.atom",
                html_url="https://news.example.cn/category/agriculture",
                description="三农：水乡各地的新闻",
            ),
            Subscription(
                title="“文旅” & <美食>",
                feed_url="https://news.example.cn/feeds/category/tourism.atom",
                html_url="https://news.example.cn/category/tourism",
            ),
        ),
    ),
    Group(
        title="地区",
        subscriptions=(
            Subscription(
                title="嘉兴市 — 水乡新闻",
                feed_url="https://news.example.cn/feeds/region/330400.atom",
                html_url="https://news.example.cn/region/330400",
            ),
        ),
    ),
)


def write_golden(folder: Path) -> None:
    """Writes every sample in every format, and the list of feeds, into `folder`."""
    for name, feed in SAMPLES.items():
        for suffix in Format:
            (folder / f"{name}.{suffix}").write_bytes(write(feed, suffix))
    (folder / "feeds.opml").write_bytes(write_opml("水乡新闻", GROUPS, modified=NOON))


if __name__ == "__main__":
    write_golden(Path(sys.argv[1]) if len(sys.argv) > 1 else GOLDEN)
