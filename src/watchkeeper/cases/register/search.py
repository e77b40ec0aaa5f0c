"""Finding cases again: by words, tag, time, place and status; and those that may be the same event."""

import math
from collections.abc import Iterable

import msgspec

from watchkeeper.cases.register.case import Case, Place, case_of
from watchkeeper.model.event import Document
from watchkeeper.model.time import DAY

_EARTH_M = 6_371_008.8
"""Mean radius of the earth (IUGG, R1)."""
SAME_WITHIN_M = 25_000.0
SAME_WITHIN_MS = 3 * DAY


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is sought; what is not given fits everything.

    ``tags`` must all be there; a tag that ends in ``:`` stands for all that begin so. ``area`` is west, south, east,
    north [deg]; a case without a place fits none. Times in ms UTC.
    """

    text: str = ""
    tags: tuple[str, ...] = ()
    status: str = ""
    t_from: int | None = None
    t_to: int | None = None
    area: tuple[float, float, float, float] | None = None
    incidents_only: bool = False


def search(cases: Iterable[Document], wanted: Wanted) -> list[Document]:
    """The cases that fit, latest first."""
    found = [case for case in cases if _fits(case, case_of(case), wanted)]
    return sorted(found, key=lambda case: (-case.t, case.id))


def alike(case: Document, others: Iterable[Document]) -> list[Document]:
    """Incidents that may be the same event: at the same asset or within 25 km, within three days, of a common tool.

    A suggestion for a person, never a merge.
    """
    mine = case_of(case)
    return [other for other in others if other.id != case.id and _alike(mine, case_of(other))]


def _fits(document: Document, case: Case, wanted: Wanted) -> bool:
    begins, ends = document.t, document.t if case.when is None else case.when.ends
    words = wanted.text.casefold().split()
    return (
        all(word in document.text.casefold() for word in words)
        and all(any(_is(tag, sought) for tag in case.tags) for sought in wanted.tags)
        and wanted.status in ("", case.status)
        and (wanted.t_from is None or ends >= wanted.t_from)
        and (wanted.t_to is None or begins <= wanted.t_to)
        and (wanted.area is None or _touches(case.place, wanted.area))
        and (not wanted.incidents_only or case.kind == "incident")
    )


def _is(tag: str, sought: str) -> bool:
    return tag.startswith(sought) if sought.endswith(":") else tag == sought


def _touches(place: Place | None, area: tuple[float, float, float, float]) -> bool:
    if place is None:
        return False
    if place.lat is not None and place.lon is not None:
        return area[1] <= place.lat <= area[3] and _lon_in(place.lon, area[0], area[2])
    if place.area is None:
        return False
    west, south, east, north = place.area
    across = _lon_in(west, area[0], area[2]) or _lon_in(area[0], west, east)
    return south <= area[3] and north >= area[1] and across


def _lon_in(lon: float, west: float, east: float) -> bool:
    return west <= lon <= east if west <= east else lon >= west or lon <= east


def _alike(one: Case, other: Case) -> bool:
    if one.when is None or other.when is None or one.place is None or other.place is None:
        return False
    apart = max(one.when.begins - other.when.ends, other.when.begins - one.when.ends)
    tools = [{tag for tag in case.tags if tag.startswith("hybrid-tool:")} for case in (one, other)]
    tool = bool(tools[0] & tools[1]) or not (tools[0] and tools[1])
    return apart <= SAME_WITHIN_MS and tool and _same_place(one.place, other.place)


def _same_place(one: Place, other: Place) -> bool:
    if one.asset is not None and one.asset == other.asset:
        return True
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return False
    return _distance_m(one.lat, one.lon, other.lat, other.lon) <= SAME_WITHIN_M


def _distance_m(lat0: float, lon0: float, lat1: float, lon1: float) -> float:
    """Great-circle distance (haversine): good to 0.5 % on the ellipsoid, which is ample for 25 km."""
    p0, p1, dl = math.radians(lat0), math.radians(lat1), math.radians(lon1 - lon0)
    h = math.sin((p1 - p0) / 2) ** 2 + math.cos(p0) * math.cos(p1) * math.sin(dl / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(h)))
