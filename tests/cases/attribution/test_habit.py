"""A ship against itself: dips and long slow-downs, evenly and sparsely reported, and what explains them."""

import numpy as np
import pytest

from watchkeeper.cases.attribution.habit import Habits, Track
from watchkeeper.model.time import HOUR, MINUTE


def track(hours: float = 12.0, every_s: float = 30.0, noise_kn: float = 0.06, **changes) -> Track:
    """A ship on 090 at 11 kn; ``changes`` map column names to functions of hours."""
    t = (np.arange(int(hours * 3600 / every_s)) * every_s * 1000).astype(np.int64)
    rng = np.random.default_rng(4)
    h = t / HOUR
    columns = {
        "sog_kn": np.full(len(t), 11.0),
        "cog_deg": np.full(len(t), 90.0),
        "heading_deg": np.full(len(t), 90.0),
    }
    for name, change in changes.items():
        columns[name] = columns[name] + change(h)
    columns["sog_kn"] = np.round(
        np.maximum(columns["sog_kn"] + noise_kn * rng.standard_normal(len(t)), 0.0), 1
    )
    columns["cog_deg"] = (columns["cog_deg"] + 0.6 * rng.standard_normal(len(t))) % 360.0
    lon = 18.0 + np.cumsum(columns["sog_kn"]) * every_s / 3600.0 / 60.0 / np.cos(np.radians(57.0))
    return Track(t, np.full(len(t), 57.0), lon, columns["sog_kn"], columns["cog_deg"], columns["heading_deg"])


def between(start: float, end: float, by: float):
    return lambda h: np.where((h >= start) & (h <= end), by, 0.0)


@pytest.mark.parametrize("every_s", [10.0, 30.0, 120.0])
def test_a_brief_dip_of_a_seventh_shows(every_s):
    habit = Habits(track(every_s=every_s, sog_kn=between(6.0, 6.12, -1.54))).at(
        int(6.05 * HOUR), int(6.05 * HOUR)
    )
    assert habit.dip == pytest.approx(0.14, abs=0.035)
    assert habit.usual_kn == pytest.approx(11.0, abs=0.2)


def test_a_slow_down_of_hours_shows_against_the_usual_speed():
    habit = Habits(track(sog_kn=between(4.0, 9.0, -2.86))).at(int(6.5 * HOUR), int(6.5 * HOUR))
    assert habit.slow == pytest.approx(0.26, abs=0.02)
    assert habit.dip == pytest.approx(0.0, abs=0.02), "nothing changed near the crossing"


def test_an_even_ship_loses_nothing():
    habit = Habits(track()).at(6 * HOUR, 6 * HOUR)
    assert habit.dip == pytest.approx(0.0, abs=0.02)
    assert habit.slow == pytest.approx(0.0, abs=0.02)
    assert not habit.arrival


def test_a_ship_that_is_always_uneven_loses_less_than_it_varies():
    def uneven(h):
        return -2.0 * np.sin(h * 2 * np.pi / 0.8)

    trough = int(6.2 * HOUR)
    assert Habits(track(sog_kn=uneven)).at(trough, trough).dip < 0.08


def test_over_a_silence_both_sides_are_looked_at():
    whole = track(sog_kn=between(5.5, 8.5, -3.0))
    heard = (whole.t < 6 * HOUR) | (whole.t > 8 * HOUR)
    habit = Habits(Track(*(c[heard] for c in whole))).at(6 * HOUR, 8 * HOUR)
    assert habit.dip == pytest.approx(3.0 / 11.0, abs=0.03)


def test_scatter_and_crab_are_told_from_a_turn():
    rng = np.random.default_rng(1)
    noisy = Habits(track(cog_deg=lambda h: between(5.7, 6.3, 25.0)(h) * rng.standard_normal(len(h))))
    habit = noisy.at(6 * HOUR, 6 * HOUR)
    assert habit.scatter_deg == pytest.approx(25.0, rel=0.4)
    assert habit.usual_scatter_deg < 1.5
    turning = Habits(track(cog_deg=lambda h: np.clip((h - 5.9) * 400.0, 0.0, 80.0)))
    habit = turning.at(6 * HOUR, 6 * HOUR)
    assert habit.turn_deg == pytest.approx(80.0, abs=2.0)
    assert habit.scatter_deg < 2.0
    crabbed = Habits(track(heading_deg=between(5.5, 6.5, 12.0))).at(6 * HOUR, 6 * HOUR)
    assert crabbed.crab_deg == pytest.approx(12.0, abs=0.5)
    assert crabbed.usual_crab_deg < 0.5


def test_a_stay_soon_after_is_an_arrival():
    assert Habits(track(sog_kn=between(7.0, 12.0, -11.0))).at(6 * HOUR, 6 * HOUR).arrival
    assert not Habits(track(sog_kn=between(10.0, 12.0, -11.0))).at(6 * HOUR, 6 * HOUR).arrival


def test_without_speeds_sent_the_way_tells_them():
    with_speed = track(every_s=60.0)
    silent = with_speed._replace(sog_kn=np.full(len(with_speed.t), np.nan))
    assert Habits(silent).at(6 * HOUR, 6 * HOUR).usual_kn == pytest.approx(11.0, abs=0.3)


def test_of_a_ship_hardly_heard_nothing_is_claimed():
    few = track(hours=0.1)
    habit = Habits(few).at(int(few.t[-1]) + 5 * MINUTE, int(few.t[-1]) + 65 * MINUTE)
    assert habit.usual_kn != habit.usual_kn
    assert habit.dip == habit.slow == 0.0
    assert Habits(few).top[1] < HOUR
