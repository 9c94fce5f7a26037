"""feedsvc as a user runs it: real processes, each user with a home of their own, each site with a free port.

    with Home(tmp_path) as home:
        site = Site(home, "feedsvc.toml's text")
        site.start()
        site.json("/feeds/all.json"), site.status(), home.run("check", cwd=site.folder)

Leaving the `with` ends everything the user started, and fails if something does not end.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

T = TypeVar("T")

BIN = Path(sys.executable).parent
FEEDSVC = str(BIN / "feedsvc")
PATIENCE = 45.0  # seconds that a slow machine may need for what takes one
_PAUSE = 0.05
_PORTS = range(15_000, 32_000)  # below those that the kernel gives to outgoing connections


def until(found: Callable[[], T | None], what: str, within: float = PATIENCE) -> T:
    """What `found` returns as soon as that is true; AssertionError with `what` where it is not in time."""
    end = time.monotonic() + within
    while not (value := found()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {within:g} s: {what}; last: {value!r}")
        time.sleep(_PAUSE)
    return value


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    for port in random.SystemRandom().sample(_PORTS, 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of a server; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process that runs."""

    pid: int
    parent: int
    command: str


class Home:
    """A user: a home, an environment, and everything started in it, wherever that went.

    Their `feedsvc` is the one in the folder `path`.
    """

    def __init__(self, folder: Path, *, path: Path = BIN) -> None:
        self.folder = folder / "home"
        self._feedsvc = str(path / "feedsvc")
        self.folder.mkdir(parents=True)
        self._mark = f"E2E_HOME={uuid.uuid4()}"
        self._started: list[subprocess.Popen[bytes]] = []
        name, _, value = self._mark.partition("=")
        self.environ = {
            "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "LANG": "C.UTF-8",
            name: value,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._started:
            each.terminate()
        try:
            for each in self._started:
                each.wait(PATIENCE)
            until(lambda: not self.processes(), "every process ends on SIGTERM", 10)
        finally:
            self.kill()

    def run(
        self,
        *command: str,
        cwd: Path | None = None,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
    ) -> Done:
        """`feedsvc COMMAND` in `cwd` (default: the home) to its end; a leading path names another program."""
        done = subprocess.run(
            self._whole(command),
            cwd=cwd or self.folder,
            env=self.environ | dict(environ or {}),
            input=stdin,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return Done(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())

    def start(
        self, *command: str, cwd: Path, log: Path | int, environ: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """The same, left running as the leader of a session of its own; `log`, a file or a file descriptor,
        gets what it says."""
        with open(log, "ab", closefd=not isinstance(log, int)) as out:
            started = subprocess.Popen(
                self._whole(command),
                cwd=cwd,
                env=self.environ | dict(environ or {}),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self._started.append(started)
        return started

    def processes(self) -> list[Process]:
        """Whatever was started in this home, directly or not, and runs now."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if self._mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                        found.append(_process(entry))
                except OSError:
                    continue  # it has just ended, or is somebody else's
        return found

    def kill(self) -> None:
        """kill -9 of everything, whole groups first."""
        for each in self._started:
            if each.poll() is None:
                os.killpg(each.pid, signal.SIGKILL)
        until(self._killed, "what was killed is gone", 10)
        for each in self._started:
            each.wait()
        self._started.clear()

    def _killed(self) -> bool:
        left = self.processes()
        for each in left:
            kill(each.pid)
        return not left

    def _whole(self, command: Sequence[str]) -> list[str]:
        program = [] if command[0].startswith("/") else [self._feedsvc]
        return [*program, *command]


class Site:
    """A site of a user: its configuration and database in a folder, and the service that serves it.

    Without `config` it is the demo site.
    """

    def __init__(self, home: Home, config: str | None = None, *, name: str = "site") -> None:
        self.home = home
        self.folder = home.folder / name
        self.folder.mkdir()
        self.log = home.folder / f"{name}.log"
        self.port = free_port()
        if config is not None:
            self.configure(config)

    def configure(self, config: str) -> None:
        """Writes the configuration anew."""
        (self.folder / "feedsvc.toml").write_text(config, "utf-8")

    def start(self, *options: str, workers: int = 1) -> subprocess.Popen[bytes]:
        """`feedsvc serve`, ready. With one worker what a request has seen the next sees too; each of several
        may be a tenth of a second behind the others."""
        given = ("--port", str(self.port), "--workers", str(workers), *options)
        started = self.home.start("serve", *given, cwd=self.folder, log=self.log)
        self.wait_ready(started)
        return started

    def wait_ready(self, started: subprocess.Popen[bytes]) -> None:
        """Waits until /readyz says so."""

        def ready() -> bool:
            assert started.poll() is None, self.said()
            try:
                return self.get("/readyz").status == 200
            except OSError:
                return False

        until(ready, f"ready; {self.log} has more")

    def said(self) -> str:
        """All that the service wrote so far."""
        return self.log.read_text("utf-8") if self.log.exists() else ""

    def get(self, path: str, **headers: str) -> Answer:
        """The answer to a GET of `path`, which may hold any characters; header names with `_` for `-`."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            fields = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(
                "GET", quote(path, safe="/%?&=,-._~"), headers={"Connection": "close"} | fields
            )
            found = connection.getresponse()
            named = {name.lower(): value for name, value in found.getheaders()}
            return Answer(status=found.status, headers=named, body=found.read())
        finally:
            connection.close()

    def json(self, path: str) -> Any:
        """A JSON document that must be there."""
        found = self.get(path)
        assert found.status == 200, (path, found)
        return json.loads(found.body)

    def items(self, address: str) -> list[dict[str, Any]]:
        """The items of a JSON Feed that must be there."""
        found: list[dict[str, Any]] = self.json(f"/feeds/{address}.json")["items"]
        return found

    def articles(self) -> list[dict[str, Any]]:
        """Every article, page by page, as /api/v1 tells it."""
        found: list[dict[str, Any]] = []
        path: str | None = "/api/v1/articles?limit=200"
        while path:
            page = self.json(path)
            found += page["items"]
            path = "/" + page["next"].split("/", 3)[3] if page["next"] else None
        return found

    def status(self) -> dict[str, dict[str, Any]]:
        """What `feedsvc status --json` says, by source."""
        done = self.home.run("status", "--json", cwd=self.folder)
        assert done.code == 0, done
        rows = [json.loads(line) for line in done.out.splitlines()]
        return {row["id"]: row for row in rows}


def kill(pid: int) -> None:
    """kill -9 of one process, if it is still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def peak_memory(process: Process) -> int:
    """The most that a process that runs ever had in memory, in bytes; see proc(5)."""
    return int(_rows(Path(f"/proc/{process.pid}/status"))["VmHWM"].split()[0]) << 10


def _process(entry: Path) -> Process:
    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return Process(pid=int(entry.name), parent=int(_rows(entry / "status")["PPid"]), command=command)


def _rows(file: Path) -> dict[str, str]:
    lines = (line.partition(":") for line in file.read_text(errors="replace").splitlines())
    return {name: value for name, _, value in lines}
