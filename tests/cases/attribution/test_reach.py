"""Possible ways: bounds that hold, land that is in the way, and what is said where there is none."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from watchkeeper.cases.attribution.area import possible_area
from watchkeeper.cases.attribution.case import M_PER_MS
from watchkeeper.cases.attribution.reach import (
    Fix,
    Impossible,
    Possible,
    Silent,
    Water,
    possible_from_one_end,
    possible_way,
)
from watchkeeper.cases.attribution.stretch import Line, stretch_of
from watchkeeper.layers.segments import of_geometry
from watchkeeper.model.time import HOUR

WGS84 = Geod(ellps="WGS84")
LAT, LON = 57.0, 18.0
ALWAYS = (-(10 * HOUR), 100 * HOUR)


def at(north_m: float, east_m: float, lat: float = LAT, lon: float = LON) -> tuple[float, float]:
    x, y, _ = WGS84.fwd(lon, lat, np.degrees(np.arctan2(east_m, north_m)), np.hypot(north_m, east_m))
    return y, x


def water(is_land=None, lat: float = LAT, lon: float = LON) -> Water:
    """Around a cable of 20 km from north to south through the middle."""
    (lat1, lon1), (lat2, lon2) = at(-10_000.0, 0.0, lat, lon), at(10_000.0, 0.0, lat, lon)
    cable = of_geometry(shapely.LineString([(lon1, lat1), (lon, lat), (lon2, lat2)]), 0)
    return Water(stretch_of(Line(*cable[:4]), None), is_land)


def fix(hours: float, north_m: float, east_m: float, lat: float = LAT, lon: float = LON) -> Fix:
    return Fix(int(hours * HOUR), *at(north_m, east_m, lat, lon))


def ask(before: Fix, after: Fix, kn: float, window=ALWAYS, sea: Water | None = None):
    return possible_way(Silent(sea or water(), before, after, kn * M_PER_MS), window)


@pytest.mark.parametrize(("lat", "lon"), [(57.0, 18.0), (-17.0, 180.0), (89.95, 40.0)])
def test_straight_across_at_one_speed_is_known_to_the_minute(lat, lon):
    # 20 nmi in 2 h, straight across the middle: at a top speed of 10 kn there is one way only.
    half = 10 * 1852.0
    way = ask(fix(0, 0, -half, lat, lon), fix(2, 0, half, lat, lon), 10.0, sea=water(None, lat, lon))
    assert isinstance(way, Possible)
    assert way.likeliest == pytest.approx(HOUR, abs=HOUR / 50)
    assert way.latest - way.earliest < HOUR / 4
    assert way.directness == pytest.approx(1.0, abs=0.01)
    assert not way.round_land
    assert WGS84.inv(lon, lat, way.lon, way.lat)[2] < 1_500.0


def test_a_greater_top_speed_widens_the_interval_by_what_it_leaves():
    half = 10 * 1852.0
    before, after = fix(0, 0, -half), fix(2, 0, half)
    way = ask(before, after, 20.0)
    assert way.earliest == pytest.approx(0.5 * HOUR, abs=HOUR / 50)
    assert way.latest == pytest.approx(1.5 * HOUR, abs=HOUR / 50)


def test_a_ship_in_port_could_have_gone_out_and_back_but_that_is_no_direct_way():
    lying = fix(0, 0, -10_000.0), fix(6, 0, -10_050.0)
    assert ask(*lying, 12.0).directness < 0.02


def test_too_far_says_the_speed_it_would_have_taken():
    way = ask(fix(0, 0, -40 * 1852.0), fix(1, 5_000.0, -40 * 1852.0), 15.0)
    assert isinstance(way, Impossible)
    assert way.why == "speed"
    assert way.needed_kn == pytest.approx(80.0, rel=0.02)


def test_possible_at_other_times_only():
    half = 10 * 1852.0
    way = ask(fix(0, 0, -half), fix(2, 0, half), 10.5, window=(int(1.6 * HOUR), 2 * HOUR))
    assert isinstance(way, Impossible)
    assert way.why == "window"


def test_a_clipped_window_needs_an_uneven_speed_and_says_so():
    half = 10 * 1852.0
    way = ask(fix(0, 0, -half), fix(2, 0, half), 20.0, window=(0, int(0.55 * HOUR)))
    assert way.evenness == pytest.approx(0.55, abs=0.03)
    assert way.earliest <= way.likeliest <= way.latest <= 0.55 * HOUR


def wall(lat, lon):
    """Land from 5 to 13 km west of the cable, 60 km to the north and south."""
    courses, _, metres = WGS84.inv(np.full(len(lat), LON), np.full(len(lat), LAT), lon, lat)
    east, north = metres * np.sin(np.radians(courses)), metres * np.cos(np.radians(courses))
    return (east > -13_000.0) & (east < -5_000.0) & (np.abs(north) < 60_000.0)


def test_land_in_between_forbids_what_the_straight_line_allows():
    before, after = fix(0, 0, -17_000.0), fix(2, 500.0, -17_000.0)
    assert isinstance(ask(before, after, 20.0), Possible)
    blocked = ask(before, after, 20.0, sea=water(wall))
    assert isinstance(blocked, Impossible)
    assert blocked.why == "land"
    # With time enough the ship goes round: 60 km out, and as much back.
    round_it = ask(before, fix(12, 500.0, -17_000.0), 14.0, sea=water(wall))
    assert isinstance(round_it, Possible)
    assert round_it.round_land
    assert 200_000.0 < round_it.way_m < 260_000.0


def test_one_end_gives_the_soonest_and_no_end():
    way = possible_from_one_end(water(), fix(0, 0, -10 * 1852.0), 12 * HOUR, 10 * M_PER_MS, (0, 6 * HOUR))
    assert isinstance(way, Possible)
    assert way.earliest == pytest.approx(HOUR, abs=HOUR / 50)
    assert way.latest == 6 * HOUR
    back = possible_from_one_end(water(), fix(6, 0, -10 * 1852.0), 0, 10 * M_PER_MS, (0, 6 * HOUR))
    assert back.earliest == 0
    assert back.latest == pytest.approx(5 * HOUR, abs=HOUR / 50)


@settings(max_examples=40, deadline=None)
@given(
    north=st.floats(-9_000.0, 9_000.0),
    west=st.floats(3_000.0, 40_000.0),
    east=st.floats(3_000.0, 40_000.0),
    bend=st.floats(-15_000.0, 15_000.0),
    kn=st.floats(6.0, 20.0),
    share=st.floats(0.05, 0.95),
)
def test_whoever_really_crossed_is_never_left_out(north, west, east, bend, kn, share):
    """A ship that sails two legs over the cable at any speeds up to its top is possible at its true time."""
    first = np.hypot(west, bend) / (kn * 1852.0) * HOUR
    second = np.hypot(east, bend) / (kn * share * 1852.0) * HOUR
    before, after = fix(0, north + bend, -west), fix((first + second) / HOUR, north + bend, east)
    way = ask(before, after, kn, sea=water(wall_elsewhere))
    assert isinstance(way, Possible)
    slack = 60_000.0
    assert way.earliest - slack <= first <= way.latest + slack
    area = shapely.geometry.shape(possible_area(Silent(water(), before, after, kn * M_PER_MS)))
    crossing = shapely.Point(*at(north, 0.0)[::-1])
    assert area.distance(crossing) < 0.05


def wall_elsewhere(lat, lon):
    """Some land far from the ways, so that the grid is used."""
    return (lat > 57.9) & (lat < 58.0)


def test_the_area_is_cut_at_the_antimeridian_and_null_at_a_pole():
    half = 10 * 1852.0
    at_180 = [fix(h, 0, side * half, -17.0, 180.0) for h, side in ((0, -1), (2, 1))]
    area = shapely.geometry.shape(possible_area(Silent(water(None, -17.0, 180.0), *at_180, 12 * M_PER_MS)))
    assert area.is_valid
    west, _, east, _ = area.bounds
    assert west >= -180.0
    assert east <= 180.0
    assert area.geom_type == "MultiPolygon"
    polar = [fix(h, 0, side * half, 89.95, 0.0) for h, side in ((0, -1), (2, 1))]
    assert possible_area(Silent(water(None, 89.95, 0.0), *polar, 12 * M_PER_MS)) is None
