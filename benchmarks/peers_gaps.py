"""Gap rules of other systems, re-stated."""

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np

from peers_sea import HOUR, KNOT, Find, Rule, Said, Sea, Track, said
from watchkeeper.exercises.geo import distance_m

QUARTER = 900.0


def longer_than(hours: float, until_end: bool = False) -> Find:
    """Two consecutive fixes farther apart in time than this; with ``until_end`` also silence to the end of the data."""

    def find(sea: Sea) -> Iterator[Said]:
        data_end = max(float(track.t[-1]) for track in sea.tracks.values())
        for track in sea.tracks.values():
            for k in np.flatnonzero(np.diff(track.t) > hours * HOUR):
                yield said("ais-gap", track.mmsi, track.t[k], track.t[k + 1])
            if until_end and data_end - track.t[-1] > hours * HOUR:
                yield said("ais-gap", track.mmsi, track.t[-1], None)

    return find


def guardian(sea: Sea) -> Iterator[Said]:
    """Over 120 min after more than five messages, moving before."""
    for track in sea.tracks.values():
        for k in np.flatnonzero(np.diff(track.t) > 2.0 * HOUR):
            if k >= 5 and track.sog[k] > 0.5:
                yield said("ais-gap", track.mmsi, track.t[k], track.t[k + 1])


def wachta(sea: Sea) -> Iterator[Said]:
    """45 min to 12 h, under way before, moved meanwhile at a ship's speed, others heard there, no station out."""
    heard = _heard_cells(sea)
    silent = [gap for track in sea.tracks.values() for gap in _wachta_candidates(track)]
    for track, k in silent:
        start, end = track.t[k], track.t[k + 1]
        cell = _cell(track.lat[k], track.lon[k])
        quarters = range(int(start // QUARTER) + 1, int(end // QUARTER))
        others = set().union(*(heard[cell, q] for q in quarters)) - {track.mmsi}
        together = sum(
            other is not track
            and abs(other.t[j] - start) < QUARTER
            and _cell(other.lat[j], other.lon[j]) == cell
            for other, j in silent
        )
        if len(others) >= 3 and together <= 1:
            yield said("ais-gap", track.mmsi, start, end)


def _wachta_candidates(track: Track) -> Iterator[tuple[Track, int]]:
    silence = np.diff(track.t)
    for k in np.flatnonzero((silence > 0.75 * HOUR) & (silence < 12.0 * HOUR)):
        moved = float(distance_m(track.lat[k], track.lon[k], track.lat[k + 1], track.lon[k + 1]))
        if track.sog[k] >= 3.0 and moved >= 1_000.0 and 2.0 <= moved / silence[k] / KNOT <= 30.0:
            yield track, int(k)


def _cell(lat: float, lon: float) -> tuple[int, int]:
    return int(np.floor(lat / 0.25)), int(np.floor(lon / 0.25))


def _heard_cells(sea: Sea) -> defaultdict[tuple[tuple[int, int], int], set[int]]:
    heard: defaultdict[tuple[tuple[int, int], int], set[int]] = defaultdict(set)
    for track in sea.tracks.values():
        keys = Counter(
            zip(
                np.floor(track.lat / 0.25).astype(int).tolist(), np.floor(track.lon / 0.25).astype(int).tolist(),
                (track.t // QUARTER).astype(int).tolist(), strict=True,
            )
        )  # fmt: skip
        for a, b, quarter in keys:
            heard[(a, b), quarter].add(track.mmsi)
    return heard


RULES = (
    Rule(
        "ais-gap", "GFW pipe-gaps", "over 12 h between two positions, or to the end", longer_than(12.0, True)
    ),
    Rule("ais-gap", "RadianceFleet", "2 h or more", longer_than(2.0)),
    Rule(
        "ais-gap",
        "Wachta",
        "45 min-12 h, >= 3 kn before, moved >= 1 km at 2-30 kn, 3 others heard, no outage",
        wachta,
    ),
    Rule("ais-gap", "AIS_Tracker, FormerLab", "over 60 min", longer_than(1.0)),
    Rule("ais-gap", "AIS Guardian", "over 120 min, more than 5 messages, over 0.5 kn before", guardian),
)
