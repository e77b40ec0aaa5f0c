"""The rules about what ships say of themselves, and about ships slow or silent, once more in plain Python."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import groupby, pairwise
from math import isnan
from typing import Any

from plain import Episode, Row, runs

from watchkeeper.model.imo import valid_imo

Told = dict[str, Any]
Rule = Callable[[list[Row], list[Told], dict[str, float]], list[Episode]]


def _heard(kept: list[Row]) -> dict[int, list[Row]]:
    heard: defaultdict[int, list[Row]] = defaultdict(list)
    for row in kept:
        heard[row["mmsi"]].append(row)
    return heard


def _changes(
    said: list[Told], value: Callable[[Told], Any], least: Callable[[Any, Any], bool]
) -> Iterator[tuple[Told, Told]]:
    """Reports after one another of one ship, in which a known value differs by enough."""
    for mmsi in sorted({told["mmsi"] for told in said}):
        mine = sorted((t for t in said if t["mmsi"] == mmsi and value(t) is not None), key=lambda t: t["t"])
        yield from ((a, b) for a, b in pairwise(mine) if value(a) != value(b) and least(value(a), value(b)))


def _changed(a: Told, b: Told, value: float, **more: float) -> Episode:
    return {
        "mmsi": b["mmsi"],
        "other": None,
        "start": b["t"],
        "end": b["t"],
        "open": False,
        "first_row": b["row"],
        "value": value,
        **more,
    }


def _positive(name: str) -> Callable[[Told], float | None]:
    return lambda told: told[name] if told[name] > 0 else None


def draught_change(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    changes = _changes(
        said, _positive("draught_m"), lambda a, b: round(10 * abs(a - b)) >= 10 * th["min_change"]
    )
    return [_changed(a, b, b["draught_m"], low=a["draught_m"]) for a, b in changes]


def static_mismatch(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    groups = [
        range(70, 80),
        range(80, 90),
        range(60, 70),
        [30],
        [31, 32, 33, 34, 35, 50, 51, 52, 53, 54, 55, 58, 59],
    ]

    def kind(told: Told) -> int | None:
        return next((k for k, codes in enumerate(groups) if told["ship_type"] in codes), None)

    def large(a: float, b: float) -> bool:
        return abs(a - b) >= th["min_difference"] and abs(a - b) >= th["min_share"] * max(a, b)

    found: dict[tuple[int, int], Episode] = {}
    for bit, value, least in ((1, _positive("length_m"), large), (2, kind, lambda a, b: True)):
        for a, b in _changes(said, value, least):
            known = found.setdefault((b["mmsi"], b["row"]), _changed(a, b, 0))
            known["value"] += bit
    for mmsi in sorted({told["mmsi"] for told in said}):
        mine = [t for t in said if t["mmsi"] == mmsi and valid_imo(t["imo"])]
        mine = [t for t in mine if t["length_m"] > 0 or kind(t) is not None]
        spells = [list(same) for _, same in groupby(sorted(mine, key=lambda t: t["t"]), _hull)]
        if spells:
            last = spells[-1][0]
            known = found.setdefault((mmsi, last["row"]), _changed(last, last, 0))
            known["value"] += 4
    return list(found.values())


def _hull(told: Told) -> tuple[Any, ...]:
    """Number, size and type as sent; sizes that are not known are alike."""
    sizes = (told[name] if told[name] > 0 else 0 for name in ("length_m", "beam_m"))
    return told["imo"], *sizes, told["ship_type"]


def identity_invalid(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    return [
        {
            "mmsi": mmsi,
            "other": None,
            "start": rows[0]["t"],
            "end": rows[-1]["t"],
            "open": True,
            "first_row": rows[0]["row"],
            "n": len(rows),
        }
        for mmsi, rows in _heard(kept).items()
        if len(rows) >= th["min_reports"]
    ]


def identity_shared(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    heard = _heard(kept)
    pairs: dict[tuple[int, int], tuple[int, int]] = {}
    for kind in ("name", "imo"):  # a number says more than a name: it comes last and stands
        users: defaultdict[Any, dict[int, int]] = defaultdict(dict)
        for told in sorted(said, key=lambda t: t["row"]):
            by_name = kind == "name" and told["name"] and len(told["callsign"]) >= 4
            by_imo = kind == "imo" and valid_imo(told["imo"]) and told["imo"] not in (1234567, 5555555)
            if told["mmsi"] in heard and (by_name or by_imo):
                key = (told["name"], told["callsign"]) if kind == "name" else told["imo"]
                users[key].setdefault(told["mmsi"], told["row"])
        for key in sorted(users):
            for a, b in pairwise(sorted(users[key])):
                pairs[a, b] = (users[key][a], 1 if kind == "imo" else 2)
    return [
        {
            "mmsi": a,
            "other": b,
            "start": (start := max(heard[a][0]["t"], heard[b][0]["t"])),
            "end": max(start, min(heard[a][-1]["t"], heard[b][-1]["t"])),
            "open": False,
            "first_row": row,
            "value": kind,
        }
        for (a, b), (row, kind) in pairs.items()
    ]


def port_visit(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    tankers = {told["mmsi"] for told in said if 80 <= told["ship_type"] < 90}
    return [
        {
            "mmsi": mmsi,
            "other": None,
            "start": rows[0]["t"],
            "end": rows[-1]["t"],
            "open": False,
            "first_row": rows[0]["row"],
            "n": len(rows),
        }
        for mmsi, rows in _heard(kept).items()
        if mmsi in tankers
    ]


def voyage_mismatch(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    found = []
    for mmsi, rows in _heard(kept).items():
        mine = sorted((t for t in said if t["mmsi"] == mmsi and t["destination"]), key=lambda t: t["t"])
        begins = [
            b for a, b in pairwise([None, *mine]) if b and (a is None or a["destination"] != b["destination"])
        ]
        for told, after in pairwise([*begins, None]):
            assert told is not None
            until = after["t"] if after else rows[-1]["t"]
            if until - told["t"] >= th["min_declared"] * 3_600_000:
                found.append(_changed(told, told, 0.0) | {"end": until})
    for episode in found:
        del episode["value"]
    return found


def dark_encounter(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    return runs(
        kept, lambda row: row["sog"] < th["max_speed"], at_least_s=th["min_duration"] * 3600,
        bridge_s=th["bridge"] * 60, silence_s=3600,
    )  # fmt: skip


def speed_anomaly(kept: list[Row], said: list[Told], th: dict[str, float]) -> list[Episode]:
    def slower(row: Row) -> bool:
        return (
            not isnan(row["usual"])
            and row["usual"] >= th["min_usual"]
            and row["sog"] >= th["min_speed"]
            and 1 - row["sog"] / row["usual"] >= th["min_deficit"]
        )

    return runs(
        kept, slower, at_least_s=th["min_duration"] * 3600, bridge_s=th["bridge"] * 60, silence_s=1800,
        value=lambda row: row["usual"],
    )  # fmt: skip


TOLD: dict[str, Rule] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (draught_change, static_mismatch, identity_invalid, identity_shared, port_visit, voyage_mismatch,
                 dark_encounter, speed_anomaly)
}  # fmt: skip
