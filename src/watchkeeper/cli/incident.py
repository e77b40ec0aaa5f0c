"""``demo incident``: a public incident, reconstructed among simulated ships, scanned and asked about."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchkeeper import log
from watchkeeper.cli.output import print_page, table
from watchkeeper.errors import OutputError, UsageError
from watchkeeper.model.units import METRES_PER_NMI

if TYPE_CHECKING:
    from watchkeeper.exercises.incidents import Incident
    from watchkeeper.scan import ScanResult

_ROWS: Final = 120_000


def incident(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Which; see --list.")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")] = Path("incident"),
    show_all: Annotated[bool, typer.Option("--list", help="Say which incidents there are.")] = False,
    rows: Annotated[int, typer.Option(help="About how many reports of simulated ships around.")] = _ROWS,
    seed: Annotated[int, typer.Option(help="The same seed gives the same ships around.")] = 1,
) -> None:
    """Replay a public incident: a RECONSTRUCTED track among simulated ships, scanned, ranked and attributed.

    Example: watchkeeper demo incident eagle-s
    """
    from watchkeeper.exercises.incidents import all_incidents
    from watchkeeper.exercises.incidents import incident as named

    if show_all:
        print_page(
            table(("Name", "Told by", "What"), ((n, i.told, i.title) for n, i in all_incidents().items()))
        )
        return
    if name is None:
        raise UsageError("Which incident?", "Give a name; --list says which there are.")
    one = named(name)
    _say_what_is_real(one)
    result = _scanned(one, out, rows, seed)
    from watchkeeper.cli.scan import print_alerts, say_what_was_done

    say_what_was_done(result)
    print_alerts(result.alerts)
    _say_what_was_found(one, result)
    _attribute(one, result.out)
    print_page(f"report: {(result.out / 'report.html').resolve()}")


def _say_what_is_real(one: "Incident") -> None:
    from watchkeeper.exercises.incidents import RECONSTRUCTED

    print_page(
        f"{RECONSTRUCTED}: {one.title}",
        "The ship's track is drawn from the facts below; it was not recorded. Ships around it are simulated.",
        f"Outcome: {one.outcome}",
        "",
        table(
            ("What is publicly said", "By", "Dated", "Sure"),
            ((f.text, f.source, f.date, "yes" if f.verified else "unverified") for f in one.facts),
        ),
        "What the reconstruction adds:",
        *(f"  - {text}" for text in one.assumed),
        "",
    )


def _scanned(one: "Incident", out: Path, rows: int, seed: int) -> "ScanResult":
    from watchkeeper.cli.scan import present, run_scan
    from watchkeeper.cli.simulate import ASSETS, WRITTEN, Format
    from watchkeeper.config import load_settings
    from watchkeeper.exercises import writers
    from watchkeeper.exercises.incidents import RECONSTRUCTED
    from watchkeeper.exercises.incidents.replay import background, embed
    from watchkeeper.scan import ScanRequest

    log.talk().print("simulating the ships around")
    day = embed(background(one, rows, seed), one)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: {error.strerror or error}.", "Choose another folder.") from error
    writers.write_dma(day, out / WRITTEN[Format.DMA])
    writers.write_layers(day, out / ASSETS)
    return run_scan(
        ScanRequest(
            inputs=(str(out / WRITTEN[Format.DMA]),),
            out=out / "result",
            settings=load_settings(None, {}, ()),
            now=present(),
            layers=(out / ASSETS,),
            force=True,
            simulated=True,
            title=f"{RECONSTRUCTED}: {one.title}",
        )
    )


def _say_what_was_found(one: "Incident", result: "ScanResult") -> None:
    from watchkeeper.exercises.incidents import RECONSTRUCTED

    if one.ship is None:
        return
    mine = [f for f in result.findings if f.mmsi == one.ship.mmsi]
    if not mine:
        print_page(f"{RECONSTRUCTED} ship {one.ship.name}: no finding.", "")
    for f in mine:
        columns = ("Measured", ">Value", "Unit", "", "Threshold")
        print_page(
            f"{RECONSTRUCTED} ship {one.ship.name}: {f.behaviour}, {f.start} to {f.end or 'the data end'}",
            f"   {f.summary} Confidence {f.confidence}: {f.confidence_reason}.",
            table(columns, ((m.name, m.value, m.unit, m.comparison, m.threshold) for m in f.measured)),
        )


def _attribute(one: "Incident", folder: Path) -> None:
    from watchkeeper.attribute import Request, attribute
    from watchkeeper.cli.attribute import print_answer
    from watchkeeper.model.time import from_iso

    fault = one.fault
    if fault is None:
        print_page("No fault is asked about: this ship had nothing to do with one, or none was a ship's.")
        return
    metres = None if fault.within_nmi is None else fault.within_nmi * METRES_PER_NMI
    window = from_iso(fault.begin), from_iso(fault.end)
    print_answer(attribute(Request(folder, fault.asset, *window, fault.near, metres)))
