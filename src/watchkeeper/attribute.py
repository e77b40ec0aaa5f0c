"""Attribution over a scan's output: which ships crossed an asset in a window, or could have, by evidence."""

import difflib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from watchkeeper.cases.attribution.answer import answer
from watchkeeper.cases.attribution.case import Asked, Data, Said, Sifted, Vessel
from watchkeeper.cases.attribution.inquiry import Inquiry
from watchkeeper.cases.attribution.reach import Water
from watchkeeper.cases.attribution.result import Attribution
from watchkeeper.cases.attribution.search import crossings_seen, nearest_reports, take_legs
from watchkeeper.cases.attribution.settings import settings
from watchkeeper.cases.attribution.stretch import Line, Place, Stretch, distance_to_m, stretch_of
from watchkeeper.errors import LayerError, UsageError
from watchkeeper.fetching.names import resolved
from watchkeeper.layers.land import Land
from watchkeeper.layers.reading import load_layer
from watchkeeper.layers.segments import of_geometry
from watchkeeper.model.asset import Asset
from watchkeeper.model.time import from_iso, to_iso
from watchkeeper.model.units import METRES_PER_NMI
from watchkeeper.scanned import Noted, Scanned, Span, open_data
from watchkeeper.tracksearch import TrackLog, begin_log, open_ends, read_log, read_tracks

if TYPE_CHECKING:
    from watchkeeper.stored import Stored

DEFAULT_UNCERTAINTY_M: Final = 2.0 * METRES_PER_NMI
"""Of a fault place, where none is given: what the first cable reports of 2023 to 2025 could be off by."""

_LINES: Final = ("LineString", "MultiLineString")
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
    scanned = open_data(request.folder)
    notes = _check_window(request, scanned)
    window = Span(request.start, request.end)
    reading = begin_log(scanned, window)
    asset = _find(request, scanned)
    place = _place(request)
    stretch = _stretch(asset, place)
    log = read_log(reading, stretch, window)
    said = _said(scanned.findings())
    rows = scanned.vessels()

    def vessel(track: int) -> Vessel:
        return _vessel(int(log.mmsi[track // 2]), rows, said)

    sifted = _sift(stretch, log, window, scanned.span)
    silent = sifted.silences.track
    wanted = {
        *sifted.crossings.track.tolist(),
        *silent.tolist(),
        *(silent ^ 1).tolist(),
        *(e[0] for e in sifted.ends),
    }
    tracks = read_tracks(scanned, window, log, wanted)
    water = Water(stretch, Land.load().is_land)
    inquiry = Inquiry(sifted, tracks, vessel, water, place, asset.depth_m)
    cases = inquiry.cases()
    data = Data(scanned.simulated, scanned.span.start, scanned.span.end, len(rows))
    return answer(Asked(asset, place, stretch), data, sifted, cases, inquiry.left_out, tracks, vessel, notes)


def _check_window(request: Request, scanned: "Scanned | Stored") -> list[str]:
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


def _find(request: Request, scanned: "Scanned | Stored") -> Asset:
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


def _sift(stretch: Stretch, log: TrackLog, window: Span, data: Span) -> Sifted:
    rules, legs = settings(), log.legs
    dark = legs.t1 - legs.t0 > rules.of("dark_after")
    touches = (legs.t0 <= window.end) & (legs.t1 >= window.start)
    reported = (legs.t1 >= window.start) & (legs.t1 <= window.end)
    return Sifted(
        window=(window.start, window.end),
        crossings=crossings_seen(stretch, take_legs(legs, ~dark)),
        silences=take_legs(legs, dark & touches),
        ends=tuple(open_ends(log, data, window)),
        near=nearest_reports(stretch.inside, take_legs(legs, reported), rules.of("near")),
        heard_there=log.heard_there,
    )


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
