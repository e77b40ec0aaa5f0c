"""Cases in what a ship says: silence, jumps, shared numbers, changed names, impossible values, lists."""

from typing import Final

import msgspec
import numpy as np

from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import METRES_PER_NMI, Array, displaced, distance_m
from watchkeeper.exercises.listing import FLAGS, ListEntry, flag_of
from watchkeeper.exercises.motion import TICK_S, passage, sail
from watchkeeper.exercises.routes import Passage
from watchkeeper.exercises.ships import Heard, Identity, Ship, Station
from watchkeeper.exercises.traffic import anchored, fast_ferry, leave_coverage, moored, pleasure, trader

_WITNESSES: Final = 5
_WITNESS_M: Final = 12.0 * METRES_PER_NMI
_CLEAR_OF_PORT_M: Final = 25_000.0
_APART_M: Final = 36.0 * METRES_PER_NMI
_ATTEMPTS: Final = 400


def _ticks(day: Day, start: float, end: float) -> slice:
    return slice(max(0, int(start / TICK_S)), int(end / TICK_S) + 1)


def under_way(day: Day, least_h: float) -> tuple[Ship, float, float]:
    """A new trader at sea speed for at least ``least_h`` (less on a short day), and that span [s]."""
    least_s = min(least_h, 0.4 * day.hours) * 3600.0
    for _ in range(_ATTEMPTS):
        ship = trader(day, least_m=min(200_000.0, least_s * 6.0))
        sailing = (ship.motion.speed_kn() > 7.0) & ship.motion.on
        edges = np.flatnonzero(np.diff(np.concatenate(([0], sailing.astype(np.int8), [0]))))
        for begins, ends in edges.reshape(-1, 2) * TICK_S:
            if ends - begins >= least_s:
                return ship, float(begins), min(float(ends), day.seconds)
    raise NoRoomError("no ship sails that long")


# Silence


def goes_silent(day: Day) -> Case:
    """A ship under way is not heard for hours while others near her are."""
    hours = day.uniform(2.3, min(9.0, 0.35 * day.hours))
    ship, begins, ends = under_way(day, hours + 2.5)
    spare = ends - begins - hours * 3600.0
    start = begins + day.uniform(0.4, 0.6) * spare
    end = start + hours * 3600.0
    add(day, *_witnesses(day, ship, start))
    ship.motion.on[_ticks(day, start, end)] = False
    add(day, ship)
    what = f"Under way at sea, not heard for {hours:.1f} h while other ships near her are."
    return Case("ais-gap", True, ship, start, end, what)


def _witnesses(day: Day, ship: Ship, start: float) -> list[Ship]:
    """Further traffic on the same track, as many ships as are missing to the wanted number of witnesses."""
    tick = int(start / TICK_S)
    here = ship.motion.at(start)
    near = sum(
        bool(other.motion.on[tick]) and float(distance_m(*here, *other.motion.at(start))) < _WITNESS_M
        for other in day.ships if other.station is Station.CLASS_A
    )  # fmt: skip
    more = []
    for _ in range(max(0, _WITNESSES - near)):
        lag = int(day.uniform(12.0, 45.0) * 60.0 / TICK_S) * (1 if day.rng.random() < 0.5 else -1)
        more.append(_follower(day, ship, lag))
    return more


def _follower(day: Day, ship: Ship, lag: int) -> Ship:
    """A ship that sails the same track ``lag`` ticks later (earlier where negative), a little to one side."""
    index = np.clip(np.arange(len(day.ticks)) - lag, 0, len(day.ticks) - 1)
    motion = ship.motion
    side = day.uniform(250.0, 600.0)
    bow = np.radians(motion.heading[index].astype(float))
    lat, lon = displaced(motion.lat[index], motion.lon[index], -side * np.sin(bow), side * np.cos(bow))
    follower = type(motion)(lat, lon, motion.heading[index], motion.nav[index], motion.on[index])
    return day.registry.ship("cargo", follower)


def moored_off(day: Day) -> Case:
    ship = moored(day)
    start, end = day.window(4.0, 7.0)
    ship.motion.on[_ticks(day, start, end)] = False
    add(day, ship)
    return Case("ais-gap", False, ship, start, end, "A moored ship switches off.")


def leaves_coverage(day: Day) -> Case:
    """A ship sails out of the region."""
    for _ in range(_ATTEMPTS):
        gateway = day.world.gateways[int(day.rng.integers(len(day.world.gateways)))]
        port = day.port()
        route = day.berthed(day.offset(day.world.lane(port, gateway)), port, gateway)
        voyage = passage(day.rng, route, day.uniform(10.0, 14.0), (True, False))
        gone = day.uniform(0.3, 0.6) * day.seconds
        depart = gone - voyage.seconds
        motion = leave_coverage(day, sail(day.ticks, voyage, depart), voyage, depart, port, gateway)
        if route.length_m > _CLEAR_OF_PORT_M:
            ship = day.registry.ship("cargo", motion)
            add(day, ship)
            return Case("ais-gap", False, ship, gone, day.seconds, "A ship leaves the edge of coverage.")
    raise NoRoomError("no gateway far enough from a port")


def fades(day: Day) -> Case:
    ship = pleasure(day, afar=True)
    add(day, ship)
    return Case("ais-gap", False, ship, 0.0, day.seconds, "A class B yacht far out is heard now and then.")


# Jumps


def _displace(heard: Heard, chosen: Array, north_m: Array | float, east_m: Array | float) -> None:
    heard.lat[chosen], heard.lon[chosen] = displaced(heard.lat[chosen], heard.lon[chosen], north_m, east_m)


def _span(heard: Heard, begins: float, ends: float, count: int, at: float) -> Array:
    """``count`` consecutive reports within a span, at a fraction ``at`` of it."""
    inside = np.flatnonzero((heard.t > begins) & (heard.t < ends))
    assert len(inside) > count + 2, "too few reports for the case: ask for more rows"
    first = int(at * (len(inside) - count - 2)) + 1
    return inside[first : first + count]


def jumps(day: Day) -> Case:
    """Several fixes far from the track, then back on it."""
    ship, begins, ends = under_way(day, 4.0)
    case = Case("position-jump", True, ship, begins, ends, "")
    count, at = int(day.rng.integers(3, 11)), day.uniform(0.2, 0.8)
    far, way = day.uniform(25.0, 110.0) * METRES_PER_NMI, np.radians(day.uniform(0.0, 360.0))
    circle = bool(day.rng.random() < 0.3)

    def edit(heard: Heard) -> None:
        chosen = _span(heard, begins, ends, count, at)
        turn = np.arange(count) * (2.0 * np.pi / count)
        swing = 5_000.0 * circle
        _displace(
            heard, chosen, far * np.cos(way) + swing * np.cos(turn), far * np.sin(way) + swing * np.sin(turn)
        )
        case.start_s, case.end_s = float(heard.t[chosen[0]]), float(heard.t[chosen[-1] + 1])

    ship.edits.append(edit)
    add(day, ship)
    shape = "on a circle " if circle else ""
    case.what = f"{count} fixes {shape}{far / METRES_PER_NMI:.0f} nmi from the track, then back."
    return case


def fast_quiet(day: Day) -> Case:
    ship = fast_ferry(day)
    add(day, ship)
    return Case("position-jump", False, ship, 0.0, day.seconds, "A high-speed ferry at 40 kn.")


def helicopter(day: Day) -> Ship:
    """A search-and-rescue aircraft (MMSI 111MIDxxx) at 120 kn."""
    _, _, route = day.lane(100_000.0)
    voyage = Passage.at_speed(route, day.uniform(110.0, 130.0))
    depart = day.uniform(0.2, 0.7) * day.seconds
    motion = sail(day.ticks, voyage, depart, 15, 15)
    motion.on &= (day.ticks >= depart) & (day.ticks <= depart + voyage.seconds)
    mmsi = 111_000_000 + day.world.region.mids[0] * 1_000 + int(day.rng.integers(100, 999))
    return Ship(mmsi, Station.SAR_AIRCRAFT, motion, [(-1e9, day.registry.identity("sar"))], gyro=False)


def helicopter_quiet(day: Day) -> Case:
    ship = helicopter(day)
    add(day, ship)
    return Case("position-jump", False, ship, 0.0, day.seconds, "A rescue aircraft at 120 kn.")


def long_way_unheard(day: Day) -> Case:
    ship = pleasure(day, afar=True)
    start, end = day.window(2.0, 3.0)
    ship.motion.on[_ticks(day, start, end)] = False
    add(day, ship)
    what = "A yacht is heard again far away after hours, at a feasible speed."
    return Case("position-jump", False, ship, start - 60.0, end + 900.0, what)


# Two hulls


def two_hulls(day: Day) -> Case:
    """Two ships far apart send the same MMSI for hours."""
    first, begins, ends = under_way(day, 6.0)
    start = begins + 600.0
    end = min(ends - 600.0, start + day.uniform(3.0, 8.0) * 3600.0)
    span = _ticks(day, start, end)
    for _ in range(_ATTEMPTS):
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
            _displace(heard, _span(heard, begins, ends, 1, where), off * np.cos(angle), off * np.sin(angle))

    ship.edits.append(edit)
    add(day, ship)
    return case


# Identity


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


# Impossible values


def impossible_speed(day: Day, ship: Ship, begins: float, ends: float, speed_kn: float, what: str) -> Case:
    case = Case("impossible-value", True, ship, begins, ends, what)
    count, at = int(day.rng.integers(3, 8)), day.uniform(0.2, 0.8)

    def edit(heard: Heard) -> None:
        chosen = _span(heard, begins, ends, count, at)
        heard.sog_kn[chosen] = speed_kn
        case.start_s, case.end_s = float(heard.t[chosen[0]]), float(heard.t[chosen[-1]])

    ship.edits.append(edit)
    add(day, ship)
    return case


def anchored_at_102_kn(day: Day) -> Case:
    ship = anchored(day)
    what = "At anchor, the speed reads 102.2 kn for some reports."
    return impossible_speed(day, ship, 0.1 * day.seconds, 0.9 * day.seconds, 102.2, what)


def cargo_at_80_kn(day: Day) -> Case:
    ship, begins, ends = under_way(day, 4.0)
    speed = round(day.uniform(76.0, 88.0), 1)
    return impossible_speed(day, ship, begins, ends, speed, f"At sea speed, the log reads {speed} kn.")


def not_available(day: Day) -> Case:
    ship, _, _ = under_way(day, 3.0)

    def edit(heard: Heard) -> None:
        for column in (heard.sog_kn, heard.cog_deg, heard.heading_deg):
            column[::3] = np.nan

    ship.edits.append(edit)
    ship.identities = [(-1e9, msgspec.structs.replace(ship.identity, draught_m=0.0))]
    add(day, ship)
    return Case("impossible-value", False, ship, 0.0, day.seconds, "Values that say *not available*.")


def very_fast(day: Day) -> Case:
    ship = fast_ferry(day, (44.0, 46.0))
    add(day, ship)
    return Case("impossible-value", False, ship, 0.0, day.seconds, "A high-speed craft at 45 kn.")


# Lists


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


SAID: Final = (
    Injection("ais-gap", (goes_silent,), (moored_off, leaves_coverage, fades)),
    Injection("position-jump", (jumps,), (fast_quiet, helicopter_quiet, long_way_unheard)),
    Injection("identity-clash", (two_hulls,), (bad_fixes,)),
    Injection("identity-change", (renamed, renumbered), (other_case, garbled_once, filled_in)),
    Injection("impossible-value", (anchored_at_102_kn, cargo_at_80_kn), (not_available, very_fast)),
    Injection("listed-vessel", (listed_by_imo, listed_by_mmsi, listed_by_name), (namesake, similar_name)),
)
