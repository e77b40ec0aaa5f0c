"""A simulated day, the command that watches it, and what it must have found in the end."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watchkeeper.config import load_settings
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_layers, write_list, write_nmea
from watchkeeper.model.event import Query
from watchkeeper.model.time import from_iso
from watchkeeper.projectors import projectors
from watchkeeper.scan import ScanRequest, scan
from watchkeeper.store.folder import Store

COMMAND = [sys.executable, "-c", "from watchkeeper.cli import main; main()"]
END_S = 120.0


def simulated(folder: Path, rows: int, hours: float, seed: int = 4) -> Path:
    """A simulated day as a log, and what a scan finds in it with the patience of a watch."""
    day = simulate(SimulationSpec(seed=seed, rows=rows, hours=hours, cases_per_behaviour=1))
    write_nmea(day, folder / "day.nmea")
    write_layers(day, folder / "assets.geojson")
    write_list(day, folder / "list.csv")
    scanning(folder, folder / "out", folder / "day.nmea")
    return folder


def scanning(world: Path, out: Path, *inputs: Path, lateness: str = "2 min") -> None:
    """Scan with the patience of a watch."""
    scan(
        ScanRequest(
            inputs=tuple(map(str, inputs)),
            out=out,
            settings=load_settings(None, {}, (f"engine.lateness={lateness}",)),
            now=from_iso("2026-11-01"),
            layers=(world / "assets.geojson",),
            lists=(world / "list.csv",),
            report=False,
            simulated=True,
        ),
        lambda _: None,
    )


def watching(
    world: Path, store: Path, *sources: str, quiet: str = "3 s", lateness: str = "2 min"
) -> list[str]:
    return [
        *COMMAND, "watch", *sources, "--store", str(store), "--layer", str(world / "assets.geojson"),
        "--list", str(world / "list.csv"), "--end-after", quiet, "--set", f"engine.lateness={lateness}", "--json",
    ]  # fmt: skip


def scanned(world: Path, source: str) -> dict[str, dict[str, Any]]:
    lines = (world / "out" / "findings.ndjson").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    for one in found:
        for evidence in one["evidence"]:
            evidence["source"] = source
    return {one["id"]: one for one in found}


def kept(store: Path) -> dict[str, dict[str, Any]]:
    with Store.open(store, write=False, projectors=projectors()) as held:
        assert held.decisions.verify() == []
        # Files that nothing names are what a kill leaves; the writer removes them when they are an hour old.
        assert [damage for damage in held.lake.verify() if damage.kind != "not-named"] == []
        page = held.decisions.documents(Query(collection="findings", limit=1000))
        assert page.next is None
        return {d.id: d.body["finding"] for d in page.items if d.state != "withdrawn"}


def rows_of(store: Path) -> list[int]:
    with Store.open(store, write=False) as held:
        return sorted(row for batch in held.lake.scan(0, 2**62, ("row",)) for row in batch["row"].to_pylist())


def _payload(raw: str) -> str:
    """Of two receptions of one report the one that came first counts: they differ in what the station says."""
    sentence = raw.rpartition("!")[2].split(",")
    return sentence[5] if len(sentence) > 5 else raw


def told(findings: Any) -> list[Any]:
    """What findings say, whatever feed and line their evidence is of."""
    return sorted(
        (
            f["behaviour"],
            f["mmsi"],
            f["start"],
            f["end"],
            json.dumps(f["measured"], sort_keys=True),
            [_payload(e["raw"]) for e in f["evidence"]],
        )
        for f in findings
    )


def until(true: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := true():
            return value
        time.sleep(0.02)
    raise AssertionError(f"did not come: {what}")


class Station:
    """A server that sends what it is told to whoever has connected."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._socket = socket.create_server((host, 0))
        self._socket.settimeout(END_S)
        self.port = self._socket.getsockname()[1]
        self._client: socket.socket | None = None

    def send(self, lines: bytes) -> None:
        if self._client is None:
            self._client, _ = self._socket.accept()
        self._client.sendall(lines)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
        self._socket.close()


class Watching:
    """The command, running."""

    def __init__(self, command: list[str], log: Path, **more: Any) -> None:
        self._log = log
        self._file = log.open("wb")
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self._file, **more)

    @property
    def said(self) -> str:
        return self._log.read_text()

    def end(self, seconds: float = END_S) -> None:
        """Wait until it ends by itself."""
        assert self.process.wait(seconds) == 0, self.said

    def __enter__(self) -> "Watching":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._file.close()
