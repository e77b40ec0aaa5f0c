"""Zones laid where a few ships pass: those that sail through, and those that pass outside."""

from typing import Final

import numpy as np

from watchkeeper.exercises.cases import Case, Injection
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import Array, distance_m
from watchkeeper.exercises.motion import TICK_S
from watchkeeper.exercises.ships import Ship, Station
from watchkeeper.model.asset import Asset

_TRIED: Final = 200
_MARGIN_M: Final = 400.0
"""Nearer to the edge than this on either side nothing is said of a ship: its reports may fall on both."""
_LEAST_S: Final = 600.0
_MOST_SHIPS: Final = 4
_NEAR_M: Final = 4_000.0
_APART_M: Final = 20_000.0
"""Between zones: no ship is then in one and beside another."""


def zone(day: Day) -> list[Case]:
    """A round zone in open water that one to four ships sail through, none along its edge."""
    for _ in range(_TRIED):
        ship = day.ships[int(day.rng.integers(len(day.ships)))]
        tick = int(day.rng.integers(len(day.ticks)))
        lat, lon = float(ship.motion.lat[tick]), float(ship.motion.lon[tick])
        if ship.motion.speed_kn()[tick] < 6.0 or _near_another(day, lat, lon):
            continue
        radius = day.uniform(2_000.0, 4_000.0)
        cases = _passages(day, lat, lon, radius)
        if cases is not None:
            number = len(day.zones) + 1
            day.zones.append(_asset(number, lat, lon, radius))
            for case in cases:
                case.asset = f"zone-{number}"
            return cases
    raise NoRoomError("no place where a few ships pass")


def _near_another(day: Day, lat: float, lon: float) -> bool:
    """Whether a port, an anchorage or another zone is near."""
    if any(distance_m(lat, lon, *at) < _APART_M for at in map(_middle, day.zones)):
        return True
    return bool(day.world.place_distance_m(np.array([lat]), np.array([lon]))[0] < 15_000.0)


def _middle(zone: Asset) -> tuple[float, float]:
    coordinates = zone.geometry["coordinates"]
    assert isinstance(coordinates, list)
    return coordinates[1], coordinates[0]


def _passages(day: Day, lat: float, lon: float, radius: float) -> list[Case] | None:
    """A case for each ship that passes; None where one grazes the edge, or too many come."""
    cases: list[Case] = []
    for ship in day.ships:
        away = distance_m(lat, lon, ship.motion.lat, ship.motion.lon)
        if away.min() > radius + _NEAR_M:
            continue
        if ship.station is not Station.CLASS_A or ship.edits or not ship.motion.on[away < radius].all():
            return None
        inside = away < radius
        if not inside.any():
            if away.min() < radius + _MARGIN_M:
                return None
            cases.append(_case(ship, away < radius + _NEAR_M, "A ship passes outside the zone.", found=False))
            continue
        if away.min() > radius - _MARGIN_M or inside.sum() * TICK_S < _LEAST_S or _comes_back(inside):
            return None
        cases.append(_case(ship, inside, "A ship sails through the zone.", found=True))
    through = sum(case.positive for case in cases)
    return cases if 1 <= through <= _MOST_SHIPS else None


def _comes_back(inside: Array) -> bool:
    return int((np.diff(inside.astype(np.int8)) == 1).sum()) > 1


def _case(ship: Ship, where: Array, what: str, *, found: bool) -> Case:
    ticks = np.flatnonzero(where)
    return Case("zone-entry", found, ship, float(ticks[0]) * TICK_S, float(ticks[-1]) * TICK_S, what)


def _asset(number: int, lat: float, lon: float, radius: float) -> Asset:
    return Asset(
        id=f"zone-{number}", name=f"Quiet Ground {number}", kind="zone", buffer_m=round(radius, 1),
        geometry={"type": "Point", "coordinates": [round((lon + 180.0) % 360.0 - 180.0, 6), round(lat, 6)]},
        operator="invented", source="simulated", position_class="charted", layer="simulated",
    )  # fmt: skip


ZONE_ENTRY: Final = Injection("zone-entry", (zone,), (), last=True)
