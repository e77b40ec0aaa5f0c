"""Where ships' legs cross lines, for millions of legs, on the segment grid of :mod:`watchkeeper.kernels.lines`.

Legs and segments are arcs in planes through the Earth's centre, so no latitude or longitude is special.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import ECCENTRICITY_2, wrap_deg
from watchkeeper.kernels.lines import Floats, SegmentGrid, cell_of, surface_point

# Samples along a leg lie closer than twice the reach, so the cell of one of them holds any segment crossed.
_STEP_PER_REACH: Final = 1.8
_LONGEST_DEGREE_M: Final = 111_700.0
_POLAR_DEG: Final = 80.0
_DEG: Final = math.pi / 180.0


def crossings(
    grid: SegmentGrid, lat0: Floats, lon0: Floats, lat1: Floats, lon1: Floats, max_leg_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
    """Where legs (straight ways between two fixes) cross segments.

    Args:
        grid: its least reach must be above zero.
        lat0, lon0, lat1, lon1: both ends of each leg [deg], shapes ``(n,)``.
        max_leg_m: longer legs are not looked at: where the ship went between is unknown.

    Returns:
        Leg number, asset number and fraction along the leg in [0, 1], one row per crossing, ordered by leg
        and fraction. A way through a vertex, or two legs that meet on the line, make one crossing, not two.
    """
    leg, asset, fraction = _crossings(grid, lat0, lon0, lat1, lon1, max_leg_m)
    order = np.lexsort((fraction, leg))
    return leg[order], asset[order], fraction[order]


@kernel
def _crossings(
    grid: Any, lat0: Floats, lon0: Floats, lat1: Floats, lon1: Floats, max_leg_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
    south, size, cols, row_starts = grid.south, grid.cell, grid.cols, grid.row_starts
    starts, members, segments, owner = grid.starts, grid.members, grid.segments, grid.asset
    found = [(0, owner[0], 0.0) for _ in range(0)]
    step = _STEP_PER_REACH * grid.least_reach_m
    for i in range(len(lat0)):
        turn = wrap_deg(lon1[i] - lon0[i])
        most = _LONGEST_DEGREE_M * (abs(lat1[i] - lat0[i]) + abs(turn))
        short = most <= step and abs(lat0[i]) <= _POLAR_DEG
        cell = -1
        if short:  # decided without trigonometry where the cell is empty, as most are
            cell = cell_of(south, size, cols, row_starts, 0.5 * (lat0[i] + lat1[i]), lon0[i] + 0.5 * turn)
            if cell < 0 or starts[cell] == starts[cell + 1]:
                continue
        px, py, pz = surface_point(lat0[i], lon0[i])
        qx, qy, qz = surface_point(lat1[i], lon1[i])
        ux, uy, uz = qx - px, qy - py, qz - pz
        length = math.sqrt(ux * ux + uy * uy + uz * uz)
        if not length <= max_leg_m:
            continue
        steps = 1 if short else int(length / step) + 1
        for k in range(steps):
            if not short:
                middle = (k + 0.5) / steps
                lat, lon = _beneath(px + middle * ux, py + middle * uy, pz + middle * uz)
                cell = cell_of(south, size, cols, row_starts, lat, lon)
            if cell < 0:
                continue
            for m in range(starts[cell], starts[cell + 1]):
                fraction = _crossing(segments, members[m], px, py, pz, ux, uy, uz)
                # Every sample answers for its own part of the leg, so none is counted twice.
                if fraction >= 0.0 and min(int(fraction * steps), steps - 1) == k:
                    found.append((i, owner[members[m]], fraction))
    leg, asset, where = np.empty(len(found), np.int64), np.empty(len(found), np.int32), np.empty(len(found))
    for j in range(len(found)):
        leg[j], asset[j], where[j] = found[j]
    return leg, asset, where


@kernel
def _beneath(x: float, y: float, z: float) -> tuple[float, float]:
    """Latitude and longitude of the surface point on the line from the Earth's centre [deg]."""
    around = math.hypot(x, y) * (1.0 - ECCENTRICITY_2)
    return math.atan2(z, around) / _DEG, math.atan2(y, x) / _DEG


@kernel
def _crossing(
    segments: Floats, s: int, px: float, py: float, pz: float, ux: float, uy: float, uz: float
) -> float:
    """Fraction of the leg from P along U at which it crosses segment ``s``; -1 where it does not.

    Both are arcs in planes through the Earth's centre: they cross when each has its ends on both sides of
    the other's plane. The sides are half-open, so a common end belongs to one of its two neighbours.
    """
    ax, ay, az = segments[s, 0], segments[s, 1], segments[s, 2]
    bx, by, bz = segments[s, 3], segments[s, 4], segments[s, 5]
    nx, ny, nz = py * uz - pz * uy, pz * ux - px * uz, px * uy - py * ux
    if (nx * ax + ny * ay + nz * az >= 0.0) == (nx * bx + ny * by + nz * bz >= 0.0):
        return -1.0
    vx, vy, vz = bx - ax, by - ay, bz - az
    mx, my, mz = ay * vz - az * vy, az * vx - ax * vz, ax * vy - ay * vx
    before = mx * px + my * py + mz * pz
    after = mx * (px + ux) + my * (py + uy) + mz * (pz + uz)
    if (before >= 0.0) == (after >= 0.0):
        return -1.0
    return float(before / (before - after))
