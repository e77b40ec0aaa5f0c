"""How far a report is off in time, if its place is right: a wrong clock puts a ship where she was or will be."""

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.geodesy import bearings_deg
from watchkeeper.model.records import Array
from watchkeeper.model.units import METRES_PER_NMI


def lags_s(
    lat: Array,
    lon: Array,
    sog_kn: Array,
    cog_deg: Array,
    other: tuple[Array, Array, Array, Array],
    max_angle_deg: float,
) -> NDArray[np.float64]:
    """The error of the clock that explains why a report lies off the ship's other track ``(n,)`` [s].

    Args:
        lat, lon, sog_kn, cog_deg: the reports ``(n,)``.
        other: latitude, longitude, distance [m] of the last place on the other track, and the time since [s].
        max_angle_deg: how far that place may lie off the line of the ship's course.

    Returns:
        Positive where the time is too late (the place was true so many seconds before), negative where too early;
        NaN where the other track does not lie ahead or astern.
    """
    other_lat, other_lon, apart_m, since_s = other
    bearing = bearings_deg(lat, lon, other_lat, other_lon)
    ahead = np.abs((bearing - cog_deg + 540.0) % 360.0 - 180.0)
    side = np.where(ahead <= max_angle_deg, 1.0, np.where(ahead >= 180.0 - max_angle_deg, -1.0, np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        sailing_s = apart_m / (np.asarray(sog_kn, np.float64) * METRES_PER_NMI / 3600.0)
        lags: NDArray[np.float64] = np.where(np.isfinite(sailing_s), side * sailing_s + since_s, np.nan)
    return lags
