"""How long the demo site takes from its start to feeds, and what its processes weigh at rest.

Starts `feedsvc serve` on a free loopback port with an empty state folder, asks for a feed until all articles
are there, waits until the processes are idle, and prints times in seconds and memory in MiB: the sum of
resident sets (RSS), and of proportional sets (PSS), which count shared pages once.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60.0  # seconds
ARTICLES = 102  # in the demo site
QUIET = 3.0  # seconds in which the processes must have used hardly any time


def main() -> None:
    """Prints one line a figure."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        command = [str(Path(sys.executable).parent / "feedsvc"), "serve", "--port", str(port)]
        environment = {"PATH": os.environ["PATH"], "HOME": home, "XDG_STATE_HOME": home}
        for run in ("first start", "second start"):
            began = time.monotonic()
            process = subprocess.Popen(
                command, cwd=home, env=environment, stderr=subprocess.DEVNULL, start_new_session=True
            )
            try:
                first = until(lambda: count(port) > 0) - began
                whole = until(lambda: count(port) >= ARTICLES) - began
                say(
                    f"{run}: first feed with articles after {first:.1f} s, all {ARTICLES} after {whole:.1f} s"
                )
                settle(process.pid)
                report(process.pid)
            finally:
                process.terminate()
                process.wait(PATIENCE)


def count(port: int) -> int:
    """The number of entries of all articles that the site shows."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/feeds/all/limit/200.json", timeout=5) as answer:
            return len(json.load(answer)["items"])
    except (urllib.error.URLError, ConnectionError):
        return 0


def until(true: Callable[[], bool]) -> float:
    """When `true()` became so, on the monotonic clock."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise SystemExit("it took too long")
        time.sleep(0.02)
    return time.monotonic()


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    below = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        below += [int(child) for child in (task / "children").read_text().split()]
    return [pid, *(found for child in below for found in tree(child))]


def settle(pid: int) -> None:
    """Returns when the tree used less than 2 % of a processor for QUIET seconds."""
    spending = True
    while spending:
        before = spent(pid)
        time.sleep(QUIET)
        spending = spent(pid) - before > 0.02 * QUIET


def spent(pid: int) -> float:
    """The processor time of the tree, in seconds."""
    ticks = 0
    for each in tree(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def report(pid: int) -> None:
    """Prints the memory of the tree."""
    rss = pss = 0
    for each in tree(pid):
        rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in rollup.splitlines()[1:]}
        name = Path(f"/proc/{each}/cmdline").read_text().replace("\0", " ")[-60:]
        say(f"  {each}: RSS {sizes['Rss'] >> 10} MiB, PSS {sizes['Pss'] >> 10} MiB  …{name}")
        rss += sizes["Rss"]
        pss += sizes["Pss"]
    say(f"  at rest: {len(tree(pid))} processes, RSS {rss >> 10} MiB, PSS {pss >> 10} MiB")


def say(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
