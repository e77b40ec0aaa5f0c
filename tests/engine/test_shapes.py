"""Windows, circles, crossings, zones, courses, stops and late reports, as behaviours see them."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from fleets import EVENTFUL, Fleet, fleets, world
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from lawful import Duty, World, cut, whole
from making import T0, positions, statics
from pyproj import Geod
from shapely.geometry import LineString, Point, box

from watchkeeper.engine.context import RunContext
from watchkeeper.model.asset import Asset
from watchkeeper.model.behaviour import Found, Reference, SetAside, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.picture import Context
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import HOUR, MINUTE

GEOD = Geod(ellps="WGS84")
law = settings(max_examples=25, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate))
NOTHING = Statics.empty()
START_MIN = 60


def seen(one: World, look: Callable[..., Episodes], batches=None) -> Episodes:
    """What a behaviour that only looks detects."""

    def detect(fix) -> Episodes:
        """Looks: a test's own.

        Why it matters: it does not.
        Innocent causes: none.
        Next step: none.
        """
        return look(fix)

    looks = behaviour(id="looks", version=1, references=(Reference("none", "none", "none"),))(detect)
    looks.judge(lambda e, context: SetAside("only looked"))
    duty = Duty.begin(one, behaviours=[looks]).take(whole(one) if batches is None else batches)
    duty.engine.finish()
    assert duty.watches[0].failure is None
    return Episodes.concat(duty.watches[0].episodes)


def told(found: Episodes) -> list[str]:
    return sorted(str(e) for e in found)


def _windows(fix, **given) -> Episodes:
    return fix.windows(fix.sog_kn >= 3.0, at_least_s=0.0, bridge_s=600.0, **given)


@law
@given(fleet=fleets, minutes=st.sampled_from([5, 20, 60]), at=st.lists(st.floats(0, 1), max_size=4))
@example(fleet=EVENTFUL, minutes=20, at=[0.3, 0.31, 0.7])
def test_windows_are_cut_to_length_and_lose_nothing(fleet: Fleet, minutes: int, at: list[float]):
    one = world(fleet)

    def look(fix) -> Episodes:
        return _windows(fix, length_s=minutes * 60.0, circles=True, courses=True)

    found = seen(one, look)
    assert (found.end - found.start <= minutes * MINUTE).all()
    runs = seen(one, lambda fix: fix.runs(fix.sog_kn >= 3.0, at_least_s=0.0, bridge_s=600.0))
    assert found.n.sum() == runs.n.sum()
    assert told(seen(one, look, cut(one, at))) == told(found)


def test_a_ring_is_seen_as_a_circle_and_a_straight_way_is_none():
    minutes = np.arange(0, 121, 2)
    lon, lat, _ = GEOD.fwd(np.full(61, 179.999), np.full(61, -17.0), minutes * 9.0, np.full(61, 1_500.0))
    ring = World(positions(minutes * MINUTE, lat=lat, lon=lon), NOTHING)
    (e,) = seen(ring, lambda fix: _windows(fix, length_s=3 * 3600.0, circles=True))
    assert (e.circle_m, e.circle_off_m) == (pytest.approx(1_500, rel=0.01), pytest.approx(0, abs=8))
    assert e.circle_turns == pytest.approx(-3.0, rel=0.05)
    straight = World(positions(minutes * MINUTE, lat=10.0 + minutes / 400.0), NOTHING)
    (e,) = seen(straight, lambda fix: _windows(fix, length_s=3 * 3600.0, circles=True))
    assert not abs(e.circle_turns) >= 0.1
    (e,) = seen(ring, lambda fix: _windows(fix, length_s=3 * 3600.0))
    assert np.isnan(e.circle_m)


def test_courses_are_averaged_on_the_circle():
    given_ = positions(np.arange(10) * MINUTE, lat=57.0 + np.arange(10) / 400, cog=[350, 10] * 5)
    given_.heading_deg[:] = [355, 15] * 4 + [np.nan, np.nan]
    (e,) = seen(World(given_, NOTHING), lambda fix: _windows(fix, length_s=HOUR / 1000.0, courses=True))
    assert min(e.course_deg, 360 - e.course_deg) == pytest.approx(0.0, abs=1e-4)
    assert e.course_r == pytest.approx(np.cos(np.radians(10.0)), abs=1e-6)
    assert e.crab_deg == pytest.approx(5.0, abs=1e-4)


def line(*at: tuple[float, float], ident: str = "cable-1") -> Asset:
    places = [[(lon + 540.0) % 360.0 - 180.0, lat] for lat, lon in at]
    way = {"type": "LineString", "coordinates": places}
    return Asset(id=ident, name=ident, kind="cable", buffer_m=1852.0, geometry=way)


ways = st.lists(st.tuples(st.integers(-40, 40), st.integers(-40, 40)), min_size=2, max_size=14)


@law
@given(way=ways, middle=st.sampled_from([(57.0, 18.0), (-17.0, 180.0), (0.0, -180.0), (68.0, 179.9)]))
def test_crossings_are_where_a_map_shows_them(way: list[tuple[int, int]], middle: tuple[float, float]):
    """A zigzag over two lines, against shapely on a flat map of the few miles around."""
    lat0, lon0 = middle
    steps = np.array(way) * 0.001 + np.arange(len(way))[:, None] * 1e-5 + 3.7e-6
    lat, lon = lat0 + steps[:, 0], lon0 + steps[:, 1]
    upright = line((lat0 - 0.1, lon0 + 0.0051), (lat0 + 0.1, lon0 + 0.0049))
    level = line((lat0 + 0.0052, lon0 - 0.1), (lat0 + 0.0051, lon0 + 0.1), ident="cable-2")
    assets = (upright, level)
    reports = positions(np.arange(len(way)) * 10 * MINUTE, lat=lat, lon=(lon + 540.0) % 360.0 - 180.0)
    found = seen(World(reports, NOTHING, assets), lambda fix: fix.crossings(np.ones(len(fix.t), bool)))
    flat = [
        LineString([((x - lon0 + 540.0) % 360.0 - 180.0, y - lat0) for x, y in a.geometry["coordinates"]])
        for a in assets
    ]
    expected = []
    for k, (a, b) in enumerate(pairwise(steps)):
        leg = LineString([a[::-1], b[::-1]])
        for number, one in enumerate(flat):
            point = leg.intersection(one)
            if isinstance(point, Point) and not point.is_empty:
                expected.append((k, number))
    given_ = sorted((int((e.start - T0) // (10 * MINUTE)), e.asset) for e in found)
    assert given_ == sorted(expected)
    for e, (k, number) in zip(sorted(found, key=lambda e: (e.start, e.asset)), given_, strict=True):
        point = Point((e.lon - lon0 + 540.0) % 360.0 - 180.0, e.lat - lat0)
        assert LineString(steps[k : k + 2, ::-1]).distance(point) < 1e-5
        # The lines are arcs: over their fifth of a degree they bulge by metres on this map.
        assert flat[number].distance(point) < 2e-4
    for e in found:
        assert e.start <= e.low_t <= e.end
        assert e.last_row == e.first_row + 1
        assert -180.0 <= e.lon < 180.0


def test_a_crossing_is_timed_by_its_place_on_the_leg():
    reports = positions([0, 10 * MINUTE], lat=57.0, lon=[17.99, 18.03])
    one = World(reports, NOTHING, (line((56.9, 18.0), (57.1, 18.0)),))
    (e,) = seen(one, lambda fix: fix.crossings(np.ones(len(fix.t), bool)))
    assert e.low_t - T0 == pytest.approx(2.5 * MINUTE, abs=1000)
    assert e.sog_mean == pytest.approx(e.path_m / 600.0 * 3600 / 1852, rel=1e-6)
    assert len(seen(one, lambda fix: fix.crossings(np.zeros(len(fix.t), bool)))) == 0


@given(
    lat=st.lists(st.floats(-17.4, -16.6), min_size=1, max_size=12),
    east=st.lists(st.floats(-0.5, 0.5), min_size=12, max_size=12),
)
def test_zones_hold_the_reports_that_lie_in_them(lat: list[float], east: list[float]):
    halves = [((-0.2, 0.0), 180.0), ((0.0, 0.3), -180.0)]
    rings = [
        [[edge + e, y] for y, e in ((-17.2, w), (-16.8, w), (-16.8, o), (-17.2, o), (-17.2, w))]
        for (w, o), edge in halves
    ]
    cut_at_180 = {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}
    zone = Asset(id="z", name="Z", kind="zone", buffer_m=0.0, geometry=cut_at_180)
    east = east[: len(lat)]
    lon = (np.array(east) + 180.0 + 540.0) % 360.0 - 180.0
    reports = positions(np.arange(len(lat)) * HOUR, lat=lat, lon=lon)
    marks: dict[int, int] = {}

    def look(fix) -> Episodes:
        marks.update(zip(fix.row.tolist(), fix.zone.tolist(), strict=True))
        return Episodes.empty()

    seen(World(reports, NOTHING, (zone,)), look)
    shape = box(-0.2, -17.2, 0.3, -16.8)
    # By row: what lies too far from the report before is another track's.
    for number, y, x in zip((marks[row] for row in reports.row.tolist()), lat, east, strict=True):
        point = Point(x, y)
        # What lies on the cut itself is on the edge of both halves.
        if shape.exterior.distance(point) > 1e-3 and abs(x) > 1e-6:
            assert (number == 0) == shape.contains(point)


def context_of(one: World, batches=None) -> RunContext:
    """The picture that a judge would see."""
    pictures: list[Context] = []

    def detect(fleet) -> Episodes:
        """Looks: a test's own.

        Why it matters: it does not.
        Innocent causes: none.
        Next step: none.
        """
        return Episodes.build(1, vessel=[0], start=[T0], end=[T0], first_row=[1])

    looks = behaviour(
        id="looks", version=1, references=(Reference("none", "none", "none"),), observes="vessels"
    )(detect)

    def judge(e: Episode, context: Context) -> SetAside | Found:
        pictures.append(context)
        return SetAside("only looked")

    looks.judge(judge)
    Duty.begin(one, behaviours=[looks]).take(whole(one) if batches is None else batches).outcomes(one)
    assert isinstance(pictures[0], RunContext)
    return pictures[0]


def test_stops_are_where_a_ship_lay_for_an_hour_in_order_of_time():
    minutes = np.arange(0, 400, 2)
    lying = ((minutes >= 60) & (minutes <= 180)) | ((minutes >= 240) & (minutes <= 290)) | (minutes >= 320)
    along = np.cumsum(np.where(lying, 0.0, 0.003))
    reports = positions(minutes * MINUTE, lat=57.0 + along, sog=np.where(lying, 0.1, 5.0))
    stops = context_of(World(reports, NOTHING)).stops(0)
    assert [((s.start - T0) // MINUTE, (s.end - T0) // MINUTE) for s in stops] == [(60, 180), (320, 398)]
    assert stops[0].lat == pytest.approx(57.0 + 0.003 * 30, abs=1e-9)
    assert context_of(World(reports, NOTHING)).stops(1) == []


def test_late_reports_count_as_heard_and_are_used_for_nothing_else():
    on_time = np.concatenate([np.arange(0, 60, 2), np.arange(240, 420, 2)])
    late = np.array([120, 130, 140])
    first = positions(on_time * MINUTE, lat=57.0 + on_time / 1000.0)
    after = positions(late * MINUTE, lat=57.0 + late / 1000.0, row=np.arange(1000, 1003))
    one = World(Positions.concat([first, after]), statics([0]))
    batches = [(first, statics([0])), (after, NOTHING)]
    gap = T0 + 62 * MINUTE, T0 + 238 * MINUTE
    assert not context_of(one, batches[:1]).heard(0, *gap)
    assert context_of(one, batches).heard(0, *gap)

    def legs(fix) -> Episodes:
        return fix.pairs(fix.leg_s > 3600.0)

    (e,) = seen(one, legs, batches)
    assert (e.end - e.start) // MINUTE == 182
