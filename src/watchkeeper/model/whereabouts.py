"""Where ships were, in words for judging: places with a country, silences, two ships heard in the same time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Port:
    """A port or anchorage of a layer: ``country`` is ISO 3166-1 alpha-2, None where the layer names none."""

    name: str
    country: str | None
    locode: str | None
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Silence:
    """A time in which a vessel was not heard, between two places [ms UTC, deg]; ``stay_h`` how long she could
    have lain at the place asked about in between [h].

    Times and places are those of the first report in each quarter hour: a silence is up to a quarter hour
    shorter than it seems here.
    """

    vessel: int
    start: int
    end: int
    lat0: float
    lon0: float
    lat1: float
    lon1: float
    stay_h: float


@dataclass(frozen=True, slots=True)
class BothHeard:
    """Two vessels in the quarter hours in which both were heard.

    ``too_far``: in how many of ``slots`` they were farther apart than one ship could have sailed meanwhile,
    first at ``t`` [ms UTC]; ``least_m``, ``most_m`` the least and the greatest distance between them [m].
    """

    slots: int
    too_far: int
    t: int
    least_m: float
    most_m: float
