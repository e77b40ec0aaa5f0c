"""From legs to crossings and near misses, against straightforward geometry; also over the antimeridian."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.cases.attribution.search import crossings_seen, nearest_reports
from watchkeeper.cases.attribution.stretch import Line, Place, stretch_of
from watchkeeper.kernels.nearby import Legs
from watchkeeper.layers.segments import of_geometry


def legs(*rows: tuple[int, float, float, float, float, float, float]) -> Legs:
    columns = np.array(rows, float).T
    kinds = (np.int32, np.int64, float, float, np.int64, float, float)
    return Legs(*(c.astype(kind) for c, kind in zip(columns, kinds, strict=True)))


def cable(lon: float = 18.0, place: Place | None = None):
    line = of_geometry(shapely.LineString([(lon, 56.9), (lon, 57.1)]), 0)
    return stretch_of(Line(*line[:4]), place)


@given(
    north=st.floats(56.95, 57.05), share=st.floats(0.05, 0.95), lon=st.sampled_from([18.0, -180.0, 179.999])
)
def test_time_and_place_are_interpolated(north, share, lon):
    west, east = lon - 0.02 * share, lon + 0.02 * (1 - share)
    found = crossings_seen(cable(lon), legs((4, 0, north, west, 60_000, north, east)))
    assert found.track.tolist() == [4]
    assert found.t[0] == pytest.approx(60_000 * share, abs=60)
    assert found.lat[0] == pytest.approx(north, abs=1e-4)
    assert (found.lon[0] - lon + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=1e-4)
    assert -180.0 <= found.lon[0] < 180.0
    assert found.inside.all()


def test_crossings_beyond_the_place_are_told_apart():
    stretch = cable(place=Place(57.0, 18.0, 3_000.0))
    rows = [(1, 0, 57.0, 17.99, 60_000, 57.0, 18.01), (2, 0, 57.08, 17.99, 60_000, 57.08, 18.01)]
    found = crossings_seen(stretch, legs(*rows))
    assert dict(zip(found.track.tolist(), found.inside.tolist(), strict=True)) == {1: True, 2: False}


def test_beside_the_cable_is_near_and_no_crossing():
    rows = [(1, 0, 57.0, 18.02, 60_000, 57.0, 18.01), (1, 60_000, 57.0, 18.01, 120_000, 57.0, 18.03),
            (2, 0, 57.0, 18.5, 60_000, 57.0, 18.4)]  # fmt: skip
    stretch = cable()
    assert not len(crossings_seen(stretch, legs(*rows)).t)
    near = nearest_reports(stretch.inside, legs(*rows), 3_000.0)
    assert near.track.tolist() == [1]
    assert near.t.tolist() == [60_000]
    assert near.metres[0] == pytest.approx(0.01 * 60_700.0, rel=0.01)


def test_along_the_cable_and_over_its_vertex_count_once():
    over = legs((1, 0, 57.0, 17.99, 60_000, 57.0, 18.01), (1, 60_000, 57.0, 18.01, 120_000, 57.0, 18.02))
    assert len(crossings_seen(cable(), over).t) == 1
    crossed_twice = of_geometry(
        shapely.LineString([(18.0, 56.9), (18.1, 57.1), (18.1, 56.9), (18.0, 57.1)]), 0
    )
    stretch = stretch_of(Line(*crossed_twice[:4]), None)
    found = crossings_seen(stretch, legs((1, 0, 57.0, 17.99, 600_000, 57.0, 18.2)))
    assert len(found.t) == 3, "the line crosses itself where the ship crosses: two strands there, one after"
