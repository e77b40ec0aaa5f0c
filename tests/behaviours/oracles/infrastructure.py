"""The rules of the behaviours about assets once more, in plain Python. The cable lies along a meridian."""

from collections.abc import Callable
from math import cos, hypot, inf, isnan, nan, radians, sin
from typing import Any

from plain import Episode, Row, runs, silences

Told = dict[str, Any]


def _unheard(row: Row, th: dict[str, float]) -> bool:
    """Not heard for long, against the interval of class and speed (ITU-R M.1371)."""
    a, b = ((3, 180), (14, 10), (23, 6), (inf, 2)), ((2, 180), (14, 30), (23, 15), (inf, 5))
    sog = row["before"]["sog"]
    expected = next(s for kn, s in (b if row["cls"] == 2 else a) if (0 if isnan(sog) else sog) < kn)
    return bool(row["leg_s"] >= th["min_gap"] * 3600 and row["leg_s"] / expected >= th["min_missed"])


def _slower(row: Row, deficit: float, speed: float, usual: float) -> bool:
    """Slower than usual at the report or, where reports are two minutes apart, on the way to it."""
    knots = row["sog"]
    if row["leg_s"] >= 120 and row["leg_kn"] < knots:
        knots = row["leg_kn"]
    return bool(row["usual"] >= usual and knots >= speed and knots <= (1 - deficit) * row["usual"])


def _crosses(row: Row) -> bool:
    """Whether the way to a report crosses the cable, which lies along a meridian."""
    before = row["before"]
    if before is None or "cable_lon" not in row:
        return False
    east = (row["lon"] - before["lon"] + 540) % 360 - 180
    to_cable = (row["cable_lon"] - before["lon"] + 540) % 360 - 180
    return bool(0 < to_cable <= east or east <= to_cable < 0)


def anchor_drag(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    found = runs(
        kept, lambda row: _slower(row, th["min_deficit"], th["min_speed"], th["min_usual"]),
        at_least_s=0, bridge_s=th["bridge"] * 60, silence_s=1800, value=lambda row: row["usual"],
        low=lambda row: -1.0 if _crosses(row) else row["asset_m"],
    )  # fmt: skip
    return [
        e
        for e in found
        if (e["end"] - e["start"]) / 1000 + (0 if isnan(e["every_s"]) else e["every_s"])
        >= th["min_brief"] * 60
    ]


def asset_approach(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    def moving(row: Row) -> bool:
        first = row["before"] is None or row["t"] // 120_000 != row["before"]["t"] // 120_000
        return bool(row["sog"] >= th["min_speed"] and first)

    found = runs(
        kept, moving, at_least_s=0, bridge_s=th["latest"] * 60,
        silence_s=th["latest"] * 60, value=lambda row: row["usual"], at_most_s=2 * th["settled"] * 60,
    )  # fmt: skip
    return [e for e in found if e["open"]]


def asset_gap(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    return [
        e
        for e in silences(kept, lambda row: _unheard(row, th), inf)
        if e["last_row"] >= 0 and e["sog_min"] >= th["min_speed"]
    ]


def asset_loitering(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    return runs(
        kept,
        lambda row: row["asset_m"] <= th["max_distance"] * 1852 and row["sog"] < th["max_speed"],
        at_least_s=th["min_duration"] * 3600, bridge_s=th["bridge"] * 60, silence_s=3600,
        low=lambda row: row["asset_m"],
    )  # fmt: skip


def asset_pattern(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    def near(row: Row) -> bool:
        return bool(
            row["asset_m"] <= th["max_distance"] * 1852 and th["min_speed"] <= row["sog"] <= th["max_speed"]
        )

    found = runs(
        kept, near, at_least_s=th["min_duration"] * 3600, bridge_s=th["bridge"] * 60, silence_s=3600,
        low=lambda row: row["asset_m"], at_most_s=th["window"] * 3600,
    )  # fmt: skip
    for e in found:
        e["value"] = _axis(e["members"])
    return found


def _axis(members: list[Row]) -> float:
    courses = [2 * radians(row["cog"]) for row in members if not isnan(row["cog"])]
    if not courses:
        return nan
    return hypot(sum(map(sin, courses)), sum(map(cos, courses))) / len(courses)


def asset_slowdown(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    return runs(
        kept,
        lambda row: row["asset_m"] <= th["max_distance"] * 1852
        and _slower(row, th["min_deficit"], th["min_speed"], th["min_usual"]),
        at_least_s=th["min_duration"] * 60, bridge_s=th["bridge"] * 60, silence_s=3600,
        value=lambda row: row["usual"], low=lambda row: row["asset_m"],
    )  # fmt: skip


def zone_entry(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    return runs(
        kept, lambda row: row.get("zone_m", inf) <= row.get("zone_reach_m", 0.0),
        at_least_s=th["min_inside"] * 60, bridge_s=th["outside"] * 60, silence_s=3600,
        low=lambda row: row["sog"],
    )  # fmt: skip


Rule = Callable[[list[Row], list[Told], dict[str, float]], list[Episode]]
INFRASTRUCTURE: dict[str, Rule] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        anchor_drag,
        asset_approach,
        asset_gap,
        asset_loitering,
        asset_pattern,
        asset_slowdown,
        zone_entry,
    )
}
