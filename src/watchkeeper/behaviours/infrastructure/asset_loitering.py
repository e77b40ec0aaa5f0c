"""``asset-loitering``: a ship stays slow over something that is to be protected."""

from watchkeeper.behaviours.infrastructure.common import capped
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.shiptypes import PLEASURE, SERVICE, TOWING
from watchkeeper.model.units import Hours, Knots, Minutes, NauticalMiles


@behaviour(
    id="asset-loitering",
    version=2,
    references=(
        Reference("Cable corridor tool", "detectors", "mean speed below 2 kn for 2 h near a cable; here 1 h"),
        Reference(
            "Submarine cable protection zones",
            "Telecommunications Act 1997 (Australia), sch. 3A",
            "1 nmi each side",
        ),
    ),
    monotone={"min_duration": +1},
)
def asset_loitering(
    fix: Fixes,
    *,
    max_speed: Knots = 2.0,
    max_distance: NauticalMiles = 1.0,
    min_duration: Hours = 1.0,
    bridge: Minutes = 20.0,
) -> Episodes:
    """Asset loitering: a ship stays below a low speed close to a cable, pipeline or power line.

    Why it matters: work on, over or beside an asset needs a ship that stays; so does an anchor.
    Innocent causes: an anchorage beside the asset, fishing, waiting, repair or survey work ordered by the operator.
    Next step: ask the operator for alarms and ordered works, call the ship, see what it did before.
    """
    near = (fix.asset_m <= max_distance * 1852.0) & (fix.sog_kn < max_speed)
    return fix.runs(
        near,
        at_least_s=min_duration * 3600.0,
        bridge_s=bridge * 60.0,
        silence_s=3600.0,
        low=fix.asset_m,
        split_by_asset=True,
    )


@asset_loitering.judge
def judge(
    e: Episode, context: Context, *, max_speed: Knots, max_distance: NauticalMiles, min_duration: Hours
) -> Verdict:
    """Set aside ports, anchorages and service craft."""
    ship = context.ship(e.vessel)
    if ship.ship_type in SERVICE | TOWING | PLEASURE:
        return SetAside("service craft, tug or pleasure craft")
    if context.place_near(e.lat, e.lon, 0.0):
        return SetAside("in a port or anchorage")
    if context.coast_m(e.lat, e.lon) < 1852.0:
        return SetAside("within a mile of the coast")
    asset = context.asset(e.asset)
    measured = (
        Measured("least distance to the asset", round(e.low), "m", "<=", max_distance * 1852.0),
        Measured("mean speed", round(e.sog_mean, 2), "kn", "<", max_speed),
        Measured("duration", round(e.hours, 2), "h", ">=", min_duration),
    )
    confidence, reason = capped("high", "slow beside the asset all the time", asset)
    return Found(
        measured,
        f"Below {max_speed:g} kn for {e.hours:.1f} h near {asset.name}, {e.low:.0f} m at the nearest.",
        confidence,
        reason,
        ("slow near the asset from here", "slow near the asset until here", "nearest to the asset"),
        asset=e.asset,
    )
