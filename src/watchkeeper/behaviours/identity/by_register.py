"""What a register says of a ship beside what the ship sends: both for registers of about that time only."""

from collections.abc import Iterator
from typing import Final

from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Ship
from watchkeeper.model.register import ShipFacts
from watchkeeper.model.shiptypes import CARGO, FISHING, PASSENGER, SERVICE, TANKER, TOWING
from watchkeeper.model.time import DAY, from_iso
from watchkeeper.model.units import Days

_WORDS: Final = {
    "tanker": TANKER,
    "bulk": CARGO,
    "container": CARGO,
    "general cargo": CARGO,
    "passenger": PASSENGER,
    "cruise": PASSENGER,
    "fishing": FISHING,
    "trawler": FISHING,
    "tug": TOWING | SERVICE,
}
"""Words of registers that leave one kind of ship; with several kinds (bulk/oil tanker, tug/supply) nothing is said."""
_SEVERAL: Final = ("supply", "research", "support", "ro-ro", "roro", "factory")
"""Words for ships that send various codes."""


def why_not(facts: ShipFacts | None, ship: Ship, t: int, within: Days) -> str | None:
    """Why a register cannot be compared with a ship heard at a time [ms UTC]; None where it can.

    Ships are renamed, lengthened and change flag, so the register must be of about that time; under another name
    the IMO number may be typed wrongly, and the facts another ship's.
    """
    if facts is None:
        return "no register has this IMO number"
    if days_apart(facts.as_of or "", t) > within:
        return "the register is of another time or undated"
    names = {_plain(name) for name in (facts.name, *facts.former_names) if name}
    if names and ship.name and _plain(ship.name) not in names:
        return "the register has another name: renamed, or the IMO number of another ship"
    return None


def days_apart(date: str, t: int) -> float:
    """Between an ISO date and a time [d]; infinite where there is no date."""
    try:
        return abs(from_iso(date) - t) / DAY
    except ValueError:
        return float("inf")


def other_size(
    facts: ShipFacts, what: str, sent_m: float, difference_m: float, share: float
) -> Iterator[Measured]:
    """Length or beam sent [m] (``what``), where the register's differs by both the metres and the share."""
    known = facts.length_m if what == "length" else facts.beam_m
    if known is None or not sent_m > 0 or _disputed(facts, what):
        return
    apart = abs(sent_m - known)
    if apart >= difference_m and apart >= share * max(sent_m, known):
        yield Measured(f"{what} sent ({said_by(facts)})", round(sent_m, 1), "m", "!=", round(known, 1))


def other_type(facts: ShipFacts, code: int, name: str) -> Iterator[Measured]:
    """The type sent (ITU-R M.1371 code, and in words), where the register's words leave one kind, and another."""
    told = (facts.ship_type or "").casefold()
    kinds = {kind for word, kind in _WORDS.items() if word in told}
    if len(kinds) == 1 and not any(word in told for word in _SEVERAL) and code not in next(iter(kinds)):
        yield Measured(f"type sent ({said_by(facts)})", name, "", "!=", facts.ship_type)


def other_flag(facts: ShipFacts, ship: Ship) -> str | None:
    """The register's flag where it differs from that of the ship's MMSI and no source disputes it."""
    differs = bool(facts.flag and ship.flag and facts.flag != ship.flag)
    return facts.flag if differs and not _disputed(facts, "flag") else None


def said_by(facts: ShipFacts) -> str:
    """The source with its date."""
    return f"{facts.source}, {facts.as_of}"


def _disputed(facts: ShipFacts, what: str) -> bool:
    return any(told.startswith(what) for told in facts.disagreements)


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
