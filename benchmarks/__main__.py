"""All benchmarks, into ``docs/reference/benchmarks.md``: ``python -m benchmarks [--growth]``."""

import datetime
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "reference" / "benchmarks.md"
PARTS = (
    ("Found and missed on simulated days", "quality.py", ()),
    ("Attribution: the ship of a simulated fault", "attribution.py", ()),
    ("Attribution where other ships are silent or slow too", "attribution.py", ("--rivals",)),
    ("A whole scan", "scan.py", ()),
    ("How cost grows", "scan.py", ("--growth",)),
    ("Behaviours", "behaviours.py", ()),
    ("NMEA", "nmea.py", ()),
    ("Reading CSV", "csv_ingest.py", ()),
)
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


def main() -> None:
    """Run each part as a process of its own and write the page."""
    chosen = set(sys.argv[1:])
    text = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Ratios count: each stands beside a peer measured in the same run. Medians of five.",
        "",
        f"Measured on {datetime.datetime.now(datetime.UTC):%Y-%m-%d}: {machine()}.",
    ]
    for title, script, arguments in PARTS:
        if chosen and script not in chosen:
            continue
        print(f"== {title}", file=sys.stderr)
        done = subprocess.run(
            [sys.executable, str(HERE / script), *arguments], stdout=subprocess.PIPE, text=True, check=True
        )
        print(done.stdout)
        command = " ".join(["python", f"benchmarks/{script}", *arguments])
        text += ["", f"## {title}", "", f"`{command}`", "", done.stdout.strip()]
        PAGE.write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
