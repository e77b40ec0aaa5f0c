"""Sorting by way of the disk gives what an ordered input gives, and leaves nothing behind."""

from pathlib import Path

import numpy as np
from making import T0, Input, positions, statics

from watchkeeper.engine.ordering import merge
from watchkeeper.engine.sorting import sorted_stream
from watchkeeper.model.records import Positions, Statics


def joined(stream) -> tuple[Positions, Statics]:
    parts = list(stream)
    return Positions.concat(p for p, _ in parts), Statics.concat(s for _, s in parts)


def test_shuffled_rows_come_as_if_they_had_been_in_order(tmp_path: Path):
    rng = np.random.default_rng(3)
    t = np.sort(rng.choice(10 * 3_600_000, 500, replace=False))
    ordered, said = positions(t, lat=rng.uniform(50, 60, 500)), statics(np.arange(0, 36_000_000, 900_000))
    where, where_said = rng.permutation(500), rng.permutation(len(said))
    shuffled, said_shuffled = ordered.take(where), said.take(where_said)
    tallied = []
    by_disk = joined(
        sorted_stream(
            [
                Input([(shuffled.slice(0, 200), said_shuffled)]),
                Input([(shuffled.slice(200, 500), Statics.empty())]),
            ],
            lambda k, batch: tallied.append((k, len(batch.positions))),
            tmp_path,
        )
    )
    plain = joined(merge([Input([(ordered, said)])], lambda k, b: None))
    for one, other in zip(by_disk, plain, strict=True):
        for name in one.DTYPES:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert tallied == [(0, 200), (1, 300)]
    assert list(tmp_path.iterdir()) == []


def test_equal_times_keep_their_order(tmp_path: Path):
    stream = sorted_stream([Input([(positions([7, 5, 7, 5]), Statics.empty())])], lambda k, b: None, tmp_path)
    assert joined(stream)[0].row.tolist() == [2, 4, 1, 3]


def test_an_hour_at_a_time(tmp_path: Path):
    stream = sorted_stream(
        [Input([(positions([7_200_000, 0, 3_600_000]), Statics.empty())])], lambda k, b: None, tmp_path
    )
    assert [(p.t - T0).tolist() for p, _ in stream] == [[0], [3_600_000], [7_200_000]]
