"""What the commands share: settings, errors in one line, the log."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click

from feedsvc import config
from feedsvc.config import Settings
from feedsvc.errors import ConfigError, FeedsvcError

C = TypeVar("C", bound=Callable[..., object])

WRONG = 2  # exit code: nothing was done, since what was asked for cannot be
FAILED = 1  # exit code: it was tried and failed


def with_config(command: C) -> C:
    """Gives a command the option --config."""
    return click.option(
        "--config",
        "-c",
        "file",
        type=click.Path(path_type=Path),
        help="The configuration. Without it: ./feedsvc.toml, else $FEEDSVC_CONFIG, else the demo site.",
    )(command)


def settings_of(file: Path | None, **overrides: object) -> Settings:
    """The settings of this run; ends the program with one line and exit code 2 if they are wrong."""
    given = {key: value for key, value in overrides.items() if value is not None}
    with exiting():
        settings = config.load(file, os.environ, overrides=given)
        for warning in settings.warnings:
            complain(warning)
        return settings
    raise AssertionError("unreachable")


@contextmanager
def exiting(code: int = WRONG) -> Iterator[None]:
    """An error of feedsvc ends the program with its sentence on one line and exit code `code`."""
    try:
        yield
    except FeedsvcError as exc:
        complain(str(exc))
        sys.exit(code)


def complain(sentence: str) -> None:
    """A line on standard error."""
    click.echo(f"feedsvc: {' '.join(sentence.split())}", err=True)


def log_to_stderr(level: int = logging.INFO) -> None:
    """The log of a long-running command: a line an event, on standard error."""
    logging.basicConfig(
        level=level,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        force=True,
    )
    for name in ("apscheduler", "alembic", "urllib3", "rjieba", "trafilatura", "readability"):
        logging.getLogger(name).setLevel(logging.ERROR)


def chosen(settings: Settings, ids: tuple[str, ...]) -> list[str]:
    """The sources `ids`, all enabled ones if there are none. ConfigError names one that does not exist."""
    known = [source.id for source in settings.sources]
    for ident in ids:
        if ident not in known:
            where = settings.file or config.DEMO
            raise ConfigError(str(where), f"no source {ident!r}; allowed: {', '.join(known) or 'none'}")
    return list(dict.fromkeys(ids)) or [source.id for source in settings.sources if source.enabled]
