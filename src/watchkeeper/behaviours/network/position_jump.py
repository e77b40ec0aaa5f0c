"""``position-jump``: a ship's reported position leaps farther than a ship can sail."""

from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.units import Count, Minutes, NauticalMiles


@behaviour(
    id="position-jump",
    version=1,
    references=(
        Reference(
            "AIS Guardian; cable corridor tool",
            "teleport rules",
            "60 kn implied speed (the engine's max_speed)",
        ),
        Reference("Wachta D2", "identity.py", "one odd report is a bad fix, not a jump"),
    ),
    monotone={"min_reports": +1, "min_distance": +1},
    marks="suspect",
    explained_by=("gnss-interference", "clock-fault", "position-frozen", "position-circle"),
)
def position_jump(
    fix: Fixes,
    *,
    min_reports: Count = 3,
    min_distance: NauticalMiles = 5.0,
    bridge: Minutes = 10.0,
    max_returns: Count = 2,
) -> Episodes:
    """Position jump: several reports lie where the ship cannot have sailed from where it was.

    Why it matters: interference with satellite navigation, a falsified position, or two ships on one number.
    Innocent causes: a fault of the receiver's satellite fix or of the decoding, a unit that was moved or tested.
    Next step: see where the reports before and after lie, and whether a ship or two near it leapt too.
    """
    return fix.runs(
        fix.displaced,
        at_least_s=0.0,
        bridge_s=bridge * 60.0,
        silence_s=bridge * 60.0,
        value=fix.reentry.astype(float),
        low=fix.apart_m,
        across_jumps=True,
    )


@position_jump.judge
def judge(
    e: Episode, context: Context, *, min_reports: Count, min_distance: NauticalMiles, max_returns: Count
) -> Verdict:
    """Set aside single odd fixes, small leaps and what alternates (two hulls)."""
    if e.n < min_reports:
        return SetAside("one or two odd fixes")
    returns = round(e.value * e.n)
    if returns >= max_returns:
        return SetAside("alternates between two places: see identity-clash")
    away = e.low / 1852.0
    if away < min_distance:
        return SetAside("leap too small")
    return Found(
        (
            Measured("least distance from the ship's own track", round(away, 1), "nmi", ">=", min_distance),
            Measured("reports away from it", e.n, "count", ">=", min_reports),
            Measured("duration", round(e.hours, 2), "h"),
        ),
        f"{e.n} reports {away:.0f} nmi from where the ship can have been.",
        "high" if e.n >= 2 * min_reports and away >= 2 * min_distance else "medium",
        f"{e.n} reports within {e.hours * 60.0:.0f} min, at least {away:.0f} nmi away",
        ("first displaced report", "last displaced report", ""),
        place=(e.lat0, e.lon0),
    )
