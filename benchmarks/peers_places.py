"""Loitering and cable rules of other systems, re-stated."""

from collections.abc import Callable, Iterator

import numpy as np

from peers_sea import HOUR, NMI, Rule, Said, Sea, Track, course_spread, hourly, said, stretches
from watchkeeper.exercises.geo import course_deg, distance_m
from watchkeeper.layers.land import Land
from watchkeeper.model.records import Array
from watchkeeper.model.shiptypes import MERCHANT

Find = Callable[[Sea], Iterator[Said]]


def gfw_loitering(sea: Sea) -> Iterator[Said]:
    """Hour blocks with an average speed (way over time) under 2 kn, merged; 20 nmi and more from shore on average."""
    land = Land.load()
    for track in sea.tracks.values():
        blocks = [hour for hour in hourly(track) if len(hour) > 1]
        slow = np.array([_average_kn(track, hour) < 2.0 for hour in blocks], np.bool_)
        for first, last in stretches(slow):
            rows = np.concatenate(blocks[first : last + 1])
            shore = land.coast_distance_m(track.lat[rows], _wrapped(track.lon[rows]), 100_000.0)
            if np.minimum(shore, 100_000.0).mean() >= 20.0 * NMI:
                yield said("loitering", track.mmsi, track.t[rows[0]], track.t[rows[-1]])


def _wrapped(lon: Array) -> Array:
    return (lon + 180.0) % 360.0 - 180.0


def _average_kn(track: Track, rows: Array) -> float:
    way = distance_m(
        track.lat[rows][:-1], track.lon[rows][:-1], track.lat[rows][1:], track.lon[rows][1:]
    ).sum()
    return float(way / max(track.t[rows[-1]] - track.t[rows[0]], 1.0) * HOUR / NMI)


def radiance_loitering(sea: Sea) -> Iterator[Said]:
    """Hourly medians of SOG under 0.5 kn for 4 h or more."""
    for track in sea.tracks.values():
        blocks = list(hourly(track))
        slow = np.array([np.nanmedian(np.append(track.sog[hour], np.nan)) < 0.5 for hour in blocks], np.bool_)
        for first, last in stretches(slow):
            if last - first >= 3:
                yield said("loitering", track.mmsi, track.t[blocks[first][0]], track.t[blocks[last][-1]])


def slow_for(behaviour: str, knots: float, hours: float, within_m: float = np.inf) -> Find:
    """SOG under a speed for a time, all of it within a distance of where it began."""

    def find(sea: Sea) -> Iterator[Said]:
        for track in sea.tracks.values():
            for first, last in stretches(track.sog < knots):
                rows = slice(first, last + 1)
                far = distance_m(track.lat[first], track.lon[first], track.lat[rows], track.lon[rows])
                if track.t[last] - track.t[first] >= hours * HOUR and far.max() <= within_m:
                    yield said(behaviour, track.mmsi, track.t[first], track.t[last])

    return find


def guardian_loitering(sea: Sea) -> Iterator[Said]:
    """Inside a circle of 0.5 nmi about a fix for 45 min."""
    for track in sea.tracks.values():
        begin = 0
        for k in range(1, len(track.t) + 1):
            ends = k == len(track.t)
            left = (
                ends or distance_m(track.lat[begin], track.lon[begin], track.lat[k], track.lon[k]) > 0.5 * NMI
            )
            if left:
                if track.t[k - 1] - track.t[begin] >= 0.75 * HOUR:
                    yield said("loitering", track.mmsi, track.t[begin], track.t[k - 1])
                begin = k


def near_line(
    behaviour: str, within_m: float, at_least_s: float, test: Callable[[Sea, Track, Array], bool]
) -> Find:
    """Stretches within a distance of a line, for a time, of which the test holds."""

    def find(sea: Sea) -> Iterator[Said]:
        for track in sea.tracks.values():
            for first, last in stretches(sea.line_m(track) <= within_m):
                rows = np.arange(first, last + 1)
                if track.t[last] - track.t[first] >= at_least_s and test(sea, track, rows):
                    yield said(behaviour, track.mmsi, track.t[first], track.t[last])

    return find


def _listed(sea: Sea, track: Track, _: Array) -> bool:
    return track.mmsi in sea.listed


def _guardian(sea: Sea, track: Track, rows: Array) -> bool:
    """Under 3 kn, not within 2.5 nmi of a port."""
    slow = rows[track.sog[rows] < 3.0]
    return bool(len(slow)) and sea.place_m(float(track.lat[slow[0]]), float(track.lon[slow[0]])) >= 2.5 * NMI


def _wachta_d6(_: Sea, track: Track, rows: Array) -> bool:
    """1-7 kn for 15 min, five fixes, courses spread by 20 deg; of passenger ships, cargo ships and tankers."""
    if track.ship_type not in MERCHANT:
        return False
    for first, last in stretches((track.sog[rows] >= 1.0) & (track.sog[rows] <= 7.0)):
        here = rows[first : last + 1]
        long = track.t[here[-1]] - track.t[here[0]] >= 900.0
        if long and len(here) >= 5 and course_spread(track.cog[here]) >= 20.0:
            return True
    return False


def _tracker(_: Sea, track: Track, rows: Array) -> bool:
    """Mean of five points 0.3-4 kn with a mean heading change over 15 deg, twice."""
    if len(rows) < 6:
        return False
    mean = np.convolve(np.nan_to_num(track.sog[rows]), np.ones(5) / 5.0, mode="valid")
    turn = np.abs((np.diff(track.cog[rows]) + 180.0) % 360.0 - 180.0)
    turning = np.convolve(np.nan_to_num(turn), np.ones(4) / 4.0, mode="valid")
    return bool(((mean >= 0.3) & (mean <= 4.0) & (turning > 15.0)).sum() >= 2)


def _cable_tool_loiter(_: Sea, track: Track, rows: Array) -> bool:
    """Mean under 2 kn."""
    return bool(np.nanmean(track.sog[rows]) < 2.0)


def _cable_tool_drag(_: Sea, track: Track, rows: Array) -> bool:
    """0.3-5 kn for 30 min and 3 km on one course (R >= 0.94), at most 0.55 of the ship's own upper quartile."""
    usual = float(np.nanpercentile(track.sog, 75))
    for first, last in stretches((track.sog[rows] >= 0.3) & (track.sog[rows] <= 5.0)):
        here = rows[first : last + 1]
        if len(here) < 3 or track.t[here[-1]] - track.t[here[0]] < 1_800.0:
            continue
        way = course_deg(track.lat[here][:-1], track.lon[here][:-1], track.lat[here][1:], track.lon[here][1:])
        made = distance_m(track.lat[here[0]], track.lon[here[0]], track.lat[here[-1]], track.lon[here[-1]])
        one_course = float(np.abs(np.exp(1j * np.radians(way)).mean()))
        slower = (
            np.nanmean(track.sog[here]) <= 0.55 * usual
            if usual >= 6.0
            else one_course >= 0.985 and made >= 5_000.0
        )
        if made >= 3_000.0 and one_course >= 0.94 and slower:
            return True
    return False


def guardian_drag(sea: Sea) -> Iterator[Said]:
    """Status at anchor or moored and more than 0.5 kn."""
    for track in sea.tracks.values():
        for first, last in stretches(np.isin(track.nav, (1, 5)) & (track.sog > 0.5)):
            yield said("anchor-drag", track.mmsi, track.t[first], track.t[last])


def _cable(behaviour: str) -> tuple[Rule, ...]:
    return (
        Rule(
            behaviour,
            "FormerLab",
            "a listed ship within 10 km of a cable",
            near_line(behaviour, 10_000.0, 0.0, _listed),
        ),
        Rule(
            behaviour,
            "AIS Guardian (cable)",
            "< 3 kn within 1 nmi, 2.5 nmi off ports",
            near_line(behaviour, NMI, 0.0, _guardian),
        ),
        Rule(
            behaviour,
            "Wachta D6",
            "merchant ships, <= 2 km, 1-7 kn, 15 min, courses spread >= 20 deg",
            near_line(behaviour, 2_000.0, 900.0, _wachta_d6),
        ),
        Rule(
            behaviour,
            "AIS_Tracker",
            "<= 5 nmi, 0.3-4 kn, turning > 15 deg, twice",
            near_line(behaviour, 5.0 * NMI, 0.0, _tracker),
        ),
    )


RULES = (
    Rule("loitering", "GFW", "hour blocks under 2 kn, 20 nmi from shore", gfw_loitering),
    Rule("loitering", "RadianceFleet", "hourly median under 0.5 kn for 4 h", radiance_loitering),
    Rule(
        "loitering",
        "FormerLab",
        "under 0.5 kn for 20 min within 500 m",
        slow_for("loitering", 0.5, 1 / 3, 500.0),
    ),
    Rule("loitering", "AIS Guardian", "within 0.5 nmi for 45 min", guardian_loitering),
    Rule("loitering", "AIS_Tracker", "under 2 kn for 3 h", slow_for("loitering", 2.0, 3.0)),
    *_cable("asset-loitering"),
    Rule(
        "asset-loitering",
        "cable tool",
        "mean under 2 kn for 2 h within 3 km",
        near_line("asset-loitering", 3_000.0, 2 * HOUR, _cable_tool_loiter),
    ),
    *_cable("anchor-drag"),
    Rule(
        "anchor-drag",
        "cable tool (drag)",
        "0.3-5 kn, 30 min, 3 km, one course, <= 0.55 of own speed, 3 km",
        near_line("anchor-drag", 3_000.0, 0.0, _cable_tool_drag),
    ),
    Rule("anchor-drag", "AIS Guardian (drag)", "status at anchor or moored and over 0.5 kn", guardian_drag),
)
