"""Encounter rules of other systems, re-stated on positions resampled to ten or fifteen minutes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np

from peers_sea import HOUR, NMI, Rule, Said, Sea, said, stretches
from watchkeeper.exercises.geo import angle_between, distance_m
from watchkeeper.model.records import Array
from watchkeeper.model.shiptypes import SERVICE, TANKER, TOWING

GAP_S = HOUR
"""Positions are interpolated over at most this."""


@dataclass(frozen=True)
class Sampled:
    """All ships at common times, ships by times; NaN where a ship was not heard within an hour."""

    mmsi: list[int]
    t: Array
    lat: Array
    lon: Array
    sog: Array
    cog: Array


@cache
def sample(sea: Sea, step_s: float) -> Sampled:
    """Every ship at common times."""
    first = min(track.t[0] for track in sea.tracks.values())
    last = max(track.t[-1] for track in sea.tracks.values())
    t = np.arange(np.ceil(first / step_s), np.floor(last / step_s) + 1) * step_s
    rows = []
    for track in sea.tracks.values():
        after = np.clip(np.searchsorted(track.t, t), 1, max(len(track.t) - 1, 1))
        bridged = len(track.t) > 1 and (track.t[after] - track.t[after - 1] <= GAP_S)
        heard = (t >= track.t[0]) & (t <= track.t[-1]) & bridged
        columns = [np.where(heard, np.interp(t, track.t, c), np.nan) for c in (track.lat, track.lon)]
        nearest = np.clip(np.searchsorted(track.t, t), 0, len(track.t) - 1)
        columns += [np.where(heard, c[nearest], np.nan) for c in (track.sog, track.cog)]
        rows.append(columns)
    lat, lon, sog, cog = (np.array(column) for column in zip(*rows, strict=True))
    return Sampled(list(sea.tracks), t, lat, lon, sog, cog)


Together = Callable[[Sampled, int, int, Array], Array]


def meetings(
    at: Sampled, within_m: float, together: Together, least: int, ships: list[int]
) -> Iterator[tuple[int, int, int, int]]:
    """Ships and first and last sample of every stretch of at least ``least`` samples."""
    middle = np.nanmean(at.lat, axis=1), np.nanmean(at.lon, axis=1)
    for a, b in combinations(ships, 2):
        if np.isnan(middle[0][a]) or np.isnan(middle[0][b]):
            continue
        far = distance_m(at.lat[a], at.lon[a], at.lat[b], at.lon[b])
        near = far <= within_m
        if near.sum() < least:
            continue
        for first, last in stretches(near & together(at, a, b, far)):
            if last - first + 1 >= least:
                yield a, b, first, last


def _slower(knots: float) -> Together:
    return lambda at, a, b, _: (at.sog[a] < knots) & (at.sog[b] < knots)


def _always(_: Sampled, __: int, ___: int, far: Array) -> Array:
    return np.ones(len(far), np.bool_)


def _told(at: Sampled, a: int, b: int, first: int, last: int) -> Said:
    return said("encounter", at.mmsi[a], at.t[first], at.t[last], at.mmsi[b])


def gfw(sea: Sea) -> Iterator[Said]:
    """Within 500 m for 2 h, median speed under 2 kn, 10 km from an anchorage."""
    at = sample(sea, 600.0)
    for a, b, first, last in meetings(at, 500.0, _always, 12, list(range(len(at.mmsi)))):
        here = slice(first, last + 1)
        slow = np.nanmedian(np.concatenate((at.sog[a, here], at.sog[b, here]))) < 2.0
        if slow and sea.place_m(float(at.lat[a, first]), float(at.lon[a, first])) >= 10_000.0:
            yield _told(at, a, b, first, last)


def radiance(sea: Sea) -> Iterator[Said]:
    """Tankers, under 200 m, both under 1 kn, courses parallel or opposed, eight quarter hours, in one degree cell."""
    at = sample(sea, 900.0)
    tankers = [k for k, mmsi in enumerate(at.mmsi) if sea.tracks[mmsi].ship_type in TANKER]

    def together(at: Sampled, a: int, b: int, _: Array) -> Array:
        turn = angle_between(at.cog[a], at.cog[b])
        parallel = np.isnan(turn) | (turn <= 30.0) | (turn >= 150.0)
        cell = (np.floor(at.lat[a]) == np.floor(at.lat[b])) & (np.floor(at.lon[a]) == np.floor(at.lon[b]))
        return (at.sog[a] < 1.0) & (at.sog[b] < 1.0) & parallel & cell

    for a, b, first, last in meetings(at, 200.0, together, 8, tankers):
        if sea.place_m(float(at.lat[a, first]), float(at.lon[a, first])) >= 3.0 * NMI:
            yield _told(at, a, b, first, last)


def wachta(sea: Sea) -> Iterator[Said]:
    """D5: under 800 m and 3 kn for 30 min, no service craft, outside learnt anchorages, both under way within 6 h."""
    at = sample(sea, 600.0)
    learnt = _anchorages(at)
    steps = int(6.0 * HOUR / 600.0)
    ships = [k for k, mmsi in enumerate(at.mmsi) if sea.tracks[mmsi].ship_type not in SERVICE | TOWING]
    for a, b, first, last in meetings(at, 800.0, _slower(3.0), 3, ships):
        around = slice(max(0, first - steps), last + steps + 1)
        both = all(np.nanmax(at.sog[k, around], initial=0.0) >= 3.0 for k in (a, b))
        if both and _cell(at.lat[a, first], at.lon[a, first]) not in learnt:
            yield _told(at, a, b, first, last)


def _cell(lat: float, lon: float) -> tuple[int, int]:
    return int(np.floor(lat / 0.05)), int(np.floor(lon / 0.05))


def _anchorages(at: Sampled) -> set[tuple[int, int]]:
    """Cells of a twentieth of a degree in which three ships or more lay still for two hours or more."""
    still: dict[tuple[int, int], set[int]] = {}
    for ship in range(len(at.mmsi)):
        for first, last in stretches(at.sog[ship] < 0.5):
            if last - first >= 12:
                still.setdefault(_cell(at.lat[ship, first], at.lon[ship, first]), set()).add(ship)
    return {cell for cell, ships in still.items() if len(ships) >= 3}


def plain(within_m: float, knots: float, hours: float, port_m: float) -> Callable[[Sea], Iterator[Said]]:
    """Near and slow for so long, so far from ports."""

    def find(sea: Sea) -> Iterator[Said]:
        at = sample(sea, 600.0)
        for a, b, first, last in meetings(
            at, within_m, _slower(knots), max(1, round(hours * 6)), list(range(len(at.mmsi)))
        ):
            if sea.place_m(float(at.lat[a, first]), float(at.lon[a, first])) >= port_m:
                yield _told(at, a, b, first, last)

    return find


RULES = (
    Rule("encounter", "GFW (published)", "<= 500 m, >= 2 h, median < 2 kn, >= 10 km from an anchorage", gfw),
    Rule(
        "encounter",
        "RadianceFleet",
        "tankers, < 200 m, < 1 kn, parallel, 8 x 15 min, one 1-degree cell, 3 nmi off ports",
        radiance,
    ),
    Rule(
        "encounter",
        "Wachta D5",
        "< 800 m, < 3 kn, 30 min, no service craft, outside learnt anchorages, both under way within 6 h",
        wachta,
    ),
    Rule(
        "encounter",
        "AIS_Tracker",
        "500 m, < 2 kn, 2 h (its distance from shore is not used)",
        plain(500.0, 2.0, 2.0, 0.0),
    ),
    Rule(
        "encounter",
        "AIS Guardian",
        "500 m, < 5 kn, 30 min, > 50 nmi from a port",
        plain(500.0, 5.0, 0.5, 50.0 * NMI),
    ),
)
