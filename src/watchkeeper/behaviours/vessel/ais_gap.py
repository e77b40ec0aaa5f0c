"""``ais-gap``: a ship that was being heard falls silent where others are still heard."""

import numpy as np

from watchkeeper.kernels.expected import expected_interval_s
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes, Witnesses
from watchkeeper.model.records import CLASS_B
from watchkeeper.model.time import MINUTE
from watchkeeper.model.units import METRES_PER_NMI, Count, Hours, Knots, Minutes, NauticalMiles, Ratio


@behaviour(
    id="ais-gap",
    version=2,
    references=(
        Reference(
            "ITU-R M.1371-5", "annex 2, tables 1 and 2", "a report every 2 s to 3 min by class and speed"
        ),
        Reference(
            "Welch et al. 2022, Science Advances 8", "eabq2109", "reception must explain the silence first"
        ),
        Reference("RadianceFleet gap detector", "app/config.py", "2 h; here 1 h, with witnesses required"),
        Reference(
            "Wachta D4",
            "gaps.py",
            ">= 3 other ships heard in the silent quarter hours; simultaneous silences are an outage",
        ),
        Reference(
            "IMO A.1106(29)", "annex", "a range of nominally 20 nmi at sea; here twice that from the coast"
        ),
    ),
    monotone={"min_witnesses": +1, "min_heard_share": +1, "outage_ships": -1, "jammed_ships": -1},
    rests_on="silence",
)
def ais_gap(
    fix: Fixes,
    *,
    min_gap: Hours = 1.0,
    min_missed: Count = 15,
    min_speed: Knots = 3.0,
    min_moved: NauticalMiles = 1.0,
    min_witnesses: Count = 3,
    min_heard_share: Ratio = 0.75,
    class_b_factor: Ratio = 3.0,
    outage_ships: Count = 3,
    outage_radius: NauticalMiles = 30.0,
    outage_within: Minutes = 10.0,
    jammed_ships: Count = 3,
    coast_reach: NauticalMiles = 40.0,
) -> Episodes:
    """AIS gap: a ship under way is not heard for much longer than its reporting interval while others near it are.

    Why it matters: switching AIS off hides port calls, transfers at sea and work over cables.
    Innocent causes: a receiver outage or crowded channel, disturbed satellite navigation, leaving the range
    of the receivers, low antenna or power (class B), a unit switched off in port.
    Next step: look for the ship in other sensors between start and end, and compare the distance with what it
    could have sailed.
    """
    missed = fix.leg_s / expected_interval_s(fix.ais_class, fix.sog_before)
    long = (fix.leg_s >= min_gap * 3600.0) & (missed >= min_missed)
    return fix.silences(min_gap * 3600.0, long)


@ais_gap.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_gap: Hours,
    min_missed: Count,
    min_speed: Knots,
    min_moved: NauticalMiles,
    min_witnesses: Count,
    min_heard_share: Ratio,
    class_b_factor: Ratio,
    outage_ships: Count,
    outage_radius: NauticalMiles,
    outage_within: Minutes,
    jammed_ships: Count,
    coast_reach: NauticalMiles,
) -> Verdict:
    """Set aside what late reports, a berth, reception, an outage or jamming explains; show every factor."""
    ship = context.ship(e.vessel)
    class_b = ship.ais_class == CLASS_B
    if class_b and e.hours < min_gap * class_b_factor:
        return SetAside("class B: reception too weak to judge so short a silence")
    moved_nmi = e.path_m / METRES_PER_NMI
    under_way = e.sog_min >= min_speed
    if not under_way and not moved_nmi >= min_moved:
        return SetAside("lay still before and after")
    if context.place_near(e.lat0, e.lon0, 0.0) and not moved_nmi >= 10 * min_moved:
        return SetAside("fell silent in a port or anchorage")
    if context.heard(e.vessel, e.start, e.end):
        return SetAside("heard meanwhile: late reports, or another track of the same number")
    together = context.alike(e, outage_radius * METRES_PER_NMI, int(outage_within * MINUTE))
    if together >= outage_ships:
        return SetAside("receiver outage: others fell silent at the same moment")
    here = _witnesses(e, context)
    if here.ships < min_witnesses or here.share < min_heard_share:
        outage = here.heard_around and here.share < min_heard_share
        return SetAside("receiver outage: others fell silent too" if outage else "outside reception")
    expected = float(expected_interval_s(np.array([ship.ais_class]), np.array([e.sog_min]))[0])
    missed = int(e.hours * 3600.0 / expected)
    if missed < min_missed:
        return SetAside("too few reports missed")
    radius_m, margin = outage_radius * METRES_PER_NMI, int(outage_within * MINUTE)
    own = context.trust(e.vessel, e.start - margin, e.end + margin)
    jammed = context.distrusted_near(e.vessel, e.lat0, e.lon0, e.start - margin, e.end + margin, radius_m)
    if own.state == "unreliable" or jammed >= jammed_ships:
        return SetAside("satellite navigation disturbed: no position to report")
    coast_nmi = context.coast_m(e.lat0, e.lon0) / METRES_PER_NMI
    near_coast = not coast_nmi > coast_reach
    good = here.share >= 0.9 and here.ships >= 2 * min_witnesses and under_way and near_coast and not class_b
    measured = (
        Measured("silence", round(e.hours, 2), "h", ">=", min_gap),
        Measured("expected interval", expected, "s"),
        Measured("reports missed", missed, "count", ">=", min_missed),
        Measured("speed before", _known(e.sog_min), "kn", ">=", min_speed),
        Measured("moved while silent", _known(moved_nmi), "nmi"),
        Measured("speed while silent", _known(moved_nmi / e.hours), "kn"),
        Measured("distance from coast", _known(coast_nmi), "nmi", "<=" if near_coast else ">", coast_reach),
        Measured("other ships heard there meanwhile", here.ships, "count", ">=", min_witnesses),
        Measured("others that fell silent or came back with it", together, "count", "<", outage_ships),
        Measured("quarter hours with others heard", round(here.share, 2), "1", ">=", min_heard_share),
        Measured("own positions before and after", own.state, ""),
        Measured("others near whose positions were disturbed", jammed, "count", "<", jammed_ships),
    )
    until = "until the data end" if e.open else f"{e.hours:.1f} h"
    return Found(
        measured,
        f"Not heard for {until}, {missed} reports missed, while {here.ships} other ships near it were heard.",
        "high" if good and not e.open else "medium" if not class_b else "low",
        f"others heard in {here.share:.0%} of the quarter hours"
        + ("; class B" if class_b else "")
        + ("" if near_coast else f"; {min(coast_nmi, 54.0):.0f} nmi or more from the coast")
        + ("; not heard again yet" if e.open else ""),
        ("last report before", "first report after", ""),
        place=(e.lat0, e.lon0),
    )


def _witnesses(e: Episode, context: Context) -> Witnesses:
    """Who was heard where the ship fell silent and, for the later half, where it was heard again."""
    if e.open:
        return context.witnesses(e.vessel, e.lat0, e.lon0, e.start, e.end)
    middle = (e.start + e.end) // 2
    before = context.witnesses(e.vessel, e.lat0, e.lon0, e.start, middle)
    after = context.witnesses(e.vessel, e.lat1, e.lon1, middle, e.end)
    return Witnesses(
        before.slots + after.slots,
        before.slots_heard + after.slots_heard,
        max(before.ships, after.ships),
        before.heard_around or after.heard_around,
    )


def _known(value: float) -> float | None:
    return round(value, 2) if np.isfinite(value) else None
