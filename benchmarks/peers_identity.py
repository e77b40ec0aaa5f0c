"""Identity and position rules of other systems, re-stated."""

from collections.abc import Callable, Iterator

import numpy as np

from peers_sea import HOUR, Rule, Said, Sea, Track, said
from watchkeeper.exercises.geo import distance_m

Find = Callable[[Sea], Iterator[Said]]


def faster_than(behaviour: str, knots: float, within_h: float = np.inf) -> Find:
    """Two consecutive fixes that imply a speed above this."""

    def find(sea: Sea) -> Iterator[Said]:
        for track in sea.tracks.values():
            for k in np.flatnonzero((track.leg_kn() > knots) & (np.diff(track.t) <= within_h * HOUR)):
                yield said(behaviour, track.mmsi, track.t[k], track.t[k + 1])

    return find


def wachta(behaviour: str) -> Find:
    """Jumps over 40 kn between clusters 20 km apart of three fixes: two hulls if they alternate twice."""

    def find(sea: Sea) -> Iterator[Said]:
        for track in sea.tracks.values():
            jumps = np.flatnonzero(track.leg_kn() > 40.0)
            if not len(jumps):
                continue
            hulls, returns = _clusters(track, jumps)
            if (hulls >= 2 and returns >= 2) == (behaviour == "identity-clash"):
                yield said(behaviour, track.mmsi, track.t[jumps[0]], track.t[jumps[-1] + 1])

    return find


def _clusters(track: Track, jumps: np.ndarray) -> tuple[int, int]:
    """How many places 20 km apart hold three fixes or more between jumps, and how often they take turns."""
    places: list[tuple[float, float]] = []
    turns: list[int] = []
    for part in np.split(np.arange(len(track.t)), jumps + 1):
        if len(part) < 3:
            continue
        at = float(track.lat[part[0]]), float(track.lon[part[0]])
        known = [k for k, place in enumerate(places) if float(distance_m(*at, *place)) <= 20_000.0]
        if not known:
            places.append(at)
        turns.append(known[0] if known else len(places) - 1)
        last = part[-1]
        places[turns[-1]] = float(track.lat[last]), float(track.lon[last])
    return len(places), int(np.count_nonzero(np.diff(turns)))


def guardian_change(sea: Sea) -> Iterator[Said]:
    """Another IMO number, or three names or more, under one MMSI."""
    for track in sea.tracks.values():
        if len(set(track.imos)) > 1 or len(set(track.names)) >= 3:
            yield said("identity-change", track.mmsi, track.t[0], track.t[-1])


RULES = (
    Rule(
        "identity-clash",
        "Wachta",
        "jumps over 40 kn, two clusters 20 km apart, 3 fixes each, 2 alternations",
        wachta("identity-clash"),
    ),
    Rule(
        "identity-clash", "RadianceFleet", "over 50 kn within 1 h", faster_than("identity-clash", 50.0, 1.0)
    ),
    Rule("identity-clash", "AIS Guardian", "over 60 kn", faster_than("identity-clash", 60.0)),
    Rule("position-jump", "Wachta", "jumps over 40 kn that are not two hulls", wachta("position-jump")),
    Rule("position-jump", "RadianceFleet", "over 50 kn within 1 h", faster_than("position-jump", 50.0, 1.0)),
    Rule("position-jump", "AIS Guardian", "over 60 kn", faster_than("position-jump", 60.0)),
    Rule("identity-change", "AIS Guardian", "another IMO number, or three names", guardian_change),
)
