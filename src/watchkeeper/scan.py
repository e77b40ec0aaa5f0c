"""The main job: inputs, assets and lists in; findings, ranked alerts and a report out."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from watchkeeper.behaviours import all_behaviours
from watchkeeper.cases.alerts import Alert, raise_alerts
from watchkeeper.cases.combinations import Combination
from watchkeeper.cases.combinations import load as load_combinations
from watchkeeper.config import Settings
from watchkeeper.engine.engine import Engine, Watch
from watchkeeper.engine.ordering import DisorderedError, merge
from watchkeeper.engine.places import still_watch
from watchkeeper.engine.sorting import sorted_stream
from watchkeeper.engine.trackfile import TrackFile
from watchkeeper.engine.vesselfile import write_vessels
from watchkeeper.errors import InputError
from watchkeeper.interference import interference_features
from watchkeeper.layers.land import CREDIT
from watchkeeper.model.finding import REAL, Evidence, Finding
from watchkeeper.model.records import Batch, Positions, Statics
from watchkeeper.model.settings import EngineSettings
from watchkeeper.outputs import (
    asset_feature,
    finding_feature,
    output_folder,
    write_features,
    write_json,
    write_lines,
)
from watchkeeper.record import Tally, run_record
from watchkeeper.sources.inputs import Input, open_inputs
from watchkeeper.sources.opening import STDIN_SPOOL
from watchkeeper.sources.options import BoundingBox, ReadOptions
from watchkeeper.sources.raw import read_rows
from watchkeeper.surroundings import Surroundings, load_surroundings
from watchkeeper.watching.judgement import judge_now

if TYPE_CHECKING:
    from watchkeeper.storing import ScanStore

BATCH_ROWS: Final = 150_000
"""Rows worked through at a time: enough to spread the cost of a batch, few enough to stay in the cache."""


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What to scan. Times in ms UTC; ``now`` is the present, given by the caller."""

    inputs: tuple[str, ...]
    out: Path
    settings: Settings
    now: int
    layers: tuple[Path, ...] = ()
    lists: tuple[Path, ...] = ()
    combinations: tuple[Path, ...] = ()
    t_from: int | None = None
    t_to: int | None = None
    bbox: BoundingBox | None = None
    start: int | None = None
    rate: float | None = None
    force: bool = False
    report: bool = True
    store: Path | None = None
    simulated: bool = False
    title: str = "Ship traffic"


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


def scan(request: ScanRequest, progress: Callable[[Progress], None]) -> ScanResult:
    """Run the whole job. The folder is written whole or not at all.

    Raises:
        InputError, LayerError, ListError, ConfigError, OutputError: with the next step.
    """
    with output_folder(request.out, force=request.force) as folder, _store_of(request) as store:
        tally = Tally()
        with tally.stage("prepare"):
            around = load_surroundings(request.layers, request.lists)
            combinations = load_combinations(request.combinations, all_behaviours())
            inputs = open_inputs(request.inputs, _options(request, folder))
            tally.by_input = [Counter() for _ in inputs]
        try:
            result = _run(
                request, folder, inputs, around, combinations, tally, progress, store, presorted=False
            )
        except DisorderedError as disorder:
            if any(one.name == STDIN_SPOOL for one in inputs):
                raise InputError(
                    "Standard input is not in time order, and it cannot be read twice to sort it.",
                    "Save it to a file and scan that.",
                ) from disorder
            tally = Tally(by_input=[Counter() for _ in inputs], seconds=tally.seconds)
            inputs = open_inputs(request.inputs, _options(request, folder))
            result = _run(
                request, folder, inputs, around, combinations, tally, progress, store, presorted=True
            )
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


def _run(
    request: ScanRequest,
    folder: Path,
    inputs: list[Input],
    around: Surroundings,
    combinations: Sequence[Combination],
    tally: Tally,
    progress: Callable[[Progress], None],
    store: "ScanStore | None",
    *,
    presorted: bool,
) -> ScanResult:
    settings = request.settings
    watches = [Watch(b, settings.behaviours[b.id]) for b in all_behaviours().values()]
    engine = Engine(
        [*watches, Watch(still_watch(), {})],
        EngineSettings(**settings.engine),
        around.asset_index,
        around.reach_m,
        least_rows=BATCH_ROWS,
        overlap=True,
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
        judged = judge_now(engine, around, [i.name for i in inputs], (), REAL)
        alerts = raise_alerts(judged.findings, judged.ship_of, judged.known_of, combinations)
    with tally.stage("raw lines"):
        findings = _with_raw_lines(judged.findings, inputs)
    run = run_record(
        engine, settings, inputs, around, tally, judged.outcomes, alerts, simulated=request.simulated
    )
    areas = interference_features(findings)
    run["interference_areas"] = len(areas)
    with tally.stage("write"):
        _write(folder, findings, alerts, around)
        write_features(folder / "interference.geojson", areas)
        write_vessels(folder / "vessels.parquet", judged.context, engine.presence, engine.vessels.count)
        write_json(folder / "run.json", run)
    if store is not None:
        with tally.stage("store"):
            statics, _ = engine.vessels.changes()
            names = [i.name for i in inputs]
            store.keep(folder, statics, names, findings, judged.ship_of, judged.known_of, combinations)
    return ScanResult(request.out, run, alerts, findings)


@contextmanager
def _store_of(request: ScanRequest) -> "Iterator[ScanStore | None]":
    if request.store is None:
        yield None
        return
    from watchkeeper.storing import ScanStore  # what a database needs is not loaded for nothing

    with ScanStore(request.store, request.inputs, request.now, simulated=request.simulated) as store:
        yield store


def _feed(
    engine: Engine,
    inputs: list[Input],
    folder: Path,
    tally: Tally,
    progress: Callable[[Progress], None],
    *,
    presorted: bool,
) -> None:
    """Read everything into the engine; quarantine goes to its file as it comes."""
    total = _total_bytes(inputs)

    with (folder / "quarantine.ndjson").open("wb") as quarantine:

        def note(k: int, batch: Batch) -> None:
            tally.add(k, batch)
            for record in batch.quarantine:
                quarantine.write(msgspec.json.encode(record) + b"\n")
            done = sum(i.bytes_read for i in inputs)
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


def _with_raw_lines(findings: list[Finding], inputs: list[Input]) -> list[Finding]:
    """The same findings with the text of their evidence rows."""
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        for evidence in finding.evidence:
            wanted.setdefault(evidence.source, set()).add(evidence.row)
    by_name = {i.name: i for i in inputs}
    texts = {
        name: read_rows(by_name[name].path, sorted(rows), by_name[name].landmarks)
        for name, rows in wanted.items()
    }

    def filled(evidence: Evidence) -> Evidence:
        return msgspec.structs.replace(evidence, raw=texts[evidence.source].get(evidence.row))

    return [msgspec.structs.replace(f, evidence=tuple(filled(e) for e in f.evidence)) for f in findings]


def _write(folder: Path, findings: list[Finding], alerts: list[Alert], around: Surroundings) -> None:
    write_lines(folder / "findings.ndjson", findings)
    write_features(folder / "findings.geojson", map(finding_feature, findings))
    write_lines(folder / "alerts.ndjson", alerts)
    write_features(folder / "assets.geojson", map(asset_feature, around.assets))
    write_features(folder / "places.geojson", map(asset_feature, around.places))


def _write_report(request: ScanRequest, folder: Path, around: Surroundings) -> None:
    from watchkeeper.console.load import load_report
    from watchkeeper.console.page import write_report
    from watchkeeper.console.report import words

    report = load_report(
        folder,
        title=request.title + (" (simulated)" if request.simulated else ""),
        behaviours=words(all_behaviours().values()),
        land=around.land.geometry(),
        simulated=request.simulated,
        attribution=[CREDIT],
    )
    write_report(folder / "report.html", report)
