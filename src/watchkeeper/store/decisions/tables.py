"""The tables of the log. Every text is compared by its bytes on both databases, so that orders are the same."""

from typing import Final

import sqlalchemy as sa

SCHEMA: Final = 1
"""The version of what the rows mean. A log of a higher one is refused."""

VERSIONS: Final = "decisions_version"
"""Where alembic notes how far the tables were brought; other rooms have a table of their own."""

HEAD: Final = 1
"""The id of the only row of ``head``."""


def bytewise() -> sa.types.TypeEngine[str]:
    """Text in the order of its UTF-8 bytes, whatever the collation of the database."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


metadata: Final = sa.MetaData()

events: Final = sa.Table(
    "events",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("realm", bytewise(), nullable=False),
    sa.Column("kind", bytewise(), nullable=False),
    sa.Column("subject", bytewise(), nullable=False),
    sa.Column("actor", bytewise(), nullable=False),
    sa.Column("body", bytewise(), nullable=False),
    sa.Column("key", bytewise(), unique=True),
    sa.Column("hash", bytewise(), nullable=False),
    sa.Index("events_by_subject", "subject", "seq"),
    sa.Index("events_by_kind", "kind", "seq"),
)
"""What was decided. ``body`` is the JSON text that the hash was made over, byte for byte."""

documents: Final = sa.Table(
    "documents",
    metadata,
    sa.Column("collection", bytewise(), primary_key=True),
    sa.Column("id", bytewise(), primary_key=True),
    sa.Column("realm", bytewise(), nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("state", bytewise(), nullable=False),
    sa.Column("mmsi", sa.BigInteger),
    sa.Column("t", sa.BigInteger, nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("text", bytewise(), nullable=False),
    sa.Column("sought", bytewise(), nullable=False),
    sa.Column("body", bytewise(), nullable=False),
    sa.Index("documents_by_t", "collection", "realm", sa.text("t DESC"), "id"),
    sa.Index("documents_by_score", "collection", "realm", sa.text("score DESC"), "id"),
    sa.Index("documents_by_state", "collection", "realm", "state", sa.text("t DESC"), "id"),
    sa.Index("documents_by_ship", "collection", "realm", "mmsi", sa.text("t DESC"), "id"),
)
"""What holds now. ``sought`` is ``text`` as a search compares it: without case."""

head: Final = sa.Table(
    "head",
    metadata,
    sa.Column("id", sa.Integer, sa.CheckConstraint(f"id = {HEAD}"), primary_key=True, autoincrement=False),
    sa.Column("store", bytewise(), nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", bytewise(), nullable=False),
    sa.Column("schema", sa.Integer, nullable=False),
)
"""Which store this is, and its last event. Whoever appends holds this row."""
