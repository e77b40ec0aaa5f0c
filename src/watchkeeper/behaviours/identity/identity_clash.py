"""``identity-clash``: one MMSI is sent from two places at the same time."""

from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.units import Count, Hours, Kilometres, Metres


@behaviour(
    id="identity-clash",
    version=1,
    references=(
        Reference(
            "Wachta D2",
            "identity.py",
            "two clusters more than 20 km apart, at least 3 reports each, at least 2 alternations",
        ),
        Reference(
            "Global Fishing Watch, gpsdio-segment", "core.py", "one number split into hulls by reachability"
        ),
    ),
    monotone={"min_reports": +1, "min_alternations": +1, "min_separation": +1},
    explained_by=("gnss-interference", "clock-fault"),
)
def identity_clash(
    fix: Fixes,
    *,
    min_reports: Count = 3,
    min_alternations: Count = 2,
    min_separation: Kilometres = 20.0,
    min_width: Metres = 1.0,
    bridge: Hours = 2.0,
) -> Episodes:
    """Identity clash: reports under one number alternate between two tracks, each of which is possible by itself.

    Why it matters: one of the two ships sails under another ship's identity.
    Innocent causes: a number programmed wrongly, a unit moved to another ship, a default number.
    Next step: compare name, call sign, IMO number and size sent on each track.
    """
    return fix.runs(
        fix.displaced,
        at_least_s=0.0,
        bridge_s=bridge * 3600.0,
        silence_s=bridge * 3600.0,
        value=fix.reentry.astype(float),
        low=fix.apart_m,
    )


@identity_clash.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_reports: Count,
    min_alternations: Count,
    min_separation: Kilometres,
    min_width: Metres,
) -> Verdict:
    """Two hulls, not bad fixes: enough reports, coming back to the same second track, far enough away."""
    returns = round(e.value * e.n)
    if e.n < min_reports or returns < min_alternations:
        return SetAside("does not alternate: see position-jump")
    away_km = e.low / 1000.0
    if away_km < min_separation:
        return SetAside("the two tracks are close together")
    if e.span_m < min_width:
        return SetAside("the second place is one fixed point: a default or stuck position")
    return Found(
        (
            Measured("distance between the tracks", round(away_km), "km", ">=", min_separation),
            Measured("reports on the second track", e.n, "count", ">=", min_reports),
            Measured("returns to the second track", returns, "count", ">=", min_alternations),
            Measured("duration", round(e.hours, 2), "h"),
        ),
        f"Two tracks {away_km:.0f} km apart send this number; {returns} changes between them in {e.hours:.1f} h.",
        "high" if returns >= 5 * min_alternations else "medium",
        f"{e.n} reports on the second track, {returns} returns",
        ("first report of the second track", "last report of the second track", ""),
        place=(e.lat0, e.lon0),
    )
