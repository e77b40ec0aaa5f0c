"""Geometries as short segments, and the nearest of them at any distance."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels import lines

Floats = NDArray[np.float64]

FARTHEST_M: Final = 200_000.0
"""The largest distance that can be asked for."""

_FIRST_REACH_M: Final = 2_000.0
_REACH_STEP: Final = 4.0
_LONGEST_DEGREE_M: Final = 111_700.0


class Segments(NamedTuple):
    """Both ends [deg] and the owner's number, each shape ``(n,)``; equal ends make a point."""

    lat1: Floats
    lon1: Floats
    lat2: Floats
    lon2: Floats
    owner: NDArray[np.int32]

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """All segments of ``parts``, in order."""
        return cls(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def cut_edges(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> NDArray[np.bool_]:
    """Edges along the antimeridian or a pole: cuts between parts of one polygon, not its outline."""
    along_antimeridian = (np.abs(lon1) == 180.0) & (np.abs(lon2) == 180.0)
    at_pole = (np.abs(lat1) == 90.0) & (np.abs(lat2) == 90.0)
    return np.asarray(along_antimeridian | at_pole)


def of_geometry(geometry: Any, owner: int) -> Segments:
    """The segments of a shapely geometry, none longer than :data:`lines.MAX_SEGMENT_M`.

    Lines are divided along the geodesic, as cables are laid and charted; the outlines of polygons along
    straight lines in longitude and latitude, as GeoJSON defines them (RFC 7946, 3.1.1). Points become
    segments without length.
    """
    parts = [_of_part(part) for part in _parts(geometry)]
    none = np.empty(0)
    divided = Segments.concat([Segments(none, none, none, none, none.astype(np.int32)), *parts])
    return divided._replace(owner=np.full(len(divided.lat1), owner, np.int32))


def _parts(geometry: Any) -> Iterator[Any]:
    """Points, lines and rings of a geometry, however nested."""
    import shapely

    for part in shapely.get_parts(geometry):
        if hasattr(part, "geoms"):
            yield from _parts(part)
        elif part.geom_type == "Polygon":
            yield part.exterior
            yield from part.interiors
        else:
            yield part


def _of_part(part: Any) -> Segments:
    import shapely

    lon, lat = np.ascontiguousarray(shapely.get_coordinates(part).T)
    if part.geom_type == "Point":
        return _undivided(lat, lon, lat, lon)
    ends = (lat[:-1], lon[:-1], lat[1:], lon[1:])
    if part.geom_type == "LinearRing":
        real = ~cut_edges(*ends)
        return divide_straight(*(column[real] for column in ends))
    return divide_geodesic(*ends)


def _undivided(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Segments:
    return Segments(lat1, lon1, lat2, lon2, np.zeros(len(lat1), np.int32))


def divide_straight(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Segments:
    """Edges straight in longitude and latitude, divided; the longer way round is never taken."""
    turn = (lon2 - lon1 + 180.0) % 360.0 - 180.0
    equatorward = np.radians(np.minimum(np.abs(lat1), np.abs(lat2)))
    length = np.hypot(lat2 - lat1, turn * np.cos(equatorward)) * _LONGEST_DEGREE_M

    def at(which: NDArray[np.int64], fraction: Floats) -> tuple[Floats, Floats]:
        return lat1[which] + fraction * (lat2 - lat1)[which], lon1[which] + fraction * turn[which]

    return _divided(lat1, lon1, lat2, lon2, length, at)


def divide_geodesic(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Segments:
    """Lines between vertices along the WGS84 geodesic, divided."""
    from pyproj import Geod

    wgs84 = Geod(ellps="WGS84")
    azimuth, _, length = wgs84.inv(lon1, lat1, lon2, lat2)

    def at(which: NDArray[np.int64], fraction: Floats) -> tuple[Floats, Floats]:
        lon, lat, _ = wgs84.fwd(lon1[which], lat1[which], azimuth[which], length[which] * fraction)
        return np.asarray(lat), np.asarray(lon)

    return _divided(lat1, lon1, lat2, lon2, np.asarray(length), at)


def _divided(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats, length: Floats, at: Any) -> Segments:
    """Every edge in as few equal pieces as are short enough; the original vertices stay as they are."""
    pieces = np.maximum(1, np.ceil(length / (lines.MAX_SEGMENT_M * 0.999))).astype(np.int64)
    which = np.repeat(np.arange(len(length)), pieces)
    number = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    of = pieces[which]
    starts, ends = at(which, number / of), at(which, (number + 1) / of)
    first, last = number == 0, number + 1 == of
    return _undivided(
        np.where(first, lat1[which], starts[0]),
        np.where(first, lon1[which], starts[1]),
        np.where(last, lat2[which], ends[0]),
        np.where(last, lon2[which], ends[1]),
    )


class SegmentIndex:
    """Segments with grids of growing reach, each built when it is first needed.

    ``first_reach_m`` is that of the finest: short where millions of positions are asked for, long where a
    few are, as a fine grid takes longer to build.
    """

    def __init__(self, segments: Segments, first_reach_m: float = _FIRST_REACH_M) -> None:
        self._segments = segments
        self._first_reach_m = first_reach_m
        self._grids: dict[float, lines.SegmentGrid] = {}

    def nearest(
        self, lat: Floats, lon: Floats, max_m: float
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Owner (-1 for none) and distance [m] (infinite for none) of the nearest segment within ``max_m``.

        Near points are answered by a fine grid; only those with nothing near go on to coarser ones.
        """
        if not 0.0 <= max_m <= FARTHEST_M:
            raise ValueError(f"a distance of {max_m} m cannot be asked for, at most {FARTHEST_M:.0f} m")
        owners = int(self._segments.owner.max(initial=-1)) + 1
        who = np.full(len(lat), -1, np.int32)
        distance = np.full(len(lat), np.inf, np.float32)
        open_points = np.arange(len(lat))
        reach = self._first_reach_m
        while len(open_points):
            limit = np.full(owners, min(reach, max_m))
            found, metres = lines.nearest(self._grid(reach), lat[open_points], lon[open_points], limit)
            who[open_points], distance[open_points] = found, metres
            if reach >= max_m:
                break
            open_points = open_points[found < 0]
            reach *= _REACH_STEP
        return who, distance

    def _grid(self, reach_m: float) -> lines.SegmentGrid:
        if reach_m not in self._grids:
            grid = lines.build(*self._segments, np.full(len(self._segments.lat1), reach_m))
            if self._grids:  # one copy of the segments serves all
                grid = grid._replace(segments=next(iter(self._grids.values())).segments)
            self._grids[reach_m] = grid
        return self._grids[reach_m]
