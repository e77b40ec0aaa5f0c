"""A stretch of a store again finds what was found, in a realm of its own."""

from itertools import count
from pathlib import Path
from threading import Event as Flag

import pytest

from watchkeeper.config import load_settings
from watchkeeper.errors import OutputError, UsageError
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_dma, write_layers
from watchkeeper.model.event import Query
from watchkeeper.model.time import DAY, HOUR, from_iso
from watchkeeper.projectors import projectors
from watchkeeper.replay import REALM, ReplayRequest, replay
from watchkeeper.scan import ScanRequest, scan
from watchkeeper.store.folder import Store

START = from_iso("2025-03-01")
SETTINGS = load_settings(None, {}, ())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replay")
    day = simulate(SimulationSpec(seed=6, rows=60_000, hours=10.0, cases_per_behaviour=1))
    write_dma(day, folder / "day.csv")
    write_layers(day, folder / "assets.geojson")
    request = ScanRequest(
        inputs=(str(folder / "day.csv"),), out=folder / "out", settings=SETTINGS, now=from_iso("2026-11-01"),
        layers=(folder / "assets.geojson",), report=False, store=folder / "store",
    )  # fmt: skip
    scan(request, lambda _: None)
    return folder


def request(folder: Path, out: Path, t_from: int = START, t_to: int = START + DAY) -> ReplayRequest:
    return ReplayRequest(
        store=folder / "store", out=out, t_from=t_from, t_to=t_to, speed=3600.0, settings=SETTINGS,
        layers=(folder / "assets.geojson",),
    )  # fmt: skip


def kept(store: Path, realm: str) -> set[tuple[str, int, str]]:
    with Store.open(store, write=False, projectors=projectors()) as held:
        page = held.decisions.documents(
            Query(collection="findings", realm=realm, states=("open", "closed"), limit=1000)
        )
        found = [d.body["finding"] for d in page.items]
        return {(f["behaviour"], f["mmsi"], f["start"]) for f in found}


def test_it_finds_what_was_found(folder: Path, tmp_path: Path) -> None:
    ticks = count(0, 200)  # 200 ms a turn, 3,600 times as fast: twelve minutes of the past
    told: list[int] = []
    replay(
        request(folder, tmp_path / "again"),
        lambda: next(ticks),
        Flag(),
        lambda events, then: told.append(then),
    )
    was, again = kept(folder / "store", "real"), kept(tmp_path / "again", REALM)
    assert len(was) > 20
    assert again == was
    assert kept(tmp_path / "again", "real") == set()
    assert told == sorted(told)
    assert len(set(told)) > 10


def test_a_time_without_observations_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Nothing was observed"):
        replay(
            request(folder, tmp_path / "no", START + 5 * DAY, START + 5 * DAY + HOUR),
            lambda: 0,
            Flag(),
            lambda *_: None,
        )


def test_a_folder_that_is_not_empty_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(OutputError, match="not empty"):
        replay(request(folder, tmp_path), lambda: 0, Flag(), lambda *_: None)
