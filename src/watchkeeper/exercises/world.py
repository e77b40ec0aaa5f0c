"""The stage: ports with berths, anchorages, lines on the sea bed, lanes between them, open water."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from watchkeeper.exercises.geo import (
    Array,
    course_deg,
    displaced,
    distance_m,
    distance_to_line_m,
    wrap_lon,
)
from watchkeeper.exercises.grid import Grid, LandMask
from watchkeeper.exercises.regions import REGIONS, Line, LineKind, Region, RegionName
from watchkeeper.exercises.routes import Route
from watchkeeper.model.asset import DEFAULT_BUFFER_M, Asset, Kind

ANCHORAGE_RADIUS_M: Final = 2_600.0
ANCHOR_SPACING_M: Final = 550.0
"""Room to swing: two cables (370 m) of chain and ship, and a margin."""

PLACE_CLEAR_M: Final = 14_000.0
"""Open water is at least this far from every port and anchorage."""

BERTH_OFF_COAST_M: Final = 600.0


@dataclass(slots=True)
class Port:
    """A port, or a gateway (``berths`` empty) where ships enter and leave coverage."""

    name: str
    lat: float
    lon: float
    open_cell: int
    approach_deg: float
    berths: list[tuple[float, float]]
    anchors: list[tuple[float, float]]
    anchorage: tuple[float, float] | None
    before: Array
    berths_taken: int = 0
    anchors_taken: int = 0

    @property
    def gateway(self) -> bool:
        return not self.berths

    def take_berth(self) -> tuple[float, float]:
        """The next free berth; a full port begins again from the first."""
        self.berths_taken += 1
        return self.berths[(self.berths_taken - 1) % len(self.berths)]

    def take_anchor(self) -> tuple[float, float]:
        """The next free place in the anchorage."""
        self.anchors_taken += 1
        return self.anchors[(self.anchors_taken - 1) % len(self.anchors)]


@dataclass(slots=True)
class BedLine:
    """A cable, pipeline or power line: its id and points, its longitudes continuous."""

    id: str
    name: str
    kind: LineKind
    lat: Array
    lon: Array


@dataclass(slots=True)
class World:
    """One region, built once per land mask."""

    region: Region
    grid: Grid
    ports: list[Port]
    gateways: list[Port]
    lines: list[BedLine]
    terminal: tuple[float, float]
    """The loading buoy at sea."""
    room: Array
    """Cells of open water far from ports, anchorages and coast."""
    _lanes: dict[tuple[str, str], Route] = field(default_factory=dict)

    def lane(self, start: Port, end: Port) -> Route:
        """The route between two ports (berth to berth), the same line in both directions, made once.

        It is laid from the port whose name comes first, whoever asks first: a day must not depend on those
        simulated before it.
        """
        if (start.name, end.name) not in self._lanes:
            a, b = sorted((start, end), key=lambda port: port.name)
            route = self.route_from(a, b.open_cell).then([b.lat], [b.lon])
            self._lanes[a.name, b.name] = route
            self._lanes[b.name, a.name] = route.reverse()
        return self._lanes[start.name, end.name]

    def route_from(self, port: Port, cell: int) -> Route:
        """The way over water from a port's berth to the middle of ``cell``."""
        lat, lon = self.grid.way(port.before, cell)
        return Route.through(np.append(lat, port.lat)[::-1], np.append(lon, port.lon)[::-1])

    def route_to_point(self, port: Port, lat: float, lon: float) -> Route:
        """The way from a port to a point in open water."""
        return self.route_from(port, int(self.grid.cell(lat, lon))).then([lat], [lon])

    def place_distance_m(self, lat: Array, lon: Array) -> Array:
        """Distance to the nearest port or anchorage [m]."""
        places = [(p.lat, p.lon) for p in self.ports] + [p.anchorage for p in self.ports if p.anchorage]
        places.append(self.terminal)
        nearest: Array = np.min([distance_m(lat, lon, *place) for place in places], axis=0)
        return nearest

    def line_distance_m(self, lat: Array, lon: Array) -> Array:
        """Distance to the nearest line on the sea bed [m]."""
        nearest: Array = np.min(
            [distance_to_line_m(lat, lon, line.lat, line.lon) for line in self.lines], axis=0
        )
        return nearest

    def assets(self) -> list[Asset]:
        """The lines, ports and anchorages as a layer."""
        return list(_assets(self))


def build_world(name: RegionName, land: LandMask) -> World:
    """The world of a region on the given land. Kept, since many simulations share it."""
    return _build(name, land)


@lru_cache(maxsize=4)
def _build(name: RegionName, land: LandMask) -> World:
    region = REGIONS[name]
    grid = Grid.of(region, land)
    reach, _ = grid.shortest(np.array([_open_sea(grid)]))
    sea = np.flatnonzero(np.isfinite(reach) & grid.water.ravel())
    ports = [_port(grid, land, sea, *place) for place in region.ports]
    gateways = [_gateway(grid, sea, *place) for place in region.gateways]
    lines = [_bed_line(grid, line) for line in region.lines] + _local_cables(grid, land, ports[:3])
    lat, lon = grid.centre(sea)
    offshore = sea[grid.coast_m.ravel()[sea] > 9_000.0]
    terminal = grid.centre(_nearest(grid, offshore, *region.terminal[1:]))
    world = World(region, grid, ports, gateways, lines, (float(terminal[0]), float(terminal[1])), sea)
    edge = np.minimum.reduce(
        [lat - region.south, region.north - lat, (lon - region.west) / 2, (region.east - lon) / 2]
    )
    clear = (world.place_distance_m(lat, lon) > PLACE_CLEAR_M) & (edge > 0.12)
    world.room = sea[clear & (grid.coast_m.ravel()[sea] > 9_000.0)]
    return world


def _open_sea(grid: Grid) -> int:
    """The cell farthest from any coast."""
    return int(np.argmax(np.where(np.isfinite(grid.coast_m), grid.coast_m, -1.0)))


def _nearest(grid: Grid, cells: Array, lat: float, lon: float) -> int:
    return int(cells[np.argmin(distance_m(*grid.centre(cells), lat, lon))])


def _port(grid: Grid, land: LandMask, sea: Array, name: str, lat: float, lon: float) -> Port:
    cell = _nearest(grid, sea, lat, lon)
    sea_lat, sea_lon = (float(x) for x in grid.centre(cell))
    inward = float(course_deg(sea_lat, sea_lon, lat, lon))
    steps = np.arange(0.0, max(25_000.0, float(distance_m(sea_lat, sea_lon, lat, lon))), 100.0)
    dry = _is_land(land, *_ahead(sea_lat, sea_lon, inward, steps))
    wet_m = steps[int(np.argmax(dry))] if dry.any() else float(distance_m(sea_lat, sea_lon, lat, lon))
    berth = _ahead(sea_lat, sea_lon, inward, np.array([max(0.0, wet_m - BERTH_OFF_COAST_M)]))
    at = (float(berth[0][0]), float(berth[1][0]))
    anchorage = _anchorage(land, sea_lat, sea_lon, inward)
    _, before = grid.shortest(np.array([cell]))
    return Port(
        name, *at, cell, inward, _berths(land, *at, inward), _anchors(*anchorage), anchorage, before
    )  # fmt: skip


def _gateway(grid: Grid, sea: Array, name: str, lat: float, lon: float) -> Port:
    cell = _nearest(grid, sea, lat, lon)
    at = tuple(float(x) for x in grid.centre(cell))
    _, before = grid.shortest(np.array([cell]))
    return Port(name, at[0], at[1], cell, 0.0, [], [], None, before)


def _ahead(lat: float, lon: float, course: float, metres: Array) -> tuple[Array, Array]:
    angle = np.radians(course)
    lats, lons = displaced(lat, lon, metres * np.cos(angle), metres * np.sin(angle))
    return lats, lons


def _is_land(land: LandMask, lat: Array, lon: Array) -> Array:
    return land.is_land(np.ravel(lat), wrap_lon(np.ravel(lon))).reshape(np.shape(lat))


def _berths(land: LandMask, lat: float, lon: float, inward: float) -> list[tuple[float, float]]:
    """Places alongside, in rows across the approach: 65 m abreast, 170 m astern, nearest first."""
    along, across = np.meshgrid(np.arange(-14, 6) * 170.0, np.arange(-18, 19) * 65.0, indexing="ij")
    angle = np.radians(inward)
    north = along * np.cos(angle) - across * np.sin(angle)
    east = along * np.sin(angle) + across * np.cos(angle)
    order = np.argsort(np.hypot(north, east).ravel(), kind="stable")
    north, east = north.ravel()[order], east.ravel()[order]
    fraction = np.linspace(0.0, 1.05, 32)[:, None]
    dry = _is_land(land, *displaced(lat, lon, fraction * north, fraction * east)).any(axis=0)
    lats, lons = displaced(lat, lon, north[~dry], east[~dry])
    return list(zip(lats.tolist(), lons.tolist(), strict=True))


def _anchorage(land: LandMask, lat: float, lon: float, inward: float) -> tuple[float, float]:
    """The middle of a patch of water beside the approach, as near to the port as water allows."""
    disc = np.linspace(0.0, 2.0 * np.pi, 24)[None, :]
    ring = np.array([0.4, 0.8, 1.2])[:, None] * ANCHORAGE_RADIUS_M
    for seaward in (0.0, 4_000.0, 8_000.0, 12_000.0):
        for side in (90.0, -90.0):
            aside = _ahead(lat, lon, inward + side, np.array([5_500.0]))
            at = _ahead(float(aside[0][0]), float(aside[1][0]), inward + 180.0, np.array([seaward]))
            around = displaced(float(at[0][0]), float(at[1][0]), ring * np.cos(disc), ring * np.sin(disc))
            if not _is_land(land, *around).any():
                return float(at[0][0]), float(at[1][0])
    return lat, lon


def _anchors(lat: float, lon: float) -> list[tuple[float, float]]:
    """Anchor positions on a hexagonal lattice, from the middle outwards."""
    row, column = np.meshgrid(np.arange(-5, 6), np.arange(-5, 6), indexing="ij")
    north = row * ANCHOR_SPACING_M * np.sqrt(0.75)
    east = (column + 0.5 * (row % 2)) * ANCHOR_SPACING_M
    far = np.hypot(north, east).ravel()
    order = np.argsort(far, kind="stable")
    order = order[far[order] < ANCHORAGE_RADIUS_M - 300.0]
    lats, lons = displaced(lat, lon, north.ravel()[order], east.ravel()[order])
    return list(zip(lats.tolist(), lons.tolist(), strict=True))


def _bed_line(grid: Grid, line: Line) -> BedLine:
    name, kind, points = line
    lat, lon = np.array(points, float).T
    route = Route.through(lat, lon, corner_m=8_000.0, spacing_m=4_000.0)
    return BedLine(name.lower().replace(" ", "-"), name, kind, route.lat, route.lon)


def _local_cables(grid: Grid, land: LandMask, ports: Iterable[Port]) -> list[BedLine]:
    """A cable across the approach of each port and past its anchorage: where slowing down is ordinary."""
    lines = []
    for port in ports:
        assert port.anchorage is not None
        lat, lon = (float(x) for x in grid.centre(port.open_cell))
        north, east = _toward(port.anchorage, (lat, lon), ANCHORAGE_RADIUS_M * 0.85)
        edge_lat, edge_lon = (float(x) for x in displaced(*port.anchorage, north, east))
        course = float(course_deg(edge_lat, edge_lon, lat, lon))
        far = _ahead(lat, lon, course, np.array([4_000.0]))
        start = _ahead(edge_lat, edge_lon, course + 90.0, np.array([-1_500.0]))
        lats = np.array([start[0][0], edge_lat, lat, far[0][0]], float)
        lons = np.array([start[1][0], edge_lon, lon, far[1][0]], float)
        name = f"{port.name} Inshore"
        lines.append(BedLine(name.lower().replace(" ", "-"), name, "cable", lats, lons))
    return lines


def _toward(here: tuple[float, float], there: tuple[float, float], metres: float) -> tuple[float, float]:
    angle = np.radians(float(course_deg(*here, *there)))
    return metres * float(np.cos(angle)), metres * float(np.sin(angle))


def _assets(world: World) -> Iterable[Asset]:
    for line in world.lines:
        lons = np.round(wrap_lon(line.lon), 6).tolist()
        points = [list(point) for point in zip(lons, np.round(line.lat, 6).tolist(), strict=True)]
        yield _asset(line.id, line.name, line.kind, DEFAULT_BUFFER_M[line.kind], _line_geometry(points))
    for port in world.ports:
        slug = port.name.lower().replace(" ", "-")
        yield _port_asset(port.name, port.lat, port.lon, world.region.countries[0])
        assert port.anchorage is not None
        radius, middle = ANCHORAGE_RADIUS_M + 400.0, _point(*port.anchorage)
        yield _asset(f"anchorage-{slug}", f"{port.name} Anchorage", "anchorage", radius, middle)
    yield _port_asset(world.region.terminal[0], *world.terminal, world.region.countries[1])


def _port_asset(name: str, lat: float, lon: float, country: str) -> Asset:
    slug = name.lower().replace(" ", "-")
    port = _asset(f"port-{slug}", name, "port", DEFAULT_BUFFER_M["port"], _point(lat, lon))
    return msgspec.structs.replace(port, country=country)


def _asset(ident: str, name: str, kind: Kind, buffer_m: float, geometry: dict[str, object]) -> Asset:
    return Asset(
        id=ident, name=name, kind=kind, buffer_m=buffer_m, geometry=geometry, operator="invented",
        source="simulated", position_class="charted", layer="simulated",
    )  # fmt: skip


def _point(lat: float, lon: float) -> dict[str, object]:
    return {"type": "Point", "coordinates": [round(float(wrap_lon(lon)), 6), round(lat, 6)]}


def _line_geometry(points: list[list[float]]) -> dict[str, object]:
    """A LineString, or a MultiLineString cut at the antimeridian as RFC 7946 (3.1.9) asks."""
    parts: list[list[list[float]]] = [[points[0]]]
    for (x1, y1), (x2, y2) in pairwise(points):
        if abs(x2 - x1) > 180.0:
            edge = 180.0 if x1 > 0 else -180.0
            u = (edge - x1) / ((x2 + 2 * edge) - x1)
            y = round(y1 + u * (y2 - y1), 6)
            parts[-1].append([edge, y])
            parts.append([[-edge, y]])
        parts[-1].append([x2, y2])
    if len(parts) == 1:
        return {"type": "LineString", "coordinates": parts[0]}
    return {"type": "MultiLineString", "coordinates": parts}
