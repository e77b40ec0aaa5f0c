"""Whole processes measured from outside, and tables of medians."""

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process: wall clock and CPU [s], peak memory [MB]."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run(command: Sequence[str]) -> Run:
    """Run a command to its end; its output is thrown away, a failure is an error."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


def interleaved(commands: dict[str, Sequence[str]], rounds: int) -> dict[str, list[Run]]:
    """Each command ``rounds`` times, in turn, after one run of each that is not counted."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for k in range(rounds + 1):
        for name, command in commands.items():
            done = run(command)
            print(f"{name}: {done.wall_s:.1f} s, {done.peak_mb:.0f} MB", file=sys.stderr)
            if k:
                runs[name].append(done)
    return runs


def median(runs: Sequence[Run], what: str) -> float:
    """The median of one figure."""
    return statistics.median(getattr(r, what) for r in runs)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


PACKAGES = ("numpy", "numba", "pyarrow", "duckdb", "pyais", "libais", "movingpandas")


def machine() -> str:
    """Processor, cores, memory, Python and versions."""
    cpu = next(
        (x.split(":")[1].strip() for x in _lines("/proc/cpuinfo") if x.startswith("model name")), "unknown"
    )
    memory = next(
        (int(x.split()[1]) // 2**20 for x in _lines("/proc/meminfo") if x.startswith("MemTotal")), 0
    )
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{os.cpu_count()} cores of {cpu}, {memory} GiB, Python {platform.python_version()}, {packages}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []
