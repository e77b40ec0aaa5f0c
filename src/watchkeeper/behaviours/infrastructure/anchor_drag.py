"""``anchor-drag``: a ship under way loses speed against its own habit while it crosses something on the bottom."""

from watchkeeper.kernels.geodesy import distance_m
from watchkeeper.model.behaviour import Context, Fixes, Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.shiptypes import FISHING, HIGH_SPEED, PLEASURE, SERVICE, TOWING
from watchkeeper.model.time import HOUR
from watchkeeper.model.units import Hours, Knots, Metres, Minutes, Ratio


@behaviour(
    id="anchor-drag",
    version=1,
    references=(
        Reference(
            "Newnew Polar Bear, 2023-10-08 (ERR 1609134998)",
            "err.ee",
            "11 kn to 9.5 kn while crossing: 14 % for minutes",
        ),
        Reference(
            "Yi Peng 3, 2024-11-17 (Swedish Accident Investigation Authority)",
            "SHK",
            "9.5 kn to 7 kn: 26 % for hours",
        ),
        Reference("Eagle S, 2024-12-25 (EADaily from AIS)", "press", "8.5 kn to 6.3 kn: 26 %"),
    ),
    monotone={"min_duration": +1, "max_distance": -1, "min_straight": +1},
)
def anchor_drag(
    fix: Fixes,
    *,
    min_deficit: Ratio = 0.18,
    min_duration: Minutes = 20.0,
    bridge: Minutes = 5.0,
    min_speed: Knots = 3.0,
    min_usual: Knots = 6.0,
    max_distance: Metres = 1000.0,
    stop_within: Hours = 2.0,
    min_straight: Ratio = 0.93,
) -> Episodes:
    """Anchor drag: a ship under way is slower than its own usual speed for a while, and crosses an asset meanwhile.

    Why it matters: an anchor on the bottom brakes a ship; every known cable case in the Baltic shows such a loss.
    Innocent causes: engine trouble, head wind and sea, a speed rule, a turn, slowing for a pilot or a port.
    Next step: ask the operator for a fault on that asset, look at the anchors, compare with ships beside it.
    """
    deficit = 1.0 - fix.sog_kn / fix.baseline_kn
    slower = (deficit >= min_deficit) & (fix.sog_kn >= min_speed) & (fix.baseline_kn >= min_usual)
    return fix.runs(
        slower,
        at_least_s=min_duration * 60.0,
        bridge_s=bridge * 60.0,
        silence_s=1800.0,
        value=fix.baseline_kn,
        low=fix.asset_m,
    )


@anchor_drag.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_deficit: Ratio,
    min_duration: Minutes,
    min_speed: Knots,
    max_distance: Metres,
    stop_within: Hours,
    min_straight: Ratio,
) -> Verdict:
    """Only where an asset was crossed, by a ship that was not arriving, turning, fishing or in service."""
    if not e.low <= max_distance:
        return SetAside("no asset near while slower")
    ship = context.ship(e.vessel)
    if ship.ship_type in FISHING | SERVICE | TOWING | PLEASURE | HIGH_SPEED:
        return SetAside("type of ship that often changes speed")
    if context.place_near(e.lat1, e.lon1, 5000.0) or context.place_near(e.lat0, e.lon0, 3000.0):
        return SetAside("near a port or anchorage")
    after = context.max_speed(e.vessel, e.end + HOUR, e.end + int((stop_within + 1.0) * HOUR))
    if after < min_speed:
        return SetAside("stopped soon after: arriving")
    straight = distance_m(e.lat0, e.lon0, e.lat1, e.lon1) / max(e.path_m, 1.0)
    if straight < min_straight:
        return SetAside("turned meanwhile")
    asset, usual = context.asset(e.asset), e.value
    deficit = 1.0 - e.sog_mean / usual
    measured = (
        Measured("speed lost against the ship's own usual", round(deficit, 3), "1", ">=", min_deficit),
        Measured("usual speed", round(usual, 1), "kn"),
        Measured("mean speed meanwhile", round(e.sog_mean, 1), "kn", ">=", min_speed),
        Measured("duration", round(e.hours * 60.0), "min", ">=", min_duration),
        Measured("way made good over way sailed", round(straight, 2), "1", ">=", min_straight),
        Measured("least distance to the asset", round(e.low), "m", "<=", max_distance),
    )
    return Found(
        measured,
        f"{deficit:.0%} below its usual {usual:.1f} kn for {e.hours * 60.0:.0f} min, "
        f"{e.low:.0f} m from {asset.name} at the nearest.",
        "medium" if asset.position_class == "charted" else "low",
        f"weather and traffic are not weighed yet; the asset's position is {asset.position_class}",
        ("slower from here", "slower until here", "nearest to the asset"),
        asset=e.asset,
    )
