"""From a scan's folder to a report."""

from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from console.made_up import WORDS, report
from watchkeeper.console.load import load_report
from watchkeeper.console.report import Report
from watchkeeper.errors import InputError


def write_scan(folder: Path, given: Report) -> None:
    """What a scan writes, its tracks in time order over all ships, with a ship that has no alert."""
    folder.joinpath("run.json").write_bytes(msgspec.json.encode(given.run))
    for name, lines in (("alerts", given.alerts), ("findings", given.findings)):
        folder.joinpath(f"{name}.ndjson").write_bytes(
            b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        )
    features = [
        {
            "type": "Feature",
            "id": a.id,
            "geometry": a.geometry,
            "properties": {"name": a.name, "kind": a.kind, "buffer_m": 9},
        }
        for a in given.assets
    ]
    folder.joinpath("assets.geojson").write_bytes(
        msgspec.json.encode({"type": "FeatureCollection", "features": features})
    )
    hulls = [(mmsi, k, h) for mmsi, hulls in given.tracks.items() for k, h in enumerate(hulls)]
    hulls.append((999, 0, hulls[0][2]))
    columns = {
        "mmsi": np.concatenate([np.full(len(h), mmsi, np.int32) for mmsi, _, h in hulls]),
        "track": np.concatenate([np.full(len(h), k, np.int8) for _, k, h in hulls]),
        "t": np.concatenate([h.t for _, _, h in hulls]).astype("datetime64[ms]"),
        **{
            name: np.concatenate([getattr(h, name) for _, _, h in hulls]) for name in ("lat", "lon", "sog_kn")
        },
    }
    table = pa.table(columns)
    pq.write_table(table.sort_by("t"), folder / "tracks.parquet")


def test_a_scans_folder_becomes_its_report(tmp_path: Path) -> None:
    given = report(3)
    two_hulls = list(given.tracks)[1]
    given.tracks[two_hulls] = [given.tracks[two_hulls][0], given.tracks[two_hulls][0].take(np.arange(100))]
    write_scan(tmp_path, given)
    loaded = load_report(tmp_path, title="A day", behaviours={"ais-gap": WORDS})
    assert loaded.alerts == given.alerts
    assert loaded.findings == given.findings
    assert loaded.assets[0].geometry == given.assets[0].geometry
    assert "sea everywhere" in loaded.notices[0]
    assert set(loaded.tracks) == set(given.tracks)
    for mmsi, hulls in given.tracks.items():
        assert len(loaded.tracks[mmsi]) == len(hulls)
        for mine, theirs in zip(loaded.tracks[mmsi], hulls, strict=True):
            np.testing.assert_array_equal(mine.t, theirs.t)
            np.testing.assert_array_equal(mine.lon, theirs.lon)


def test_areas_of_interference_are_read_where_a_scan_found_any(tmp_path: Path) -> None:
    write_scan(tmp_path, report(1))
    assert load_report(tmp_path, title="", behaviours={}).interference == []
    area = {"name": "gnss-interference 1", "start": "2026-03-01T04:00:00Z", "end": None, "ships": 5}
    square = {"type": "Polygon", "coordinates": [[[19, 57], [20, 57], [20, 58], [19, 57]]]}
    feature = {"type": "Feature", "properties": area | {"behaviour": "gnss-interference"}, "geometry": square}
    tmp_path.joinpath("interference.geojson").write_bytes(
        msgspec.json.encode({"type": "FeatureCollection", "features": [feature]})
    )
    (loaded,) = load_report(tmp_path, title="", behaviours={}).interference
    assert (loaded.ships, loaded.end, loaded.geometry) == (5, None, square)


def test_a_missing_and_a_broken_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"alerts\.ndjson cannot be read"):
        load_report(tmp_path, title="", behaviours={})
    write_scan(tmp_path, report(1))
    tmp_path.joinpath("findings.ndjson").write_text('{"id": 3}\n')
    with pytest.raises(InputError, match=r"findings\.ndjson is not what a scan writes"):
        load_report(tmp_path, title="", behaviours={})
