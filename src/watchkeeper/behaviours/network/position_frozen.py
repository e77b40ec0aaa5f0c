"""``position-frozen``: a ship reports that she sails on, from one and the same place."""

from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.units import Count, Knots, Metres, Minutes, NauticalMiles, Ratio

_AT_ANCHOR, _AGROUND, _MOORED = 1, 6, 5


@behaviour(
    id="position-frozen",
    version=1,
    references=(
        Reference(
            "ITU-R M.1371-5",
            "table 48",
            "position in 1/10 000 min (0.2 m): a ship under way never sends one twice",
        ),
        Reference(
            "RadianceFleet",
            "config/risk_scoring.yaml",
            "anchor spoofing: one place kept; here only against a speed reported at the same time",
        ),
    ),
    monotone={"min_reports": +1, "min_missing": +1, "max_at_rest": -1},
    marks="unreliable",
)
def position_frozen(
    fix: Fixes,
    *,
    min_speed: Knots = 3.0,
    max_speed: Knots = 60.0,
    max_step: Metres = 5.0,
    min_duration: Minutes = 10.0,
    min_reports: Count = 5,
    min_missing: NauticalMiles = 1.0,
    max_at_rest: Ratio = 0.5,
    bridge: Minutes = 6.0,
) -> Episodes:
    """Position frozen: reports go on with a speed under way, while the position stays where it was.

    Why it matters: the ship is no longer where she is shown; her track, meetings and stays there did not happen.
    Innocent causes: a receiver that lost its fix and repeats the last one; a faulty speed of a ship at her berth.
    Next step: see where the next moving position lies, and whether others near lost their fix too.
    """
    stands = (fix.leg_m <= max_step) & (fix.leg_kn <= 0.1 * fix.sog_kn)
    at_rest = (fix.nav_status == _AT_ANCHOR) | (fix.nav_status == _MOORED) | (fix.nav_status == _AGROUND)
    return fix.runs(
        stands & ~fix.displaced & (fix.sog_kn >= min_speed) & (fix.sog_kn <= max_speed),
        at_least_s=min_duration * 60.0,
        bridge_s=bridge * 60.0,
        silence_s=5.0 * bridge * 60.0,
        value=at_rest.astype(float),
        courses=True,
    )


@position_frozen.judge
def judge(
    e: Episode,
    context: Context,
    *,
    max_step: Metres,
    min_reports: Count,
    min_missing: NauticalMiles,
    max_at_rest: Ratio,
) -> Verdict:
    """Set aside ships at rest with a faulty speed."""
    if e.n < min_reports:
        return SetAside("too few reports")
    if e.span_m > 2.0 * max_step:
        return SetAside("the position moves")
    if e.value >= max_at_rest:
        return SetAside("says she is moored, at anchor or aground: the speed is faulty")
    if context.place_near(e.lat, e.lon, 0.0):
        return SetAside("lies where ships usually lie: the speed is faulty")
    missing = e.sog_mean * e.hours
    if missing < min_missing:
        return SetAside("would hardly have moved")
    lively = e.sog_max - e.sog_min >= 0.5 or e.course_r < 0.999
    return Found(
        (
            Measured("distance sailed by the speeds reported", round(missing, 1), "nmi", ">=", min_missing),
            Measured("extent of the positions", round(e.span_m, 1), "m", "<=", 2.0 * max_step),
            Measured("reports", e.n, "count", ">=", min_reports),
            Measured("mean speed reported", round(e.sog_mean, 1), "kn"),
            Measured("duration", round(e.hours, 2), "h"),
        ),
        f"{e.n} reports from one place in {e.hours * 60.0:.0f} min, at {e.sog_mean:.0f} kn by their own speed.",
        "high" if lively else "medium",
        "speed or course go on changing" if lively else "speed and course stand still too",
        ("first report of the repeated place", "last report of it", ""),
        place=(e.lat0, e.lon0),
    )
