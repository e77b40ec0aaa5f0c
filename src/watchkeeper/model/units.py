"""Units that thresholds carry in their type, and quantities written with units in settings.

``Hours``, ``Knots`` ... are ``float`` to the type checker and to numpy; the unit is read from the
annotation by the behaviour catalogue, by the configuration and by the findings.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from watchkeeper.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its symbol and its size in the base unit of its dimension."""

    symbol: str
    dimension: str
    size: float


def _units(*units: tuple[str, str, float]) -> dict[str, Unit]:
    return {symbol: Unit(symbol, dimension, size) for symbol, dimension, size in units}


# nautical mile and knot: SI brochure, 9th edition, table 8 (1 M = 1 852 m, 1 kn = 1 M/h).
UNITS: Final = _units(
    ("s", "time", 1.0),
    ("min", "time", 60.0),
    ("h", "time", 3600.0),
    ("d", "time", 86400.0),
    ("m", "length", 1.0),
    ("km", "length", 1000.0),
    ("nmi", "length", 1852.0),
    ("kn", "speed", 1.0),
    ("deg", "angle", 1.0),
    ("%", "ratio", 0.01),
    ("1", "ratio", 1.0),
    ("count", "count", 1.0),
)

Seconds = Annotated[float, UNITS["s"]]
Minutes = Annotated[float, UNITS["min"]]
Hours = Annotated[float, UNITS["h"]]
Days = Annotated[float, UNITS["d"]]
Metres = Annotated[float, UNITS["m"]]
Kilometres = Annotated[float, UNITS["km"]]
NauticalMiles = Annotated[float, UNITS["nmi"]]
Knots = Annotated[float, UNITS["kn"]]
Degrees = Annotated[float, UNITS["deg"]]
Ratio = Annotated[float, UNITS["1"]]
Count = Annotated[int, UNITS["count"]]

METRES_PER_NMI: Final = 1852.0
MS_PER_HOUR: Final = 3_600_000.0

_SPELLINGS: Final = {"nm": "nmi", "NM": "nmi", "hours": "h", "hour": "h", "kt": "kn", "kts": "kn", "°": "deg"}
_QUANTITY: Final = re.compile(r"\s*([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*([^\d\s]*)\s*")


def parse_quantity(text: str | float, unit: Unit) -> float:
    """Read ``"6 h"`` or ``"2 nm"`` into a number in ``unit``; a bare number is taken as being in it.

    Raises:
        ConfigError: not a number, or a unit of another dimension.
    """
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return float(text)
    match = _QUANTITY.fullmatch(str(text))
    if match is None:
        raise ConfigError(
            f"{text!r} is not a quantity.", f'Write a number and a unit, for example "6 {unit.symbol}".'
        )
    number, symbol = match.groups()
    if not symbol:
        return float(number)
    given = UNITS.get(_SPELLINGS.get(symbol, symbol))
    if given is None or given.dimension != unit.dimension:
        fitting = ", ".join(u.symbol for u in UNITS.values() if u.dimension == unit.dimension)
        raise ConfigError(f"{text!r} does not measure a {unit.dimension}.", f"Use one of: {fitting}.")
    return float(number) * given.size / unit.size
