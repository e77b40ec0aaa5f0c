"""Distance, bearing and destination on the WGS84 ellipsoid, right at the antimeridian and the poles.

Scalar kernels for use inside other kernels, and the same for columns. Degrees and metres throughout;
longitudes may be given in any turn. NaN in, NaN out.

Sources: WGS84 (NIMA TR8350.2, table 3.1); Lambert 1942 as in Thomas, *Spheroidal geodesics* (US Naval
Oceanographic Office SP-138, 1970) for long distances; Vincenty, *Survey Review* 23(176), 1975, for
bearings and destinations. The errors stated were measured against GeographicLib (``pyproj.Geod``) and
are asserted in the tests.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.model.units import METRES_PER_NMI, MS_PER_HOUR

SEMI_MAJOR_M: Final = 6_378_137.0
FLATTENING: Final = 1.0 / 298.257223563
SEMI_MINOR_M: Final = SEMI_MAJOR_M * (1.0 - FLATTENING)
ECCENTRICITY_2: Final = FLATTENING * (2.0 - FLATTENING)

# Up to these differences a plane at the middle latitude serves. Its relative error is at most
# (difference of longitude in radians * sin latitude)^2 / 8: 1e-5 at any latitude, poles included.
_PLANE_LAT_DEG: Final = 0.5
_PLANE_LON_DEG: Final = 0.5
_DEG: Final = math.pi / 180.0
_DIRECT_STEPS: Final = 4

LEAST_DEGREE_M: Final = 110_500.0
"""No degree of latitude is shorter: 110,574 m at the equator (WGS84), with a margin."""


@kernel
def wrap_deg(degrees: float) -> float:
    """The same angle in [-180, 180)."""
    if not (
        degrees < -180.0 or degrees >= 180.0
    ):  # NaN is done here too: a remainder costs ten times as much
        return degrees
    wrapped = (degrees + 180.0) % 360.0 - 180.0
    return -180.0 if wrapped >= 180.0 else wrapped


@kernel
def angle_between_deg(a: float, b: float) -> float:
    """The unsigned angle between two directions, 0 to 180."""
    return abs(wrap_deg(a - b))


@kernel
def angles_between_deg(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """:func:`angle_between_deg` row by row. Shapes ``(n,)`` in, ``(n,)`` out."""
    result = np.empty(len(a), np.float32)
    for i in range(len(a)):
        result[i] = angle_between_deg(a[i], b[i])
    return result


@kernel
def metres_per_degree(lat: float) -> tuple[float, float]:
    """Length of a degree of latitude and of a degree of longitude at ``lat`` [m]."""
    sine = math.sin(lat * _DEG)
    bulge = 1.0 / (1.0 - ECCENTRICITY_2 * sine * sine)
    prime_vertical = SEMI_MAJOR_M * math.sqrt(bulge)
    meridian = prime_vertical * (1.0 - ECCENTRICITY_2) * bulge
    return meridian * _DEG, prime_vertical * math.sqrt(1.0 - sine * sine) * _DEG


@kernel
def _reduced(lat: float) -> tuple[float, float]:
    """Sine and cosine of the reduced latitude (the latitude on the auxiliary sphere)."""
    y = (1.0 - FLATTENING) * math.sin(lat * _DEG)
    x = math.cos(lat * _DEG)
    length = math.hypot(x, y)
    return y / length, x / length


@kernel
def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Geodesic distance between two points [m].

    Relative error below 1e-5 up to 50 km (0.5 m) and below 4e-6 from there to 15,000 km; nearer the
    antipode it rises to at most 0.4 %.
    """
    dlat = lat2 - lat1
    dlon = wrap_deg(lon2 - lon1)
    if abs(dlat) <= _PLANE_LAT_DEG and abs(dlon) <= _PLANE_LON_DEG:
        north, east = metres_per_degree(0.5 * (lat1 + lat2))
        y, x = dlat * north, dlon * east
        return math.sqrt(y * y + x * x)
    return _lambert_m(lat1, lat2, dlon)


@kernel
def _lambert_m(lat1: float, lat2: float, dlon: float) -> float:
    """Great-circle distance on the auxiliary sphere, corrected to first order in the flattening."""
    sin1, cos1 = _reduced(lat1)
    sin2, cos2 = _reduced(lat2)
    half = math.sin(0.5 * dlon * _DEG)
    # The haversine written with the chord in latitude keeps its digits for near points.
    chord2 = (sin2 - sin1) ** 2 + (cos2 - cos1) ** 2
    hav = 0.25 * chord2 + cos1 * cos2 * half * half
    if hav == 0.0:
        return 0.0
    if hav > 1.0 - 1e-9:
        return SEMI_MAJOR_M * math.pi
    arc = 2.0 * math.asin(math.sqrt(hav))
    sine = math.sin(arc)
    total, difference = sin1 + sin2, sin1 - sin2
    x = (arc - sine) * total * total / (4.0 * (1.0 - hav))
    y = (arc + sine) * difference * difference / (4.0 * hav)
    return SEMI_MAJOR_M * (arc - 0.5 * FLATTENING * (x + y))


@kernel
def bearing_deg(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Initial bearing of the geodesic from the first point to the second, 0 to 360; 0 for the same point.

    Error below 0.002 degree up to 15,000 km; meaningless near the antipode.
    """
    dlon = wrap_deg(lon2 - lon1)
    if lat1 == lat2 and dlon == 0.0:
        return 0.0
    sin1, cos1 = _reduced(lat1)
    sin2, cos2 = _reduced(lat2)
    turn = dlon * _DEG
    for _ in range(2):
        across = cos2 * math.sin(turn)
        half = math.sin(0.5 * turn)
        # cos1 sin2 - sin1 cos2 cos(turn), without its cancellation for near points
        along = (cos1 * sin2 - sin1 * cos2) + 2.0 * sin1 * cos2 * half * half
        sine = math.hypot(across, along)
        if sine == 0.0:
            break
        arc = math.atan2(sine, sin1 * sin2 + cos1 * cos2 * math.cos(turn))
        # The auxiliary sphere is turned a little further than the ellipsoid: Vincenty's first step.
        turn = dlon * _DEG + FLATTENING * cos1 * across / sine * arc
    return math.atan2(across, along) / _DEG % 360.0


@kernel
def destination(lat: float, lon: float, bearing: float, distance: float) -> tuple[float, float]:
    """The point ``distance`` metres along the geodesic that starts at ``bearing`` degrees.

    Returns latitude and longitude in [-180, 180). Error below 1 mm up to 20,000 km.
    """
    sin1, cos1 = _reduced(lat)
    sin_b, cos_b = math.sin(bearing * _DEG), math.cos(bearing * _DEG)
    arc1 = math.atan2(sin1, cos1 * cos_b)
    sin_a = cos1 * sin_b
    cos2_a = 1.0 - sin_a * sin_a
    u2 = cos2_a * (SEMI_MAJOR_M**2 - SEMI_MINOR_M**2) / SEMI_MINOR_M**2
    a = 1.0 + u2 / 16384.0 * (4096.0 + u2 * (-768.0 + u2 * (320.0 - 175.0 * u2)))
    b = u2 / 1024.0 * (256.0 + u2 * (-128.0 + u2 * (74.0 - 47.0 * u2)))
    first = distance / (SEMI_MINOR_M * a)
    arc = first
    for _ in range(_DIRECT_STEPS):
        mid = math.cos(2.0 * arc1 + arc)
        sine, cosine = math.sin(arc), math.cos(arc)
        turn = cosine * (2.0 * mid * mid - 1.0)
        third = b / 6.0 * mid * (4.0 * sine * sine - 3.0) * (4.0 * mid * mid - 3.0)
        arc = first + b * sine * (mid + b / 4.0 * (turn - third))
    mid = math.cos(2.0 * arc1 + arc)
    sine, cosine = math.sin(arc), math.cos(arc)
    north = sin1 * cosine + cos1 * sine * cos_b
    rest = sin1 * sine - cos1 * cosine * cos_b
    lat2 = math.atan2(north, (1.0 - FLATTENING) * math.hypot(sin_a, rest))
    turn = math.atan2(sine * sin_b, cos1 * cosine - sin1 * sine * cos_b)
    c = FLATTENING / 16.0 * cos2_a * (4.0 + FLATTENING * (4.0 - 3.0 * cos2_a))
    bend = arc + c * sine * (mid + c * cosine * (2.0 * mid * mid - 1.0))
    dlon = turn - (1.0 - c) * FLATTENING * sin_a * bend
    return lat2 / _DEG, wrap_deg(lon + dlon / _DEG)


@kernel
def implied_speed_kn(distance: float, dt_ms: int) -> float:
    """Speed [kn] that covers ``distance`` metres in ``dt_ms`` ms; infinite for a move in no time."""
    if dt_ms == 0:
        return 0.0 if distance == 0.0 else math.inf
    return distance / METRES_PER_NMI * (MS_PER_HOUR / abs(dt_ms))


@kernel
def distances_m(
    lat1: NDArray[np.float64], lon1: NDArray[np.float64], lat2: NDArray[np.float64], lon2: NDArray[np.float64]
) -> NDArray[np.float64]:
    """:func:`distance_m` row by row. Shapes ``(n,)`` in, ``(n,)`` out."""
    result = np.empty(len(lat1))
    for i in range(len(lat1)):
        result[i] = distance_m(lat1[i], lon1[i], lat2[i], lon2[i])
    return result


@kernel
def bearings_deg(
    lat1: NDArray[np.float64], lon1: NDArray[np.float64], lat2: NDArray[np.float64], lon2: NDArray[np.float64]
) -> NDArray[np.float64]:
    """:func:`bearing_deg` row by row. Shapes ``(n,)`` in, ``(n,)`` out."""
    result = np.empty(len(lat1))
    for i in range(len(lat1)):
        result[i] = bearing_deg(lat1[i], lon1[i], lat2[i], lon2[i])
    return result


@kernel
def near_points(
    lat: NDArray[np.float64], lon: NDArray[np.float64], at_lat: float, at_lon: float, within_m: float
) -> NDArray[np.bool_]:
    """Which points lie at most ``within_m`` from a place, ``(n,)`` bool; most are settled by their latitude."""
    band = within_m / LEAST_DEGREE_M
    out = np.empty(len(lat), np.bool_)
    for k in range(len(lat)):
        out[k] = abs(lat[k] - at_lat) <= band and distance_m(lat[k], lon[k], at_lat, at_lon) <= within_m
    return out
