"""Cleaning: every dropped row counted once, values blanked, the box across the antimeridian."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import DAY, from_iso
from watchkeeper.sources.cleaning import clean_positions, clean_statics, inside, position_fates
from watchkeeper.sources.options import ReadOptions

NOW = from_iso("2026-05-01")
NOON = from_iso("2026-04-26T12:00:00Z")
OPTIONS = ReadOptions(now=NOW)


def positions(**columns: list[object]) -> Positions:
    count = len(next(iter(columns.values())))
    plain: dict[str, object] = {
        "t": NOON, "row": 1, "mmsi": 219000001, "lat": 55.0, "lon": 11.0, "sog_kn": 5.0, "cog_deg": 90.0,
        "heading_deg": 91.0, "nav_status": 0, "ais_class": 1,
    }  # fmt: skip
    return Positions(
        **{
            name: np.array(columns.get(name, [plain[name]] * count), dtype)
            for name, dtype in Positions.DTYPES.items()
        }
    )


@pytest.mark.parametrize(
    ("column", "value", "counted"),
    [
        ("mmsi", 2190064, "not_a_ship"),
        ("mmsi", 111219501, "not_a_ship"),
        ("mmsi", 992191234, "not_a_ship"),
        ("mmsi", 0, "not_a_ship"),
        ("lat", 91.0, "no_position"),
        ("lon", 181.0, "no_position"),
        ("lon", float("nan"), "no_position"),
        ("lat", -90.5, "out_of_range"),
        ("lon", 180.5, "out_of_range"),
        ("t", from_iso("1989-12-31"), "out_of_range"),
        ("t", NOW + DAY + 1, "out_of_range"),
    ],
)
def test_a_row_that_cannot_stay_is_counted(column: str, value: object, counted: str) -> None:
    rows: Counter[str] = Counter()
    assert len(clean_positions(positions(**{column: [value]}), OPTIONS, rows, Counter())) == 0
    assert rows == {counted: 1}


@pytest.mark.parametrize(
    ("column", "sent", "kept"),
    [
        ("sog_kn", 102.3, None), ("sog_kn", 102.2, 102.2), ("sog_kn", -1.0, None), ("sog_kn", 0.0, 0.0),
        ("cog_deg", 360.0, None), ("cog_deg", 359.9, 359.9), ("cog_deg", 400.0, None), ("cog_deg", 0.0, 0.0),
        ("heading_deg", 511.0, None), ("heading_deg", 359.0, 359.0), ("heading_deg", 400.0, None),
    ],
)  # fmt: skip
def test_a_value_that_is_not_available_becomes_nan(column: str, sent: float, kept: float | None) -> None:
    noticed: Counter[str] = Counter()
    value = getattr(clean_positions(positions(**{column: [sent]}), OPTIONS, Counter(), noticed), column)[0]
    assert np.isnan(value) if kept is None else value == np.float32(kept)
    assert sum(noticed.values()) == (1 if kept is None else 0)


def test_a_time_days_from_its_neighbours_is_out_of_range() -> None:
    raw = positions(t=[NOON] * 200 + [NOON - 2 * DAY])
    rows: Counter[str] = Counter()
    assert len(clean_positions(raw, OPTIONS, rows, Counter())) == 200
    assert rows == {"out_of_range": 1}
    assert len(clean_positions(raw.slice(150, 201), OPTIONS, Counter(), Counter())) == 51


def test_window_and_box_hold_their_borders() -> None:
    raw = positions(t=[NOON - 1, NOON, NOON + 1], lat=[55.0, 55.0, 56.0])
    asked = replace(OPTIONS, t_from=NOON, t_to=NOON + 1, bbox=(11.0, 54.0, 11.0, 55.0))
    rows: Counter[str] = Counter()
    assert clean_positions(raw, asked, rows, Counter()).t.tolist() == [NOON]
    assert rows == {"outside_request": 2}


@given(
    st.floats(-180, 180), st.floats(-180, 180), st.lists(st.floats(-180, 180), min_size=1, max_size=5),
    st.floats(-170, 170),
)  # fmt: skip
def test_a_box_moved_around_the_world_holds_the_same_points(
    west: float, east: float, lons: list[float], shift: float
) -> None:
    def moved(lon: float) -> float:
        return (lon + shift + 180) % 360 - 180

    lon = np.array(lons)
    edge = min(abs((lon - e + 180) % 360 - 180).min() for e in (west, east))
    if edge < 1e-6 or abs(east - west) < 1e-6 or min(abs(moved(west)), abs(moved(east))) > 180 - 1e-6:
        return
    lat = np.zeros(len(lon))
    before = inside(lat, lon, (west, -1, east, 1))
    after = inside(lat, np.array([moved(x) for x in lons]), (moved(west), -1, moved(east), 1))
    assert before.tolist() == after.tolist()


@given(
    st.lists(
        st.tuples(
            st.sampled_from([219000001, 2190064, 992190001, 5]),
            st.sampled_from([55.0, 91.0, 95.0, float("nan")]),
            st.sampled_from([NOON, NOW + 9 * DAY, 0]),
            st.booleans(),
        ),
        max_size=50,
    )
)
def test_every_row_has_one_fate(rows: list[tuple[int, float, int, bool]]) -> None:
    raw = positions(mmsi=[r[0] for r in rows], lat=[r[1] for r in rows], t=[r[2] for r in rows])
    duplicate = np.array([r[3] for r in rows], np.bool_)
    counts: Counter[str] = Counter()
    kept = clean_positions(raw, OPTIONS, counts, Counter())
    assert len(kept) + sum(counts.values()) == len(rows)
    fates = position_fates(raw, OPTIONS, Counter(), duplicate)
    assert (fates[duplicate] == 1).all()
    assert not (fates[~duplicate] == 1).any()


def test_static_values_that_cannot_be_are_blank() -> None:
    raw = Statics(
        *(
            np.array(column, dtype)
            for column, dtype in zip(
                [[NOON] * 3, [1, 2, 3], [219000001, 219000002, 2190064], [9329760, 12, 0], [b"A", b"", b"C"],
                 [b""] * 3, [0, 70, 255], [0.0, 100.0, 5.0], [12.0, -3.0, 1.0], [0.0, 25.5, 1.0],
                 [b""] * 3, [1] * 3],
                Statics.DTYPES.values(),
                strict=True,
            )
        )
    )  # fmt: skip
    rows, noticed = Counter[str](), Counter[str]()
    kept = clean_statics(raw, OPTIONS, rows, noticed)
    assert kept.imo.tolist() == [9329760, 0]
    assert kept.ship_type.tolist() == [-1, 70]
    assert np.isnan(kept.length_m[0])
    assert np.isnan(kept.beam_m[1])
    assert np.isnan(kept.draught_m[0])
    assert rows == {"not_a_ship": 1}
    assert noticed["imo_not_available"] == 1
    assert noticed["imo_not_an_imo_number"] == 1
