"""Whole scans of real files: counts agree with what was counted by hand, labels are found."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from watchkeeper.config import load_settings
from watchkeeper.model.time import MINUTE, from_iso
from watchkeeper.scan import ScanRequest, ScanResult, scan

NOW = from_iso("2026-11-01")


def scanned(path: Path, out: Path, **more: Any) -> ScanResult:
    settings = load_settings(None, {}, ())
    request = ScanRequest(inputs=(str(path),), out=out, settings=settings, now=NOW, report=False, **more)
    return scan(request, lambda _: None)


def behaviours(result: ScanResult) -> set[str]:
    return {finding.behaviour for finding in result.findings}


def test_danish_day(sample_data: Path, tmp_path: Path) -> None:
    run = scanned(sample_data / "ais/dma_csv/aisdk_2026-04-26_first20k.csv.gz", tmp_path / "out").run
    assert run["rows"]["read"] == 19_999
    assert run["rows"]["read"] - run["duplicates"]["exact"] == 11_976
    assert run["noticed"]["lat_lon_not_available"] == 750
    assert run["senders"] == 2_005
    assert run["rows_add_up"]


def test_danish_receivers(sample_data: Path, tmp_path: Path) -> None:
    run = scanned(sample_data / "ais/nmea/dma_2013-11-12_gatehouse_tagblock.nmea.gz", tmp_path / "out").run
    assert run["rows"]["read"] == 26_077
    assert run["senders"] == 1_508
    assert run["rows_add_up"]


def test_a_ship_known_to_drift(sample_data: Path, tmp_path: Path) -> None:
    result = scanned(sample_data / "labels/538004030_drift_1.ais.gz", tmp_path / "out")
    (drifting,) = [f for f in result.findings if f.behaviour == "drifting"]
    labelled = from_iso("2014-09-28T16:50:04.556Z")
    assert abs(from_iso(drifting.start) - labelled) <= 15 * MINUTE
    assert drifting.mmsi == 538004030
    assert all(e.raw and e.raw.startswith(("!AIVDM", "!BSVDM", "\\")) for e in drifting.evidence)


def test_an_absurd_speed_is_no_manoeuvre(sample_data: Path, tmp_path: Path) -> None:
    result = scanned(sample_data / "labels/219165000_ssc_1.ais", tmp_path / "out")
    assert behaviours(result) == {"impossible-value"}


@pytest.mark.parametrize(
    "name",
    [
        "ais/dma_csv/aisdk_20180208_tiny.csv",
        "ais/noaa_csv/marinecadastre_2023-01-11_1000.csv",
        "ais/nmea/amsa_abvdm_mixed.nmea.gz",
        "ais/nmea/gpsd_sample.aivdm",
        "ais/other_csv/SolentAIS_20160112_130211.csv.gz",
        "ais/digitraffic/baltic_snapshot_2025-12-11T2044Z.json.gz",
        "ais/digitraffic/native_locations_a.json.gz",
    ],
)
def test_every_format_is_read_and_adds_up(sample_data: Path, tmp_path: Path, name: str) -> None:
    result = scanned(sample_data / name, tmp_path / "out")
    assert result.run["rows"]["kept"] > 0
    assert result.run["rows_add_up"]
    assert {b["status"] for b in result.run["behaviours"].values()} == {"ran"}
    written = msgspec.json.decode((tmp_path / "out" / "run.json").read_bytes())
    assert written["rows"] == result.run["rows"]


def test_a_log_without_times_needs_start_and_rate(sample_data: Path, tmp_path: Path) -> None:
    log = sample_data / "ais/nmea/pyais_nmea_data_sample.txt"
    result = scanned(log, tmp_path / "out", start=from_iso("2020-01-01"), rate=10.0)
    assert result.run["start"].startswith("2020-01-01T00:00")
    assert result.run["rows"]["kept"] > 0
