"""From weighed cases to the answer: words for people, columns for a map, nothing decided any more."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from watchkeeper.cases.attribution.anchor import anchor_of
from watchkeeper.cases.attribution.area import possible_area
from watchkeeper.cases.attribution.case import M_PER_MS, Asked, Case, Data, LeftOut, Sifted, Vessel
from watchkeeper.cases.attribution.habit import Track
from watchkeeper.cases.attribution.reach import Fix
from watchkeeper.cases.attribution.result import (
    VERSION,
    Attribution,
    Candidate,
    Course,
    Crossing,
    Excluded,
    Position,
    Question,
    Silence,
    Speed,
    TrackPoint,
    number,
)
from watchkeeper.cases.attribution.settings import settings
from watchkeeper.cases.attribution.stretch import Line, Place
from watchkeeper.cases.attribution.weighing import explained_by
from watchkeeper.kernels.geodesy import distance_m
from watchkeeper.model.asset import Asset
from watchkeeper.model.records import CLASS_A, CLASS_B
from watchkeeper.model.shiptypes import type_name
from watchkeeper.model.time import MINUTE, SECOND, to_iso
from watchkeeper.model.units import METRES_PER_NMI

TRACK_POINTS: Final = 150
"""Reports of each track that go into the answer: the silence's ends and the crossing's are among them."""

AREAS: Final = 50
"""Ranks for which the shape of the possible area is worked out."""

_NOT_CHARTED: Final = (
    "The asset's position is {} and may be off by miles: ships that crossed it as drawn may not have."
)


def answer(
    asked: Asked,
    data: Data,
    sifted: Sifted,
    cases: Sequence[Case],
    left_out: Sequence[LeftOut],
    tracks: Mapping[int, Track],
    vessel: Callable[[int], Vessel],
    notes: Sequence[str],
) -> Attribution:
    """Put the answer together from weighed cases in order; ``notes`` come before those that the data call for."""
    return Attribution(
        version=VERSION,
        question=_question(asked, sifted.window),
        simulated=data.simulated,
        data_start=to_iso(data.start),
        data_end=to_iso(data.end),
        ships_heard=data.ships,
        candidates=tuple(
            _candidate(rank, case, vessel(case.track), tracks.get(case.track), asked, sifted)
            for rank, case in enumerate(cases, 1)
        ),
        excluded=tuple(_excluded(one, vessel(one.track)) for one in left_out),
        notes=(*notes, *_notes(asked.asset, sifted)),
    )


def _notes(asset: Asset, sifted: Sifted) -> list[str]:
    notes = []
    if asset.position_class != "charted":
        notes.append(_NOT_CHARTED.format(asset.position_class))
    if sifted.heard_there < 1.0:
        share = 100.0 * sifted.heard_there
        notes.append(
            f"Around the stretch somebody was heard in {share:.0f} % of the window's quarter hours only."
        )
    hours = settings().limits["open_silence"].value
    notes.append(
        f"Ships heard on one side only are followed for {hours:g} h; ships that never send are not seen."
    )
    return notes


def _question(asked: Asked, window: tuple[int, int]) -> Question:
    asset, place, stretch = asked
    return Question(
        asset=asset.id,
        asset_name=asset.name,
        kind=asset.kind,
        position_class=asset.position_class,
        depth_m=asset.depth_m,
        start=to_iso(window[0]),
        end=to_iso(window[1]),
        place=(place.lat, place.lon) if place else None,
        uncertainty_m=place.uncertainty_m if place else None,
        stretch_km=round(stretch.inside.length_m / 1000.0, 3),
        geometry=asset.geometry,
        stretch=_multi_line(stretch.inside),
    )


def _multi_line(line: Line) -> dict[str, Any]:
    """Segments as a MultiLineString, joined where they follow each other."""
    parts: list[list[list[float]]] = []
    for lat1, lon1, lat2, lon2 in zip(*(np.round(column, 6).tolist() for column in line), strict=True):
        if abs(lon2 - lon1) > 180.0:
            lon2 += 360.0 if lon1 > 0 else -360.0
        if not parts or parts[-1][-1] != [lon1, lat1]:
            parts.append([[lon1, lat1]])
        parts[-1].append([lon2, lat2])
    return {"type": "MultiLineString", "coordinates": parts}


def _candidate(
    rank: int, case: Case, ship: Vessel, track: Track | None, asked: Asked, sifted: Sifted
) -> Candidate:
    crossing = _crossing(case, asked.place)
    m = case.measures
    assert m is not None
    near = [s for s in ship.said if s.start <= sifted.window[1] and s.end >= sifted.window[0]]
    return Candidate(
        rank=rank,
        score=case.tree.value,
        summary=_summary(case, crossing),
        mmsi=ship.mmsi,
        imo=ship.imo,
        name=ship.name,
        callsign=ship.callsign,
        flag=ship.flag,
        ship_type=type_name(ship.ship_type),
        ais_class={CLASS_A: "A", CLASS_B: "B"}.get(ship.ais_class, "unknown"),  # type: ignore[arg-type]
        length_m=number(ship.length_m, 1),
        draught_m=number(ship.draught_m, 1),
        crossing=crossing,
        speed=_speed(case, m.others),
        course=_course(case),
        silence=_silence(case, rank, sifted.heard_there),
        position=Position(state="unreliable" if m.unreliable else "trusted", reason=m.unreliable),
        anchor=anchor_of(ship.length_m, asked.asset.depth_m),
        lists=ship.lists,
        findings=tuple(s.id for s in near),
        tree=case.tree,
        track=_thinned(track, case, sifted.window) if track is not None else (),
    )


def _crossing(case: Case, place: Place | None) -> Crossing:
    p = case.possible
    return Crossing(
        how=case.how,
        earliest=to_iso(p.earliest if p else case.t),
        latest=to_iso(p.latest if p else case.t),
        likeliest=to_iso(case.t // SECOND * SECOND),
        at=(round(case.lat, 5), round(case.lon, 5)),
        place_m=round(distance_m(case.lat, case.lon, place.lat, place.lon), 1) if place else None,
        count=case.count,
    )


def _speed(case: Case, others: float) -> Speed:
    h = case.habit
    nan = float("nan")
    return Speed(
        at_kn=number(h.at_kn if h else nan, 1),
        usual_kn=number(h.usual_kn if h else nan, 1),
        lowest_kn=number(h.lowest_kn if h else nan, 1),
        lowest_at=to_iso(h.lowest_t) if h and h.lowest_kn == h.lowest_kn else None,
        dip=round(h.dip if h else 0.0, 3),
        slow=round(h.slow if h else 0.0, 3),
        silent=round(case.silent_loss, 3),
        others=round(others, 3),
        explained=explained_by(h) if h else (),
    )


def _course(case: Case) -> Course:
    h = case.habit
    if h is None:
        return Course(
            turn_deg=None, scatter_deg=None, usual_scatter_deg=None, crab_deg=None, usual_crab_deg=None
        )
    return Course(
        turn_deg=number(h.turn_deg, 0),
        scatter_deg=number(h.scatter_deg, 1),
        usual_scatter_deg=number(h.usual_scatter_deg, 1),
        crab_deg=number(h.crab_deg, 1),
        usual_crab_deg=number(h.usual_crab_deg, 1),
    )


def _silence(case: Case, rank: int, heard_there: float) -> Silence | None:
    p, m = case.possible, case.measures
    if p is None or m is None:
        return None
    both = case.start is not None and case.end is not None
    seconds = (case.end - case.start) if case.start is not None and case.end is not None else 0
    return Silence(
        start=to_iso(case.start) if case.start is not None else None,
        end=to_iso(case.end) if case.end is not None else None,
        minutes=round(m.silence_min, 1),
        before=_point(case.before),
        after=_point(case.after),
        top_speed_kn=round(case.top_kn, 1),
        top_speed_from=case.top_from,
        made_good_kn=round(p.direct_m / seconds / M_PER_MS, 1) if both else None,
        directness=round(p.directness, 3),
        evenness=round(p.evenness, 3),
        heard_there=round(heard_there, 3),
        round_land=p.round_land,
        area=possible_area(case.silent) if case.silent is not None and rank <= AREAS else None,
    )


def _point(fix: Fix | None) -> tuple[float, float] | None:
    return (round(fix.lat, 5), round(fix.lon, 5)) if fix is not None else None


def _summary(case: Case, crossing: Crossing) -> str:
    """One sentence or two for the table."""
    place = (
        "" if crossing.place_m is None else f", {crossing.place_m / METRES_PER_NMI:.1f} nmi from the place"
    )
    h = case.habit
    words = []
    if case.how == "seen":
        words.append(f"Crossed at {_clock(crossing.likeliest)}{place}")
    else:
        gap = "heard on one side only" if case.how == "one end" else f"not heard for {_length(case)}"
        words.append(
            f"Could have crossed {_clock(crossing.earliest)} to {_clock(crossing.latest)}, {gap}{place}"
        )
    if h is not None and h.usual_kn == h.usual_kn:
        if max(h.dip, h.slow) >= settings().terms["slowdown"].begin:
            low, usual = (h.lowest_kn, h.local_kn) if h.dip >= h.slow else (h.at_kn, h.usual_kn)
            words.append(f"{low:.1f} kn against {usual:.1f}")
        elif h.at_kn == h.at_kn:
            words.append(f"{h.at_kn:.1f} kn as usual")
    return "; ".join(words) + "."


def _clock(iso: str) -> str:
    return iso[11:16] + "Z"


def _length(case: Case) -> str:
    assert case.start is not None
    assert case.end is not None
    hours, minutes = divmod(round((case.end - case.start) / MINUTE), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def _thinned(track: Track, case: Case, window: tuple[int, int]) -> tuple[TrackPoint, ...]:
    """Reports of the window and the hours around: even in time, those next to the crossing and the silence kept."""
    around = settings().of("around")
    ends = [e for e in (case.start, case.end) if e is not None]
    shown = track.between(min([window[0], *ends]) - around, max([window[1], *ends]) + around)
    n = len(shown.t)
    kept = {int(k) for k in np.linspace(0, n - 1, min(n, TRACK_POINTS))} if n else set()
    for t in (case.t, *ends):
        at = int(np.searchsorted(shown.t, t))
        kept |= {k for k in (at - 1, at, at + 1) if 0 <= k < n}
    return tuple(
        (
            int(shown.t[k]) // SECOND,
            round(float(shown.lat[k]), 5),
            round(float(shown.lon[k]), 5),
            number(shown.sog_kn[k], 1),
            number(shown.cog_deg[k], 1),
        )
        for k in sorted(kept)
    )


def _excluded(one: LeftOut, ship: Vessel) -> Excluded:
    return Excluded(
        mmsi=ship.mmsi,
        name=ship.name,
        ship_type=type_name(ship.ship_type),
        reason=one.reason,  # type: ignore[arg-type]
        detail=one.detail,
    )
