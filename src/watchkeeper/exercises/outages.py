"""Receivers that fail: whole areas fall silent for an hour or so, and no ship there has gone dark."""

from collections.abc import Sequence
from typing import Final

from watchkeeper.exercises.cases import Case
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.geo import distance_m
from watchkeeper.exercises.hearing import Outage
from watchkeeper.exercises.motion import TICK_S
from watchkeeper.exercises.ships import Ship, Station
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
    traders = [ship for ship in day.ships if ship.role in ("cargo", "tanker") and not ship.busy]
    outages: list[Outage] = []
    silenced: list[Case] = []
    for attempt in range(_ATTEMPTS):
        if len(outages) == OUTAGES:
            break
        start, end = day.window(1.2, 1.9)
        radius = RADIUS_M * (1.0 - 0.6 * attempt / _ATTEMPTS)
        middle = traders[int(day.rng.integers(len(traders)))].motion.at((start + end) / 2.0)
        outage = Outage(*middle, radius, start, end)
        inside = [ship for ship in traders if not ship.busy and _caught(ship, outage)]
        if len(inside) < _NAMED or any(_touches(case, outage) for case in cases if case.positive):
            continue
        outages.append(outage)
        for ship in inside[:_NAMED]:
            ship.busy = True
            what = "A receiver fails: every ship of the area is silent."
            silenced.append(Case("ais-gap", False, ship, start, end, what))
    return outages, silenced


def _caught(ship: Ship, outage: Outage) -> bool:
    """Under way inside the area from its silence to its end."""
    ticks = slice(int(outage.start_s / TICK_S), int(outage.end_s / TICK_S) + 1)
    motion = ship.motion
    if ship.station is not Station.CLASS_A or not motion.on[ticks].all() or motion.speed_kn()[ticks].min() < 6.0:
        return False
    away = distance_m(motion.lat[ticks], motion.lon[ticks], outage.lat, outage.lon)
    return bool(away.max() < outage.radius_m)


def _touches(case: Case, outage: Outage) -> bool:
    """Whether a positive case's ship is near the area at the time."""
    if case.end_s + _MARGIN_S < outage.start_s or case.start_s - _MARGIN_S > outage.end_s:
        return False
    for ship in (case.ship, case.other):
        if ship is None:
            continue
        ticks = slice(max(0, int((outage.start_s - _MARGIN_S) / TICK_S)), int((outage.end_s + _MARGIN_S) / TICK_S))
        away = distance_m(ship.motion.lat[ticks], ship.motion.lon[ticks], outage.lat, outage.lon)
        if away.min() < outage.radius_m + _MARGIN_M:
            return True
    return False
