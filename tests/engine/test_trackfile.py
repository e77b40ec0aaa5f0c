"""The track file holds every kept position, and says when it cannot be written."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from making import T0, engine, positions

from watchkeeper.engine.trackfile import SCHEMA, TrackFile
from watchkeeper.model.records import Statics, pack_row


def test_what_is_written_is_what_was_kept(tmp_path: Path):
    one = engine()
    tracks = TrackFile(tmp_path / "tracks.parquet", one.vessels)
    one.sink = tracks
    t = np.arange(0, 3_600_000, 60_000)
    sog = np.where(t % 120_000 == 0, np.nan, 10.0)
    given = positions(t, lat=57 + t / 1e9, sog=sog, row=pack_row(3, np.arange(1, len(t) + 1)))
    one.push(given, Statics.empty())
    # The same report heard again a second later is not kept.
    one.push(positions([3_540_000 + 1_000], lat=given.lat[-1], sog=sog[-1]), Statics.empty())
    one.finish()
    tracks.close()
    table = pq.read_table(tmp_path / "tracks.parquet")
    assert table.schema.equals(SCHEMA)
    read = table.to_pydict()
    assert [int(x.timestamp() * 1000) for x in read["t"]] == (T0 + t).tolist()
    assert read["lat"] == given.lat.tolist()
    assert [x is None for x in read["sog_kn"]] == np.isnan(sog).tolist()
    assert set(read["source"]) == {3}
    assert read["row"] == list(range(1, len(t) + 1))
    assert set(read["mmsi"]) == {219_000_001}
    assert set(read["track"]) == {0}


def test_an_error_while_writing_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    one = engine()
    tracks = TrackFile(tmp_path / "tracks.parquet", one.vessels)
    one.sink = tracks

    def full(table):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(
        tracks, "_writer", type("Full", (), {"write_table": staticmethod(full), "close": lambda self: None})()
    )
    one.push(positions([0, 60_000]), Statics.empty())
    one.finish()
    with pytest.raises(OSError, match="No space"):
        tracks.close()


def test_aborting_ends_the_thread(tmp_path: Path):
    one = engine()
    tracks = TrackFile(tmp_path / "tracks.parquet", one.vessels)
    tracks.abort()
    assert not tracks._thread.is_alive()
