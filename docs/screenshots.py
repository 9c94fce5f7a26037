"""Makes the pictures of the README: the demo site as Chromium shows it.

    python docs/screenshots.py

Needs chromium and a Chinese font (Debian: chromium, fonts-noto-cjk), and makes pictures smaller with optipng
if that is there. Starts the demo site on a free port, with a state folder of its own, and ends it.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

IMAGES = Path(__file__).parent / "images"
PICTURES = {"home.png": "/", "feed.png": "/region/330400"}
WIDTH, HEIGHT = 1200, 900
LARGEST = 250_000  # bytes
PATIENCE = 60  # seconds for the site to come up, and for one picture
BASE_URL = "http://127.0.0.1:8000"  # what the pages show, whatever the port is


def main() -> None:
    """Writes every picture, or says why it cannot."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("screenshots: chromium is not installed")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        site = subprocess.Popen(
            [sys.executable, "-m", "feedsvc", "serve", "--port", str(port)],
            cwd=folder,
            env=_environ(folder) | {"FEEDSVC_SITE__BASE_URL": BASE_URL},
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(port, site)
            for name, path in PICTURES.items():
                _picture(browser, f"http://127.0.0.1:{port}{path}", IMAGES / name, folder)
        finally:
            site.terminate()
            site.wait(PATIENCE)


def _environ(folder: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": folder,
        "XDG_STATE_HOME": f"{folder}/state",
        "LANG": "C.UTF-8",
        "TZ": "Asia/Shanghai",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, site: "subprocess.Popen[bytes]") -> None:
    """Until every source of the site has been read."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if site.poll() is not None:
            sys.exit(f"screenshots: the site ended with exit status {site.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/sources", timeout=5) as answer:
                sources = json.load(answer)["items"]
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            sources = []
        if sources and all(source["last_success"] for source in sources):
            return
        time.sleep(0.2)
    sys.exit(f"screenshots: the site was not ready within {PATIENCE} s")


def _picture(browser: str, url: str, target: Path, folder: str) -> None:
    subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-device-scale-factor=1",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-default-apps",
            "--disable-extensions",
            "--no-first-run",
            "--lang=zh-CN",
            f"--user-data-dir={folder}/browser",
            f"--window-size={WIDTH},{HEIGHT}",
            f"--screenshot={target}",
            url,
        ],
        env=_environ(folder),
        check=True,
        timeout=PATIENCE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if optipng := shutil.which("optipng"):
        subprocess.run([optipng, "-quiet", "-o5", "-strip", "all", str(target)], check=True, timeout=PATIENCE)
    size = target.stat().st_size
    sys.stdout.write(f"{target}: {size} bytes\n")
    if size > LARGEST:
        sys.exit(f"screenshots: {target} is larger than {LARGEST} bytes")


if __name__ == "__main__":
    main()
