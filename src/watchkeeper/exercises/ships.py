"""Invented ships: who they say they are. No name, number or call sign is meant to be a real ship's."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
import numpy as np

from watchkeeper.exercises.geo import Array
from watchkeeper.exercises.motion import Motion
from watchkeeper.model.imo import valid_imo

if TYPE_CHECKING:
    from watchkeeper.exercises.world import Port

T = TypeVar("T", int, str)


class Station(IntEnum):
    """What sends: the *Type of mobile* of the Danish files."""

    CLASS_A = 0
    CLASS_B = 1
    BASE = 2
    ATON = 3
    SAR_AIRCRAFT = 4
    SART = 5
    MOB = 6


class Identity(msgspec.Struct, frozen=True):
    """One static message: type 5 or 24. Sizes in metres; 0 and empty are *not available*."""

    imo: int
    name: str
    callsign: str
    ship_type: int
    length_m: int
    beam_m: int
    draught_m: float
    destination: str


@dataclass(slots=True)
class Heard:
    """The position reports of one ship as received: ``t`` [s from the start], the other columns beside it."""

    t: Array
    lat: Array
    lon: Array
    sog_kn: Array
    cog_deg: Array
    heading_deg: Array
    nav_status: Array


Edit = Callable[[Heard], None]
"""Changes what a ship says, in place, after its honest reports were made."""


@dataclass(frozen=True, slots=True)
class Trip:
    """A voyage on a lane: from where to where, at what sea speed, and when it begins [s from the start]."""

    start: "Port"
    end: "Port"
    speed_kn: float
    depart_s: float


@dataclass(slots=True)
class Ship:
    """A station, its motion through the day and what it says about itself."""

    mmsi: int
    station: Station
    motion: Motion
    identities: list[tuple[float, Identity]]
    """``(from second, identity)``, in order of time."""
    said_once: list[tuple[float, Identity]] = field(default_factory=list)
    """Single static messages that differ."""
    gyro: bool = True
    """Whether a heading is sent."""
    edits: list[Edit] = field(default_factory=list)
    role: str = ""
    trip: Trip | None = None
    """The lane she sails, where she sails one."""
    busy: bool = False
    """Part of an injected case: not to be used for another."""

    @property
    def identity(self) -> Identity:
        return self.identities[0][1]


@dataclass(frozen=True, slots=True)
class Role:
    """What ships of a trade are like: type codes of ITU-R M.1371 table 53, length range, beam and draught."""

    types: tuple[int, ...]
    length_m: tuple[int, int]
    slenderness: float
    draught: tuple[float, float]
    station: Station = Station.CLASS_A
    has_imo: bool = True


ROLES: Final[dict[str, Role]] = {
    "cargo": Role((70, 70, 71, 74, 79), (82, 228), 6.4, (4.2, 11.5)),
    "tanker": Role((80, 80, 81, 82, 89), (90, 275), 6.2, (5.5, 15.2)),
    "passenger": Role((60, 60, 69), (95, 212), 6.3, (5.0, 7.2)),
    "fast": Role((40,), (40, 90), 4.0, (2.4, 3.8)),
    "fishing": Role((30,), (16, 44), 3.6, (2.8, 5.8), has_imo=False),
    "tug": Role((52, 31), (24, 40), 2.9, (3.5, 5.5)),
    "pilot": Role((50,), (14, 24), 3.4, (1.4, 2.2), has_imo=False),
    "bunker": Role((80, 89), (60, 95), 5.6, (3.5, 5.8)),
    "dredger": Role((33,), (70, 120), 5.0, (4.5, 7.5)),
    "research": Role((90,), (55, 100), 5.2, (4.5, 6.5)),
    "sar": Role((51,), (18, 32), 3.5, (1.5, 2.5), has_imo=False),
    "pleasure": Role((36, 37, 37), (9, 24), 3.4, (0.0, 0.0), Station.CLASS_B, has_imo=False),
}

_FIRST: Final = (
    "Amber", "Birch", "Cinder", "Dapple", "Ember", "Fallow", "Garnet", "Harrow", "Indigo",
    "Juniper", "Kestrel", "Lantern", "Meadow", "Nettle", "Opal", "Pewter", "Quill", "Russet",
    "Saffron", "Thistle", "Umber", "Velvet", "Willow", "Yarrow", "Zephyr", "Argent", "Bramble",
    "Copper", "Drift", "Elder",
)  # fmt: skip
_SECOND: Final = (
    "Arrow", "Beacon", "Crest", "Dawn", "Echo", "Field", "Glance", "Haven", "Isle", "Jewel", "Knot",
    "Lark", "March", "North", "Oar", "Promise", "Quest", "Reef", "Song", "Trader", "Vale", "Wind",
    "Wren", "Yonder", "Bay", "Star", "Spirit", "Venture", "Pearl", "Grace", "Fortune", "Meridian",
)  # fmt: skip

_LETTERS: Final = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZ"))

_IMO_RANGE: Final = (300_000, 499_999)
"""The first six digits: numbers from 3 000 000 to 4 999 999, where none is known to be assigned."""


_CROWDED: Final = 20
"""Draws in vain after which names get longer numbers: some 5,000 ships."""


class Registry:
    """Hands out identities, no number or name twice. ``rng`` is what it draws from."""

    def __init__(self, rng: np.random.Generator, mids: tuple[int, ...], destinations: list[str]) -> None:
        self.rng = rng
        self._mids = mids
        self._destinations = destinations
        self._used: set[int | str] = set()

    def mmsi(self, mid: int | None = None) -> int:
        """A new ship station number (ITU-R M.585) under one of the region's country codes."""
        chosen = mid if mid is not None else int(self.rng.choice(self._mids))
        return self._fresh(lambda _: chosen * 1_000_000 + int(self.rng.integers(1_000, 999_999)))

    def imo(self) -> int:
        """A new number with a valid check digit."""

        def draw(_: int) -> int:
            stem = int(self.rng.integers(*_IMO_RANGE)) * 10
            return next(stem + digit for digit in range(10) if valid_imo(stem + digit))

        return self._fresh(draw)

    def name(self) -> str:
        """A new name of two words, numbered in Roman fashion; with a longer number where those are used up."""

        def draw(many: int) -> str:
            words = f"{self.rng.choice(_FIRST)} {self.rng.choice(_SECOND)}".upper()
            number = ("", "", " II", " III", " IV", " V", " VI")[int(self.rng.integers(0, 7))]
            if many > _CROWDED:
                number = f" {int(self.rng.integers(7, 100_000))}"
            return f"{words[: 20 - len(number)]}{number}"

        return self._fresh(draw)

    def callsign(self) -> str:
        """A new call sign of four letters and a digit."""
        return self._fresh(
            lambda _: "".join(self.rng.choice(_LETTERS, 4)) + str(int(self.rng.integers(2, 10)))
        )

    def identity(self, role: str) -> Identity:
        """A new ship of a trade."""
        kind = ROLES[role]
        length = int(self.rng.integers(*kind.length_m))
        draught = round(float(self.rng.uniform(*kind.draught)), 1)
        return Identity(
            imo=self.imo() if kind.has_imo else 0,
            name=self.name(),
            callsign=self.callsign(),
            ship_type=int(self.rng.choice(kind.types)),
            length_m=length,
            beam_m=max(3, round(length / kind.slenderness)),
            draught_m=min(draught, round(length / 14.0, 1)),
            destination=str(self.rng.choice(self._destinations)).upper(),
        )

    def ship(self, role: str, motion: Motion, gyro: bool | None = None) -> Ship:
        """A new ship with its motion. Class B sends no heading, and one class A ship in twelve has none."""
        station = ROLES[role].station
        if gyro is None:
            gyro = station is Station.CLASS_A and bool(self.rng.random() > 1 / 12)
        return Ship(self.mmsi(), station, motion, [(-1e9, self.identity(role))], gyro=gyro, role=role)

    def _fresh(self, draw: Callable[[int], T]) -> T:
        """What was not drawn before; ``draw`` is told how often it drew in vain."""
        for many in range(10_000):
            value = draw(many)
            if value not in self._used:
                self._used.add(value)
                return value
        raise AssertionError("ran out of names")
