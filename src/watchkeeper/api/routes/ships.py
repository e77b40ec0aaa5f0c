"""Ships and their tracks."""

from typing import Annotated, Any, Final, Literal

import msgspec
import numpy as np
from msgspec import Meta

from watchkeeper.api.declare import GEOJSON, Call, InRealm, Items, Nothing, PagedInRealm, Reply, route
from watchkeeper.api.geojson import Feature, Features, of_track, tracks_of
from watchkeeper.api.paging import page_of, read_cursor, slice_after
from watchkeeper.api.picture import Ship
from watchkeeper.api.problems import Refused, not_found
from watchkeeper.api.reading import Moment, ms, read_box
from watchkeeper.api.routes.shared import Mmsi, Text
from watchkeeper.console.tracks import Track
from watchkeeper.model.time import DAY, MINUTE, to_iso
from watchkeeper.store.lake.rows import column

SPAN_MOST: Final = 31 * DAY
_WITHIN_MOST_MIN: Final = 24 * 60
_AREA_MOST: Final = 400.0
"""Square degrees of a box at another time than now: what is read for it is bounded."""


class ShipsSought(PagedInRealm, frozen=True, kw_only=True):
    """``bbox``: west,south,east,north [deg]; ``q``: in the name, call sign, MMSI or IMO; ``at``: not now but then
    (needs a bbox), as last heard ``within`` minutes before."""

    bbox: Text | None = None
    q: Text = ""
    at: Moment | None = None
    within: Annotated[int, Meta(ge=1, le=_WITHIN_MOST_MIN)] = 60


class OneShip(InRealm, frozen=True, kw_only=True):
    """A ship by its MMSI."""

    mmsi: Mmsi


class TrackSought(OneShip, frozen=True, kw_only=True):
    """``from`` and ``to`` (the last 24 hours of the data where not given); ``points``: thinned to about so many;
    ``form``: GeoJSON, or arrays of numbers."""

    t_from: Moment | None = msgspec.field(default=None, name="from")
    t_to: Moment | None = msgspec.field(default=None, name="to")
    points: Annotated[int, Meta(ge=2, le=20_000)] = 2_000
    form: Literal["geojson", "arrays"] = "geojson"


class ShipOut(msgspec.Struct, frozen=True, kw_only=True):
    """A ship: its hulls (more than one where several send under its MMSI), each at its last report."""

    mmsi: int
    hulls: list[Ship]


class Arrays(msgspec.Struct, frozen=True, kw_only=True):
    """A track as arrays of one length: ``t`` in ms since 1970 UTC, degrees, knots (null: not sent)."""

    mmsi: int
    track: int
    reports: int
    t: list[int]
    lat: list[float]
    lon: list[float]
    sog_kn: list[float | None]


class TrackOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A FeatureCollection, or ``hulls`` as arrays."""

    type: str = ""
    features: list[Feature] | None = None
    hulls: list[Arrays] | None = None


@route("GET", "/api/v1/ships", params=ShipsSought, answer=Items[Ship], scope="ships:read", about="ship")
def list_ships(call: Call[ShipsSought, Nothing]) -> Items[Ship]:
    """Ships heard in the last hour of the data, or at a time in a box; by MMSI."""
    p = call.params
    ships = _ships(call)
    if p.q:
        words = p.q.casefold()
        ships = [s for s in ships if words in f"{s.name} {s.callsign} {s.mmsi} {s.imo}".casefold()]
    after = read_cursor(p.cursor, str)
    page = page_of(slice_after(ships, after, p.limit, _key), p.limit, _key, lambda s: s, len(ships))
    call.seen.extend(dict.fromkeys(str(ship.mmsi) for ship in page.items))
    return page


@route("GET", "/api/v1/ships/{mmsi}", params=OneShip, answer=ShipOut, scope="ships:read", about="ship")
def one_ship(call: Call[OneShip, Nothing]) -> ShipOut:
    """One ship at its last report, within a week of the end of the data."""
    p = call.params
    call.seen.append(str(p.mmsi))
    hulls = call.services.picture.ship(p.mmsi, p.realm)
    if not hulls:
        raise not_found("ship with MMSI", p.mmsi)
    return ShipOut(mmsi=p.mmsi, hulls=hulls)


@route(
    "GET", "/api/v1/ships/{mmsi}/track", params=TrackSought, answer=TrackOut, scope="ships:read", about="ship",
    other=(GEOJSON,),
)  # fmt: skip
def track_of_ship(call: Call[TrackSought, Nothing]) -> Reply:
    """Where a ship went: thinned so that the eye misses nothing, as GeoJSON or as arrays."""
    p = call.params
    call.seen.append(str(p.mmsi))
    start, end = window_of(call, p.t_from, p.t_to, SPAN_MOST)
    table = call.services.lake.track(p.mmsi, start, end, p.realm)
    hulls, counts = np.unique(column(table, "track"), return_counts=True)
    reports = dict(zip(hulls.tolist(), counts.tolist(), strict=True))
    tracks = tracks_of(table, p.mmsi, p.points)
    if p.form == "arrays":
        return Reply(TrackOut(hulls=[_arrays(p.mmsi, hull, track, reports[hull]) for hull, track in tracks]))
    features = [of_track(p.mmsi, hull, track, reports[hull]) for hull, track in tracks]
    return Reply(Features(features=features), media=GEOJSON)


def window_of(
    call: Call[Any, Any], t_from: Moment | None, t_to: Moment | None, most: int, usual: int = DAY
) -> tuple[int, int]:
    """The window [from, to) that is asked for [ms UTC]: the last day of the data where nothing is said.

    Raises:
        Refused: 400, it ends before it begins, or is longer than allowed.
    """
    start, end = ms(t_from), ms(t_to)
    if end is None:
        span = call.services.lake.span(call.params.realm) if start is None else None
        end = start + usual if start is not None else (span[1] + 1 if span else call.now)
    start = end - usual if start is None else start
    if not 0 <= end - start <= most:
        days = most / DAY
        raise Refused(
            400,
            f"{to_iso(start)} to {to_iso(end)} is no window of at most {days:g} days.",
            "Ask for parts of it.",
        )
    return start, end


def _ships(call: Call[ShipsSought, Nothing]) -> list[Ship]:
    p, picture = call.params, call.services.picture
    box = read_box(p.bbox)
    at = ms(p.at)
    if at is None:
        latest = picture.latest(p.realm)
        if box is None:
            return list(latest.ships)
        return [latest.ships[k] for k in latest.inside(*box).tolist()]
    if box is None:
        raise Refused(400, "Ships at a time need a bbox.", "Add bbox=west,south,east,north.")
    west, south, east, north = box
    if ((east - west) % 360.0 or 360.0 * (east != west)) * (north - south) > _AREA_MOST:
        raise Refused(400, f"The bbox is larger than {_AREA_MOST:g} square degrees.", "Ask for parts of it.")
    return picture.at(box, at, p.within * MINUTE, p.realm)


def _key(ship: Ship) -> str:
    return f"{ship.mmsi:09d}-{ship.track}"


def _arrays(mmsi: int, hull: int, track: Track, reports: int) -> Arrays:
    speeds = [None if v != v else round(v, 1) for v in track.sog_kn.tolist()]
    return Arrays(
        mmsi=mmsi,
        track=hull,
        reports=reports,
        t=track.t.tolist(),
        lat=track.lat.round(6).tolist(),
        lon=track.lon.round(6).tolist(),
        sog_kn=speeds,
    )
