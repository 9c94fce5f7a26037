"""Fixtures of the end-to-end tests."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.e2e.running import Home, Site

_SHOWN = 20_000  # characters of a log, the last ones


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a service said stands beside the failure of its test."""
    report = yield
    given = getattr(item, "funcargs", {}).values()
    homes = {one.home if isinstance(one, Site) else one for one in given if isinstance(one, Site | Home)}
    if report.failed:
        for log in (log for home in homes for log in sorted(home.folder.glob("*.log"))):
            report.sections.append((log.name, log.read_text("utf-8", "replace")[-_SHOWN:]))
    return report


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A user with an empty home; everything they start ends with the test."""
    with Home(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A user whose home lasts as long as the tests of a module."""
    with Home(tmp_path_factory.mktemp("user")) as made:
        yield made
