"""The API that writes: who may, where, and that no document is a fault of ours."""

import threading
from io import BytesIO
from typing import Any

import pytest

from feedsvc.errors import ChildError, ChildLostError
from feedsvc.service import Service
from feedsvc.web.keys import Keys
from feedsvc.web.problems import Refused
from feedsvc.web.push import MAX_BODY
from tests.conftest import SITE, Newsroom
from tests.fakes import InProcess
from tests.made import draft
from tests.pushing import ARTICLES, BUS, KEY, NOBODY, PUSH_SITE, RICE, SECOND, Editor, editor, problem, pushed


@pytest.fixture
def site(newsroom: Newsroom, reader: None) -> Service:
    """A site with a push source, beside three feeds and a folder."""
    return newsroom.open(PUSH_SITE)


@pytest.fixture
def cms(site: Service) -> Editor:
    """An editor of that site."""
    return editor(site)


# -- who may


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (None, False),
        ("", False),
        ("Basic dXNlcjpwYXNz", False),
        (KEY, False),
        ("Bearer", False),
        ("Bearer ", False),
        (f"Bearer {KEY}x", True),
        (f"Bearer {KEY[:-1]}", True),
        (f"Bearer {KEY.upper()}", True),
        ("Bearer \xff\xfe", True),
        (f"Bearer {KEY},{KEY}", True),
        ("Bearer " + "x" * 5000, True),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", ""), ("PUT", "?guid=1"), ("PUT", f"/{NOBODY}"), ("DELETE", "?guid=1")]
)
def test_without_a_key_nothing_is_even_read(
    cms: Editor, method: str, path: str, header: str | None, error: bool
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = cms.client.open(f"{ARTICLES}{path}", method=method, headers=headers, data=b"[" * 10)
    problem(answer, 401)
    challenge = 'Bearer realm="feedsvc"' + (', error="invalid_token"' if error else "")
    assert answer.headers["WWW-Authenticate"] == challenge
    assert KEY not in answer.text


def test_every_key_opens_and_its_scheme_is_written_as_one_likes() -> None:
    keys = Keys(["first-key-of-them", "second-key-of-them"])
    for header in ("Bearer first-key-of-them", "bearer  second-key-of-them", "BEARER first-key-of-them "):
        keys.check(header)
    with pytest.raises(Refused):
        keys.check("Bearer first-key-of-them second-key-of-them")


def test_without_keys_pushing_is_switched_off(newsroom: Newsroom) -> None:
    off = editor(newsroom.open(PUSH_SITE.replace("api_keys", "#api_keys")))
    for answer in (off.post(BUS), off.put("?guid=1", BUS), off.delete("?guid=1")):
        assert problem(answer, 403)["detail"] == "pushing is switched off here: server.api_keys is empty"
    assert off.reader.get(ARTICLES).status_code == 200


# -- what may be pushed where


def test_only_push_sources_are_changed(newsroom: Newsroom, cms: Editor) -> None:
    newsroom.publish("paper", draft("从订阅源来的", guid="1", link="https://paper.example/1"))
    (item,) = cms.reader.json(ARTICLES)["items"]
    for answer in (
        cms.put(f"/{item['id']}", BUS),
        cms.delete(f"/{item['id']}"),
        cms.delete("?source=paper&guid=1"),
        cms.put("?source=paper&guid=1", BUS),
        cms.post(BUS, "?source=paper"),
    ):
        assert problem(answer, 409)["detail"].startswith("source 'paper' is of kind auto")
    assert problem(cms.post(BUS | {"source": "paper"}), 422)["items"][0]["index"] == 0
    assert cms.reader.json(ARTICLES)["items"] == [item]


def test_the_source_is_named_where_there_are_several(newsroom: Newsroom, reader: None) -> None:
    two = editor(newsroom.open(PUSH_SITE + SECOND))
    assert "source is missing; allowed: cms, wire2" in problem(two.post(BUS), 422)["detail"]
    assert problem(two.delete("?guid=bus"), 400)["detail"] == "source: missing; allowed: cms, wire2"
    assert problem(two.put("?guid=bus", BUS), 400)["detail"] == "source: missing; allowed: cms, wire2"
    pushed(two.post(BUS, "?source=wire2"))
    pushed(two.post(BUS | {"source": "cms"}))
    pushed(two.post({"source": "cms", "items": [RICE]}))
    assert (
        "source: found 'wire2'" in problem(two.post(BUS | {"source": "wire2"}, "?source=cms"), 422)["detail"]
    )
    found = [i["title"] for i in two.reader.json(f"{ARTICLES}?source=wire2")["items"]]
    found += [i["title"] for i in two.reader.json(f"{ARTICLES}?source=cms")["items"]]
    assert sorted(found) == sorted([BUS["title"], BUS["title"], RICE["title"]])
    assert two.delete("?source=wire2&guid=bus").status_code == 204
    assert len(two.reader.json(ARTICLES)["items"]) == 2


def test_a_source_that_is_not_enabled_takes_nothing_but_gives_back(newsroom: Newsroom, cms: Editor) -> None:
    (bus,) = pushed(cms.post(BUS))
    off = editor(newsroom.open(PUSH_SITE + "enabled = false\n"))
    for answer in (
        off.post(BUS),
        off.post(BUS, "?source=cms"),
        off.put("?guid=bus", BUS),
        off.put(f"/{bus['id']}", BUS),
    ):
        assert "enabled" in problem(answer, 409)["detail"]
    assert off.delete("?guid=bus").status_code == 204


def test_a_site_without_push_sources_says_so(newsroom: Newsroom) -> None:
    none = editor(newsroom.open(SITE + f'[server]\napi_keys = ["{KEY}"]\n'))
    for answer in (none.post(BUS), none.put("?guid=1", BUS), none.delete("?guid=1")):
        assert "no source of kind push" in problem(answer, 409)["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "", 400),
        ("DELETE", "?guid=1&url=https://x.example/", 400),
        ("DELETE", "?guid=1&guid=2", 400),
        ("DELETE", "?guid=", 400),
        ("DELETE", "?url=x", 400),
        ("DELETE", "?guid=1&source=cms&source=cms", 400),
        ("DELETE", "?guid=1", 404),
        ("DELETE", "?url=https://x.example/", 404),
        ("DELETE", "?source=none&guid=1", 404),
        ("DELETE", f"/{NOBODY}", 404),
        ("DELETE", "/none", 404),
        ("DELETE", "/%00", 404),
        ("PUT", "", 400),
        ("PUT", f"/{NOBODY}", 404),
        ("PUT", "/none", 404),
        ("PUT", "?guid=1&source=none", 404),
        ("PUT", "?guid=%00", 422),
        ("PUT", "?guid=" + "x" * 1001, 422),
        ("PUT", "?url=x", 422),
        ("PUT", "?guid=other", 422),
        ("POST", "?source=none", 404),
        ("POST", "?source=", 400),
        ("PATCH", "", 405),
        ("POST", f"/{NOBODY}", 405),
    ],
)
def test_what_is_addressed_wrongly_is_a_problem(cms: Editor, method: str, path: str, status: int) -> None:
    answer = cms.ask(method, f"{ARTICLES}{path}", None if method == "DELETE" else BUS)
    problem(answer, status)
    assert cms.reader.json(ARTICLES)["items"] == []


# -- documents that are none


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[" * 200_000, 400),
        (b'{"items":' * 100_000, 400),
        (b"\xff\xfe", 400),
        (b"NaN", 400),
        (b"[1,2", 400),
        (b'{"items": 5}', 400),
        (b"true", 400),
        (b"[" + b"1," * 300 + b"1]", 422),
        (b"x" * (MAX_BODY + 1), 413),
    ],
)
def test_no_document_is_a_fault_of_ours(cms: Editor, body: bytes, status: int) -> None:
    found = problem(cms.post(body), status)
    assert len(found["detail"]) < 300
    pushed(cms.post(BUS))


def test_a_document_may_be_as_large_as_is_said(cms: Editor) -> None:
    text = b'{"guid": "1", "title": "x", "_pad": "' + b"x" * MAX_BODY
    assert len(pushed(cms.post(text[: MAX_BODY - 2] + b'"}'))) == 1
    problem(cms.post(text[: MAX_BODY - 1] + b'"}'), 413)


def test_a_body_of_no_told_length_is_bounded_too(cms: Editor) -> None:
    def chunked(body: bytes) -> Any:
        return cms.client.post(
            ARTICLES,
            input_stream=BytesIO(body),
            headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
            environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
        )

    pushed(chunked(b'{"guid": "1", "title": "x"}'))
    problem(chunked(b" " * (MAX_BODY + 1)), 413)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Type": "application/xml"},
        {"Content_Type": ""},
        {"Content_Type": "application/json; charset=gbk"},
        {"Content_Encoding": "gzip"},
    ],
)
def test_only_plain_json_is_taken(cms: Editor, headers: dict[str, str]) -> None:
    problem(cms.post(b'{"guid": "1", "title": "x"}', **headers), 415)


@pytest.mark.parametrize(
    "kind", ["application/feed+json", "application/json; charset=UTF-8", "APPLICATION/JSON"]
)
def test_json_is_known_by_any_of_its_names(cms: Editor, kind: str) -> None:
    pushed(cms.post(b'{"guid": "1", "title": "x"}', Content_Type=kind))


# -- children


@pytest.mark.parametrize(
    ("error", "status"),
    [(ChildError("reading took longer than 60 s and was stopped"), 400), (ChildLostError("signal 9"), 503)],
)
def test_a_document_that_ends_its_child_harms_nothing(site: Service, error: Exception, status: int) -> None:
    failing = InProcess(fail=lambda *_: error)
    answer = editor(site, failing).post(BUS)
    assert "nothing was saved" in problem(answer, status)["detail"]
    assert answer.headers.get("Retry-After") == ("1" if status == 503 else None)


def test_readers_are_answered_however_much_is_pushed(site: Service) -> None:
    """Of a worker's threads (four here) one is always left for them."""
    inside, release = threading.Semaphore(0), threading.Event()

    def wait(*_: object) -> None:
        inside.release()
        assert release.wait(20)

    cms = editor(site, InProcess(fail=wait))
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(cms.post(BUS | {"guid": str(n)}).status_code))
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
        assert inside.acquire(timeout=20)
    refused = cms.post(BUS)
    problem(refused, 503)
    assert refused.headers["Retry-After"] == "1"
    assert cms.reader.get("/feeds/all.rss").status_code == 200
    release.set()
    for thread in threads:
        thread.join()
    assert answers == [201, 201, 201]
    pushed(cms.post(BUS))


@pytest.mark.slow
def test_a_child_reads_what_is_pushed(newsroom: Newsroom) -> None:
    opened = newsroom.open(PUSH_SITE)
    real = editor(opened, opened.children)
    (rice,) = pushed(real.post(RICE))
    shown = real.reader.json(f"{ARTICLES}/{rice['id']}")
    assert (shown["category"], shown["regions"]) == ("agriculture", ["330400"])
    problem(real.post(b"[" * 100_000), 400)
    assert problem(real.post([BUS, {"title": "x"}]), 422)["items"][0]["index"] == 1
    problem(real.put(f"/{rice['id']}", []), 400)
    assert [i["status"] for i in pushed(real.post([RICE, BUS]))] == ["unchanged", "new"]
