"""A simulated day: repeatable, at sea, plausible, and true to its truth file."""

from collections import Counter

import numpy as np
import pytest
from pyproj import Geod

from watchkeeper.errors import UsageError
from watchkeeper.exercises.catalogue import all_injections
from watchkeeper.exercises.geo import distance_to_line_m, wrap_lon
from watchkeeper.exercises.ships import Registry, Station
from watchkeeper.exercises.simulate import packaged_land, simulate
from watchkeeper.exercises.simulation import Simulation, SimulationSpec
from watchkeeper.exercises.truth import TruthCase
from watchkeeper.exercises.world import World, build_world
from watchkeeper.layers.land import Land
from watchkeeper.model.imo import valid_imo
from watchkeeper.model.time import HOUR, MINUTE, from_iso

GEOD = Geod(ellps="WGS84")
NMI = 1852.0


def apart(lat1, lon1, lat2, lon2):
    return np.abs(GEOD.inv(lon1, lat1, lon2, lat2)[2])


class Track:
    """The distinct fixes of one MMSI, in order of time."""

    def __init__(self, sim: Simulation, mmsi: int) -> None:
        r = sim.reports
        rows = np.flatnonzero((r.mmsi == mmsi) & (r.lat <= 90.0))
        rows = rows[np.argsort(r.t[rows], kind="stable")]
        self.t, self.lat, self.lon = r.t[rows], r.lat[rows], r.lon[rows]
        self.sog, self.cog, self.heading = r.sog_kn[rows], r.cog_deg[rows], r.heading_deg[rows]
        self.static, self.ship, self.nav = r.static[rows], r.ship[rows], r.nav_status[rows]

    def between(self, start: int, end: int) -> np.ndarray:
        return (self.t >= start) & (self.t <= end)


def cases(sim: Simulation, behaviour: str, positive: bool = True) -> list[tuple[TruthCase, int, int]]:
    found = [
        (c, from_iso(c.start), from_iso(c.end))
        for c in sim.truth
        if c.behaviour == behaviour and c.positive is positive
    ]
    assert found
    return found


def world_of(sim: Simulation) -> World:
    return build_world(sim.spec.region, LAND)


LAND = Land.load()


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    spec = {"rows": 150_000, "cases_per_behaviour": 1, "hours": 12.0}
    first, again, other = (simulate(SimulationSpec(seed=s, **spec)) for s in (3, 3, 4))
    for name in ("t", "mmsi", "lat", "lon", "sog_kn", "static"):
        np.testing.assert_array_equal(getattr(first.reports, name), getattr(again.reports, name))
    assert first.truth == again.truth
    assert first.listed == again.listed
    assert first.identities == again.identities
    assert first.truth != other.truth


def test_rows_are_near_the_number_asked_for(day: Simulation) -> None:
    assert len(day.reports) == pytest.approx(day.spec.rows, rel=0.04)


SEVERAL = {
    "shared_ring": 3, "race": 4, "falls_back": 5, "odd_fixes": 5, "fixed_astern": 2, "wanders_over_line": 2,
}  # fmt: skip
"""Cases that a builder makes at once: one of each ship it needs, or a ship that is two behaviours' case."""


def test_every_behaviour_has_its_cases_and_look_alikes(day: Simulation) -> None:
    """Each builder is asked in turn and makes what it should; those of whole areas, what the sea has room for."""
    count = Counter((case.behaviour, case.positive) for case in day.truth)
    expected: Counter[str] = Counter()
    of_areas = set()
    for behaviour, declared in all_injections().items():
        for injection in declared:
            if injection.last:
                of_areas |= {build.__name__ for build in (*injection.shown, *injection.look_alikes)}
                continue
            for builders, positive in ((injection.shown, True), (injection.look_alikes, False)):
                for number in range(day.spec.seed, day.spec.seed + 4 * bool(builders)):
                    name = builders[number % len(builders)].__name__
                    expected[name] += SEVERAL.get(name, 1)
                assert not builders or count[behaviour, positive] >= 4
    assert Counter(case.kind for case in day.truth if case.kind not in of_areas) == expected
    assert {name.split(": ")[1] for name in day.no_room} <= of_areas
    assert count["zone-entry", True] > 0
    assert len({case.case for case in day.truth}) == len(day.truth)


def test_a_ship_is_in_the_cases_of_one_builder(day: Simulation) -> None:
    """In one case of a behaviour, that is. A zone is drawn round ships at sea, whatever else they do."""
    shown = [(m, c) for c in day.truth for m in (c.mmsi, c.other_mmsi) if m is not None and c.kind != "zone"]
    assert len({(m, c.kind) for m, c in shown}) == len({m for m, _ in shown})
    assert len({(m, c.behaviour) for m, c in shown}) == len(shown)
    disturbed = {m for c in day.truth if c.behaviour == "gnss-interference" for m in c.also}
    assert disturbed.isdisjoint(m for m, _ in shown)


SHOWN_ELSEWHERE = {"jumps", "bad_fixes", "odd_fixes", "far_ring", "one_place", "one_ring", "all_over"}
"""Builders of false positions so far off the track, any way, that they may be on land. Ships never are."""


def test_ships_sail_on_water(day: Simulation) -> None:
    """Every position of a ship under way, but the false ones of a case while it lasts."""
    r = day.reports
    sailing = (r.sog_kn > 2.0) & (day.stations[r.ship] <= Station.CLASS_B) & (r.lat <= 90.0)
    for case in day.truth:
        if case.kind in SHOWN_ELSEWHERE:
            lasts = (r.t >= from_iso(case.start) - 2_000) & (r.t <= from_iso(case.end) + 2_000)
            sailing &= ~(lasts & np.isin(r.mmsi, (case.mmsi, *case.also)))
    rows = np.flatnonzero(sailing)
    assert len(rows) > 50_000
    assert not LAND.is_land(r.lat[rows], r.lon[rows]).any()


def test_positions_are_inside_the_region_and_valid(day: Simulation) -> None:
    r = day.reports
    known = r.lat <= 90.0
    assert (np.abs(r.lat[known]) < 90.0).all()
    assert ((r.lon >= -180.0) & (r.lon < 180.0)).all()
    if day.spec.region == "antimeridian":
        assert (r.lon[known] > 175).any()
        assert (r.lon[known] < -175).any()
    if day.spec.region == "arctic":
        assert np.median(r.lat[known]) > 73.5


def test_times_lie_in_the_day_and_arrival_is_mostly_in_order(day: Simulation) -> None:
    r = day.reports
    start = day.spec.start_ms
    assert r.t.min() >= start
    assert r.t.max() < start + 24 * HOUR + 3_000
    late = np.maximum.accumulate(r.t) - r.t
    assert late.max() <= 10 * MINUTE + 4_000
    assert 0.0005 < (late > 20_000).mean() < 0.01


def test_dirt_is_there_and_goes_away_with_its_level(day: Simulation, clean_day: Simulation) -> None:
    r = day.reports
    keys = np.rec.fromarrays([r.t, r.mmsi, np.nan_to_num(r.lat), np.nan_to_num(r.sog_kn, nan=-1)])
    duplicates = 1.0 - len(np.unique(keys)) / len(keys)
    assert 0.05 < duplicates < 0.14
    assert 0.005 < (r.lat > 90).mean() < 0.03
    assert set(Station) == {Station(int(s)) for s in np.unique(day.stations[r.ship])}
    clean = clean_day.reports
    assert not (clean.lat > 90).any()
    assert not np.isnan(clean.sog_kn[clean_day.stations[clean.ship] == Station.CLASS_A]).mean() > 0.01
    assert (np.diff(clean.t) >= 0).all()


def test_identities_are_valid(day: Simulation) -> None:
    wrong = [i.imo for i in day.identities if i.imo and not valid_imo(i.imo)]
    assert len(wrong) <= sum(case.behaviour == "identity-invalid" for case in day.truth)
    assert all(len(i.name) <= 20 and len(i.callsign) <= 7 for i in day.identities)


def test_reporting_intervals_follow_the_standard(clean_day: Simulation) -> None:
    """The median interval at rest is 3 min; under way it is the network's floor or the standard's.

    Each is measured on the legs at rest and under way: a ship that calls at a port has both.
    """
    r, sim = clean_day.reports, clean_day
    seen = Counter[str]()
    for mmsi in np.unique(r.mmsi)[:80]:
        track = Track(sim, int(mmsi))
        if sim.stations[track.ship[0]] != Station.CLASS_A:
            continue
        gap, rests = np.diff(track.t) / 1000, np.isin(track.nav, (1, 5))
        at_rest, sails = gap[rests[:-1] & rests[1:]], gap[~rests[:-1] & ~rests[1:]]
        if len(at_rest) >= 50:
            assert 179 <= np.median(at_rest) <= 190
            seen["at rest"] += 1
        if len(sails) >= 50:
            assert np.median(sails) <= 60
            seen["under way"] += 1
    assert seen["at rest"] > 10
    assert seen["under way"] > 20


def test_reported_speed_agrees_with_the_track(clean_day: Simulation) -> None:
    checked = 0
    said = {c.mmsi for c in clean_day.truth}
    for mmsi in np.unique(clean_day.reports.mmsi):
        track = Track(clean_day, int(mmsi))
        if int(mmsi) in said or len(track.t) < 200:
            continue
        dt = np.diff(track.t) / 1000
        speed = (
            apart(track.lat[:-1], track.lon[:-1], track.lat[1:], track.lon[1:])
            / np.maximum(dt, 1)
            * 3600
            / NMI
        )
        good = (dt > 5) & (dt < 120) & (track.sog[1:] > 3)
        if good.sum() > 50:
            assert np.median(np.abs(speed - track.sog[1:])[good]) < 0.9
            checked += 1
    assert checked > 20


def test_gaps_are_silent_and_others_are_heard_nearby(day: Simulation) -> None:
    r = day.reports
    for case, start, end in cases(day, "ais-gap"):
        track = Track(day, case.mmsi)
        assert not track.between(start + 1000, end - 1000).any()
        before, after = track.t < start, track.t > end
        assert before.any()
        assert after.any()
        assert np.nanmedian(track.sog[before][-10:]) > 5
        assert start - track.t[before][-1] < 30 * MINUTE
        assert track.t[after][0] - end < 30 * MINUTE
        others = (r.t > start) & (r.t < start + HOUR) & (r.mmsi != case.mmsi) & (r.lat < 90)
        near = apart(
            r.lat[others], r.lon[others],
            np.full(others.sum(), track.lat[before][-1]), np.full(others.sum(), track.lon[before][-1]),
        ) < 20 * NMI  # fmt: skip
        assert len(np.unique(r.mmsi[others][near])) >= 3, case


def test_receiver_outages_silence_ships(day: Simulation) -> None:
    outage = [c for c, _, _ in cases(day, "ais-gap", False) if "receiver" in c.what]
    # An outage needs ships to silence: in the wider seas so small a fleet has too few in one place.
    assert outage or day.spec.region != "baltic"
    for case in outage:
        assert not Track(day, case.mmsi).between(from_iso(case.start) + 1000, from_iso(case.end) - 1000).any()


def test_encounters_are_close_and_slow(day: Simulation) -> None:
    world = world_of(day)
    for case, start, end in cases(day, "encounter"):
        one, two = Track(day, case.mmsi), Track(day, case.other_mmsi)
        a, b = (x.between(start + 60_000, end - 60_000) for x in (one, two))
        lat = np.interp(one.t[a], two.t[b], two.lat[b])
        lon = np.interp(one.t[a], two.t[b], np.unwrap(two.lon[b], period=360))
        far = apart(one.lat[a], one.lon[a], lat, wrap_lon(lon))
        assert 80 < np.median(far) < 450
        assert np.nanmax(one.sog[a]) < 1.5
        assert end - start >= 2.5 * HOUR
        assert world.place_distance_m(one.lat[a], one.lon[a]).min() > 10_000


def test_loitering_and_drifting_are_what_they_say(day: Simulation) -> None:
    for case, start, end in cases(day, "loitering"):
        track = Track(day, case.mmsi)
        inside = track.between(start, end)
        assert end - start >= 4 * HOUR
        assert np.nanpercentile(track.sog[inside], 95) < 1.6
    for case, start, end in cases(day, "drifting"):
        track = Track(day, case.mmsi)
        inside = track.between(start + MINUTE, end - MINUTE) & ~np.isnan(track.cog) & ~np.isnan(track.heading)
        off = np.abs((track.cog - track.heading + 180) % 360 - 180)[inside]
        assert 40 < np.median(off) < 125
        assert 0.7 < np.nanmedian(track.sog[inside]) < 3.0
        assert end - start >= 1 * HOUR


def test_jumps_leave_the_track_and_come_back(day: Simulation) -> None:
    """Two long steps: 20 nmi at least, or where the ship was 1.6 h ago at 7 kn, which is less."""
    for case, start, end in cases(day, "position-jump"):
        far = (10 if case.kind == "fixed_astern" else 20) * NMI
        track = Track(day, case.mmsi)
        inside = np.flatnonzero(track.between(start, end - 1))
        step = apart(track.lat[:-1], track.lon[:-1], track.lat[1:], track.lon[1:])
        assert step[inside[0] - 1] > far, case
        assert (step > far).sum() == 2, case


def test_two_hulls_are_far_apart(day: Simulation) -> None:
    for case, start, end in cases(day, "identity-clash"):
        track = Track(day, case.mmsi)
        inside = track.between(start, end)
        hulls = np.unique(track.ship[inside])
        assert len(hulls) == 2
        a, b = (inside & (track.ship == hull) for hull in hulls)
        lat = np.interp(track.t[a], track.t[b], track.lat[b])
        lon = np.interp(track.t[a], track.t[b], np.unwrap(track.lon[b], period=360))
        assert apart(track.lat[a], track.lon[a], lat, wrap_lon(lon)).min() > 30 * NMI


def test_identities_change(day: Simulation) -> None:
    for case, start, end in cases(day, "identity-change"):
        track = Track(day, case.mmsi)
        before = {day.identities[s] for s in track.static[(track.t < start) & (track.static >= 0)]}
        if case.other_mmsi is None:
            after = {day.identities[s] for s in track.static[track.t > end]}
        else:
            later = Track(day, case.other_mmsi)
            after = {day.identities[s] for s in later.static[later.static >= 0]}
            assert {i.imo for i in before} == {i.imo for i in after}
        assert {i.name for i in before}.isdisjoint(i.name for i in after)


def test_impossible_speeds(day: Simulation) -> None:
    for case, start, end in cases(day, "impossible-value"):
        track = Track(day, case.mmsi)
        inside = track.between(start, end)
        echoed = track.between(start, end + 2_000)
        assert (np.nan_to_num(track.sog[inside], nan=99) > 70).all()
        assert (np.nan_to_num(track.sog[~echoed]) < 30).all()


def line(sim: Simulation, asset: str) -> tuple[np.ndarray, np.ndarray]:
    found = next(line for line in world_of(sim).lines if line.id == asset)
    return found.lat, found.lon


def test_ships_stay_over_lines(day: Simulation) -> None:
    for case, start, end in cases(day, "asset-loitering"):
        track = Track(day, case.mmsi)
        inside = track.between(start, end)
        assert (
            distance_to_line_m(track.lat[inside], track.lon[inside], *line(day, case.asset)).max() < 0.5 * NMI
        )
        assert np.nanpercentile(track.sog[inside], 95) < 2
        assert end - start >= 2 * HOUR


def test_dragging_ships_slow_down_and_cross(day: Simulation) -> None:
    for case, start, end in cases(day, "anchor-drag"):
        track = Track(day, case.mmsi)
        brief = case.kind == "braked"  # as one ship did in 2023: a seventh slower, for minutes
        near = track.between(start, start + 41 * MINUTE)
        before = track.between(start - 90 * MINUTE, start - 5 * MINUTE)
        margin = 0 if brief else 2 * MINUTE
        slow = track.between(start + margin, end - margin)
        drop = 1 - np.nanmedian(track.sog[slow]) / np.nanmedian(track.sog[before])
        least, most = (0.10, 0.20) if brief else (0.18, 0.38)
        assert least < drop < most
        shortest, longest = (5.5 * MINUTE, 14 * MINUTE) if brief else (29 * MINUTE, 3.1 * HOUR)
        assert shortest < end - start < longest
        assert distance_to_line_m(track.lat[near], track.lon[near], *line(day, case.asset)).min() < 1_000
        course = track.cog[slow & ~np.isnan(track.cog)]
        assert np.ptp((course - course[0] + 180) % 360) < 30


def test_listed_ships_are_on_the_list(day: Simulation) -> None:
    by_imo, by_mmsi = {e.imo for e in day.listed if e.imo}, {e.mmsi for e in day.listed if e.mmsi}
    names = {e.name for e in day.listed if not e.imo and not e.mmsi}
    for case, _, _ in cases(day, "listed-vessel"):
        identity = day.identities[Track(day, case.mmsi).static.max()]
        assert identity.imo in by_imo or case.mmsi in by_mmsi or identity.name in names
    for case, _, _ in cases(day, "listed-vessel", False):
        identity = day.identities[Track(day, case.mmsi).static.max()]
        assert identity.imo not in by_imo
        assert case.mmsi not in by_mmsi


@pytest.mark.parametrize(
    "wrong",
    [
        {"region": "moon"},
        {"behaviours": ("piracy",)},
        {"hours": 2},
        {"rows": 5},
        {"dirt": 2.0},
        {"start": "1 March"},
    ],
)
def test_a_wrong_wish_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        SimulationSpec(**wrong)


def test_a_day_does_not_depend_on_the_days_before_it() -> None:
    """A lane is the same line whichever of its ends is asked for first."""
    world = build_world("baltic", packaged_land())
    world._lanes.clear()
    one, other = world.ports[:2]
    there = world.lane(one, other)
    world._lanes.clear()
    back = world.lane(other, one)
    np.testing.assert_array_equal(there.lat, back.reverse().lat)
    np.testing.assert_array_equal(there.lon, back.reverse().lon)
    np.testing.assert_array_equal(there.lat, world.lane(one, other).lat)


def test_no_sea_runs_out_of_names() -> None:
    """A day of thirty million rows has more ships than there are names of two words and a Roman number."""
    registry = Registry(np.random.default_rng(1), (219,), ["AT SEA"])
    names = [registry.name() for _ in range(8_000)]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 20
