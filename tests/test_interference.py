"""Areas of interference: they hold what they are drawn around, also where east meets west."""

import pytest
from shapely.geometry import Point, shape

from watchkeeper.interference import interference_features
from watchkeeper.model.finding import Finding, Measured


def finding(
    number: int, lat: float, lon: float, *, extent: float = 1.0, event: str = "a", **given
) -> Finding:
    return Finding(
        id=f"id-{number}", behaviour="gnss-interference", version=1, mmsi=219_000_000 + number,
        start=f"2025-03-01T01:0{number}:00Z", end=given.pop("end", f"2025-03-01T02:0{number}:00Z"), lat=lat, lon=lon,
        measured=(
            Measured("event", event, ""), Measured("latitude shown, mean", 60.0, "deg"),
            Measured("longitude shown, mean", 30.0 + 0.01 * number, "deg"),
            Measured("extent of the places shown", extent, "km", "<=" if extent <= 20 else ">", 20.0),
        ),
        evidence=(), confidence="high", confidence_reason="", realm="exercise:test", summary="", **given,
    )  # fmt: skip


def test_an_event_has_the_area_left_and_the_area_shown():
    were, shown = interference_features([finding(k, 57.0 + 0.1 * k, 18.0 + 0.1 * (k % 2)) for k in range(4)])
    assert were["properties"] == {
        "name": "gnss-interference 1: where ships were", "behaviour": "gnss-interference",
        "start": "2025-03-01T01:00:00Z", "end": "2025-03-01T02:03:00Z", "ships": 4,
        "mmsi": [219_000_000 + k for k in range(4)], "findings": [f"id-{k}" for k in range(4)],
    }  # fmt: skip
    area = shape(were["geometry"])
    assert all(area.contains(Point(18.0 + 0.1 * (k % 2), 57.0 + 0.1 * k)) for k in range(4))
    assert not area.contains(Point(18.0, 57.5))
    assert shape(shown["geometry"]).contains(Point(30.02, 60.0))


def test_scattered_places_make_no_area_and_an_open_event_has_no_end():
    (were,) = interference_features([finding(k, 57.0, 18.0, extent=90.0, end=None) for k in range(4)])
    assert were["properties"]["end"] is None


@pytest.mark.parametrize("middle", [180.0, -180.0, 179.99])
def test_an_area_over_180_degrees_is_cut_there(middle: float):
    lons = [(middle + 0.02 * (k - 1.5) + 540.0) % 360.0 - 180.0 for k in range(4)]
    were, _ = interference_features([finding(k, -17.0, lon) for k, lon in enumerate(lons)])
    area = shape(were["geometry"])
    assert area.geom_type == "MultiPolygon"
    west, _, east, _ = area.bounds
    assert (west, east) == (-180.0, 180.0)
    assert area.area < 0.1
    assert all(area.covers(Point(lon, -17.0)) for lon in lons)


def test_events_are_numbered_in_order_and_other_findings_are_left_out():
    mixed = [finding(1, 57.0, 18.0, event="b"), finding(0, 50.0, 1.0, event="a")]
    names = [f["properties"]["name"] for f in interference_features(mixed)]
    assert names[0].startswith("gnss-interference 1")
    assert interference_features(mixed)[0]["properties"]["mmsi"] == [219_000_000]
    assert interference_features([]) == []
