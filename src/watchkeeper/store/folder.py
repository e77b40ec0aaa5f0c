"""A store: one folder that says where its lake and its log of decisions are, and who may write.

::

    store.toml          which store this is, where its lake is, where its decisions are
    lake/               unless the lake is in object storage
    decisions.sqlite    unless the decisions are in PostgreSQL
    writer              locked by the process that writes; says which it is
"""

import fcntl
import os
import socket
import sqlite3
import tomllib
import uuid
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import msgspec
from sqlalchemy.engine import Engine

from watchkeeper.errors import StoreError, TakenError
from watchkeeper.model.event import Projector
from watchkeeper.store.decisions import (
    DecisionLog,
    Summary,
    begin,
    bring_up,
    engine_of,
    restore,
    sqlite_engine,
)
from watchkeeper.store.decisions import backup as backups
from watchkeeper.store.decisions.advisory import WriterLock
from watchkeeper.store.decisions.engines import postgresql_engine

if TYPE_CHECKING:
    from watchkeeper.store.lake import Lake

SCHEMA: Final = 1
DATABASE: Final = "WATCHKEEPER_DATABASE"
"""The environment variable with the URL of a PostgreSQL database; in ``store.toml`` its name stands for it."""

DESCRIPTION: Final = "store.toml"
_WRITER: Final = "writer"
_LAKE: Final = "lake"
_SQLITE: Final = "decisions.sqlite"
_LEFT: Final = (
    _SQLITE, f"{_SQLITE}-wal", f"{_SQLITE}-shm", f"{_SQLITE}-journal", f"{DESCRIPTION}.unfinished",
)  # fmt: skip
_MAKE: Final = "Make one with: watchkeeper store create"


class Description(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``store.toml`` says. Paths are relative to its folder."""

    schema: int
    id: str
    lake: str = _LAKE
    database: str = _SQLITE


class Store:
    """An open store. Open it with :meth:`open`; close it, or use it in a ``with`` statement.

    ``lake``: observations. ``decisions``: the log. ``engine``: the database of the log, for tables of other rooms.
    """

    def __init__(
        self, where: Path, description: Description, decisions: DecisionLog, write: bool, locks: "_Locks"
    ) -> None:
        self.where, self.description, self.decisions = where, description, decisions
        self._write, self._locks = write, locks
        self._lake: Lake | None = None

    @classmethod
    def open(
        cls, where: Path | str, *, write: bool, decide: bool = False, projectors: Sequence[Projector] = ()
    ) -> Self:
        """Open a store.

        Args:
            where: its folder.
            write: whether to write observations and decisions; one process at a time.
            decide: whether decisions may be appended beside the one that writes (triage, notes); any number may.
            projectors: make the documents of decisions; whoever appends gives the same.

        Raises:
            StoreError: it is no store, is being written by another process, or is of a later version.
        """
        folder = Path(where)
        description = read_description(folder)
        locks = _Locks()
        try:
            if write:
                locks.lock_folder(folder)
            engine = database_of(folder, description)
            locks.at_end(engine.dispose)
            if write:
                locks.lock_database(engine, description.id)
                bring_up(engine)
            log = DecisionLog(engine, projectors, write=write or decide, guard=locks.ensure)
            _same_store(log, description, folder)
        except BaseException:
            locks.let_go()
            raise
        return cls(folder, description, log, write, locks)

    @classmethod
    def create(
        cls, where: Path | str, *, lake: str | None = None, database: str | None = None
    ) -> Description:
        """Make a store in a folder that is empty or not there.

        Args:
            where: its folder.
            lake: ``s3://bucket/prefix``, or a folder; ``lake`` below ``where`` if not given.
            database: a URL of PostgreSQL without a password, or WATCHKEEPER_DATABASE for the URL in that variable;
                if not given, that variable where it is set, else a SQLite file below ``where``.

        Raises:
            StoreError: there is something already, or it cannot be written.
        """
        description = _new(str(uuid.uuid4()), lake, database)
        return _made(Path(where), description, lambda engine: begin(engine, description.id))

    @classmethod
    def restore(
        cls,
        where: Path | str,
        file: Path,
        *,
        lake: str | None = None,
        database: str | None = None,
        projectors: Sequence[Projector] = (),
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Summary:
        """Make a store of a backup of decisions, hashes included; the lake is not in a backup.

        Raises:
            InputError: the file is no whole backup.
            StoreError: there is something already, or it cannot be written.
        """
        description = _new(backups.store_of(file), lake, database)
        told: list[Summary] = []
        _made(
            Path(where), description, lambda engine: told.append(restore(engine, file, projectors, progress))
        )
        return told[0]

    @property
    def engine(self) -> Engine:
        """The database of the log."""
        return self.decisions.engine

    @property
    def lake(self) -> "Lake":
        """The observations; opened when they are first asked for.

        Raises:
            StoreError: nothing was observed yet and the store is open for reading, or the lake cannot be read.
        """
        if self._lake is None:
            from watchkeeper.store.lake import Lake

            self._lake = Lake.open(self.lake_address, write=self._write)
        return self._lake

    @property
    def lake_address(self) -> str:
        """Where the lake is: a folder or ``s3://bucket/prefix``."""
        return lake_address(self.where, self.description)

    def ensure(self) -> None:
        """See that this process is still the one that writes: a server that was gone has let its lock go.

        Appending decisions does this by itself; who writes to the lake asks before.

        Raises:
            TakenError: another process writes now.
            DatabaseError: the server is away, so that nobody knows.
        """
        self._locks.ensure(surely=True)

    def close(self) -> None:
        """Let go of locks and connections."""
        self._locks.let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Locks:
    """What a process holds while it has a store open, let go in the opposite order."""

    def __init__(self) -> None:
        self._ends: list[Callable[[], object]] = []
        self._database: WriterLock | None = None

    def at_end(self, end: Callable[[], object]) -> None:
        self._ends.append(end)

    def lock_folder(self, folder: Path) -> None:
        path = folder / _WRITER
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(
                f"{folder} cannot be written: {error.strerror}.", "Look at the rights to the folder."
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            who = os.pread(handle, 200, 0).decode(errors="replace").strip() or "another process"
            os.close(handle)
            raise TakenError(
                f"The store {folder} is being written by {who}.",
                "End that first; reading is possible meanwhile.",
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        # The file stays: removing it would let two processes lock two files of one name.
        self.at_end(lambda: os.close(handle))
        self.at_end(lambda: os.ftruncate(handle, 0))

    def lock_database(self, engine: Engine, store: str) -> None:
        if engine.dialect.name == "postgresql":
            self._database = WriterLock(engine, store)
            self.at_end(self._database.let_go)

    def ensure(self, *, surely: bool = False) -> None:
        """After a lost connection: see that the database is still ours to write."""
        if self._database is not None:
            if surely:
                self._database.take()
            else:
                self._database.again()

    def let_go(self) -> None:
        while self._ends:
            self._ends.pop()()


def is_store(where: Path | str) -> bool:
    """Whether a folder is a store."""
    return (Path(where) / DESCRIPTION).is_file()


def read_description(folder: Path) -> Description:
    """What a store says of itself.

    Raises:
        StoreError: it is none, or of a later version.
    """
    path = folder / DESCRIPTION
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        what = "is not a store" if folder.is_dir() else "is not there"
        raise StoreError(f"{folder} {what}.", f"{_MAKE} {folder}") from error
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read: {error}.", "Put it back from a copy.") from error
    schema = told.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise StoreError(
            f"{path} has schema {schema}, this program knows up to {SCHEMA}.",
            "Use the version of watchkeeper that wrote it, or a later one.",
        )
    try:
        return msgspec.convert(told, Description)
    except msgspec.ValidationError as error:
        raise StoreError(f"{path} cannot be used: {error}.", "Put it back from a copy.") from error


def _new(id: str, lake: str | None, database: str | None) -> Description:
    if database is None:
        database = DATABASE if os.environ.get(DATABASE) else _SQLITE
    if "://" in database and postgresql_engine(database).url.password is not None:
        raise StoreError(
            "The address of the database holds a password, which does not belong in a file.",
            f"Set {DATABASE} to the address, or use PGPASSWORD or ~/.pgpass.",
        )
    return Description(schema=SCHEMA, id=id, lake=lake or _LAKE, database=database)


def _made(folder: Path, description: Description, fill: Callable[[Engine], object]) -> Description:
    """Make the folder; ``store.toml`` is written last, so that half a store is none."""
    if folder.exists() and _is_half_made(folder):
        _clear(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder} is there already and not empty.", "Give a new folder.")
    if description.lake != _LAKE:
        _refuse_used(lake_address(folder, description))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made: {error.strerror}.", "Look at the rights.") from error
    engine = database_of(folder, description, create=True)
    done = False
    try:
        fill(engine)
        done = True
    finally:
        engine.dispose()
        if not done:
            _clear(folder)
    _write_description(folder, description)
    return description


def _is_half_made(folder: Path) -> bool:
    """Whether there is nothing but what a making that was killed leaves: a log without an event, and no description."""
    if not folder.is_dir() or not {path.name for path in folder.iterdir()} <= {*_LEFT}:
        return False
    try:
        with closing(sqlite3.connect(f"file:{folder / _SQLITE}?mode=ro", uri=True)) as log:
            return bool(log.execute("SELECT count(*) FROM events").fetchone() == (0,))
    except sqlite3.OperationalError as error:  # the table, or the file, is not there yet
        return "no such table" in str(error) or not (folder / _SQLITE).exists()
    except sqlite3.DatabaseError:
        return False


def _clear(folder: Path) -> None:
    """Remove what a making that failed has left, so that it can be tried again."""
    for name in _LEFT:
        (folder / name).unlink(missing_ok=True)


def _write_description(folder: Path, description: Description) -> None:
    lines = [
        "# A watchkeeper store. The addresses may be changed when the lake or the decisions were moved.",
        f"schema = {description.schema}",
        *(f"{k} = {_quoted(getattr(description, k))}" for k in ("id", "lake", "database")),
    ]
    beside = folder / f"{DESCRIPTION}.unfinished"
    with beside.open("w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / DESCRIPTION)


def _quoted(text: str) -> str:
    # A JSON string is a basic string of TOML.
    return msgspec.json.encode(text).decode()


def _refuse_used(lake: str) -> None:
    from watchkeeper.store.lake import Lake

    try:
        there = Lake.open(lake, write=False)
    except StoreError:
        return
    raise StoreError(f"{lake} holds the lake {there.id} already.", "Give each store a prefix of its own.")


def lake_address(folder: Path, description: Description) -> str:
    """Where the lake is: a folder or ``s3://bucket/prefix``."""
    return description.lake if "://" in description.lake else str(folder / description.lake)


def database_of(folder: Path, description: Description, *, create: bool = False) -> Engine:
    """The database of a store, not yet connected to.

    Raises:
        StoreError: the environment does not say where it is.
    """
    database = description.database
    if database == DATABASE:
        url = os.environ.get(DATABASE)
        if not url:
            raise StoreError(
                f"The decisions of {folder} are in PostgreSQL, but {DATABASE} is not set.",
                f"Set it: {DATABASE}=postgresql://user:password@host/database",
            )
        return postgresql_engine(url)
    if "://" in database:
        return engine_of(database)
    return sqlite_engine(folder / database, create=create)


def _same_store(log: DecisionLog, description: Description, folder: Path) -> None:
    store = log.standing().store
    if store != description.id:
        raise StoreError(
            f"The database holds the decisions of store {store}, but {folder} is store {description.id}.",
            f"Look at {DESCRIPTION} and {DATABASE}.",
        )
