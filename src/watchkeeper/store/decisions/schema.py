"""Bringing a database to the tables of this version, and refusing one that is of a later version."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from watchkeeper.errors import StoreError
from watchkeeper.store.decisions.engines import check_server, where_of, writing
from watchkeeper.store.decisions.rows import GENESIS
from watchkeeper.store.decisions.tables import HEAD, SCHEMA, VERSIONS, head

STEPS: Final = Path(__file__).parent / "migrations"
_LATER: Final = "Use the version of watchkeeper that wrote it, or a later one."
_NEXT: Final = "Run: watchkeeper store verify"


class NewerLogError(StoreError):
    """A later version of the program wrote this log."""


class NoLogError(StoreError):
    """The database holds no log of decisions."""


def begin(engine: Engine, store: str) -> None:
    """Make the tables in a database without a log, for the store of this id.

    Raises:
        StoreError: there is a log, or the database cannot be written.
    """
    bring_up(engine)
    with writing(engine) as connection:
        there = connection.execute(sa.select(head.c.store)).scalar()
        if there is not None:
            raise StoreError(
                f"The database {where_of(engine)} holds the log of store {there} already.",
                "Give each store a database of its own.",
            )
        row = {"id": HEAD, "store": store, "seq": 0, "hash": GENESIS, "schema": SCHEMA}
        connection.execute(head.insert(), row)


def bring_up(engine: Engine, steps: Path = STEPS) -> None:
    """Run the steps that the database has not seen, all or none.

    Raises:
        NewerLogError: it saw steps that this program does not know.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(steps).replace("%", "%%"))
    with writing(engine) as connection:
        check_server(connection)
        if connection.dialect.name == "postgresql":
            # Two programs that start at once would both make the tables.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('watchkeeper steps'))")
        if step_of(connection) == newest(steps):
            return
        _refuse_later(engine, step_of(connection), steps)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check(engine: Engine, connection: Connection, steps: Path = STEPS) -> None:
    """See that a log is there and of this version.

    Raises:
        NoLogError: there is none.
        NewerLogError: it is of a later version.
        StoreError: it is of an earlier version, and has to be opened for writing once.
    """
    step = step_of(connection)
    if step is None:
        raise NoLogError(f"The database {where_of(engine)} holds no decisions.", "Make a store in it first.")
    _refuse_later(engine, step, steps)
    if step != newest(steps):
        raise StoreError(
            f"The database {where_of(engine)} is at step {step}, this program at {newest(steps)}.",
            "Open it for writing once (watchkeeper store compact): its tables are then brought up, without loss.",
        )
    schema = connection.execute(sa.select(head.c.schema)).scalar()
    if schema is None:
        raise NoLogError(f"The head of the log in {where_of(engine)} is missing.", _NEXT)
    if schema > SCHEMA:
        raise NewerLogError(
            f"The log in {where_of(engine)} has schema {schema}, this program knows up to {SCHEMA}.", _LATER
        )


def step_of(connection: Connection) -> str | None:
    """The last step that the database saw; None where it saw none."""
    if not sa.inspect(connection).has_table(VERSIONS):
        return None
    step = connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalar()  # noqa: S608 - a constant
    return None if step is None else str(step)


def newest(steps: Path = STEPS) -> str:
    """The last step that this program knows. Steps are numbered, so their names are in order."""
    return _known(steps)[-1]


def _known(steps: Path) -> list[str]:
    return sorted(file.stem for file in (steps / "versions").glob("decisions_*.py"))


def _refuse_later(engine: Engine, step: str | None, steps: Path) -> None:
    if step is not None and step not in _known(steps):
        raise NewerLogError(
            f"The database {where_of(engine)} is at step {step}, which this program does not know.", _LATER
        )
