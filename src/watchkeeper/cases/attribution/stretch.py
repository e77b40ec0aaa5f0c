"""The asset as short segments, and the part of it that the question is about."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.geodesy import distances_m
from watchkeeper.kernels.plane import from_plane, to_plane

Floats = NDArray[np.float64]


class Place(NamedTuple):
    """Where the fault was measured [deg], and how far off that may be [m]."""

    lat: float
    lon: float
    uncertainty_m: float


class Line(NamedTuple):
    """Segments of at most 5 km, both ends [deg]. Shapes ``(n,)``."""

    lat1: Floats
    lon1: Floats
    lat2: Floats
    lon2: Floats

    def __bool__(self) -> bool:
        return len(self.lat1) > 0

    @property
    def length_m(self) -> float:
        """Length of all segments [m]."""
        return float(distances_m(*self).sum())


class Stretch(NamedTuple):
    """The part asked about (``inside``), the rest of the asset, and a circle around the first: centre [deg], radius."""

    inside: Line
    outside: Line
    lat: float
    lon: float
    radius_m: float


def stretch_of(line: Line, place: Place | None) -> Stretch:
    """The whole line, or its part within the uncertainty of a place.

    Segments without length (doubled vertices) are left out. ``inside`` is empty where nothing of the line lies
    within reach of the place, or where the line has no length.
    """
    long = ~((line.lat1 == line.lat2) & (line.lon1 == line.lon2))
    line = Line(*(column[long] for column in line))
    inside, outside = (line, _none()) if place is None else _cut(line, place)
    if not inside:
        return Stretch(inside, outside, np.nan, np.nan, np.nan)
    lat, lon, radius = _circle(inside)
    return Stretch(inside, outside, lat, lon, radius)


def distance_to_m(line: Line, lat: float, lon: float) -> float:
    """Distance from a point to the nearest vertex of a line [m]: the line's own error is at most half a segment."""
    n = len(line.lat1)
    return float(distances_m(line.lat1, line.lon1, np.full(n, lat), np.full(n, lon)).min(initial=np.inf))


def _none() -> Line:
    return Line(*(np.empty(0) for _ in range(4)))


def _cut(line: Line, place: Place) -> tuple[Line, Line]:
    """The parts within and beyond the circle around a place: each segment has up to three."""
    x1, y1 = to_plane(place.lat, place.lon, line.lat1, line.lon1)
    x2, y2 = to_plane(place.lat, place.lon, line.lat2, line.lon2)
    ux, uy = x2 - x1, y2 - y1
    # |P1 + s U|^2 = r^2, a quadratic in s
    a, b = ux * ux + uy * uy, x1 * ux + y1 * uy
    root2 = b * b - a * (x1 * x1 + y1 * y1 - place.uncertainty_m**2)
    root = np.sqrt(np.maximum(root2, 0.0))
    enter = np.clip(np.where(root2 > 0.0, (-b - root) / a, 1.0), 0.0, 1.0)
    leave = np.clip(np.where(root2 > 0.0, (-b + root) / a, 1.0), 0.0, 1.0)

    def part(start: Floats, end: Floats) -> Line:
        some = end > start
        ends = [
            from_plane(place.lat, place.lon, (x1 + s * ux)[some], (y1 + s * uy)[some]) for s in (start, end)
        ]
        return Line(*ends[0], *ends[1])

    zero, one = np.zeros(len(enter)), np.ones(len(enter))
    before, after = part(zero, enter), part(leave, one)
    return part(enter, leave), Line(*(np.concatenate(c) for c in zip(before, after, strict=True)))


def _circle(line: Line) -> tuple[float, float, float]:
    """Centre [deg] and radius [m] of a circle that holds all segments."""
    lat0, lon0 = float(line.lat1[0]), float(line.lon1[0])
    lats, lons = np.concatenate([line.lat1, line.lat2]), np.concatenate([line.lon1, line.lon2])
    x, y = to_plane(lat0, lon0, lats, lons)
    middle = (np.array([(x.min() + x.max()) / 2]), np.array([(y.min() + y.max()) / 2]))
    lat, lon = (float(c[0]) for c in from_plane(lat0, lon0, *middle))
    n = len(lats)
    return lat, lon, float(distances_m(np.full(n, lat), np.full(n, lon), lats, lons).max())
