"""``layers``: what is in a map layer."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from watchkeeper.cli import options
from watchkeeper.cli.output import for_programs, print_lines, print_page, table

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
    from watchkeeper.layers.reading import load_layer

    assets = load_layer(path)
    if for_programs(as_json):
        print_lines(assets)
        return
    rows = [
        (a.name, a.kind, a.buffer_m, a.operator, a.position_class, a.as_of, a.source, a.licence)
        for a in assets
    ]
    columns = ("Name", "Kind", ">Buffer m", "Operator", "Position", "As of", "Source", "Licence")
    kinds = ", ".join(f"{count} {kind}" for kind, count in Counter(a.kind for a in assets).most_common())
    print_page(table(columns, rows), f"{len(assets)} features: {kinds}")
