"""One writer at a time on a PostgreSQL database, wherever the writers run."""

import hashlib
from contextlib import suppress
from threading import Lock

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from watchkeeper.errors import TakenError
from watchkeeper.store.decisions.engines import where_of
from watchkeeper.store.decisions.faults import DatabaseError, translated


class WriterLock:
    """Held as long as its connection lives; the server lets it go when we are killed.

    Args:
        engine: of a PostgreSQL database.
        store: the id of the store.

    Raises:
        TakenError: another process holds it, and which.
    """

    def __init__(self, engine: Engine, store: str) -> None:
        self._engine, self._number = engine, _number(store)
        self._connection: Connection | None = None
        self._asking = Lock()
        self.take()

    def take(self) -> None:
        """Take the lock, or make sure that it is still held: a lost connection has let it go.

        Raises:
            TakenError: another process holds it now.
        """
        with self._asking:  # a connection is one thread's at a time
            self._take(where_of(self._engine))

    def again(self) -> None:
        """As :meth:`take`, where the server may not be back yet."""
        try:
            self.take()
        except DatabaseError:
            # The append that follows meets the same, and waits or fails with its own words.
            return

    def let_go(self) -> None:
        """Let it go."""
        if self._connection is not None:
            with suppress(sa.exc.DBAPIError):  # a connection that is lost has let it go
                self._connection.execute(sa.select(sa.func.pg_advisory_unlock(self._number)))
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _take(self, where: str) -> None:
        if self._connection is not None:
            try:
                self._connection.exec_driver_sql("SELECT 1")
            except sa.exc.DBAPIError:
                self._connection.invalidate()
                self._connection.close()
                self._connection = None
            else:
                return
        with translated(where):
            made = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            asked = sa.select(sa.func.pg_try_advisory_lock(self._number))
            if made.execute(asked).scalar_one():
                self._connection = made
                return
            holder = _holder(made, self._number)
            made.close()
        raise TakenError(
            f"The store in {where} is being written by {holder}.",
            "End that first; reading is possible meanwhile.",
        )


def _number(store: str) -> int:
    digest = hashlib.sha256(f"watchkeeper writer {store}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _holder(connection: Connection, number: int) -> str:
    """Who holds a lock, as it named itself to the server (program, host, process)."""
    asked = sa.text(
        "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
        "AND l.classid = CAST(:high AS bigint)::oid AND l.objid = CAST(:low AS bigint)::oid"
    )
    parts = {"high": (number >> 32) & 0xFFFFFFFF, "low": number & 0xFFFFFFFF}
    name = connection.execute(asked, parts).scalar()
    return f"another process ({name})" if name else "another process"
