"""Three seas to simulate. Coasts are real; the names of ports, anchorages and lines are invented.

Coordinates are where on the real coast a port is looked for; the world snaps them to open water.
Longitudes run past 180 where the sea does.
"""

from dataclasses import dataclass
from typing import Final, Literal

RegionName = Literal["baltic", "antimeridian", "arctic"]
LineKind = Literal["cable", "pipeline", "power-line"]
Place = tuple[str, float, float]
Line = tuple[str, LineKind, tuple[tuple[float, float], ...]]


@dataclass(frozen=True, slots=True)
class Region:
    """A sea: its bounds [deg], ports and gateways (name, lat, lon), lines on its bed,
    its flags (ITU MIDs)."""

    name: RegionName
    south: float
    north: float
    west: float
    east: float
    ports: tuple[Place, ...]
    gateways: tuple[Place, ...]
    """Points at the edge of coverage where ships enter and leave."""
    lines: tuple[Line, ...]
    mids: tuple[int, ...]
    terminal: Place
    """A loading buoy at sea, in which only ships of the cases lie; snapped to open water."""
    countries: tuple[str, str]
    """Country of the ports and of the terminal (ISO 3166-1 alpha-2). As invented as their names."""


BALTIC: Final = Region(
    "baltic", 54.2, 60.2, 13.4, 28.4,
    ports=(
        ("Hollersund", 55.38, 13.85),
        ("Grenhavn", 54.42, 18.70),
        ("Vesterau", 54.58, 16.85),
        ("Kalvik", 56.65, 16.55),
        ("Lindra", 56.52, 21.00),
        ("Tallmaa", 59.47, 24.75),
        ("Narsa", 59.48, 27.60),
        ("Sandholm", 58.75, 17.85),
        ("Ventava", 57.40, 21.53),
        ("Hangby", 59.85, 23.10),
    ),
    gateways=(("West Gate", 54.90, 13.70), ("North Gate", 60.00, 20.10), ("East Gate", 59.95, 28.00)),
    lines=(
        ("Brimlink 1", "cable", ((59.45, 23.60), (59.75, 23.75), (59.95, 24.10))),
        ("Brimlink 2", "power-line", ((59.50, 25.90), (59.85, 25.75), (60.15, 25.60))),
        ("Ambra East", "cable", ((57.40, 18.90), (57.30, 20.20), (57.30, 21.40))),
        ("Ambra South", "cable", ((56.00, 17.60), (55.95, 19.30), (55.95, 21.00))),
        ("Long Amber", "cable", ((54.80, 14.60), (55.20, 16.40), (56.40, 18.90), (58.20, 20.20), (59.20,
        21.40))),
        ("Marrow Pipe", "pipeline", ((54.60, 14.30), (55.00, 15.60), (55.25, 15.75), (55.60, 14.60))),
        ("Karst Pipe", "pipeline", ((54.70, 19.40), (55.50, 18.60), (56.20, 16.70))),
        ("Osel Power", "power-line", ((58.40, 17.50), (58.50, 19.60), (58.50, 21.70))),
    ),
    mids=(219, 265, 230, 211, 261, 275, 276, 277, 257, 244, 248, 636, 538, 352, 209),
    terminal=("Ostgrund Buoy", 55.60, 20.10),
    countries=("SE", "RU"),
)  # fmt: skip

ANTIMERIDIAN: Final = Region(
    "antimeridian", -20.5, -15.0, 175.5, 183.5,
    ports=(
        ("Port Mala", -18.16, 178.42),
        ("Vunda Wharf", -17.68, 177.35),
        ("Savura", -16.80, 179.33),
        ("Tavoro", -16.80, 180.05),
        ("Lomai", -17.25, 181.05),
        ("Kadara", -19.00, 178.25),
        ("Lambra", -16.40, 178.95),
    ),
    gateways=(("West Gate", -18.6, 175.8), ("South Gate", -20.2, 180.4), ("North Gate", -15.3, 181.0),
              ("East Gate", -18.8, 183.2)),
    lines=(
        ("Reef Cross 1", "cable", ((-18.30, 178.60), (-18.60, 179.60), (-18.90, 180.60), (-19.40, 183.00))),
        ("Reef Cross 2", "cable", ((-15.20, 179.70), (-15.80, 180.60), (-16.60, 181.80), (-17.40, 183.30))),
        ("Meridian", "cable", ((-15.10, 180.30), (-15.90, 180.20), (-16.30, 180.35))),
        ("Koro Line", "power-line", ((-17.05, 179.20), (-17.50, 179.00), (-18.10, 178.90))),
        ("Lau Pipe", "pipeline", ((-17.00, 180.30), (-17.60, 180.50), (-18.60, 180.30), (-19.60, 179.50))),
        ("Western", "cable", ((-16.40, 176.20), (-17.60, 176.60), (-18.90, 176.40), (-20.00, 177.20))),
        ("Southern", "cable", ((-19.40, 176.00), (-19.60, 178.80), (-19.90, 180.90))),
    ),
    mids=(520, 512, 503, 538, 572, 576, 636, 352, 431, 412),
    terminal=("Outer Buoy", -15.90, 178.60),
    countries=("AU", "RU"),
)  # fmt: skip

ARCTIC: Final = Region(
    "arctic", 72.6, 77.2, 14.0, 40.0,
    ports=(
        ("Bjarnevik", 74.45, 19.10),
        ("Sorhamna", 76.55, 16.40),
        ("Hopnes", 76.60, 25.20),
        ("Storfjell", 76.90, 18.00),
    ),
    gateways=(("West Gate", 74.0, 14.4), ("South Gate", 72.8, 20.0), ("Cape Gate", 72.8, 31.0),
              ("East Gate", 75.0, 39.3), ("Bank Gate", 73.2, 38.5)),
    lines=(
        ("Polar Cross", "cable", ((74.30, 19.60), (73.60, 20.60), (72.80, 22.00))),
        ("Svarta 1", "cable", ((76.30, 17.00), (75.60, 17.20), (74.70, 18.60))),
        ("Svarta 2", "cable", ((76.40, 24.60), (75.40, 27.00), (74.20, 30.00), (73.00, 34.00))),
        ("Bank Pipe", "pipeline", ((72.70, 26.00), (73.60, 26.50), (74.80, 25.50), (75.60, 22.00))),
        ("Barent Line", "cable", ((72.80, 36.00), (74.00, 35.00), (75.60, 36.00), (76.80, 34.00))),
        ("West Spur", "power-line", ((73.20, 15.60), (74.20, 16.20), (75.40, 14.80))),
    ),
    mids=(257, 258, 219, 231, 273, 230, 265, 636, 538, 352),
    terminal=("Bank Buoy", 73.60, 24.00),
    countries=("NO", "RU"),
)  # fmt: skip

REGIONS: Final[dict[RegionName, Region]] = {r.name: r for r in (BALTIC, ANTIMERIDIAN, ARCTIC)}
