"""What people deploy: gunicorn's configuration, the systemd unit, the Procfile, backups."""

import configparser
import fcntl
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from feedsvc.errors import StoreError
from feedsvc.wsgi import Application
from tests.conftest import Newsroom
from tests.e2e.running import BIN, FEEDSVC, Home, Site, until

DEPLOY = Path(__file__).parents[1] / "deploy"
CONF = str(DEPLOY / "gunicorn.conf.py")
UNIT = DEPLOY / "feedsvc.service"
GUNICORN = str(BIN / "gunicorn")
ON_DUTY = "this process refreshes the sources"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A user with an empty home; everything they start ends with the test."""
    with Home(tmp_path) as made:
        yield made


def started(site: Site, *options: str) -> "subprocess.Popen[bytes]":
    """gunicorn with the configuration of deploy/, ready."""
    port = {"PORT": str(site.port)}
    running = site.home.start(GUNICORN, "-c", CONF, *options, cwd=site.folder, log=site.log, environ=port)
    site.wait_ready(running)
    return running


def lock_of(home: Home) -> Path:
    return home.folder / "state" / "feedsvc" / "demo.db.d" / "refresh.lock"


def refreshed(site: Site) -> bool:
    """Whether every source has been read, and the process asked knows."""
    return all(source["last_success"] for source in site.json("/api/v1/sources")["items"])


@pytest.mark.slow
def test_gunicorn_serves_and_refreshes_the_demo_site(home: Home) -> None:
    site = Site(home)
    running = started(site)
    until(lambda: refreshed(site), "every source is read")
    assert len(site.items("all")) == 50
    assert site.items("all/limit/1")[0]["url"].startswith(f"http://127.0.0.1:{site.port}/")
    assert site.get("/feeds/region/330400.atom").status == 200
    assert site.said().count(ON_DUTY) == 1
    running.terminate()
    assert running.wait(30) == 0, site.said()
    until(lambda: not home.processes(), "workers and children have ended")
    assert "Traceback" not in site.said()


@pytest.mark.slow
def test_a_reload_replaces_the_workers_and_loses_no_request(home: Home) -> None:
    site = Site(home)
    running = started(site)
    until(lambda: ON_DUTY in site.said(), "one worker refreshes")
    before = {each.pid for each in home.processes() if each.parent == running.pid}
    answers: list[int] = []
    stopping = threading.Event()

    def ask() -> None:
        while not stopping.is_set():
            answers.append(site.get("/feeds/all/limit/1.json").status)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        running.send_signal(signal.SIGHUP)
        until(
            lambda: not before & {each.pid for each in home.processes()},
            "the workers of before have ended",
        )
        until(lambda: site.said().count(ON_DUTY) == 2, "a new worker refreshes")
    finally:
        stopping.set()
        asking.join()
    assert len(answers) > 10
    assert set(answers) == {200}


@pytest.mark.slow
def test_an_application_that_only_answers_leaves_refreshing_to_another_process(home: Home) -> None:
    site = Site(home)
    started(site, "feedsvc.wsgi:application(refresh=False)")
    assert site.items("all") == []
    lock_of(home).touch()
    with open(lock_of(home), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError if a worker had it
    home.start("refresh", "--watch", cwd=site.folder, log=site.log)
    until(lambda: len(site.items("all")) == 50, "what the other process reads is served")
    assert site.said().count(ON_DUTY) == 1


@pytest.mark.slow
def test_a_wrong_configuration_ends_gunicorn_with_one_line(home: Home) -> None:
    site = Site(home, "[server]\nport = 70000\n")
    done = home.run(GUNICORN, "-c", CONF, cwd=site.folder)
    assert done.code == 2
    assert re.fullmatch(r"feedsvc: feedsvc\.toml:2: server\.port: [^\n]+\n", done.err)


@pytest.mark.slow
def test_a_store_that_is_not_ours_ends_gunicorn_with_one_line(home: Home) -> None:
    site = Site(home, '[[sources]]\nid = "paper"\nurl = "http://127.0.0.1:9/feed"\n')
    (site.folder / "feedsvc.db").write_bytes(b"no database" * 100)
    done = home.run(GUNICORN, "-c", CONF, cwd=site.folder)
    assert done.code == 2
    assert re.fullmatch(r"feedsvc: [^\n]+feedsvc\.db: [^\n]+\n", done.err)
    assert (site.folder / "feedsvc.db").read_bytes() == b"no database" * 100


@pytest.mark.slow
def test_preloading_is_refused(home: Home) -> None:
    site = Site(home)
    assert home.run("refresh", cwd=site.folder).code == 0
    done = home.run(GUNICORN, "-c", CONF, "--preload", cwd=site.folder, environ={"PORT": str(site.port)})
    assert done.code == 1
    assert "--preload cannot be used" in done.err
    assert "Traceback" not in done.err


def test_an_application_answers_from_the_store_that_was_prepared(newsroom: Newsroom) -> None:
    settings = newsroom.open().settings
    application = Application(settings, refresh=False)
    assert Client(application).get("/readyz").status_code == 200
    application.close()


def test_an_application_needs_a_store_that_was_prepared(newsroom: Newsroom) -> None:
    opened = newsroom.open()
    opened.close()
    opened.settings.store.file.unlink()
    with pytest.raises(StoreError):
        Application(opened.settings, refresh=True)


# What `feedsvc serve` sets and gunicorn.conf.py sets otherwise, or the other way round.
COMPARED = """
import json, sys
from gunicorn.app.wsgiapp import WSGIApplication
from gunicorn.config import Config
from feedsvc.web.server import Server

sys.argv = ["gunicorn", "-c", sys.argv[1]]
theirs = WSGIApplication(prog="gunicorn").cfg
ours = Server(
    lambda: None, bind="127.0.0.1:8000", workers=2, threads=4, leaving=lambda: None, ready=lambda: None
).cfg
usual = Config()
told = {"config", "wsgi_app", "when_ready", "worker_exit", "on_starting", "on_reload", "preload_app"}
print(json.dumps({
    name: [str(ours.settings[name].get()), str(theirs.settings[name].get())]
    for name in usual.settings
    if name not in told and ours.settings[name].get() != theirs.settings[name].get()
}))
"""


@pytest.mark.slow
def test_the_configuration_sets_what_serve_sets(home: Home) -> None:
    done = home.run(sys.executable, "-c", COMPARED, CONF, environ={"GUNICORN_CMD_ARGS": ""})
    assert done.code == 0, done.err
    assert json.loads(done.out) == {}


def unit() -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    read.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their letters
    read.read_string(UNIT.read_text("utf-8"))
    return read


def test_the_unit_starts_serve_as_a_user_of_its_own_that_can_write_its_state_alone() -> None:
    service = unit()["Service"]
    program, *arguments = service["ExecStart"].split()
    assert Path(program).name == "feedsvc"
    assert arguments == ["serve", "--config", "/etc/feedsvc/feedsvc.toml"]
    assert service["User"] not in ("", "root")
    assert service["ProtectSystem"] == "strict"
    assert "ReadWritePaths" not in service
    assert f"/var/lib/{service['StateDirectory']}/feedsvc.db" in (DEPLOY / "README.md").read_text("utf-8")
    assert service["Restart"] == "on-failure"
    assert service["NoNewPrivileges"] == "yes"


@pytest.mark.slow
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here")
    here = tmp_path / UNIT.name
    here.write_text(UNIT.read_text("utf-8").replace("/opt/feedsvc/bin/feedsvc", FEEDSVC), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(here)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if UNIT.name in line]) == (0, [])


@pytest.mark.slow
def test_serve_tells_systemd_when_it_is_ready_and_ends_when_told(home: Home) -> None:
    site = Site(home)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(f"\0{home.folder}")
        notified.settimeout(30)
        running = home.start(
            *("serve", "--port", str(site.port)),
            cwd=site.folder,
            log=site.log,
            environ={"NOTIFY_SOCKET": f"@{home.folder}"},
        )
        assert b"READY=1" in notified.recv(4096).split(b"\n")
    site.wait_ready(running)
    running.terminate()  # KillMode=mixed: to the first process alone
    assert running.wait(30) == 0, site.said()
    until(lambda: not home.processes(), "workers and children have ended")


@pytest.mark.slow
def test_a_backup_made_while_the_site_runs_is_whole(home: Home) -> None:
    if shutil.which("sqlite3") is None:
        pytest.skip("the program sqlite3 is not installed here")
    command = re.search(r"^sudo -u feedsvc (sqlite3 .+)$", (DEPLOY / "README.md").read_text("utf-8"), re.M)
    assert command is not None
    site = Site(home)
    site.start()
    until(lambda: refreshed(site), "every source is read")
    store = home.folder / "state" / "feedsvc" / "demo.db"
    here = command[1].replace("/var/lib/feedsvc/feedsvc.db", str(store))
    here = here.replace("/var/lib/feedsvc", str(home.folder))
    subprocess.run(["sh", "-c", here], check=True, timeout=60)
    copy = {"FEEDSVC_STORE__URL": f"sqlite:///{home.folder}/backup.db"}
    assert home.run("check", environ=copy).code == 0
    rows = [json.loads(line) for line in home.run("status", "--json", environ=copy).out.splitlines()]
    assert len(rows) == 8
    assert all(row["last_success"] for row in rows)
