"""Ships on a list, and their namesakes."""

from typing import Final

from watchkeeper.exercises.at_sea import under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.listing import FLAGS, ListEntry, flag_of
from watchkeeper.exercises.ships import Heard, Ship


def _as_of(day: Day) -> str:
    return f"2025-{1 + int(day.rng.integers(0, 2)):02d}-{1 + int(day.rng.integers(0, 28)):02d}"


def entry_of(day: Day, ship: Ship) -> ListEntry:
    """An entry that names a ship by her IMO number."""
    return ListEntry(ship.identity.imo, 0, day.registry.name(), "", _as_of(day))


def _listed(day: Day, by: str) -> Case:
    ship, begins, ends = under_way(day, 4.0)
    identity = ship.identity
    entry = {
        "IMO number": entry_of(day, ship),
        "MMSI": ListEntry(0, ship.mmsi, day.registry.name(), "", _as_of(day)),
        "name and flag": ListEntry(0, 0, identity.name, flag_of(ship), _as_of(day)),
    }[by]
    day.listed.append(entry)
    add(day, ship)
    case = Case("listed-vessel", True, ship, begins, ends, f"The ship is on the list by its {by}.")

    def first_heard(heard: Heard) -> None:
        case.start_s = float(heard.t[0])

    ship.edits.append(first_heard)
    return case


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


LISTED_VESSEL: Final = Injection(
    "listed-vessel", (listed_by_imo, listed_by_mmsi, listed_by_name), (namesake, similar_name)
)
