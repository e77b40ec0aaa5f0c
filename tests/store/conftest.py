"""Two databases for every test of decisions: SQLite, and a real PostgreSQL server that is started for the tests.

Makes :mod:`postgres_server` and :mod:`decision_rows` importable here.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from watchkeeper.store.decisions import engine_of, sqlite_engine
from watchkeeper.store.decisions.rows import GENESIS
from watchkeeper.store.decisions.schema import newest
from watchkeeper.store.decisions.tables import SCHEMA, VERSIONS, head, metadata

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "decisions")]

from postgres_server import Server, running  # noqa: E402

STORE = "5e4c3d2b-0000-4000-8000-000000000001"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The server. Where there is none to start, the tests fail and say what to install."""
    with running() as server:
        yield server


class Databases:
    """Makes databases of one kind. Those of PostgreSQL are used again: making one is slow."""

    def __init__(self, server: Server | None, folder: Path) -> None:
        self._server, self._folder = server, folder
        self._count = 0
        self._made: list[Engine] = []
        self._free: list[Engine] = []

    def empty(self) -> Engine:
        """Without anything in it."""
        if self._free:
            engine = self._free.pop()
            with engine.begin() as connection:
                connection.exec_driver_sql("DROP SCHEMA public CASCADE")
                connection.exec_driver_sql("CREATE SCHEMA public")
            return engine
        self._count += 1
        if self._server is None:
            made = sqlite_engine(self._folder / f"decisions-{self._count}.sqlite", create=True)
        else:
            made = engine_of(self._server.database())
        self._made.append(made)
        return made

    def begun(self) -> Engine:
        """With an empty log: what the steps would make (a test compares), made at once."""
        made = self.empty()
        with made.begin() as connection:
            metadata.create_all(connection)
            connection.exec_driver_sql(f"CREATE TABLE {VERSIONS} (version_num VARCHAR(32) PRIMARY KEY)")
            connection.exec_driver_sql(f"INSERT INTO {VERSIONS} VALUES ('{newest()}')")
            row = {"id": 1, "store": STORE, "seq": 0, "hash": GENESIS, "schema": SCHEMA}
            connection.execute(head.insert(), row)
        return made

    def give_back(self, engine: Engine) -> None:
        """It is not needed any more."""
        engine.dispose()
        if self._server is not None:
            again = engine_of(engine.url.render_as_string(hide_password=False))
            self._free.append(again)
            self._made.append(again)

    def let_go(self) -> None:
        """None is needed any more."""
        for engine in self._made:
            engine.dispose()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which database."""
    return str(request.param)


@pytest.fixture(scope="session")
def databases(
    backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Databases]:
    """All databases of one kind."""
    server = request.getfixturevalue("postgres") if backend == "postgresql" else None
    made = Databases(server, tmp_path_factory.mktemp("databases"))
    yield made
    made.let_go()


@pytest.fixture
def empty(databases: Databases) -> Iterator[Callable[[], Engine]]:
    """Makes databases without anything in them."""
    made: list[Engine] = []

    def make() -> Engine:
        made.append(databases.empty())
        return made[-1]

    yield make
    for each in made:
        databases.give_back(each)


@pytest.fixture
def engine(databases: Databases) -> Iterator[Engine]:
    """A database with an empty log."""
    made = databases.begun()
    yield made
    databases.give_back(made)
