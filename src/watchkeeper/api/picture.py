"""Who is where now: the last report of every ship heard in the last hour of the data, and its name.

Kept in memory for each realm and brought up to date when somebody asks and it is older than a few seconds, by reading
only what is new; whoever asks meanwhile gets the one before.
"""

import threading
from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.api.moments import iso_times
from watchkeeper.api.services import Observations
from watchkeeper.lists.flags import flag_of_mmsi
from watchkeeper.model.finding import REAL
from watchkeeper.model.shiptypes import type_name
from watchkeeper.model.time import DAY, HOUR, MINUTE
from watchkeeper.store.lake.rows import column

HEARD_WITHIN: Final = HOUR
_LATE: Final = 10 * MINUTE
"""Reports come late by that much: so far back is read again."""
_FRESH_MS: Final = 3_000
_MADE_ANEW_MS: Final = 30_000
"""So often it is made anew although no later report came: earlier ones may have come late."""
_STATICS_WITHIN: Final = 7 * DAY
_REALMS_KEPT: Final = 8
_WORLD: Final = (-180.0, -90.0, 180.0, 90.0)
_KNOWN: Final = ("imo", "name", "callsign", "ship_type", "length_m", "draught_m", "destination")


class Ship(msgspec.Struct, frozen=True, kw_only=True):
    """A ship at its last report. Places in degrees, speed in knots; what is not known is null.

    ``track`` tells two hulls apart that send under one MMSI.
    """

    mmsi: int
    track: int
    t: str
    lat: float
    lon: float
    sog_kn: float | None
    cog_deg: float | None
    heading_deg: float | None
    nav_status: int
    ais_class: int
    source: str
    flag: str | None
    imo: int | None = None
    name: str | None = None
    callsign: str | None = None
    ship_type: str = ""
    length_m: float | None = None
    draught_m: float | None = None
    destination: str | None = None


class Static(msgspec.Struct, frozen=True, kw_only=True):
    """What a ship last said of itself."""

    imo: int | None = None
    name: str | None = None
    callsign: str | None = None
    ship_type: str = ""
    length_m: float | None = None
    draught_m: float | None = None
    destination: str | None = None


class Latest(msgspec.Struct, frozen=True, kw_only=True):
    """All ships in order of MMSI, and columns of their places for questions about areas."""

    checked_at: int
    made_at: int
    end: int
    ships: tuple[Ship, ...] = ()
    mmsi: Any
    lat: Any
    lon: Any

    def inside(self, west: float, south: float, east: float, north: float) -> Any:
        """Positions in the columns of those in a box [deg], edges included; west above east crosses 180."""
        across = (
            (self.lon >= west) & (self.lon <= east)
            if west <= east
            else (self.lon >= west) | (self.lon <= east)
        )
        return np.flatnonzero(across & (self.lat >= south) & (self.lat <= north))

    def of(self, mmsi: int) -> list[Ship]:
        """The hulls of an MMSI."""
        first, last = np.searchsorted(self.mmsi, [mmsi, mmsi + 1]).tolist()
        return list(self.ships[first:last])


class _Kept:
    """What is kept of a realm."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.latest: Latest | None = None
        self.table: pa.Table | None = None
        self.statics: dict[int, Static] = {}


class Picture:
    """The ships of a lake as they are now. Safe to ask from several threads."""

    def __init__(self, lake: Observations, now: Callable[[], int]) -> None:
        self._lake, self._now = lake, now
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def latest(self, realm: str = REAL) -> Latest:
        """The picture of a realm, a few seconds old at most (older while it is being renewed)."""
        with self._lock:
            while realm not in self._kept and len(self._kept) >= _REALMS_KEPT:
                del self._kept[next(name for name in self._kept)]
            kept = self._kept.setdefault(realm, _Kept())
        latest = kept.latest
        now = self._now()
        if latest is not None and now - latest.checked_at < _FRESH_MS:
            return latest
        # The first picture is waited for; after that one caller renews it and the others go on with what there is.
        if kept.lock.acquire(blocking=latest is None):
            try:
                if kept.latest is latest:
                    self._renew(kept, realm, now)
            finally:
                kept.lock.release()
        assert kept.latest is not None
        return kept.latest

    def at(self, box: tuple[float, float, float, float], t: int, within_ms: int, realm: str) -> list[Ship]:
        """Ships in a box at a time, from the lake."""
        table = self._lake.box(*box, t, within_ms, realm)
        return ships_of(table, self.statics_of(column(table, "mmsi").tolist(), t, realm))

    def ship(self, mmsi: int, realm: str) -> list[Ship]:
        """The hulls of an MMSI at their last reports within a week; none where it was not heard."""
        here = self.latest(realm).of(mmsi)
        if here:
            return here
        span = self._lake.span(realm)
        if span is None:
            return []
        for back in (HEARD_WITHIN, DAY, 7 * DAY):
            table = self._lake.track(mmsi, span[1] - back, span[1] + 1, realm)
            if table.num_rows:
                last = dict(zip(column(table, "track").tolist(), range(table.num_rows), strict=True))
                rows = table.take(pa.array(sorted(last.values())))
                return ships_of(rows, self.statics_of([mmsi], span[1], realm))
        return []

    def statics_of(self, mmsi: list[int], t: int, realm: str) -> dict[int, Static]:
        """What these ships said of themselves in the week before a time."""
        known = self._kept[realm].statics if realm in self._kept else {}
        lacking = [m for m in mmsi if m not in known]
        read = _statics(self._lake.statics(t - _STATICS_WITHIN, t + 1, lacking, realm)) if lacking else {}
        return {m: read[m] if m in read else known[m] for m in mmsi if m in read or m in known}

    def _renew(self, kept: _Kept, realm: str, now: int) -> None:
        span = self._lake.span(realm)
        if span is None:
            none = np.empty(0)
            kept.latest = Latest(checked_at=now, made_at=now, end=0, mmsi=none, lat=none, lon=none)
            return
        end = span[1]
        latest = kept.latest
        if latest is not None and latest.end == end and now - latest.made_at < _MADE_ANEW_MS:
            kept.latest = msgspec.structs.replace(latest, checked_at=now)
            return
        before = latest.end if latest is not None else 0
        within = min(HEARD_WITHIN, max(end - before, 0) + _LATE)
        new = self._lake.box(*_WORLD, end, within, realm)
        table = new if kept.table is None or within == HEARD_WITHIN else _merged(kept.table, new, end)
        kept.statics |= _statics(self._lake.statics(end - within + 1, end + 1, None, realm))
        kept.table = table
        ships = ships_of(table, kept.statics)
        kept.latest = Latest(
            checked_at=now,
            made_at=now, end=end, ships=tuple(ships), mmsi=column(table, "mmsi"), lat=column(table, "lat"),
            lon=column(table, "lon"),
        )  # fmt: skip


def ships_of(table: pa.Table, statics: dict[int, Static]) -> list[Ship]:
    """Rows of a lake as ships, in the order of the rows."""
    names = (
        "mmsi",
        "track",
        "t",
        "lat",
        "lon",
        "sog_kn",
        "cog_deg",
        "heading_deg",
        "nav_status",
        "ais_class",
    )
    columns = [_listed(table, name) for name in names]
    sources = table.column("source").to_pylist()
    nothing = Static()
    ships = []
    for row, source in zip(zip(*columns, strict=True), sources, strict=True):
        mmsi, track, t, lat, lon, sog, cog, heading, status, ais_class = row
        said = statics.get(mmsi, nothing)
        ships.append(
            Ship(
                mmsi=mmsi, track=track, t=t, lat=lat, lon=lon, sog_kn=sog,
                cog_deg=cog, heading_deg=heading, nav_status=status, ais_class=ais_class,
                source=source, flag=flag_of_mmsi(mmsi), imo=said.imo, name=said.name, callsign=said.callsign,
                ship_type=said.ship_type, length_m=said.length_m, draught_m=said.draught_m,
                destination=said.destination,
            )
        )  # fmt: skip
    return ships


def _merged(old: pa.Table, new: pa.Table, end: int) -> pa.Table:
    """The last row of each hull of both, of those heard within the hour; by MMSI."""
    both = pa.concat_tables([old, new]).unify_dictionaries()
    mmsi, track, t = (column(both, name) for name in ("mmsi", "track", "t"))
    order = np.lexsort((np.arange(len(t)), t, track, mmsi))
    mmsi, track, t = mmsi[order], track[order], t[order]
    last = np.append((np.diff(mmsi) != 0) | (np.diff(track) != 0), True)[: len(t)]
    return both.take(pa.array(order[last & (t > end - HEARD_WITHIN)])).combine_chunks()


def _statics(table: pa.Table) -> dict[int, Static]:
    """The last of each ship, where a later one may leave out what an earlier one said (types 24 A and B)."""
    said: dict[int, dict[str, Any]] = {}
    for row in table.select(["mmsi", *_KNOWN]).to_pylist():
        mmsi = row.pop("mmsi")
        told = {name: value for name, value in row.items() if value or value == 0}
        if told.get("ship_type", -1) < 0:
            told.pop("ship_type", None)
        if not told.get("imo"):
            told.pop("imo", None)
        said.setdefault(mmsi, {}).update(told)
    return {mmsi: _static(one) for mmsi, one in said.items()}


def _static(told: dict[str, Any]) -> Static:
    code = told.pop("ship_type", None)
    for name in ("length_m", "draught_m"):
        if name in told:
            told[name] = _number(told[name])
    return Static(**told, ship_type=type_name(-1 if code is None else code))


def _listed(table: pa.Table, name: str) -> list[Any]:
    """A column as it is answered: times in words, numbers rounded, null where not known."""
    values = column(table, name)
    if name == "t":
        return iso_times(values)
    if values.dtype.kind != "f":
        return values.tolist()  # type: ignore[no-any-return]
    digits = 6 if name in ("lat", "lon") else 2
    return [None if v != v else v for v in values.astype(np.float64).round(digits).tolist()]


def _number(value: float) -> float | None:
    return round(value, 2) if value == value else None
