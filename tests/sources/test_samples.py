"""Real files: the counts of their description, and what is made of them."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import from_iso
from watchkeeper.sources.inputs import Input, open_inputs
from watchkeeper.sources.options import ReadOptions
from watchkeeper.sources.raw import read_rows

OPTIONS = ReadOptions(now=from_iso("2026-11-01"))


def read(path: Path) -> tuple[Input, Positions, Statics, Counter[str], Counter[str]]:
    source = open_inputs([str(path)], OPTIONS)[0]
    batches = list(source.batches())
    rows, noticed = Counter[str](), Counter[str]()
    for batch in batches:
        rows += batch.rows
        noticed += batch.noticed
        assert batch.quarantine == []
    assert sum(rows.values()) == 2 * rows["read"]
    positions = Positions.concat(b.positions for b in batches)
    return source, positions, Statics.concat(b.statics for b in batches), rows, noticed


def test_a_danish_day(sample_data: Path) -> None:
    source, positions, statics, rows, noticed = read(
        sample_data / "ais/dma_csv/aisdk_2026-04-26_first20k.csv.gz"
    )
    assert source.format == "Danish Maritime Authority CSV"
    assert rows["read"] == 19_999
    assert rows["read"] - rows["exact_duplicate"] == 11_976
    assert noticed["lat_lon_not_available"] == 750
    assert noticed["imo_not_available"] == 18_113
    assert noticed["sog_not_available"] == 2_251
    assert noticed["heading_not_available"] == 4_702
    assert noticed["nav_status_unknown"] == 3_799
    assert noticed["station_base_station"] == 1_270
    assert noticed["station_aton"] == 300
    assert len(positions) == rows["position"] + rows["position_and_static"] == 10_915
    line = int(positions.row[0])
    text = read_rows(source.path, [line])[line]
    assert f",{positions.mmsi[0]},{positions.lat[0]:.6f},{positions.lon[0]:.6f}," in text
    told = {int(m): n for m, n in zip(statics.mmsi, statics.name, strict=True)}
    assert sum(name != b"" for name in told.values()) > 200


def test_mmsi_that_are_not_nine_digits(sample_data: Path) -> None:
    _, _, _, _, noticed = read(sample_data / "ais/dma_csv/aisdk_2026-04-26_first20k.csv.gz")
    # 1,343 rows do not have nine digits; four malformed ones do.
    assert noticed["mmsi_coast_station"] + noticed["mmsi_group"] + noticed["mmsi_malformed"] == 1_343 + 4


def test_a_danish_file_of_2018_with_an_index_column(sample_data: Path) -> None:
    _, positions, _, rows, _ = read(sample_data / "ais/dma_csv/aisdk_20180208_tiny.csv")
    assert rows == {"read": 10, "position": 10}
    assert positions.t[0] == from_iso("2018-02-08")
    assert (positions.mmsi[0], positions.lat[0], positions.nav_status[1]) == (265177000, 57.602225, 1)


def test_an_american_day(sample_data: Path) -> None:
    _, positions, statics, rows, noticed = read(
        sample_data / "ais/noaa_csv/marinecadastre_2023-01-11_1000.csv"
    )
    assert rows["read"] == 1_000
    assert rows["not_a_ship"] == 2
    assert len(positions) == 998
    assert noticed["imo_not_available"] >= 558
    assert 9307839 in statics.imo
    assert b"MSC NAISHA III" in statics.name


def test_a_table_from_the_solent(sample_data: Path) -> None:
    source, positions, statics, rows, _ = read(sample_data / "ais/other_csv/SolentAIS_20160112_130211.csv.gz")
    assert source.format == "table (CSV or NDJSON)"
    assert rows["read"] == 18_623
    assert len(np.unique(positions.mmsi)) <= 91
    assert positions.t[0] == from_iso("2016-01-12T13:02:11.218")
    assert (positions.lat[0], positions.lon[0]) == (50.7730133333333, -1.092935)
    assert len(statics) == 0


@pytest.mark.parametrize("time", ["2044", "2055"])
def test_a_snapshot_of_the_baltic(sample_data: Path, time: str) -> None:
    _, positions, _, rows, noticed = read(
        sample_data / f"ais/digitraffic/baltic_snapshot_2025-12-11T{time}Z.json.gz"
    )
    assert rows["read"] == noticed["time_from_snapshot"] == 9_735
    assert len(np.unique(positions.t)) == 1


def test_finnish_locations(sample_data: Path) -> None:
    _, positions, _, rows, noticed = read(sample_data / "ais/digitraffic/native_locations_a.json.gz")
    assert rows["read"] == 1_138
    assert (
        rows["out_of_range"] == noticed["time_out_of_range"] == 11
    )  # years old; the others of 2024 and 2025
    assert len(positions) == 1_110
