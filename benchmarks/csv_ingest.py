"""Read a Danish day file: ours against duckdb's ``read_csv`` of the same columns, in one run.

    python benchmarks/csv_ingest.py [--rows 2000000] [--runs 5] [--file DAY.csv]

Ours reads, types, cleans, drops exact duplicates and extracts static data; duckdb reads and types. Each run
is a process of its own; the table gives medians of wall and processor seconds, and the peak memory.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHIPS = 5_000
HEADER = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,"
    "Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,"
    "Data source type,A,B,C,D\n"
)


def generate(path: Path, rows: int) -> None:
    """A day of ``rows`` rows in time order, 1 % exact duplicates; straight courses, no geography."""
    import numpy as np

    rng = np.random.default_rng(1)
    lat0, lon0 = rng.uniform(54, 58, SHIPS), rng.uniform(8, 15, SHIPS)
    with path.open("w") as out:
        out.write(HEADER)
        for start in range(0, rows, 100_000):
            count = min(100_000, rows - start)
            ship = rng.integers(0, SHIPS, count)
            second = ((start + np.arange(count)) * 86_400) // rows
            lat, lon = lat0[ship] + second * 1e-5, lon0[ship] + rng.uniform(0, 0.1, count)
            sog, cog = rng.uniform(0, 20, count), rng.uniform(0, 360, count)
            again = rng.random(count) < 0.01
            for i in range(count):
                s, clock = int(ship[i]), int(second[i])
                line = (
                    f"26/04/2026 {clock // 3600:02d}:{clock // 60 % 60:02d}:{clock % 60:02d},"
                    f"Class A,{219000000 + s},{lat[i]:.6f},{lon[i]:.6f},Under way using engine,0.0,"
                    f"{sog[i]:.1f},{cog[i]:.1f},{int(cog[i])},{9000000 + s},OX{s:04d},SHIP NUMBER {s},"
                    f"Cargo,,{20 + s % 20},{100 + s % 200},GPS,{5 + s % 9}.{s % 10},"
                    "GOTHENBURG,01/05/2026 12:00:00,AIS,80,20,10,10\n"
                )
                out.write(line * 2 if again[i] else line)


def ours(path: str) -> int:
    """Read with watchkeeper; the number of positions kept."""
    from watchkeeper.sources import dma
    from watchkeeper.sources.options import ReadOptions

    with Path(path).open("rb", buffering=0) as stream:
        return sum(len(b.positions) for b in dma.batches(stream, 0, "day", ReadOptions(now=2**42)))


def duckdb(path: str) -> int:
    """Read with duckdb into typed columns in memory; the number of rows."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.execute(
        'CREATE TABLE day AS SELECT "# Timestamp" AS t, "Type of mobile" AS kind, MMSI, Latitude, Longitude, '
        '"Navigational status" AS status, SOG, COG, Heading, IMO, Callsign, Name, "Ship type" AS type, '
        f"Width, Length, Draught, Destination FROM read_csv('{path}', timestampformat = '%d/%m/%Y %H:%M:%S')"
    )
    return int(connection.execute("SELECT count(*) FROM day").fetchall()[0][0])


def measure(what: str, path: Path) -> tuple[float, float, float]:
    """Wall s, CPU s and peak MB of one reading in a fresh process, imports and kernel loading included."""
    command = [sys.executable, __file__, "--child", what, "--file", str(path)]
    report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, cpu, peak = json.loads(report)
    return seconds, cpu, peak


def child(what: str, path: str) -> None:
    start = time.perf_counter()
    {"watchkeeper": ours, "duckdb": duckdb}[what](path)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--child", choices=["watchkeeper", "duckdb"])
    asked = parser.parse_args()
    if asked.child:
        child(asked.child, str(asked.file))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = asked.file or Path(folder) / "day.csv"
        if asked.file is None:
            generate(path, asked.rows)
        whole = "" if asked.file else f"{asked.rows:,} rows, "
        print(f"```text\n{whole}{path.stat().st_size / 1e6:.0f} MB")
        runs = {what: [measure(what, path) for _ in range(asked.runs)] for what in ("watchkeeper", "duckdb")}
    for what, results in runs.items():
        wall, cpu, peak = (statistics.median(column) for column in zip(*results, strict=True))
        print(f"{what:12} {wall:6.2f} s wall {cpu:6.2f} s CPU {peak:6.0f} MB")
    print("```")


if __name__ == "__main__":
    main()
