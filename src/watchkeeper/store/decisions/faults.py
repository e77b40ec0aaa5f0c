"""What can go wrong with a database, as errors that say what to do; and what goes away when one waits."""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Literal, TypeVar

import sqlalchemy as sa

from watchkeeper.errors import StoreError

Fault = Literal["locked", "gone", "full", "damaged", "read-only", "other"]

WAITS_S: Final = (0.05, 0.2, 0.5, 1.0, 2.0)
"""How long one waits before an append is tried again: while a database is locked, and after a connection was lost."""

_SQLITE: Final[dict[int, Fault]] = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_CANTOPEN: "gone",
    sqlite3.SQLITE_IOERR: "gone",
}
_POSTGRESQL: Final[dict[str, Fault]] = {
    "40001": "locked",  # serialization failure
    "40P01": "locked",  # deadlock
    "55P03": "locked",  # lock timeout
    "53100": "full",
    "XX001": "damaged",
    "XX002": "damaged",
    "25006": "read-only",
    "42501": "read-only",
}
_SAYS: Final[dict[Fault, tuple[str, str]]] = {
    "locked": (
        "is held by another process",
        "Wait for it, or end it; nothing was written and the same can be given again.",
    ),
    "gone": ("cannot be reached", "Look whether the file or the server is there, then start again."),
    "full": ("has no room on its disk", "Free some space; nothing was written."),
    "damaged": ("is damaged", "Run: watchkeeper store verify; then restore the last backup."),
    "read-only": ("may not be written", "Look at the rights to the file, the folder or the tables."),
    "other": ("refused what was asked of it", "Run: watchkeeper store verify"),
}

R = TypeVar("R")


class DatabaseError(StoreError):
    """A database cannot do what is asked. ``fault`` says of what sort this is."""

    def __init__(self, where: str, fault: Fault, reason: str) -> None:
        what, next_step = _SAYS[fault]
        super().__init__(f"The database {where} {what} ({reason}).", next_step)
        self.fault = fault


def fault_of(error: sa.exc.DBAPIError) -> Fault:
    """Of what sort an error of a database is."""
    if error.connection_invalidated:
        return "gone"
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF, "other")
    if isinstance(error.orig, sqlite3.Error):
        # Raised by the module, not by SQLite: bytes that are no text.
        return "damaged" if "decode" in str(error.orig) else "other"
    state = getattr(error.orig, "sqlstate", None) or ""
    if state.startswith(("08", "57P", "53300", "28", "3D")):
        return "gone"
    if not state and isinstance(error, sa.exc.OperationalError):
        return "gone"
    return _POSTGRESQL.get(state, "other")


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Errors of the database as errors of the house.

    Raises:
        DatabaseError: in place of every error of SQLAlchemy.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise DatabaseError(where, fault_of(error), _reason(error.orig)) from error
    except sa.exc.SQLAlchemyError as error:
        raise DatabaseError(where, "gone", _reason(error)) from error


def steadily(work: Callable[[], R], lost: Callable[[], None]) -> R:
    """Do something that is safe to do again, until it is done or waiting has not helped.

    Args:
        work: raises DatabaseError.
        lost: called before the next attempt where the connection was lost.
    """
    for wait_s in WAITS_S:
        try:
            return work()
        except DatabaseError as error:
            if error.fault not in ("locked", "gone"):
                raise
            # The wait is spread, so that two who wait for each other do not meet again.
            time.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret hangs on it
            if error.fault == "gone":
                lost()
    return work()


def _reason(error: BaseException | None) -> str:
    return " ".join(str(error).split())[:200].rstrip(".")
