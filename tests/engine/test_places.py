"""Places are learnt where at least three different ships lay still."""

import numpy as np
import pytest
from making import engine, positions

from watchkeeper.engine.places import LearntPlaces, still_watch
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.records import Positions, Statics


def stays(*where: tuple[int, float, float]) -> Episodes:
    vessel, lat, lon = (np.array(c) for c in zip(*where, strict=True))
    return Episodes.build(len(where), vessel=vessel, lat=lat, lon=lon)


@pytest.mark.parametrize("lon", [18.0, 180.0, -180.0])
def test_three_ships_are_a_place_two_are_a_meeting(lon: float):
    east = (lon + 0.005 + 540) % 360 - 180
    two = stays((1, 57.0, lon), (2, 57.002, east))
    assert LearntPlaces.learn(two).ships_near(57.0, lon, 0.0) == 0
    three = stays((1, 57.0, lon), (2, 57.002, east), (3, 57.001, lon))
    assert LearntPlaces.learn(three).ships_near(57.0, lon, 0.0) == 3


def test_one_ship_three_times_is_no_place():
    assert (
        LearntPlaces.learn(stays((1, 57.0, 18.0), (1, 57.001, 18.0), (1, 57.0, 18.001))).ships_near(
            57.0, 18.0, 0
        )
        == 0
    )


def test_a_place_reaches_a_kilometre_and_what_is_asked_for():
    place = LearntPlaces.learn(stays((1, 57.0, 18.0), (2, 57.0, 18.0), (3, 57.0, 18.0)))
    assert place.ships_near(57.008, 18.0, 0.0) == 3
    assert place.ships_near(57.05, 18.0, 0.0) == 0
    assert place.ships_near(57.05, 18.0, 5_000.0) == 3


def test_nothing_learnt_from_nothing():
    assert LearntPlaces.learn(Episodes.empty()).ships_near(57.0, 18.0, 10_000.0) == 0


def test_the_engine_learns_who_lay_still_for_an_hour():
    one = engine([still_watch()])
    t = np.arange(0, 7_200_000, 60_000)
    parts = [positions(t + k, 219_000_001 + k, 57.0 + k / 2000, sog=0.1) for k in range(3)]
    parts.append(positions(t + 9, 219_000_009, 57.0, 18.0 + t / 1e8, sog=5.0))
    everything = Positions.concat(parts)
    one.push(everything.take(np.argsort(everything.t, kind="stable")), Statics.empty())
    one.finish()
    assert LearntPlaces.learn(Episodes.concat(one.watches[0].episodes)).ships_near(57.0, 18.0, 0.0) == 3
