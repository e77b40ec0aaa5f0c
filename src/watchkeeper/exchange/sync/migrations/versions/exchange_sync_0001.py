"""Peers, how far each is pulled from and pushed to, and where objects came from."""

import sqlalchemy as sa
from alembic import op

revision = "exchange_sync_0001"
down_revision = None


def _text() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "exchange_peers",
        sa.Column("name", _text(), primary_key=True),
        sa.Column("said", _text(), nullable=False),
    )
    op.create_table(
        "exchange_sync",
        sa.Column("peer", _text(), primary_key=True),
        sa.Column("direction", _text(), primary_key=True),
        sa.Column("said", _text(), nullable=False),
    )
    op.create_table(
        "exchange_provenance",
        sa.Column("collection", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", _text(), primary_key=True),
        sa.Column("version", _text(), primary_key=True),
        sa.Column("source", _text(), primary_key=True),
        sa.Column("origin", _text(), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("path", _text(), nullable=False),
        sa.Column("outcome", _text(), nullable=False),
        sa.Column("says", _text(), nullable=False),
    )
