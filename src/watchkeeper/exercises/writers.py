"""Everything a simulated day can be written as."""

from pathlib import Path

import msgspec

from watchkeeper.exercises.csv_out import write_dma, write_noaa, written
from watchkeeper.exercises.listing import dump_list
from watchkeeper.exercises.nmea_out import write_nmea
from watchkeeper.exercises.simulation import Simulation
from watchkeeper.exercises.truth import dump_truth

__all__ = ["write_dma", "write_layers", "write_list", "write_nmea", "write_noaa", "write_truth"]


def write_truth(simulation: Simulation, path: Path) -> None:
    """Write the truth as NDJSON, one case per line."""
    dump_truth(simulation.truth, path)


def write_list(simulation: Simulation, path: Path) -> None:
    """Write the made-up list as CSV."""
    dump_list(simulation.listed, path)


def write_layers(simulation: Simulation, path: Path) -> None:
    """Write cables, pipelines, power lines, ports and anchorages as GeoJSON."""
    features = []
    for asset in simulation.assets:
        properties = {
            k: v for k, v in msgspec.structs.asdict(asset).items() if k not in ("geometry", "layer") and v
        }
        features.append(
            {"type": "Feature", "id": asset.id, "properties": properties, "geometry": asset.geometry}
        )
    with written(path) as file:
        file.write(msgspec.json.encode({"type": "FeatureCollection", "features": features}))
