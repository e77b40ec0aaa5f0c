"""Dense vessel numbers and grouping, against dictionaries."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.kernels.group import assign, group_order

mmsis = st.lists(
    st.integers(1, 2**31 - 1) | st.sampled_from([201_000_000, 219_000_001]), min_size=1, max_size=60
)


@given(mmsis, st.integers(1, 60))
def test_numbers_are_given_in_order_of_appearance_and_stay(numbers: list[int], cut: int):
    keys, held = np.zeros(256, np.int32), np.zeros(256, np.int32)
    first, count = assign(np.array(numbers[:cut], np.int32), keys, held, 0)
    second, count = assign(np.array(numbers[cut:], np.int32), keys, held, count)
    order = list(dict.fromkeys(numbers))
    assert [*first.tolist(), *second.tolist()] == [order.index(m) for m in numbers]
    assert count == len(order)


@given(st.lists(st.integers(0, 9), max_size=60))
def test_groups_are_together_and_stable(vessels: list[int]):
    scratch = np.full(10, -1, np.int32)
    order = group_order(np.array(vessels, np.int32), scratch).tolist()
    appearance = list(dict.fromkeys(vessels))
    assert order == sorted(range(len(vessels)), key=lambda i: (appearance.index(vessels[i]), i))
    assert (scratch == -1).all()
