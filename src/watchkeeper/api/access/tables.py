"""Tables of access, and bringing a database to them. Times are ms UTC; secrets are kept as hashes only.

They live beside the log of decisions in one database, with a table of versions of their own.
"""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from watchkeeper.store import steps

VERSIONS: Final = "access_version"
NEWEST: Final = "access_0001"
"""The last step of ``migrations``."""

metadata: Final = sa.MetaData()

organisations: Final = sa.Table(
    "access_organisations",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False, unique=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)

users: Final = sa.Table(
    "access_users",
    metadata,
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

sessions: Final = sa.Table(
    "access_sessions",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(36), sa.ForeignKey("access_users.id"), nullable=False, index=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("used_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
)

keys: Final = sa.Table(
    "access_keys",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("user", sa.String(36), sa.ForeignKey("access_users.id"), nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.BigInteger),
)

links: Final = sa.Table(
    "access_links",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("purpose", sa.String(20), nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
)
"""What can be used once: the link of the first administrator, and a login that is on its way through OIDC."""

audit: Final = sa.Table(
    "access_audit",
    metadata,
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


def bring_up(engine: Engine) -> None:
    """Bring the database to the tables of this version.

    Raises:
        StoreError: the database is of a newer version, or cannot be written.
    """
    steps.bring_up(engine, Path(__file__).parent / "migrations", VERSIONS, NEWEST, "The users' tables")
