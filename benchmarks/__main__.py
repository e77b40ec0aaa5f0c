"""All benchmarks, into ``docs/reference/benchmarks.md``: ``python -m benchmarks [SCRIPT ...]``.

Sections of scripts that are not named stay as they are. Each says when, on what and under which load it was measured.
"""

import datetime
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from benchmarks import measure

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "reference" / "benchmarks.md"
PARTS = tomllib.loads((HERE / "parts.toml").read_text("utf-8"))["parts"]
HEAD = """# Benchmarks

`make bench` measures anew and writes this page; `python -m benchmarks SCRIPT` only some sections. Ratios count:
each stands beside a peer measured in the same run. Figures are medians of five rounds where nothing else is said.

Found, missed and false findings are on [their own page](quality.md), other systems' rules [beside ours](peers.md).
"""


def section(part: dict[str, Any]) -> str:
    """Run a part as a process of its own; its section of the page."""
    load, today = os.getloadavg()[0], datetime.datetime.now(datetime.UTC)
    arguments = [part["script"], *part.get("arguments", ())]
    done = subprocess.run(
        [sys.executable, str(HERE / arguments[0]), *arguments[1:]],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    print(done.stdout)
    measured = f"Measured {today:%Y-%m-%d}, at a load of {load:.1f} before: {measure.machine()}."
    command = f"`python benchmarks/{' '.join(arguments)}`"
    text = "\n\n".join([command, part["about"].strip(), done.stdout.strip(), measured])
    return f"## {part['title']}\n\n{text}\n"


def sections_there() -> dict[str, str]:
    """The sections of the page by title."""
    text = PAGE.read_text("utf-8") if PAGE.exists() else ""
    return {s.split("\n", 1)[0][3:]: s.strip() + "\n" for s in re.split(r"^(?=## )", text, flags=re.M)[1:]}


def main() -> None:
    """Measure what is named, or all that is not long, and write the page after each part."""
    chosen = set(sys.argv[1:])
    unknown = chosen - {part["script"] for part in PARTS}
    if unknown:
        sys.exit(f"no part is called {', '.join(sorted(unknown))}")
    there = sections_there()
    for part in PARTS:
        if part["script"] not in chosen and (chosen or part.get("long")):
            continue
        print(f"== {part['title']}", file=sys.stderr)
        there[part["title"]] = section(part)
        known = [there[one["title"]] for one in PARTS if one["title"] in there]
        PAGE.write_text("\n".join([HEAD, *known]), encoding="utf-8")


if __name__ == "__main__":
    main()
