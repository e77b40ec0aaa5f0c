"""Where ships usually lie: learnt from the data, and joined with the ports and anchorages given.

Peers report bunkering in a roadstead and neighbours at a berth as transfers. Where at least three different ships
lay still for an hour within a kilometre of each other, lying still needs no other explanation.
"""

from dataclasses import dataclass

import numpy as np

from watchkeeper.kernels.meetings import most_near, vessels_near
from watchkeeper.model.behaviour import Behaviour
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.picture import Fixes
from watchkeeper.model.records import Array

STILL_KN = 0.5
STILL_S = 3600.0
"""Lying still: below 0.5 kn (Global Fishing Watch anchorages: a stop ends at 0.5 kn) for an hour."""
REACH_M = 1000.0
MIN_SHIPS = 3
"""Global Fishing Watch asks for 20 ships in years of data within 0.5 km; Wachta learns them from a day. Two ships
are a meeting, three that came separately are a place."""


def _still(fix: Fixes) -> Episodes:
    return fix.runs(fix.sog_kn < STILL_KN, at_least_s=STILL_S, bridge_s=600.0, silence_s=4 * 3600.0)


def still_watch() -> Behaviour:
    """What the engine watches for itself, to learn places. Never judged, never reported."""
    return Behaviour("still", 1, "still", "fixes", (), _still, {}, {})


@dataclass(frozen=True, slots=True)
class LearntPlaces:
    """Points where ships usually lie (in order of latitude), and how many different ships near each."""

    lat: Array
    lon: Array
    ships: Array

    @classmethod
    def learn(cls, still: Episodes) -> "LearntPlaces":
        """From the stretches in which ships lay still."""
        order = np.lexsort((still.vessel, still.lat))
        s = still.take(order)
        ships = vessels_near(s.lat, s.lon, s.vessel, REACH_M)
        core = ships >= MIN_SHIPS
        return cls(s.lat[core], s.lon[core], ships[core])

    def ships_near(self, lat: float, lon: float, within_m: float) -> int:
        """How many different ships lay at the place that reaches to ``within_m`` of the point; 0 for none."""
        return int(most_near(self.lat, self.lon, self.ships, lat, lon, REACH_M + within_m))
