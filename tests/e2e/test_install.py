"""The wheel, installed where nothing else of feedsvc is: all of it is there, and it serves."""

import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.e2e.running import BIN, Home, Site, until
from tests.e2e.subscribed import FORMATS, entries

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
ON_DUTY = "this process refreshes the sources"


def refreshed(site: Site) -> bool:
    """Whether every source has been read."""
    return all(source["last_success"] for source in site.json("/api/v1/sources")["items"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as `make wheel` does."""
    dist = tmp_path_factory.mktemp("dist")
    build = ("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(dist), str(ROOT))
    subprocess.run((*PIP, *build), check=True, timeout=120)
    (found,) = dist.iterdir()
    return found


@pytest.fixture(scope="module")
def user(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A user with a venv of their own: the wheel in it, and its dependencies from where the tests run."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    install = ("--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    subprocess.run((*PIP, *install), check=True, timeout=120)
    (packages,) = folder.glob("venv/lib/python*/site-packages")
    libraries = [each for each in sys.path if each.endswith("site-packages")]
    (packages / "libraries.pth").write_text("\n".join(libraries), "utf-8")
    with Home(folder, path=python.parent) as made:
        where = made.run(str(python), "-c", "import feedsvc; print(feedsvc.__file__)")
        assert where.out == f"{packages}/feedsvc/__init__.py\n", where
        yield made


@pytest.fixture(scope="module")
def site(user: Home) -> Site:
    """The demo site, served from the wheel."""
    made = Site(user)
    made.start()
    until(lambda: refreshed(made), "the demo site is read")
    return made


def test_the_wheel_holds_every_file_of_the_package_and_the_licenses(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    package = ROOT / "feedsvc"
    files = {
        str(p.relative_to(ROOT)) for p in package.rglob("*") if p.is_file() and "__pycache__" not in p.parts
    }
    assert {name for name in names if name.startswith("feedsvc/")} == files
    rest = {name.partition("/")[2] for name in names if not name.startswith("feedsvc/")}
    assert {"licenses/LICENSE", "licenses/feedsvc/tagging/data/NOTICE", "entry_points.txt"} <= rest


def test_the_demo_site_has_feeds_pages_and_pictures(site: Site) -> None:
    assert len(site.articles()) >= 60
    for suffix in FORMATS:
        assert len(entries(site, "all/limit/60", suffix)) == 60
        assert entries(site, "region/330400", suffix)
    for path in ("/", "/region/330400", "/sources"):
        page = site.get(path)
        assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    style = site.get("/static/style.css")
    assert (style.status, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    picture = site.get("/static/demo/kiln.png")
    assert picture.body == (ROOT / "feedsvc/web/static/demo/kiln.png").read_bytes()
    base = f"http://127.0.0.1:{site.port}/"
    urls = {item.get("image", base) for item in site.items("all")}
    assert all(url.startswith(base) for url in urls)
    assert site.get("/opml.xml").status == 200
    assert site.get("/api/v1/regions").status == 200


def test_its_other_commands_work(user: Home, site: Site) -> None:
    assert user.run("check", cwd=site.folder).out.startswith("demo site: fine; 8 sources")
    assert len(site.status()) == 8
    assert user.run("init", cwd=user.folder).code == 0


def test_the_procfile_runs_a_web_and_a_refresher(user: Home) -> None:
    site = Site(user, name="procfile")
    environ = {"XDG_STATE_HOME": str(site.folder)}  # a store of its own
    honcho = (str(BIN / "honcho"), "-f", str(ROOT / "Procfile"), "-d", str(site.folder))
    before = {process.pid for process in user.processes()}
    started = user.start(
        *honcho, "start", "-p", str(site.port), cwd=site.folder, log=site.log, environ=environ
    )
    site.wait_ready(started)
    until(lambda: refreshed(site), "the demo site is read")
    commands = [process.command for process in user.processes() if process.pid not in before]
    assert any(command.endswith("feedsvc serve") for command in commands)
    assert any(command.endswith("feedsvc refresh --watch") for command in commands)
    assert site.said().count(ON_DUTY) == 1, "more than one process refreshes"
    started.terminate()
    started.wait(45)
    until(lambda: {process.pid for process in user.processes()} <= before, "both end on SIGTERM")
    assert "Traceback" not in site.said()
