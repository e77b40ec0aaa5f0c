"""Receivers that fail: whole areas fall silent for an hour or so, and no ship there has gone dark."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from watchkeeper.exercises.cases import Case
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.geo import KNOT, distance_m
from watchkeeper.exercises.hearing import Outage
from watchkeeper.exercises.motion import TICK_S
from watchkeeper.exercises.ships import Ship
from watchkeeper.exercises.simulation import SimulationSpec

OUTAGES: Final = 2
RADIUS_M: Final = 60_000.0
_MARGIN_M: Final = 15_000.0
_MARGIN_S: Final = 3_600.0
_ATTEMPTS: Final = 300
_NAMED: Final = 3
"""Silenced ships written down as look-alikes, for each outage."""


def plan_outages(day: Day, cases: Sequence[Case], spec: SimulationSpec) -> tuple[list[Outage], list[Case]]:
    """Outages that touch no injected case, and the ships they silence as look-alikes of ``ais-gap``."""
    if "ais-gap" not in spec.behaviours or not spec.cases_per_behaviour:
        return [], []
    shown = [case for case in cases if case.positive]
    outages: list[Outage] = []
    silenced: list[Case] = []
    for attempt in range(_ATTEMPTS):
        if len(outages) == OUTAGES:
            break
        start, end = day.window(1.2, 1.9)
        traders = _under_way(day, start, end)
        if not traders:
            continue
        middle = traders[int(day.rng.integers(len(traders)))].motion.at((start + end) / 2.0)
        outage = Outage(*middle, RADIUS_M * (1.0 - 0.6 * attempt / _ATTEMPTS), start, end)
        if any(_touches(case, outage) for case in shown):
            continue
        inside = [ship for ship in traders if _stays_inside(ship, outage)]
        if len(inside) < _NAMED:
            continue
        outages.append(outage)
        for ship in inside[:_NAMED]:
            ship.busy = True
            what = "A receiver fails: every ship of the area is silent."
            silenced.append(Case("ais-gap", False, ship, start, end, what))
    return outages, silenced


def _under_way(day: Day, start_s: float, end_s: float) -> list[Ship]:
    """Ordinary traders heard and at sea speed at the beginning, the middle and the end of a span."""
    ticks = [int(second / TICK_S) for second in (start_s, (start_s + end_s) / 2.0, end_s)]
    ships = [ship for ship in day.ships if ship.role in ("cargo", "tanker") and not ship.busy]
    later = [tick + 1 for tick in ticks]
    lat, lon = (np.array([getattr(ship.motion, name)[ticks] for ship in ships]) for name in ("lat", "lon"))
    lat2, lon2 = (np.array([getattr(ship.motion, name)[later] for ship in ships]) for name in ("lat", "lon"))
    on = np.array([ship.motion.on[ticks].all() for ship in ships])
    sailing = (distance_m(lat, lon, lat2, lon2) > 6.0 * KNOT * TICK_S).all(axis=1) & on
    return [ships[i] for i in np.flatnonzero(sailing)]


def _stays_inside(ship: Ship, outage: Outage) -> bool:
    """In the area from its silence to its end."""
    ticks = slice(int(outage.start_s / TICK_S), int(outage.end_s / TICK_S) + 1)
    motion = ship.motion
    away = distance_m(motion.lat[ticks], motion.lon[ticks], outage.lat, outage.lon)
    return bool(away.max() < outage.radius_m and motion.on[ticks].all())


def _touches(case: Case, outage: Outage) -> bool:
    """Whether a positive case's ship is near the area at the time."""
    if case.end_s + _MARGIN_S < outage.start_s or case.start_s - _MARGIN_S > outage.end_s:
        return False
    for ship in (case.ship, case.other):
        if ship is None:
            continue
        ticks = slice(
            max(0, int((outage.start_s - _MARGIN_S) / TICK_S)), int((outage.end_s + _MARGIN_S) / TICK_S)
        )
        away = distance_m(ship.motion.lat[ticks], ship.motion.lon[ticks], outage.lat, outage.lon)
        if away.min() < outage.radius_m + _MARGIN_M:
            return True
    return False
