"""Scenario files: strict to read, and what they say is what the columns hold."""

from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod

from watchkeeper.errors import InputError, LimitError
from watchkeeper.exercises.scenario import load_scenario
from watchkeeper.exercises.scenario_batches import scenario_batches
from watchkeeper.model.records import unpack_row

GEOD = Geod(ellps="WGS84")

FULL = """
title = "All there is"
note = "invented"
start = "2025-03-01T06:00:00Z"

[[ships]]
mmsi = 219000001
name = "AMBER ARROW"
imo = 3000001
interval_s = 60
begin = [57.0, 18.0]
legs = [
  { minutes = 60, course_deg = 90, speed_kn = 12 },
  { to = [57.0, 19.0], speed_kn = 10 },
  { minutes = 120, speed_kn = 0 },
]
silent = [[10, 20]]
sog = [[30, 32, 80.0]]
heading = [[100, 110, 200]]
status = [[100, 110, 1]]
moved = [[40, 41, 56.0, 18.0]]
changes = [
  { at = 90, name = "OPAL WREN", callsign = "ABCD2" },
  { at = 33, once = true, name = "AMBER ARR0W" },
]
noise = { position_m = 5, course_deg = 1, speed_kn = 0.1, seed = 4 }

[[ships]]
mmsi = 219000002
class = "B"
ship_type = 37
track = [[0, -17.0, 179.9], [60, -17.0, -179.9]]

[[assets]]
id = "c1"
name = "Cable"
coordinates = [[18.5, 56.5], [18.5, 57.5]]

[[places]]
id = "a1"
name = "Road"
kind = "anchorage"
at = [57.0, 19.0]

[[listed]]
imo = 3000001

[[expect]]
behaviour = "ais-gap"
mmsi = 219000001
found = false
"""


def load(tmp_path: Path, text: str):
    path = tmp_path / "scenario.toml"
    path.write_text(text)
    return load_scenario(path)


def test_all_there_is(tmp_path: Path) -> None:
    positions, statics, assets, listed = scenario_batches(load(tmp_path, FULL))
    assert (np.diff(positions.t) >= 0).all()
    minute = (positions.t - 1_740_808_800_000) / 60_000
    one = positions.mmsi == 219000001
    at = {round(m): i for i, m in zip(np.flatnonzero(one), minute[one], strict=True)}
    assert not set(range(10, 21)) & set(at)
    assert positions.sog_kn[at[31]] == 80.0
    assert positions.sog_kn[at[33]] == pytest.approx(12, abs=0.5)
    assert positions.cog_deg[at[33]] == pytest.approx(90, abs=5)
    assert (positions.heading_deg[at[105]], positions.nav_status[at[105]]) == (200, 1)
    assert (positions.lat[at[41]], positions.lon[at[41]]) == (56.0, 18.0)
    sailed = GEOD.inv(18.0, 57.0, positions.lon[at[60]], positions.lat[at[60]])[2]
    assert sailed == pytest.approx(12 * 1852, rel=0.002)
    assert positions.sog_kn[max(at.values())] < 0.5
    last = max(at.values())
    assert GEOD.inv(19.0, 57.0, positions.lon[last], positions.lat[last])[2] < 30
    two = positions.take(~one)
    assert ((two.lon > 179.8) | (two.lon < -179.8)).all()
    assert np.isnan(two.heading_deg).all()
    assert set(two.ais_class) == {2}
    names = [n for n, m in zip(statics.name, statics.mmsi, strict=True) if m == 219000001]
    assert names.count(b"AMBER ARR0W") == 1
    assert names[-1] == b"OPAL WREN"
    assert names[0] == b"AMBER ARROW"
    rows = np.concatenate((positions.row, statics.row))
    assert sorted(unpack_row(int(row))[1] for row in rows) == list(range(1, len(rows) + 1))
    assert [(a.kind, a.buffer_m) for a in assets] == [("cable", 1852.0), ("anchorage", 2000.0)]
    assert assets[1].geometry == {"type": "Point", "coordinates": [19.0, 57.0]}
    assert listed == [{"imo": 3000001, "program": "INVENTED", "source": "scenario", "as_of": "2025-01-01"}]


def test_the_same_file_gives_the_same_columns(tmp_path: Path) -> None:
    first, again = (scenario_batches(load(tmp_path, FULL))[0] for _ in range(2))
    np.testing.assert_array_equal(first.lat, again.lat)
    other = scenario_batches(load(tmp_path, FULL.replace("seed = 4", "seed = 5")))[0]
    assert (first.lat != other.lat).any()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("interval_s = 60", "intervall_s = 60", "intervall_s"),
        ("mmsi = 219000001\nname", "mmsi = 2190000011\nname", "999999999"),
        ("begin = [57.0, 18.0]", "", "begin"),
        ("begin = [57.0, 18.0]", "begin = [97.0, 18.0]", "<= 90"),
        ("[[0, -17.0, 179.9], [60, -17.0, -179.9]]", "[[0, -17.0, 179.9], [0, -17.0, -179.9]]", "increase"),
        ("[[0, -17.0, 179.9], [60, -17.0, -179.9]]", "[]", "either `track` or `legs`"),
        ("minutes = 60, course_deg = 90", "minutes = 60", "course_deg"),
        ("to = [57.0, 19.0]", "to = [57.0, 19.0], minutes = 3", "`to`"),
        ("silent = [[10, 20]]", "silent = [[20, 10]]", "span"),
        ("found = false", "", "found"),
        ("mmsi = 219000001\nfound", "mmsi = 219000009\nfound", "219000009"),
        ('note = "invented"', "", "note"),
        ('start = "2025-03-01T06:00:00Z"', 'start = "soon"', "soon"),
        ("title =", "title ==", "line"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in FULL
    with pytest.raises(InputError) as refused:
        load(tmp_path, FULL.replace(old, new))
    assert says in str(refused.value)
    assert "scenario.toml" in str(refused.value)


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        load_scenario(tmp_path / "none.toml")


def test_a_scenario_stays_small(tmp_path: Path) -> None:
    scenario = load(tmp_path, FULL.replace("minutes = 120, speed_kn = 0", "minutes = 20000, speed_kn = 0")
                    .replace("interval_s = 60", "interval_s = 1"))  # fmt: skip
    with pytest.raises(LimitError):
        scenario_batches(scenario)


def test_the_example_in_the_documentation_is_a_scenario(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "explanation" / "simulator.md"
    example = page.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    positions, _, assets, _ = scenario_batches(load(tmp_path, example))
    assert len(positions) > 500
    assert [asset.kind for asset in assets] == ["cable", "anchorage"]
