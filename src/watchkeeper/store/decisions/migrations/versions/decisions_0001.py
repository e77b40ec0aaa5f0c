"""Events, documents, head."""

import sqlalchemy as sa
from alembic import op

revision = "decisions_0001"
down_revision = None


def _text() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "events",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("realm", _text(), nullable=False),
        sa.Column("kind", _text(), nullable=False),
        sa.Column("subject", _text(), nullable=False),
        sa.Column("actor", _text(), nullable=False),
        sa.Column("body", _text(), nullable=False),
        sa.Column("key", _text(), unique=True),
        sa.Column("hash", _text(), nullable=False),
    )
    op.create_index("events_by_subject", "events", ["subject", "seq"])
    op.create_index("events_by_kind", "events", ["kind", "seq"])
    op.create_table(
        "documents",
        sa.Column("collection", _text(), primary_key=True),
        sa.Column("id", _text(), primary_key=True),
        sa.Column("realm", _text(), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("state", _text(), nullable=False),
        sa.Column("mmsi", sa.BigInteger),
        sa.Column("t", sa.BigInteger, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("text", _text(), nullable=False),
        sa.Column("sought", _text(), nullable=False),
        sa.Column("body", _text(), nullable=False),
    )
    op.create_index("documents_by_t", "documents", ["collection", "realm", sa.text("t DESC"), "id"])
    op.create_index("documents_by_score", "documents", ["collection", "realm", sa.text("score DESC"), "id"])
    op.create_index(
        "documents_by_state", "documents", ["collection", "realm", "state", sa.text("t DESC"), "id"]
    )
    op.create_index(
        "documents_by_ship", "documents", ["collection", "realm", "mmsi", sa.text("t DESC"), "id"]
    )
    op.create_table(
        "head",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
        sa.Column("store", _text(), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", _text(), nullable=False),
        sa.Column("schema", sa.Integer, nullable=False),
    )
