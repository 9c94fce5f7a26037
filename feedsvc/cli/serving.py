"""`feedsvc serve`: the site, and by default the refreshing too."""

import logging
import socket
from pathlib import Path

import click

from feedsvc import service
from feedsvc.cli.common import exiting, log_to_stderr, settings_of, with_config
from feedsvc.config import DEMO, Settings
from feedsvc.errors import ConfigError
from feedsvc.web import server
from feedsvc.wsgi import Application

log = logging.getLogger("feedsvc.serve")


@click.command()
@with_config
@click.option("--host", help="The address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="The port to listen on.  [default: 8000]")
@click.option("--workers", type=int, help="How many processes answer requests.")
@click.option("--no-refresh", is_flag=True, help="Only answer; another process refreshes the sources.")
def serve(
    file: Path | None, host: str | None, port: int | None, workers: int | None, no_refresh: bool
) -> None:
    """Serve the feeds and the site, and refresh the sources.

    Everything is answered from memory; sources are read in the background.
    """
    settings = settings_of(file, **{"server.host": host, "server.port": port, "server.workers": workers})
    log_to_stderr()
    with exiting():
        _check_port(settings)
        service.prepare_store(settings, thorough=True).close()
        _serve(settings, refresh=not no_refresh)


def _serve(settings: Settings, *, refresh: bool) -> None:
    opened: list[Application] = []

    def make() -> Application:
        opened.append(Application(settings, refresh=refresh))
        return opened[-1]

    def leave() -> None:
        for application in opened:
            application.close()

    server.serve(
        make,
        host=settings.server.host,
        port=settings.server.port,
        workers=settings.server.workers,
        threads=settings.server.threads,
        leaving=leave,
        ready=lambda: log.info("%s: %s", settings.file or "demo site", settings.site.base_url),
    )


def _check_port(settings: Settings) -> None:
    """ConfigError if the port cannot be had: better now, in one line, than by the server after a while."""
    host, port = settings.server.host, settings.server.port
    where = str(settings.file or DEMO)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(found[0], found[1]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[4])
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise ConfigError(
            where,
            f"server.host {host}, server.port {port}: cannot be listened on ({reason}); "
            "allowed: an address of this machine and a free port (--port)",
        ) from exc
