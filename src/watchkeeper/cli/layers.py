"""``layers``: what is in a map layer."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchkeeper.cli import options
from watchkeeper.cli.output import cell, for_programs, print_lines, print_page, table

if TYPE_CHECKING:
    from watchkeeper.layers.reading import LayerReport
    from watchkeeper.model.asset import Asset

SHOWN: Final = 50
"""Features in the table."""

app = typer.Typer(no_args_is_help=True)


@app.callback()
def layers() -> None:
    """Map layers: cables, pipelines, power lines, ports, anchorages, zones.

    Example: watchkeeper layers check cables.geojson
    """


@app.command()
def check(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="GeoJSON, GeoPackage, KML, KMZ or Shapefile.")],
    as_json: options.Json = None,
) -> None:
    """Read a layer as a scan would and show its features, or the reason why it cannot be used.

    Example: watchkeeper layers check cables.geojson
    """
    from watchkeeper.fetching.names import resolved
    from watchkeeper.layers.reading import read_layer

    assets, report = read_layer(resolved(path))
    if for_programs(as_json):
        print_lines([report])
    else:
        _print_report(assets, report)


def _print_report(assets: "Sequence[Asset]", report: "LayerReport") -> None:
    rows = [
        (a.name, a.kind, a.buffer_m, a.operator, a.position_class, a.as_of, a.source, a.licence)
        for a in assets[:SHOWN]
    ]
    columns = ("Name", "Kind", ">Buffer m", "Operator", "Position", "As of", "Source", "Licence")
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in report.kinds.items())
    west, south, east, north = report.bbox
    print_page(
        table(columns, rows),
        f"{len(assets) - SHOWN:,} more\n" if len(assets) > SHOWN else "",
        f"{report.path}: {report.format}, {report.features:,} features",
        f"{kinds}; {report.length_km:,.0f} km of lines",
        f"from {south:.2f} to {north:.2f} north, {west:.2f} to {east:.2f} east",
        *(f"assumed for {count:,}: {what}" for what, count in report.defaults.items()),
        *(f"guessed for {count:,}: {what}" for what, count in report.guesses.items()),
        *(cell(f"left out: {s.number} {s.name or ''}: {s.reason}") for s in report.skipped),
    )
