"""``position-circle``: a ship under way is shown on a narrow ring."""

import numpy as np

from watchkeeper.kernels.events import linked
from watchkeeper.kernels.habit import first_of_slot
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.records import Array
from watchkeeper.model.shiptypes import FISHING, PLEASURE, SERVICE, TOWING
from watchkeeper.model.time import HOUR, MINUTE
from watchkeeper.model.units import Count, Kilometres, Knots, Metres, Minutes, Ratio

_THEIR_WORK = FISHING | PLEASURE | SERVICE | TOWING


@behaviour(
    id="position-circle",
    version=1,
    references=(
        Reference(
            "SkyTruth and Global Fishing Watch, 2019-2020",
            "circles off Point Reyes and at Chinese terminals",
            "rings of positions about one point while the ship was elsewhere",
        ),
        Reference(
            "RadianceFleet", "config/risk_scoring.yaml", "speed above 3 kn, positions within 0.02 degrees"
        ),
        Reference(
            "Kasa 1976, IEEE Trans. Instrumentation and Measurement 25",
            "circle fit",
            "radius 0.1 to 10 km, scatter below 5 % found 15 of 15 rings in a prototype; from 300 m, as ships"
            " swing at anchor and set nets on smaller circles",
        ),
    ),
    monotone={"min_turns": +1, "min_ships": +1},
    marks="unreliable",
)
def position_circle(
    fix: Fixes,
    *,
    min_speed: Knots = 3.0,
    min_radius: Metres = 300.0,
    max_radius: Kilometres = 10.0,
    max_scatter: Ratio = 0.05,
    min_turns: Ratio = 3.0,
    min_ships: Count = 2,
    same_centre: Kilometres = 1.0,
    window: Minutes = 60.0,
    bridge: Minutes = 10.0,
) -> Episodes:
    """Position circle: reports under way lie on a ring about one point, turn after turn.

    Why it matters: falsified satellite navigation often shows ships on rings; the ship is somewhere else.
    Innocent causes: a compass being adjusted, a turn to pass time, nets, races and searches (those types are left
    out), a tug at work.
    Next step: see whether other ships circle about the same point, and where the reports before and after lie.
    """
    # One report a minute draws a ring of a turn an hour well enough; most send six times as many.
    stretch = fix.windows(
        first_of_slot(fix.t, fix.t_before, fix.sog_kn, min_speed, MINUTE),
        length_s=window * 60.0,
        at_least_s=window * 15.0,
        bridge_s=bridge * 60.0,
        silence_s=bridge * 60.0,
        value=fix.displaced.astype(float),
        circles=True,
    )
    ring = (
        (stretch.circle_m >= min_radius)
        & (stretch.circle_m <= max_radius * 1000.0)
        & (stretch.circle_off_m <= max_scatter * stretch.circle_m)
        & (np.abs(stretch.circle_turns) >= 1.0)
    )
    return stretch.take(ring)


@position_circle.together
def together(e: Episodes, *, same_centre: Kilometres) -> Array:
    """Rings about one point, each within an hour of the one before: of one ship for hours, or of several."""
    nowhere = np.full(len(e), np.nan)
    return linked(
        e.start,
        e.end,
        (e.lat, e.lon),
        (nowhere, nowhere),
        within_ms=HOUR,
        first_m=same_centre * 1000.0,
        second_m=0.0,
        same_end=False,
    )


@position_circle.judge
def judge(e: Episode, context: Context, *, max_scatter: Ratio, min_turns: Ratio, min_ships: Count) -> Verdict:
    """One finding a ship and ring. Set aside ships that circle in their work, and a turn or two without a leap."""
    event = context.event(e)
    mine = [one for one in event if one.vessel == e.vessel]
    if mine[0].start != e.start:
        return SetAside("goes on from the ring before")
    ships = len({one.vessel for one in event})
    turns = sum(abs(one.circle_turns) for one in mine)
    leapt = max(one.value for one in mine) > 0.5
    if not leapt and context.ship(e.vessel).ship_type in _THEIR_WORK:
        return SetAside("fishing, towing, service or pleasure craft: circling is their work")
    if not leapt and ships < min_ships and turns < min_turns:
        return SetAside("a turn or two of one ship")
    scatter = e.circle_off_m / e.circle_m
    why = [f"{ships} ships on one ring"] if ships >= min_ships else []
    why += ["the ring began with a leap"] if leapt else []
    why += [f"{turns:.0f} turns"]
    return Found(
        (
            Measured("radius of the ring", round(e.circle_m), "m"),
            Measured("scatter about it, share of the radius", round(scatter, 3), "1", "<=", max_scatter),
            Measured("turns", round(turns, 1), "1", ">=", min_turns),
            Measured("ships about the same point", ships, "count", ">=", min_ships),
            Measured("began with a leap", leapt, ""),
            Measured("mean speed reported", round(e.sog_mean, 1), "kn"),
        ),
        f"{turns:.0f} turns on a ring of {e.circle_m:.0f} m at {e.sog_mean:.0f} kn"
        + (f", {ships} ships about the same point." if ships >= min_ships else "."),
        "high" if ships >= min_ships or leapt else "medium",
        ", ".join(why),
        ("first report on the ring", "last report of the first hour", ""),
        end=mine[-1].end,
        place=(e.lat, e.lon),
    )
