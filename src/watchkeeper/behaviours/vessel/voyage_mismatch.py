"""``voyage-mismatch``: a ship goes elsewhere than to the port she declares."""

import numpy as np

from watchkeeper.kernels.geodesy import distance_m
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fleet
from watchkeeper.model.shiptypes import MERCHANT
from watchkeeper.model.units import METRES_PER_NMI, MS_PER_HOUR, Hours, NauticalMiles, Ratio
from watchkeeper.model.whereabouts import Port


@behaviour(
    id="voyage-mismatch",
    version=1,
    references=(
        Reference("OFAC/State/USCG advisory, 2020-05-14", "practice 5", "voyage irregularities"),
        Reference("IMO SN/Circ.244", "annex", "destination as UN/LOCODE: port left > port bound for"),
        Reference("ITU-R M.1371-5", "table 52", "destination: 20 signs, set by the crew"),
    ),
    observes="vessels",
    monotone={
        "min_declared": +1,
        "min_stay": +1,
        "min_apart": +1,
        "min_sailed": +1,
        "min_away": +1,
        "min_away_share": +1,
        "max_far": -1,
    },
)
def voyage_mismatch(
    fleet: Fleet,
    *,
    min_declared: Hours = 3.0,
    min_stay: Hours = 2.0,
    min_apart: NauticalMiles = 30.0,
    min_sailed: NauticalMiles = 10.0,
    min_away: NauticalMiles = 100.0,
    min_away_share: Ratio = 0.8,
    max_far: NauticalMiles = 1500.0,
) -> Episodes:
    """Voyage mismatch: a ship lies in another port than the one she declared under way, or sails far away from it.

    Why it matters: a false destination hides where cargo goes.
    Innocent causes: a destination not yet changed, orders changed at sea, a call on the way, the way round land.
    Next step: ask the port declared whether the ship was announced there, and look at where she went.
    """
    s, by = fleet.statics, fleet.said_by
    known = np.flatnonzero(s.destination != b"")
    order = known[np.lexsort((s.t[known], by[known]))]
    vessel, said = by[order], s.destination[order]
    begins = np.ones(len(order), bool)
    begins[1:] = (vessel[1:] != vessel[:-1]) | (said[1:] != said[:-1])
    first = np.flatnonzero(begins)
    at, vessel = order[first], vessel[first]
    # Said until the next other destination, or for as long as the ship was heard.
    until = fleet.last_t[vessel].copy()
    goes_on = np.flatnonzero(vessel[1:] == vessel[:-1])
    until[goes_on] = s.t[at[goes_on + 1]]
    lasting = (fleet.reports[vessel] > 0) & (until - s.t[at] >= min_declared * MS_PER_HOUR)
    at, vessel, until = at[lasting], vessel[lasting], until[lasting]
    return Episodes.build(
        len(at),
        vessel=vessel,
        start=s.t[at],
        end=until,
        open=np.zeros(len(at), bool),
        first_row=s.row[at],
        lat0=fleet.first_lat[vessel],
        lon0=fleet.first_lon[vessel],
        n=np.ones(len(at)),
    )


@voyage_mismatch.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_declared: Hours,
    min_stay: Hours,
    min_apart: NauticalMiles,
    min_sailed: NauticalMiles,
    min_away: NauticalMiles,
    min_away_share: Ratio,
    max_far: NauticalMiles,
) -> Verdict:
    """Set aside texts that name no known port, and voyages that agree with them."""
    if context.ship(e.vessel).ship_type not in MERCHANT:
        return SetAside("not a merchant ship")
    statics = context.statics(e.vessel)
    said = statics.destination[statics.row == e.first_row]
    text = said[0].decode("utf-8", "replace") if len(said) else ""
    port = context.port_named(text)
    if port is None:
        return SetAside("the destination names no one port of the layers given")
    here = context.position(e.vessel, e.start)
    if here is None or distance_m(*here, port.lat, port.lon) > max_far * METRES_PER_NMI:
        return SetAside("the port of that name is in another sea: a namesake, or too far to judge a course")
    elsewhere = _stay_elsewhere(e, context, port, min_declared, min_stay, min_apart, min_sailed)
    return (
        elsewhere
        or _away(e, context, port, min_away, min_away_share)
        or SetAside("agrees with the destination")
    )


def _stay_elsewhere(
    e: Episode,
    context: Context,
    port: Port,
    min_declared: Hours,
    min_stay: Hours,
    min_apart: NauticalMiles,
    min_sailed: NauticalMiles,
) -> Found | None:
    """A stay in another port, after the destination had been declared under way, and still declared there."""
    began = context.position(e.vessel, e.start)
    if began is None:
        return None
    for stop in context.stops(e.vessel):
        # A stay from before the destination was declared can seem to begin anew after a silence.
        if distance_m(*began, stop.lat, stop.lon) < min_sailed * METRES_PER_NMI:
            continue
        stay_h = (min(stop.end, e.end) - stop.start) / MS_PER_HOUR
        declared_h = (stop.start - e.start) / MS_PER_HOUR
        there = context.port_at(stop.lat, stop.lon, 0.0)
        if there is None or stay_h < min_stay or declared_h < min_declared:
            continue
        apart_nmi = distance_m(stop.lat, stop.lon, port.lat, port.lon) / METRES_PER_NMI
        if apart_nmi < min_apart:
            continue
        return Found(
            (
                Measured("destination declared", _called(port), ""),
                Measured("port where she lay", _called(there), "", "!=", port.name),
                Measured("distance between the two", round(apart_nmi), "nmi", ">=", min_apart),
                Measured("declared before the stay", round(declared_h, 1), "h", ">=", min_declared),
                Measured("stay with that destination", round(stay_h, 1), "h", ">=", min_stay),
            ),
            f"Declared {port.name} for {declared_h:.0f} h, then lay in {there.name}, {apart_nmi:.0f} nmi from it.",
            "medium",
            "the stay was seen; destinations are often changed late",
            ("first report of the destination", "", ""),
            start=stop.start,
            end=stop.end,
            place=(stop.lat, stop.lon),
        )
    return None


def _away(
    e: Episode, context: Context, port: Port, min_away: NauticalMiles, min_away_share: Ratio
) -> Found | None:
    """A way that leads away from the port."""
    first_heard, _ = context.span(e.vessel)
    start = max(e.start, first_heard)
    here, there = context.position(e.vessel, start), context.position(e.vessel, e.end)
    if here is None or there is None:
        return None
    away_m = distance_m(*there, port.lat, port.lon) - distance_m(*here, port.lat, port.lon)
    sailed_m = distance_m(*here, *there)
    if away_m < min_away * METRES_PER_NMI or away_m < min_away_share * sailed_m:
        return None
    away_nmi, hours = away_m / METRES_PER_NMI, (e.end - start) / MS_PER_HOUR
    return Found(
        (
            Measured("destination declared", _called(port), ""),
            Measured("farther from it than before", round(away_nmi), "nmi", ">=", min_away),
            Measured(
                "share of the way that led away", round(away_m / sailed_m, 2), "1", ">=", min_away_share
            ),
            Measured("declared for", round(hours, 1), "h"),
        ),
        f"Declares {port.name} and is {away_nmi:.0f} nmi farther from it than {hours:.0f} h before.",
        "low",
        "the way round land can lead away too",
        ("first report of the destination", "", ""),
        start=start,
        place=there,
    )


def _called(port: Port) -> str:
    return f"{port.name} ({port.country})" if port.country else port.name
