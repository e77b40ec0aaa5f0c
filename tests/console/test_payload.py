"""The data inside the page: complete, small, and opening where the ships are."""

import base64
import gzip
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.made_up import finding, report, track
from watchkeeper.console.payload import EVIDENCE_SHOWN, RAW_SHOWN, bounds, pack
from watchkeeper.console.report import Report
from watchkeeper.console.tracks import Track


def unpack(data: bytes) -> dict[str, Any]:
    return msgspec.json.decode(gzip.decompress(base64.b64decode(data)), type=dict[str, Any])


def test_everything_of_the_alerted_ships_is_there() -> None:
    given_report = report(5)
    page = unpack(pack(given_report, 1000, 300_000))
    assert [a["mmsi"] for a in page["alerts"]] == [a["mmsi"] for a in given_report.alerts]
    assert {f["id"] for f in page["findings"]} == {f.id for f in given_report.findings}
    assert set(page["tracks"]) == {str(mmsi) for mmsi in given_report.tracks}
    assert page["findings"][0]["evidence"][0]["raw"] == given_report.findings[0].evidence[0].raw


def test_the_same_report_packs_to_the_same_bytes() -> None:
    assert pack(report(3), 10, 1000) == pack(report(3), 10, 1000)


def test_ships_left_out_are_said() -> None:
    page = unpack(pack(report(5), 2, 1000))
    assert len(page["alerts"]) == 2
    assert len(page["tracks"]) == 2
    assert "2 of 5" in page["notices"][0]


def test_long_evidence_is_cut_and_its_number_said() -> None:
    path = track(0)
    row = finding("ais-gap", 1, "A", path, 0).evidence[0]
    many = finding("ais-gap", 1, "A", path, 0, evidence=(msgspec.structs.replace(row, raw="x" * 9999),) * 500)
    one = report(1)
    one.findings, one.alerts[0]["finding_ids"] = [many], [many.id]
    (shown,) = unpack(pack(one, 10, 1000))["findings"]
    assert shown["evidence_rows"] == 500
    assert len(shown["evidence"]) == EVIDENCE_SHOWN
    assert len(shown["evidence"][0]["raw"]) == RAW_SHOWN


def at(lat: list[float], lon: list[float]) -> Report:
    n = len(lat)
    path = Track(np.arange(n) * 60_000, np.array(lat), np.array(lon), np.full(n, 9.0))
    return Report(title="", run={}, tracks={1: [path]})


@given(st.lists(st.floats(-8, 8), min_size=3, max_size=30), st.floats(-180, 180), st.floats(-60, 60))
def test_bounds_move_with_the_world(offsets: list[float], centre: float, north: float) -> None:
    lon = [(centre + o + 180) % 360 - 180 for o in offsets]
    west, south, east, top = bounds(at([north] * len(lon), lon))
    here = bounds(at([north] * len(lon), offsets))
    assert -180.2 <= west < 180
    assert east - west == pytest.approx(here[2] - here[0], abs=1e-6)
    assert (west - here[0] - centre + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)
    assert south < north < top


def test_one_false_position_does_not_fill_the_map() -> None:
    west, south, east, north = bounds(at([57.0] * 500 + [0.0], [*np.linspace(19, 20, 500).tolist(), -120.0]))
    assert (west, east) == pytest.approx((18.9, 20.1), abs=0.1)
    assert (south, north) == pytest.approx((56.9, 57.1), abs=0.01)


def test_without_ships_the_region_of_the_run_then_the_assets_then_the_world() -> None:
    empty = report(0)
    assert bounds(empty) == (16.0, 54.5, 23.0, 60.0)
    empty.run = {"bbox": [170, 50, -170, 60]}
    assert bounds(empty) == (170.0, 50.0, 190.0, 60.0)
    empty.run = {}
    assert bounds(empty)[0] == pytest.approx(18.2, abs=0.2)
    empty.assets = []
    assert bounds(empty)[0] == -180.0
