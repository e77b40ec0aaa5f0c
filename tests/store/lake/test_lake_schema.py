"""A lake that the first schema wrote is opened, read and gone on with by this version."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from lake_rows import DAY, T0, as_rows, in_order, positions

from watchkeeper.model.records import Statics
from watchkeeper.store.lake import BUCKETS, SCHEMA, Lake

FIRST = Path(__file__).parent / "first_schema"
FOREVER = (0, T0 + 100 * DAY)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A copy of the lake that is kept."""
    return Path(shutil.copytree(FIRST / "lake", tmp_path / "lake"))


def rows() -> list:
    return in_order(tuple(row) for row in json.loads((FIRST / "rows.json").read_text()))


def test_every_row_is_there(lake: Path):
    opened = Lake.open(str(lake))
    assert in_order(r for batch in opened.scan(*FOREVER) for r in as_rows(batch)) == rows()
    assert sum(len(p) for p in opened.replay(*FOREVER)) == 18
    assert as_rows(opened.track(273_123_456, *FOREVER)) == [r for r in rows() if r[0] == 273_123_456]
    assert opened.box(18, 56, 19, 58, T0 + 2 * DAY, 3 * DAY).num_rows == 2
    assert opened.statics(*FOREVER).column("name").to_pylist() == ["ANNA"] * 3
    assert opened.verify() == []


def test_it_is_gone_on_with(lake: Path):
    opened = Lake.open(str(lake), write=True)
    assert opened.epoch() == 3
    opened.append(4, "real", positions([2 * DAY]), Statics.empty(), sources=["tcp-1"])
    opened.compact(4, now=T0 + 5 * DAY)
    assert sum(b.num_rows for b in opened.scan(*FOREVER)) == 19
    opened.sweep(now=2**50)
    assert opened.verify() == []


def test_what_was_written_first_is_kept_as_it_was():
    """The layout is a promise: a change of these needs a new schema, and a way from this one."""
    head = json.loads((FIRST / "lake" / "lake.json").read_text())
    assert (head["watchkeeper"], head["schema"]) == ("lake", 1)
    assert (SCHEMA, BUCKETS) == (1, 16)
    (cells,) = (FIRST / "lake" / "realm=real" / "date=2026-01-06").glob("cells-*.parquet")
    assert pq.read_schema(cells).names == [
        "mmsi", "track", "t", "heard", "lat", "lon", "sog_kn", "cog_deg", "heading_deg", "nav_status", "ais_class",
        "source", "row", "realm",
    ]  # fmt: skip
