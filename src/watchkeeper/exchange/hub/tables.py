"""Tables of the hub, and bringing a database to them.

Moments named ``*_us`` are microseconds since 1970 UTC, as TAXII counts; all others ms UTC. ``seq`` counts the objects
of one collection in the order in which they were committed; ``added_us`` rises with it.

A **shelf** is everything that decides whether an object is in an answer, but for its id and its time: its marking, who
posted it, its type and its version of STIX. There are few shelves and many objects: rights and filters choose shelves,
and what is left of a page is a walk along an index.
"""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from watchkeeper.store import steps
from watchkeeper.store.decisions.tables import bytewise

VERSIONS: Final = "exchange_version"
NEWEST: Final = "exchange_0001"
"""The last step of ``migrations``."""

metadata: Final = sa.MetaData()

_BIG_ID: Final = sa.BigInteger().with_variant(
    sa.Integer, "sqlite"
)  # only an INTEGER counts by itself in SQLite

roots: Final = sa.Table(
    "exchange_roots",
    metadata,
    sa.Column("name", bytewise(), primary_key=True),
    sa.Column("title", bytewise(), nullable=False),
    sa.Column("description", bytewise(), nullable=False),
    sa.Column("max_bytes", sa.BigInteger, nullable=False),
)
"""API roots of TAXII. ``max_bytes``: of the body of one request."""

collections: Final = sa.Table(
    "exchange_collections",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", bytewise(), nullable=False, unique=True),
    sa.Column("root", bytewise(), sa.ForeignKey("exchange_roots.name"), nullable=False),
    sa.Column("alias", bytewise()),
    sa.Column("said", bytewise(), nullable=False),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    sa.Column("last_added_us", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("root", "alias", name="exchange_collections_by_alias"),
    sqlite_autoincrement=True,  # a number is never given again
)
"""``said`` is what was decided about it (title, readers ...) as JSON. Whoever adds to a collection holds its row."""

markings: Final = sa.Table(
    "exchange_markings",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("hash", bytewise(), nullable=False, unique=True),
    sa.Column("form", bytewise(), nullable=False),
    sqlite_autoincrement=True,  # a number is never given again
)
"""Each distinct marking (with the parts it withholds) once: its normal form as JSON, and the SHA-256 of that."""

shelves: Final = sa.Table(
    "exchange_shelves",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("collection", sa.Integer, sa.ForeignKey("exchange_collections.number"), nullable=False),
    sa.Column("marking", sa.Integer, sa.ForeignKey("exchange_markings.number"), nullable=False),
    sa.Column("poster", bytewise(), nullable=False),
    sa.Column("type", bytewise(), nullable=False),
    sa.Column("spec", bytewise(), nullable=False),
    sa.UniqueConstraint(
        "collection", "marking", "poster", "type", "spec", name="exchange_shelves_by_contents"
    ),
    sa.Index("exchange_shelves_by_collection", "collection", "number"),
    sqlite_autoincrement=True,  # a number is never given again
)

objects: Final = sa.Table(
    "exchange_objects",
    metadata,
    sa.Column("collection", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("shelf", sa.Integer, nullable=False),
    sa.Column("last", sa.SmallInteger, nullable=False),
    sa.Column("current", sa.SmallInteger, nullable=False),
    sa.Column("id", bytewise(), nullable=False),
    sa.Column("version_us", sa.BigInteger, nullable=False),
    sa.Column("version", bytewise(), nullable=False),
    sa.Column("added_us", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("bytes", sa.LargeBinary, nullable=False),
    sa.Index("exchange_objects_by_id", "collection", "id", "version_us", unique=True),
    sa.Index("exchange_objects_by_added", "collection", "added_us", unique=True),
    sa.Index("exchange_objects_by_shelf", "collection", "shelf", "seq"),
    sa.Index(
        "exchange_objects_listed", "collection", "seq", "shelf", "last", "current",
        sqlite_where=sa.text("last = 1 AND current = 1"), postgresql_where=sa.text("last = 1 AND current = 1"),
    ),
    sa.Index(
        "exchange_objects_last", "collection", "id",
        sqlite_where=sa.text("last = 1"), postgresql_where=sa.text("last = 1"),
    ),
)  # fmt: skip
"""``bytes`` as they came. ``last``: the latest version of its id among those of its version of STIX; ``current``: there
is none of a later version of STIX. Both are what is listed if nobody asks for more."""

statuses: Final = sa.Table(
    "exchange_statuses",
    metadata,
    sa.Column("id", bytewise(), primary_key=True),
    sa.Column("root", bytewise(), nullable=False),
    sa.Column("poster", bytewise(), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
)

pulls: Final = sa.Table(
    "exchange_pulls",
    metadata,
    sa.Column("number", _BIG_ID, primary_key=True, autoincrement=True),
    sa.Column("organisation", bytewise(), nullable=False),
    sa.Column("user", bytewise(), nullable=False),
    sa.Column("collection", bytewise(), nullable=False),
    sa.Column("first", sa.BigInteger, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("seqs", bytewise(), nullable=False),
    sa.Column("withheld", bytewise(), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("event", sa.BigInteger),
    sa.Index("exchange_pulls_by_organisation", "organisation", "collection", "first"),
    sa.Index("exchange_pulls_by_collection", "collection", "last"),
    sa.Index("exchange_pulls_by_event", "event"),
)
"""Every page of objects that was answered: ``seqs`` as ranges (``1-100,105``), ``withheld`` as JSON (objects by rule).
``collection`` is the collection's id. ``event`` is the event of the log that says so, None until it is written."""

partners: Final = sa.Table(
    "exchange_partners",
    metadata,
    sa.Column("organisation", bytewise(), primary_key=True),
    sa.Column("identity", bytewise(), unique=True),
    sa.Column("said", bytewise(), nullable=False),
)
"""What was agreed with an organisation (by its name). ``identity``: the id of the STIX identity that stands for it."""

secrets: Final = sa.Table(
    "exchange_secrets",
    metadata,
    sa.Column("name", bytewise(), primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)


def bring_up(engine: Engine) -> None:
    """Bring the database to the tables of this version.

    Raises:
        StoreError: the database is of a newer version, or cannot be written.
    """
    steps.bring_up(engine, Path(__file__).parent / "migrations", VERSIONS, NEWEST, "The hub's tables")
