"""``asset-slowdown``: a ship under way becomes much slower beside something on the bottom, and goes on."""

import numpy as np

from watchkeeper.behaviours.infrastructure.common import (
    CHANGES_SPEED,
    SPARSE_S,
    Company,
    arriving,
    capped,
    near_port,
)
from watchkeeper.kernels.habit import slower_than_usual
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.units import Count, Hours, Knots, Minutes, NauticalMiles, Ratio


@behaviour(
    id="asset-slowdown",
    version=1,
    references=(
        Reference(
            "Cable corridor tool",
            "detectors",
            "speed at most 0.55 of the ship's own upper quartile for 30 min in a 3 km corridor; here 0.6 of the usual",
        ),
        Reference(
            "Submarine cable protection zones",
            "Telecommunications Act 1997 (Australia), sch. 3A",
            "1 nmi each side",
        ),
    ),
    monotone={"shared_ships": -1, "habit_ships": -1},
)
def asset_slowdown(
    fix: Fixes,
    *,
    min_deficit: Ratio = 0.4,
    min_duration: Minutes = 20.0,
    bridge: Minutes = 10.0,
    min_speed: Knots = 1.0,
    min_usual: Knots = 6.0,
    max_distance: NauticalMiles = 1.0,
    stop_within: Hours = 2.0,
    shared_ships: Count = 3,
    shared_radius: NauticalMiles = 20.0,
    habit_ships: Count = 3,
    habit_radius: NauticalMiles = 2.0,
) -> Episodes:
    """Asset slow-down: a ship under way loses much of its usual speed close to a cable, pipeline or power line.

    Why it matters: lowering, towing or recovering gear over an asset needs a slow ship; so does searching for it.
    Innocent causes: engine trouble, giving way, waiting for a pilot, a berth or the tide, fishing not declared.
    Next step: see what the ship did before and after, call it, ask the operator for ordered works.
    """
    near = fix.asset_m <= max_distance * 1852.0
    if near.any():
        at = np.flatnonzero(near)
        near[at] = slower_than_usual(
            fix.sog_kn[at], fix.baseline_kn[at], fix.leg_kn[at], fix.leg_s[at], min_deficit, min_speed, min_usual,
            SPARSE_S,
        )  # fmt: skip
    return fix.runs(
        near,
        at_least_s=min_duration * 60.0,
        bridge_s=bridge * 60.0,
        silence_s=3600.0,
        value=fix.baseline_kn,
        low=fix.asset_m,
        split_by_asset=True,
    )


@asset_slowdown.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_deficit: Ratio,
    min_duration: Minutes,
    min_speed: Knots,
    max_distance: NauticalMiles,
    stop_within: Hours,
    shared_ships: Count,
    shared_radius: NauticalMiles,
    habit_ships: Count,
    habit_radius: NauticalMiles,
) -> Verdict:
    """Set aside arrivals, work, and what several ships do."""
    if context.ship(e.vessel).ship_type in CHANGES_SPEED:
        return SetAside("type of ship that often changes speed")
    if near_port(e, context):
        return SetAside("near a port or anchorage")
    if context.coast_m(e.lat, e.lon) < 1852.0:
        return SetAside("within a mile of the coast")
    if arriving(e, context, stop_within, 3.0):
        return SetAside("stopped soon after: arriving")
    company = Company.of(e, context, shared_radius, habit_radius)
    if reason := company.explains(shared_ships, habit_ships):
        return SetAside(reason)
    asset = context.asset(e.asset)
    deficit = 1.0 - e.sog_mean / e.value
    measured = (
        Measured("speed lost against the ship's own usual", round(deficit, 2), "1", ">=", min_deficit),
        Measured("usual speed", round(e.value, 1), "kn"),
        Measured("mean speed meanwhile", round(e.sog_mean, 1), "kn", ">=", min_speed),
        Measured("duration", round(e.hours * 60.0), "min", ">=", min_duration),
        Measured("least distance to the asset", round(e.low), "m", "<=", max_distance * 1852.0),
        *company.measured(shared_ships, habit_ships),
    )
    lasting = e.hours * 60.0 >= 2.0 * min_duration
    confidence, reason = capped(
        "medium" if lasting else "low", "slower beside the asset, no sign yet of what for", asset
    )
    return Found(
        measured,
        f"{deficit:.0%} below its usual {e.value:.1f} kn for {e.hours * 60.0:.0f} min beside {asset.name}, "
        f"{e.low:.0f} m at the nearest.",
        confidence,
        reason,
        ("slower beside the asset from here", "slower beside the asset until here", "nearest to the asset"),
        asset=e.asset,
    )
