"""Who a ship says she is: one number on two hulls, changed names and numbers, ships on a list."""

from typing import Final

import msgspec
import numpy as np

from watchkeeper.exercises.at_sea import ATTEMPTS, displace, reports_within, ticks_between, under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import METRES_PER_NMI, distance_m
from watchkeeper.exercises.listing import FLAGS, ListEntry, flag_of
from watchkeeper.exercises.ships import Heard, Identity, Ship
from watchkeeper.exercises.traffic import trader

_APART_M: Final = 36.0 * METRES_PER_NMI


def two_hulls(day: Day) -> Case:
    """Two ships far apart send the same MMSI for hours."""
    first, begins, ends = under_way(day, 6.0)
    start = begins + 600.0
    end = min(ends - 600.0, start + day.uniform(3.0, 8.0) * 3600.0)
    span = ticks_between(day, start, end)
    for _ in range(ATTEMPTS):
        second = trader(day)
        apart = distance_m(
            first.motion.lat[span], first.motion.lon[span], second.motion.lat[span], second.motion.lon[span]
        )
        if apart.min() > _APART_M and second.motion.on[span].all():
            break
    else:
        raise NoRoomError("no second hull far enough away")
    second.mmsi = first.mmsi
    if day.rng.random() < 0.5:
        second.identities = first.identities
    second.motion.on[: span.start] = False
    second.motion.on[span.stop :] = False
    add(day, first, second)
    what = f"Two hulls at least {apart.min() / METRES_PER_NMI:.0f} nmi apart send one MMSI."
    return Case("identity-clash", True, first, start, end, what)


def bad_fixes(day: Day) -> Case:
    """Single fixes far off, each followed by an honest one."""
    ship, begins, ends = under_way(day, 4.0)
    case = Case(
        "identity-clash", False, ship, begins, ends, "Single bad fixes 30 nmi and more off the track."
    )
    at, way = day.rng.uniform(0.1, 0.9, 2), day.rng.uniform(0.0, 6.28, 2)

    def edit(heard: Heard) -> None:
        for where, angle in zip(at, way, strict=True):
            off = 35.0 * METRES_PER_NMI
            displace(
                heard, reports_within(heard, begins, ends, 1, where), off * np.cos(angle), off * np.sin(angle)
            )

    ship.edits.append(edit)
    add(day, ship)
    return case


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


def _as_of(day: Day) -> str:
    return f"2025-{1 + int(day.rng.integers(0, 2)):02d}-{1 + int(day.rng.integers(0, 28)):02d}"


def _listed(day: Day, by: str) -> Case:
    ship, begins, ends = under_way(day, 4.0)
    identity = ship.identity
    entry = {
        "IMO number": ListEntry(identity.imo, 0, day.registry.name(), "", _as_of(day)),
        "MMSI": ListEntry(0, ship.mmsi, day.registry.name(), "", _as_of(day)),
        "name and flag": ListEntry(0, 0, identity.name, flag_of(ship), _as_of(day)),
    }[by]
    day.listed.append(entry)
    add(day, ship)
    return Case("listed-vessel", True, ship, begins, ends, f"The ship is on the list by its {by}.")


def listed_by_imo(day: Day) -> Case:
    return _listed(day, "IMO number")


def listed_by_mmsi(day: Day) -> Case:
    return _listed(day, "MMSI")


def listed_by_name(day: Day) -> Case:
    return _listed(day, "name and flag")


def namesake(day: Day) -> Case:
    """A listed ship of the same name, another flag and another IMO number."""
    ship, _, _ = under_way(day, 4.0)
    others = sorted(set(FLAGS.values()) - {flag_of(ship)})
    flag = others[int(day.rng.integers(len(others)))]
    day.listed.append(ListEntry(day.registry.imo(), 0, ship.identity.name, flag, _as_of(day)))
    add(day, ship)
    what = "A ship of the same name under another flag, with another IMO number, is on the list."
    return Case("listed-vessel", False, ship, 0.0, day.seconds, what)


def similar_name(day: Day) -> Case:
    """A listed ship of nearly the same name and the same flag."""
    ship, _, _ = under_way(day, 4.0)
    words = ship.identity.name.split()
    words[1] = {"STAR": "STARS"}.get(words[1], words[1][:-1] + ("A" if words[1][-1] != "A" else "E"))
    day.listed.append(ListEntry(day.registry.imo(), 0, " ".join(words), flag_of(ship), _as_of(day)))
    add(day, ship)
    what = "A ship of a similar name and the same flag is on the list."
    return Case("listed-vessel", False, ship, 0.0, day.seconds, what)


IDENTITY: Final = (
    Injection("identity-clash", (two_hulls,), (bad_fixes,)),
    Injection("identity-change", (renamed, renumbered), (other_case, garbled_once, filled_in)),
    Injection("listed-vessel", (listed_by_imo, listed_by_mmsi, listed_by_name), (namesake, similar_name)),
)
