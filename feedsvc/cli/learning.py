"""`feedsvc learn`: the site's categories, learned from labelled articles."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from rich.console import Console
from rich.table import Table

from feedsvc import service, taggers, text
from feedsvc.cli.common import FAILED, WRONG, complain, exiting, settings_of, with_config
from feedsvc.config import Settings
from feedsvc.errors import ConfigError, ReadError
from feedsvc.store import Store
from feedsvc.store.models import Learned

if TYPE_CHECKING:
    from feedsvc.tagging.learning import Trial

MOST = 6000  # articles that are learned from: some half a minute
_SHOWN = 20  # labels that are named
_PAGE = 200
Labelled = tuple[str, str, str]  # a category's key, a title, a text


@click.command()
@with_config
@click.option("--map", "mapped", metavar="LABEL=KEY", multiple=True, help="What a label means; any number.")
@click.option("--force", is_flag=True, help="Keep what was learned even if it makes nothing better.")
@click.option("--forget", is_flag=True, help="Remove what was learned.")
@click.argument("file_", metavar="[FILE|-]", type=click.File("r", encoding="utf-8"), required=False)
def learn(
    file: Path | None, mapped: tuple[str, ...], force: bool, forget: bool, file_: TextIO | None
) -> None:
    """Learn the categories of this site from labelled articles.

    FILE has JSON lines {"title","text","category"}, the category by key, by label or as mapped; without FILE
    the store's own articles serve, of the sources that have a category. What was learned is kept in the store
    with its accuracy if it is better than what is built in, and used from then on.
    """
    settings = settings_of(file)
    with exiting():
        if forget and (file_ or mapped or force):
            raise click.UsageError("--forget stands alone")
        names = _names(settings, mapped)
        store = service.prepare_store(settings)
        try:
            if forget:
                _forget(settings, store)
                return
            labelled = _of_file(file_, names) if file_ else _of_store(settings, store)
            _learn(settings, store, labelled, force=force)
        finally:
            store.close()


def _names(settings: Settings, mapped: tuple[str, ...]) -> dict[str, str]:
    """The keys of categories by all that they may be called, folded. ConfigError for one that is none."""
    known = {each.label: each.key for each in settings.categories}
    known |= {each.key: each.key for each in settings.categories}
    names = {text.fold(label): key for label, key in settings.tagging.category_map.items()}
    names |= {text.fold(name): key for name, key in known.items()}
    for each in mapped:
        label, given, name = each.rpartition("=")
        if not given or not label.strip():
            raise click.UsageError(f"--map {each}: not LABEL=KEY")
        if name not in known:
            allowed = ", ".join(f"{c.key} {c.label}" for c in settings.categories)
            raise ConfigError(f"--map {each}", f"found {name!r}, an unknown category; allowed: {allowed}")
        names[text.fold(label)] = known[name]
    return names


def _of_file(file: TextIO, names: Mapping[str, str]) -> list[Labelled]:
    """The usable articles of `file`. ReadError if there is none; what is left out is named."""
    found: list[Labelled] = []
    unknown: Counter[str] = Counter()
    bad = 0
    try:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                label, title, content = _row(line)
            except ReadError as exc:
                bad += 1
                if bad <= _SHOWN:
                    complain(f"{file.name}, line {number}: {exc}")
                continue
            key = names.get(text.fold(label))
            if key is None:
                unknown[label] += 1
            else:
                found.append((key, title, content))
    except UnicodeDecodeError as exc:
        raise ReadError(f"{file.name}: not UTF-8") from exc
    if unknown:
        listed = ", ".join(f"{label} ({count})" for label, count in unknown.most_common(_SHOWN))
        complain(f"labels of no category, left out; give them one with --map LABEL=KEY: {listed}")
    if not found:
        raise ReadError(f"{file.name}: no article with a category of this site; {bad} lines were no articles")
    return found


def _row(line: str) -> Labelled:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise ReadError(f"not JSON ({exc})") from exc
    if not isinstance(row, dict):
        raise ReadError('allowed: an object {"title", "text", "category"}')
    label, title, content = (row.get(name) or "" for name in ("category", "title", "text"))
    if not isinstance(label, str) or not isinstance(title, str) or not isinstance(content, str):
        raise ReadError("category, title and text must be strings")
    if not label.strip():
        raise ReadError("has no category")
    if not (title.strip() or content.strip()):
        raise ReadError("has neither title nor text")
    return label, title, content


def _of_store(settings: Settings, store: Store) -> list[Labelled]:
    """The newest articles of the sources that have a category. ReadError if there is none."""
    from feedsvc import clean

    keys = {each.key for each in settings.categories}
    labelled = {source.id for source in settings.sources if source.category}
    after, listed = 0, []
    while page := store.changes(after):
        after = page[-1][0].revision
        listed += [
            article
            for article, _ in page
            if article.source in labelled and article.category in keys and article.withdrawn is None
        ]
    listed = listed[-4 * MOST :]
    found: list[Labelled] = []
    for start in range(0, len(listed), _PAGE):
        some = listed[start : start + _PAGE]
        bodies = store.bodies([article.id for article in some])
        for article in some:
            body = bodies.get(article.id)
            content = (clean.plain(body.html) or body.summary) if body else ""
            found.append((article.category or "", article.title, content))
    if not found:
        raise ReadError(
            "the store has no labelled articles: no source with a category has any; give a file, or a source "
            "its category"
        )
    return found


def _chosen(labelled: list[Labelled]) -> Iterator[Labelled]:
    """At most MOST articles, none twice, the last of every category; none of categories with too few."""
    from feedsvc.tagging.learning import FEWEST

    by_key: dict[str, list[Labelled]] = {}
    for row in dict.fromkeys(labelled):
        by_key.setdefault(row[0], []).append(row)
    few = {key: len(rows) for key, rows in sorted(by_key.items()) if len(rows) < FEWEST}
    if few:
        listed = ", ".join(f"{key} ({count})" for key, count in few.items())
        complain(f"categories with fewer than {FEWEST} articles, left out: {listed}")
    enough = {key: rows for key, rows in sorted(by_key.items()) if key not in few}
    if len(enough) < 2:
        raise ReadError(
            f"{len(enough)} categories have {FEWEST} articles or more; two are needed to learn from"
        )
    share = MOST // len(enough)
    for rows in enough.values():
        yield from rows[-share:]


def _learn(settings: Settings, store: Store, labelled: list[Labelled], *, force: bool) -> None:
    from feedsvc.tagging.learning import Example, train, tried

    chosen = list(_chosen(labelled))
    complain(f"learning from {len(chosen)} articles")
    tagger = taggers.tagging_setup(settings).tagger()
    examples = []
    for key, title, content in chosen:
        head, body = tagger.cut(title, content)
        examples.append(
            Example(key, tagger.classifier.features(head, body), tagger.classifier.classify(head, body))
        )
    trials = tried(examples, [each.key for each in settings.categories])
    _show(trials)
    before = sum(trial.built_in for trial in trials) / len(examples)
    after = sum(trial.learned for trial in trials) / len(examples)
    click.echo(
        f"{len(examples)} articles: {before:.1%} right by the built-in terms alone, {after:.1%} with what "
        "was learned (cross-validated)"
    )
    if after <= before and not force:
        complain("nothing was kept, since it makes nothing better; --force keeps it all the same")
        sys.exit(FAILED)
    store.models.keep(
        Learned(
            name=taggers.CATEGORIES,
            learned=service.utc_now(),
            accuracy=after,
            counts={trial.key: trial.articles for trial in trials},
            payload=train(examples).encoded(),
        )
    )
    service.sync(settings, store)
    click.echo("kept in the store and used from now on; sources are read anew")


def _forget(settings: Settings, store: Store) -> None:
    if not store.models.forget(taggers.CATEGORIES):
        complain("nothing was learned, so there is nothing to forget")
        sys.exit(WRONG)
    service.sync(settings, store)
    click.echo("forgotten; categories are found by the built-in terms alone; sources are read anew")


def _show(trials: "list[Trial]") -> None:
    table = Table("category", "articles", "built-in", "learned", box=None, pad_edge=False)
    for trial in trials:
        shares = (f"{right / trial.articles:.0%}" for right in (trial.built_in, trial.learned))
        table.add_row(trial.key, str(trial.articles), *shares)
    console = Console()
    if not console.is_terminal:
        console.width = 200  # characters: a line a category
    console.print(table)
