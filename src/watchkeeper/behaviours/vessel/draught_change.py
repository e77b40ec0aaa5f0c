"""``draught-change``: a ship's draught changes where no port call explains it."""

import numpy as np

from watchkeeper.kernels.said import changes, first_of, kept_min, stood_min
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fleet, Stop
from watchkeeper.model.shiptypes import MERCHANT
from watchkeeper.model.time import HOUR
from watchkeeper.model.units import METRES_PER_NMI, MS_PER_HOUR, Hours, Metres, Minutes, NauticalMiles


@behaviour(
    id="draught-change",
    version=1,
    references=(
        Reference(
            "Pole Star, PurpleTRAC draught alerts",
            "product page",
            "8.6 m before and 13.1 m after a silence are read together; 1 m is our lower limit",
        ),
        Reference("OFAC/State/USCG advisory, 2020-05-14", "practice 4", "transfers from ship to ship"),
        Reference("ITU-R M.1371-5", "table 52", "draught in tenths of a metre, set by the crew"),
    ),
    observes="vessels",
    monotone={"min_change": +1, "min_kept": +1, "min_watched": +1, "look_back": +1},
)
def draught_change(
    fleet: Fleet,
    *,
    min_change: Metres = 1.0,
    min_kept: Minutes = 12.0,
    min_watched: Hours = 3.0,
    look_back: Hours = 6.0,
    coast_reach: NauticalMiles = 1.0,
) -> Episodes:
    """Draught change: a ship sends another draught although she lay in no port in the hours before.

    Why it matters: cargo came or went where nobody saw it: at sea, alongside another ship, or while not heard.
    Innocent causes: the crew set the draught late after a port call, ballast was taken or pumped, a slip of the keys.
    Next step: look for a meeting, a silence or a stay at sea before it, and compare with the ship's usual draughts.
    """
    statics = fleet.statics
    a, b = changes(fleet.said_by, statics.t, statics.draught_m, statics.draught_m > 0)
    # In tenths of a metre, as sent: a metre in single precision is a little less.
    tenths = np.rint(10.0 * np.abs(statics.draught_m[b] - statics.draught_m[a]))
    large = tenths >= round(10.0 * min_change, 6)
    a, b = a[large], b[large]
    vessel = fleet.said_by[b]
    return Episodes.build(
        len(a),
        vessel=vessel,
        start=statics.t[b],
        end=statics.t[b],
        open=np.zeros(len(a), bool),
        first_row=statics.row[b],
        other_row=statics.row[a],
        low_t=statics.t[a],
        lat0=fleet.first_lat[vessel],
        lon0=fleet.first_lon[vessel],
        n=np.ones(len(a)),
        value=statics.draught_m[b],
        low=statics.draught_m[a],
    )


@draught_change.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_change: Metres,
    min_kept: Minutes,
    min_watched: Hours,
    look_back: Hours,
    coast_reach: NauticalMiles,
) -> Verdict:
    """Set aside what a port call explains or may explain, and values that did not stay."""
    place = context.position(e.vessel, e.start)
    if place is None:
        return SetAside("no position heard")
    if context.ship(e.vessel).ship_type not in MERCHANT:
        return SetAside("not a merchant ship")
    statics = context.statics(e.vessel)
    at = first_of(statics.t, statics.row, e.start, e.first_row)
    first_heard, last_heard = context.span(e.vessel)
    known = statics.draught_m > 0
    if kept_min(statics.t, statics.draught_m, known, at, last_heard) < min_kept:
        return SetAside("the new value did not stay")
    if stood_min(statics.t, statics.draught_m, known, at) < min_kept:
        return SetAside("the old value had not stayed")
    watched_h = (e.start - first_heard) / MS_PER_HOUR
    if watched_h < min_watched:
        return SetAside("not watched long enough before: a port call may lie before the data")
    since = max(first_heard, e.start - int(look_back * HOUR))
    stops = [s for s in context.stops(e.vessel) if s.end >= since and s.start <= e.start + HOUR]
    if any(_in_port(stop, context, coast_reach) for stop in stops):
        return SetAside("port call in between")
    return _found(e, context, place, stops, context.longest_silence(e.vessel, since, e.start), min_change)


def _in_port(stop: Stop, context: Context, coast_reach: NauticalMiles) -> bool:
    near = context.place_near(stop.lat, stop.lon, 0.0) is not None
    return near or context.coast_m(stop.lat, stop.lon) < coast_reach * METRES_PER_NMI


def _found(
    e: Episode,
    context: Context,
    place: tuple[float, float],
    stops: list[Stop],
    silent_h: float,
    min_change: Metres,
) -> Found:
    lay_h = sum((s.end - s.start) / MS_PER_HOUR for s in stops)
    change = e.value - e.low
    measured = (
        Measured("draught before", round(e.low, 1), "m"),
        Measured("draught after", round(e.value, 1), "m"),
        Measured("change", round(abs(change), 1), "m", ">=", min_change),
        Measured("port calls in between", 0, "count", "==", 0),
        Measured("lay still at sea before", round(lay_h, 1), "h"),
        Measured("longest silence before", round(silent_h, 1), "h"),
    )
    meant = lay_h > 0 or silent_h >= 2.0
    where = "after lying still at sea" if lay_h > 0 else "after a silence" if silent_h >= 2.0 else "under way"
    return Found(
        measured,
        f"Draught {'rose' if change > 0 else 'fell'} from {e.low:.1f} to {e.value:.1f} m {where}, without a port call.",
        "high" if meant and abs(change) >= 2.0 * min_change else "medium" if meant else "low",
        f"no port call seen in the hours before; {where}",
        ("first report of the new draught", "", "last change before, with the old draught"),
        place=place,
    )
