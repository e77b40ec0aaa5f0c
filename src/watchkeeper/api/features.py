"""Features of the four collections, page by page."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from watchkeeper.api.declare import Call, Items
from watchkeeper.api.geojson import Feature, of_asset, of_finding, of_ship, of_track, tracks_of
from watchkeeper.api.paging import bad_cursor, page_of, read_cursor, slice_after
from watchkeeper.api.picture import Ship
from watchkeeper.api.problems import Refused
from watchkeeper.api.reading import Box
from watchkeeper.cases.alarms.findings import CURRENT, FINDINGS
from watchkeeper.errors import InputError
from watchkeeper.model.event import Query
from watchkeeper.model.time import DAY, from_iso
from watchkeeper.store.lake.rows import column

TRACKS_A_PAGE: Final = 50
"""Each is read from the lake."""
_TRACK_POINTS: Final = 500
_SPAN_MOST: Final = 7 * DAY
_LOOKED_THROUGH: Final = 20


class Sought(NamedTuple):
    """What is asked of a collection: a box [deg], a time from and to [ms UTC], a page."""

    box: Box | None
    start: int | None
    end: int | None
    limit: int
    cursor: str | None


def ships(call: Call[Any, Any], sought: Sought) -> Items[Feature]:
    """Ships as they are now; with a time, those last heard within it."""
    found = [s for s in _here(call, sought.box) if _within(s, sought)]
    page = page_of(_after(found, sought), sought.limit, _key, of_ship, len(found))
    call.seen.extend(f.id.partition("-")[0] for f in page.items)
    return page


def tracks(call: Call[Any, Any], sought: Sought) -> Items[Feature]:
    """Tracks of the ships that are here now, over the time asked for (the last day of the data where none is)."""
    start, end = window(call, sought)
    by_mmsi = {ship.mmsi: ship for ship in _here(call, sought.box)}
    found = list(by_mmsi.values())
    limit = min(sought.limit, TRACKS_A_PAGE)
    page = page_of(_after(found, sought._replace(limit=limit)), limit, _key, lambda s: s.mmsi)
    features = [feature for mmsi in page.items for feature in track_features(call, mmsi, start, end)]
    call.seen.extend(str(mmsi) for mmsi in page.items)
    return Items(items=features, total=None, next=page.next)


def findings(call: Call[Any, Any], sought: Sought) -> Items[Feature]:
    """Findings that hold, by id. A box is looked through page by page, so a page may be short and have a next."""
    query = Query(
        collection=FINDINGS, realm=call.params.realm, states=CURRENT, t_from=sought.start, t_to=sought.end, order="id",
        limit=sought.limit, after=sought.cursor,
    )  # fmt: skip
    found: list[Feature] = []
    for _ in range(_LOOKED_THROUGH):
        try:
            page = call.services.decisions.documents(query)
        except InputError as error:
            raise bad_cursor() from error
        features = [of_finding(document) for document in page.items]
        found += [f for f in features if sought.box is None or _inside(f, sought.box)]
        if page.next is None or found:
            break
        query = Query(
            **{name: getattr(query, name) for name in query.__struct_fields__} | {"after": page.next}
        )
    call.seen.extend(dict.fromkeys(str(f.properties["mmsi"]) for f in found))
    return Items(items=found, total=page.total if sought.box is None else None, next=page.next)


def assets(call: Call[Any, Any], sought: Sought) -> Items[Feature]:
    """Assets by id; they have no time."""
    found = list(call.services.inventory.sought(sought.box))
    rows = slice_after(found, read_cursor(sought.cursor, str), sought.limit, lambda a: a.id)
    return page_of(rows, sought.limit, lambda a: a.id, of_asset, len(found))


def one_ship(call: Call[Any, Any], id: str) -> Feature | None:
    """A ship by its MMSI."""
    mmsi, _, hull = id.partition("-")
    if not mmsi.isdecimal() or len(mmsi) > 9:
        return None
    call.seen.append(mmsi)
    hulls = call.services.picture.ship(int(mmsi), call.params.realm)
    return next((of_ship(s) for s in hulls if str(s.track) == (hull or "0")), None)


def one_track(call: Call[Any, Any], id: str) -> Feature | None:
    """The track of the last day of the data."""
    mmsi = id.partition("-")[0]
    if not mmsi.isdecimal() or len(mmsi) > 9:
        return None
    call.seen.append(mmsi)
    start, end = window(call, Sought(None, None, None, 1, None))
    return next((f for f in track_features(call, int(mmsi), start, end) if f.id == id), None)


def one_finding(call: Call[Any, Any], id: str) -> Feature | None:
    """A finding."""
    document = call.services.decisions.document(FINDINGS, id)
    if document is None or document.realm != call.params.realm:
        return None
    call.seen.append(str(document.mmsi))
    return of_finding(document)


def one_asset(call: Call[Any, Any], id: str) -> Feature | None:
    """An asset."""
    asset = call.services.inventory.one(id)
    return None if asset is None else of_asset(asset)


PAGES: Final[dict[str, Callable[[Call[Any, Any], Sought], Items[Feature]]]] = {
    "ships": ships,
    "tracks": tracks,
    "findings": findings,
    "assets": assets,
}
SINGLE: Final[dict[str, Callable[[Call[Any, Any], str], Feature | None]]] = {
    "ships": one_ship,
    "tracks": one_track,
    "findings": one_finding,
    "assets": one_asset,
}


def window(call: Call[Any, Any], sought: Sought) -> tuple[int, int]:
    """The window of tracks [ms UTC].

    Raises:
        Refused: 400, longer than a week.
    """
    end = sought.end
    if end is None:
        span = call.services.lake.span(call.params.realm)
        end = call.now if span is None else span[1]
    start = end - DAY if sought.start is None else sought.start
    if not 0 <= end - start <= _SPAN_MOST:
        raise Refused(400, "Tracks are given for at most a week.", "Ask for a shorter datetime.")
    return start, end + 1


def track_features(call: Call[Any, Any], mmsi: int, start: int, end: int) -> list[Feature]:
    """The tracks of an MMSI, one a hull."""
    table = call.services.lake.track(mmsi, start, end, call.params.realm)
    hulls = column(table, "track")
    return [
        of_track(mmsi, hull, track, int((hulls == hull).sum()))
        for hull, track in tracks_of(table, mmsi, _TRACK_POINTS)
    ]


def _here(call: Call[Any, Any], box: Box | None) -> list[Ship]:
    latest = call.services.picture.latest(call.params.realm)
    return list(latest.ships) if box is None else [latest.ships[k] for k in latest.inside(*box).tolist()]


def _within(ship: Ship, sought: Sought) -> bool:
    if sought.start is None and sought.end is None:
        return True
    t = from_iso(ship.t)
    return (sought.start is None or t >= sought.start) and (sought.end is None or t <= sought.end)


def _after(found: list[Ship], sought: Sought) -> list[Ship]:
    return slice_after(found, read_cursor(sought.cursor, str), sought.limit, _key)


def _key(ship: Ship) -> str:
    return f"{ship.mmsi:09d}-{ship.track}"


def _inside(feature: Feature, box: Box) -> bool:
    if feature.geometry is None:
        return False
    lon, lat = feature.geometry["coordinates"]
    west, south, east, north = box
    across = west <= lon <= east if west <= east else lon >= west or lon <= east
    return bool(across and south <= lat <= north)
