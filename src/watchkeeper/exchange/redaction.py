"""Taking out of a STIX object what its recipient may not have, and saying in the object that this was done.

Parts are removed or, if they are places, coarsened to a grid; references to things that are withheld are taken out
wherever they stand. All other properties stay as they are, in their order. What was taken is named by its property,
never by its value; and of references only that some are missing.
"""

import math
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from watchkeeper.exchange.required import TOGETHER, stands
from watchkeeper.model.marking import Part

HANDLING: Final = "extension-definition--d1ac3fe6-1f0e-4f6b-8f44-0f4c5b9be1a7"
"""Our extension of any object: ``withheld`` (what a recipient was not given) and ``retracted`` (why it was taken back).
"""

GRID_DEG: Final = 0.5
"""Places are coarsened to the middle of a cell of this size, in degrees of latitude and longitude: at 60 degrees north
about 55 by 28 km, more than the width of the corridors in which a cable is looked for."""

WITHHELD: Final = "[withheld]"
"""What stands in a text in place of an id that is withheld."""

_GONE: Final = object()
_ID: Final = re.compile(r"(?:[a-z0-9-]+--)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_STEP: Final = re.compile(r"\[(\d+)\]|([\w-]+)")
_MARKS: Final = "granular_markings"
_Path = tuple[str | int, ...]


def redacted(
    whole: Mapping[str, Any],
    parts: Iterable[Part] = (),
    withheld: Container[str] = frozenset(),
    *,
    grid_deg: float = GRID_DEG,
) -> dict[str, Any] | None:
    """The object without some parts and without the ids in ``withheld``; None where it could not stand without them.

    Args:
        grid_deg: size of the cells to which a place is coarsened [degrees].
    """
    tree: dict[str, Any] = _copied(dict(whole))
    said = [_withhold(tree, part, grid_deg) for part in sorted(parts, key=lambda part: part.how == "remove")]
    taken = [what for what in said if what is not None]
    references = _withhold_ids(tree, withheld)
    if not taken and not references:
        return dict(whole)
    _sweep(tree)
    _unmark(tree, [what["path"] for what in taken])
    rest = _rebuilt(tree)
    if not stands(rest, whole) or not isinstance(rest.get("extensions", {}), dict):
        return None
    return _saying(rest, taken, references, grid_deg)


def _copied(value: Any) -> Any:
    """The containers of JSON anew; what is in them does not change."""
    if isinstance(value, dict):
        return {key: _copied(below) for key, below in value.items()}
    return [_copied(below) for below in value] if isinstance(value, list) else value


def _withhold(tree: dict[str, Any], part: Part, grid_deg: float) -> dict[str, Any] | None:
    """Take one part out of the tree; what was done, or None if there is no such part."""
    path = _path(part.selector)
    holder = _at(tree, path[:-1])
    if not path or _at(holder, path[-1:]) is _GONE:
        return None
    coarse = _coarsened(holder[path[-1]], path[-1], grid_deg) if part.how == "coarsen" else _GONE
    holder[path[-1]] = coarse
    if coarse is _GONE and len(path) == 1:
        for others in TOGETHER:
            tree.update(dict.fromkeys(others & tree.keys() if path[0] in others else (), _GONE))
    return {"path": path, "how": "removed" if coarse is _GONE else "coarsened"}


def _path(selector: str) -> _Path:
    """The steps of a selector; none where it is no selector."""
    steps = [_STEP.fullmatch(step) for step in selector.split(".")]
    if None in steps:
        return ()
    return tuple(int(step[1]) if step[1] else step[2] for step in steps if step is not None)


def _at(value: Any, path: _Path) -> Any:
    """What stands at a path; ``_GONE`` where nothing does."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step, _GONE)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return _GONE
    return value


def _withhold_ids(value: Any, withheld: Container[str]) -> bool:
    """Take every mention of an id out; whether there was any."""
    found = False
    for key, below in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if key == _MARKS:
            continue
        if isinstance(below, str):
            kept = _without(below, withheld)
            value[key] = _GONE if kept == WITHHELD else kept
            found |= kept != below
        elif isinstance(below, dict | list):
            found |= _withhold_ids(below, withheld)
        if isinstance(key, str) and key in withheld:
            value[key] = _GONE
            found = True
    return found


def _without(text: str, withheld: Container[str]) -> str:
    return _ID.sub(lambda match: WITHHELD if match[0] in withheld else match[0], text)


def _sweep(value: Any) -> None:
    """Mark containers gone that have become empty."""
    for key, below in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if isinstance(below, dict | list) and below:
            _sweep(below)
            values = list(below.values() if isinstance(below, dict) else below)
            left = [v for v in values if v is not _GONE]
            if len(left) < len(values) and left in ([], ["property-extension"]):
                value[key] = _GONE


def _unmark(tree: dict[str, Any], paths: list[_Path]) -> None:
    """Granular markings of what is gone go too; the others follow what they mark."""
    marks = tree.get(_MARKS)
    if not isinstance(marks, list):
        return
    for mark in marks:
        if not isinstance(mark, dict) or not isinstance(mark.get("selectors"), list):
            continue
        kept = [
            _written(new)
            for selector in mark["selectors"]
            if (path := _path(str(selector)))
            and not _within(path, paths)
            and (new := _moved(tree, path)) is not None
        ]
        mark["selectors"] = kept
    tree[_MARKS] = [m for m in marks if not isinstance(m, dict) or m.get("selectors")] or _GONE


def _within(path: _Path, paths: list[_Path]) -> bool:
    return any(path[: len(other)] == other for other in paths)


def _moved(tree: Any, path: _Path) -> _Path | None:
    """Where a path leads after what is gone has been closed up; None if it is gone itself."""
    new: list[str | int] = []
    for step in path:
        if _at(tree, (step,)) is _GONE:
            return None
        new.append(step - sum(v is _GONE for v in tree[:step]) if isinstance(step, int) else step)
        tree = tree[step]
    return tuple(new)


def _written(path: _Path) -> str:
    return ".".join(f"[{step}]" if isinstance(step, int) else step for step in path)


def _rebuilt(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rebuilt(below) for key, below in value.items() if below is not _GONE}
    if isinstance(value, list):
        return [_rebuilt(below) for below in value if below is not _GONE]
    return value


def _saying(
    rest: dict[str, Any], taken: list[dict[str, Any]], references: bool, grid_deg: float
) -> dict[str, Any]:
    """The object with a note of what is missing in it."""
    extensions = rest.setdefault("extensions", {})
    before = extensions.get(HANDLING)
    says = {"extension_type": "property-extension", **(before if isinstance(before, dict) else {})}
    notes = list(says["withheld"]) if isinstance(says.get("withheld"), list) else []
    for what in taken:
        note = {"property": _property(what["path"]), "how": what["how"]}
        if what["how"] == "coarsened":
            note["grid_deg"] = grid_deg
        notes += [note] if note not in notes else []
    if references:
        note = {"property": "references", "how": "removed"}
        notes += [note] if note not in notes else []
    extensions[HANDLING] = {**says, "withheld": notes}
    return rest


def _property(path: _Path) -> str:
    """The name of the property: of extensions also which one, and of it which property; no further."""
    names = [step for step in path[: 3 if path[0] == "extensions" else 1] if isinstance(step, str)]
    return ".".join(names)


def _coarsened(value: Any, name: str | int, grid_deg: float) -> Any:
    """A place, coarsened; ``_GONE`` where it is none that we understand."""
    if name in {"latitude", "longitude"} and _number(value):
        return _middle(value, 90 if name == "latitude" else 180, grid_deg)
    if isinstance(value, dict):
        return _geometry(value, grid_deg)
    return _GONE


def _geometry(geometry: Mapping[str, Any], grid_deg: float) -> Any:
    """A GeoJSON geometry on the middles of the cells: the path from cell to cell for lines, else the cells."""
    kind, given = geometry.get("type"), geometry.get("coordinates")
    if kind == "GeometryCollection" and isinstance(geometry.get("geometries"), list):
        below = [_geometry(g, grid_deg) for g in geometry["geometries"] if isinstance(g, dict)]
        return {"type": kind, "geometries": [g for g in below if g is not _GONE]}
    try:
        passed = list(_cells(given, grid_deg))
    except (TypeError, ValueError):
        return _GONE
    cells = list(dict.fromkeys(passed))
    if len(cells) > 1 and kind == "LineString":
        return {"type": "LineString", "coordinates": [list(cell) for cell, _ in groupby(passed)]}
    if len(cells) > 1:
        return {"type": "MultiPoint", "coordinates": [list(cell) for cell in sorted(cells)]}
    return {"type": "Point", "coordinates": list(cells[0])} if cells else _GONE


def _cells(coordinates: Any, grid_deg: float) -> Iterator[tuple[float, float]]:
    """The cells of all positions in GeoJSON coordinates, however deep."""
    if len(coordinates) >= 2 and not isinstance(coordinates[0], list) and all(map(_number, coordinates)):
        yield (_middle(coordinates[0], 180, grid_deg), _middle(coordinates[1], 90, grid_deg))
        return
    for below in coordinates:
        if not isinstance(below, list):
            raise TypeError("no position")
        yield from _cells(below, grid_deg)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _middle(degrees: float, most: int, grid_deg: float) -> float:
    """The middle of the cell that holds it."""
    cells = round(most / grid_deg)
    number = min(max(math.floor(degrees / grid_deg), -cells), cells - 1)
    return round((number + 0.5) * grid_deg, 6)
