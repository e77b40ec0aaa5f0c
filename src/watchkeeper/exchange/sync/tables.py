"""Tables of the exchange between nodes, and bringing a database to them. Moments are ms UTC."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from watchkeeper.errors import StoreError
from watchkeeper.store.decisions.engines import writing
from watchkeeper.store.decisions.tables import bytewise

VERSIONS: Final = "exchange_sync_version"
NEWEST: Final = "exchange_sync_0001"
"""The last step of ``migrations``."""

metadata: Final = sa.MetaData()

peers: Final = sa.Table(
    "exchange_peers",
    metadata,
    sa.Column("name", bytewise(), primary_key=True),
    sa.Column("said", bytewise(), nullable=False),
)
"""Peers that were added by command: everything about them as JSON, but never a secret."""

links: Final = sa.Table(
    "exchange_sync",
    metadata,
    sa.Column("peer", bytewise(), primary_key=True),
    sa.Column("direction", bytewise(), primary_key=True),
    sa.Column("said", bytewise(), nullable=False),
)
"""How far a peer is pulled from or pushed to: place and counts, as JSON. Written with what it tells of, or not at all.
"""

provenance: Final = sa.Table(
    "exchange_provenance",
    metadata,
    sa.Column("collection", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", bytewise(), primary_key=True),
    sa.Column("version", bytewise(), primary_key=True),
    sa.Column("source", bytewise(), primary_key=True),
    sa.Column("origin", bytewise(), nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("path", bytewise(), nullable=False),
    sa.Column("outcome", bytewise(), nullable=False),
    sa.Column("says", bytewise(), nullable=False),
)
"""Where each version came from, for every organisation (``source``) that handed it to us: who made it (``origin``), the
SHA-256 of the bytes as they came, the nodes it had passed (JSON). ``outcome`` is what became of it; what was not taken
says why. ``version`` is empty for what has none. ``collection`` is a number."""


def bring_up(engine: Engine) -> None:
    """Bring the database to the tables of this version.

    Raises:
        StoreError: the database is of a newer version, or cannot be written.
    """
    with engine.connect() as connection:
        if _step(connection) == NEWEST:
            return
    from alembic import command  # takes half a second to import
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            # Two programs that start at once would both make the tables.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('watchkeeper exchange sync'))")
        now = _step(connection)
        if now is not None and now not in known:
            raise StoreError(
                f"The tables of the exchange between nodes are of version {now}, which this program does not know.",
                "Use the watchkeeper that wrote them, or a newer one.",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _step(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSIONS):
        return None
    step = connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalar()  # noqa: S608 - a constant
    return None if step is None else str(step)
