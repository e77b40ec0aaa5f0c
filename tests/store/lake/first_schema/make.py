"""Writes the lake beside this file: how the first schema looked. Run it only to see that it still could be written.

``python tests/store/lake/first_schema/make.py DIR``. What lies in ``lake/`` is kept as it is for ever: every later
version must open it.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from lake_rows import DAY, MINUTE, T0, as_rows, positions, statics

from watchkeeper.store.lake import Lake

SOURCES = ("tcp-1", "tag.csv")


def make(where: Path) -> None:
    """Two ships; a date that is laid out for good, and one that is growing."""
    lake = Lake.open(str(where / "lake"), write=True)
    for epoch, day in ((1, 0), (2, 0), (3, 1)):
        begin = day * DAY + epoch * 10 * MINUTE
        t = begin + MINUTE * np.arange(6)
        given = positions(
            t, [219_000_001, 273_123_456] * 3, 57 + t / 1e9, 18.5, line=range(epoch * 10, epoch * 10 + 6)
        )
        lake.append(
            epoch, "real", given, statics([begin], line=[epoch]), sources=SOURCES, heard=given.t + 2000
        )
    lake.compact(2, now=T0 + 2 * DAY)
    lake.sweep(now=2**50)
    rows = [row for batch in lake.scan(0, 2**50) for row in as_rows(batch)]
    (where / "rows.json").write_text(json.dumps(rows, indent=0) + "\n")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
