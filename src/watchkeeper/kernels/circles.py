"""The circle that best fits the positions of a stretch, from sums that grow with each position.

Kasa's algebraic fit (I. Kasa, *A circle fitting procedure and its error analysis*, IEEE Transactions on Instrumentation
and Measurement 25, 1976) needs only sums of powers of the coordinates, so a stretch of any length is one row of state.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import metres_per_degree
from watchkeeper.model.records import Array

# Sums over the points of x, y (metres east and north of the first), z = x^2 + y^2 and their products; twice the area
# swept as seen from the first point; the last point; metres per degree of latitude and longitude.
X, Y, XX, YY, XY, XZ, YZ, ZZ, AREA_2, LAST_X, LAST_Y, NORTH_M, EAST_M = range(13)
MOMENTS: Final = 13

LEAST_POINTS: Final = 4
"""Three points always lie on a circle."""


@kernel
def begin_points(table: Array, k: int, at: int, lat: float) -> None:
    """Take the scale of the plane [m/deg] from the latitude of the first point; all else is zero.

    The sums of row ``k`` begin in column ``at`` of the table.
    """
    north, east = metres_per_degree(lat)
    table[k, at + NORTH_M] = north
    table[k, at + EAST_M] = east


@kernel
def add_point(table: Array, k: int, at: int, dlat: float, dlon: float) -> None:
    """Add a point, given from the first one [deg]."""
    x = dlon * table[k, at + EAST_M]
    y = dlat * table[k, at + NORTH_M]
    z = x * x + y * y
    table[k, at + AREA_2] += table[k, at + LAST_X] * y - x * table[k, at + LAST_Y]
    table[k, at + X] += x
    table[k, at + Y] += y
    table[k, at + XX] += x * x
    table[k, at + YY] += y * y
    table[k, at + XY] += x * y
    table[k, at + XZ] += x * z
    table[k, at + YZ] += y * z
    table[k, at + ZZ] += z * z
    table[k, at + LAST_X] = x
    table[k, at + LAST_Y] = y


def fit_circles(n: Array, sums: Array) -> NDArray[np.float64]:
    """The circle of each stretch.

    Args:
        n: points of each, ``(m,)``.
        sums: ``(m, MOMENTS)``; or ``(m, 0)`` where none were added up.

    Returns:
        ``(3, m)``: radius [m]; root mean square distance of the points from the circle [m] (to first order); turns
        about its centre, anticlockwise positive (exact for whole turns). NaN where no circle can be said.
    """
    if not sums.shape[1] or not len(n):
        return np.full((3, len(n)), np.nan)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        radius, off = _kasa(np.asarray(n, float), sums.T)
        turns = 0.5 * sums[:, AREA_2] / (math.pi * radius * radius)
        fitted = np.stack([radius, off, turns])
    return np.where((n >= LEAST_POINTS) & np.isfinite(fitted).all(axis=0), fitted, np.nan)


def _kasa(n: NDArray[np.float64], s: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Radius and scatter, with the sums taken about the mean point so that few digits are lost."""
    mx, my, z = s[X] / n, s[Y] / n, s[XX] + s[YY]
    m2 = mx * mx + my * my
    xx, yy, xy = s[XX] - n * mx * mx, s[YY] - n * my * my, s[XY] - n * mx * my
    xw = s[XZ] - mx * z - 2.0 * (mx * xx + my * xy)
    yw = s[YZ] - my * z - 2.0 * (mx * xy + my * yy)
    ww = (
        s[ZZ]
        + 4.0 * (mx * mx * s[XX] + my * my * s[YY])
        + 8.0 * mx * my * s[XY]
        + 2.0 * m2 * z
        - 4.0 * (mx * s[XZ] + my * s[YZ])
        - 3.0 * n * m2 * m2
    )
    determinant = 2.0 * (xx * yy - xy * xy)
    a, b = (xw * yy - yw * xy) / determinant, (yw * xx - xw * xy) / determinant
    mean = (xx + yy) / n
    radius = np.sqrt(a * a + b * b + mean)
    left = ww - 4.0 * (a * xw + b * yw) + 4.0 * (a * a * xx + 2.0 * a * b * xy + b * b * yy) - n * mean * mean
    return radius, np.sqrt(np.maximum(left, 0.0) / n) / (2.0 * radius)
