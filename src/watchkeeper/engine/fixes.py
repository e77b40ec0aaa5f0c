"""The columns behaviours see, and the shapes they find in them."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from watchkeeper.engine.meetings import _SAMPLE, MAX_LEG_MS, SLOT_MS, Meetings
from watchkeeper.engine.memory import Memory
from watchkeeper.kernels import runs as r
from watchkeeper.kernels.circles import fit_circles
from watchkeeper.kernels.geodesy import distances_m
from watchkeeper.kernels.legs import STATE as LEG_STATE
from watchkeeper.kernels.meetings import samples
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.records import Array
from watchkeeper.model.time import HOUR, NO_TIME, SECOND

OPEN_WITHIN_MS = HOUR
"""What was last seen longer before the data end is over, however long it may be bridged."""


@dataclass(slots=True)
class Columns:
    """One batch, grouped by track. The meaning of each column is in :class:`watchkeeper.model.picture.Fixes`."""

    t: Array
    lat: Array
    lon: Array
    sog_kn: Array
    cog_deg: Array
    heading_deg: Array
    nav_status: Array
    ais_class: Array
    row: Array
    mmsi: Array
    vessel: Array
    track: Array
    begins: Array
    has_before: Array
    t_before: Array
    row_before: Array
    lat_before: Array
    lon_before: Array
    sog_before: Array
    leg_m: Array
    leg_s: Array
    leg_kn: Array
    baseline_kn: Array
    asset: Array
    asset_m: Array
    zone: Array
    displaced: Array
    reentry: Array
    apart_m: Array
    other_lat: Array
    other_lon: Array
    other_s: Array


class AssetLookup(Protocol):
    """Where assets are, for many positions."""

    def nearest(self, lat: Array, lon: Array, max_m: float) -> tuple[Array, Array]:
        """Asset number (-1 for none) and distance [m] of each position."""
        ...

    def zones(self, lat: Array, lon: Array) -> Array:
        """Number of the zone in which (or in whose buffer) each position lies, -1 for none."""
        ...

    def crossings(self, lat0: Array, lon0: Array, lat1: Array, lon1: Array) -> tuple[Array, Array, Array]:
        """Leg, asset number and share of the leg [0, 1] of every crossing."""
        ...


@dataclass(slots=True)
class Moment:
    """Where the stream stands: tracks so far, their last reports, time heard until, whether it is at its end.

    With the assets to look up, or None, and how far from one a report is still said to be near [m].
    """

    tracks: int
    last_reports: Array
    heard_until: int
    closing: bool
    assets: AssetLookup | None = None
    reach_m: float = 0.0


class View:
    """One behaviour's view of a batch: the columns, and shapes that remember for this behaviour alone."""

    def __init__(
        self, columns: Columns, moment: Moment, memory: Memory, meetings: dict[int, Meetings]
    ) -> None:
        self._columns = columns
        self._moment = moment
        self._memory = memory
        self._meetings = meetings
        self._calls = 0
        self._unknown: Array | None = None

    def __getattr__(self, name: str) -> Array:
        column: Array = getattr(self._columns, name)
        return column

    def _column(self, given: Array | None) -> Array:
        """The column as numbers; where none is given one without any, made once."""
        if given is not None:
            return np.asarray(given, np.float64)
        if self._unknown is None:
            self._unknown = np.full(len(self._columns.t), np.nan)
        return self._unknown

    def pairs(self, mask: Array) -> Episodes:
        """Each report where ``mask`` holds, with its previous one."""
        return self._pairs_at(np.flatnonzero(mask & self._columns.has_before))

    def _pairs_at(self, at: Array) -> Episodes:
        c = self._columns
        return Episodes.build(
            len(at),
            vessel=c.vessel[at],
            start=c.t_before[at].astype(np.int64),
            end=c.t[at],
            open=np.zeros(len(at), bool),
            first_row=c.row_before[at],
            last_row=c.row[at],
            lat0=c.lat_before[at],
            lon0=c.lon_before[at],
            lat1=c.lat[at],
            lon1=c.lon[at],
            lat=c.lat_before[at],
            lon=c.lon_before[at],
            n=np.full(len(at), 2),
            path_m=c.leg_m[at],
            sog_min=c.sog_before[at],
            sog_max=c.sog_kn[at],
            sog_mean=c.leg_kn[at],
        )

    def silences(self, at_least_s: float, mask: Array) -> Episodes:
        """As ``pairs``; when the data end, also every track not heard for ``at_least_s`` seconds."""
        closed = self.pairs(mask)
        if not self._moment.closing:
            return closed
        state = self._moment.last_reports
        silent = (state[:, 0] > 0) & (self._moment.heard_until - state[:, 1] >= at_least_s * SECOND)
        track = np.flatnonzero(silent)
        s = state[track]
        until = np.full(len(track), self._moment.heard_until)
        going_on = Episodes.build(
            len(track),
            vessel=track // 2,
            start=s[:, 1].astype(np.int64),
            end=until,
            open=np.ones(len(track), bool),
            first_row=s[:, 5].astype(np.int64),
            lat0=s[:, 2],
            lon0=s[:, 3],
            lat=s[:, 2],
            lon=s[:, 3],
            n=np.ones(len(track)),
            sog_min=s[:, 4],
        )
        return Episodes.concat([closed, going_on])

    def runs(
        self,
        mask: Array,
        *,
        at_least_s: float,
        bridge_s: float,
        silence_s: float = 3600.0,
        value: Array | None = None,
        low: Array | None = None,
        asset: Array | None = None,
        split_by_asset: bool = False,
        across_jumps: bool = False,
        courses: bool = False,
        circles: bool = False,
        longest_s: float = 0.0,
    ) -> Episodes:
        """Stretches where ``mask`` holds. See :class:`watchkeeper.model.picture.Fixes`."""
        c, tracks = self._columns, self._moment.tracks
        name = f"run{self._calls}."
        self._calls += 1
        ints = self._memory.rows(name + "ints", tracks, r.INTS, np.int64, 0)
        floats = self._memory.rows(name + "floats", tracks, r.WIDE if circles else r.FLOATS, np.float64, 0.0)
        last_t = self._memory.rows(name + "last", tracks, 0, np.int64, NO_TIME)
        track, found_ints, found_floats = r.runs(
            c.track,
            np.asarray(mask, bool),
            np.zeros(len(c.t), bool) if across_jumps else c.begins,
            c.t,
            c.row,
            c.lat,
            c.lon,
            c.sog_kn,
            self._column(value),
            self._column(low),
            c.asset if asset is None else np.asarray(asset, np.int32),
            c.cog_deg,
            c.heading_deg,
            c.row_before,
            c.leg_m,
            courses,
            split_by_asset,
            ints,
            floats,
            last_t,
            int(at_least_s * SECOND),
            int(bridge_s * SECOND),
            int(silence_s * SECOND),
            int(longest_s * SECOND),
        )
        done = _episodes(track, found_ints, found_floats, np.zeros(len(track), bool))
        if not self._moment.closing:
            return done
        left = np.flatnonzero(
            (ints[:, r.ACTIVE] == 1) & (ints[:, r.END] - ints[:, r.START] >= at_least_s * SECOND)
        )
        quiet = self._moment.heard_until - ints[left, r.END]
        going_on = quiet <= min(max(bridge_s, silence_s) * SECOND, OPEN_WITHIN_MS)
        return Episodes.concat([done, _episodes(left, ints[left], floats[left], going_on)])

    def windows(
        self,
        mask: Array,
        *,
        length_s: float,
        at_least_s: float,
        bridge_s: float,
        silence_s: float = 3600.0,
        value: Array | None = None,
        low: Array | None = None,
        courses: bool = False,
        circles: bool = False,
    ) -> Episodes:
        """Runs cut at a length. See :class:`watchkeeper.model.picture.Fixes`."""
        return self.runs(
            mask,
            at_least_s=at_least_s,
            bridge_s=bridge_s,
            silence_s=silence_s,
            value=value,
            low=low,
            courses=courses,
            circles=circles,
            longest_s=length_s,
        )

    def crossings(self, mask: Array) -> Episodes:
        """Legs that cross an asset. See :class:`watchkeeper.model.picture.Fixes`."""
        c = self._columns
        if self._moment.assets is None or not len(c.t):
            return Episodes.empty()
        # A leg that crosses a line ends no farther from it than it is long; a percent for the figure of the Earth.
        near = (c.asset_m <= 1.01 * c.leg_m + 1.0) | (c.leg_m > self._moment.reach_m)
        at = np.flatnonzero(mask & c.has_before & near)
        leg, asset, share = self._moment.assets.crossings(
            c.lat_before[at], c.lon_before[at], c.lat[at], c.lon[at]
        )
        made = self._pairs_at(at[leg])
        made.asset, made.low = asset, np.zeros(len(leg))
        made.low_t = (made.start + share * (made.end - made.start)).astype(np.int64)
        made.lat = made.lat0 + share * (made.lat1 - made.lat0)
        made.lon = _wrap(made.lon0 + share * _wrap(made.lon1 - made.lon0))
        return made

    def meetings(self, *, within_m: float, slower_kn: float, at_least_s: float, bridge_s: float) -> Episodes:
        """Pairs of vessels that stay near each other. See :class:`watchkeeper.model.picture.Fixes`."""
        c = self._columns
        meetings = self._meetings.setdefault(
            self._calls, Meetings(within_m, int(at_least_s * SECOND), int(bridge_s * SECOND))
        )
        self._calls += 1
        index, slot, place = samples(
            c.t,
            c.lat,
            c.lon,
            c.sog_kn,
            c.t_before,
            c.lat_before,
            c.lon_before,
            c.leg_kn,
            c.has_before,
            SLOT_MS,
            MAX_LEG_MS,
            slower_kn,
        )
        taken = np.empty(len(index), _SAMPLE)
        taken["slot"], taken["row"] = slot, c.row[index]
        taken["vessel"], taken["mmsi"] = c.vessel[index], c.mmsi[index]
        taken["lat"], taken["lon"], taken["kn"] = place
        found = meetings.push(taken, self._moment.heard_until)
        if not self._moment.closing:
            return found
        return Episodes.concat([found, meetings.ended(self._moment.heard_until)])


def _episodes(track: Array, ints: Array, floats: Array, still_open: Array) -> Episodes:
    f = {k: floats[:, k] for k in range(floats.shape[1])}
    n = np.maximum(ints[:, r.N], 1)
    span = distances_m(
        f[r.LAT_MIN], _wrap(f[r.LON0] + f[r.LON_MIN]), f[r.LAT_MAX], _wrap(f[r.LON0] + f[r.LON_MAX])
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        sog_mean = f[r.SOG_SUM] / f[r.SOG_N]
        value = f[r.VALUE_SUM] / f[r.VALUE_N]
    known = f[r.SOG_N] > 0
    steered = f[r.COURSES] > 0
    circle = fit_circles(ints[:, r.N], floats[:, r.FLOATS :])
    return Episodes.build(
        len(track),
        vessel=track // 2,
        start=ints[:, r.START],
        end=ints[:, r.END],
        open=still_open,
        first_row=ints[:, r.FIRST],
        last_row=ints[:, r.LAST],
        other_row=ints[:, r.LOW_ROW],
        lat0=f[r.LAT0],
        lon0=f[r.LON0],
        lat1=f[r.LAT1],
        lon1=f[r.LON1],
        lat=f[r.LAT0] + f[r.DLAT] / n,
        lon=_wrap(f[r.LON0] + f[r.DLON] / n),
        n=ints[:, r.N],
        path_m=f[r.PATH],
        span_m=span,
        sog_min=np.where(known, f[r.SOG_MIN], np.nan),
        sog_max=np.where(known, f[r.SOG_MAX], np.nan),
        sog_mean=sog_mean,
        value=value,
        low=np.where(ints[:, r.LOW_ROW] >= 0, f[r.LOW], np.nan),
        low_t=ints[:, r.LOW_T],
        asset=ints[:, r.ASSET],
        course_deg=np.where(steered, np.degrees(np.arctan2(f[r.EAST], f[r.NORTH])) % 360.0, np.nan),
        course_r=np.where(steered, np.hypot(f[r.NORTH], f[r.EAST]) / np.maximum(f[r.COURSES], 1), np.nan),
        crab_deg=np.where(f[r.CRAB_N] > 0, f[r.CRAB_SUM] / np.maximum(f[r.CRAB_N], 1), np.nan),
        every_s=np.where(f[r.EVERY_N] > 0, f[r.EVERY_SUM] / np.maximum(f[r.EVERY_N], 1) / SECOND, np.nan),
        circle_m=circle[0],
        circle_off_m=circle[1],
        circle_turns=circle[2],
    )


def _wrap(lon: Array) -> Array:
    return (lon + 540.0) % 360.0 - 180.0


def empty_columns() -> Columns:
    """A batch without rows, for closing."""
    dtypes = {
        "t": "i8", "row": "i8", "row_before": "i8", "mmsi": "i4", "vessel": "i4", "track": "i4", "asset": "i4",
        "zone": "i4",
        "nav_status": "i1", "ais_class": "i1", "sog_kn": "f4", "cog_deg": "f4", "heading_deg": "f4",
        "begins": "?", "has_before": "?", "displaced": "?", "reentry": "?",
    }  # fmt: skip
    return Columns(**{name: np.empty(0, dtypes.get(name, "f8")) for name in Columns.__dataclass_fields__})


LAST_REPORT_WIDTH = LEG_STATE
