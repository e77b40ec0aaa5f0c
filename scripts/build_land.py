"""Turn Natural Earth's land (npm ``world-atlas``, TopoJSON) into the small file that the package ships.

Run by ``make setup``::

    python scripts/build_land.py web/node_modules/world-atlas/land-10m.json

The TopoJSON joins some polygons over the antimeridian and leaves others cut there, leaves Antarctica open
at the pole, and has the Caspian Sea as a polygon of its own. Here every polygon is cut
at the antimeridian, closed at the pole and has its seas as holes: an ordinary polygon in the plane of
longitude and latitude. The marker that Natural Earth keeps at 0 N 0 E is left out.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray

OUTPUT = Path(__file__).parent.parent / "src/watchkeeper/layers/data/land.npz"
UNITS_PER_DEGREE = 100_000  # a unit is about one metre; the source is a hundred times coarser
_HALF, _FULL = 180.0, 360.0

Ring = NDArray[np.float64]


def rings(topology: dict[str, Any]) -> Iterator[list[Ring]]:
    """The polygons of the ``land`` object as lists of closed rings of longitude, latitude."""
    scale, origin = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(arc, axis=0) * scale + origin for arc in topology["arcs"]]

    def ring(numbers: list[int]) -> Ring:
        parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            yield [ring(numbers) for numbers in polygon]


def unrolled(ring: Ring) -> Ring:
    """The ring with continuous longitudes, which may leave [-180, 180]; closed at the pole it goes round."""
    steps = (np.diff(ring[:, 0]) + _HALF) % _FULL - _HALF
    # A step of half a turn has no direction; none is in the source, where edges are below four degrees.
    lon = ring[0, 0] + np.concatenate([[0.0], np.cumsum(steps)])
    lon = np.round(lon * UNITS_PER_DEGREE) / UNITS_PER_DEGREE
    out = np.column_stack([lon, ring[:, 1]])
    if abs(lon[-1] - lon[0]) > _HALF:
        pole = np.copysign(90.0, ring[:, 1].mean())
        out = np.concatenate([out, [[lon[-1], pole], [lon[0], pole]], out[:1]])
    return out


def planar(polygon: list[Ring]) -> list[shapely.Polygon]:
    """The polygon cut at the antimeridian into ordinary ones; nothing where it has no area."""
    outer, *holes = (unrolled(ring) for ring in polygon)
    if len(outer) < 4:
        return []
    shape = shapely.Polygon(outer, [hole for hole in holes if len(hole) >= 4])
    west, _, east, _ = shape.bounds
    if west >= -_HALF and east <= _HALF:
        return [shape] if shape.area > 0.0 else []
    world = shapely.box(-_HALF, -90.0, _HALF, 90.0)
    shape = shapely.make_valid(shape)
    pieces: list[shapely.Polygon] = []
    for turn in (-_FULL, 0.0, _FULL):
        moved = shapely.affinity.translate(shape, xoff=turn)
        parts = shapely.get_parts(shapely.intersection(moved, world))
        pieces += [part for part in parts if part.geom_type == "Polygon" and part.area > 0.0]
    return pieces


def land_only(pieces: list[shapely.Polygon]) -> list[shapely.Polygon]:
    """The land polygons, with the seas (polygons inside an odd number of others) as their holes."""
    points = shapely.point_on_surface(pieces)
    inside, around = shapely.STRtree(pieces).query(points, predicate="within")
    others = [set(around[inside == k]) - {k} for k in range(len(pieces))]
    holes: dict[int, list[Ring]] = {}
    for sea in (k for k, wider in enumerate(others) if len(wider) % 2):
        land = min(others[sea], key=lambda k: pieces[k].area)
        holes.setdefault(land, []).append(np.array(pieces[sea].exterior.coords))
    return [
        shapely.Polygon(piece.exterior, [*piece.interiors, *holes.get(k, [])])
        for k, piece in enumerate(pieces)
        if len(others[k]) % 2 == 0 and not piece.covers(shapely.Point(0.0, 0.0))
    ]


def write(polygons: list[shapely.Polygon], path: Path) -> None:
    """Write vertices as differences in units of 1e-5 degree (they compress well) and how many make a ring."""
    loops = [[np.array(loop.coords) for loop in (p.exterior, *p.interiors)] for p in polygons]
    flat = [loop for polygon in loops for loop in polygon]
    vertices = np.round(np.concatenate(flat) * UNITS_PER_DEGREE).astype(np.int32)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        steps=np.diff(vertices, axis=0, prepend=np.zeros((1, 2), np.int32)),
        ring_sizes=np.array([len(loop) for loop in flat], np.int32),
        polygon_rings=np.array([len(polygon) for polygon in loops], np.int32),
        units_per_degree=UNITS_PER_DEGREE,
    )


def main(source: Path) -> None:
    """Read the TopoJSON, write the packaged file, say what came of it."""
    read = list(rings(json.loads(source.read_text())))
    polygons = land_only([piece for polygon in read for piece in planar(polygon)])
    write(polygons, OUTPUT)
    size = OUTPUT.stat().st_size / 1e6
    sys.stdout.write(f"{len(read)} polygons read, {len(polygons)} written: {OUTPUT} ({size:.1f} MB)\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: build_land.py LAND_TOPOJSON")
    main(Path(sys.argv[1]))
