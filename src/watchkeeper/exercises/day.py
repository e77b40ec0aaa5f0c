"""What every scene is built from: the world, the day's clock, the dice and the register of names."""

import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from watchkeeper.exercises.geo import Array, distance_m
from watchkeeper.exercises.hearing import Outage
from watchkeeper.exercises.listing import ListEntry
from watchkeeper.exercises.motion import Motion, joined, passage, sail
from watchkeeper.exercises.routes import Route
from watchkeeper.exercises.ships import Heard, Registry, Ship
from watchkeeper.exercises.world import Port, World
from watchkeeper.model.asset import Asset

if TYPE_CHECKING:
    from watchkeeper.exercises.cases import Case

LANE_WIDTH_M: Final = 1_400.0
"""Ships keep up to this far to starboard of the middle of a lane."""

_ATTEMPTS: Final = 4_000


class NoRoomError(AssertionError):
    """The sea is too small or too full for what was asked."""


Effect = Callable[[Ship, Heard], None]
"""Changes what is heard of any ship, in place, after her own edits: a disturbance of an area, a receiver's fault."""


@dataclass(slots=True)
class Day:
    """The day being made. ``ticks`` are seconds from its start."""

    seed: int
    world: World
    rng: np.random.Generator
    registry: Registry
    hours: float
    ticks: Array
    ships: list[Ship] = field(default_factory=list)
    taken: list[tuple[float, float]] = field(default_factory=list)
    """Places in open water already used by a scene."""

    listed: list[ListEntry] = field(default_factory=list)
    """The made-up list."""

    zones: list[Asset] = field(default_factory=list)
    """Zones to be watched."""

    cases: "list[Case]" = field(default_factory=list)
    """The cases made so far."""

    outages: list[Outage] = field(default_factory=list)
    """Receivers that hear nothing, for a time."""

    effects: list[Effect] = field(default_factory=list)

    no_room: Counter[str] = field(default_factory=Counter)
    """Cases that could not be placed, by behaviour and builder."""

    def throw(self, scene: str) -> None:
        """Take the dice of a scene: what other scenes draw does not change what this one draws."""
        self.rng = np.random.default_rng((self.seed, zlib.crc32(scene.encode())))
        self.registry.rng = self.rng

    @property
    def seconds(self) -> float:
        return self.hours * 3600.0

    def uniform(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def window(self, low_h: float, high_h: float) -> tuple[float, float]:
        """A random span of the day [s]: its length between the two, shorter on a short day."""
        longest = 0.5 * self.hours
        length = self.uniform(min(low_h, longest), min(high_h, longest))
        start = self.uniform(0.12 * self.hours, 0.92 * self.hours - length)
        return start * 3600.0, (start + length) * 3600.0

    def port(self, gateways: bool = False) -> Port:
        """A random port (or gateway)."""
        choice = self.world.ports + (self.world.gateways if gateways else [])
        return choice[int(self.rng.integers(len(choice)))]

    def lane(self, least_m: float = 0.0) -> tuple[Port, Port, Route]:
        """A random lane and its middle line, at least so long."""
        for _ in range(_ATTEMPTS):
            start, end = self.port(gateways=True), self.port(gateways=True)
            if start is end:
                continue
            middle = self.world.lane(start, end)
            if middle.length_m >= least_m:
                return start, end, middle
        raise NoRoomError(f"no lane of {least_m:.0f} m")

    def own_line(self, start: Port, end: Port) -> Route:
        """One ship's line in a lane: to starboard of its middle, berth to berth."""
        middle = self.world.lane(start, end)
        return self._berthed(middle.shifted(self.uniform(200.0, LANE_WIDTH_M)), start, end)

    def _berthed(self, route: Route, start: Port, end: Port) -> Route:
        """The route drawn out to a berth of its own at each port."""
        lat, lon = route.lat, route.lon
        if start.berths:
            at = start.take_berth()
            lat, lon = np.append(at[0], lat), np.append(at[1], lon)
        if end.berths:
            at = end.take_berth()
            lat, lon = np.append(lat, at[0]), np.append(lon, at[1])
        return Route.through(lat, lon, corner_m=0.0)

    def open_water(
        self, coast_m: float = 12_000.0, line_m: float = 6_000.0, apart_m: float = 12_000.0
    ) -> tuple[float, float]:
        """A free place far from ports, anchorages, coast, sea-bed lines and other scenes."""
        grid = self.world.grid
        for attempt in range(_ATTEMPTS):
            cell = int(self.world.room[int(self.rng.integers(len(self.world.room)))])
            lat, lon = (float(x) for x in grid.centre(cell))
            lat += grid.dlat * self.uniform(-0.4, 0.4)
            lon += grid.dlon * self.uniform(-0.4, 0.4)
            ease = 1.0 - attempt / (2.0 * _ATTEMPTS)
            if grid.coast_m.ravel()[cell] < coast_m:
                continue
            if not self.is_free(lat, lon, apart_m * ease):
                continue
            if line_m and self.world.line_distance_m(np.array([lat]), np.array([lon]))[0] < line_m:
                continue
            self.taken.append((lat, lon))
            return lat, lon
        raise NoRoomError("no free place in open water")

    def is_free(self, lat: float, lon: float, apart_m: float) -> bool:
        """Whether no scene lies within ``apart_m``."""
        if not self.taken:
            return True
        lats, lons = np.array(self.taken).T
        return bool(distance_m(lat, lon, lats, lons).min() >= apart_m)

    def call_at(
        self, start: tuple[float, float], start_s: float, stay: Motion, end_s: float, cruise_kn: float
    ) -> Motion:
        """An ordinary voyage with a stay in open water: come from a port, stay, go on to another."""
        rng, ticks = self.rng, self.ticks
        origin, destination = self.port(), self.port()
        inbound = passage(rng, self._to(origin, start), cruise_kn, berth=(True, False))
        outbound = passage(
            rng, self._to(destination, stay.at(end_s)).reverse(), cruise_kn, berth=(False, True)
        )
        return joined(
            ticks,
            sail(ticks, inbound, start_s - inbound.seconds),
            [(start_s, stay), (end_s, sail(ticks, outbound, end_s))],
        )

    def _to(self, port: Port, point: tuple[float, float]) -> Route:
        route = self.world.route_to_point(port, *point)
        berth = port.take_berth()
        return Route.through(np.append(berth[0], route.lat), np.append(berth[1], route.lon), corner_m=0.0)
