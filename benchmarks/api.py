"""The HTTP API under fifty users at once: ``python benchmarks/api.py``.

A server process over a store with simulated ships, findings and alerts; a second process asks as fifty users, each a
mix of what the pages ask. Two loads: every user asks once a second (what people at pages do), and every user asks
again as soon as it has its answer (what the server can do at all).
"""

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np

import measure
from watchkeeper.api.access.desk import Desk
from watchkeeper.api.access.roles import SCOPES
from watchkeeper.cases.alarms import after_judging
from watchkeeper.cases.alarms.wording import json_values
from watchkeeper.cli.desk import now_ms, projectors
from watchkeeper.model.event import Draft
from watchkeeper.model.finding import Finding
from watchkeeper.model.picture import Ship
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import HOUR, MINUTE, to_iso
from watchkeeper.store.folder import Store

USERS = 50
FIRST = 219_000_000
HOURS = 24
SERVE = "import typer; from watchkeeper.cli.serve import serve; typer.run(serve)"

MIX = (
    (20, "alerts", "/api/v1/alerts?order=score&limit=50"),
    (10, "one alert", "/api/v1/alerts/{alert}"),
    (15, "findings", "/api/v1/findings?limit=50"),
    (15, "ships in a box", "/api/v1/ships?bbox={lon0},55,{lon1},56&limit=100"),
    (10, "one ship", "/api/v1/ships/{mmsi}"),
    (10, "track of 24 h", "/api/v1/ships/{mmsi}/track"),
    (10, "ship tile", "/tiles/ships/8/{x}/80.mvt"),
    (5, "feeds", "/api/v1/feeds"),
    (5, "me", "/api/v1/me"),
)
"""Weight, name, address."""


def fill(folder: Path, ships: int, alerts: int) -> None:
    """A store with ships that report every two minutes for a day, and alerts."""
    Store.create(folder)
    now = now_ms()
    start = (now - HOURS * HOUR) // MINUTE * MINUTE
    t = np.tile(np.arange(start, start + HOURS * HOUR, 2 * MINUTE), ships)
    n = len(t)
    number = np.repeat(np.arange(ships), n // ships)
    drawn = np.random.default_rng(1).uniform(size=ships)
    hours = (t - start) / HOUR
    with Store.open(folder, write=True, projectors=projectors()) as store:
        store.lake.append(
            1, "real",
            Positions(
                t=t, row=np.arange(n) + 1, mmsi=(FIRST + number).astype("i4"), lat=55.0 + drawn[number] + hours * 0.01,
                lon=5.0 + number * 20.0 / ships + hours * 0.05, sog_kn=np.full(n, 9.0, "f4"),
                cog_deg=np.full(n, 80.0, "f4"), heading_deg=np.full(n, 80.0, "f4"), nav_status=np.zeros(n, "i1"),
                ais_class=np.ones(n, "i1"),
            ),
            _statics(ships, start + HOURS * HOUR - MINUTE), sources=["feed"],
        )  # fmt: skip
        store.lake.compact(1, now=now + HOUR)
        drafts = [_found(k, start, now) for k in range(alerts)]
        for begin in range(0, alerts, 500):
            store.decisions.append(drafts[begin : begin + 500])
        after_judging(store.decisions, now=now, ship_of=_ship)


def _statics(ships: int, t: int) -> Statics:
    k = np.arange(ships)
    return Statics(
        t=np.full(ships, t), row=k + 1, mmsi=(FIRST + k).astype("i4"), imo=np.full(ships, 9_074_729, "i4"),
        name=np.array([f"SHIP {i}" for i in k], "S20"), callsign=np.full(ships, b"OABC", "S7"),
        ship_type=np.full(ships, 70, "i2"), length_m=np.full(ships, 120.0, "f4"), beam_m=np.full(ships, 20.0, "f4"),
        draught_m=np.full(ships, 7.0, "f4"), destination=np.full(ships, b"GDANSK", "S20"),
        ais_class=np.ones(ships, "i1"),
    )  # fmt: skip


def _found(k: int, start: int, now: int) -> Draft:
    finding = Finding(
        id=f"00000000-0000-5000-8000-{k:012d}", behaviour="ais-gap", version=1, mmsi=FIRST + k, name=f"SHIP {k}",
        start=to_iso(start), end=to_iso(start + HOUR), lat=55.5, lon=12.0, measured=(), evidence=(),
        confidence="high", confidence_reason="simulated", realm="real", summary="Not heard for an hour.",
    )  # fmt: skip
    body = {"finding": json_values(finding)}
    return Draft(kind="finding.closed", subject=finding.id, at=now, actor="watch", body=body)


def _ship(mmsi: int) -> Ship:
    return Ship(mmsi, 9_074_729, f"SHIP {mmsi - FIRST}", "OABC", "DK", 70, 1, 120.0)


def keys_of(folder: Path) -> list[str]:
    """A key for each of fifty users."""
    with Store.open(folder, write=False, decide=True, projectors=projectors()) as store:
        desk = Desk(store.engine)
        made = [desk.users.add(f"user{k}", "admin" if k == 0 else "analyst", now_ms()) for k in range(USERS)]
        return [desk.keys.make(user.id, "load", SCOPES, 1, now_ms())[1] for user in made]


async def user(client: httpx.AsyncClient, key: str, seed: int, until: float, pace: float, alerts: list[str],
               ships: int, took: dict[str, list[float]]) -> None:  # fmt: skip
    """Ask until the time is over: ``pace`` seconds from question to question, or at once for 0."""
    draw = random.Random(seed)
    headers = {"Authorization": f"Bearer {key}"}
    await asyncio.sleep(draw.uniform(0, max(pace, 0.2)))
    while time.perf_counter() < until:
        _, name, address = draw.choices(MIX, [m[0] for m in MIX])[0]
        lon = draw.uniform(5, 22)
        path = address.format(
            alert=draw.choice(alerts), mmsi=FIRST + draw.randrange(ships), lon0=f"{lon:.2f}", lon1=f"{lon + 1:.2f}",
            x=draw.randrange(132, 144),
        )  # fmt: skip
        begin = time.perf_counter()
        answer = await client.get(path, headers=headers)
        spent = time.perf_counter() - begin
        if answer.status_code != 200:
            sys.exit(f"{path}: {answer.status_code} {answer.text[:200]}")
        took.setdefault(name, []).append(spent)
        if pace:
            await asyncio.sleep(max(0.0, draw.uniform(0.5, 1.5) * pace - spent))


async def load(url: str, keys: list[str], seconds: float, pace: float, ships: int) -> dict[str, list[float]]:
    """All users at once; what each question took [s]."""
    limits = httpx.Limits(max_connections=USERS, max_keepalive_connections=USERS)
    took: dict[str, list[float]] = {}
    async with httpx.AsyncClient(
        base_url=url, limits=limits, timeout=60, trust_env=False, verify=False
    ) as client:
        first = await client.get("/api/v1/alerts?limit=500", headers={"Authorization": f"Bearer {keys[0]}"})
        alerts = [alert["id"] for alert in first.json()["items"]]
        for _, _, address in MIX:  # what is read once is read
            path = address.format(alert=alerts[0], mmsi=FIRST, lon0=9, lon1=10, x=137)
            await client.get(path, headers={"Authorization": f"Bearer {keys[0]}"})
        until = time.perf_counter() + seconds
        await asyncio.gather(
            *(user(client, key, k, until, pace, alerts, ships, took) for k, key in enumerate(keys))
        )
    return took


def table(took: dict[str, list[float]], seconds: float) -> str:
    """One line for each question, and one for all."""
    rows = []
    every = [t for times in took.values() for t in times]
    for name, times in [*sorted(took.items()), ("**all**", every)]:
        cuts = [1000 * q for q in np.quantile(times, [0.5, 0.95, 0.99])]
        rows.append([name, f"{len(times) / seconds:.0f}", *(f"{cut:.1f}" for cut in cuts)])
    return measure.table(["question", "a second", "median [ms]", "p95 [ms]", "p99 [ms]"], rows)


def main() -> None:
    """Fill a store, serve it, ask, and print Markdown."""
    options = argparse.ArgumentParser()
    options.add_argument("--ships", type=int, default=5_000)
    options.add_argument("--alerts", type=int, default=2_000)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--asking", help="(used by the second process)")
    given = options.parse_args()
    if given.asking:
        asked = json.loads(given.asking)
        print(json.dumps(asyncio.run(load(**asked))))
        return
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where) / "store"
        begin = time.perf_counter()
        fill(folder, given.ships, given.alerts)
        keys = keys_of(folder)
        print(f"store filled in {time.perf_counter() - begin:.0f} s", file=sys.stderr)
        command = [sys.executable, "-c", SERVE, "--store", str(folder), "--port", "0"]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            assert server.stderr is not None
            url = re.search(r"serving at (\S+)", server.stderr.readline())
            assert url
            print(
                f"{given.ships:,} ships, {given.alerts:,} alerts, {USERS} users; {os.cpu_count()} cores for both.\n"
            )
            for title, pace in (("one question a second each", 1.0), ("the next question at once", 0.0)):
                asked = {
                    "url": url[1],
                    "keys": keys,
                    "seconds": given.seconds,
                    "pace": pace,
                    "ships": given.ships,
                }
                asking = [sys.executable, __file__, "--asking", json.dumps(asked)]
                answer = subprocess.run(asking, capture_output=True, text=True, check=True)
                took = json.loads(answer.stdout)
                print(f"{title}: median of medians {_middle(took):.1f} ms\n\n{table(took, given.seconds)}\n")
        finally:
            server.terminate()
            server.wait(30)


def _middle(took: dict[str, list[float]]) -> float:
    return 1000 * statistics.median(statistics.median(times) for times in took.values())


if __name__ == "__main__":
    main()
