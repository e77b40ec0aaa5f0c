"""The shapes once more, slowly: dict rows, loops, and distances by pyproj's Geod. What the engine is held against.

Nothing here is shared with the engine but its settings; a row is a dict with ``t`` (ms), ``row``, ``mmsi``, ``lat``,
``lon``, ``sog``, ``cog``, ``heading``, ``cls`` and ``asset_m``, NaN where not available.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import floor, inf, isnan, nan
from typing import Any

from pyproj import Geod

from watchkeeper.model.settings import EngineSettings

Row = dict[str, Any]
Episode = dict[str, Any]

GEOD = Geod(ellps="WGS84")
SETTINGS = EngineSettings()
SLOT, LONGEST_LEG = 600_000, 3_600_000


def metres(a: Row, b: Row) -> float:
    return float(GEOD.inv(a["lon"], a["lat"], b["lon"], b["lat"])[2])


def followed(rows: list[Row]) -> list[Row]:
    """The rows that are kept, in time order, each with its track, and what the track shows up to it."""
    vessels: defaultdict[int, dict[str, Any]] = defaultdict(
        lambda: {"tracks": [None, None], "last": 0, "recent": []}
    )
    kept = []
    for row in sorted(rows, key=lambda r: r["t"]):
        vessel = vessels[row["mmsi"]]
        if _second_reception(row, vessel["recent"]):
            continue
        row = row | {"begins": False, "reentry": False, "apart": nan}
        _place(row, vessel)
        track = vessel["tracks"][row["track"]]
        row["displaced"] = track["displaced"]
        if row["displaced"]:
            other = vessel["tracks"][1 - row["track"]]
            row["apart"], row["other"] = metres(other["row"], row), other["row"]
        _join(row, track)
        track |= {"row": row, "n": track["n"] + 1}
        vessel["last"] = row["track"]
        vessel["recent"] = [*vessel["recent"], (row["t"], _content(row))][-8:]
        kept.append(row)
    if kept:
        kept[-1]["heard_until"] = max(row["t"] for row in rows)
    return kept


def heard_until(kept: list[Row]) -> int:
    """When the data end: with the last row, kept or heard twice."""
    return kept[-1]["heard_until"] if kept else 0


def _content(row: Row) -> tuple[int, ...]:
    said = (-1 if isnan(v) else floor(v * 10 + 0.5) for v in (row["sog"], row["cog"]))
    return (round(row["lat"] * 1e6), round(row["lon"] * 1e6), *said)


def _second_reception(row: Row, recent: list[tuple[int, Any]]) -> bool:
    if not recent:
        return False
    newest_t, newest = recent[-1]
    if newest == _content(row):
        return bool(row["t"] - newest_t <= SETTINGS.receiver_repeat * 1000)
    return any(c == _content(row) and row["t"] - t <= SETTINGS.receiver_echo * 1000 for t, c in recent)


def _place(row: Row, vessel: dict[str, Any]) -> None:
    """Choose the track of a row: the nearest that can have reached it, else one begins anew."""
    tracks, last = vessel["tracks"], vessel["last"]
    away = {k: metres(track["row"], row) for k, track in enumerate(tracks) if track is not None}
    reach = {
        k: m
        for k, m in away.items()
        if m
        <= SETTINGS.jump_slack + SETTINGS.max_speed * 1852 / 3_600_000 * (row["t"] - tracks[k]["row"]["t"])
    }
    own = [k for k in reach if _is_own(k, away[k], tracks)]
    if reach:
        row["track"] = own[0] if own else min(reach, key=lambda k: (reach[k], k))
        track = tracks[row["track"]]
        if row["track"] != last:
            first = tracks[0]
            if (
                row["track"] == 1
                and not (track["displaced"] or first["displaced"])
                and track["n"] >= 2
                and first["n"] >= 3
            ):
                track["displaced"] = True
            row["reentry"] = track["displaced"]
        return
    row["begins"] = True
    row["track"] = _anew(tracks, last)
    other = tracks[1 - row["track"]]
    jumped = other is not None and other["n"] >= 3 and not other["displaced"]
    tracks[row["track"]] = {"row": None, "n": 0, "displaced": jumped}


def _is_own(k: int, away: float, tracks: list[Any]) -> bool:
    """Within the slack of the track that did not begin by a jump, where the other one did."""
    other = tracks[1 - k]
    return bool(
        away <= SETTINGS.jump_slack
        and not tracks[k]["displaced"]
        and other is not None
        and other["displaced"]
    )


def _anew(tracks: list[Any], last: int) -> int:
    if tracks == [None, None]:
        return 0
    other = 1 - last
    if tracks[other] is None:
        return other
    if tracks[0]["displaced"] != tracks[1]["displaced"]:
        return 0 if tracks[0]["displaced"] else 1
    return other if tracks[other]["row"]["t"] <= tracks[last]["row"]["t"] else last


def _join(row: Row, track: dict[str, Any]) -> None:
    """The leg from the previous report of the track, and the ship's usual speed before this report."""
    before = track["row"]
    row |= {"before": before, "leg_s": nan, "leg_m": nan, "leg_kn": nan, "usual": nan}
    if before is None:
        row["_usual"], row["_known"] = nan, 0.0
        return
    row["leg_s"] = (row["t"] - before["t"]) / 1000
    row["leg_m"] = metres(before, row)
    row["leg_kn"] = row["leg_m"] / row["leg_s"] * 3.6 / 1.852 if row["leg_s"] else 0.0
    usual, known = before["_usual"], before["_known"]
    row["usual"] = usual if known >= SETTINGS.usual_known * 60 else nan
    # A speed counts where the leg bears it out: within 5 kn, or half the leg's own speed.
    borne_out = abs(row["sog"] - row["leg_kn"]) <= max(5.0, 0.5 * row["leg_kn"])
    if row["leg_s"] < 3600 and row["sog"] >= SETTINGS.under_way and borne_out:
        if isnan(usual):
            usual = row["sog"]
        else:
            slow = SETTINGS.usual_rise * 60 if row["sog"] > usual else SETTINGS.usual_fall * 3600
            usual += (row["sog"] - usual) * row["leg_s"] / (slow + row["leg_s"])
        known += row["leg_s"]
    row["_usual"], row["_known"] = usual, known


def by_track(kept: list[Row]) -> Iterator[list[Row]]:
    groups: defaultdict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in kept:
        groups[row["mmsi"], row["track"]].append(row)
    yield from groups.values()


def runs(
    kept: list[Row],
    holds: Callable[[Row], bool],
    *,
    at_least_s: float,
    bridge_s: float,
    silence_s: float,
    value: Callable[[Row], float] = lambda row: nan,
    low: Callable[[Row], float] = lambda row: nan,
    across_jumps: bool = False,
    at_most_s: float = inf,
) -> list[Episode]:
    """Stretches of a track in which ``holds`` is true, none longer than ``at_most_s``."""
    end_of_data = heard_until(kept)
    done = []
    for rows in by_track(kept):
        members: list[Row] = []
        last_t = None
        for row in rows:
            if members and (
                (row["begins"] and not across_jumps)
                or row["t"] - last_t > silence_s * 1000
                or row["t"] - members[-1]["t"] > bridge_s * 1000
                or (holds(row) and row["t"] - members[0]["t"] > at_most_s * 1000)
            ):
                done.append((members, False))
                members = []
            if holds(row):
                since = nan if last_t is None or row["begins"] else (row["t"] - last_t) / 1000
                members.append(row | {"since_s": since if since <= silence_s else nan})
            last_t = row["t"]
        if members:
            quiet = end_of_data - members[-1]["t"]
            done.append((members, quiet <= min(max(bridge_s, silence_s), 3600) * 1000))
    return [
        _run(m, going_on, value, low) for m, going_on in done if m[-1]["t"] - m[0]["t"] >= at_least_s * 1000
    ]


def _run(
    members: list[Row], going_on: bool, value: Callable[[Row], float], low: Callable[[Row], float]
) -> Episode:
    lows = [(low(row), row["t"]) for row in members if low(row) < inf]
    return {
        "mmsi": members[0]["mmsi"],
        "other": None,
        "start": members[0]["t"],
        "end": members[-1]["t"],
        "open": going_on,
        "first_row": members[0]["row"],
        "last_row": members[-1]["row"],
        "n": len(members),
        "path_m": sum(metres(a, b) for a, b in pairwise(members)),
        "sog_mean": _mean(row["sog"] for row in members),
        "value": _mean(value(row) for row in members),
        "low": min(lows)[0] if lows else nan,
        "every_s": _mean(row["since_s"] for row in members),
        "members": members,
    }


def _mean(values: Iterator[float]) -> float:
    known = [v for v in values if not isnan(v)]
    return sum(known) / len(known) if known else nan


def silences(kept: list[Row], holds: Callable[[Row], bool], at_least_s: float) -> list[Episode]:
    """Reports after a silence, with the report before it; and tracks silent when the data end."""
    end_of_data = heard_until(kept)
    given = [
        _silence(row["before"], row["t"]) | {"last_row": row["row"], "path_m": row["leg_m"]}
        for row in kept
        if row["before"] is not None and holds(row)
    ]
    for rows in by_track(kept):
        if end_of_data - rows[-1]["t"] >= at_least_s * 1000:
            given.append(_silence(rows[-1], end_of_data) | {"open": True, "last_row": -1, "path_m": nan})
    return given


def _silence(before: Row, end: int) -> Episode:
    return {
        "mmsi": before["mmsi"],
        "other": None,
        "start": before["t"],
        "end": end,
        "open": False,
        "first_row": before["row"],
        "sog_min": before["sog"],
    }


def meetings(
    kept: list[Row], *, within_m: float, slower_kn: float, at_least_s: float, bridge_s: float
) -> list[Episode]:
    """Pairs near each other at every tenth minute."""
    slots: defaultdict[int, list[Row]] = defaultdict(list)
    for row in kept:
        before = row["before"]
        speed = row["leg_kn"] if isnan(row["sog"]) else row["sog"]
        if before is None or row["t"] - before["t"] > LONGEST_LEG or not speed < slower_kn:
            continue
        for slot in range(before["t"] // SLOT + 1, row["t"] // SLOT + 1):
            part = (slot * SLOT - before["t"]) / (row["t"] - before["t"])
            east = (row["lon"] - before["lon"] + 540) % 360 - 180
            place = {
                "lat": before["lat"] + part * (row["lat"] - before["lat"]),
                "lon": before["lon"] + part * east,
            }
            slots[slot].append({"mmsi": row["mmsi"], "kn": speed, "row": row["row"]} | place)
    going: dict[tuple[int, int], Episode] = {}
    done, bridge = [], bridge_s * 1000 // SLOT + 1
    for slot in sorted(slots):
        for pair, (away, a, b) in _near(slots[slot], within_m).items():
            known = going.get(pair)
            if known is None or slot - known["last"] > bridge:
                if known is not None:
                    done.append(known)
                known = going[pair] = {
                    "first": slot,
                    "away": [],
                    "kn": [],
                    "first_row": a["row"],
                    "other_row": b["row"],
                }
            known["last"], known["last_row"] = slot, a["row"]
            known["away"].append(away)
            known["kn"].append((a["kn"] + b["kn"]) / 2)
            known["pair"] = pair
    end_slot = heard_until(kept) // SLOT
    for episode in done:
        episode["open"] = False
    for episode in going.values():
        episode["open"] = episode["last"] >= end_slot - bridge
    return [
        {
            "mmsi": e["pair"][0],
            "other": e["pair"][1],
            "start": e["first"] * SLOT,
            "end": e["last"] * SLOT,
            "open": e["open"],
            "first_row": e["first_row"],
            "last_row": e["last_row"],
            "n": len(e["away"]),
            "value": sum(e["away"]) / len(e["away"]),
            "low": min(e["away"]),
            "sog_mean": sum(e["kn"]) / len(e["kn"]),
        }
        for e in [*done, *going.values()]
        if (e["last"] - e["first"]) * SLOT >= at_least_s * 1000
    ]


def _near(samples: list[Row], within_m: float) -> dict[tuple[int, int], tuple[float, Row, Row]]:
    found: dict[tuple[int, int], tuple[float, Row, Row]] = {}
    for a in samples:
        for b in samples:
            if a["mmsi"] < b["mmsi"]:
                away = metres(a, b)
                pair = (a["mmsi"], b["mmsi"])
                if away <= within_m and (pair not in found or away < found[pair][0]):
                    found[pair] = (away, a, b)
    return found
