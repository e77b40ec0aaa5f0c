"""A hub on each database, with three organisations and a collection that all of them read and write."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from exchange.hub.world import World, world
from store.postgres_server import Server, running
from watchkeeper.api.access import tables as access
from watchkeeper.exchange.hub import tables as exchange
from watchkeeper.store.decisions import engine_of, sqlite_engine
from watchkeeper.store.decisions import tables as decisions
from watchkeeper.store.decisions.rows import GENESIS
from watchkeeper.store.decisions.schema import newest

STORE = "5e4c3d2b-0000-4000-8000-000000000001"


@pytest.fixture(scope="session")
def hub_postgres() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without tables."""
    if request.param == "sqlite":
        made = sqlite_engine(tmp_path / "decisions.sqlite", create=True)
    else:
        made = engine_of(request.getfixturevalue("hub_postgres").database())
    yield made
    made.dispose()


@pytest.fixture
def engine(bare: Engine) -> Engine:
    """A database with all tables: what the steps would make (tests compare), made at once."""
    rooms = ((decisions, newest()), (access, access.NEWEST), (exchange, exchange.NEWEST))
    with bare.begin() as connection:
        for room, step in rooms:
            room.metadata.create_all(connection)
            connection.exec_driver_sql(f"CREATE TABLE {room.VERSIONS} (version_num VARCHAR(32) PRIMARY KEY)")
            connection.exec_driver_sql(f"INSERT INTO {room.VERSIONS} VALUES ('{step}')")
        row = {"id": 1, "store": STORE, "seq": 0, "hash": GENESIS, "schema": decisions.SCHEMA}
        connection.execute(decisions.head.insert(), row)
    return bare


@pytest.fixture
def hub(engine: Engine) -> World:
    return world(engine)
