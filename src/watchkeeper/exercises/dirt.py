"""What is wrong with real files, in the measure seen in a Danish day, scaled by one number."""

from typing import Final

import numpy as np

from watchkeeper.exercises.geo import Array
from watchkeeper.exercises.simulation import Reports
from watchkeeper.model.time import MINUTE, SECOND

EXACT_DUPLICATES: Final = 0.10
RECEIVER_DUPLICATES: Final = 0.02
NO_POSITION: Final = 0.012
NO_SPEED: Final = 0.02
NO_COURSE: Final = 0.05
NO_HEADING: Final = 0.04
LATE: Final = 0.002
LATEST_MS: Final = 10 * MINUTE
SHUFFLED: Final = 0.01
SHUFFLED_MS: Final = 4 * SECOND

ADDED: Final = EXACT_DUPLICATES + RECEIVER_DUPLICATES


def spoil(rng: np.random.Generator, reports: Reports, level: float) -> None:
    """Make ``reports`` as untidy as a real file, then put them in the order of their arrival."""
    n = len(reports)
    copies = 1 + (rng.random(n) < EXACT_DUPLICATES * level).astype(np.int64)
    echo = rng.random(n) < RECEIVER_DUPLICATES * level
    copies += echo
    _blank(rng, reports, level)
    origin = np.repeat(np.arange(n, dtype=np.int32), copies)
    first = np.cumsum(copies) - copies
    reports.take(origin)
    del origin
    last = (first + copies - 1)[echo]
    reports.t[last] += rng.integers(1, 3, len(last)) * SECOND
    _order(rng, reports, level)


def _blank(rng: np.random.Generator, reports: Reports, level: float) -> None:
    n = len(reports)

    def some(share: float) -> Array:
        return np.flatnonzero(rng.random(n) < share * level)

    reports.sog_kn[some(NO_SPEED)] = np.nan
    reports.cog_deg[some(NO_COURSE)] = np.nan
    reports.heading_deg[some(NO_HEADING)] = np.nan
    nowhere = some(NO_POSITION)
    reports.lat[nowhere], reports.lon[nowhere] = 91.0, 0.0
    for column in (reports.sog_kn, reports.cog_deg, reports.heading_deg):
        column[nowhere] = np.nan


def _order(rng: np.random.Generator, reports: Reports, level: float) -> None:
    n = len(reports)
    arrival = reports.t.copy()
    shuffled = rng.random(n) < SHUFFLED * level
    arrival[shuffled] += rng.integers(0, SHUFFLED_MS, int(shuffled.sum()))
    late = rng.random(n) < LATE * level
    arrival[late] += rng.integers(30 * SECOND, LATEST_MS, int(late.sum()))
    reports.take(np.argsort(arrival, kind="stable"))
