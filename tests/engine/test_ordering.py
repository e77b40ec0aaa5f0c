"""Records in time order: reordering, lateness, and several inputs as one stream."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import T0, Input, engine, positions, statics

from watchkeeper.engine.ordering import DisorderedError, Reorder, merge
from watchkeeper.model.records import Positions, Statics

LATENESS = 1000


def reordered(t: list[int], cuts: list[int]) -> tuple[list[int], list[int], int]:
    reorder, out, late = Reorder(Positions, LATENESS), [], 0
    given_all = positions(t)
    edges = [0, *sorted(c % (len(t) + 1) for c in cuts), len(t)]
    for a, b in pairwise(edges):
        ready, more = reorder.push(given_all.slice(a, b))
        out.append(ready)
        late += len(more)
    joined = Positions.concat([*out, reorder.finish()])
    return (joined.t - T0).tolist(), joined.row.tolist(), late


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=40), st.lists(st.integers(0, 40), max_size=5))
def test_what_is_released_is_ordered_and_does_not_depend_on_cuts(t: list[int], cuts: list[int]):
    times, rows, late = reordered(t, cuts)
    assert times == sorted(times)
    newest, expected = -(10**9), []
    for row, one in enumerate(t, 1):
        if one >= newest - LATENESS:
            expected.append((one, row))
        newest = max(newest, one)
    assert list(zip(times, rows, strict=True)) == sorted(expected)
    assert late == len(t) - len(expected)


def test_equal_times_keep_the_order_of_arrival():
    assert reordered([5, 3, 5, 3, 5], [1, 3])[1] == [2, 4, 1, 3, 5]


def test_a_report_exactly_as_late_as_allowed_is_kept():
    assert reordered([2000, 1000], [])[2] == 0
    assert reordered([2000, 999], [])[2] == 1


def test_few_rows_wait_until_there_are_enough():
    reorder = Reorder(Positions, 0, least_rows=3)
    assert len(reorder.push(positions([1, 2]))[0]) == 0
    assert len(reorder.push(positions([3]))[0]) == 2
    assert len(reorder.finish()) == 1


def merged(*inputs: list[tuple[Positions, Statics]]) -> tuple[list[int], dict[int, int]]:
    rows: dict[int, int] = {}

    def tally(k, batch):
        rows[k] = rows.get(k, 0) + batch.rows["read"]

    given_all = [p for p, _ in merge([Input(i) for i in inputs], tally)]
    return (Positions.concat(given_all).t - T0).tolist(), rows


def batches(*times: list[int]) -> list[tuple[Positions, Statics]]:
    return [(positions(t), Statics.empty()) for t in times]


def test_receivers_side_by_side_are_woven_together():
    times, rows = merged(batches([0, 20], [40, 60]), batches([10, 30], [50, 70]))
    assert times == [0, 10, 20, 30, 40, 50, 60, 70]
    assert rows == {0: 4, 1: 4}


def test_successive_days_are_read_one_after_the_other_in_any_order_given():
    later, earlier = batches([100, 110], [120]), batches([0, 10], [20])
    assert merged(later, earlier)[0] == merged(earlier, later)[0] == [0, 10, 20, 100, 110, 120]


def test_empty_batches_and_inputs_do_not_stop_the_others():
    assert merged([], batches([], [5], []), batches([1]))[0] == [1, 5]


def test_disorder_inside_one_input_is_left_for_the_engine_to_see():
    assert merged(batches([30, 10, 20]))[0] == [30, 10, 20]


def test_static_data_come_with_the_positions_of_their_time():
    stream = list(
        merge(
            [Input([(positions([10, 20]), statics([5])), (positions([30]), statics([25]))])],
            lambda k, b: None,
        )
    )
    held = [(p.t[-1] if len(p) else None, s.t[-1] if len(s) else None) for p, s in stream]
    assert sum(len(s) for _, s in stream) == 2
    assert held[0] == (T0 + 20, T0 + 5)


def test_an_input_sorted_by_vessel_is_noticed():
    day = np.arange(0, 24 * 3_600_000, 60_000)
    one = engine()
    for k in range(20):
        one.push(positions(day, 219_000_001 + k), Statics.empty())
    with pytest.raises(DisorderedError):
        one.check_order()


def test_a_few_late_rows_are_no_disorder():
    one = engine()
    one.push(positions([*range(0, 24 * 3_600_000, 2_000), *range(0, 100)]), Statics.empty())
    one.check_order()
    assert one.counts["late"] == 100
    assert one.counts["taken"] == 43_200


def test_late_static_data_are_counted():
    one = engine()
    one.push(Positions.empty(), statics([3_600_000, 0]))
    assert one.counts["late_static"] == 1
