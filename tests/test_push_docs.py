"""docs/push.md: every example is run against a site made as the page says, in the page's order."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import Newsroom
from tests.pushing import editor

PAGE = (Path(__file__).parents[1] / "docs" / "push.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


@dataclass
class Call:
    """What a curl command asks for."""

    method: str = "GET"
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None


def call(command: str, variables: dict[str, str]) -> Call:
    """The request of a curl command; its variables are expanded as a shell does outside single quotes."""
    made = Call()
    quiet = re.sub(r"'[^']*'", lambda m: m[0].replace("$", "\0"), command.replace("\\\n", " "))
    words = iter(shlex.split(re.sub(r"\$(\w+)", lambda m: variables[m[1]], quiet).replace("\0", "$")))
    assert next(words) == "curl"
    for word in words:
        match word:
            case "-X":
                made.method = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                made.headers[name] = value
            case "--data":
                made.body = next(words).encode()
            case _:
                assert word.startswith("https://"), word
                made.url = word
    return made


def like(shown: Any, found: Any) -> bool:
    """Whether `found` is what the page shows, where «…» stands for anything."""
    if isinstance(shown, dict):
        return shown.keys() == found.keys() and all(like(value, found[key]) for key, value in shown.items())
    if isinstance(shown, list):
        return len(shown) == len(found) and all(map(like, shown, found))
    if isinstance(shown, str):
        return re.fullmatch(re.escape(shown).replace("…", "[0-9a-f-]{36}"), found) is not None
    return bool(shown == found)


def test_every_example_does_what_the_page_says(newsroom: Newsroom, reader: None) -> None:
    kinds = [kind for kind, _ in BLOCKS]
    assert kinds == ["toml", "sh", "sh", "json", "sh", "json", "sh", "json", "sh", "sh", "json"]
    cms = editor(newsroom.open(BLOCKS[0][1]))
    variables = dict(line.split("=", 1) for line in BLOCKS[1][1].splitlines())
    answer = None
    for kind, text in BLOCKS[2:]:
        if kind == "json":
            assert answer is not None
            assert like(json.loads(text), answer.json), answer.text
        else:
            asked = call(text, variables)
            path = asked.url.removeprefix(variables["SITE"])
            answer = cms.client.open(path, method=asked.method, headers=asked.headers, data=asked.body)
            if asked.method == "DELETE":
                assert answer.status_code == 204
    found = cms.reader.json("/api/v1/articles")["items"]
    assert [(item["title"], item["regions"]) for item in found] == [("我市晚稻开镰", ["330402"])]
