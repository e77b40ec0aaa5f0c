"""``asset-approach``: when the data end, a listed or slowed ship is on its way over something on the bottom."""

from watchkeeper.behaviours.infrastructure.common import CHANGES_SPEED, capped, near_port
from watchkeeper.kernels.geodesy import bearing_deg, destination, distance_m
from watchkeeper.kernels.habit import first_of_slot
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Crossing, Fixes
from watchkeeper.model.time import HOUR, MINUTE, to_iso
from watchkeeper.model.units import METRES_PER_NMI, Degrees, Hours, Knots, Minutes, Ratio

_FARTHEST_M = 500_000.0
"""No forecast goes farther than this: a day at 11 kn."""

_SLOT_MS = 2 * MINUTE


@behaviour(
    id="asset-approach",
    version=1,
    references=(
        Reference(
            "Ristic, La Scala, Morelande, Gordon 2008, Statistical analysis of motion patterns in AIS data",
            "FUSION 2008",
            "ships at sea keep course and speed: constant velocity is the plain forecast",
        ),
        Reference(
            "Millefiori, Braca, Bryan, Willett 2016, Modeling vessel kinematics",
            "IEEE TAES 52(5)",
            "the error of a constant-velocity forecast grows with the time ahead; here a fan of courses",
        ),
    ),
    monotone={"ahead": -1, "slowed": +1},
)
def asset_approach(
    fix: Fixes,
    *,
    ahead: Hours = 3.0,
    min_speed: Knots = 3.0,
    settled: Minutes = 10.0,
    latest: Minutes = 60.0,
    slowed: Ratio = 0.25,
    min_usual: Knots = 6.0,
    fan: Degrees = 10.0,
    speed_error: Ratio = 0.15,
) -> Episodes:
    """Asset approach: a ship on a list, or slower than its own habit, is expected to cross an asset within hours.

    Judged once, when the data end: course and speed of the last minutes are kept, with a fan of courses and
    a margin of speed to both sides. Land and bends of the fairway are not looked at.

    Why it matters: a call before the crossing costs nothing; a repair takes weeks.
    Innocent causes: nearly every ship crosses cables; the finding says when to look, not that anything is wrong.
    Next step: watch the crossing, call the ship, tell the operator the time.
    """
    # A report every two minutes is enough for a course, and costs a tenth.
    moving = first_of_slot(fix.t, fix.t_before, fix.sog_kn, min_speed, _SLOT_MS)
    found = fix.windows(
        moving,
        length_s=2.0 * settled * 60.0,
        at_least_s=0.0,
        bridge_s=latest * 60.0,
        silence_s=latest * 60.0,
        value=fix.baseline_kn,
        courses=True,
    )
    return found.take(found.open)


@asset_approach.judge
def judge(
    e: Episode,
    context: Context,
    *,
    ahead: Hours,
    settled: Minutes,
    latest: Minutes,
    slowed: Ratio,
    min_usual: Knots,
    fan: Degrees,
    speed_error: Ratio,
) -> Verdict:
    """Why this ship, then where it goes."""
    matches = context.list_matches(e.vessel)
    loss = 1.0 - e.sog_mean / e.value if e.value >= min_usual else 0.0
    if not matches and not loss >= slowed:
        return SetAside("neither listed nor slower than usual")
    if not matches and (context.ship(e.vessel).ship_type in CHANGES_SPEED or near_port(e, context)):
        return SetAside("slower, as its trade or a port asks")
    age_h = (context.data_end - e.end) / HOUR
    if age_h * 60.0 > latest:
        return SetAside("not heard lately")
    speed, course = _made_good(e) if e.hours * 60.0 >= 0.5 * settled else (e.sog_mean, e.course_deg)
    if not (speed > 0.0 and course == course):
        return SetAside("too short a time on this course to say where it leads")
    way_m = min(speed * METRES_PER_NMI * (ahead + age_h), _FARTHEST_M)
    ways = [_ahead(e, course + turn, way_m, context) for turn in (0.0, -fan, fan)]
    middle = [c for c in ways[0] if c.along_m >= speed * METRES_PER_NMI * age_h]
    if not middle:
        return SetAside("no line ahead within the time")
    first = middle[0]
    beside = [c.along_m for way in ways[1:] for c in way if c.asset == first.asset]
    if not beside:
        return SetAside("no line ahead that the ship would meet on a slightly other course too")
    hours = first.along_m / METRES_PER_NMI / speed
    soonest = min(first.along_m, *beside) / METRES_PER_NMI / (speed * (1.0 + speed_error))
    longest = max(first.along_m, *beside) / METRES_PER_NMI / (speed * (1.0 - speed_error))
    why = f"listed by {matches[0].list_title}" if matches else f"{loss:.0%} below its usual {e.value:.1f} kn"
    measured = (
        Measured("expected to cross after the last report", round(hours, 2), "h", "<=", ahead),
        Measured("at the soonest", round(soonest, 2), "h"),
        Measured("at the latest", round(longest, 2), "h"),
        Measured("speed kept", round(speed, 1), "kn"),
        Measured("speed lost against the ship's own usual", round(loss, 2), "1", ">=", None if matches else slowed),
        Measured("lists that name the ship", len(matches), "count"),
    )  # fmt: skip
    asset = context.asset(first.asset)
    confidence, reason = capped(
        "medium" if len(beside) == 2 else "low",
        f"course and speed kept; {len(beside) + 1} of 3 courses {fan:g} deg apart cross it",
        asset,
    )
    at = (to_iso(e.end + round(h * HOUR))[11:16] for h in (hours, soonest, longest))
    return Found(
        measured,
        "Expected to cross {} at about {} UTC ({} to {}) on course {:03.0f}; {}.".format(
            asset.name, *at, course % 360.0, why
        ),
        confidence,
        reason,
        ("course and speed from here", "last report", ""),
        place=(first.lat, first.lon),
        asset=first.asset,
    )


def _made_good(e: Episode) -> tuple[float, float]:
    """Speed [kn] and course [deg] from the first position to the last."""
    way_nmi = distance_m(e.lat0, e.lon0, e.lat1, e.lon1) / METRES_PER_NMI
    return way_nmi / e.hours, bearing_deg(e.lat0, e.lon0, e.lat1, e.lon1)


def _ahead(e: Episode, course_deg: float, way_m: float, context: Context) -> list[Crossing]:
    """Lines across the way on a course from the last position, nearest first."""
    lat, lon = destination(e.lat1, e.lon1, course_deg, way_m)
    return context.crossed((e.lat1, lat), (e.lon1, lon))
