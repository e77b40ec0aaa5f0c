"""A simulated day with a case, as a scan wrote it and as a store keeps it."""

from pathlib import Path
from typing import NamedTuple

import pytest

from watchkeeper.cases.alarms.alert import ALERTS
from watchkeeper.cases.register.actions import Worker, open_case
from watchkeeper.cases.register.case import CASES, Place
from watchkeeper.cases.register.sources import store as stored_report
from watchkeeper.config import load_settings
from watchkeeper.exercises.csv_out import write_dma
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_layers, write_list
from watchkeeper.model.event import Decisions, Query
from watchkeeper.model.time import DAY
from watchkeeper.projectors import projectors
from watchkeeper.scan import ScanRequest, scan
from watchkeeper.store.folder import Store


class Day(NamedTuple):
    """Folders of a scan and a store, the id of the case."""

    scan: Path
    store: Path
    case: str


@pytest.fixture(scope="package")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    folder = tmp_path_factory.mktemp("day")
    spec = SimulationSpec(seed=1, rows=120_000, cases_per_behaviour=1)
    made = simulate(spec)
    write_dma(made, folder / "day.csv")
    write_layers(made, folder / "assets.geojson")
    write_list(made, folder / "list.csv")
    scan(
        ScanRequest(
            inputs=(str(folder / "day.csv"),),
            out=folder / "scan",
            settings=load_settings(None, {}, ()),
            now=spec.start_ms + 2 * DAY,
            layers=(folder / "assets.geojson",),
            lists=(folder / "list.csv",),
            report=False,
            store=folder / "store",
            simulated=True,
        ),
        lambda _: None,
    )
    with Store.open(folder / "store", write=False, decide=True, projectors=projectors()) as store:
        case = a_case(store.decisions, spec.start_ms + 2 * DAY)
    return Day(folder / "scan", folder / "store", case)


def a_case(log: Decisions, at: int) -> str:
    """A case of the first alerts, with everything that a case can hold; its id."""
    alerts = log.documents(Query(collection=ALERTS, order="score", limit=3)).items
    report = stored_report("Power was lost at noon.", title="Press release", at=at, actor="user:anna",
                           publisher="The operator", url="https://example.org/release")  # fmt: skip
    (opened, told) = log.append(
        [open_case("Slow over the cable", kind="incident", alerts=alerts, at=at, actor="user:anna"), report]
    )
    document = log.document(CASES, opened.subject)
    assert document is not None
    who = Worker(document, at=at + 1, actor="user:anna")
    asset = next(f["asset"] for a in alerts for f in a.body["says"]["findings"] if f["asset"])
    log.append(
        [
            who.note("Called on channel 16."),
            who.evidence("finding", alerts[0].body["says"]["findings"][0]["id"], "the legs"),
            who.claim(party="The operator", said_on="2025-03-02", says="the cable is cut", source="press"),
            who.describe(place=Place(name="Osel", asset=asset), target="a cable", effect="an outage"),
            who.source(told.subject, "B2", "Press release"),
            who.status("confirmed", "a diver saw it"),
        ]
    )
    return opened.subject
