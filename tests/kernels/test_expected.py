"""Reporting intervals, against the tables of ITU-R M.1371-5, annex 2."""

import numpy as np
import pytest

from watchkeeper.kernels.expected import expected_interval_s
from watchkeeper.model.records import CLASS_A, CLASS_B, CLASS_UNKNOWN


@pytest.mark.parametrize(
    ("ais_class", "knots", "seconds"),
    [
        (CLASS_A, 0.0, 180), (CLASS_A, 2.9, 180), (CLASS_A, 3.0, 10), (CLASS_A, 13.9, 10), (CLASS_A, 14.0, 6),
        (CLASS_A, 22.9, 6), (CLASS_A, 23.1, 2), (CLASS_A, 102.2, 2), (CLASS_A, np.nan, 180),
        (CLASS_B, 0.0, 180), (CLASS_B, 1.9, 180), (CLASS_B, 2.1, 30), (CLASS_B, 14.1, 15), (CLASS_B, 23.1, 5),
        (CLASS_B, np.nan, 180), (CLASS_UNKNOWN, 5.0, 10),
    ],
)  # fmt: skip
def test_interval(ais_class: int, knots: float, seconds: float):
    assert expected_interval_s(np.array([ais_class]), np.array([knots], np.float32)).tolist() == [seconds]


def test_never_shorter_at_a_lower_speed():
    knots = np.linspace(0, 40, 401)
    for ais_class in (CLASS_A, CLASS_B):
        assert (np.diff(expected_interval_s(np.full(401, ais_class), knots)) <= 0).all()
