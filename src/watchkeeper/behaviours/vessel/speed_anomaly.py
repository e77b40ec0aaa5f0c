"""``speed-anomaly``: a merchant ship sails much slower than she usually does, for hours."""

import numpy as np

from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.shiptypes import CARGO, TANKER
from watchkeeper.model.time import HOUR, MINUTE
from watchkeeper.model.units import METRES_PER_NMI, Count, Hours, Knots, Minutes, NauticalMiles, Ratio


@behaviour(
    id="speed-anomaly",
    version=1,
    references=(
        Reference(
            "Public tracks of Yi Peng 3, 2024-11-17",
            "Lloyd's List LL1153202; Swedish Accident Investigation Authority",
            "9 to 10 kn, then about 7 kn for more than a day: 26 % slower",
        ),
        Reference(
            "Cable corridor tool, drag rule",
            "detectors",
            "55 % of the ship's own upper-quartile speed or less",
        ),
    ),
    monotone={"min_duration": +1, "min_steady": +1, "place_reach": +1, "shared_by": -1},
)
def speed_anomaly(
    fix: Fixes,
    *,
    min_deficit: Ratio = 0.2,
    min_usual: Knots = 7.0,
    min_speed: Knots = 3.0,
    min_duration: Hours = 1.5,
    bridge: Minutes = 10.0,
    min_steady: Ratio = 0.9,
    place_reach: NauticalMiles = 5.0,
    stops_within: Hours = 1.0,
    shared_by: Count = 2,
    shared_radius: NauticalMiles = 20.0,
    shared_within: Minutes = 30.0,
) -> Episodes:
    """Speed anomaly: a cargo ship or tanker on a steady course stays far below her own usual speed.

    Why it matters: an engine at fault, an anchor that drags, a ship that waits for something or follows it.
    Innocent causes: arrival by appointment, heavy weather, ice, orders to save fuel, a fault being put right.
    Next step: compare with ships near her and with the weather; look at what she passed and whom she met meanwhile.
    """
    deficit = 1.0 - fix.sog_kn / fix.baseline_kn
    slower = (deficit >= min_deficit) & (fix.sog_kn >= min_speed) & (fix.baseline_kn >= min_usual)
    return fix.runs(
        slower,
        at_least_s=min_duration * 3600.0,
        bridge_s=bridge * 60.0,
        silence_s=1800.0,
        value=np.where(slower, fix.baseline_kn, np.nan),
        courses=True,
    )


@speed_anomaly.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_deficit: Ratio,
    min_duration: Hours,
    min_steady: Ratio,
    place_reach: NauticalMiles,
    stops_within: Hours,
    shared_by: Count,
    shared_radius: NauticalMiles,
    shared_within: Minutes,
) -> Verdict:
    """Set aside approaches, turning about, and what ships near her did too."""
    ship = context.ship(e.vessel)
    if ship.ship_type not in CARGO | TANKER:
        return SetAside("neither cargo ship nor tanker")
    if not e.course_r >= min_steady:
        return SetAside("turned about: no passage")
    reach_m = place_reach * METRES_PER_NMI
    if context.place_near(e.lat0, e.lon0, reach_m) or context.place_near(e.lat1, e.lon1, reach_m):
        return SetAside("near a port or anchorage")
    soon = e.end + int(stops_within * HOUR)
    if any(e.start <= stop.start <= soon for stop in context.stops(e.vessel)):
        return SetAside("slowed down to stop")
    others = context.alike(e, shared_radius * METRES_PER_NMI, int(shared_within * MINUTE))
    if others >= shared_by:
        return SetAside("others near slowed down too: weather, traffic or a rule")
    deficit = 1.0 - e.sog_mean / e.value
    return Found(
        (
            Measured("speed, mean", round(e.sog_mean, 1), "kn"),
            Measured("own usual speed", round(e.value, 1), "kn"),
            Measured("slower by", round(deficit, 2), "1", ">=", min_deficit),
            Measured("duration", round(e.hours, 2), "h", ">=", min_duration),
            Measured("steadiness of the course", round(e.course_r, 3), "1", ">=", min_steady),
            Measured("others near that slowed down with her", others, "count", "<", shared_by),
        ),
        f"Sailed {e.sog_mean:.1f} kn for {e.hours:.1f} h, {deficit:.0%} below her own usual {e.value:.1f} kn.",
        "medium" if deficit >= 1.5 * min_deficit and e.n >= 10 * e.hours else "low",
        f"{e.n} reports in {e.hours:.1f} h on one course",
        ("slower from here", "slower until here", ""),
        place=(e.lat0, e.lon0),
    )
