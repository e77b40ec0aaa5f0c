"""``zone-entry``: a ship enters a zone that was given to be watched, and stays in it long enough to count."""

from watchkeeper.behaviours.infrastructure.common import capped, known
from watchkeeper.model.behaviour import Found, Reference, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Confidence, Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.units import Minutes


@behaviour(
    id="zone-entry",
    version=1,
    references=(
        Reference(
            "traccar issue 3609",
            "github.com/traccar/traccar",
            "a boundary without hysteresis reports one passage many times",
        ),
        Reference(
            "Submarine Cables and Pipelines Protection Act",
            "Telecommunications Act 1997 (Australia), sch. 3A",
            "zones with an outline in which gear and anchors are not allowed",
        ),
    ),
    monotone={"min_inside": +1},
)
def zone_entry(fix: Fixes, *, min_inside: Minutes = 3.0, outside: Minutes = 20.0) -> Episodes:
    """Zone entry: a ship is inside a zone that a given layer asks to be watched.

    It is in when it was seen inside for some minutes, and out again only when it was not for longer than that, so that
    one passage along the edge is one finding.

    Why it matters: a protection zone, a safety zone or a closed area means that somebody wants to know who is in it.
    Innocent causes: ordinary passage, distress, work ordered there, a zone drawn wider than it is in force.
    Next step: see whether the zone was in force, whether the ship has a reason, what it did inside.
    """
    inside = fix.zone >= 0
    return fix.runs(
        inside,
        at_least_s=min_inside * 60.0,
        bridge_s=outside * 60.0,
        silence_s=3600.0,
        low=fix.sog_kn,
        asset=fix.zone,
        split_by_asset=True,
    )


@zone_entry.judge
def judge(e: Episode, context: Context, *, min_inside: Minutes, outside: Minutes) -> Verdict:
    """Every stay is a finding: what it means is for the one who drew the zone."""
    zone = context.asset(e.asset)
    minutes = e.hours * 60.0
    measured = (
        Measured("inside", round(minutes, 1), "min", ">=", min_inside),
        Measured("out for no longer than", outside, "min"),
        Measured("mean speed inside", known(e.sog_mean), "kn"),
        Measured("lowest speed inside", known(e.sog_min), "kn"),
        Measured("way sailed inside", round(e.path_m / 1852.0, 1), "nmi"),
    )
    passing: Confidence = "high" if e.n >= 3 else "medium"
    confidence, reason = capped(passing, f"{e.n} reports inside", zone)
    speed = "" if e.sog_mean != e.sog_mean else f", {e.sog_mean:.1f} kn on the mean"
    stay = f"{e.hours:.1f} h" if minutes >= 90.0 else f"{minutes:.0f} min"
    return Found(
        measured,
        f"Inside {zone.name} for {stay}{' until the data end' if e.open else ''}{speed}.",
        confidence,
        reason,
        ("first report inside", "last report inside", "slowest inside"),
        asset=e.asset,
    )
