"""``simulate``: a day at sea from a seed."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchkeeper import log
from watchkeeper.errors import OutputError

if TYPE_CHECKING:
    from watchkeeper.exercises.simulation import Simulation, SimulationSpec

ASSETS: Final = "assets.geojson"
LISTED: Final = "list.csv"
TRUTH: Final = "truth.ndjson"


class Format(StrEnum):
    """What a simulated day can be written as."""

    DMA = "dma"
    NOAA = "noaa"
    NMEA = "nmea"


WRITTEN: Final = {Format.DMA: "day.csv", Format.NOAA: "day_noaa.csv", Format.NMEA: "day.nmea"}


def simulate(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same day.")] = 1,
    region: Annotated[str, typer.Option(help="baltic, antimeridian or arctic.")] = "baltic",
    hours: Annotated[float, typer.Option(help="Length of the day.")] = 24.0,
    rows: Annotated[int, typer.Option(help="About how many position reports.")] = 3_000_000,
    cases: Annotated[int, typer.Option(help="Cases of every behaviour, and as many look-alikes.")] = 10,
    formats: Annotated[
        list[Format] | None, typer.Option("--format", help="Repeatable.", show_default="dma")
    ] = None,
    start: Annotated[str, typer.Option(metavar="DATE", help="When it begins.")] = "2025-03-01",
) -> None:
    """Simulate ship traffic with behaviours put in, and write it with assets, a list and the truth.

    Example: watchkeeper simulate --out exercise --seed 7 --rows 300000 --format dma --format nmea
    """
    from watchkeeper.exercises.simulation import SimulationSpec

    spec = SimulationSpec(
        seed=seed,
        region=region,  # type: ignore[arg-type]  # the spec refuses other regions by name
        start=start,
        hours=hours,
        rows=rows,
        cases_per_behaviour=cases,
    )
    made = simulated(spec, out, formats or [Format.DMA])
    log.talk().print(f"{len(made.reports):,} position reports, {len(made.truth)} cases")
    for name, count in made.no_room.items():
        log.talk().print(f"no room for {count} of {name.replace('_', ' ')}")
    for path in sorted(path for path in out.iterdir() if path.is_file()):
        typer.echo(str(path))


def simulated(spec: "SimulationSpec", out: Path, formats: list[Format]) -> "Simulation":
    """Simulate and write into ``out``, with progress on standard error.

    Raises:
        OutputError: the folder cannot be written.
    """
    from watchkeeper.cli.progress import stages
    from watchkeeper.exercises import writers
    from watchkeeper.exercises.simulate import simulate as run

    write = {Format.DMA: writers.write_dma, Format.NOAA: writers.write_noaa, Format.NMEA: writers.write_nmea}
    try:
        out.mkdir(parents=True, exist_ok=True)
        with stages() as shown:
            made = run(spec, lambda done, total: shown.show("simulate", done, total, done, "ships"))
            for k, one in enumerate(formats):
                shown.show("write", k, len(formats))
                write[one](made, out / WRITTEN[one])
        writers.write_layers(made, out / ASSETS)
        writers.write_list(made, out / LISTED)
        writers.write_truth(made, out / TRUTH)
    except OSError as error:
        raise OutputError(f"{out}: {error.strerror or error}.", "Choose another folder.") from error
    return made
