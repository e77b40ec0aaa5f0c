"""Two databases for every test of decisions: SQLite, and a real PostgreSQL server that is started for the tests.

Makes :mod:`postgres_server` and :mod:`decision_rows` importable here.
"""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from watchkeeper.store.decisions import begin, engine_of, sqlite_engine

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "decisions")]

from postgres_server import Server, running  # noqa: E402

STORE = "5e4c3d2b-0000-4000-8000-000000000001"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The server. Where there is none to start, the tests fail and say what to install."""
    with running() as server:
        yield server


class Databases:
    """Makes databases of one kind, empty or with an empty log, for as long as a test runs."""

    def __init__(self, server: Server | None, folder: Path) -> None:
        self._server, self._folder = server, folder
        self._count = 0
        self._template: str | None = None
        self._made: list[Engine] = []

    def empty(self) -> Engine:
        if self._server is None:
            return self._kept(sqlite_engine(self._path(), create=True))
        return self._kept(engine_of(self._server.database()))

    def begun(self) -> Engine:
        """With an empty log; a copy of one that was made by the steps."""
        if self._template is None:
            made = self.empty()
            begin(made, STORE)
            made.dispose()
            self._template = made.url.database
        if self._server is None:
            path = self._path()
            shutil.copy(self._template, path)
            return self._kept(engine_of(path))
        return self._kept(engine_of(self._server.database(f"TEMPLATE {self._template}")))

    def let_go(self) -> None:
        for engine in self._made:
            engine.dispose()
        self._made.clear()

    def _path(self) -> Path:
        self._count += 1
        return self._folder / f"decisions-{self._count}.sqlite"

    def _kept(self, engine: Engine) -> Engine:
        self._made.append(engine)
        return engine


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
def empty(databases: Databases) -> Callable[[], Engine]:
    """Makes databases without anything in them."""
    return databases.empty


@pytest.fixture
def engine(databases: Databases) -> Iterator[Engine]:
    """A database with an empty log."""
    made = databases.begun()
    yield made
    made.dispose()
