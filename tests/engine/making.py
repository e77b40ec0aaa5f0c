"""Small columns for the tests of the engine."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from watchkeeper.engine.engine import Engine, Watch
from watchkeeper.model.behaviour import Behaviour
from watchkeeper.model.records import Batch, Positions, Statics
from watchkeeper.model.settings import EngineSettings

T0 = 1_740_787_200_000
"""2025-03-01T00:00:00Z, a whole hour."""


def positions(
    t: Sequence[int],
    mmsi: int | Sequence[int] = 219_000_001,
    lat=57.0,
    lon=18.0,
    row=None,
    sog=10.0,
    **columns,
) -> Positions:
    """Reports at ``t`` (ms after T0)."""
    n = len(t)

    def column(value, dtype):
        return np.broadcast_to(np.asarray(value, dtype), n).copy()

    return Positions(
        t=T0 + np.asarray(t, "i8"),
        row=column(np.arange(1, n + 1) if row is None else row, "i8"),
        mmsi=column(mmsi, "i4"),
        lat=column(lat, "f8"),
        lon=column(lon, "f8"),
        sog_kn=column(sog, "f4"),
        cog_deg=column(columns.get("cog", 90.0), "f4"),
        heading_deg=column(90.0, "f4"),
        nav_status=column(0, "i1"),
        ais_class=column(columns.get("ais_class", 1), "i1"),
    )


def statics(t: Sequence[int], mmsi: int = 219_000_001, name: Sequence[bytes] = (b"AMBER ARROW",)) -> Statics:
    """Static reports at ``t`` (ms after T0)."""
    n = len(t)
    blank = {"row": np.arange(1, n + 1), "mmsi": np.full(n, mmsi), "t": T0 + np.asarray(t, "i8")}
    blank["name"] = np.broadcast_to(np.asarray(name, "S20"), n)
    other = {"imo": 0, "ship_type": -1, "ais_class": 1}
    return Statics(
        **{
            c: np.asarray(blank[c], d).copy()
            if c in blank
            else np.full(n, other.get(c, np.nan if np.dtype(d).kind == "f" else b""), d)
            for c, d in Statics.DTYPES.items()
        }
    )


@dataclass
class Input:
    """An opened input that yields given batches."""

    parts: list[tuple[Positions, Statics]]
    read: Counter[int] = field(default_factory=Counter)

    def batches(self) -> Iterator[Batch]:
        for p, s in self.parts:
            yield Batch(0, p, s, Counter(read=len(p)))


def engine(behaviours: Iterable[Behaviour] = (), **thresholds: dict[str, float]) -> Engine:
    """An engine with default settings."""
    watches = [
        Watch(b, {n: t.default for n, t in b.thresholds.items()} | thresholds.get(b.id, {}))
        for b in behaviours
    ]
    return Engine(watches, EngineSettings())
