"""The record of a run: what became of every row, what was looked for, and with what."""

import platform
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Final

import msgspec
import numpy as np

from watchkeeper import __version__
from watchkeeper.behaviours import all_behaviours
from watchkeeper.cases.alerts import Alert
from watchkeeper.config import Settings
from watchkeeper.engine.engine import Engine
from watchkeeper.engine.judging import Outcome
from watchkeeper.engine.vessels import Vessels
from watchkeeper.kernels.presence import FIRST_T, LAST_T, REPORTS
from watchkeeper.lists.record import list_record
from watchkeeper.model.finding import REAL
from watchkeeper.model.records import Batch
from watchkeeper.model.time import DAY, to_iso
from watchkeeper.sources.inputs import Input
from watchkeeper.surroundings import Surroundings

_PACKAGES: Final = ("numpy", "numba", "pyarrow", "shapely", "pyproj")


@dataclass(slots=True)
class Tally:
    """Counts of what was read, and how long each stage took."""

    rows: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    senders: Vessels = field(default_factory=Vessels)
    by_input: list[Counter[str]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, k: int, batch: Batch) -> None:
        self.rows += batch.rows
        self.noticed += batch.noticed
        self.by_input[k] += batch.rows
        self.senders.assign(batch.senders[batch.senders > 0])
        for record in batch.quarantine:
            self.reasons[record.reason] += 1

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        begin = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - begin, 3)


def _rows(tally: Tally, engine: Engine) -> dict[str, Any]:
    """What became of every raw row, once each: all but ``read`` add up to ``read``."""
    rows = tally.rows
    positions = rows["position"] + rows["position_and_static"]
    repeated, late = engine.counts["receiver_duplicate"], engine.counts["late"]
    return {
        "read": rows["read"],
        "kept": positions - repeated - late,
        "static": rows["static"],
        "duplicate": rows["exact_duplicate"] + repeated,
        "no_position": rows["no_position"] + rows["position_out_of_range"],
        "not_a_ship": rows["not_a_ship"],
        "out_of_range": rows["out_of_range"],
        "outside_request": rows["outside_request"],
        "late": late,
        "other": rows["other"],
        "quarantined": rows["quarantined"],
    }


def run_record(
    engine: Engine,
    settings: Settings,
    inputs: Sequence[Input],
    around: Surroundings,
    tally: Tally,
    outcomes: dict[str, Outcome],
    alerts: list[Alert],
    *,
    simulated: bool,
) -> dict[str, Any]:
    """``run.json``: what was read and kept, what was looked for and with what, how long it took."""
    rows = _rows(tally, engine)
    heard = engine.presence.register(engine.vessels.count)
    heard = heard[heard[:, REPORTS] > 0]
    vessel_days = float(np.sum(heard[:, LAST_T] - heard[:, FIRST_T])) / DAY
    statics, _ = engine.vessels.changes()
    return {
        "product": {"name": "watchkeeper", "version": __version__},
        "realm": REAL,
        "simulated": simulated,
        "start": to_iso(int(heard[:, FIRST_T].min())) if len(heard) else None,
        "end": to_iso(int(heard[:, LAST_T].max())) if len(heard) else None,
        "senders": tally.senders.count,
        "vessels": len(heard),
        "vessel_days": round(vessel_days, 2),
        "alerts": len(alerts),
        "rows": rows,
        "rows_add_up": rows["read"] == sum(v for k, v in rows.items() if k != "read"),
        "duplicates": {
            "exact": tally.rows["exact_duplicate"],
            "receiver": engine.counts["receiver_duplicate"],
        },
        "quarantined": dict(tally.reasons.most_common()),
        "noticed": dict(tally.noticed.most_common()),
        "static_changes": len(statics),
        "static_late": engine.counts["late_static"],
        "inputs": [
            {"name": i.name, "format": i.format, "rows": dict(c)}
            for i, c in zip(inputs, tally.by_input, strict=True)
        ],
        "layers": [msgspec.to_builtins(report) for report in around.layers],
        "assets": len(around.assets),
        "places": len(around.places),
        "lists": [list_record(one) for one in around.documents],
        "behaviours": {
            name: {
                "version": all_behaviours()[name].version,
                "status": "unknown: " + o.failure if o.failure else "ran",
                "findings": len(o.findings),
                "set_aside": dict(o.set_aside.most_common()),
            }
            for name, o in outcomes.items()
        },
        "thresholds": settings.behaviours,
        "engine": settings.engine,
        "seconds": tally.seconds,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
    }
