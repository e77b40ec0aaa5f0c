"""The main job: inputs, assets and lists in; findings, ranked alerts and a report out."""

import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from watchkeeper import __version__
from watchkeeper.behaviours import all_behaviours
from watchkeeper.cases.alerts import Alert, raise_alerts
from watchkeeper.config import Settings
from watchkeeper.engine.context import RunContext
from watchkeeper.engine.engine import Engine, Watch
from watchkeeper.engine.judging import Outcome, judge
from watchkeeper.engine.ordering import Disordered, merge
from watchkeeper.engine.places import LearntPlaces, still_watch
from watchkeeper.engine.sorting import sorted_stream
from watchkeeper.engine.trackfile import TrackFile
from watchkeeper.layers.index import AssetIndex
from watchkeeper.layers.land import Land
from watchkeeper.layers.places import Places
from watchkeeper.layers.reading import load_layer
from watchkeeper.lists.load import load_list
from watchkeeper.lists.matching import ListIndex, Match
from watchkeeper.model.asset import LINE_KINDS, PLACE_KINDS, Asset
from watchkeeper.model.behaviour import ListMatch, Ship
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.finding import REAL, Evidence, Finding
from watchkeeper.model.records import Batch, Positions, Statics
from watchkeeper.model.settings import EngineSettings
from watchkeeper.model.time import to_iso
from watchkeeper.outputs import (
    asset_feature,
    finding_feature,
    output_folder,
    write_features,
    write_json,
    write_lines,
)
from watchkeeper.sources.inputs import Input, open_inputs
from watchkeeper.sources.options import BoundingBox, ReadOptions
from watchkeeper.sources.raw import read_rows

BATCH_ROWS: Final = 150_000
"""Rows worked through at a time: enough to spread the cost of a batch, few enough to stay in the cache."""
_PACKAGES: Final = ("numpy", "numba", "pyarrow", "shapely", "pyproj")


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What to scan. Times in ms UTC; ``now`` is the present, given by the caller."""

    inputs: tuple[str, ...]
    out: Path
    settings: Settings
    now: int
    layers: tuple[Path, ...] = ()
    lists: tuple[Path, ...] = ()
    t_from: int | None = None
    t_to: int | None = None
    bbox: BoundingBox | None = None
    start: int | None = None
    rate: float | None = None
    force: bool = False
    report: bool = True
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is."""

    stage: str
    done_bytes: int = 0
    total_bytes: int | None = None
    rows: int = 0


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan gave; the same is in the files of ``out``."""

    out: Path
    run: dict[str, Any]
    alerts: list[Alert]
    findings: list[Finding]


@dataclass(slots=True)
class _Surroundings:
    """What is known before the first row: assets, places, land, lists."""

    assets: list[Asset]
    places: list[Asset]
    asset_index: AssetIndex | None
    place_index: Places | None
    land: Land
    lists: ListIndex


@dataclass(slots=True)
class _Tally:
    """Counts of what was read, and how long each stage took."""

    rows: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    by_input: list[Counter[str]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, k: int, batch: Batch) -> None:
        self.rows += batch.rows
        self.noticed += batch.noticed
        self.by_input[k] += batch.rows
        for record in batch.quarantine:
            self.reasons[record.reason] += 1

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        begin = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - begin, 3)


def scan(request: ScanRequest, progress: Callable[[Progress], None]) -> ScanResult:
    """Run the whole job. The folder is written whole or not at all.

    Raises:
        InputError, LayerError, ListError, OutputError: with the next step.
    """
    with output_folder(request.out, force=request.force) as folder:
        tally = _Tally()
        with tally.stage("prepare"):
            around = _surroundings(request)
            inputs = open_inputs(request.inputs, _options(request, folder))
            tally.by_input = [Counter() for _ in inputs]
        try:
            result = _run(request, folder, inputs, around, tally, progress, presorted=False)
        except Disordered:
            tally = _Tally(by_input=[Counter() for _ in inputs], seconds=tally.seconds)
            inputs = open_inputs(request.inputs, _options(request, folder))
            result = _run(request, folder, inputs, around, tally, progress, presorted=True)
        if request.report:
            progress(Progress("report"))
            with tally.stage("report"):
                _write_report(request, folder, around)
            result.run["seconds"] = tally.seconds
            write_json(folder / "run.json", result.run)
    return result


def _options(request: ScanRequest, folder: Path) -> ReadOptions:
    return ReadOptions(
        now=request.now,
        t_from=request.t_from,
        t_to=request.t_to,
        bbox=request.bbox,
        start=request.start,
        rate=request.rate,
        table=request.settings.table,
        spool=folder,
    )


def _surroundings(request: ScanRequest) -> _Surroundings:
    features = [asset for path in request.layers for asset in load_layer(path)]
    places = [a for a in features if a.kind in PLACE_KINDS]
    assets = [a for a in features if a.kind in LINE_KINDS or a.kind == "zone"]
    return _Surroundings(
        assets=assets,
        places=places,
        asset_index=AssetIndex(assets) if assets else None,
        place_index=Places(places) if places else None,
        land=Land.load(),
        lists=ListIndex([load_list(path) for path in request.lists]),
    )


def _run(
    request: ScanRequest,
    folder: Path,
    inputs: list[Input],
    around: _Surroundings,
    tally: _Tally,
    progress: Callable[[Progress], None],
    *,
    presorted: bool,
) -> ScanResult:
    settings = request.settings
    watches = [Watch(b, settings.behaviours[b.id]) for b in all_behaviours().values()]
    still = Watch(still_watch(), {})
    reach = max((a.buffer_m for a in around.assets), default=0.0)
    engine = Engine(
        [*watches, still], EngineSettings(**settings.engine), around.asset_index, reach, least_rows=BATCH_ROWS
    )
    tracks = TrackFile(folder / "tracks.parquet", engine.vessels)
    engine.sink = tracks
    try:
        with tally.stage("read and detect"):
            _feed(engine, inputs, folder, tally, progress, presorted=presorted)
    except BaseException:
        tracks.abort()
        raise
    tracks.close()
    progress(Progress("judge", rows=tally.rows["read"]))
    with tally.stage("judge"):
        context = _context(engine, around, still)
        outcomes = {w.behaviour.id: judge(w, context, [i.name for i in inputs], REAL) for w in watches}
        findings = sorted(
            (f for o in outcomes.values() for f in o.findings), key=lambda f: (f.start, f.behaviour, f.mmsi)
        )
        alerts = raise_alerts(findings, _ship_by_mmsi(engine, context))
    with tally.stage("raw lines"):
        findings = _with_raw_lines(findings, inputs)
    run = _run_record(request, engine, inputs, around, tally, outcomes, alerts)
    with tally.stage("write"):
        _write(folder, findings, alerts, around)
        write_json(folder / "run.json", run)
    return ScanResult(request.out, run, alerts, findings)


def _feed(
    engine: Engine,
    inputs: list[Input],
    folder: Path,
    tally: _Tally,
    progress: Callable[[Progress], None],
    *,
    presorted: bool,
) -> None:
    """Read everything into the engine; quarantine goes to its file as it comes."""
    total = None

    with (folder / "quarantine.ndjson").open("wb") as quarantine:

        def note(k: int, batch: Batch) -> None:
            tally.add(k, batch)
            for record in batch.quarantine:
                quarantine.write(msgspec.json.encode(record) + b"\n")
            done = 0
            progress(Progress("read", done, total, tally.rows["read"]))

        stream: Iterator[tuple[Positions, Statics]]
        stream = sorted_stream(inputs, note, folder) if presorted else merge(inputs, note)
        for positions, statics in stream:
            engine.push(positions, statics)
            if not presorted:
                engine.check_order()
        engine.finish()


def _total_bytes(inputs: Sequence[Input]) -> int | None:
    sizes = [i.size for i in inputs]
    return None if any(s is None for s in sizes) else sum(s for s in sizes if s is not None)


def _context(engine: Engine, around: _Surroundings, still: Watch) -> RunContext:
    def matches(ship: Ship) -> list[ListMatch]:
        titles = {one.id: one.title for one in around.lists.lists}
        found = around.lists.match(ship.imo or None, ship.mmsi, ship.name, ship.flag, ship.callsign)
        return [_list_match(m, titles) for m in found]

    return RunContext(
        engine.vessels,
        engine.presence,
        engine.data_end,
        LearntPlaces.learn(Episodes.concat(still.episodes)),
        around.place_index,
        around.land,
        around.assets,
        matches,
    )


def _list_match(match: Match, titles: dict[str, str]) -> ListMatch:
    entry = match.entry
    reason = match.reason + (f"; differs: {', '.join(match.conflicts)}" if match.conflicts else "")
    return ListMatch(
        list_title=titles.get(entry.list, entry.list),
        entry=entry.name or entry.id,
        by=match.by,
        confidence=match.confidence,
        reason=reason,
        programs=", ".join(entry.programs),
        as_of=entry.as_of or "date unknown",
    )


def _ship_by_mmsi(engine: Engine, context: RunContext) -> Callable[[int], Ship]:
    numbers = {int(mmsi): k for k, mmsi in enumerate(engine.vessels.mmsi)}
    return lambda mmsi: context.ship(numbers[mmsi])


def _with_raw_lines(findings: list[Finding], inputs: list[Input]) -> list[Finding]:
    """The same findings with the text of their evidence rows."""
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        for evidence in finding.evidence:
            wanted.setdefault(evidence.source, set()).add(evidence.row)
    paths = {i.name: i.path for i in inputs}
    texts = {name: read_rows(paths[name], sorted(rows)) for name, rows in wanted.items()}

    def filled(evidence: Evidence) -> Evidence:
        return msgspec.structs.replace(evidence, raw=texts[evidence.source].get(evidence.row))

    return [msgspec.structs.replace(f, evidence=tuple(filled(e) for e in f.evidence)) for f in findings]


def _write(folder: Path, findings: list[Finding], alerts: list[Alert], around: _Surroundings) -> None:
    write_lines(folder / "findings.ndjson", findings)
    write_features(folder / "findings.geojson", map(finding_feature, findings))
    write_lines(folder / "alerts.ndjson", alerts)
    write_features(folder / "assets.geojson", map(asset_feature, around.assets))
    write_features(folder / "places.geojson", map(asset_feature, around.places))


def _write_report(request: ScanRequest, folder: Path, around: _Surroundings) -> None:
    from watchkeeper.console.load import load_report
    from watchkeeper.console.page import write_report
    from watchkeeper.console.report import words

    report = load_report(
        folder,
        title="Ship traffic" + (" (simulated)" if request.simulated else ""),
        behaviours=words(all_behaviours().values()),
        land=around.land.geometry(),
        simulated=request.simulated,
        attribution=["Land: Natural Earth (public domain)"],
    )
    write_report(folder / "report.html", report)


def _rows(tally: _Tally, engine: Engine) -> dict[str, Any]:
    """What became of every raw row, once each: all but ``read`` add up to ``read``."""
    rows = tally.rows
    positions = rows["position"] + rows["position_and_static"]
    repeated, late = engine.counts["receiver_duplicate"], engine.counts["late"]
    return {
        "read": rows["read"],
        "kept": positions - repeated - late,
        "static": rows["static"],
        "duplicate": rows["exact_duplicate"] + repeated,
        "no_position": rows["no_position"] + rows["position_out_of_range"],
        "not_a_ship": rows["not_a_ship"],
        "out_of_range": rows["out_of_range"],
        "outside_request": rows["outside_request"],
        "late": late,
        "other": rows["other"],
        "quarantined": rows["quarantined"],
    }


def _run_record(
    request: ScanRequest,
    engine: Engine,
    inputs: list[Input],
    around: _Surroundings,
    tally: _Tally,
    outcomes: dict[str, Outcome],
    alerts: list[Alert],
) -> dict[str, Any]:
    rows = _rows(tally, engine)
    heard = engine.presence.register(engine.vessels.count)
    heard = heard[heard[:, 3] > 0]
    vessel_days = float(np.sum(heard[:, 2] - heard[:, 0])) / 86_400_000
    statics, _ = engine.vessels.changes()
    return {
        "product": {"name": "watchkeeper", "version": __version__},
        "realm": REAL,
        "simulated": request.simulated,
        "start": to_iso(int(heard[:, 0].min())) if len(heard) else None,
        "end": to_iso(int(heard[:, 2].max())) if len(heard) else None,
        "vessels": len(heard),
        "vessel_days": round(vessel_days, 2),
        "alerts": len(alerts),
        "rows": rows,
        "rows_add_up": rows["read"] == sum(v for k, v in rows.items() if k != "read"),
        "duplicates": {
            "exact": tally.rows["exact_duplicate"],
            "receiver": engine.counts["receiver_duplicate"],
        },
        "quarantined": dict(tally.reasons.most_common()),
        "noticed": dict(tally.noticed.most_common()),
        "static_changes": len(statics),
        "static_late": engine.counts["late_static"],
        "inputs": [
            {"name": i.name, "format": i.format, "rows": dict(c)}
            for i, c in zip(inputs, tally.by_input, strict=True)
        ],
        "layers": [str(p) for p in request.layers],
        "assets": len(around.assets),
        "places": len(around.places),
        "lists": [
            {
                "id": v.id,
                "title": v.title,
                "as_of": v.as_of,
                "entries": len(v.entries),
                "rejected": len(v.rejected),
                "sha256": v.sha256,
            }
            for v in around.lists.lists
        ],
        "behaviours": {
            name: {
                "version": all_behaviours()[name].version,
                "status": "unknown: " + o.failure if o.failure else "ran",
                "findings": len(o.findings),
                "set_aside": dict(o.set_aside.most_common()),
            }
            for name, o in outcomes.items()
        },
        "thresholds": request.settings.behaviours,
        "engine": request.settings.engine,
        "seconds": tally.seconds,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
    }
