"""``dark-encounter``: a ship lies alone at sea while another, silent, could have been with her."""

from watchkeeper.kernels.geodesy import distance_m
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes, Ship
from watchkeeper.model.shiptypes import MERCHANT, TANKER
from watchkeeper.model.time import HOUR
from watchkeeper.model.units import (
    METRES_PER_NMI,
    Count,
    Hours,
    Kilometres,
    Knots,
    Minutes,
    NauticalMiles,
    Ratio,
)
from watchkeeper.model.whereabouts import Silence


@behaviour(
    id="dark-encounter",
    version=1,
    references=(
        Reference(
            "AI2 Skylight, dark rendezvous",
            "documentation",
            "one track that behaves as in a rendezvous while no partner is heard",
        ),
        Reference(
            "RadianceFleet, sts_detector.py, third phase",
            "source",
            "overlapping silences of more than 4 h, last known positions within 50 nmi",
        ),
        Reference(
            "Global Fishing Watch, encounter events (Miller et al. 2018)",
            "doi:10.3389/fmars.2018.00240",
            "2 h, below 2 kn, 10 km from an anchorage",
        ),
    ),
    monotone={"min_witnesses": +1, "min_heard_share": +1, "outage_ships": -1},
    rests_on="silence",
)
def dark_encounter(
    fix: Fixes,
    *,
    max_speed: Knots = 2.0,
    min_duration: Hours = 2.0,
    bridge: Minutes = 30.0,
    min_stay: Hours = 1.5,
    max_away: NauticalMiles = 30.0,
    can_sail: Knots = 15.0,
    under_way: Knots = 3.0,
    under_way_within: Hours = 6.0,
    min_place_distance: Kilometres = 10.0,
    min_witnesses: Count = 3,
    min_heard_share: Ratio = 0.75,
    outage_ships: Count = 4,
) -> Episodes:
    """Dark encounter: a merchant ship lies at sea for hours, and one that fell silent near can have lain beside her.

    Why it matters: transfers at sea are hidden by switching off one of the two AIS units.
    Innocent causes: waiting for orders or a berth, repair, while another ship's reports are lost by chance.
    Next step: look for two hulls in satellite images of that time, and compare the draughts of both ships afterwards.
    """
    return fix.runs(
        fix.sog_kn < max_speed, at_least_s=min_duration * 3600.0, bridge_s=bridge * 60.0, silence_s=3600.0
    )


@dark_encounter.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_stay: Hours,
    max_away: NauticalMiles,
    can_sail: Knots,
    under_way: Knots,
    under_way_within: Hours,
    min_place_distance: Kilometres,
    min_witnesses: Count,
    min_heard_share: Ratio,
    outage_ships: Count,
) -> Verdict:
    """Set aside berths and anchorages, ships that never sailed, and silences that reception explains."""
    ship = context.ship(e.vessel)
    if ship.ship_type not in MERCHANT:
        return SetAside("not a merchant ship")
    margin = int(under_way_within * HOUR)
    if not context.max_speed(e.vessel, e.start - margin, e.end + margin) >= under_way:
        return SetAside("not under way before or after")
    if context.place_near(e.lat, e.lon, min_place_distance * 1000.0):
        return SetAside("near a port or anchorage")
    if context.coast_m(e.lat, e.lon) < METRES_PER_NMI:
        return SetAside("within a mile of the coast")
    silences = [
        s
        for s in context.silences_near(e.vessel, e.lat, e.lon, e.start, e.end, can_sail)
        if s.stay_h >= min_stay and _from_and_to_m(s, e) <= max_away * METRES_PER_NMI
    ]
    if not silences:
        return SetAside("no ship fell silent near")
    if len({s.vessel for s in silences}) >= outage_ships:
        return SetAside("receiver outage: several ships near were silent")
    fitting = [s for s in silences if _went_dark(s, context, under_way, min_witnesses, min_heard_share)]
    if not fitting:
        return SetAside("the silent ships lay still, were no merchant ships or were outside reception")
    best = max(fitting, key=lambda s: (s.stay_h, -s.vessel))
    return _found(e, best, len(fitting), context, min_stay, max_away)


def _from_and_to_m(s: Silence, e: Episode) -> float:
    """How far away she was when she fell silent or was heard again, the larger [m]."""
    return max(distance_m(s.lat0, s.lon0, e.lat, e.lon), distance_m(s.lat1, s.lon1, e.lat, e.lon))


def _went_dark(
    s: Silence, context: Context, under_way: Knots, min_witnesses: Count, min_heard_share: Ratio
) -> bool:
    """A merchant ship under way that fell silent where others were heard."""
    if context.ship(s.vessel).ship_type not in MERCHANT:
        return False
    if not context.max_speed(s.vessel, s.start - HOUR, s.start) >= under_way:
        return False
    others = context.witnesses(s.vessel, s.lat0, s.lon0, s.start, s.end)
    return others.ships >= min_witnesses and others.share >= min_heard_share


def _found(
    e: Episode, s: Silence, count: int, context: Context, min_stay: Hours, max_away: NauticalMiles
) -> Found:
    ship, other = context.ship(e.vessel), context.ship(s.vessel)
    tankers = len([x for x in (ship, other) if x.ship_type in TANKER])
    away_nmi = _from_and_to_m(s, e) / METRES_PER_NMI
    measured = (
        Measured("lay at", round(e.sog_mean, 2), "kn"),
        Measured("lay for", round(e.hours, 2), "h"),
        Measured("silent ship", s.vessel if other.mmsi == 0 else other.mmsi, "MMSI"),
        Measured("silence of the other", round((s.end - s.start) / HOUR, 2), "h"),
        Measured("can have lain alongside", round(s.stay_h, 2), "h", ">=", min_stay),
        Measured("farthest of the other, before and after", round(away_nmi, 1), "nmi", "<=", max_away),
        Measured("silent ships that fit", count, "count"),
    )
    return Found(
        measured,
        f"Lay at sea for {e.hours:.1f} h while {_called(other)}, silent, can have been there for {s.stay_h:.1f} h.",
        "medium" if tankers and count == 1 else "low",
        f"possible, not seen; {'both are tankers' if tankers == 2 else 'one is a tanker' if tankers else 'no tanker'}",
        ("lies from here", "lies until here", ""),
        place=(e.lat, e.lon),
        other=s.vessel,
    )


def _called(ship: Ship) -> str:
    return ship.name or f"MMSI {ship.mmsi}"
