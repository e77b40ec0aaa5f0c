"""The assets of the layers given: what each position is nearest to."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.layers.index import AssetIndex, Distance, Floats, Who
from watchkeeper.model.asset import LINE_KINDS, Asset

MAX_LEG_M: Final = 600_000.0
"""How far apart two reports may be for a crossing on the straight way between them: a day at 13.5 kn."""


class Assets:
    """Lines and zones, looked up apart: a zone that covers a cable must not hide it.

    Numbers are positions in the sequence given.
    """

    def __init__(self, assets: Sequence[Asset]) -> None:
        groups = [_group(assets, lines=True), _group(assets, lines=False)]
        self._lines, self._zones = groups
        self._groups = [group for group in groups if group is not None]

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

    def zones(self, lat: Floats, lon: Floats) -> Who:
        """Number of the zone in which, or in whose buffer, each point lies, -1 for none, shape ``(n,)``."""
        who = np.full(len(lat), -1, np.int32)
        if self._zones is not None:
            numbers, index = self._zones
            found, _ = index.within_buffer(lat, lon)
            inside = found >= 0
            who[inside] = numbers[found[inside]]
        return who

    def crossings(
        self, lat0: Floats, lon0: Floats, lat1: Floats, lon1: Floats
    ) -> tuple[NDArray[np.int64], Who, Floats]:
        """Leg, number of the line and share of the leg of every crossing; see :meth:`AssetIndex.crossings`."""
        if self._lines is None:
            return np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0)
        numbers, index = self._lines
        leg, line, share = index.crossings(lat0, lon0, lat1, lon1, MAX_LEG_M)
        return leg, numbers[line], share


def _group(assets: Sequence[Asset], *, lines: bool) -> tuple[Who, AssetIndex] | None:
    numbers = [k for k, asset in enumerate(assets) if (asset.kind in LINE_KINDS) == lines]
    return (np.array(numbers, np.int32), AssetIndex([assets[k] for k in numbers])) if numbers else None
