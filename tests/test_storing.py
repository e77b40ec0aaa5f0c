"""A scan put into a store: asked the same questions, the store answers as the scan's folder does."""

from pathlib import Path

import msgspec
import pytest

from watchkeeper.attribute import Request, attribute
from watchkeeper.config import load_settings
from watchkeeper.errors import InputError, StateError
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_dma, write_layers
from watchkeeper.model.event import Draft, Query
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import HOUR, from_iso
from watchkeeper.projectors import projectors
from watchkeeper.scan import ScanRequest, scan
from watchkeeper.scanned import Scanned, open_data
from watchkeeper.store.folder import Store
from watchkeeper.storing import BEGUN, CHECKPOINTS

NOW = from_iso("2026-11-01")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("storing")
    day = simulate(SimulationSpec(seed=5, rows=60_000, hours=10.0, cases_per_behaviour=1))
    write_dma(day, folder / "day.csv")
    write_layers(day, folder / "assets.geojson")
    run(folder, "out", folder / "store")
    return folder


def run(folder: Path, out: str, store: Path, csv: str = "day.csv") -> None:
    request = ScanRequest(
        inputs=(str(folder / csv),), out=folder / out, settings=load_settings(None, {}, ()), now=NOW,
        layers=(folder / "assets.geojson",), report=False, simulated=True, store=store,
    )  # fmt: skip
    scan(request, lambda _: None)


def test_every_finding_is_in_the_log(folder: Path) -> None:
    theirs = [
        msgspec.json.decode(line) for line in (folder / "out" / "findings.ndjson").read_bytes().splitlines()
    ]
    with Store.open(folder / "store", write=False, projectors=projectors()) as store:
        page = store.decisions.documents(Query(collection="findings", limit=1000))
        assert {d.id: d.body["finding"] for d in page.items} == {f["id"]: f for f in theirs}
        assert store.decisions.documents(Query(collection="alerts")).total > 0
        assert store.decisions.verify() == []
        assert store.lake.verify() == []


def test_attribution_gives_the_same_answer(folder: Path) -> None:
    asset = next(a for a in Scanned(folder / "out").assets if a.kind == "cable")
    start = from_iso("2025-03-01") + 3 * HOUR
    answers = [
        attribute(Request(folder / where, asset.id, start, start + 2 * HOUR)) for where in ("out", "store")
    ]
    told = [msgspec.to_builtins(one) for one in answers]
    for one in told:
        one["excluded"] = sorted(one["excluded"], key=lambda ship: ship["mmsi"])
    assert told[0] == told[1]
    assert open_data(folder / "store").simulated


def test_the_same_content_is_refused_a_second_time(folder: Path) -> None:
    with pytest.raises(StateError, match="already"):
        run(folder, "again", folder / "store")
    assert not (folder / "again").exists()


def test_what_a_killed_scan_left_is_taken_back(folder: Path, tmp_path: Path) -> None:
    Store.create(tmp_path / "store")
    with Store.open(tmp_path / "store", write=True, projectors=projectors()) as store:
        begun = {"inputs": ["x"], "content": "c" * 64, "epoch": 0, "simulated": False}
        store.decisions.append([Draft(kind=BEGUN, subject="x", at=NOW, actor="scan", body=begun)])
        half = Positions.empty()
        store.lake.append(1, "real", half, Statics.empty(), sources=["x"])
    run(folder, "whole", tmp_path / "store")
    with (
        Store.open(tmp_path / "store", write=False) as store,
        Store.open(folder / "store", write=False) as other,
    ):
        assert store.lake.info().rows == other.lake.info().rows


def test_a_store_of_a_watch_is_left_alone(folder: Path, tmp_path: Path) -> None:
    Store.create(tmp_path / "store")
    (tmp_path / "store" / CHECKPOINTS).mkdir()
    with pytest.raises(StateError, match="kept by a watch"):
        run(folder, "no", tmp_path / "store")


def test_standard_input_cannot_be_put_into_a_store(folder: Path, tmp_path: Path) -> None:
    request = ScanRequest(
        inputs=("-",), out=tmp_path / "out", settings=load_settings(None, {}, ()), now=NOW, store=tmp_path / "store"
    )  # fmt: skip
    with pytest.raises(InputError, match="Standard input"):
        scan(request, lambda _: None)
