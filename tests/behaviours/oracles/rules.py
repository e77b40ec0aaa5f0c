"""Each behaviour's rule for candidates once more, in plain Python, with its thresholds as declared."""

from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from math import inf, isnan
from typing import Any

from infrastructure import INFRASTRUCTURE
from network import NETWORK
from plain import Episode, Row, meetings, runs, silences
from told import TOLD

from watchkeeper.model.imo import valid_imo

Told = dict[str, Any]
"""A static report: ``t``, ``row``, ``mmsi``, ``name``, ``callsign``, ``imo``; empty or 0 where not available."""


def ais_gap(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    def long(row: Row) -> bool:
        sog = row["before"]["sog"]
        steps = (
            ((2, 180), (14, 30), (23, 15), (inf, 5))
            if row["cls"] == 2
            else ((3, 180), (14, 10), (23, 6), (inf, 2))
        )
        expected = next(s for kn, s in steps if (0 if isnan(sog) else sog) < kn)
        return row["leg_s"] >= th["min_gap"] * 3600 and row["leg_s"] / expected >= th["min_missed"]

    return silences(kept, long, th["min_gap"] * 3600)


def drifting(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    def off(row: Row) -> float:
        angle = abs(row["cog"] - row["heading"]) % 360
        return min(angle, 360 - angle)

    return runs(
        kept,
        lambda row: th["min_speed"] <= row["sog"] <= th["max_speed"] and off(row) >= th["min_angle"],
        at_least_s=th["min_duration"] * 60, bridge_s=th["bridge"] * 60, silence_s=1800, value=off, low=off,
    )  # fmt: skip


def encounter(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    return meetings(
        kept, within_m=th["max_distance"], slower_kn=th["max_speed"] + 1, at_least_s=th["min_duration"] * 3600,
        bridge_s=th["bridge"] * 60,
    )  # fmt: skip


def identity_clash(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    seconds = th["bridge"] * 3600
    return runs(
        kept, lambda row: row["displaced"], at_least_s=0, bridge_s=seconds, silence_s=seconds,
        value=lambda row: float(row["reentry"]), low=lambda row: row["apart"],
    )  # fmt: skip


def position_jump(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    seconds = th["bridge"] * 60
    return runs(
        kept, lambda row: row["displaced"], at_least_s=0, bridge_s=seconds, silence_s=seconds,
        value=lambda row: float(row["reentry"]), low=lambda row: row["apart"], across_jumps=True,
    )  # fmt: skip


def impossible_value(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    seconds = th["merge"] * 3600
    return runs(
        kept,
        lambda row: row["sog"] > th["max_speed"] and not row["leg_kn"] > th["max_moved"],
        at_least_s=0, bridge_s=seconds, silence_s=seconds,
        value=lambda row: 0.0 if isnan(row["leg_kn"]) else row["leg_kn"],
    )  # fmt: skip


def loitering(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    return runs(
        kept, lambda row: row["sog"] < th["max_speed"], at_least_s=th["min_duration"] * 3600,
        bridge_s=th["bridge"] * 60, silence_s=3600,
    )  # fmt: skip


def listed_vessel(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    heard: defaultdict[int, list[Row]] = defaultdict(list)
    for row in kept:
        heard[row["mmsi"]].append(row)
    return [
        {
            "mmsi": mmsi,
            "other": None,
            "start": rows[0]["t"],
            "end": rows[-1]["t"],
            "open": True,
            "first_row": rows[0]["row"],
            "last_row": -1,
            "n": len(rows),
        }
        for mmsi, rows in heard.items()
        if len(rows) >= th["min_reports"]
    ]


def identity_change(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    """Changes of a field, those within ten minutes as one; and IMO numbers that go on under another MMSI."""
    changes: list[Episode] = []
    for mmsi in {told["mmsi"] for told in said}:
        mine = sorted((told for told in said if told["mmsi"] == mmsi), key=lambda told: told["t"])
        steps = []
        for bit, name in enumerate(("name", "callsign", "imo")):
            known = [s for s in mine if (valid_imo(s["imo"]) if name == "imo" else s[name])]
            steps += [(b["t"], bit, a, b) for a, b in pairwise(known) if a[name] != b[name]]
        last = None
        for t, bit, _, b in sorted(steps, key=lambda s: s[:2]):
            if last is None or t - last["start"] > 600_000:
                last = {
                    "mmsi": mmsi,
                    "other": None,
                    "start": t,
                    "end": t,
                    "open": False,
                    "first_row": b["row"],
                    "value": 1 << bit,
                }
                changes.append(last)
            else:
                last["value"] |= 1 << bit
    return changes + _renumbered(kept, said)


def _renumbered(kept: list[Row], said: list[Told]) -> list[Episode]:
    first, last = {}, {}
    for row in kept:
        first.setdefault(row["mmsi"], row)
        last[row["mmsi"]] = row
    by_imo: defaultdict[int, dict[int, Told]] = defaultdict(dict)
    for told in sorted(said, key=lambda s: s["t"]):
        if valid_imo(told["imo"]):
            by_imo[told["imo"]].setdefault(told["mmsi"], told)
    given = []
    for users in by_imo.values():
        for a, b in pairwise(sorted((m for m in users if m in first), key=lambda m: first[m]["t"])):
            given.append(
                {
                    "mmsi": b,
                    "other": a,
                    "start": first[b]["t"],
                    "end": max(first[b]["t"], users[b]["t"]),
                    "open": False,
                    "first_row": first[b]["row"],
                    "last_row": users[b]["row"],
                    "value": 8,
                    "low": (first[b]["t"] - last[a]["t"]) / 60_000,
                }
            )
    return given


Rule = Callable[[list[Row], list[Told], dict[str, float]], list[Episode]]
RULES: dict[str, Rule] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (ais_gap, drifting, encounter, identity_change, identity_clash,
                 impossible_value, listed_vessel, loitering, position_jump)
} | INFRASTRUCTURE | NETWORK | TOLD  # fmt: skip
