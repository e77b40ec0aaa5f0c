"""The rules of the network behaviours once more, in plain Python: geodesics, least squares, loops."""

from collections.abc import Callable
from math import isnan, nan

import numpy as np
from plain import GEOD, Episode, Row, runs

Rule = Callable[[list[Row], list[dict], dict[str, float]], list[Episode]]


def receiver_outage(kept: list[Row], said: list[dict], th: dict[str, float]) -> list[Episode]:
    a = ((3, 180), (14, 10), (23, 6), (999, 2))
    b = ((2, 180), (14, 30), (23, 15), (999, 5))
    found = []
    for row in kept:
        if row["before"] is None or row["leg_s"] < th["min_silence"] * 60:
            continue
        speed = 0.0 if isnan(row["before"]["sog"]) else row["before"]["sog"]
        expected = next(s for kn, s in (b if row["cls"] == 2 else a) if speed < kn)
        if row["leg_s"] / expected >= th["min_missed"]:
            before = row["before"]
            found.append(
                {"mmsi": row["mmsi"], "other": None, "start": before["t"], "end": row["t"], "open": False,
                 "first_row": before["row"], "last_row": row["row"], "n": 2, "path_m": row["leg_m"]}
            )  # fmt: skip
    return found


def gnss_interference(kept: list[Row], said: list[dict], th: dict[str, float]) -> list[Episode]:
    seconds = th["bridge"] * 60
    return runs(
        kept, lambda row: row["displaced"], at_least_s=0, bridge_s=seconds, silence_s=seconds,
        value=lambda row: row["other"]["lat"] - row["lat"], low=lambda row: row["apart"], across_jumps=True,
    )  # fmt: skip


def clock_fault(kept: list[Row], said: list[dict], th: dict[str, float]) -> list[Episode]:
    def lag(row: Row) -> float:
        if not row["displaced"] or not row["sog"] >= th["min_speed"] or isnan(row["cog"]):
            return nan
        other = row["other"]
        bearing, _, away = GEOD.inv(row["lon"], row["lat"], other["lon"], other["lat"])
        off = abs((bearing - row["cog"] + 540) % 360 - 180)
        if th["max_angle"] < off < 180 - th["max_angle"]:
            return nan
        sailing = away / (row["sog"] * 1852 / 3600) * (1 if off <= th["max_angle"] else -1)
        return float(sailing + (row["t"] - other["t"]) / 1000)

    seconds = th["bridge"] * 60
    found = runs(
        kept, lambda row: abs(lag(row)) <= th["max_offset"] * 3600, at_least_s=0, bridge_s=seconds,
        silence_s=seconds, value=lag,
    )  # fmt: skip
    return [e | {"low": sum(row["reentry"] for row in e["members"])} for e in found]


def position_frozen(kept: list[Row], said: list[dict], th: dict[str, float]) -> list[Episode]:
    def stands(row: Row) -> bool:
        return (
            not row["displaced"]
            and row["leg_m"] <= th["max_step"]
            and row["leg_kn"] <= 0.1 * row["sog"]
            and th["min_speed"] <= row["sog"] <= th["max_speed"]
        )

    return runs(
        kept, stands, at_least_s=th["min_duration"] * 60, bridge_s=th["bridge"] * 60,
        silence_s=th["bridge"] * 300, value=lambda row: float(row["nav"] in (1, 5, 6)),
    )  # fmt: skip


def position_circle(kept: list[Row], said: list[dict], th: dict[str, float]) -> list[Episode]:
    def ring(e: Episode) -> bool:
        lat, lon = (np.array([row[name] for row in e["members"]]) for name in ("lat", "lon"))
        if len(lat) < 4:
            return False
        first = np.full(len(lat), lon[0]), np.full(len(lat), lat[0])
        bearing, _, away = GEOD.inv(*first, lon, lat)
        x, y = away * np.sin(np.radians(bearing)), away * np.cos(np.radians(bearing))
        (d, f, g), *_ = np.linalg.lstsq(np.stack([x, y, np.ones(len(x))], axis=1), -(x * x + y * y))
        if d * d / 4 + f * f / 4 - g <= 0:
            return False
        radius = float(np.sqrt(d * d / 4 + f * f / 4 - g))
        off = np.sqrt(np.mean((np.hypot(x + d / 2, y + f / 2) - radius) ** 2))
        turns = GEOD.polygon_area_perimeter(lon, lat)[0] / (np.pi * radius**2)
        return bool(
            th["min_radius"] <= radius <= th["max_radius"] * 1000
            and off <= th["max_scatter"] * radius
            and abs(turns) >= 1
        )

    def counts(row: Row) -> bool:
        minute = row["before"]["t"] // 60_000 if row["before"] is not None else -1
        return bool(row["sog"] >= th["min_speed"] and row["t"] // 60_000 != minute)

    windows = runs(
        kept, counts, at_least_s=th["window"] * 15,
        bridge_s=th["bridge"] * 60, silence_s=th["bridge"] * 60, value=lambda row: float(row["displaced"]),
        at_most_s=th["window"] * 60,
    )  # fmt: skip
    return [e for e in windows if ring(e)]


NETWORK: dict[str, Rule] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (clock_fault, gnss_interference, position_circle, position_frozen, receiver_outage)
}
