"""Attribution over a scan's folder: who crossed, who could have, who did not and why; and bad questions."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from scan_folders import DAY, LON, Ship, cable, feature, write
from watchkeeper.attribute import Request, attribute
from watchkeeper.cases.attribution.result import Attribution
from watchkeeper.engine.trackfile import SCHEMA as TRACKS
from watchkeeper.errors import InputError, LayerError, UsageError
from watchkeeper.model.time import HOUR, from_iso
from watchkeeper.model.units import METRES_PER_NMI

WINDOW = (DAY + 5 * HOUR, DAY + 7 * HOUR)
WEST = 1.0 / 60.0 / np.cos(np.radians(57.0))
"""Degrees of longitude in a nautical mile."""


def slowed(h: np.ndarray) -> np.ndarray:
    return np.where((h > 5.3) & (h < 6.7), 9.0, 12.0)


ORDINARY, SLOWED, SILENT, BESIDE, EARLY, ELSEWHERE, FAR, GONE, STAYED = range(219_000_001, 219_000_010)
SHIPS = [
    Ship(ORDINARY, "ORDINARY", 57.02),
    Ship(SLOWED, "SLOWED", 57.01, 6.2, slowed),
    Ship(SILENT, "SILENT", 57.03, silent=(4.5, 7.5)),
    Ship(BESIDE, "BESIDE", place=lambda h: (57.0 + (h - 6.0) * 0.2, LON + WEST)),
    Ship(EARLY, "EARLY", 57.0, 4.0),
    Ship(ELSEWHERE, "ELSEWHERE", 57.2),
    Ship(FAR, "FAR", place=lambda h: (56.0 + 0.2 * h, LON - 15 * WEST), silent=(5.0, 6.5)),
    Ship(GONE, "GONE", 57.04, hours=(0.0, 5.5)),
    Ship(STAYED, "STAYED", place=lambda h: (57.0, LON - 5 * WEST), kn=0.0, hours=(0.0, 5.0)),
    *(Ship(219_000_100 + k, f"OTHER {k}", 57.0 + k / 100.0, 5.2 + k / 4.0) for k in range(4)),
]
LISTED = {
    "id": "f-1", "behaviour": "listed-vessel", "mmsi": ORDINARY, "start": "2025-03-01T00:00:00Z", "end": None,
    "summary": "named by a list",
}  # fmt: skip
JUMPED = {
    "id": "f-2", "behaviour": "position-jump", "mmsi": SLOWED, "start": "2025-03-01T05:59:00Z",
    "end": "2025-03-01T06:10:00Z", "summary": "jumped 20 nmi",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("scan") / "out", SHIPS, [cable(depth_m=60.0)], [LISTED])


def ask(folder: Path, **changed: object) -> Attribution:
    question = {
        "folder": folder, "asset": "layer/test-cable", "start": WINDOW[0], "end": WINDOW[1], "place": (57.0, LON),
        "uncertainty_m": 10 * METRES_PER_NMI,
    }  # fmt: skip
    return attribute(Request(**(question | changed)))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def answer(folder: Path) -> Attribution:
    return ask(folder)


def names(answer: Attribution) -> list[str | None]:
    return [c.name for c in answer.candidates]


def of(answer: Attribution, mmsi: int):
    return next(c for c in answer.candidates if c.mmsi == mmsi)


def test_the_silent_and_the_slowed_ship_come_first_and_no_ship_twice(answer):
    assert set(names(answer)[:2]) == {"SILENT", "SLOWED"}
    assert len(set(names(answer))) == len(answer.candidates)
    assert [c.rank for c in answer.candidates] == list(range(1, len(answer.candidates) + 1))
    assert [c.score for c in answer.candidates] == sorted((c.score for c in answer.candidates), reverse=True)


def test_a_crossing_that_was_seen_has_its_second_and_place(answer):
    ship = of(answer, ORDINARY)
    assert ship.crossing.how == "seen"
    assert ship.crossing.earliest == ship.crossing.latest
    assert from_iso(ship.crossing.likeliest) == pytest.approx(DAY + 6 * HOUR, abs=3_000)
    assert ship.crossing.at == (pytest.approx(57.02, abs=1e-3), pytest.approx(LON, abs=1e-4))
    assert ship.crossing.place_m == pytest.approx(0.02 * 60 * METRES_PER_NMI, rel=0.02)
    assert ship.silence is None
    assert ship.speed.usual_kn == pytest.approx(12.0, abs=0.1)
    assert ship.lists == ("named by a list",)
    assert ship.draught_m == 7.5


def test_a_slow_down_is_told_against_its_own_speed(answer):
    ship = of(answer, SLOWED)
    assert max(ship.speed.dip, ship.speed.slow) == pytest.approx(0.25, abs=0.02)
    assert ship.tree.children[0].value == 40.0
    assert ship.anchor is not None
    assert ship.anchor.reaches is True


def test_a_silence_has_its_interval_and_its_area(answer):
    ship = of(answer, SILENT)
    crossing, silence = ship.crossing, ship.silence
    assert crossing.how == "silent"
    assert from_iso(crossing.earliest) < DAY + 6 * HOUR < from_iso(crossing.latest)
    assert from_iso(crossing.likeliest) == pytest.approx(DAY + 6 * HOUR, abs=3 * 60_000)
    assert silence.minutes == pytest.approx(180.0, abs=3.0)
    assert silence.directness > 0.97
    assert silence.made_good_kn == pytest.approx(12.0, abs=0.2)
    assert silence.heard_there == 1.0
    assert "its own" in silence.top_speed_from
    area = shapely.geometry.shape(silence.area)
    assert area.is_valid
    assert area.distance(shapely.Point(LON, 57.03)) < 0.02


def test_who_was_left_out_and_why(answer):
    reasons = {e.mmsi: e.reason for e in answer.excluded}
    assert reasons == {
        BESIDE: "did not cross", EARLY: "outside the window", ELSEWHERE: "outside the stretch", FAR: "too far",
        STAYED: "lay still",
    }  # fmt: skip
    assert all(e.detail for e in answer.excluded)
    assert not {e.mmsi for e in answer.excluded} & {c.mmsi for c in answer.candidates}


def test_a_ship_not_heard_again_is_listed_last_with_one_end(answer):
    ship = of(answer, GONE)
    assert ship.crossing.how == "one end"
    assert ship.silence.end is None
    assert ship.rank == len(answer.candidates)


def test_tracks_are_thin_and_hold_both_ends_of_the_silence(answer):
    for ship in answer.candidates:
        times = [point[0] for point in ship.track]
        assert times == sorted(times)
        assert 10 < len(times) < 170
    times = [point[0] * 1000 - DAY for point in of(answer, SILENT).track]
    assert max(t for t in times if t < 6 * HOUR) == pytest.approx(4.5 * HOUR, abs=61_000)


def test_it_is_json_and_comes_back_whole(answer):
    written = msgspec.json.encode(answer)
    assert msgspec.json.encode(msgspec.json.decode(written, type=Attribution)) == written


def test_without_a_place_the_whole_cable_counts(folder):
    whole = ask(folder, place=None, uncertainty_m=None)
    assert of(whole, ELSEWHERE).crossing.place_m is None
    assert whole.question.stretch_km == pytest.approx(111.0, rel=0.01)


def test_positions_in_doubt_lower_the_rank_and_say_so(tmp_path, answer):
    doubted = of(ask(write(tmp_path, SHIPS, [cable()], [JUMPED])), SLOWED)
    assert doubted.position.state == "unreliable"
    assert doubted.position.reason == "jumped 20 nmi"
    assert doubted.score < of(answer, SLOWED).score


@pytest.mark.parametrize("lon0", [180.0, -179.995])
def test_over_the_antimeridian_it_is_the_same(tmp_path, answer, lon0):
    def moved(ship: Ship) -> Ship:
        if ship.place is None:
            return ship
        place: Callable = ship.place
        return replace(ship, place=lambda h: (place(h)[0], np.asarray(place(h)[1]) - LON + lon0))

    # No land there either: both are open sea.
    there = write(tmp_path, [moved(s) for s in SHIPS], [cable(lon0)], [LISTED], lon0)
    shifted = ask(there, place=(57.0, lon0))
    assert names(shifted) == names(answer)
    for one, other in zip(shifted.candidates, answer.candidates, strict=True):
        assert one.score == pytest.approx(other.score, abs=0.2), (one.summary, other.summary)
    assert {e.mmsi: e.reason for e in shifted.excluded} == {e.mmsi: e.reason for e in answer.excluded}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"asset": "tset cable"}, "Test Cable"),
        ({"start": WINDOW[1], "end": WINDOW[0]}, "Exchange"),
        ({"end": WINDOW[0]}, "no length"),
        ({"start": DAY + 40 * HOUR, "end": DAY + 41 * HOUR}, "outside the data"),
        ({"place": (58.5, LON)}, "nmi from the place"),
        ({"place": (157.0, LON)}, "no place on the earth"),
        ({"uncertainty_m": 0.0}, "above zero"),
        ({"uncertainty_m": float("nan")}, "above zero"),
        ({"place": None}, "--near"),
        ({"asset": "zone"}, "not a line"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_the_next_step(tmp_path, changed, says):
    square = {"type": "Polygon", "coordinates": [[[19, 56], [20, 56], [20, 57], [19, 56]]]}
    data = write(tmp_path, SHIPS[:2], [cable(), feature("layer/zone", square, kind="zone", name="Zone")])
    with pytest.raises(UsageError, match=says):
        ask(data, **changed)


def test_a_window_partly_outside_is_answered_with_a_note(folder):
    assert any("beyond the data" in note for note in ask(folder, end=DAY + 20 * HOUR).notes)


@pytest.mark.parametrize(
    "points",
    [
        [[LON, 56.5], [LON, 56.5], [LON, 57.5], [LON, 57.5]],
        [[LON, 56.5], [LON, 57.5], [LON + 0.5, 57.0], [LON - 0.5, 57.25]],
        [[LON, 56.5], [LON, 90.0]],
        [[LON, -90.0], [LON, 57.0], [LON, 57.5]],
    ],
    ids=["doubled vertices", "self-crossing", "to a pole", "from a pole"],
)
def test_odd_lines_are_lines(tmp_path, points):
    line = feature("layer/test-cable", {"type": "LineString", "coordinates": points})
    answer = ask(write(tmp_path, SHIPS[:2], [line]))
    assert {ORDINARY, SLOWED} <= {c.mmsi for c in answer.candidates}


def test_a_line_without_length_is_said(tmp_path):
    line = feature("layer/test-cable", {"type": "LineString", "coordinates": [[LON, 57.0], [LON, 57.0]]})
    with pytest.raises(LayerError, match="no length"):
        ask(write(tmp_path, SHIPS[:1], [line]))


def test_a_very_long_line_needs_a_place(tmp_path):
    data = write(tmp_path, SHIPS[:2], [cable(south=30.0, north=60.0)])
    assert ask(data).candidates
    with pytest.raises(UsageError, match="--near"):
        ask(data, place=None, uncertainty_m=None)


@pytest.mark.parametrize(
    "lost", ["run.json", "assets.geojson", "tracks.parquet", "vessels.parquet", "findings.ndjson"]
)
@pytest.mark.parametrize("how", ["missing", "broken", "another"])
def test_half_a_folder_is_said(tmp_path, lost, how):
    write(tmp_path, SHIPS[:2], [cable()])
    if how == "missing":
        (tmp_path / lost).unlink()
    else:
        (tmp_path / lost).write_text("{]" if how == "broken" else '["not this"]')
    with pytest.raises(InputError, match=lost.replace(".", r"\.")) as refused:
        ask(tmp_path)
    assert "scan" in refused.value.next_step


def test_no_folder_is_said(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        ask(tmp_path / "nowhere")


def test_an_empty_answer_is_an_answer(tmp_path):
    data = write(tmp_path, [Ship(1, "AWAY", place=lambda h: (-40.0 + 0 * h, 0 * h))], [cable()])
    answer = ask(data)
    assert answer.candidates == ()
    assert any("0 % of the window" in note for note in answer.notes)


def test_a_further_layer_can_be_given(tmp_path, folder):
    layer = tmp_path / "mine.geojson"
    layer.write_text(
        msgspec.json.encode({"type": "FeatureCollection", "features": [cable(name="My Line")]}).decode()
    )
    assert ask(folder, asset="My Line", layers=(layer,)).question.asset_name == "My Line"


def two_hulls(folder: Path, ships: list[Ship], second: int) -> Path:
    """Ships of one number: the one written as number ``second`` becomes the second track of the first."""
    write(folder, ships, [cable()])
    table = pq.read_table(folder / "tracks.parquet")
    mmsi = table["mmsi"].to_numpy()
    track = np.where(mmsi == second, 1, 0).astype(np.int8)
    same = np.where(mmsi == second, SILENT, mmsi).astype(np.int32)
    columns = {name: table[name] for name in table.column_names} | {
        "mmsi": pa.array(same),
        "track": pa.array(track),
    }
    pq.write_table(pa.table(columns).cast(TRACKS), folder / "tracks.parquet")
    return folder


def test_a_number_heard_elsewhere_meanwhile_is_in_doubt(tmp_path, answer):
    away = Ship(500, "AWAY", place=lambda h: (58.5 + 0 * h, 21.0 + 0.1 * h), hours=(3.0, 9.0))
    ship = of(ask(two_hulls(tmp_path, [*SHIPS, away], 500)), SILENT)
    assert ship.crossing.how == "silent"
    assert ship.position.state == "unreliable"
    assert "from another place" in ship.position.reason
    assert ship.score < of(answer, SILENT).score


def test_a_single_fix_elsewhere_is_not_a_ship_heard_on_one_side(tmp_path):
    jump = Ship(500, "JUMP", place=lambda h: (57.3 + 0 * h, LON - 0.4 + 0 * h), hours=(4.9, 4.93))
    ships = [Ship(SILENT, "HEARD", 56.2, at=2.0), jump]
    answer = ask(two_hulls(tmp_path, ships, 500), place=None, uncertainty_m=None)
    assert answer.candidates == ()


def test_the_same_question_has_the_same_answer(folder, answer):
    assert msgspec.json.encode(ask(folder)) == msgspec.json.encode(answer)
