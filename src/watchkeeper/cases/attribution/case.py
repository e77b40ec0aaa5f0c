"""What an inquiry works on: ships, what was sifted from their tracks, and one possible crossing of one ship."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from watchkeeper.cases.attribution.habit import Habit
from watchkeeper.cases.attribution.reach import Fix, Possible, Silent
from watchkeeper.cases.attribution.result import How
from watchkeeper.cases.attribution.search import Crossings, Nearest
from watchkeeper.cases.attribution.settings import settings
from watchkeeper.cases.attribution.stretch import Place, Stretch
from watchkeeper.cases.attribution.weighing import Measures
from watchkeeper.cases.tree import Node
from watchkeeper.kernels.nearby import Legs
from watchkeeper.model.asset import Asset
from watchkeeper.model.units import METRES_PER_NMI, MS_PER_HOUR

M_PER_MS: Final = METRES_PER_NMI / MS_PER_HOUR
"""One knot."""


class Asked(NamedTuple):
    """What the inquiry is about."""

    asset: Asset
    place: Place | None
    stretch: Stretch


class Data(NamedTuple):
    """What was asked of: whether it is simulated, first and last report [ms UTC], ships heard."""

    simulated: bool
    start: int
    end: int
    ships: int


class Said(NamedTuple):
    """A finding of the scan: its id, behaviour, time [ms], what it says, and whether its positions are trusted."""

    id: str
    behaviour: str
    start: int
    end: int
    summary: str
    trust: str
    trust_reason: str


@dataclass(frozen=True, slots=True)
class Vessel:
    """What is known of a ship: as it last said, NaN and empty where it did not."""

    mmsi: int
    imo: int | None
    name: str | None
    callsign: str | None
    flag: str | None
    ship_type: int
    ais_class: int
    length_m: float
    draught_m: float
    said: tuple[Said, ...] = ()
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sifted:
    """What the pass over the tracks left. ``crossings`` and ``near`` are of window and hours around; ``silences`` are
    legs longer than ``dark_after``; ``ends`` pairs a track with its report and when the silence beyond it ends [ms]."""

    window: tuple[int, int]
    crossings: Crossings
    silences: Legs
    ends: tuple[tuple[int, Fix, int], ...]
    near: Nearest
    heard_there: float


@dataclass(slots=True)
class Case:
    """One possible crossing of one ship, measured; weighed later, when it is known what the others lost."""

    track: int
    how: How
    t: int
    lat: float
    lon: float
    habit: Habit | None
    possible: Possible | None = None
    silent: Silent | None = None
    start: int | None = None
    end: int | None = None
    before: Fix | None = None
    after: Fix | None = None
    top_kn: float = np.nan
    top_from: str = ""
    elsewhere: int = 0
    """Reports sent from another place during the silence: the number's second track."""
    count: int = 1
    measures: Measures | None = None
    tree: Node = field(default_factory=lambda: Node("evidence", 0.0))

    @property
    def loss(self) -> float:
        """The greater of the two losses of speed near the crossing."""
        return max(self.habit.dip, self.habit.slow) if self.habit is not None else 0.0

    @property
    def silent_loss(self) -> float:
        """Loss of speed over a silence, on the shortest way by the stretch."""
        h, p = self.habit, self.possible
        if h is None or p is None or self.how != "silent" or not h.usual_kn >= settings().of("under_way"):
            return 0.0
        assert self.start is not None
        assert self.end is not None
        made_good = p.way_m / (self.end - self.start) / M_PER_MS
        return max(0.0, 1.0 - made_good / h.usual_kn - h.uneven)


class LeftOut(NamedTuple):
    """A track that did not cross, and why."""

    track: int
    reason: str
    detail: str
