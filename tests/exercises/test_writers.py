"""What is written can be read back, by other people's readers, as what was simulated."""

import csv
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyais
import pytest

from watchkeeper.errors import OutputError
from watchkeeper.exercises.csv_out import STATUSES
from watchkeeper.exercises.ships import Station
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import Simulation, SimulationSpec
from watchkeeper.exercises.truth import load_truth
from watchkeeper.exercises.writers import (
    write_dma,
    write_layers,
    write_list,
    write_nmea,
    write_noaa,
    write_truth,
)
from watchkeeper.model.time import from_iso


@pytest.fixture(scope="module", params=["baltic", "antimeridian"])
def small(request: pytest.FixtureRequest) -> Simulation:
    return simulate(
        SimulationSpec(
            seed=2,
            region=request.param,
            rows=6_000,
            hours=8,
            cases_per_behaviour=1,
            behaviours=("loitering", "listed-vessel"),
        )
    )


def numbers(texts: list[str]) -> np.ndarray:
    return np.array([float(x) if x else np.nan for x in texts])


def test_danish_layout(small: Simulation, tmp_path: Path) -> None:
    write_dma(small, tmp_path / "day.csv")
    with (tmp_path / "day.csv").open(newline="") as file:
        header, *rows = list(csv.reader(file))
    r = small.reports
    assert len(header) == 26
    assert len(rows) == len(r)
    assert {len(row) for row in rows} == {26}
    columns = list(zip(*rows, strict=True))
    assert [int(x) for x in columns[2]] == r.mmsi.tolist()
    np.testing.assert_allclose(numbers(columns[3]), r.lat, atol=6e-7)
    np.testing.assert_allclose(numbers(columns[4]), r.lon, atol=6e-7)
    np.testing.assert_allclose(numbers(columns[7]), r.sog_kn, atol=0.051)
    np.testing.assert_allclose(numbers(columns[8]), r.cog_deg, atol=0.051)
    np.testing.assert_array_equal(numbers(columns[9]), r.heading_deg)
    assert [STATUSES.index(x) for x in columns[5]] == r.nav_status.tolist()
    times = [from_iso(f"{x[6:10]}-{x[3:5]}-{x[:2]}T{x[11:]}") for x in columns[0]]
    assert times == r.t.tolist()
    named = np.flatnonzero(r.static >= 0)[::50]
    for row in named:
        assert columns[12][row] == small.identities[r.static[row]].name
        assert columns[10][row] == (str(small.identities[r.static[row]].imo or "Unknown"))
    assert set(columns[1]) >= {"Class A", "Class B", "Base Station", "AtoN"}


def test_marinecadastre_layout(small: Simulation, tmp_path: Path) -> None:
    write_noaa(small, tmp_path / "noaa.csv")
    r = small.reports
    kept = (small.stations[r.ship] <= Station.CLASS_B) & (r.lat <= 90)
    with (tmp_path / "noaa.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == kept.sum()
    np.testing.assert_allclose([float(x["LAT"]) for x in rows], r.lat[kept], atol=6e-6)
    np.testing.assert_allclose(
        [float(x["SOG"]) for x in rows], np.nan_to_num(r.sog_kn[kept], nan=102.3), atol=0.06
    )
    assert [from_iso(x["BaseDateTime"]) for x in rows] == r.t[kept].tolist()
    assert {x["TransceiverClass"] for x in rows} == {"A", "B"}


def test_nmea_is_read_back_by_pyais(small: Simulation, tmp_path: Path) -> None:
    write_nmea(small, tmp_path / "day.nmea")
    r = small.reports
    lines = (tmp_path / "day.nmea").read_bytes().splitlines()
    row, statics, waiting = 0, 0, []
    for line in lines:
        assert len(line.split(b"\\")[2]) <= 80
        waiting.append(line)
        message = pyais.NMEAMessage(line.split(b"\\")[2])
        assert message.is_valid
        if message.frag_num < message.frag_cnt:
            continue
        decoded = pyais.decode(*(part.split(b"\\")[2] for part in waiting)).asdict()
        waiting = []
        assert line.startswith(b"\\s:simulated,c:")
        if decoded["msg_type"] in (5, 24):
            statics += 1
            if decoded["msg_type"] == 5:
                one = next(
                    i for i in small.identities if i.imo == decoded["imo"] and i.name == decoded["shipname"]
                )
                assert (one.callsign, one.ship_type) == (decoded["callsign"], decoded["ship_type"])
                assert one.length_m == decoded["to_bow"] + decoded["to_stern"]
                assert one.draught_m == pytest.approx(decoded["draught"])
                assert one.destination == decoded["destination"]
            continue
        kind = small.stations[r.ship[row]]
        assert decoded["msg_type"] == {0: 1, 1: 18, 2: 4, 3: 21, 4: 9, 5: 1, 6: 1}[int(kind)]
        assert int(line[15:25]) * 1000 == r.t[row]
        assert decoded["mmsi"] == r.mmsi[row]
        assert decoded["lat"] == pytest.approx(r.lat[row], abs=2e-6)
        assert decoded["lon"] == pytest.approx(r.lon[row] if r.lat[row] < 91 else 181.0, abs=2e-6)
        if decoded["msg_type"] in (1, 18):
            assert decoded["speed"] == pytest.approx(np.nan_to_num(r.sog_kn[row], nan=102.3), abs=0.06)
            assert decoded["course"] == pytest.approx(np.nan_to_num(r.cog_deg[row], nan=360.0), abs=0.06)
            assert decoded["heading"] == np.nan_to_num(r.heading_deg[row], nan=511)
        row += 1
    assert row == len(r)
    assert statics > 500


def test_side_files(small: Simulation, tmp_path: Path) -> None:
    write_truth(small, tmp_path / "truth.ndjson")
    assert list(load_truth(tmp_path / "truth.ndjson")) == small.truth
    write_list(small, tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(small.listed) > 0
    write_layers(small, tmp_path / "layers.geojson")
    features = json.loads((tmp_path / "layers.geojson").read_text())["features"]
    assert len(features) == len(small.assets)
    kinds = {f["properties"]["kind"] for f in features}
    assert kinds >= {"cable", "pipeline", "power-line", "port", "anchorage"}
    assert all(f["properties"]["source"] == "simulated" for f in features)
    for feature in features:
        assert within_world(feature["geometry"]["coordinates"])


def within_world(coordinates: list) -> bool:
    """Degrees in range, and no line that jumps across the antimeridian (RFC 7946, 3.1.9)."""
    if isinstance(coordinates[0], float):
        return -180 <= coordinates[0] <= 180 and -90 <= coordinates[1] <= 90
    if isinstance(coordinates[0][0], float):
        return all(abs(a[0] - b[0]) < 180 for a, b in pairwise(coordinates))
    return all(within_world(part) for part in coordinates)


def test_a_file_that_cannot_be_written_leaves_nothing(small: Simulation, tmp_path: Path) -> None:
    (tmp_path / "day.csv").mkdir()
    with pytest.raises(OutputError):
        write_dma(small, tmp_path / "day.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["day.csv"]
