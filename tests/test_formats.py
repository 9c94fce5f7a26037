"""What holds for all formats: media types, and that equal feeds are equal bytes wherever they are written."""

import concurrent.futures
import os
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from feedsvc.feeds.formats import CONTENT_TYPES, OPML_TYPE, write
from feedsvc.model import Format
from tests.feed_samples import GOLDEN, SAMPLES, rich


def test_media_types_are_the_registered_ones_with_their_charset() -> None:
    assert CONTENT_TYPES == {
        Format.RSS: "application/rss+xml; charset=utf-8",
        Format.ATOM: "application/atom+xml; charset=utf-8",
        Format.JSON: "application/feed+json; charset=utf-8",
    }
    assert OPML_TYPE == "text/x-opml; charset=utf-8"


@pytest.mark.parametrize("suffix", list(Format))
def test_writing_never_touches_the_locale(suffix: Format) -> None:
    """The locale belongs to the process: a writer that sets it, even for a moment, breaks other threads."""
    called: list[str] = []

    def watch(frame: FrameType, event: str, argument: Any) -> None:
        name = argument.__name__ if event == "c_call" else frame.f_code.co_name
        if "setlocale" in name:
            called.append(name)

    sys.setprofile(watch)
    try:
        write(rich(), suffix)
    finally:
        sys.setprofile(None)
    assert called == []


@pytest.mark.parametrize("suffix", list(Format))
def test_threads_write_the_same_bytes(suffix: Format) -> None:
    expected = (GOLDEN / f"rich.{suffix}").read_bytes()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: write(SAMPLES["rich"], suffix), range(64))) == {expected}


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/New_York", "LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"},
    ],
)
def test_other_processes_write_the_same_bytes(environment: dict[str, str], tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.feed_samples", str(tmp_path)],
        check=True,
        cwd=Path(__file__).parents[1],
        env=os.environ | environment,
        timeout=60,
    )
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in GOLDEN.iterdir()}
