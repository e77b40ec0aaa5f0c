"""What is older than the horizon is forgotten; what ships last said, and what still goes on, is not."""

import numpy as np
from making import T0, engine, positions

from watchkeeper.behaviours import all_behaviours
from watchkeeper.engine.context import FeedOut, RunContext
from watchkeeper.engine.presence import Presence
from watchkeeper.engine.vessels import Vessels
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.records import Statics, pack_row
from watchkeeper.model.time import HOUR, MINUTE

IMPOSSIBLE = all_behaviours()["impossible-value"]


def said(t: int, mmsi: int, *, name: str = "", imo: int = 0, row: int = 1) -> Statics:
    columns = {n: np.zeros(1, d) for n, d in Statics.DTYPES.items()}
    columns |= {n: np.full(1, np.nan, "f4") for n in ("length_m", "beam_m", "draught_m")}
    columns |= {"t": np.array([t]), "row": np.array([row]), "mmsi": np.array([mmsi], "i4")}
    columns |= {"imo": np.array([imo], "i4"), "name": np.array([name.encode()], "S20")}
    columns["ship_type"] = np.array([-1], "i2")
    return Statics(**columns)


def test_closed_episodes_before_the_horizon_go() -> None:
    one = engine([IMPOSSIBLE])
    one.push(positions([0, 60_000, 120_000], sog=[0.0, 102.2, 0.0]), Statics.empty())
    one.push(positions([10 * HOUR, 10 * HOUR + 60_000], sog=[0.0, 0.0]), Statics.empty())
    one._process(one._reorder.finish())
    one.finish()
    assert len(Episodes.concat(one.watches[0].episodes)) == 1
    one.forget(T0 + HOUR)
    assert len(Episodes.concat(one.watches[0].episodes)) == 0
    assert not one.presence.heard(0, T0, T0 + HOUR)


def test_standing_changes_nothing() -> None:
    one = engine([all_behaviours()["ais-gap"], all_behaviours()["encounter"], IMPOSSIBLE])
    one.push(positions([0, 60_000, 120_000], sog=[0.0, 102.2, 5.0]), Statics.empty())
    one._process(one._reorder.finish())
    before = one.snapshot()
    first, second = (
        [Episodes.concat(w.episodes) for w in standing] for standing in (one.standing(), one.standing())
    )
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a.start, b.start)
    after = one.snapshot()
    assert set(before) == set(after)
    for name, array in before.items():
        np.testing.assert_array_equal(array, after[name], err_msg=name)


def test_what_a_ship_last_said_is_kept_part_by_part() -> None:
    vessels = Vessels()
    vessels.learn(said(0, 219_000_001, name="OLD", row=1))
    vessels.learn(said(MINUTE, 219_000_001, imo=9_074_729, row=2))
    vessels.learn(said(2 * MINUTE, 219_000_001, name="NEW", row=3))
    vessels.learn(said(3 * MINUTE, 219_000_002, name="OTHER", row=4))
    vessels.forget(HOUR)
    statics, by = vessels.changes()
    assert statics.row.tolist() == [2, 3, 4]
    assert by.tolist() == [0, 0, 1]
    assert len(vessels.learn(said(HOUR, 219_000_001, name="NEW", row=5))) == 0


def context(outs: list[FeedOut]) -> RunContext:
    return RunContext(
        Vessels(), Presence(), 0, Episodes.empty(), None, None, [], lambda ship: [], feeds_out=outs
    )


def test_a_silence_is_unknown_where_its_feed_was_out_for_most_of_it() -> None:
    row = pack_row(1, 77)
    for start, end, unknown in (
        (0, 3 * HOUR, True),  # all of it
        (2 * HOUR, 3 * HOUR, False),  # two hours of silence before
        (HOUR // 2, 3 * HOUR, True),  # half an hour before is no silence of its own
        (HOUR, HOUR + 10 * MINUTE, False),  # ten minutes in the middle
        (4 * HOUR, 5 * HOUR, False),  # after it
    ):
        out = context([FeedOut(1, "tower", start, end)]).feed_out(row, 0, 3 * HOUR)
        assert (out == "tower") is unknown, (start, end)


def test_only_the_feed_that_last_heard_the_ship_counts() -> None:
    assert context([FeedOut(0, "other", 0, 3 * HOUR)]).feed_out(pack_row(1, 77), 0, 3 * HOUR) is None
