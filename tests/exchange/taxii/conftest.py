"""A real server for every test: ``watchkeeper serve`` over the demo's collections, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.taxii.node import Node, begun
from store.postgres_server import Server, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Where there is none to start, the tests fail and say what to install."""
    with running() as server:
        yield server


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A hub of which only the demo is known."""
    database = request.getfixturevalue("postgres").database() if request.param == "postgresql" else None
    folder: Path = tmp_path_factory.mktemp("node")
    with begun(folder / "watch", database) as made:
        yield made
