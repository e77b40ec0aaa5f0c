"""Witnesses: other ships heard near a place, wherever on the earth, and at the edges of cells."""

import numpy as np
import pytest
from making import T0, engine, positions

from watchkeeper.model.records import Positions, Statics

QUARTER = 900_000
HOURS = np.arange(0, 6 * 3_600_000, 300_000)


def heard(*ships: tuple[float, float], t=HOURS):
    """The presence of ships that lie at places; the first is number 0."""
    parts = [positions(t + k, 219_000_001 + k, lat, lon, sog=0.0) for k, (lat, lon) in enumerate(ships)]
    everything = Positions.concat(parts)
    one = engine()
    one.push(everything.take(np.argsort(everything.t, kind="stable")), Statics.empty())
    one.finish()
    return one.presence


@pytest.mark.parametrize(
    ("here", "other"),
    [
        ((57.0, 18.0), (57.05, 18.05)),
        ((57.2499, 18.0), (57.2501, 18.0)),
        ((36.0001, -0.0001), (35.9999, 0.0001)),
        ((-17.0, 179.99), (-17.0, -179.99)),
        ((-17.1, -180.0), (-17.1, 179.9)),
        ((89.9, 0.0), (89.9, 170.0)),
        ((-89.95, 10.0), (-89.95, -170.0)),
        ((0.01, 0.01), (-0.01, -0.01)),
    ],
)
def test_a_ship_near_is_a_witness(here: tuple[float, float], other: tuple[float, float]):
    found = heard(here, other).witnesses(0, *here, T0 + 3_600_000, T0 + 3 * 3_600_000)
    assert found.ships == 1
    assert found.slots == 7
    assert found.slots_heard == 7
    assert found.share == 1.0


@pytest.mark.parametrize("other", [(58.0, 18.0), (57.0, 20.0), (-57.0, 18.0), (57.0, -162.0)])
def test_a_ship_far_away_is_none(other: tuple[float, float]):
    found = heard((57.0, 18.0), other).witnesses(0, 57.0, 18.0, T0 + 3_600_000, T0 + 3 * 3_600_000)
    assert (found.ships, found.slots_heard, found.heard_around) == (0, 0, False)


def test_the_ship_itself_is_no_witness():
    assert heard((57.0, 18.0)).witnesses(0, 57.0, 18.0, T0, T0 + 3_600_000).ships == 0


def test_ships_heard_only_before_show_that_reception_was_there():
    presence = heard((57.0, 18.0), (57.01, 18.0), t=np.arange(0, 3_600_000, 300_000))
    found = presence.witnesses(0, 57.0, 18.0, T0 + 3_600_000 + QUARTER, T0 + 3 * 3_600_000)
    assert (found.ships, found.heard_around) == (0, True)


def test_a_time_shorter_than_a_quarter_hour_has_no_share():
    found = heard((57.0, 18.0), (57.01, 18.0)).witnesses(0, 57.0, 18.0, T0, T0 + 60_000)
    assert (found.slots, found.share) == (0, 0.0)


def test_heard_strictly_inside():
    presence = heard((57.0, 18.0), t=np.array([0, 3_600_000, 7_200_000]))
    assert presence.heard(0, T0, T0 + 7_200_000)
    assert not presence.heard(0, T0 + 3_600_000, T0 + 7_200_000)


def test_highest_speed_of_the_hours_touched():
    one = engine()
    one.push(positions([0, 1_800_000, 3_600_000, 7_200_000], sog=[3.0, 12.0, np.nan, 5.0]), Statics.empty())
    one.finish()
    assert one.presence.max_speed(0, T0 + 60_000, T0 + 120_000) == 12.0
    assert one.presence.max_speed(0, T0 + 7_200_000, T0 + 7_300_000) == 5.0
    assert np.isnan(one.presence.max_speed(0, T0 + 50 * 3_600_000, T0 + 51 * 3_600_000))
    assert np.isnan(one.presence.max_speed(5, T0, T0 + 60_000))


def test_two_hulls_of_two_classes_leave_the_class_heard_last():
    t = np.arange(0, 3_600_000, 60_000)
    both = Positions.concat(
        [positions(t, lat=57 + t / 1e10, ais_class=1), positions(t + 30_000, lat=60 + t / 1e10, ais_class=2)]
    )
    both = both.take(np.argsort(both.t, kind="stable"))
    for cuts in ([], [20, 60], [59, 60, 61]):
        one = engine()
        for part in np.split(np.arange(len(both)), cuts):
            one.push(both.take(part), Statics.empty())
        one.finish()
        assert one.presence.register(1)[0, 4] == 2
