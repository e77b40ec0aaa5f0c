"""All benchmarks, into ``docs/reference/benchmarks.md``: ``python -m benchmarks [--growth]``."""

import datetime
import subprocess
import sys
from pathlib import Path

from benchmarks import measure

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "reference" / "benchmarks.md"
PARTS = (
    ("Attribution: the ship of a simulated fault", "attribution.py", ()),
    ("Attribution where other ships are silent or slow too", "attribution.py", ("--rivals",)),
    ("A whole scan", "scan.py", ()),
    ("How cost grows", "scan.py", ("--growth",)),
    ("Behaviours", "behaviours.py", ()),
    ("NMEA", "nmea.py", ()),
    ("Reading CSV", "csv_ingest.py", ()),
    ("A watch", "watch.py", ()),
    ("The lake of a store", "lake.py", ()),
    ("The log of decisions", "decisions.py", ()),
    ("The HTTP API", "api.py", ()),
)


def main() -> None:
    """Run each part as a process of its own and write the page."""
    chosen = set(sys.argv[1:])
    text = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Ratios count: each stands beside a peer measured in the same run. Medians of five.",
        "",
        f"Measured on {datetime.datetime.now(datetime.UTC):%Y-%m-%d}: {measure.machine()}.",
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
