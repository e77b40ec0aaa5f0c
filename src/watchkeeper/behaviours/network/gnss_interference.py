"""``gnss-interference``: several ships near each other are shown far away at the same time."""

from typing import Final

import numpy as np

from watchkeeper.kernels.events import linked
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.records import Array
from watchkeeper.model.time import HOUR, MINUTE, to_iso
from watchkeeper.model.units import Count, Kilometres, Minutes

_FASTEST_KN: Final = 60.0
"""As the engine's max_speed: beyond it two reports are not one hull's."""

EVENT: Final = "event"
SHOWN: Final = ("latitude shown, mean", "longitude shown, mean")
EXTENT: Final = "extent of the places shown"
"""Names of measured values from which the areas of a run are drawn."""


@behaviour(
    id="gnss-interference",
    version=1,
    references=(
        Reference(
            "SeaSpoofFinder, 2026",
            "arXiv 2602.16257",
            "leaps are kept only where several ships share the place they leave and the place shown",
        ),
        Reference(
            "Two public studies of Danish AIS", "DBSCAN of leaps", "at least 4 ships, radius about 20 km"
        ),
        Reference(
            "Radio horizon over an Earth of 4/3 radius, ITU-R P.310",
            "4.12 km x (sqrt h1 + sqrt h2), heights in metres",
            "two antennas 36 m high reach 50 km: ships that far apart can be touched by one source",
        ),
    ),
    monotone={"min_ships": +1, "min_reports": +1, "min_distance": +1},
    marks="unreliable",
    explained_by=("clock-fault",),
)
def gnss_interference(
    fix: Fixes,
    *,
    min_ships: Count = 4,
    min_reports: Count = 3,
    min_distance: Kilometres = 5.0,
    source_radius: Kilometres = 50.0,
    shown_radius: Kilometres = 20.0,
    within: Minutes = 30.0,
    bridge: Minutes = 20.0,
) -> Episodes:
    """GNSS interference: several ships near each other are at one time shown at one far place, or all over.

    Why it matters: in that area and time no position can be relied on, neither for navigation nor as evidence.
    Innocent causes: a faulty receiver or network that mixes up positions; it is done to ships, rarely by them.
    Next step: compare with navigation warnings and aviation reports of that day; treat positions there as unknown.
    """
    away = np.flatnonzero(fix.displaced)  # a few reports of millions
    north, east = np.full((2, len(fix.displaced)), np.nan)
    north[away] = fix.other_lat[away] - fix.lat[away]
    east[away] = _turn(fix.other_lon[away] - fix.lon[away])
    from_north = _shown_away(fix, bridge, north)
    from_east = _shown_away(fix, bridge, east)
    # The first place becomes that on the ship's own track, the mean place stays that which was shown.
    from_north.lat0 = from_north.lat + from_north.value
    from_north.lon0 = _turn(from_north.lon + from_east.value)
    return from_north


def _shown_away(fix: Fixes, bridge_min: float, value: Array) -> Episodes:
    return fix.runs(
        fix.displaced,
        at_least_s=0.0,
        bridge_s=bridge_min * 60.0,
        silence_s=bridge_min * 60.0,
        value=value,
        low=fix.apart_m,
        across_jumps=True,
    )


def _turn(degrees: Array) -> Array:
    return (degrees + 540.0) % 360.0 - 180.0


@gnss_interference.together
def together(
    e: Episodes,
    *,
    min_reports: Count,
    min_distance: Kilometres,
    source_radius: Kilometres,
    shown_radius: Kilometres,
    within: Minutes,
) -> Array:
    """Ships that left one area for one place, or were scattered from one area, about the same time."""
    events = np.arange(len(e))
    far = np.flatnonzero((e.n >= min_reports) & (e.low >= min_distance * 1000.0))
    # A second hull on one number goes far too, but no faster than a ship: what is scattered leaps.
    leaps = e.path_m[far] / 1852.0 > _FASTEST_KN * (e.end[far] - e.start[far]) / HOUR
    scattered = (e.span_m[far] > shown_radius * 1000.0) & leaps
    shown = [np.where(scattered, np.nan, place[far]) for place in (e.lat, e.lon)]
    events[far] = far[
        linked(
            e.start[far],
            e.end[far],
            (e.lat0[far], e.lon0[far]),
            (shown[0], shown[1]),
            within_ms=int(within * MINUTE),
            first_m=source_radius * 1000.0,
            second_m=shown_radius * 1000.0,
            same_end=False,
        )
    ]
    return events


@gnss_interference.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_ships: Count,
    min_reports: Count,
    min_distance: Kilometres,
    shown_radius: Kilometres,
) -> Verdict:
    """Set aside odd fixes, and what happened to one or a few ships only."""
    if e.n < min_reports:
        return SetAside("one or two odd fixes")
    if e.low < min_distance * 1000.0:
        return SetAside("leap too small")
    event = context.event(e)
    ships = len({one.vessel for one in event})
    if ships < min_ships:
        return SetAside("too few ships at the same time and place")
    first = event[0]
    scattered = e.span_m > shown_radius * 1000.0
    where = "all over" if scattered else f"about {e.lat:.2f}, {e.lon:.2f}"
    return Found(
        (
            Measured("ships shown away from one area", ships, "count", ">=", min_ships),
            Measured("reports of this ship away", e.n, "count", ">=", min_reports),
            Measured("least distance from its own track", round(e.low / 1000.0, 1), "km", ">=", min_distance),
            Measured(SHOWN[0], round(e.lat, 5), "deg"),
            Measured(SHOWN[1], round(e.lon, 5), "deg"),
            Measured(EXTENT, round(e.span_m / 1000.0, 1), "km", "<=" if not scattered else ">", shown_radius),
            Measured(EVENT, f"{to_iso(first.start)} {context.ship(first.vessel).mmsi}", ""),
        ),
        f"One of {ships} ships that were at one time shown {e.low / 1000.0:.0f} km off or farther, {where}.",
        "high" if ships >= 2 * min_ships or e.n >= 2 * min_reports else "medium",
        f"{ships} ships, {e.n} reports of this one",
        ("first report away", "last report away", ""),
        place=(e.lat0, e.lon0),
    )
