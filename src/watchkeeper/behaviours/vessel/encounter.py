"""``encounter``: two ships lie together at sea."""

from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes, Ship
from watchkeeper.model.shiptypes import FISHING, PLEASURE, SERVICE, TANKER, TOWING, type_name
from watchkeeper.model.time import HOUR
from watchkeeper.model.units import Hours, Kilometres, Knots, Metres, Minutes

BARGE_M = 110.0
"""Bunker tankers are shorter: 60 to 105 m in the fleets of the bunkering ports (ships' own type 5 messages)."""


@behaviour(
    id="encounter",
    version=2,
    references=(
        Reference(
            "Global Fishing Watch, encounter events (Miller et al. 2018)",
            "technical documentation; doi:10.3389/fmars.2018.00240",
            "within 500 m for at least 2 h, median speed below 2 kn, 10 km from an anchorage",
        ),
        Reference(
            "Global Fishing Watch, pipe-encounters", "source", "positions every 10 min, gaps < 1 h filled"
        ),
        Reference("Wachta D5", "meetings", "both under way within 6 h before or after"),
    ),
    monotone={"min_duration": +1, "min_place_distance": +1, "under_way": +1},
)
def encounter(
    fix: Fixes,
    *,
    max_distance: Metres = 500.0,
    max_speed: Knots = 2.0,
    min_duration: Hours = 2.0,
    bridge: Minutes = 30.0,
    min_place_distance: Kilometres = 10.0,
    under_way: Knots = 3.0,
    under_way_within: Hours = 6.0,
) -> Episodes:
    """Encounter: two ships stay close together, nearly stopped, away from ports and anchorages.

    Why it matters: cargo, oil, catch or people can change ship out of sight of a port.
    Innocent causes: bunkering or supply in a roadstead, towing, a pilot or service craft, rescue, fishing in pairs.
    Next step: compare the draughts before and after, look up both ships, ask for the notification of the transfer.
    """
    return fix.meetings(
        within_m=max_distance,
        slower_kn=max_speed + 1.0,
        at_least_s=min_duration * 3600.0,
        bridge_s=bridge * 60.0,
    )


@encounter.judge
def judge(
    e: Episode,
    context: Context,
    *,
    max_distance: Metres,
    max_speed: Knots,
    min_duration: Hours,
    min_place_distance: Kilometres,
    under_way: Knots,
    under_way_within: Hours,
) -> Verdict:
    """Set aside berths, anchorages, tows, service craft, fishing pairs and ships that never sailed."""
    pair = (context.ship(e.vessel), context.ship(e.other))
    company = _company({s.ship_type for s in pair})
    if company:
        return SetAside(company)
    if e.sog_mean >= max_speed:
        return SetAside("in company under way: not slow enough on average")
    margin = int(under_way_within * HOUR)
    fastest = [context.max_speed(v, e.start - margin, e.end + margin) for v in (e.vessel, e.other)]
    if not all(speed >= under_way for speed in fastest):
        return SetAside("one of the two was not under way before or after")
    place = context.place_near(e.lat, e.lon, min_place_distance * 1000.0)
    if place:
        return SetAside(
            "bunkering in a port or anchorage" if _bunkering(pair) else "lying in or near a port or anchorage"
        )
    coast_m = context.coast_m(e.lat, e.lon)
    if coast_m < 1852.0:
        return SetAside("within a mile of the coast")
    hours = e.hours
    measured = (
        Measured("mean distance", round(e.value), "m", "<=", max_distance),
        Measured("least distance", round(e.low), "m"),
        Measured("duration", round(hours, 2), "h", ">=", min_duration),
        Measured("mean speed of both", round(e.sog_mean, 2), "kn", "<", max_speed),
        Measured("kinds of ship", " and ".join(type_name(s.ship_type) for s in pair), ""),
        Measured("ten-minute slots together", e.n, "count"),
    )
    tankers = len([s for s in pair if s.ship_type in TANKER])
    both_known = all(s.ship_type > 0 for s in pair)
    whole = e.n >= 0.8 * (hours * 6 + 1)
    return Found(
        measured,
        f"{_called(pair[0])} and {_called(pair[1])} lay {e.value:.0f} m apart for {hours:.1f} h at {e.sog_mean:.1f} kn"
        + (", both tankers." if tankers == 2 else ", one a tanker." if tankers else "."),
        "high" if whole and both_known else "medium" if whole else "low",
        f"heard together in {e.n} ten-minute slots of {hours * 6 + 1:.0f}"
        + ("" if both_known else "; type of one ship not known"),
        ("together from here", "together until here", "the other ship at the beginning"),
        place=(e.lat, e.lon),
    )


def _company(types: set[int]) -> str | None:
    """Why ships of these types keep company; None where nothing says so."""
    if types & TOWING:
        return "tug and tow: one is a tug or towing"
    if types & SERVICE:
        return "pilot or other service craft"
    if types <= FISHING | {-1} and types & FISHING:
        return "fishing vessels together"
    return "one is a pleasure craft" if types & PLEASURE else None


def _bunkering(pair: tuple[Ship, Ship]) -> bool:
    """Whether exactly one is a tanker of a barge's size."""
    return len([s for s in pair if s.ship_type in TANKER and s.length_m < BARGE_M]) == 1


def _called(ship: Ship) -> str:
    return ship.name or f"MMSI {ship.mmsi}"
