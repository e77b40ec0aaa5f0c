"""The page of an attribution: the answer with the land around it, one file."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from shapely.geometry.base import BaseGeometry

from watchkeeper.cases.attribution.result import Attribution
from watchkeeper.console.ground import Bounds, ground
from watchkeeper.console.page import fill, write_page
from watchkeeper.console.payload import around, coordinates, outline, packed


def write_attribution(path: Path, answer: Attribution, land: BaseGeometry, credits: list[str]) -> int:
    """Write the page of an answer to ``path`` and return its size in bytes.

    Args:
        path: where to.
        answer: what attribution found.
        land: all land, WGS84 degrees.
        credits: whose data are shown.

    Raises:
        OutputError: the file cannot be written.
    """
    box = _bounds(answer)
    polygons, coast = ground(land, box)
    page: dict[str, Any] = msgspec.to_builtins(answer)
    page |= {"bounds": box, "credits": credits} | outline(polygons, coast)
    title = f"Who could have crossed {answer.question.asset_name}"
    return write_page(path, fill("attribution", title, packed(page)))


def _bounds(answer: Attribution) -> Bounds:
    """The stretch and the places of the crossings."""
    points = np.array(coordinates(answer.question.stretch.get("coordinates")), np.float64).reshape(-1, 2)
    crossings = np.array([one.crossing.at for one in answer.candidates], np.float64).reshape(-1, 2)
    return around(np.r_[points[:, 1], crossings[:, 0]], np.r_[points[:, 0], crossings[:, 1]])
