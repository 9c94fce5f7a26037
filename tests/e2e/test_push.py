"""Articles pushed to a running service: there at once, whole or not at all, whatever dies meanwhile."""

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

import pytest

from tests.e2e.running import PATIENCE, Answer, Home, Site, kill, until

pytestmark = pytest.mark.slow

KEY = "not-a-real-key-0123"
CONFIG = f"""
[server]
api_keys = ["{KEY}"]

[[sources]]
id = "cms"
kind = "push"
region = "330400"
"""
BATCH = 15
ROUNDS = 8


@dataclass(slots=True)
class Cms:
    """A CMS that pushes batches, each again and again until it is told that it was saved."""

    site: Site
    saved: int = 0
    tries: Counter[int] = field(default_factory=Counter)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Pushes until it is stopped; `saved` batches were."""
        while not self.stopping.is_set():
            batch = [{"guid": f"{self.saved}-{n}", "title": f"第{self.saved}批第{n}条"} for n in range(BATCH)]
            try:
                answer = ask(self.site, "POST", "/api/v1/articles", json.dumps(batch).encode())
            except (OSError, HTTPException):
                self.tries[0] += 1
                continue
            self.tries[answer.status] += 1
            if answer.status in (200, 201):
                self.saved += 1


def ask(site: Site, method: str, path: str, body: bytes | None = None, *, key: str = KEY) -> Answer:
    """The answer to a request that may write."""
    connection = HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
    try:
        fields = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Connection": "close"}
        connection.request(method, path, body=body, headers=fields)
        found = connection.getresponse()
        named = {name.lower(): value for name, value in found.getheaders()}
        return Answer(status=found.status, headers=named, body=found.read())
    finally:
        connection.close()


def test_what_is_pushed_is_there_and_the_service_ends_with_its_children(home: Home) -> None:
    site = Site(home, CONFIG)
    started = site.start()
    item = {"guid": "1", "title": "我市晚稻开镰", "content_text": "昨日，南湖区首批晚稻开镰收割。"}
    assert ask(site, "POST", "/api/v1/articles", json.dumps(item).encode()).status == 201
    (found,) = site.items("region/330400")
    assert found["title"] == "我市晚稻开镰"
    assert ask(site, "POST", "/api/v1/articles", b"[" * 1_000_000).status == 400
    assert ask(site, "POST", "/api/v1/articles", b" " * (2 << 20) + b"1").status == 413
    assert ask(site, "DELETE", "/api/v1/articles?guid=1").status == 204
    assert site.items("all") == []
    row = site.status()["cms"]
    assert (row["next_try"], row["failures"]) == (None, 0)
    assert row["last_success"] is not None
    assert "when pushed" in home.run("status", cwd=site.folder).out
    refused = home.run("refresh", "cms", cwd=site.folder)
    assert (refused.code, "there is nothing to refresh" in refused.err) == (2, True)
    everything = home.run("refresh", cwd=site.folder)
    assert (everything.code, everything.out.split(":")[0]) == (0, "0 of 0 sources refreshed")
    # A child that is killed is replaced; the service does not notice but for one document.
    for each in home.processes():
        if "spawn_main" in each.command:
            kill(each.pid)
    statuses = [ask(site, "POST", "/api/v1/articles", json.dumps(item).encode()).status for _ in range(2)]
    assert statuses[-1] == 200
    assert statuses[0] in (200, 503)
    started.terminate()
    assert started.wait(PATIENCE) == 0
    until(lambda: not home.processes(), "children end with the service", 10)


def test_a_body_that_is_not_read_is_no_second_request(home: Home) -> None:
    site = Site(home, CONFIG)
    site.start()
    hidden = b"GET /feeds/none.rss HTTP/1.1\r\nHost: x\r\n\r\n"
    connection = HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
    connection.request("POST", "/api/v1/articles", body=hidden, headers={"Authorization": "Bearer wrong"})
    assert connection.getresponse().read()
    connection.request("GET", "/feeds/all.rss")
    found = connection.getresponse()
    assert (found.status, found.headers["Content-Type"]) == (200, "application/rss+xml; charset=utf-8")
    found.read()
    connection.putrequest("POST", "/api/v1/articles")
    for name, value in (("Authorization", f"Bearer {KEY}"), ("Content-Type", "application/json")):
        connection.putheader(name, value)
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    connection.send(b"1e\r\n" + b'{"guid": "1", "title": "chunk"}'[:30] + b"\r\n1\r\n}\r\n0\r\n\r\n")
    assert connection.getresponse().status == 201
    connection.close()
    assert [item["title"] for item in site.items("all")] == ["chunk"]


def test_workers_that_are_killed_lose_nothing_and_leave_nothing_half(home: Home) -> None:
    site = Site(home, CONFIG)
    started = site.start(workers=2)
    cms = Cms(site)
    pushing = threading.Thread(target=cms.run)
    pushing.start()
    try:
        for _ in range(ROUNDS):
            before = cms.saved
            until(lambda before=before: cms.saved > before + 1, "batches are saved")  # type: ignore[misc]
            for each in home.processes():
                if each.parent == started.pid and "spawn_main" not in each.command:
                    kill(each.pid)
                    break
            whole(site)
    finally:
        cms.stopping.set()
        pushing.join()
    found = until(lambda: rows if len(rows := whole(site)) >= cms.saved else None, "workers are abreast")
    assert cms.saved > 2 * ROUNDS
    assert set(range(cms.saved)) <= set(found)
    assert len(found) - cms.saved in (0, 1)  # the last may have been saved without an answer
    assert set(cms.tries) <= {0, 200, 201, 503}, cms.tries


def whole(site: Site) -> dict[int, int]:
    """How many articles of each batch there are; AssertionError if one is there twice, or a batch in part.

    What is saved between two pages of the list is not on the later ones.
    """
    try:
        titles = [item["title"] for item in site.articles()]
    except (OSError, HTTPException):
        return {}
    assert len(titles) == len(set(titles))
    counts = Counter(int(title[1 : title.index("批")]) for title in titles)
    assert set(counts.values()) <= {BATCH}, counts
    return dict(counts)
