"""A hub on each database, with three organisations and a collection that all of them read and write."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from exchange.hub.world import World, world
from store.postgres_server import Server, running
from watchkeeper.store.decisions import begin, engine_of, sqlite_engine


@pytest.fixture(scope="session")
def hub_postgres() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        made = sqlite_engine(tmp_path / "decisions.sqlite", create=True)
    else:
        made = engine_of(request.getfixturevalue("hub_postgres").database())
    begin(made, "5e4c3d2b-0000-4000-8000-000000000001")
    yield made
    made.dispose()


@pytest.fixture
def hub(engine: Engine) -> World:
    return world(engine)
