"""`feedsvc check`, `status` and `init`: what is wrong, how sources fare, a configuration to start from."""

import dataclasses
import json
import sys
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from feedsvc import config, taggers
from feedsvc.cli.common import FAILED, WRONG, chosen, complain, exiting, settings_of, with_config
from feedsvc.config import Settings
from feedsvc.dates import SHANGHAI
from feedsvc.errors import ConfigError, FeedsvcError
from feedsvc.model import Kind, Source, SourceState
from feedsvc.store import Store, database

_UNKNOWN = "not known yet what its address is; the first refresh finds out, or «feedsvc check --source»"


@click.command()
@with_config
@click.option("--source", "ident", metavar="ID", help="Fetch this source, and tell what would be read of it.")
def check(file: Path | None, ident: str | None) -> None:
    """Say what is wrong with the configuration, the dictionaries or the store.

    Changes nothing. Exit code 2 if anything is wrong. With --source: what that source turns out to be, which
    articles it has now and which rules find them; exit code 1 if it cannot be read.
    """
    settings = settings_of(file)
    if ident is not None:
        _probe(settings, ident)
        return
    problems = list(config.check(settings))
    if not any("dictionar" in p or "stopword" in p for p in problems):
        try:
            _try_tagging(settings)
        except FeedsvcError as exc:
            problems.append(str(exc))
    try:
        if settings.store.file.exists():
            database.inspect(settings.store.file)
    except FeedsvcError as exc:
        problems.append(str(exc))
    for problem in problems:
        complain(problem)
    if problems:
        sys.exit(WRONG)
    with exiting():
        states = _states(settings)
        for source in settings.sources:
            if source.kind is Kind.AUTO and source.enabled:
                finding = states[source.id].finding if source.id in states else None
                told = f"{finding.kind.value} {finding.url} ({finding.rule})" if finding else _UNKNOWN
                click.echo(f"source {source.id}: {told}")
    where = settings.file or "demo site"
    click.echo(f"{where}: fine; {len(settings.sources)} sources, {len(settings.categories)} categories")


@click.command()
@with_config
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line instead of a table.")
def status(file: Path | None, as_json: bool) -> None:
    """Show how each source fares: last success, failures in a row, next try, cause."""
    settings = settings_of(file)
    with exiting():
        states = _states(settings)
    if as_json:
        for source in settings.sources:
            click.echo(json.dumps(_plain(source, states.get(source.id)), ensure_ascii=False))
        return
    table = Table("source", "last success", "failures", "next try", "cause", box=None, pad_edge=False)
    for source in settings.sources:
        state = states.get(source.id)
        table.add_row(
            source.id,
            _when(state.last_success) if state else "never",
            str(state.failures) if state else "0",
            _due(source, state),
            (state.cause or "") if state else "",
        )
    console = Console()
    if not console.is_terminal:
        console.width = 1000  # characters: a line a source, for grep and logs
    console.print(table)


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path())
def init(directory: Path) -> None:
    """Write a commented feedsvc.toml to start from into DIRECTORY (default: here)."""
    target = directory / config.FILE
    with exiting():
        try:
            directory.mkdir(parents=True, exist_ok=True)
            template = resources.files("feedsvc").joinpath("init.toml").read_text("utf-8")
            with open(target, "x", encoding="utf-8") as out:
                out.write(template)
        except FileExistsError as exc:
            raise ConfigError(str(target), "exists already and is left as it is") from exc
        except OSError as exc:
            raise ConfigError(str(target), f"cannot be written ({exc.strerror})") from exc
    click.echo(f"{target}: written; edit it, then «feedsvc check» and «feedsvc serve»")


def _probe(settings: Settings, ident: str) -> None:
    from feedsvc.cli import probing  # parsers, which no other command of this file needs

    with exiting():
        chosen(settings, (ident,))
    source = next(s for s in settings.sources if s.id == ident)
    with exiting(FAILED):
        for line in probing.probe(settings, source):
            click.echo(line)


def _try_tagging(settings: Settings) -> None:
    """Makes a tagger and forgets it."""
    taggers.tagging_setup(settings).tagger()


def _states(settings: Settings) -> dict[str, SourceState]:
    """What the store knows; nothing if there is no store yet. Makes none."""
    path = settings.store.file
    if not path.exists():
        return {}
    database.inspect(path, thorough=False)
    if not database.is_current(path):
        return {}
    store = Store(settings.store.url)
    try:
        return store.states()
    finally:
        store.close()


def _due(source: Source, state: SourceState | None) -> str:
    if not source.enabled:
        return "off"
    if source.kind is Kind.PUSH:
        return "when pushed"
    return _when(state.due) if state else "at the first start"


def _when(moment: datetime | None) -> str:
    return "never" if moment is None else moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _plain(source: Source, state: SourceState | None) -> dict[str, object]:
    known = dataclasses.asdict(state) if state else {"last_success": None, "failures": 0, "due": None}
    if source.kind is Kind.PUSH:
        known = known | {"due": None}
    shown = ("last_attempt", "last_success", "failures", "due", "cause")
    row: dict[str, object] = {"id": source.id}
    for name in shown:
        value = known.get(name)
        row["next_try" if name == "due" else name] = (
            value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        )
    return row
