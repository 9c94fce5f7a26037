"""What a service would meet: folders, dictionaries and a store that are not as the settings say."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from feedsvc.config import check
from tests.configured import site, told


def as_nobody(call: Callable[[], str]) -> str:
    """What `call` gives without the rights of root, who may read and write everything.

    In a child: a process that gives up its rights may no longer find its own modules.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            os.write(writer, call().encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as answer:
        heard = answer.read()
    os.waitpid(child, 0)
    return heard


def test_folders_files_and_store(tmp_path: Path) -> None:
    (tmp_path / "papers" / "deep").mkdir(parents=True)
    (tmp_path / "file").write_bytes(b"\xff\xfe")
    text = """
[store]
url = "sqlite:///file/x.db"
[tagging]
dictionaries = ["gone.txt"]
stopwords = ["file"]
"""
    for id_, path in {"a": "papers", "b": "papers/deep", "c": "gone", "d": "file"}.items():
        text += f'[[sources]]\nid = "{id_}"\nkind = "folder"\npath = "{path}"\n'
    text += '[[sources]]\nid = "e"\nkind = "folder"\npath = "gone"\nenabled = false\n'
    found = site(tmp_path, text)
    at = f"{tmp_path}/feedsvc.toml"
    assert check(found) == (
        f"{at}: source 'c': path: {tmp_path}/gone cannot be read: No such file or directory",
        f"{at}: source 'd': path: {tmp_path}/file cannot be read: Not a directory",
        f"{at}: source 'b': path: {tmp_path}/papers/deep overlaps {tmp_path}/papers of source 'a'; "
        "their articles would come twice",
        f"{at}: tagging.dictionaries: {tmp_path}/gone.txt cannot be read: No such file or directory",
        f"{at}: tagging.stopwords: {tmp_path}/file is not UTF-8",
        f"{at}: store.url: {tmp_path}/file cannot be written",
    )


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_permissions() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "papers").mkdir(mode=0)
        found = site(folder, '[[sources]]\nid = "a"\nkind = "folder"\npath = "papers"\n')
        folder.chmod(0o555)
        at = f"{folder}/feedsvc.toml"
        assert as_nobody(lambda: "\n".join(check(found))) == (
            f"{at}: source 'a': path: {folder}/papers cannot be read: Permission denied\n"
            f"{at}: store.url: {folder} cannot be written"
        )
        (folder / "feedsvc.toml").chmod(0)
        assert as_nobody(lambda: told(folder / "feedsvc.toml")) == f"{at}: cannot be read: Permission denied"
        folder.chmod(0o755)
        (folder / "papers").chmod(0o755)
