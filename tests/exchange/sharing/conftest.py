"""A centre for each test; where the database matters, on each kind."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.sharing.centre import Centre, begun, centre
from store.postgres_server import Server, running
from watchkeeper.store.decisions import engine_of, sqlite_engine


@pytest.fixture(scope="session")
def begun_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("begun") / "decisions.sqlite"
    engine = sqlite_engine(file, create=True)
    begun(engine)
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def sharing_postgres() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def here(begun_file: Path, tmp_path: Path) -> Iterator[Centre]:
    engine = sqlite_engine(Path(shutil.copy(begun_file, tmp_path)))
    yield centre(engine)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest) -> Iterator[Centre]:
    if request.param == "sqlite":
        yield request.getfixturevalue("here")
        return
    engine = engine_of(request.getfixturevalue("sharing_postgres").database())
    begun(engine)
    yield centre(engine)
    engine.dispose()
