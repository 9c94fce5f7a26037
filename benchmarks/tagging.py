"""Articles tagged a second on one core, beside jieba.analyse.extract_tags on the same texts in the same run.

The texts are those of the demo site, read as its sources are. The ratio is what to look at: machines differ.
"""

import logging
import resource
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import feedsvc
from feedsvc import clean, config
from feedsvc.sources import file, folder
from feedsvc.tagging.tagger import Tagger

ROUNDS = 5

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # jieba's source has escapes that Python warns of
    import jieba.analyse


def main() -> None:
    """Prints one line a figure."""
    texts = demo_texts()
    size = sum(len(title) + len(text) for title, text in texts) / len(texts)
    say(f"{len(texts)} articles of the demo site, {size:.0f} characters each")
    with tempfile.TemporaryDirectory() as cache:
        jieba.setLogLevel(logging.WARNING)
        jieba.dt.tmp_dir = cache
        jieba.initialize()
        jieba.analyse.extract_tags("先读一遍词频表")
        tagger = Tagger()
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(timed(texts, lambda title, text: tagger.tag(title, text, home="330400")))
            theirs.append(timed(texts, lambda title, text: jieba.analyse.extract_tags(f"{title}\n{text}")))
    mine, plain = statistics.median(ours), statistics.median(theirs)
    say(f"keywords, category and regions: {mine:.0f} articles/s")
    say(f"jieba.analyse.extract_tags, keywords alone: {plain:.0f} articles/s; ratio {mine / plain:.2f}")
    say(f"memory with both loaded: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB")


def demo_texts() -> list[tuple[str, str]]:
    """Title and plain text of every article of the demo site that has a body."""
    root = Path(feedsvc.__file__).parent / "demo" / "articles"
    now = datetime.now(UTC)
    found = []
    for source in config.load().sources:
        assert source.path is not None
        assert source.path.is_relative_to(root)
        for name in folder.scan(source.path):
            read = file.read_file(name, (source.path / name).read_bytes(), base_url=source.url, now=now)
            drafts = [clean.to_draft(raw) for raw in read.articles]
            found += [(d.title, clean.plain(d.html)) for d in drafts if d is not None and d.html]
    return found


def timed(texts: list[tuple[str, str]], tag: Callable[[str, str], object]) -> float:
    """Articles a second of processor time."""
    began = time.process_time()
    for title, text in texts:
        tag(title, text)
    return len(texts) / (time.process_time() - began)


def say(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
