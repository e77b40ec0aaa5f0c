"""Routes over water: a smooth line with the distance along it, and the time a ship is at each point."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import ArrayLike

from watchkeeper.exercises.geo import KNOT, Array, course_deg, displaced, distance_m

SPACING_M: Final = 400.0
"""Distance between the points of a route."""

CORNER_M: Final = 2_000.0
"""How far before and after a waypoint a ship's wide turn begins and ends."""

FAIRWAY_M: Final = 9_000.0
"""Near its ends all ships use the middle of a route..."""

SPREAD_M: Final = 15_000.0
"""... and over this distance they spread out to the width of the lane."""


@dataclass(frozen=True, slots=True)
class Route:
    """A line sailed from its first to its last point. ``s`` is the distance from the start in metres."""

    lat: Array
    lon: Array
    s: Array

    @classmethod
    def through(
        cls, lat: ArrayLike, lon: ArrayLike, corner_m: float = CORNER_M, spacing_m: float = SPACING_M
    ) -> Self:
        """A route through waypoints, its corners rounded, its points ``spacing_m`` apart."""
        lat, lon = _rounded(np.asarray(lat, float), np.asarray(lon, float), corner_m)
        s = _along(lat, lon)
        even = np.linspace(0.0, s[-1], max(2, int(np.ceil(s[-1] / spacing_m)) + 1))
        lat, lon = np.interp(even, s, lat), np.interp(even, s, lon)
        return cls(lat, lon, _along(lat, lon))

    @property
    def length_m(self) -> float:
        return float(self.s[-1])

    def at(self, s: Array) -> tuple[Array, Array]:
        """Latitude and longitude at distances ``s`` [m], held at the ends."""
        return np.interp(s, self.s, self.lat), np.interp(s, self.s, self.lon)

    def reverse(self) -> Self:
        return type(self)(self.lat[::-1], self.lon[::-1], self.s[-1] - self.s[::-1])

    def part(self, start_m: float, stop_m: float) -> Self:
        """The stretch between two distances along the route."""
        inside = self.s[(self.s > start_m) & (self.s < stop_m)]
        lat, lon = self.at(np.concatenate(([start_m], inside, [stop_m])))
        return type(self)(lat, lon, _along(lat, lon))

    def then(self, lat: ArrayLike, lon: ArrayLike) -> Self:
        """This route lengthened by further waypoints."""
        return type(self).through(np.append(self.lat, lat), np.append(self.lon, lon), corner_m=0.0)

    def shifted(self, right_m: float) -> Self:
        """The route moved ``right_m`` to the right, but for the fairways at both ends.

        Ships keep to starboard, and no two hold the same line: the offset makes a lane of them.
        """
        from_end = np.minimum(self.s, self.s[-1] - self.s)
        fade = np.clip((from_end - FAIRWAY_M) / SPREAD_M, 0.0, 1.0)
        side = np.radians(self.courses() + 90.0)
        lat, lon = displaced(self.lat, self.lon, right_m * fade * np.cos(side), right_m * fade * np.sin(side))
        return type(self)(lat, lon, _along(lat, lon))

    def courses(self) -> Array:
        """Course at each point [deg]."""
        leg = course_deg(self.lat[:-1], self.lon[:-1], self.lat[1:], self.lon[1:])
        return np.append(leg, leg[-1])


@dataclass(frozen=True, slots=True)
class Passage:
    """A route sailed with a speed at each of its points. ``t`` [s] counts from the departure."""

    route: Route
    t: Array

    @classmethod
    def at_speed(cls, route: Route, speed_kn: Array | float) -> Self:
        """Sail ``route`` at ``speed_kn`` (one value, or one for each of its points)."""
        speed = np.broadcast_to(np.asarray(speed_kn, float) * KNOT, route.s.shape)
        pace = 2.0 / (speed[:-1] + speed[1:])
        return cls(route, np.concatenate(([0.0], np.cumsum(np.diff(route.s) * pace))))

    @property
    def seconds(self) -> float:
        return float(self.t[-1])

    def at(self, t: Array) -> tuple[Array, Array]:
        """Latitude and longitude ``t`` seconds after departure, at rest at the ends before and after."""
        return self.route.at(np.interp(t, self.t, self.route.s))

    def time_at(self, s: float) -> float:
        """Seconds from departure to ``s`` metres along."""
        return float(np.interp(s, self.route.s, self.t))


def wandering(rng: np.random.Generator, lat: float, lon: float, radius_m: float, length_m: float) -> Route:
    """A line of at least ``length_m`` that begins at a point and turns about within ``radius_m`` of it."""
    count = max(4, int(2.0 * length_m / radius_m) + 3)
    radius = radius_m * 0.9 * np.sqrt(rng.random(count))
    angle = rng.random(count) * 2.0 * np.pi
    radius[0] = 0.0
    lats, lons = displaced(lat, lon, radius * np.cos(angle), radius * np.sin(angle))
    route = Route.through(lats, lons, corner_m=radius_m / 4.0, spacing_m=min(SPACING_M, radius_m / 12.0))
    return route if route.length_m >= length_m else route.then(route.lat[::-1], route.lon[::-1])


def _along(lat: Array, lon: Array) -> Array:
    return np.concatenate(([0.0], np.cumsum(distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:]))))


def _rounded(lat: Array, lon: Array, corner_m: float) -> tuple[Array, Array]:
    """Replace each inner waypoint by a curve (quadratic Bezier) that touches both legs."""
    if len(lat) < 3 or corner_m <= 0.0:
        return lat, lon
    points = np.column_stack((lat, lon))
    leg = distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    reach = np.minimum(corner_m, np.minimum(leg[:-1], leg[1:]) / 2.0)
    here = points[1:-1]
    before = here + (points[:-2] - here) * (reach / np.maximum(leg[:-1], 1e-9))[:, None]
    after = here + (points[2:] - here) * (reach / np.maximum(leg[1:], 1e-9))[:, None]
    u = np.linspace(0.0, 1.0, 9)[None, :, None]
    curve = (1 - u) ** 2 * before[:, None] + 2 * u * (1 - u) * here[:, None] + u**2 * after[:, None]
    smooth = np.concatenate((points[:1], curve.reshape(-1, 2), points[-1:]))
    return smooth[:, 0], smooth[:, 1]
