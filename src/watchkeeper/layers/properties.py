"""What a layer's properties say: name, kind, buffer and the rest, under the names that real layers use."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, get_args

from watchkeeper.layers.segments import FARTHEST_M
from watchkeeper.model.asset import Kind, PositionClass
from watchkeeper.model.units import METRES_PER_NMI

# Names are compared in lower case without spaces and signs: "Main Port Name" is mainportname.
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "id": ("id", "assetid", "featureid", "linkid", "mrgid", "worldportindexnumber", "s2id", "fid"),
    "name": ("name", "assetname", "cablename", "pipelinename", "mainportname", "geoname", "label", "title"),
    "kind": (
        "kind",
        "assetkind",
        "infrastructuretype",
        "zonetype",
        "assettype",
        "featuretype",
        "type",
        "category",
    ),
    "operator": ("operator", "owner", "operatorname", "owners"),
    "source": ("source", "datasource", "origin"),
    "licence": ("licence", "license"),
    "as_of": ("asof", "date", "updated", "lastupdate", "lastupdated"),
    "position_class": ("positionclass", "positionquality"),
    "country": ("country", "countrycode", "countryname", "iso2", "iso3166"),
    "locode": ("locode", "unlocode"),
}
_BUFFERS: Final = {
    "bufferm": 1.0,
    "bufferkm": 1000.0,
    "buffernm": METRES_PER_NMI,
    "buffernmi": METRES_PER_NMI,
}
_DEPTHS: Final = ("depthm", "mindepthm", "waterdepthm", "depth", "mindepth", "waterdepth")
_DEEPEST_M: Final = 11_000.0

# The first of these that a word of the value begins with decides: a power cable is a power line.
_KIND_WORDS: Final[tuple[tuple[str, Kind], ...]] = (
    ("power", "power-line"),
    ("hvdc", "power-line"),
    ("electric", "power-line"),
    ("interconnector", "power-line"),
    ("pipe", "pipeline"),
    ("gas", "pipeline"),
    ("cable", "cable"),
    ("telecom", "cable"),
    ("fibre", "cable"),
    ("fiber", "cable"),
    ("anchor", "anchorage"),
    ("port", "port"),
    ("harbo", "port"),
    ("terminal", "port"),
    ("zone", "zone"),
    ("area", "zone"),
)
_GEOMETRY_KIND: Final[dict[str, Kind]] = {"line": "cable", "polygon": "zone", "point": "port"}


@lru_cache(maxsize=4096)
def _plain(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


@lru_cache(maxsize=4096)
def _kind_named(value: str) -> Kind | None:
    parts = re.split(r"[^a-z0-9]+", value.lower())
    return next((kind for word, kind in _KIND_WORDS if any(p.startswith(word) for p in parts)), None)


class Properties:
    """Properties of one feature, found by any of their usual names."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self._given = {_plain(key): value for key, value in given.items()}

    def text(self, field: str) -> str | None:
        """The value of a field as text, None where there is none."""
        for name in _NAMES[field]:
            value = self._given.get(name)
            text = "" if value is None or value != value else str(value).strip()
            if text and text.lower() not in ("none", "null"):
                return text
        return None

    def kind(self, shape: str) -> tuple[Kind, bool]:
        """The kind, and whether it was guessed from the shape (``line``, ``polygon`` or ``point``)."""
        for name in _NAMES["kind"]:
            value = self._given.get(name)
            kind = _kind_named(str(value)) if value else None
            if kind is not None:
                return kind, False
        return _GEOMETRY_KIND[shape], True

    def buffer_m(self) -> float | None:
        """The buffer in metres, None where none is given.

        Raises:
            ValueError: it is not a number between 0 and 200 km.
        """
        for name, metres in _BUFFERS.items():
            value = self._given.get(name)
            if value is None or value == "":
                continue
            buffer = float(str(value)) * metres
            if not 0.0 <= buffer <= FARTHEST_M:
                raise ValueError(f"{value} is out of range")
            return buffer
        return None

    def depth_m(self) -> float | None:
        """The least depth of water in metres, written below zero or above; None where none is given.

        Raises:
            ValueError: it is not a number, or deeper than any sea.
        """
        for name in _DEPTHS:
            value = self._given.get(name)
            if value is None or value == "":
                continue
            depth = abs(float(str(value)))
            if not depth <= _DEEPEST_M:
                raise ValueError(f"{value} is out of range")
            return depth
        return None

    def position_class(self) -> PositionClass:
        """How well the position is known."""
        text = (self.text("position_class") or "").lower()
        return next((known for known in get_args(PositionClass) if known == text), "unknown")
