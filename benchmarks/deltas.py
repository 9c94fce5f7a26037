"""What a poll after one new article costs in bytes: the whole feed, and only what changed (A-IM: feed).

Reads the demo site's articles into a folder of its own as `feedsvc refresh` does, polls some feeds, adds one
article of usual length, and polls again: once as most readers do (200), once with A-IM (226). Sizes are of
bodies; «saved» is what the 226 is smaller by.
"""

import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from flask.testing import FlaskClient

import feedsvc
from feedsvc import config, service
from feedsvc.config import Settings
from feedsvc.web.app import create_app

PATHS = ("/feeds/all", "/feeds/category/agriculture", "/feeds/region/330000")
SUFFIXES = ("rss", "atom", "json")
CODINGS = ("identity", "gzip", "br")
SOURCE = "jiahe"
TITLE = "桐乡杭白菊进入采收尾声"
BODY = """\
一夜北风过后，桐乡石门镇的菊田里只剩下最后几十亩还没有采完。天刚亮，菊农们就提着竹篮下了地，赶在降温之前把今年的末茬
杭白菊收回来。

“末茬花小，但香气不输头茬。”种了二十多年菊花的一位菊农说，今年雨水来得匀，花期比去年长了五天，一亩地能多收三十来斤
鲜花。地头停着合作社的小货车，满一车就送一趟，鲜菊当天杀青，不过夜。

镇农技站的技术员这几天一直在田间转。他们提醒，夜里若降到五度以下，没有采完的菊田要盖一层薄膜，雨天和露水没干的时候不要
采，采下的花摊开晾，厚度不超过一拃。采收结束后要及时割除枯枝，留好明年的种苗。

收上来的鲜菊，一半由镇上的三家加工厂烘干，另一半做成冻干花和菊花茶饮。今年新添的两条烘干线用的是空气能，每斤干花的成本
比烧柴时降了四成。厂里的老师傅说，火候还是要靠人看：花心一硬，颜色一定，就得起锅。

按合作社的测算，今年全镇菊花种植面积六千二百亩，鲜花总产量预计超过三千吨，带动周边一千多户农民增收。十二月初，镇里还要
办一场菊花集市，把干花、菊花糕和菊花酒摆到运河边上，让来的人先尝后买。
"""


def main() -> None:
    """Prints a line for each feed and coding."""
    with tempfile.TemporaryDirectory() as home:
        site = Path(home) / "site"
        shutil.copytree(Path(feedsvc.__file__).parent / "demo", site)
        settings = config.load(site / "feedsvc.toml")
        refresh(settings)
        opened = service.open_service(settings)
        try:
            client = create_app(opened).test_client()
            before = {asked: poll(client, *asked)[1] for asked in asking()}
            new = site / "articles" / SOURCE / "new.md"
            now = datetime.now(UTC).isoformat()
            new.write_text(f"---\ntitle: {TITLE}\ndate: {now}\n---\n{BODY}\n", "utf-8")
            refresh(settings, SOURCE)
            opened.catalog.load()
            say(f"{'feed':40} {'coding':9} {'200':>8} {'226':>8}  saved")
            for path, suffix, coding in asking():
                known = before[path, suffix, coding]
                whole, _ = poll(client, path, suffix, coding, {"If-None-Match": known})
                only, _ = poll(client, path, suffix, coding, {"If-None-Match": known, "A-IM": "feed"})
                saved = 1 - only / whole
                say(f"{path}.{suffix}".ljust(40) + f" {coding:9} {whole:8,} {only:8,}  {saved:5.1%}")
        finally:
            opened.close()


def asking() -> list[tuple[str, str, str]]:
    """Every path, format and coding."""
    return [(path, suffix, coding) for path in PATHS for suffix in SUFFIXES for coding in CODINGS]


def poll(
    client: FlaskClient, path: str, suffix: str, coding: str, fields: dict[str, str] | None = None
) -> tuple[int, str]:
    """The bytes of an answer's body, and its ETag."""
    fields = fields or {}
    answer = client.get(f"{path}.{suffix}", headers={"Accept-Encoding": coding} | fields)
    expected = 226 if "A-IM" in fields else 200
    if answer.status_code != expected:
        raise SystemExit(f"{path}.{suffix}: {answer.status} in place of {expected}")
    return len(answer.data), answer.headers["ETag"]


def refresh(settings: Settings, *only: str) -> None:
    """One pass over the sources, or those named."""
    store = service.prepare_store(settings)
    refresher = service.open_refresher(settings, store)
    try:
        for source in settings.sources:
            if only and source.id not in only:
                continue
            store.lease([source.id], refresher.owner, refresher.clock(), due_only=False)
            refresher.refresh(source)
    finally:
        refresher.children.stop()
        store.release([refresher.owner])
        store.close()


def say(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
