"""``asset-gap``: a ship is not heard while it crosses, or could have gone over, something on the bottom."""

from math import atan2, cos, degrees, hypot, pi, sin, sqrt

import numpy as np

from watchkeeper.behaviours.infrastructure.common import capped, known
from watchkeeper.kernels.expected import expected_interval_s
from watchkeeper.kernels.geodesy import bearing_deg, destination, distance_m
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Crossing, Fixes
from watchkeeper.model.time import HOUR, MINUTE
from watchkeeper.model.units import METRES_PER_NMI, Count, Hours, Knots, Minutes, NauticalMiles, Ratio

_OUTLINE = 24
"""Corners of the polygon that stands for the ellipse of reach: within one per cent of its area."""


@behaviour(
    id="asset-gap",
    version=1,
    references=(
        Reference(
            "Hägerstrand 1970; Pfoser and Jensen 1999",
            "space-time prism",
            "between two known points a mover lies in the ellipse that its greatest speed allows",
        ),
        Reference(
            "Yi Peng 3, 2024-11-17",
            "press from AIS",
            "not received for about 7 h between two cables that were damaged",
        ),
        Reference("Wachta gaps.py", "D4", ">= 3 other ships heard meanwhile, else it is the receivers"),
    ),
    monotone={"min_witnesses": +1, "min_heard_share": +1, "outage_ships": -1, "max_made_good": -1},
    rests_on="silence",
)
def asset_gap(
    fix: Fixes,
    *,
    min_gap: Hours = 1.0,
    min_missed: Count = 15,
    min_speed: Knots = 3.0,
    min_witnesses: Count = 3,
    min_heard_share: Ratio = 0.75,
    outage_ships: Count = 3,
    outage_radius: NauticalMiles = 30.0,
    outage_within: Minutes = 10.0,
    spare_speed: Ratio = 1.1,
    max_aside: NauticalMiles = 5.0,
    max_made_good: Ratio = 0.85,
) -> Episodes:
    """Asset gap: a ship under way is not heard for hours, and a line lies on its way or within its reach meanwhile.

    Both ends of the silence are known. The straight way between them is the likeliest; what the ship could have reached
    besides is an ellipse given by its greatest speed before and after; it counts where the straight way took longer
    than the speed before would have needed.

    Why it matters: who was over an asset at a time is answered by tracks, and a silence is a hole in one.
    Innocent causes: a receiver outage or crowded channel, leaving the range of the receivers, a faulty unit.
    Next step: look for the ship in other sensors over the asset; ask the operator for alarms in that time.
    """
    long = (fix.leg_s >= min_gap * 3600.0) & (fix.sog_before >= min_speed)
    at = np.flatnonzero(long)
    expected_s = expected_interval_s(fix.ais_class[at], fix.sog_before[at])
    long[at] = fix.leg_s[at] / expected_s >= min_missed
    return fix.pairs(long)


@asset_gap.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_gap: Hours,
    min_speed: Knots,
    min_witnesses: Count,
    min_heard_share: Ratio,
    outage_ships: Count,
    outage_radius: NauticalMiles,
    outage_within: Minutes,
    spare_speed: Ratio,
    max_aside: NauticalMiles,
    max_made_good: Ratio,
) -> Verdict:
    """Only where a line lies on or beside the way, and others were heard there meanwhile."""
    if context.heard(e.vessel, e.start, e.end):
        return SetAside("heard elsewhere meanwhile under the same number")
    crossed = context.crossed((e.lat0, e.lat1), (e.lon0, e.lon1))
    fastest = context.max_speed(e.vessel, e.start - HOUR, e.end + HOUR) * spare_speed
    aside_m = _aside_m(e, fastest)
    if not crossed and e.sog_mean > max_made_good * e.sog_min:
        return SetAside("no line on the straight way, which took the time it takes at the speed before")
    if not crossed and aside_m > max_aside * METRES_PER_NMI:
        return SetAside("no line on the straight way, and the reach too wide to say more")
    near = crossed or _reached(e, aside_m, context)
    if not near:
        return SetAside("no line on the way or within reach")
    if context.place_near(e.lat0, e.lon0, 0.0) or context.place_near(e.lat1, e.lon1, 0.0):
        return SetAside("fell silent, or was heard again, in a port or anchorage")
    together = context.alike(e, outage_radius * METRES_PER_NMI, int(outage_within * MINUTE))
    if together >= outage_ships:
        return SetAside("receiver outage: others fell silent at the same moment")
    here = context.witnesses(e.vessel, near[0].lat, near[0].lon, e.start, e.end)
    if here.ships < min_witnesses or here.share < min_heard_share:
        return SetAside("too few others heard there meanwhile")
    measured = (
        Measured("silence", round(e.hours, 2), "h", ">=", min_gap),
        Measured("speed before", known(e.sog_min), "kn", ">=", min_speed),
        Measured("lines on the straight way", len({c.asset for c in crossed}), "count"),
        *_reach_measured(e, aside_m, None if crossed else (max_made_good, max_aside)),
        Measured("other ships heard there meanwhile", here.ships, "count", ">=", min_witnesses),
        Measured("quarter hours with others heard", round(here.share, 2), "1", ">=", min_heard_share),
        Measured("others that fell silent or came back with it", together, "count", "<", outage_ships),
    )
    return _found(e, context, crossed, near, measured)


def _reach_measured(
    e: Episode, aside_m: float, limits: tuple[float, float] | None
) -> tuple[Measured, Measured]:
    """How the ship may have strayed; held against the limits where no line was on the straight way."""
    share, aside = known(e.sog_mean / e.sog_min, 2), known(aside_m / METRES_PER_NMI)
    names = ("speed of the straight way over speed before", "reach to each side of the straight way")
    if limits is None:
        return Measured(names[0], share, "1"), Measured(names[1], aside, "nmi")
    return (
        Measured(names[0], share, "1", "<=", limits[0]),
        Measured(names[1], aside, "nmi", "<=", limits[1]),
    )


def _found(
    e: Episode,
    context: Context,
    crossed: list[Crossing],
    near: list[Crossing],
    measured: tuple[Measured, ...],
) -> Found:
    names = list(dict.fromkeys(context.asset(c.asset).name for c in near))
    first = near[0]
    confidence, reason = capped(
        "medium" if crossed else "low",
        "the straight way crosses" if crossed else "within reach, not on the straight way",
        context.asset(first.asset),
    )
    how = "crosses" if crossed else "does not cross, though the ship could have reached,"
    return Found(
        measured,
        f"Not heard for {e.hours:.1f} h; the straight way between {how} {', '.join(names[:3])}"
        + (f" and {len(names) - 3} more." if len(names) > 3 else "."),
        confidence,
        reason,
        ("last report before", "first report after", ""),
        place=(first.lat, first.lon),
        asset=first.asset,
    )


def _aside_m(e: Episode, fastest_kn: float) -> float:
    """Half the width of the ellipse of reach [m]; 0 where the straight way took all the time there was."""
    longest = fastest_kn * METRES_PER_NMI * e.hours
    spare = longest * longest - e.path_m * e.path_m
    return 0.5 * sqrt(spare) if spare > 0 else 0.0


def _reached(e: Episode, aside_m: float, context: Context) -> list[Crossing]:
    """Lines that the outline of the ellipse of reach crosses: each once, where it comes in first."""
    middle = destination(
        e.lat0,
        e.lon0,
        bearing_deg(e.lat0, e.lon0, e.lat1, e.lon1),
        0.5 * distance_m(e.lat0, e.lon0, e.lat1, e.lon1),
    )
    ahead = bearing_deg(*middle, e.lat1, e.lon1)
    along_m = hypot(aside_m, 0.5 * e.path_m)
    outline = []
    for k in range(_OUTLINE + 1):
        x, y = along_m * cos(2 * pi * k / _OUTLINE), aside_m * sin(2 * pi * k / _OUTLINE)
        outline.append(destination(*middle, ahead + degrees(atan2(y, x)), hypot(x, y)))
    found = context.crossed([lat for lat, _ in outline], [lon for _, lon in outline])
    return list({c.asset: c for c in reversed(found)}.values())[::-1]
