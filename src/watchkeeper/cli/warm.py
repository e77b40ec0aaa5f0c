"""``warm``: compile the kernels once, when the program is installed, not when it is first needed."""

import os
import tempfile
from pathlib import Path

from watchkeeper import log

_ROWS = 60_000
"""Enough for a case of every behaviour in so short a day."""


def warm() -> None:
    """Compile and cache the kernels by scanning a tiny simulated day in every format.

    Example: watchkeeper warm
    """
    from watchkeeper.cli.scan import present, run_scan
    from watchkeeper.cli.simulate import WRITTEN, Format, simulated
    from watchkeeper.config import load_settings
    from watchkeeper.exercises.simulation import LEAST_HOURS, SimulationSpec
    from watchkeeper.scan import ScanRequest

    spec = SimulationSpec(hours=LEAST_HOURS, rows=_ROWS, cases_per_behaviour=1)
    with tempfile.TemporaryDirectory() as folder:
        day = Path(folder)
        simulated(spec, day, list(Format))
        for one in Format:
            run_scan(
                ScanRequest(
                    inputs=(str(day / WRITTEN[one]),),
                    out=day / one,
                    settings=load_settings(None, {}, ()),
                    now=present(),
                    layers=(day / "assets.geojson",),
                    lists=(day / "list.csv",),
                    simulated=True,
                )
            )
    log.talk().print("kernels are compiled")


def announce_compiling() -> None:
    """Say that the first run compiles, where no compiled kernel is on disk yet."""
    from watchkeeper.kernels.legs import legs

    if os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
        return
    cache = Path(legs.compiled.stats.cache_path)  # type: ignore[attr-defined]  # a kernel's dispatcher
    if not any(cache.glob("legs.*.nbi")):
        log.talk().print(
            "first run: compiling, about two minutes, once (`watchkeeper warm` does it at install)"
        )
