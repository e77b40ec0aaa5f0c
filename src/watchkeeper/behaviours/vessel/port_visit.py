"""``port-visit``: port calls one after the other that a rule speaks of."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from watchkeeper.behaviours.vessel.voyages import Voyage, voyages
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fleet, Stop
from watchkeeper.model.units import MS_PER_HOUR, Hours, Kilometres
from watchkeeper.model.whereabouts import Port

Call = tuple[Stop, Port]


@behaviour(
    id="port-visit",
    version=1,
    references=(
        Reference(
            "Council Regulation (EU) 833/2014", "Articles 3m and 3n", "voyages.toml names the rule of each"
        ),
        Reference(
            "Shadow fleet tracker light", "shadow_tracker.py", "ports in Russia and the West within 21 days"
        ),
        Reference(
            "Global Fishing Watch, anchorages", "documentation", "a port visit: within 3 km, 0.2 to 0.5 kn"
        ),
    ),
    observes="vessels",
    monotone={"min_stay": +1, "port_reach": -1, "max_between": -1},
)
def port_visit(
    fleet: Fleet,
    *,
    min_stay: Hours = 1.0,
    port_reach: Kilometres = 3.0,
    max_between: Hours = 504.0,
) -> Episodes:
    """Port visit: a ship lay in a port of one country, then of another, in an order that a rule names.

    Why it matters: cargo of one country may not be landed in another, or only below a price.
    Innocent causes: cargo that the rule does not mean, ballast, repair, an exemption, a ship lying there at anchor.
    Next step: ask for the bill of lading and the attestation of the price, compare the draughts at both ports.
    """
    types = sorted(set().union(*(rule.types for rule in voyages())))
    vessels = np.unique(fleet.said_by[np.isin(fleet.statics.ship_type, types)])
    heard = vessels[fleet.reports[vessels] > 0]
    return Episodes.build(
        len(heard),
        vessel=heard,
        start=fleet.first_t[heard],
        end=fleet.last_t[heard],
        open=np.zeros(len(heard), bool),
        first_row=fleet.first_row[heard],
        lat0=fleet.first_lat[heard],
        lon0=fleet.first_lon[heard],
        n=fleet.reports[heard],
    )


@port_visit.judge
def judge(
    e: Episode, context: Context, *, min_stay: Hours, port_reach: Kilometres, max_between: Hours
) -> Verdict:
    """Set aside ordinary calls, and say when the countries of the ports are not known."""
    stays = [s for s in context.stops(e.vessel) if (s.end - s.start) / MS_PER_HOUR >= min_stay]
    if len(stays) < 2:
        return SetAside("fewer than two stays")
    calls = list(_calls(stays, context, port_reach))
    if not calls:
        return SetAside("no port of a layer given near the stays")
    if not any(port.country for _, port in calls):
        return SetAside("countries of the ports not known: give a port layer with country or UN/LOCODE")
    legs = list(_legs(calls, context.ship(e.vessel).ship_type, max_between))
    if not legs:
        return SetAside("calls that no rule speaks of")
    return _found(legs, len(calls), max_between)


def _calls(stays: list[Stop], context: Context, port_reach: Kilometres) -> Iterator[Call]:
    for stay in stays:
        port = context.port_at(stay.lat, stay.lon, port_reach * 1000.0)
        if port is not None:
            yield stay, port


def _legs(calls: list[Call], ship_type: int, max_between: Hours) -> Iterator[tuple[Voyage, Call, Call]]:
    """Calls one after the other, no other port between them, that a rule speaks of."""
    known = [call for call in calls if call[1].country]
    for before, after in pairwise(known):
        if (after[0].start - before[0].end) / MS_PER_HOUR > max_between:
            continue
        for rule in voyages():
            if (
                ship_type in rule.types
                and before[1].country in rule.origins
                and after[1].country in rule.destinations
            ):
                yield rule, before, after


def _found(legs: list[tuple[Voyage, Call, Call]], calls: int, max_between: Hours) -> Found:
    rule, (left, port_a), (came, port_b) = legs[0]
    hours = (came.start - left.end) / MS_PER_HOUR
    measured = (
        Measured("rule", rule.id, "", "is", rule.source),
        Measured("port left", f"{port_a.name} ({port_a.country})", ""),
        Measured("port reached", f"{port_b.name} ({port_b.country})", ""),
        Measured("time between", round(hours, 1), "h", "<=", max_between),
        Measured("port calls seen", calls, "count"),
        Measured("legs that a rule speaks of", len(legs), "count"),
    )
    return Found(
        measured,
        f"{port_a.name} ({port_a.country}), then {port_b.name} ({port_b.country}) {hours:.0f} h later: {rule.title}.",
        "medium",
        "both stays were seen; what was loaded was not",
        ("first report heard", "", ""),
        start=left.end,
        end=came.start,
        place=(came.lat, came.lon),
    )
