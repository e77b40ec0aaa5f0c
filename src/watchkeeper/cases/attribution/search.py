"""From legs near the stretch to crossings seen, silences that may hide one, and ships that were merely near."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchkeeper.cases.attribution.stretch import Line, Stretch
from watchkeeper.kernels import lines
from watchkeeper.kernels.crossings import crossings
from watchkeeper.kernels.geodesy import wrap_deg
from watchkeeper.kernels.nearby import Legs
from watchkeeper.model.records import Array

_LEAST_REACH_M = 1_000.0
"""A cell of the segment grid must be worth having."""


class Crossings(NamedTuple):
    """Crossings seen: track, time [ms], place [deg], whether of the stretch (else of the rest of the asset)."""

    track: Array
    t: Array
    lat: Array
    lon: Array
    inside: Array

    def take(self, where: NDArray[np.bool_]) -> "Crossings":
        """Those at ``where``."""
        return Crossings(*(column[where] for column in self))


class Nearest(NamedTuple):
    """The nearest report of each track that came near: track, distance [m], time [ms]. One row a track."""

    track: Array
    metres: Array
    t: Array


def take_legs(legs: Legs, where: NDArray[np.bool_]) -> Legs:
    """The legs at ``where``."""
    return Legs(*(column[where] for column in legs))


def crossings_seen(stretch: Stretch, legs: Legs) -> Crossings:
    """Where legs cross the asset, in order of track and time. The time is interpolated along the leg."""
    both = Line(*(np.concatenate(columns) for columns in zip(stretch.inside, stretch.outside, strict=True)))
    part = np.repeat(np.array([0, 1], np.int32), [len(stretch.inside.lat1), len(stretch.outside.lat1)])
    grid = lines.build(*both, part, np.full(len(part), _LEAST_REACH_M))
    leg, which, fraction = crossings(grid, legs.lat0, legs.lon0, legs.lat1, legs.lon1, np.inf)
    turn = np.array([wrap_deg(d) for d in legs.lon1[leg] - legs.lon0[leg]])
    t0, t1 = legs.t0[leg], legs.t1[leg]
    found = Crossings(
        track=legs.track[leg],
        t=t0 + np.rint(fraction * (t1 - t0)).astype(np.int64),
        lat=legs.lat0[leg] + fraction * (legs.lat1[leg] - legs.lat0[leg]),
        lon=(legs.lon0[leg] + fraction * turn + 180.0) % 360.0 - 180.0,
        inside=which == 0,
    )
    order = np.lexsort((found.t, found.track))
    return Crossings(*(column[order] for column in found))


def nearest_reports(line: Line, legs: Legs, within_m: float) -> Nearest:
    """Of each track the report nearest to the line, where one lies within reach."""
    reach = max(within_m, _LEAST_REACH_M)
    owner = np.zeros(len(line.lat1), np.int32)
    grid = lines.build(*line, owner, np.full(len(owner), reach))
    who, metres = lines.nearest(grid, legs.lat1, legs.lon1, np.array([within_m]))
    near = who >= 0
    track, metres, t = legs.track[near], metres[near].astype(np.float64), legs.t1[near]
    order = np.lexsort((metres, track))
    track, metres, t = track[order], metres[order], t[order]
    first = np.flatnonzero(np.diff(track, prepend=-1))
    return Nearest(track[first], metres[first], t[first])
