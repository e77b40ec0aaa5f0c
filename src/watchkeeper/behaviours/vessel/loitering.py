"""``loitering``: a ship under way that goes nowhere, at sea."""

from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.shiptypes import FISHING, PLEASURE, SERVICE, TOWING
from watchkeeper.model.units import Hours, Knots, Minutes, NauticalMiles

# A ship at anchor: slower than a stop of Global Fishing Watch's anchorages, and within the circle it swings in. Its
# way by positions says nothing: their scatter adds up to miles where reports come every few seconds.
ANCHORED_KN = 0.5
SWING_M = 800.0


@behaviour(
    id="loitering",
    version=1,
    references=(
        Reference(
            "Global Fishing Watch, loitering events", "technical documentation", "average speed below 2 kn"
        ),
        Reference("RadianceFleet loitering detector", "config/risk_scoring.yaml", "4 h"),
    ),
    monotone={"min_duration": +1, "min_coast": +1, "min_path": +1},
)
def loitering(
    fix: Fixes,
    *,
    max_speed: Knots = 2.0,
    min_duration: Hours = 3.0,
    bridge: Minutes = 15.0,
    min_coast: NauticalMiles = 2.0,
    min_path: NauticalMiles = 0.5,
) -> Episodes:
    """Loitering: a ship at sea stays below a low speed for hours, away from ports and anchorages.

    Why it matters: waiting for a meeting at sea, for orders, or over something on the bottom looks like this.
    Innocent causes: waiting for a berth or a pilot, bad weather, engine repair, survey or service work.
    Next step: look who came near, what lies on the bottom there, and where the ship went afterwards.
    """
    slow = fix.sog_kn < max_speed
    return fix.runs(slow, at_least_s=min_duration * 3600.0, bridge_s=bridge * 60.0, silence_s=3600.0)


@loitering.judge
def judge(
    e: Episode,
    context: Context,
    *,
    max_speed: Knots,
    min_duration: Hours,
    min_coast: NauticalMiles,
    min_path: NauticalMiles,
) -> Verdict:
    """Set aside still ships, places where ships lie, and ships whose work it is."""
    ship = context.ship(e.vessel)
    if ship.ship_type in FISHING | SERVICE | TOWING | PLEASURE:
        return SetAside("type of ship whose work or leisure it is")
    if e.path_m < min_path * 1852.0:
        return SetAside("lay still (anchored, moored or aground)")
    place = context.place_near(e.lat, e.lon, 0.0)
    if place:
        return SetAside("in a port or anchorage")
    coast_m = context.coast_m(e.lat, e.lon)
    if coast_m < min_coast * 1852.0:
        return SetAside("close to the coast")
    radius = max(e.span_m / 2.0, 1.0)
    if e.sog_mean < ANCHORED_KN and radius < SWING_M:
        return SetAside("lay still (anchored, moored or aground)")
    measured = (
        Measured("mean speed", round(e.sog_mean, 2), "kn", "<", max_speed),
        Measured("duration", round(e.hours, 2), "h", ">=", min_duration),
        Measured("distance sailed", round(e.path_m / 1852.0, 2), "nmi", ">=", min_path),
        Measured("width of the area", round(e.span_m / 1852.0, 2), "nmi"),
        Measured(
            "distance to coast",
            None if coast_m != coast_m else round(min(coast_m, 1e5) / 1852.0, 1),
            "nmi",
            ">=",
            min_coast,
        ),
    )
    sure = e.n >= 20 * e.hours and ship.ship_type > 0
    return Found(
        measured,
        f"Below {max_speed:g} kn for {e.hours:.1f} h at sea, within {e.span_m / 1852.0:.1f} nmi.",
        "high" if sure else "medium",
        f"{e.n} reports in {e.hours:.1f} h" + ("" if ship.ship_type > 0 else "; type of ship not known"),
        ("slow from here", "slow until here", ""),
        place=(e.lat, e.lon),
    )
