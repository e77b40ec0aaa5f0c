"""Tracks for drawing: few enough points for a page, with everything an eye could miss kept.

The choice of points follows M4 (Jugel et al., *M4: A Visualization-Oriented Time Series Data Aggregation*,
VLDB 7 (10), 2014): first, last, least and greatest of every time slot draw the same line as all points.
To these come, for the map, the point farthest from the straight way through the slot, and both ends of every
silence.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.thinning import telling
from watchkeeper.model.time import MINUTE, SECOND

SILENT_MS: Final = 30 * MINUTE
"""Longer without a report is drawn as silent. For the eye only: ten times the longest interval at which
class A reports (3 min at anchor, ITU-R M.1371-5, table 1). What counts as a gap is the behaviour's to say."""

POINTS_PER_SLOT: Final = 5
POINTS_LEAST: Final = 100
POINTS_MOST: Final = 3_000

# 1e-5 degree is 1.1 m; AIS itself sends 1/10,000 min, 0.2 m, and a tenth of a knot.
POSITION_SCALE: Final = 1e5
SPEED_SCALE: Final = 10.0
_NO_SPEED: Final = -1.0

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Track:
    """Positions in time order: ``t`` [ms UTC], ``lat``, ``lon`` [deg], ``sog_kn`` (NaN: not sent)."""

    t: Ints
    lat: Floats
    lon: Floats
    sog_kn: Floats

    def __len__(self) -> int:
        return len(self.t)

    def take(self, where: NDArray[Any]) -> "Track":
        """The positions at ``where``."""
        return Track(self.t[where], self.lat[where], self.lon[where], self.sog_kn[where])


def thin(track: Track, points: int) -> Track:
    """At most about ``points`` positions of the track; more only where it has very many silences."""
    n = len(track)
    if n <= points:
        return track
    slots = max(1, points // POINTS_PER_SLOT)
    speed = np.nan_to_num(track.sog_kn, nan=_NO_SPEED)
    return track.take(telling(track.t, track.lat, track.lon, speed, slots, SILENT_MS))


def share_points(tracks: int, budget: int) -> int:
    """How many points each of ``tracks`` tracks may keep so that all together keep about ``budget``."""
    return int(np.clip(budget // max(1, tracks), POINTS_LEAST, POINTS_MOST))


def encode(track: Track) -> dict[str, list[int]]:
    """The track as whole numbers, each the difference to the one before.

    ``t`` in seconds, ``lat`` and ``lon`` in 1e-5 degree, ``sog`` in tenths of a knot (-1: not sent);
    ``silent`` lists the positions after which nothing was heard for :data:`SILENT_MS`.
    """
    silent = np.flatnonzero(np.diff(track.t) > SILENT_MS)
    speed = np.nan_to_num(track.sog_kn * SPEED_SCALE, nan=_NO_SPEED)
    return {
        "t": _differences(track.t / SECOND),
        "lat": _differences(track.lat * POSITION_SCALE),
        "lon": _differences(track.lon * POSITION_SCALE),
        "sog": _differences(speed),
        "silent": silent.tolist(),
    }


def _differences(values: NDArray[Any]) -> list[int]:
    steps: list[int] = np.diff(np.rint(values).astype(np.int64), prepend=0).tolist()
    return steps
