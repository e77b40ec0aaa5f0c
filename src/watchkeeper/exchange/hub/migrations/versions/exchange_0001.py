"""Roots, collections and their objects, statuses, pulls, partners."""

import sqlalchemy as sa
from alembic import op

revision = "exchange_0001"
down_revision = None

_LISTED = sa.text("last = 1 AND current = 1")
_LAST = sa.text("last = 1")


def _text() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "exchange_roots",
        sa.Column("name", _text(), primary_key=True),
        sa.Column("title", _text(), nullable=False),
        sa.Column("description", _text(), nullable=False),
        sa.Column("max_bytes", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "exchange_collections",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", _text(), nullable=False, unique=True),
        sa.Column("root", _text(), sa.ForeignKey("exchange_roots.name"), nullable=False),
        sa.Column("alias", _text()),
        sa.Column("said", _text(), nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.Column("last_added_us", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("root", "alias", name="exchange_collections_by_alias"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "exchange_markings",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("hash", _text(), nullable=False, unique=True),
        sa.Column("form", _text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "exchange_shelves",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("collection", sa.Integer, sa.ForeignKey("exchange_collections.number"), nullable=False),
        sa.Column("marking", sa.Integer, sa.ForeignKey("exchange_markings.number"), nullable=False),
        sa.Column("poster", _text(), nullable=False),
        sa.Column("type", _text(), nullable=False),
        sa.Column("spec", _text(), nullable=False),
        sa.UniqueConstraint(
            "collection", "marking", "poster", "type", "spec", name="exchange_shelves_by_contents"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("exchange_shelves_by_collection", "exchange_shelves", ["collection", "number"])
    op.create_table(
        "exchange_objects",
        sa.Column("collection", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("shelf", sa.Integer, nullable=False),
        sa.Column("last", sa.SmallInteger, nullable=False),
        sa.Column("current", sa.SmallInteger, nullable=False),
        sa.Column("id", _text(), nullable=False),
        sa.Column("version_us", sa.BigInteger, nullable=False),
        sa.Column("version", _text(), nullable=False),
        sa.Column("added_us", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
    op.create_index(
        "exchange_objects_by_id", "exchange_objects", ["collection", "id", "version_us"], unique=True
    )
    op.create_index("exchange_objects_by_added", "exchange_objects", ["collection", "added_us"], unique=True)
    op.create_index("exchange_objects_by_shelf", "exchange_objects", ["collection", "shelf", "seq"])
    op.create_index(
        "exchange_objects_listed",
        "exchange_objects",
        ["collection", "seq", "shelf", "last", "current"],
        sqlite_where=_LISTED,
        postgresql_where=_LISTED,
    )
    op.create_index(
        "exchange_objects_last",
        "exchange_objects",
        ["collection", "id"],
        sqlite_where=_LAST,
        postgresql_where=_LAST,
    )
    op.create_table(
        "exchange_statuses",
        sa.Column("id", _text(), primary_key=True),
        sa.Column("root", _text(), nullable=False),
        sa.Column("poster", _text(), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_exchange_statuses_expires_at", "exchange_statuses", ["expires_at"])
    op.create_table(
        "exchange_pulls",
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("organisation", _text(), nullable=False),
        sa.Column("user", _text(), nullable=False),
        sa.Column("collection", _text(), nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("seqs", _text(), nullable=False),
        sa.Column("withheld", _text(), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("event", sa.BigInteger),
    )
    op.create_index(
        "exchange_pulls_by_organisation", "exchange_pulls", ["organisation", "collection", "first"]
    )
    op.create_index("exchange_pulls_by_collection", "exchange_pulls", ["collection", "last"])
    op.create_index("exchange_pulls_by_event", "exchange_pulls", ["event"])
    op.create_table(
        "exchange_partners",
        sa.Column("organisation", _text(), primary_key=True),
        sa.Column("identity", _text(), unique=True),
        sa.Column("said", _text(), nullable=False),
    )
    op.create_table(
        "exchange_secrets",
        sa.Column("name", _text(), primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
