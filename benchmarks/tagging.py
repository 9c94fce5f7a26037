"""How good and how fast the tags are, beside jieba's own keywords on the same articles in the same run.

    benchmarks/tagging.py [--map FILE] [--show N] [--rounds N] [DIR|FILE ...]

Scores JSON lines, {"id","title","text","home","keywords","category","regions"}, of which any may be missing
but the id; without DIR or FILE the project's own labelled articles, and the speed on the demo site's as well.
Keywords: the mean of F per article at 3 and 5, exact but for NFKC, case and white space. Sections: accuracy;
a label is a key, a label of ours, or in the map {label: [key, ...]}. Regions: precision and recall of codes.
Speed is articles a second of processor time, the median of rounds that take turns: machines differ, so the
ratio is what to look at.
"""

import argparse
import json
import logging
import resource
import statistics
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import feedsvc
from benchmarks import scores
from benchmarks.scores import Labelled
from feedsvc import clean, config
from feedsvc.model import Tagging
from feedsvc.sources import file, folder
from feedsvc.tagging import gazetteer
from feedsvc.tagging.categories import default_categories
from feedsvc.tagging.tagger import Tagger

ROUNDS = 3
OWN = Path(__file__).parent.parent / "tests" / "data" / "labelled"
NOUNS = ("n", "ng", "nr", "nrt", "nrfg", "ns", "nt", "nz", "nw", "vn", "eng")
CONFUSED = 12  # of the most frequent confusions, how many are printed
TAGGER = "feedsvc (keywords, category, regions)"
PLAIN = "jieba extract_tags"

Ways = Mapping[str, Callable[[Labelled], Sequence[str]]]

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # jieba's source has escapes that Python warns of
    import jieba.analyse


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the tables. A file that cannot be read ends it with one line."""
    parser = argparse.ArgumentParser(description="Scores the tagger on labelled articles, beside jieba.")
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="DIR|FILE", help="JSON lines, or folders of them"
    )
    parser.add_argument("--map", type=Path, help='JSON {"label": ["key", ...]} of foreign labels of sections')
    parser.add_argument(
        "--show", type=int, default=0, metavar="N", help="list the N worst articles of each kind"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds of timing (default {ROUNDS})")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    strange: Counter[str] = Counter()
    try:
        names = section_names(options.map)
        rows = scores.read(options.paths or [OWN], names, unknown=lambda label: strange.update([label]))
    except (OSError, ValueError) as error:
        parser.error(str(error))
    for label, count in strange.most_common():
        say(f"{label}: no section of ours, {count} articles left out of the sections (see --map)")
    with tempfile.TemporaryDirectory() as cache:
        jieba.setLogLevel(logging.WARNING)
        jieba.dt.tmp_dir = cache
        jieba.initialize()
        jieba.analyse.extract_tags("先读一遍词频表")
        tagger = Tagger()
        report(tagger, rows, options.rounds, options.show)
        if not options.paths:
            speed(tagger, demo_articles(), options.rounds)
    say(f"memory with both loaded: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB")


def section_names(path: Path | None) -> dict[str, list[str]]:
    """Our keys and labels, and those of a map file, which win. Raises ValueError for a key we do not have."""
    ours = default_categories()
    names = {name: [category.key] for category in ours for name in (category.key, category.label)}
    if path is not None:
        for label, keys in json.loads(path.read_text("utf-8")).items():
            names[label] = list(keys)
            if strange := set(keys) - {category.key for category in ours}:
                raise ValueError(f"{path}: {label}: no sections of ours: {', '.join(sorted(strange))}")
    return names


def report(tagger: Tagger, rows: Sequence[Labelled], rounds: int, show: int) -> None:
    """Tags all rows once, and prints a table for each kind of label that they have."""
    tagged = [(row, tagger.tag(row.title, row.text, home=row.home)) for row in rows]
    if any(row.keywords for row in rows):
        report_keywords(tagger, [row for row in rows if row.keywords], rounds)
    for name, some in (
        ("titles alone", [one for one in tagged if not one[0].text]),
        ("with bodies", [one for one in tagged if one[0].text]),
    ):
        report_sections(name, some)
    if any(row.regions is not None for row in rows):
        found = scores.region_scores((row, said.regions) for row, said in tagged)
        say(
            f"\nregions: precision {found.precision:.3f}, recall {found.recall:.3f}"
            f" ({found.right} right of {found.said} said, {found.wanted} wanted)"
        )
    if show:
        report_worst(tagged, show)


def report_keywords(tagger: Tagger, rows: Sequence[Labelled], rounds: int) -> None:
    """A line a way to find keywords, all in one run."""
    heads = "".join(f"{head:>7}" for head in ("F@3", "P@3", "R@3", "F@5", "P@5", "R@5"))
    say(f"\n{f'keywords, {len(rows)} articles':40}{heads}")
    for name, way in ways(tagger).items():
        said = [(row, way(row)) for row in rows]
        at = [scores.keyword_scores(k, said) for k in (3, 5)]
        say(f"{name:40}" + "".join(f"{x:7.3f}" for one in at for x in (one.f, one.precision, one.recall)))
    speed(tagger, rows, rounds)


def report_sections(name: str, tagged: Sequence[tuple[Labelled, Tagging]]) -> None:
    """Accuracy, and which labels are taken for what."""
    found = scores.section_scores((row, said.category) for row, said in tagged)
    if not found.rows:
        return
    say(
        f"\nsections, {found.rows} articles {name}: accuracy {found.accuracy:.3f},"
        f" wrong {found.wrong / found.rows:.3f}, none {found.none / found.rows:.3f};"
        f" a section where none fits: {found.uncalled}"
    )
    for (label, key), count in found.confused.most_common(CONFUSED):
        of = sum(row.label == label for row, _ in tagged)
        say(f"    {label} -> {key or 'none'}: {count} of {of}")


def report_worst(tagged: Sequence[tuple[Labelled, Tagging]], show: int) -> None:
    """The articles that were tagged worst, for each kind of label."""
    regions = gazetteer.load()
    place = {region.code: f"{region.code} {region.name}" for region in regions}
    say(f"\nthe {show} worst of each kind: wanted | said")
    for f, row, said in scores.worst_keywords(tagged, show):
        found = "、".join(keyword.word for keyword in said.keywords)
        say(f"  keywords {f:.2f} {row.id} {row.title}: {'、'.join(row.keywords or ())} | {found}")
    for row, said in scores.worst_sections(tagged, show):
        say(f"  section {row.id} {row.title}: {row.label or 'none'} | {said.category or 'none'}")
    for row, said in scores.worst_regions(tagged, show):
        wanted, found = ("、".join(place.get(x, x) for x in xs) for xs in (row.regions or (), said.regions))
        say(f"  regions {row.id} {row.title} (home {row.home}): {wanted or 'none'} | {found or 'none'}")


def ways(tagger: Tagger) -> Ways:
    """Ours and jieba's ways to find keywords, best first."""

    def ours(row: Labelled) -> list[str]:
        return [keyword.word for keyword in tagger.tag(row.title, row.text, home=row.home).keywords]

    def plain(row: Labelled) -> list[str]:
        return list(jieba.analyse.extract_tags(f"{row.title}\n{row.text}"))

    def nouns(row: Labelled) -> list[str]:
        return list(jieba.analyse.extract_tags(f"{row.title}\n{row.text}", allowPOS=NOUNS))

    def rank(row: Labelled) -> list[str]:
        return list(jieba.analyse.textrank(f"{row.title}\n{row.text}"))

    return {TAGGER: ours, PLAIN: plain, f"{PLAIN}, nouns only": nouns, "jieba textrank": rank}


def speed(tagger: Tagger, rows: Sequence[Labelled], rounds: int) -> None:
    """Articles a second of each way, in rounds that take turns."""
    size = sum(len(row.title) + len(row.text) for row in rows) / len(rows)
    say(f"\n{f'speed, {len(rows)} articles of {size:.0f} characters':40}{'articles/s':>12}{'ratio':>8}")
    rates: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, way in ways(tagger).items():
            rates.setdefault(name, []).append(timed(rows, way))
    median = {name: statistics.median(each) for name, each in rates.items()}
    for name, rate in median.items():
        say(f"{name:40}{rate:12.0f}{rate / median[PLAIN]:8.2f}")


def timed(rows: Sequence[Labelled], way: Callable[[Labelled], object]) -> float:
    """Articles a second of processor time."""
    began = time.process_time()
    for row in rows:
        way(row)
    return len(rows) / (time.process_time() - began)


def demo_articles() -> list[Labelled]:
    """Title and plain text of every article of the demo site that has a body, at 嘉兴's home."""
    root = Path(feedsvc.__file__).parent / "demo" / "articles"
    now = datetime.now(UTC)
    found = []
    for source in config.load().sources:
        assert source.path is not None
        assert source.path.is_relative_to(root)
        for name in folder.scan(source.path):
            read = file.read_file(name, (source.path / name).read_bytes(), base_url=source.url, now=now)
            drafts = [clean.to_draft(raw) for raw in read.articles]
            found += [
                Labelled(id=name, title=draft.title, text=clean.plain(draft.html), home="330400")
                for draft in drafts
                if draft is not None and draft.html
            ]
    return found


def say(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
