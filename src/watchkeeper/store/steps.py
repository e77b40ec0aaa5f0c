"""Bringing the tables of one room, in the store's database, to the version of this program.

Each room keeps its steps (alembic) in a folder and what it has done in a table of its own, beside the log of decisions.
"""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from watchkeeper.errors import StoreError
from watchkeeper.store.decisions.engines import reading, writing


def bring_up(engine: Engine, steps: Path, versions: str, newest: str, what: str) -> None:
    """Run the steps that the database has not seen, all or none.

    Args:
        engine: of the database.
        steps: the folder of the steps.
        versions: the table in which it is kept how far they were run.
        newest: the last step.
        what: the tables in words, to begin a sentence.

    Raises:
        StoreError: the database is of a newer version, or cannot be written.
    """
    with reading(engine) as connection:
        if _step(connection, versions) == newest:
            return
    from alembic import command  # takes half a second to import
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(steps).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            # Two programs that start at once would both make the tables.
            lock = sa.text("SELECT pg_advisory_xact_lock(hashtext(:versions))")
            connection.execute(lock, {"versions": versions})
        now = _step(connection, versions)
        if now is not None and now not in known:
            raise StoreError(
                f"{what} are of version {now}, which this program does not know.",
                "Use the watchkeeper that wrote them, or a newer one.",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _step(connection: Connection, versions: str) -> str | None:
    if not sa.inspect(connection).has_table(versions):
        return None
    step = connection.exec_driver_sql(f"SELECT version_num FROM {versions}").scalar()  # noqa: S608 - a constant
    return None if step is None else str(step)
