"""Attribution over a scan's output: which ships crossed an asset in a window, or could have, by evidence."""

import difflib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from watchkeeper.cases.attribution.answer import answer
from watchkeeper.cases.attribution.habit import Track
from watchkeeper.cases.attribution.inquiry import M_PER_MS, Inquiry, Said, Sifted, Vessel
from watchkeeper.cases.attribution.reach import Fix, Water
from watchkeeper.cases.attribution.result import Attribution
from watchkeeper.cases.attribution.search import crossings_seen, nearest_reports, take_legs
from watchkeeper.cases.attribution.settings import settings
from watchkeeper.cases.attribution.stretch import Line, Place, Stretch, distance_to_m, stretch_of
from watchkeeper.errors import LayerError, UsageError
from watchkeeper.fetching.names import resolved
from watchkeeper.kernels.group import assign
from watchkeeper.kernels.nearby import FIX_KNOWN, FIX_LAT, FIX_LON, FIX_T, Legs, Search, legs_near
from watchkeeper.layers.land import Land
from watchkeeper.layers.reading import load_layer
from watchkeeper.layers.segments import of_geometry
from watchkeeper.model.asset import Asset
from watchkeeper.model.records import Array
from watchkeeper.model.time import MINUTE, from_iso, to_iso
from watchkeeper.model.units import METRES_PER_NMI
from watchkeeper.scanned import Noted, Scanned

DEFAULT_UNCERTAINTY_M: Final = 2.0 * METRES_PER_NMI
"""Of a fault place, where none is given: what the first cable reports of 2023 to 2025 could be off by."""

_SLOT_MS: Final = 15 * MINUTE
_LINES: Final = ("LineString", "MultiLineString")
_TRACK_COLUMNS: Final = ("mmsi", "track", "t", "lat", "lon", "sog_kn", "cog_deg", "heading_deg")
_SHOWN_NAMES: Final = 3


@dataclass(frozen=True, slots=True)
class Request:
    """The question. Times in ms UTC; ``place`` is the fault's (latitude, longitude) and ``uncertainty_m`` how far off
    it may be, so that only the part of the asset within that distance counts; ``layers`` hold further assets."""

    folder: Path
    asset: str
    start: int
    end: int
    place: tuple[float, float] | None = None
    uncertainty_m: float | None = None
    layers: tuple[Path, ...] = ()


def attribute(request: Request) -> Attribution:
    """Every ship that crossed the asset in the window, or could have while not heard, the strongest evidence first.

    Raises:
        UsageError: an unknown asset, one that is not a line, a window that is reversed, empty or outside the data, a
            place far from the asset.
        InputError: the folder is not what a scan writes.
        LayerError: a layer cannot be read, or the asset has no length.
    """
    scanned = Scanned(request.folder)
    notes = _check_window(request, scanned)
    asset = _find(request, scanned)
    place = _place(request)
    stretch = _stretch(asset, place)
    log = _read_legs(scanned, stretch, request)
    said = _said(scanned.findings())
    rows = scanned.vessels()

    def vessel(track: int) -> Vessel:
        return _vessel(int(log.mmsi[track // 2]), rows, said)

    sifted = _sift(request, scanned, stretch, log)
    wanted = {*sifted.crossings.track.tolist(), *sifted.silences.track.tolist(), *(e[0] for e in sifted.ends)}
    tracks = _read_tracks(scanned, request, log, wanted)
    water = Water(stretch, Land.load().is_land)
    inquiry = Inquiry(sifted, tracks, vessel, water, place, asset.depth_m)
    cases = inquiry.cases()
    return answer(asset, place, stretch, sifted, cases, inquiry.left_out, tracks, vessel, notes, scanned.simulated,
                  (scanned.span.start, scanned.span.end), len(rows))  # fmt: skip


def _check_window(request: Request, scanned: Scanned) -> list[str]:
    start, end = request.start, request.end
    if end < start:
        raise UsageError(
            f"The window ends before it begins ({to_iso(start)} to {to_iso(end)}).", "Exchange them."
        )
    if end == start:
        raise UsageError(
            "The window has no length.", "Give the last time the cable worked, and the first it did not."
        )
    span = scanned.span
    words = f"{to_iso(span.start)} to {to_iso(span.end)}"
    if end < span.start or start > span.end:
        raise UsageError(
            f"The window lies outside the data, which go from {words}.", "Scan the day of the window."
        )
    if start < span.start or end > span.end:
        return [f"The window reaches beyond the data, which go from {words}: nothing is known there."]
    return []


def _find(request: Request, scanned: Scanned) -> Asset:
    assets = [*scanned.assets, *(asset for path in request.layers for asset in load_layer(resolved(path)))]
    exact = [a for a in assets if request.asset == a.id]
    found = exact or [a for a in assets if request.asset.lower() in (a.name.lower(), a.id.rpartition("/")[2])]
    if len({a.id for a in found}) > 1:
        ids = ", ".join(sorted({a.id for a in found})[:_SHOWN_NAMES])
        raise UsageError(f"Several assets are called {request.asset}.", f"Give one by its id: {ids}.")
    if not found:
        known = sorted({name for a in assets for name in (a.id, a.name)})
        near = difflib.get_close_matches(request.asset, known, _SHOWN_NAMES, 0.4) or known[:_SHOWN_NAMES]
        hint = f"Nearest: {', '.join(near)}." if near else "The scan had no layer; give one with --layer."
        raise UsageError(f"There is no asset {request.asset}.", hint)
    return found[-1]


def _place(request: Request) -> Place | None:
    if request.place is None:
        if request.uncertainty_m is not None:
            raise UsageError(
                "An uncertainty needs the place it is about.", "Add --near LAT,LON, or leave it out."
            )
        return None
    lat, lon = request.place
    metres = DEFAULT_UNCERTAINTY_M if request.uncertainty_m is None else request.uncertainty_m
    if not (abs(lat) <= 90.0 and abs(lon) <= 180.0):
        raise UsageError(f"{lat:g},{lon:g} is no place on the earth.", "Write latitude,longitude in degrees.")
    if not 0.0 < metres < np.inf:
        raise UsageError("The uncertainty must be above zero.", 'Write for example "2 nm".')
    return Place(lat, lon, metres)


def _stretch(asset: Asset, place: Place | None) -> Stretch:
    import shapely

    kind = str(asset.geometry.get("type"))
    if kind not in _LINES:
        raise UsageError(
            f"{asset.name} is a {asset.kind} ({kind}), not a line.", "Ask about a cable or a pipeline."
        )
    line = Line(*of_geometry(shapely.geometry.shape(asset.geometry), 0)[:4])
    whole = stretch_of(line, None)
    if not whole.inside:
        raise LayerError(f"{asset.name} has no length.", "Correct the layer.")
    stretch = whole if place is None else stretch_of(line, place)
    if not stretch.inside:
        assert place is not None
        away = distance_to_m(whole.inside, place.lat, place.lon) / METRES_PER_NMI
        within = place.uncertainty_m / METRES_PER_NMI
        raise UsageError(f"{asset.name} is {away:.1f} nmi from the place, which may be {within:.1f} nmi off.",
                         "Check the place, or give a greater --uncertainty.")  # fmt: skip
    longest = settings().of("longest_stretch")
    if 2.0 * stretch.radius_m > longest:
        raise UsageError(
            f"{asset.name} is longer than {longest / 1000:,.0f} km.", "Give the place with --near."
        )
    return stretch


@dataclass(frozen=True, slots=True)
class _Log:
    """What one pass over the track file left: legs, first and last report of each track, MMSI of each two tracks."""

    legs: Legs
    last: Array
    first: Array
    mmsi: Array
    heard: Array


def _read_legs(scanned: Scanned, stretch: Stretch, request: Request) -> _Log:
    rules = settings()
    around, longest = rules.of("around"), rules.of("longest_silence")
    fastest = max(rules.top_speed_kn.values()) * (1.0 + rules.of("top_speed_margin")) * M_PER_MS
    start, end = int(request.start - around), int(request.end + around)
    search = Search(start, end, stretch.lat, stretch.lon, stretch.radius_m + rules.of("near"),
                    int(rules.of("dark_after")), int(longest), fastest,
                    stretch.radius_m + rules.of("hearing"), _SLOT_MS)  # fmt: skip
    keys, numbers, count = np.zeros(1 << 14, np.int32), np.zeros(1 << 14, np.int32), 0
    state = np.zeros((2, 0, 5))
    heard = np.zeros((end - start) // _SLOT_MS + 1, np.int64)
    mmsi, parts = (
        np.empty(0, np.int32),
        [Legs(*(np.empty(0, d) for d in ("i4", "i8", "f8", "f8", "i8", "f8", "f8")))],
    )
    for rows in scanned.rows(("mmsi", "track", "t", "lat", "lon"), int(start - longest), int(end + longest)):
        new = np.unique(rows["mmsi"])
        while len(keys) < 2 * (count + len(new)):
            keys, numbers = np.zeros(2 * len(keys), np.int32), np.zeros(2 * len(keys), np.int32)
            assign(mmsi, keys, numbers, 0)
        vessel, count = assign(rows["mmsi"], keys, numbers, count)
        fresh = vessel >= len(mmsi)
        mmsi = np.concatenate([mmsi, np.empty(count - len(mmsi), np.int32)])
        mmsi[vessel[fresh]] = rows["mmsi"][fresh]
        state = np.concatenate([state, np.zeros((2, 2 * count - state.shape[1], 5))], axis=1)
        track = (2 * vessel + rows["track"]).astype(np.int32)
        found, before = legs_near(
            search, track, rows["t"], rows["lat"], rows["lon"], state[0], state[1], heard
        )
        parts.append(
            Legs(track[found], before[0].astype(np.int64), before[1], before[2],
                 rows["t"][found], rows["lat"][found], rows["lon"][found])
        )  # fmt: skip
    legs = Legs(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    return _Log(legs, state[0], state[1], mmsi, heard)


def _sift(request: Request, scanned: Scanned, stretch: Stretch, log: _Log) -> Sifted:
    rules, window = settings(), (request.start, request.end)
    dark = log.legs.t1 - log.legs.t0 > rules.of("dark_after")
    seen = take_legs(log.legs, ~dark)
    in_window = (log.legs.t0 <= window[1]) & (log.legs.t1 >= window[0])
    reported = (log.legs.t1 >= window[0]) & (log.legs.t1 <= window[1])
    inside = log.heard[int(rules.of("around")) // _SLOT_MS : -int(rules.of("around")) // _SLOT_MS]
    return Sifted(
        window=window,
        crossings=crossings_seen(stretch, seen),
        silences=take_legs(log.legs, dark & in_window),
        ends=tuple(_ends(request, scanned, stretch, log)),
        near=nearest_reports(stretch.inside, take_legs(log.legs, reported), rules.of("near")),
        heard_there=float((inside > 0).mean()) if len(inside) else 1.0,
    )


def _ends(request: Request, scanned: Scanned, stretch: Stretch, log: _Log) -> list[tuple[int, Fix, int]]:
    """Tracks not heard after, or before, a report, where the silence touches the window and is not long past."""
    rules = settings()
    dark, open_ms = rules.of("dark_after"), rules.of("open_silence")
    ends = []
    for state, until, sign in ((log.last, scanned.span.end, 1), (log.first, scanned.span.start, -1)):
        t = state[:, FIX_T]
        silent = (state[:, FIX_KNOWN] > 0) & (sign * (until - t) > dark)
        touches = (t < request.end) & (t > request.start - open_ms) if sign > 0 else (
            t > request.start) & (t < request.end + open_ms)  # fmt: skip
        for track in np.flatnonzero(silent & touches).tolist():
            fix = Fix(int(t[track]), float(state[track, FIX_LAT]), float(state[track, FIX_LON]))
            ends.append((track, fix, until))
    return ends


def _read_tracks(scanned: Scanned, request: Request, log: _Log, wanted: set[int]) -> dict[int, Track]:
    """Whole tracks of some ships, in the hours that show their habit, by track number."""
    history = int(settings().of("history"))
    start, end = request.start - history, request.end + history
    number = {int(mmsi): k for k, mmsi in enumerate(log.mmsi)}
    ships = {int(log.mmsi[track // 2]) for track in wanted}
    parts = list(scanned.rows(_TRACK_COLUMNS, start, end, ships))
    if not parts:
        return {}
    columns = {name: np.concatenate([part[name] for part in parts]) for name in _TRACK_COLUMNS}
    numbers = np.array([number[m] for m in sorted(ships)], np.int32)
    vessel = numbers[np.searchsorted(np.array(sorted(ships)), columns["mmsi"])]
    track = 2 * vessel + columns["track"]
    kept = (columns["t"] >= start) & (columns["t"] <= end) & np.isin(track, np.array(sorted(wanted)))
    order = np.flatnonzero(kept)[np.lexsort((columns["t"][kept], track[kept]))]
    edges = np.flatnonzero(np.diff(track[order], prepend=-1, append=-1))
    names = ("t", "lat", "lon", "sog_kn", "cog_deg", "heading_deg")
    sorted_columns = [columns[name][order].astype(np.int64 if name == "t" else np.float64) for name in names]
    return {
        int(track[order[lo]]): Track(*(column[lo:hi] for column in sorted_columns))
        for lo, hi in pairwise(edges.tolist())
    }


def _said(findings: Sequence[Noted]) -> dict[int, list[Noted]]:
    by_ship: defaultdict[int, list[Noted]] = defaultdict(list)
    for finding in findings:
        for mmsi in {finding.mmsi, finding.other_mmsi} - {None}:
            assert mmsi is not None
            by_ship[mmsi].append(finding)
    return by_ship


def _vessel(mmsi: int, rows: dict[int, dict[str, Any]], said: dict[int, list[Noted]]) -> Vessel:
    row = rows.get(mmsi, {})
    findings = said.get(mmsi, [])
    return Vessel(
        mmsi=mmsi,
        imo=row.get("imo"),
        name=row.get("name"),
        callsign=row.get("callsign"),
        flag=row.get("flag"),
        ship_type=-1 if row.get("ship_type") is None else row["ship_type"],
        ais_class=row.get("ais_class") or 0,
        length_m=row.get("length_m") or np.nan,
        draught_m=row.get("draught_m") or np.nan,
        said=tuple(
            Said(f.id, f.behaviour, from_iso(f.start), from_iso(f.end) if f.end else 2**62, f.summary, f.trust,
                 f.trust_reason)
            for f in findings
        ),
        lists=tuple(sorted({f.summary for f in findings if f.behaviour == "listed-vessel"})),
    )  # fmt: skip
