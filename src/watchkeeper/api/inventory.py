"""Assets for questions: by id, by kind, in a box."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import msgspec
import shapely

from watchkeeper.model.asset import Asset


class Inventory:
    """All assets, in order of id. Of two with one id the later counts."""

    def __init__(self, assets: Sequence[Asset]) -> None:
        by_id = {asset.id: asset for asset in assets}
        self.assets = tuple(by_id[id] for id in sorted(by_id))
        self._by_id = by_id

    def one(self, id: str) -> Asset | None:
        """The asset of an id."""
        return self._by_id.get(id)

    def sought(
        self, box: tuple[float, float, float, float] | None, kinds: Sequence[str] = (), text: str = ""
    ) -> Iterator[Asset]:
        """Assets that touch a box [deg] (west above east is across the antimeridian), of some kinds, with words in id
        or name; in order of id."""
        words = text.casefold()
        for number in range(len(self.assets)) if box is None else self.touching(box):
            asset = self.assets[number]
            if (not kinds or asset.kind in kinds) and words in f"{asset.id} {asset.name}".casefold():
                yield asset

    def touching(self, box: tuple[float, float, float, float]) -> list[int]:
        """Numbers of the assets that touch a box, in order."""
        west, south, east, north = box
        spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        found: set[int] = set()
        for left, right in spans:
            found.update(self._tree.query(shapely.box(left, south, right, north), "intersects").tolist())
        return sorted(found)

    @cached_property
    def shapes(self) -> Any:
        """The geometries, in the order of the assets."""
        return shapely.from_geojson([msgspec.json.encode(a.geometry).decode() for a in self.assets])

    @cached_property
    def version(self) -> str:
        """Changes when an asset does."""
        return hashlib.sha256(msgspec.json.encode(self.assets)).hexdigest()[:16]

    @cached_property
    def _tree(self) -> Any:
        return shapely.STRtree(self.shapes)
