"""Ports and anchorages of the layers given: the places that explain why ships lie still."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from watchkeeper.layers.index import AssetIndex
from watchkeeper.model.asset import Asset


class Places:
    """Places by how far they reach, so that *within so many metres of a place* is exact."""

    def __init__(self, places: Sequence[Asset]) -> None:
        by_reach: defaultdict[float, list[Asset]] = defaultdict(list)
        for place in places:
            by_reach[place.buffer_m].append(place)
        self._by_reach = [(reach, AssetIndex(group)) for reach, group in by_reach.items()]

    def near(self, lat: float, lon: float, within_m: float) -> str | None:
        """The name of a place whose reach ends at most ``within_m`` from the point, or None."""
        for reach, index in self._by_reach:
            found, _ = index.nearest(np.array([lat]), np.array([lon]), max(reach + within_m, 1.0))
            if found[0] >= 0:
                return str(index.assets[found[0]].name)
        return None
