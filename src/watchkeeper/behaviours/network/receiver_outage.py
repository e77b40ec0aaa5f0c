"""``receiver-outage``: the ships of an area fall silent, and come back, all at once."""

import numpy as np

from watchkeeper.kernels.events import linked
from watchkeeper.kernels.expected import expected_interval_s
from watchkeeper.kernels.geodesy import distance_m
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.records import Array
from watchkeeper.model.time import MINUTE
from watchkeeper.model.units import Count, Kilometres, Minutes, Ratio


@behaviour(
    id="receiver-outage",
    version=1,
    references=(
        Reference("Wachta D4", "gaps.py", "more than two silences at once are a station's, not the ships'"),
        Reference(
            "RadianceFleet",
            "config/risk_scoring.yaml",
            "at least 8 ships, or 15 % of a corridor's; here 4 that fall silent and come back together",
        ),
        Reference("ITU-R M.1371-5", "annex 2, table 1", "a ship reports every 3 min at least"),
        Reference(
            "Radio horizon over an Earth of 4/3 radius, ITU-R P.310",
            "4.12 km x (sqrt h1 + sqrt h2), heights in metres",
            "an antenna at 100 m hears ships (25 m) within 60 km: two of them may be 100 km apart",
        ),
    ),
    monotone={"min_ships": +1, "min_share": +1},
    rests_on="silence",
)
def receiver_outage(
    fix: Fixes,
    *,
    min_silence: Minutes = 30.0,
    min_missed: Count = 8,
    min_ships: Count = 4,
    min_share: Ratio = 0.5,
    within: Minutes = 10.0,
    radius: Kilometres = 100.0,
) -> Episodes:
    """Receiver outage: ships near each other fall silent at one time and are heard again at one time.

    Why it matters: those ships did not go dark, and nothing can be said of the area in that time.
    Innocent causes: it is one: a receiver, its mast, its line or the network failed or was serviced; a jammed channel
    looks the same.
    Next step: ask whoever runs the receivers; read no silence of that area and time as a ship's doing.
    """
    missed = fix.leg_s / expected_interval_s(fix.ais_class, fix.sog_before)
    return fix.pairs((fix.leg_s >= min_silence * 60.0) & (missed >= min_missed))


@receiver_outage.together
def together(e: Episodes, *, within: Minutes, radius: Kilometres) -> Array:
    """Silences that begin and end together, near each other at both."""
    return linked(
        e.start,
        e.end,
        (e.lat0, e.lon0),
        (e.lat1, e.lon1),
        within_ms=int(within * MINUTE),
        first_m=radius * 1000.0,
        second_m=radius * 1000.0,
        same_end=True,
    )


@receiver_outage.judge
def judge(e: Episode, context: Context, *, min_ships: Count, min_share: Ratio) -> Verdict:
    """One finding an outage, on its first ship; set aside where as many others in its middle were heard."""
    if context.heard(e.vessel, e.start, e.end):
        return SetAside("heard elsewhere meanwhile under the same number")
    event = [one for one in context.event(e) if not context.heard(one.vessel, one.start, one.end)]
    ships = len({one.vessel for one in event})
    if ships < min_ships:
        return SetAside("too few ships fell silent together")
    if (event[0].vessel, event[0].start) != (e.vessel, e.start):
        return SetAside("told of with the first ship of the outage")
    start, end = (int(t) for t in np.median([(one.start, one.end) for one in event], axis=0))
    middle = _middle(event)
    heard = context.witnesses(middle.vessel, middle.lat0, middle.lon0, start, end).ships
    share = ships / (ships + heard)
    if share < min_share:
        return SetAside("others there were heard meanwhile")
    hours = (end - start) / 3_600_000.0
    return Found(
        (
            Measured("ships silent from one time to one time", ships, "count", ">=", min_ships),
            Measured("other ships heard in the middle meanwhile", heard, "count"),
            Measured("share silent", round(share, 2), "1", ">=", min_share),
            Measured("silence", round(hours, 2), "h"),
        ),
        f"{ships} ships fell silent together for {hours:.1f} h; {heard} others were heard meanwhile.",
        "high" if ships >= 2 * min_ships and share >= 0.8 else "medium",
        f"{ships} ships silent, {heard} heard in the middle of the area",
        ("last report of the first ship before", "its first report after", ""),
        start=start,
        end=end,
        place=(middle.lat0, middle.lon0),
    )


def _middle(event: list[Episode]) -> Episode:
    """The ship from which the farthest of the others is nearest, of a hundred at most."""
    some = event[:: len(event) // 100 + 1]
    return min(some, key=lambda a: max(distance_m(a.lat0, a.lon0, b.lat0, b.lon0) for b in some))
