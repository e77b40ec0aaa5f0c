"""``asset-pattern``: a ship goes to and fro along or across something on the bottom, as a survey does."""

import numpy as np

from watchkeeper.behaviours.infrastructure.common import capped, known
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.shiptypes import FISHING, PLEASURE, SERVICE, TOWING
from watchkeeper.model.units import Count, Hours, Knots, Minutes, NauticalMiles, Ratio

_MILITARY = frozenset({35})
_AT_WORK = (FISHING | PLEASURE | SERVICE | TOWING) - _MILITARY
"""Reciprocal courses are their work; a warship's may be the survey itself."""


@behaviour(
    id="asset-pattern",
    version=1,
    references=(
        Reference("Cable corridor tool", "detectors", ">= 4 reciprocal legs in 3 h within 15 km"),
        Reference(
            "IHO C-13, Manual on Hydrography",
            "chapter 3",
            "sonar is towed over the bottom at a few knots; here up to 7",
        ),
        Reference(
            "Mardia and Jupp, Directional Statistics (2000)",
            "1.1: axial data",
            "courses doubled: opposite ones become one; mean resultant length 0.68 where they scatter by 25 deg",
        ),
    ),
    monotone={"min_legs": +1, "min_axis": +1, "max_resultant": -1},
)
def asset_pattern(
    fix: Fixes,
    *,
    min_legs: Count = 4,
    window: Hours = 3.0,
    min_duration: Hours = 1.0,
    min_speed: Knots = 1.5,
    max_speed: Knots = 7.0,
    max_distance: NauticalMiles = 1.0,
    bridge: Minutes = 30.0,
    min_axis: Ratio = 0.65,
    max_resultant: Ratio = 0.6,
    min_span: NauticalMiles = 0.3,
) -> Episodes:
    """Asset pattern: a ship sails to and fro on reciprocal courses close to a cable, pipeline or power line.

    Counted in stretches of three hours: the way sailed over the greatest extent is the number of legs; the courses lie
    on one axis but cancel out.

    Why it matters: mapping an asset, or dragging gear to find it, takes parallel legs over it.
    Innocent causes: a survey or repair the operator ordered, trawling, a patrol, waiting at slow speed in a racetrack.
    Next step: ask the operator for ordered works and the coastal state for survey permits; look at earlier days.
    """
    near = fix.asset_m <= max_distance * 1852.0
    near &= (fix.sog_kn >= min_speed) & (fix.sog_kn <= max_speed)
    doubled = np.radians(2.0 * fix.cog_deg[near].astype(np.float64))
    east, north = np.full((2, len(near)), np.nan)
    east[near], north[near] = np.sin(doubled), np.cos(doubled)
    by_east, by_north = (
        fix.windows(
            near,
            length_s=window * 3600.0,
            at_least_s=min_duration * 3600.0,
            bridge_s=bridge * 60.0,
            value=part,
            low=fix.asset_m,
            courses=True,
        )
        for part in (east, north)
    )
    by_north.value = np.hypot(by_north.value, by_east.value)
    return by_north


@asset_pattern.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_legs: Count,
    window: Hours,
    max_distance: NauticalMiles,
    min_axis: Ratio,
    max_resultant: Ratio,
    min_span: NauticalMiles,
) -> Verdict:
    """Legs enough, on one axis, both ways, by a ship whose work that is not."""
    if e.span_m < min_span * 1852.0:
        return SetAside("all within a small place: swinging or drifting")
    legs = e.path_m / e.span_m
    if legs < min_legs:
        return SetAside("too few legs")
    if not (e.value >= min_axis and e.course_r <= max_resultant):
        return SetAside("courses not reciprocal")
    if context.ship(e.vessel).ship_type in _AT_WORK:
        return SetAside("fishing, service craft, tug or pleasure craft")
    if context.place_near(e.lat, e.lon, 0.0):
        return SetAside("in a port or anchorage")
    asset = context.asset(e.asset)
    measured = (
        Measured("way sailed over its extent (legs)", round(legs, 1), "count", ">=", min_legs),
        Measured("extent", round(e.span_m / 1852.0, 2), "nmi", ">=", min_span),
        Measured("courses on one axis (1: all)", known(e.value, 2), "1", ">=", min_axis),
        Measured("mean resultant of courses (0: they cancel)", known(e.course_r, 2), "1", "<=", max_resultant),
        Measured("mean speed", known(e.sog_mean), "kn"),
        Measured("duration", round(e.hours, 2), "h", "<=", window),
        Measured("least distance to the asset", round(e.low), "m", "<=", max_distance * 1852.0),
    )  # fmt: skip
    confidence, reason = capped("high", "legs counted by way and extent, courses on one axis", asset)
    return Found(
        measured,
        f"About {legs:.0f} reciprocal legs in {e.hours:.1f} h at {e.sog_mean:.1f} kn over or beside {asset.name}.",
        confidence,
        reason,
        ("to and fro from here", "to and fro until here", "nearest to the asset"),
        asset=e.asset,
    )
