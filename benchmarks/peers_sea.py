"""What the re-stated rules read: tracks in order of time, places, lines, the list; and what they say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from watchkeeper.exercises.geo import distance_m, distance_to_line_m
from watchkeeper.exercises.stage import Stage
from watchkeeper.model.records import Array
from watchkeeper.model.time import to_iso

NMI = 1852.0
KNOT = NMI / 3600.0
HOUR = 3600.0


@dataclass(frozen=True, eq=False)
class Track:
    """One MMSI: columns in order of time, ``t`` in seconds, repeated times dropped; what she said of herself."""

    mmsi: int
    t: Array
    lat: Array
    lon: Array
    sog: Array
    cog: Array
    nav: Array
    ship_type: int
    imos: tuple[int, ...]
    names: tuple[bytes, ...]

    def leg_kn(self) -> Array:
        """Mean speed from each fix to the next."""
        metres = distance_m(self.lat[:-1], self.lon[:-1], self.lat[1:], self.lon[1:])
        return metres / np.diff(self.t) / KNOT


@dataclass(frozen=True, eq=False)
class Sea:
    """Everything of a day. ``places``: ports and anchorages as latitude, longitude, reach [m]."""

    tracks: dict[int, Track]
    places: Array
    lines: list[tuple[Array, Array]]
    listed: frozenset[int]

    def place_m(self, lat: float, lon: float) -> float:
        """Distance to the nearest port or anchorage [m]."""
        return float(distance_m(lat, lon, self.places[:, 0], self.places[:, 1]).min())

    @cache  # noqa: B019 - a sea lives as long as its day
    def line_m(self, track: Track) -> Array:
        """Distance of each fix to the nearest line [m]."""
        return np.min([distance_to_line_m(track.lat, track.lon, *line) for line in self.lines], axis=0)


Said = dict[str, Any]
Find = Callable[[Sea], Iterator[Said]]


@dataclass(frozen=True)
class Rule:
    """A peer's rule: the behaviour it is held against, whose it is, what it says, and the re-statement."""

    behaviour: str
    whose: str
    says: str
    find: Find


def said(behaviour: str, mmsi: int, start: float, end: float | None, other: int | None = None) -> Said:
    """A finding as the scoreboard reads it; times in seconds."""
    return {
        "behaviour": behaviour, "mmsi": mmsi, "other_mmsi": other, "start": to_iso(int(start * 1000)),
        "end": None if end is None else to_iso(int(end * 1000)),
    }  # fmt: skip


def sea_of(stage: Stage) -> Sea:
    """The sea of a stage."""
    p, s = stage.positions, stage.statics
    order = np.lexsort((p.t, p.mmsi))
    edges = np.flatnonzero(np.diff(p.mmsi[order])) + 1
    tracks = {}
    for rows in np.split(order, edges):
        rows = rows[np.concatenate(([True], np.diff(p.t[rows]) > 0))]
        mmsi = int(p.mmsi[rows[0]])
        mine = s.mmsi == mmsi
        types = s.ship_type[mine]
        tracks[mmsi] = Track(
            mmsi, p.t[rows] / 1000.0, p.lat[rows], np.unwrap(p.lon[rows], period=360.0), p.sog_kn[rows].astype(float),
            p.cog_deg[rows].astype(float), p.nav_status[rows], int(types[-1]) if len(types) else -1,
            tuple(int(i) for i in s.imo[mine] if i), tuple(n for n in s.name[mine] if n),
        )  # fmt: skip
    points = [[*asset.geometry["coordinates"][::-1], asset.buffer_m] for asset in stage.places]  # type: ignore[index]
    listed = {e.mmsi for one in stage.listed.lists for e in one.entries if e.mmsi}
    imos = {e.imo for one in stage.listed.lists for e in one.entries if e.imo}
    listed |= {track.mmsi for track in tracks.values() if imos & set(track.imos)}
    return Sea(tracks, np.array(points, float), list(_lines(stage)), frozenset(listed))


def _lines(stage: Stage) -> Iterator[tuple[Array, Array]]:
    for asset in stage.assets:
        several = asset.geometry["type"] == "MultiLineString"
        for part in asset.geometry["coordinates"] if several else [asset.geometry["coordinates"]]:  # type: ignore[union-attr, list-item]
            lon, lat = np.array(part, float).T
            yield lat, lon


def stretches(mask: Array) -> Iterator[tuple[int, int]]:
    """First and last position of each unbroken stretch where the mask holds."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    for begin, end in edges.reshape(-1, 2):
        yield int(begin), int(end) - 1


def hourly(track: Track) -> Iterator[Array]:
    """Positions of the fixes of each hour of the clock."""
    hour = (track.t // HOUR).astype(int)
    yield from np.split(np.arange(len(hour)), np.flatnonzero(np.diff(hour)) + 1)


def course_spread(cog: Array) -> float:
    """Circular standard deviation of courses [deg]."""
    known = np.radians(cog[~np.isnan(cog)])
    if not len(known):
        return 0.0
    r = float(np.hypot(np.cos(known).mean(), np.sin(known).mean()))
    return float(np.degrees(np.sqrt(-2.0 * np.log(max(r, 1e-12)))))
