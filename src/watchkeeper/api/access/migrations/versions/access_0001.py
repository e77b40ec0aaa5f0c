"""Users, organisations, sessions, keys, links, audit."""

import sqlalchemy as sa
from alembic import op

revision = "access_0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "access_organisations",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "access_users",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, unique=True),
        sa.Column("organisation", sa.String(36), sa.ForeignKey("access_organisations.id")),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("password", sa.String(300)),
        sa.Column("issuer", sa.String(300)),
        sa.Column("subject", sa.String(300)),
        sa.Column("exercises", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("disabled_at", sa.BigInteger),
        sa.UniqueConstraint("issuer", "subject", name="access_users_by_issuer"),
    )
    op.create_table(
        "access_sessions",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("user", sa.String(36), sa.ForeignKey("access_users.id"), nullable=False, index=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
    )
    op.create_table(
        "access_keys",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        sa.Column("user", sa.String(36), sa.ForeignKey("access_users.id"), nullable=False, index=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
    )
    op.create_table(
        "access_links",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "access_audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
        sa.Column("user", sa.String(36), nullable=False, index=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("organisation", sa.String(36)),
        sa.Column("key", sa.String(36)),
        sa.Column("did", sa.String(100), nullable=False),
        sa.Column("about", sa.String(20), nullable=False, index=True),
        sa.Column("ids", sa.Text, nullable=False),
        sa.Column("realm", sa.String(100), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
    )
