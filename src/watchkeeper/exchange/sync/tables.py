"""Tables of the exchange between nodes, and bringing a database to them. Moments are ms UTC."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from watchkeeper.store import steps
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
    steps.bring_up(
        engine,
        Path(__file__).parent / "migrations",
        VERSIONS,
        NEWEST,
        "The tables of the exchange between nodes",
    )
