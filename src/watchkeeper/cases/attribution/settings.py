"""The limits, weights and tables of ``weights.toml``, each with its unit and source."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from watchkeeper.model.time import HOUR, MINUTE
from watchkeeper.model.units import METRES_PER_NMI

_SIZE = {"min": MINUTE, "h": HOUR, "nmi": METRES_PER_NMI, "km": 1000.0, "kn": 1.0, "deg": 1.0, "1": 1.0}


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A limit as written, with its unit and source."""

    value: float
    unit: str
    source: str


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"begin": "from"}):
    """A term of the tree. Its ramp is 0 at ``begin`` and 1 at ``full``; either may be the greater."""

    weight: float
    source: str
    begin: float = 0.0
    full: float = 1.0

    def ramp(self, measured: float) -> float:
        """How far along the ramp a measure lies, 0 to 1; 0 for NaN."""
        along = (measured - self.begin) / (self.full - self.begin)
        return min(1.0, max(0.0, along)) if along == along else 0.0


class Factor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left of a term under a circumstance, 0 to 1."""

    value: float
    source: str


class Trust(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Behaviours whose findings put positions in doubt, and those that measure what the tree measures."""

    behaviours: frozenset[str]
    same: frozenset[str]


class Anchors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Equipment: number over length squared, and rows (upper end, mass of one [kg], chain of two [m])."""

    per_length2: float
    per_length2_source: str
    table: tuple[tuple[float, float, float], ...]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    limits: dict[str, Limit]
    top_speed_kn: dict[str, float]
    terms: dict[str, Term]
    factors: dict[str, Factor]
    trust: Trust
    anchors: Anchors

    def of(self, name: str) -> float:
        """A limit in the unit of the inside: milliseconds, metres, knots, degrees."""
        limit = self.limits[name]
        return limit.value * _SIZE[limit.unit]


@cache
def settings() -> Settings:
    """The settings in force."""
    text = files(__package__).joinpath("weights.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Settings)
