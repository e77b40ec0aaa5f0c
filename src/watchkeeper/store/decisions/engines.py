"""Connections to a database of decisions: SQLite as it has to be set for them, PostgreSQL 15 or later."""

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

from watchkeeper.errors import StoreError
from watchkeeper.store.decisions.faults import DatabaseError, translated

BUSY_MS: Final = 5_000
"""How long a statement waits for a lock before it is an error, which is then tried again."""

CONNECT_S: Final = 5
_OLDEST_POSTGRESQL: Final = 15
_BEGIN: Final = "watchkeeper_begin"
_NONE: Final = "none"
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_MS}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",  # a decision that was confirmed outlives a power cut
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -65536",
)


def engine_of(address: str | Path) -> Engine:
    """The engine of a SQLite file that is there, or of the PostgreSQL database of a URL.

    Raises:
        StoreError: the URL is of another kind.
    """
    text = str(address)
    if "://" not in text:
        return sqlite_engine(Path(text))
    return postgresql_engine(text)


def sqlite_engine(path: Path, *, create: bool = False) -> Engine:
    """The engine of a SQLite file; where ``create``, the file is made (WAL)."""
    file = path.absolute()
    uri = f"file:{quote(str(file))}?mode={'rwc' if create else 'rw'}"

    def connect() -> sqlite3.Connection:
        made = sqlite3.connect(
            uri, uri=True, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False
        )
        for pragma in (*_PRAGMAS, "PRAGMA journal_mode = WAL") if create else _PRAGMAS:
            made.execute(pragma)
        return made

    url = URL.create("sqlite", database=str(file))
    engine = sa.create_engine(url, creator=connect, poolclass=sa.QueuePool, max_overflow=50)
    there = _identity(file)

    def begin(connection: Connection) -> None:
        nonlocal there
        how = connection.get_execution_options().get(_BEGIN, "")
        if how == _NONE:
            return
        if how:
            # A file that was moved away or replaced would take what is written with it, without a word.
            now = _identity(file)
            if there is not None and now != there:
                raise DatabaseError(str(file), "gone", "the file was removed or replaced")
            there = now
        connection.exec_driver_sql(f"BEGIN {how}".strip())

    sa.event.listen(engine, "begin", begin)
    return engine


def postgresql_engine(url: str) -> Engine:
    """The engine of a PostgreSQL database (``postgresql://user@host/database``).

    Raises:
        StoreError: it is no such URL.
    """
    try:
        asked = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise StoreError("The address of the database is no URL.", _EXAMPLE) from error
    if asked.get_backend_name() not in ("postgresql", "postgres"):
        raise StoreError(f"{asked.drivername} is no database for decisions.", _EXAMPLE)
    options = f"-c lock_timeout={BUSY_MS} -c jit=off -c client_encoding=UTF8"
    given: dict[str, Any] = {
        "connect_timeout": CONNECT_S,
        "options": options,
        "application_name": f"watchkeeper {socket.gethostname()}:{os.getpid()}"[:63],
    }
    return sa.create_engine(
        asked.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args=given, max_overflow=50
    )


_EXAMPLE: Final = "Write postgresql://user@host/database; the password comes from PGPASSWORD or ~/.pgpass."


def where_of(engine: Engine) -> str:
    """The address of a database for people: without a password."""
    if engine.dialect.name == "sqlite":
        return str(engine.url.database)
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=True)


def for_writing(engine: Engine) -> Engine:
    """The same database for those who write tables of their own: in SQLite each transaction waits for its turn at once.

    A transaction that reads first and then writes would else fail where another process wrote in between.
    """
    return engine.execution_options(**{_BEGIN: "IMMEDIATE"})


def check_server(connection: Connection) -> None:
    """Refuse a server on which texts would not be what was written.

    Raises:
        StoreError: PostgreSQL before 15, or a database that is not UTF-8.
    """
    if connection.dialect.name != "postgresql":
        return
    version = int((connection.dialect.server_version_info or (0,))[0])
    if version < _OLDEST_POSTGRESQL:
        raise StoreError(f"The server is PostgreSQL {version}.", f"Use {_OLDEST_POSTGRESQL} or later.")
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise StoreError(
            f"The database keeps text as {encoding}.", "Make one with: createdb --encoding UTF8 NAME"
        )


def tend(engine: Engine) -> None:
    """Let the database bring its statistics and its files up to date; safe while others work.

    Raises:
        DatabaseError: it cannot.
    """
    on_server = engine.dialect.name == "postgresql"
    lines = ("ANALYZE",) if on_server else ("PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)")
    outside = {"isolation_level": "AUTOCOMMIT"} if on_server else {_BEGIN: _NONE}
    with translated(where_of(engine)), engine.connect().execution_options(**outside) as connection:
        for line in lines:
            connection.exec_driver_sql(line)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes; in SQLite it waits for its turn at the beginning, not in the middle.

    Raises:
        DatabaseError: nothing was written (or, where the connection was lost at the very end, perhaps all).
    """
    with (
        translated(where_of(engine)),
        engine.connect().execution_options(**{_BEGIN: "IMMEDIATE"}) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees the database as it is at one moment, however much is written meanwhile."""
    with translated(where_of(engine)), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
