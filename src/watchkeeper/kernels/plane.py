"""Places around a centre as metres east and north of it: the azimuthal equidistant projection of the ellipsoid.

No longitude is special, nor is a pole. Distances from the centre are true; across them they are too long by
(distance / Earth radius)^2 / 6: 0.03 % at 300 km, 0.4 % at 1,000 km (Snyder, *Map projections: a working manual*,
USGS 1395, 1987, chapter 25).
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import bearing_deg, destination, distance_m

Floats = NDArray[np.float64]

_DEG: Final = math.pi / 180.0


@kernel
def to_plane(lat0: float, lon0: float, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """East and north [m] of points [deg] from the centre. Shapes ``(n,)`` in and out."""
    x, y = np.empty(len(lat)), np.empty(len(lat))
    for i in range(len(lat)):
        away = distance_m(lat0, lon0, lat[i], lon[i])
        course = bearing_deg(lat0, lon0, lat[i], lon[i]) * _DEG
        x[i], y[i] = away * math.sin(course), away * math.cos(course)
    return x, y


@kernel
def from_plane(lat0: float, lon0: float, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Latitude and longitude [deg] of points east and north [m] of the centre. Inverse of :func:`to_plane`."""
    lat, lon = np.empty(len(x)), np.empty(len(x))
    for i in range(len(x)):
        lat[i], lon[i] = destination(lat0, lon0, math.atan2(x[i], y[i]) / _DEG, math.hypot(x[i], y[i]))
    return lat, lon
