"""`feedsvc refresh`: one pass over the sources, or for ever."""

import logging
import signal
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from feedsvc import service
from feedsvc.cli.common import FAILED, chosen, complain, exiting, log_to_stderr, settings_of, with_config
from feedsvc.config import DEMO, Settings
from feedsvc.duty import Duty
from feedsvc.errors import ConfigError
from feedsvc.model import Kind, Saved, Source
from feedsvc.refresh import Failed, Outcome, Refresher
from feedsvc.scheduler import Scheduler
from feedsvc.web import publishing
from feedsvc.web.rendering import Press
from feedsvc.websub import topics

_PATIENCE = timedelta(minutes=3)  # how long a source that another process refreshes is waited for


@click.command()
@with_config
@click.option("--watch", is_flag=True, help="Go on refreshing what is due until stopped.")
@click.argument("sources", nargs=-1)
def refresh(file: Path | None, watch: bool, sources: tuple[str, ...]) -> None:
    """Refresh all sources, or the named SOURCES, once.

    Ends with exit code 1 if every one of them failed.
    """
    settings = settings_of(file)
    with exiting():
        if watch:
            if sources:
                raise click.UsageError("--watch refreshes every source; name none")
            _watch(settings)
            return
        wanted = _refreshed(settings, sources)
        log_to_stderr(logging.ERROR)
        outcomes = _once(settings, wanted)
    failed = [o for o in outcomes if isinstance(o, Failed)]
    for one in failed:
        complain(f"source {one.source.id}: {one.error}")
    total = sum((o.saved for o in outcomes if not isinstance(o, Failed)), Saved())
    click.echo(
        f"{len(outcomes) - len(failed)} of {len(outcomes)} sources refreshed: {total.new} articles new, "
        f"{total.edited} edited, {total.withdrawn} withdrawn, {total.unchanged} unchanged"
    )
    if outcomes and len(failed) == len(outcomes):
        sys.exit(FAILED)


def _refreshed(settings: Settings, ids: tuple[str, ...]) -> list[Source]:
    """The sources `ids`, else all; without push sources, and with ConfigError if one of them is named."""
    for source in settings.sources:
        if source.id in ids and source.kind is Kind.PUSH:
            where = str(settings.file or DEMO)
            raise ConfigError(where, f"source {source.id!r} is pushed to, there is nothing to refresh")
    found = chosen(settings, ids)
    return [s for s in settings.sources if s.id in found and s.kind is not Kind.PUSH]


def _once(settings: Settings, sources: Sequence[Source]) -> list[Outcome]:
    store = service.prepare_store(settings)
    refresher = service.open_refresher(settings, store)
    outcomes: list[Outcome] = []
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with (
            Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress,
            ThreadPoolExecutor(settings.refresh.concurrency) as pool,
        ):
            task = progress.add_task("refreshing", total=len(sources))
            waiting = {source.id: source for source in sources}
            until = time.monotonic() + _PATIENCE.total_seconds()
            while waiting and time.monotonic() < until:
                running = {pool.submit(refresher.refresh, s): s for s in _leased(refresher, waiting)}
                if not running:
                    # Each waits for another process, or for one of its host; nothing tells when that ends.
                    time.sleep(0.2)
                for future in as_completed(running):
                    outcomes.append(future.result())
                    progress.advance(task)
                    progress.update(task, description=running[future].title)
                if running:  # what waited for a host that these were reading is not waited for in vain
                    until = time.monotonic() + _PATIENCE.total_seconds()
        for source in waiting.values():
            complain(f"source {source.id}: another process refreshes it; left alone")
    finally:
        refresher.children.stop()
        store.release([refresher.owner])
        store.close()
    return outcomes


def _leased(refresher: Refresher, waiting: dict[str, Source]) -> list[Source]:
    """Takes out of `waiting` the sources that can be refreshed now."""
    ids = refresher.store.lease(
        list(waiting), refresher.owner, refresher.clock(), due_only=False, limit=len(waiting)
    )
    return [waiting.pop(ident) for ident in ids]


def _watch(settings: Settings) -> None:
    log_to_stderr()
    store = service.prepare_store(settings)
    # Feeds are rendered here only where somebody is told of them.
    running = service.open_service(settings) if topics.hubs(settings) else None

    def scheduler() -> Scheduler:
        beside = publishing.duties(Press(running)) if running else None
        return service.open_scheduler(settings, store, beside=beside)

    duty = Duty(settings.state_dir, scheduler)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    duty.start()
    stop.wait()
    duty.stop()
    if running is not None:
        running.close()
    store.close()
