"""Names and numbers that change at sea, and static data that are only sloppy."""

from typing import Final

import msgspec

from watchkeeper.exercises.at_sea import under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.ships import Identity, Ship


def renamed(day: Day) -> Case:
    """Name and call sign change at sea; in half the cases the IMO number too."""
    ship, begins, ends = under_way(day, 6.0)
    at = begins + day.uniform(0.35, 0.65) * (ends - begins)
    new_imo = bool(day.rng.random() < 0.5)
    changed = msgspec.structs.replace(
        ship.identity,
        name=day.registry.name(),
        callsign=day.registry.callsign(),
        imo=day.registry.imo() if new_imo else ship.identity.imo,
    )
    ship.identities.append((at, changed))
    add(day, ship)
    what = f"Name and call sign{' and IMO number' if new_imo else ''} change at sea."
    return Case("identity-change", True, ship, at, min(day.seconds, at + 3_600.0), what)


def renumbered(day: Day) -> Case:
    """The same IMO number goes on under another MMSI."""
    ship, begins, ends = under_way(day, 6.0)
    at = begins + day.uniform(0.35, 0.65) * (ends - begins)
    later = sail_on(day, ship)
    ship.motion.on[day.ticks >= at] = False
    later.motion.on[day.ticks < at + 900.0] = False
    add(day, ship, later)
    what = "One hull, one IMO number: the MMSI changes at sea."
    return Case("identity-change", True, ship, at, min(day.seconds, at + 3_600.0), what, later)


def sail_on(day: Day, ship: Ship) -> Ship:
    """The same hull under a new MMSI, name and call sign."""
    motion = ship.motion
    copy = type(motion)(motion.lat, motion.lon, motion.heading, motion.nav, motion.on.copy())
    identity = msgspec.structs.replace(
        ship.identity, name=day.registry.name(), callsign=day.registry.callsign()
    )
    return Ship(day.registry.mmsi(), ship.station, copy, [(-1e9, identity)], gyro=ship.gyro, role=ship.role)


def _spelled(day: Day, make: str) -> Case:
    ship, begins, ends = under_way(day, 4.0)
    name = ship.identity.name
    at = begins + 0.5 * (ends - begins)
    if make == "case":
        ship.said_once.append((at, msgspec.structs.replace(ship.identity, name=f" {name.title()}  "[:20])))
        what = "Once the name comes in other case and with spaces."
    elif make == "garbled":
        garbled = name[:2] + ("Q" if name[2] != "Q" else "Z") + name[3:]
        ship.said_once.append((at, msgspec.structs.replace(ship.identity, name=garbled)))
        what = "Once a letter of the name is garbled."
    else:
        blank = Identity(0, "", "", 0, 0, 0, 0.0, "")
        ship.identities = [(-1e9, blank), (at, ship.identity)]
        what = "The static data are empty at first, then filled in."
    add(day, ship)
    return Case("identity-change", False, ship, 0.0, day.seconds, what)


def other_case(day: Day) -> Case:
    return _spelled(day, "case")


def garbled_once(day: Day) -> Case:
    return _spelled(day, "garbled")


def filled_in(day: Day) -> Case:
    return _spelled(day, "empty")


IDENTITY_CHANGE: Final = Injection(
    "identity-change", (renamed, renumbered), (other_case, garbled_once, filled_in)
)
