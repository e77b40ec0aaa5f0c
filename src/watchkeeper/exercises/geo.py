"""Small-distance geometry on WGS84 for the simulated world. Longitudes may run past 180 inside it."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

METRES_PER_NMI: Final = 1852.0
KNOT: Final = METRES_PER_NMI / 3600.0
"""One knot in m/s."""

# WGS84: semi-major axis [m] and first eccentricity squared (NGA.STND.0036, table 3.1).
_AXIS: Final = 6_378_137.0
_ECCENTRICITY2: Final = 0.006_694_379_990_14


def metres_per_degree(lat: Any) -> tuple[Any, Any]:
    """Length of one degree of latitude and of longitude at ``lat`` [deg], in metres."""
    phi = np.radians(lat)
    w2 = 1.0 - _ECCENTRICITY2 * np.sin(phi) ** 2
    north = np.pi / 180.0 * _AXIS * (1.0 - _ECCENTRICITY2) / w2**1.5
    east = np.pi / 180.0 * _AXIS / np.sqrt(w2) * np.cos(phi)
    return north, east


def wrap_lon(lon: Any) -> Any:
    """Longitude [deg] brought into -180 <= lon < 180."""
    return (np.asarray(lon) + 180.0) % 360.0 - 180.0


def displaced(lat: Any, lon: Any, north_m: Any, east_m: Any) -> tuple[Any, Any]:
    """The point ``north_m`` and ``east_m`` metres away (good to 0.1 % within 100 km)."""
    north, east = metres_per_degree(lat)
    return lat + north_m / north, lon + east_m / east


def displacement(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> tuple[Any, Any]:
    """Metres north and east from the first point to the second, measured at their middle latitude."""
    north, east = metres_per_degree((np.asarray(lat1) + lat2) / 2.0)
    return (lat2 - np.asarray(lat1)) * north, wrap_lon(lon2 - np.asarray(lon1)) * east


def distance_m(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> Any:
    """Distance in metres (error below 1 % within 300 km)."""
    return np.hypot(*displacement(lat1, lon1, lat2, lon2))


def course_deg(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> Any:
    """Direction from the first point to the second, degrees clockwise from north."""
    north, east = displacement(lat1, lon1, lat2, lon2)
    return np.degrees(np.arctan2(east, north)) % 360.0


def angle_between(a: Any, b: Any) -> Any:
    """The smaller angle between two directions [deg], 0 to 180."""
    return np.abs((np.asarray(a) - b + 180.0) % 360.0 - 180.0)


def distance_to_line_m(lat: Array, lon: Array, line_lat: Array, line_lon: Array) -> Array:
    """Distance in metres of each point to a polyline. Shapes ``(n,)`` and ``(m,)`` in, ``(n,)`` out."""
    north1, east1 = displacement(lat[:, None], lon[:, None], line_lat[None, :-1], line_lon[None, :-1])
    north2, east2 = displacement(lat[:, None], lon[:, None], line_lat[None, 1:], line_lon[None, 1:])
    dn, de = north2 - north1, east2 - east1
    length2 = np.maximum(dn**2 + de**2, 1e-9)
    along = np.clip(-(north1 * dn + east1 * de) / length2, 0.0, 1.0)
    return np.hypot(north1 + along * dn, east1 + along * de).min(axis=1)  # type: ignore[no-any-return]
