"""The assets of the layers given: what each position is nearest to."""

from collections.abc import Sequence

import numpy as np

from watchkeeper.layers.index import AssetIndex, Distance, Floats, Who
from watchkeeper.model.asset import LINE_KINDS, Asset


class Assets:
    """Lines and zones, looked up apart: a zone that covers a cable must not hide it.

    Numbers are positions in the sequence given.
    """

    def __init__(self, assets: Sequence[Asset]) -> None:
        self._groups = []
        for lines in (True, False):
            numbers = [k for k, asset in enumerate(assets) if (asset.kind in LINE_KINDS) == lines]
            if numbers:
                self._groups.append((np.array(numbers, np.int32), AssetIndex([assets[k] for k in numbers])))

    def nearest(self, lat: Floats, lon: Floats, max_m: float) -> tuple[Who, Distance]:
        """The nearest line within ``max_m`` of each point; where there is none, the nearest zone.

        Returns:
            Number (-1 for none) and distance [m] (infinite for none), shapes ``(n,)``.
        """
        who, distance = np.full(len(lat), -1, np.int32), np.full(len(lat), np.inf, np.float32)
        for numbers, index in self._groups:
            found, away = index.nearest(lat, lon, max_m)
            new = (who < 0) & (found >= 0)
            who[new], distance[new] = numbers[found[new]], away[new]
        return who, distance
