"""The vessel file: who was heard and what was last said, null where nothing was."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from making import T0, engine, positions, statics

from watchkeeper.engine.context import RunContext
from watchkeeper.engine.vesselfile import SCHEMA, write_vessels
from watchkeeper.model.episodes import Episodes


def test_one_row_a_vessel_heard(tmp_path: Path):
    one = engine()
    said = statics([0, 60_000], name=(b"AMBER ARROW", b"AMBER DAWN"))
    said.draught_m[:] = (7.5, np.nan)
    silent = statics([0], mmsi=219_000_009)
    one.push(positions([0, 60_000, 120_000]), said)
    one.push(positions([130_000], mmsi=211_000_002), silent)
    one.finish()
    context = RunContext(
        one.vessels, one.presence, one.data_end, Episodes.empty(), None, None, [], lambda _: []
    )
    write_vessels(tmp_path / "vessels.parquet", context, one.presence, one.vessels.count)
    table = pq.read_table(tmp_path / "vessels.parquet")
    assert table.schema.equals(SCHEMA)
    rows = {row["mmsi"]: row for row in table.to_pylist()}
    assert set(rows) == {219_000_001, 211_000_002}, "who sent no position is not a vessel of the run"
    assert rows[219_000_001]["name"] == "AMBER DAWN"
    assert rows[219_000_001]["draught_m"] == 7.5, "the last draught that was said"
    assert rows[219_000_001]["flag"] == "DK"
    assert int(rows[219_000_001]["last_t"].timestamp() * 1000) == T0 + 120_000
    assert rows[211_000_002]["name"] is None
    assert rows[211_000_002]["length_m"] is None
