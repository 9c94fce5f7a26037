"""Opens the database: whose it is, which schema it has, that it is sound; migrations; transactions."""

import fcntl
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from feedsvc.errors import BusyStoreError, ForeignStoreError, NewerStoreError, StoreError
from feedsvc.store.schema import counters

APPLICATION_ID = 0x66656564  # "feed": what `file` and other programs see in the header of our SQLite files
HEAD = "0007"  # the newest migration; a test holds it against the migrations themselves
BUSY_SECONDS = 10.0
INSPECT_SECONDS = 2.0


def path_of(url: str) -> Path:
    """The file of an SQLite URL. StoreError if the URL is not one of a file."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise StoreError(f"{url}: not a store; allowed: sqlite:///FILE")
    return Path(parsed.database)


def connect(url: str, *, busy: float = BUSY_SECONDS) -> Engine:
    """An engine on the database of `url`, which waits `busy` seconds for a lock; opens nothing yet.

    Connections are made when first used, so an engine may be built before a fork but not used there.
    """
    path_of(url)
    engine = create_engine(
        url,
        json_serializer=lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
        connect_args={"timeout": busy, "autocommit": True} if _AUTOCOMMIT else {"timeout": busy},
    )

    @event.listens_for(engine, "connect")
    def prepared(raw: Any, _record: object) -> None:
        if not _AUTOCOMMIT:
            raw.isolation_level = None  # BEGIN is ours to say
        cursor = raw.cursor()
        cursor.execute("PRAGMA synchronous=NORMAL")  # in WAL mode: nothing torn, whatever dies
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # A writer takes the lock at once: it never finds out in the middle that somebody wrote before it.
        write = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


_AUTOCOMMIT = hasattr(sqlite3, "LEGACY_TRANSACTION_CONTROL")  # Python 3.12 on


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the store. StoreError where the database fails."""
    with translated(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """The one write transaction of the moment, committed at its end. StoreError where the database fails."""
    with translated(engine), engine.connect() as connection:
        connection = connection.execution_options(write=True)
        with connection.begin():
            yield connection


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Errors of the database as errors of the store, with a sentence for the operator."""
    place = engine.url.database
    try:
        yield
    except DBAPIError as exc:
        raise _meaning(str(place), exc.orig) from exc
    except SQLAlchemyError as exc:
        raise StoreError(f"{place}: {exc}") from exc


def _meaning(place: str, exc: object) -> StoreError:
    said = str(exc)
    code = getattr(exc, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BusyStoreError(f"{place}: another program holds the store locked")
    if primary == sqlite3.SQLITE_NOTADB:
        return ForeignStoreError(f"{place}: not an SQLite database")
    if primary == sqlite3.SQLITE_CORRUPT:
        return StoreError(f"{place}: the store is damaged ({said}); restore a backup")
    if primary == sqlite3.SQLITE_FULL:
        return StoreError(f"{place}: the disk is full")
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StoreError(f"{place}: cannot be opened for writing ({said})")
    return StoreError(f"{place}: {said}")


def prepare(url: str, now: datetime, *, thorough: bool = False) -> None:
    """Makes the database ready: created, checked to be ours (and, if `thorough`, sound), migrated.

    Safe for many processes at once. A database that is not ours, or newer, or locked is left untouched:
    ForeignStoreError, NewerStoreError, BusyStoreError; any other fault is a StoreError. `thorough` reads the
    whole file once: a second or so a gigabyte.
    """
    path = path_of(url)
    try:
        if not _empty(path):
            inspect(path, thorough=thorough)
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path.with_name(path.name + ".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _prepare(url, path, now)
    except OSError as exc:
        raise StoreError(f"{path}: cannot be opened ({exc.strerror})") from exc


def _prepare(url: str, path: Path, now: datetime) -> None:
    fresh = _empty(path)
    engine = connect(url)
    try:
        with translated(engine), engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            if fresh:
                raw.execute(f"PRAGMA application_id={APPLICATION_ID}")
            raw.execute("PRAGMA journal_mode=WAL")
            if _revision(raw) != HEAD:
                _migrate(connection.execution_options(write=True))
        with writing(engine) as connection:
            made = insert(counters).prefix_with("OR IGNORE")
            connection.execute(made, [{"name": n, "value": 0} for n in ("revision", "pruned", "words")])
            connection.execute(made, {"name": "born", "value": int(now.timestamp())})
    finally:
        engine.dispose()


def _empty(path: Path) -> bool:
    return not path.exists() or path.stat().st_size == 0


def inspect(path: Path, *, thorough: bool = True) -> None:
    """Raises what is wrong with the existing file `path` as our store; only reads."""
    try:
        raw = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=INSPECT_SECONDS)
    except sqlite3.Error as exc:
        raise _meaning(str(path), exc) from exc
    try:
        (ident,) = raw.execute("PRAGMA application_id").fetchone()
        if ident != APPLICATION_ID:
            raise ForeignStoreError(f"{path}: a database of another program, not of feedsvc")
        revision = _revision(raw)
        if revision is not None and revision not in _known():
            raise NewerStoreError(
                f"{path}: written by a newer feedsvc (schema {revision}, this one knows {HEAD}); upgrade it"
            )
        if not thorough:
            return
        (verdict,) = raw.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise StoreError(f"{path}: the store is damaged ({verdict}); restore a backup")
    except sqlite3.Error as exc:
        raise _meaning(str(path), exc) from exc
    finally:
        raw.close()


def is_current(path: Path) -> bool:
    """Whether the schema of a store is that of this version; an older one is migrated at the next start."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as raw:
        return _revision(raw) == HEAD


def _revision(raw: sqlite3.Connection) -> str | None:
    if raw.execute("SELECT 1 FROM sqlite_master WHERE name='alembic_version'").fetchone() is None:
        return None
    row = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _migrate(connection: Connection) -> None:
    from alembic import command  # rarely needed, and as large as all the rest
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with connection.begin():
        command.upgrade(config, "head")


def _known() -> set[str]:
    return {HEAD} | {
        p.name.split("_")[0] for p in (Path(__file__).parent / "migrations/versions").glob("0*.py")
    }
