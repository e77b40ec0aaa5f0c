"""What else is on the air: base stations, navigation marks, aircraft, beacons, numbers that are none."""

from typing import Final

import numpy as np

from watchkeeper.exercises.day import Day
from watchkeeper.exercises.motion import UNDEFINED, lie
from watchkeeper.exercises.ships import Identity, Ship, Station
from watchkeeper.exercises.traffic import helicopter, pleasure

MALFORMED: Final = (0, 12345, 1_193_046, 999_999_999, 160_000_000)
"""Numbers that name no station of ITU-R M.585 but are on the air: zero, a default, a serial number."""


def stations(day: Day, dirt: float) -> list[Ship]:
    """The stations that are not ships; none in a clean file."""
    if dirt == 0.0:
        return []
    mids = day.world.region.mids
    found = []
    for number, port in enumerate(day.world.ports):
        mid = mids[number % len(mids)]
        found.append(_fixed(day, mid * 10_000 + 60 + number, Station.BASE, port.lat, port.lon, ""))
        lat, lon = (float(x) for x in day.world.grid.centre(port.open_cell))
        mark = f"{port.name} BUOY".upper()[:20]
        found.append(_fixed(day, 990_000_000 + mid * 1_000 + number, Station.ATON, lat, lon, mark))
    found.append(helicopter(day))
    port = day.port()
    for mmsi, station in ((970_112_345, Station.SART), (972_118_765, Station.MOB)):
        beacon = _fixed(day, mmsi, station, port.lat, port.lon, "")
        beacon.motion.on[:] = (day.ticks > 36_000.0) & (day.ticks < 36_600.0)
        found.append(beacon)
    for mmsi in MALFORMED:
        boat = pleasure(day)
        boat.mmsi = mmsi
        found.append(boat)
    return found


def _fixed(day: Day, mmsi: int, station: Station, lat: float, lon: float, name: str) -> Ship:
    motion = lie(day.ticks, lat, lon, 0.0, UNDEFINED)
    motion.on = np.ones(len(day.ticks), np.bool_)
    return Ship(mmsi, station, motion, [(-1e9, Identity(0, name, "", 0, 0, 0, 0.0, ""))], gyro=False)
