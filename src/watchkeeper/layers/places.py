"""Ports and anchorages of the layers given: the places that explain why ships lie still."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np

from watchkeeper.layers.index import AssetIndex
from watchkeeper.layers.segments import FARTHEST_M
from watchkeeper.model.asset import Asset

_FOLLOWS: Final = re.compile(r"[>=]+|\bTO\b|/")
"""What stands between the port left and the port bound for (IMO SN/Circ.244: ``DK CPH>SE GOT``)."""


class Places:
    """Places by how far they reach, so that *within so many metres of a place* is exact."""

    def __init__(self, places: Sequence[Asset]) -> None:
        by_reach: defaultdict[float, list[Asset]] = defaultdict(list)
        for place in places:
            by_reach[place.buffer_m].append(place)
        self._places = list(places)
        self._by_reach = [(reach, AssetIndex(group)) for reach, group in by_reach.items()]

    def near(self, lat: float, lon: float, within_m: float) -> str | None:
        """The name of a place whose reach ends at most ``within_m`` from the point, or None."""
        place = self.at(lat, lon, within_m)
        return str(place.name) if place is not None else None

    def at(self, lat: float, lon: float, within_m: float) -> Asset | None:
        """A place whose reach ends at most ``within_m`` from the point, or None; looked for within 200 km."""
        for reach, index in self._by_reach:
            found, _ = index.nearest(
                np.array([lat]), np.array([lon]), min(max(reach + within_m, 1.0), FARTHEST_M)
            )
            if found[0] >= 0:
                return index.assets[int(found[0])]
        return None

    def named(self, text: str) -> Asset | None:
        """The place that a text of destination names, by UN/LOCODE or by name; None for none and for several."""
        bound = _FOLLOWS.split(text.upper())[-1]
        named = self._named.get(_plain(bound), [])
        return named[0] if len(named) == 1 else None

    @cached_property
    def _named(self) -> dict[str, list[Asset]]:
        """Places by name and by code. Anchorages have the names of their ports: only ports are meant."""
        named: defaultdict[str, list[Asset]] = defaultdict(list)
        for place in self._places:
            if place.kind == "port":
                for key in {_plain(place.name), _plain(place.locode or "")} - {""}:
                    named[key].append(place)
        return dict(named)


def _plain(text: str) -> str:
    """Letters and digits, without accents."""
    bare = unicodedata.normalize("NFKD", text.upper())
    return "".join(c for c in bare if c.isalnum())


def middle_of(place: Asset) -> tuple[float, float]:
    """Latitude and longitude of a place: its point, or the middle of its outline [deg]."""
    lon, lat = np.array(list(_points(place.geometry.get("coordinates")))).T
    lon = np.unwrap(lon, period=360.0)
    return float(lat.min() + lat.max()) / 2.0, (float(lon.min() + lon.max()) / 2.0 + 540.0) % 360.0 - 180.0


def _points(coordinates: Any) -> Iterator[tuple[float, float]]:
    if coordinates and isinstance(coordinates[0], (int, float)):
        yield float(coordinates[0]), float(coordinates[1])
        return
    for part in coordinates or ():
        yield from _points(part)
