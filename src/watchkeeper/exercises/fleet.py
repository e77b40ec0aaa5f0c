"""The whole ordinary fleet: so many of each trade."""

from collections.abc import Callable
from typing import Final

import numpy as np

from watchkeeper.exercises.company import bunkering, convoy, pilotage, tow, trawler_pair
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.ships import Ship
from watchkeeper.exercises.traffic import (
    anchored,
    dredger,
    fast_ferry,
    ferry,
    lifeboat,
    moored,
    pleasure,
    survey,
    trader,
    trawler,
)


def _pilot_boat(day: Day) -> list[Ship]:
    return pilotage(day)[0]


def _bunker_pair(day: Day) -> list[Ship]:
    return bunkering(day)[0]


def _one(builder: Callable[[Day], Ship]) -> Callable[[Day], list[Ship]]:
    return lambda day: [builder(day)]


MIX: Final[tuple[tuple[float, Callable[[Day], list[Ship]]], ...]] = (
    (0.33, _one(trader)),
    (0.23, _one(moored)),
    (0.05, lambda day: [moored(day, "fishing")]),
    (0.08, _one(anchored)),
    (0.09, lambda day: [moored(day, "pleasure")]),
    (0.06, _one(pleasure)),
    (0.02, lambda day: [pleasure(day, afar=True)]),
    (0.04, _one(ferry)),
    (0.005, _one(fast_ferry)),
    (0.045, _one(trawler)),
    (0.01, trawler_pair),
    (0.006, tow),
    (0.004, convoy),
    (0.008, _bunker_pair),
    (0.010, _pilot_boat),
    (0.006, _one(lifeboat)),
    (0.004, _one(survey)),
    (0.004, _one(dredger)),
)
"""Shares of the fleet, judged from Danish days: a third under way, a third alongside."""


def background(day: Day, count: int) -> list[Ship]:
    """About ``count`` ordinary ships."""
    shares = np.array([share for share, _ in MIX])
    drawn = day.rng.choice(len(MIX), size=count, p=shares / shares.sum())
    return [ship for which in drawn for ship in MIX[which][1](day)]
