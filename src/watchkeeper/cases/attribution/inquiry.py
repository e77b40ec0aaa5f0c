"""What was found near the stretch becomes candidates in order of evidence, and ships left out with a reason."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from watchkeeper.cases.attribution.anchor import anchor_of
from watchkeeper.cases.attribution.case import M_PER_MS, Case, LeftOut, Said, Sifted, Vessel
from watchkeeper.cases.attribution.habit import Habit, Habits, Track
from watchkeeper.cases.attribution.reach import (
    Fix,
    Impossible,
    Silent,
    Water,
    possible_from_one_end,
    possible_way,
)
from watchkeeper.cases.attribution.settings import settings
from watchkeeper.cases.attribution.stretch import Place
from watchkeeper.cases.attribution.weighing import Measures, tree_of
from watchkeeper.kernels.geodesy import distance_m
from watchkeeper.model import shiptypes
from watchkeeper.model.time import HOUR, MINUTE, SECOND, to_iso
from watchkeeper.model.units import METRES_PER_NMI

_STILL_KN: Final = 1.0
_MOST_CROSSINGS: Final = 12
"""Crossings of one ship that are looked at, the slowest ones: a ferry needs no more."""

_OTHERS_LEAST: Final = 5


class Inquiry:
    """Measures and weighs everything that was sifted. Give whole tracks (hours around the window) of the ships."""

    def __init__(
        self,
        sifted: Sifted,
        tracks: Mapping[int, Track],
        vessel: Callable[[int], Vessel],
        water: Water,
        place: Place | None,
        depth_m: float | None,
    ) -> None:
        self._s, self._tracks, self._vessel, self._water = sifted, tracks, vessel, water
        self._place, self._depth_m = place, depth_m
        self._habits: dict[int, Habits] = {}
        self.left_out: list[LeftOut] = []

    def cases(self) -> list[Case]:
        """The strongest case of each track, in order of evidence; the rest is in :attr:`left_out`."""
        found = [*self._seen(), *self._silent(), *self._one_ended()]
        others = self._lost_by_others(found)
        best: dict[int, Case] = {}
        counts: defaultdict[int, int] = defaultdict(int)
        for case in found:
            case.measures = self._measures(case, others)
            case.tree = tree_of(case.measures)
            mmsi = self._vessel(case.track).mmsi
            counts[mmsi] += case.count
            if mmsi not in best or case.tree.value > best[mmsi].tree.value:
                best[mmsi] = case
        for mmsi, case in best.items():
            case.count = counts[mmsi]
        self._leave_out(set(best))
        return sorted(best.values(), key=lambda c: (-c.tree.value, c.t, c.track))

    def _habit(self, track: int) -> Habits | None:
        if track not in self._habits and track in self._tracks:
            self._habits[track] = Habits(self._tracks[track])
        return self._habits.get(track)

    def _at(self, track: int, start: int, end: int) -> Habit | None:
        habits = self._habit(track)
        return habits.at(start, end) if habits is not None else None

    def _seen(self) -> list[Case]:
        c = self._s.crossings
        inside = c.take(c.inside & (c.t >= self._s.window[0]) & (c.t <= self._s.window[1]))
        cases = []
        for track in np.unique(inside.track).tolist():
            mine = inside.take(inside.track == track)
            order = np.arange(len(mine.t))
            habits = self._habit(track)
            if len(order) > _MOST_CROSSINGS and habits is not None:
                order = np.argsort(habits.speed_at(mine.t), kind="stable")[:_MOST_CROSSINGS]
            for k in order.tolist():
                t = int(mine.t[k])
                cases.append(
                    Case(track, "seen", t, float(mine.lat[k]), float(mine.lon[k]), self._at(track, t, t))
                )
            cases[-1].count += len(mine.t) - len(order)
        return cases

    def _silent(self) -> list[Case]:
        cases = []
        for track, t0, lat0, lon0, t1, lat1, lon1 in zip(
            *(c.tolist() for c in self._s.silences), strict=True
        ):
            before, after = Fix(t0, lat0, lon0), Fix(t1, lat1, lon1)
            top, top_from = self._top(track)
            silent = Silent(self._water, before, after, top * M_PER_MS)
            way = possible_way(silent, self._s.window)
            if isinstance(way, Impossible):
                self._not_possible(track, way, silent.top / M_PER_MS, before, after)
                continue
            case = Case(
                track, "silent", way.likeliest, way.lat, way.lon, self._at(track, t0, t1), way, silent
            )
            case.start, case.end, case.before, case.after = t0, t1, before, after
            case.top_kn, case.top_from = silent.top / M_PER_MS, top_from
            other = self._tracks.get(track ^ 1)
            case.elsewhere = len(other.between(t0, t1).t) if other is not None else 0
            cases.append(case)
        return cases

    def _one_ended(self) -> list[Case]:
        cases = []
        for track, fix, until in self._s.ends:
            top, top_from = self._top(track)
            way = possible_from_one_end(self._water, fix, until, top * M_PER_MS, self._s.window)
            if isinstance(way, Impossible):
                continue
            habits = self._habit(track)
            if habits is None or not habits.speed_at(np.array([fix.t]))[0] >= _STILL_KN:
                self.left_out.append(LeftOut(track, "lay still", "lay still at its last report on one side"))
                continue
            case = Case(track, "one end", way.likeliest, way.lat, way.lon, habits.at(fix.t, fix.t), way)
            forward = until > fix.t
            case.start, case.end = (fix.t, None) if forward else (None, fix.t)
            case.before, case.after = (fix, None) if forward else (None, fix)
            case.top_kn, case.top_from = top, top_from
            cases.append(case)
        return cases

    def _top(self, track: int) -> tuple[float, str]:
        """The top speed [kn] of a ship, and by what it is known."""
        rules, habits = settings(), self._habit(track)
        own, known_ms = habits.top if habits is not None else (np.nan, 0.0)
        if known_ms >= rules.of("top_speed_known"):
            margin = rules.of("top_speed_margin")
            return own * (1.0 + margin), f"its own, {own:.1f} kn, and {100 * margin:.0f} %"
        kind = kind_of(self._vessel(track).ship_type)
        return rules.top_speed_kn[kind], f"type {kind}; its own is not known"

    @staticmethod
    def _lost_by_others(found: Sequence[Case]) -> float:
        """Loss of speed shared by the ships seen crossing: the median, where there are enough of them."""
        losses = [c.loss for c in found if c.how == "seen" and c.habit is not None and c.habit.usual_kn > 0]
        return float(np.median(losses)) if len(losses) >= _OTHERS_LEAST else 0.0

    def _measures(self, case: Case, others: float) -> Measures:
        vessel, rules = self._vessel(case.track), settings()
        share = np.nan
        if self._place is not None:
            away = distance_m(case.lat, case.lon, self._place.lat, self._place.lon)
            share = away / self._place.uncertainty_m
        start = case.start if case.start is not None else case.t
        end = case.end if case.end is not None else case.t
        around = [s for s in vessel.said if s.start <= end + 2 * HOUR and s.end >= start - 2 * HOUR]
        doubts = [s for s in around if s.behaviour in rules.trust.behaviours or s.trust != "trusted"]
        shown = {s.behaviour for s in around} - rules.trust.behaviours - rules.trust.same
        return Measures(
            how=case.how,
            place_share=share,
            habit=case.habit,
            others=others,
            possible=case.possible,
            silence_min=self._silence_min(case),
            silent_loss=case.silent_loss,
            heard_there=self._s.heard_there,
            ais_class=vessel.ais_class,
            ship_type=vessel.ship_type,
            anchor=anchor_of(vessel.length_m, self._depth_m),
            unreliable=_doubt(case, doubts),
            findings=tuple(sorted(shown)),
            lists=vessel.lists,
        )

    def _silence_min(self, case: Case) -> float:
        if case.start is None and case.end is None:
            return 0.0
        start = case.start if case.start is not None else self._s.window[0]
        end = case.end if case.end is not None else self._s.window[1]
        return max(0.0, (end - start) / MINUTE)

    def _not_possible(self, track: int, way: Impossible, top_kn: float, before: Fix, after: Fix) -> None:
        minutes = (after.t - before.t) / MINUTE
        words = f"not heard for {minutes:.0f} min; "
        if way.why == "window":
            self.left_out.append(
                LeftOut(track, "outside the window", words + "could have crossed at other times only")
            )
        elif way.needed_kn <= 2.0 * top_kn:
            reason = "land" if way.why == "land" else "too far"
            round_it = " round the land" if reason == "land" else ""
            needed = "more" if np.isinf(way.needed_kn) else f"{way.needed_kn:.1f} kn"
            detail = f"{words}crossing would have taken {needed}{round_it}, its top speed is {top_kn:.1f} kn"
            self.left_out.append(LeftOut(track, reason, detail))

    def _leave_out(self, crossed: set[int]) -> None:
        """Keep one reason a ship, the most telling first, and none for those that crossed."""
        near = {int(track): (float(metres), int(t)) for track, metres, t in zip(*self._s.near, strict=True)}
        reasons: dict[int, LeftOut] = {}
        for one in [*self._crossed_elsewhere(), *self.left_out, *map(self._merely_near, near.items())]:
            mmsi = self._vessel(one.track).mmsi
            if mmsi not in crossed:
                reasons.setdefault(mmsi, one)
        self.left_out = sorted(reasons.values(), key=lambda one: (one.reason, one.track))

    def _crossed_elsewhere(self) -> list[LeftOut]:
        c, (start, end) = self._s.crossings, self._s.window
        out = []
        for track, t, lat, lon, inside in zip(*(column.tolist() for column in c), strict=True):
            if inside and not start <= t <= end:
                side = (
                    f"{(start - t) / MINUTE:.0f} min before"
                    if t < start
                    else f"{(t - end) / MINUTE:.0f} min after"
                )
                out.append(LeftOut(track, "outside the window", f"crossed {side} the window"))
            elif not inside and start <= t <= end and self._place is not None:
                away = distance_m(lat, lon, self._place.lat, self._place.lon) / METRES_PER_NMI
                out.append(
                    LeftOut(track, "outside the stretch", f"crossed the asset {away:.1f} nmi from the place")
                )
        return out

    @staticmethod
    def _merely_near(one: tuple[int, tuple[float, int]]) -> LeftOut:
        track, (metres, t) = one
        detail = f"came within {metres / METRES_PER_NMI:.2f} nmi at {to_iso(t // SECOND * SECOND)[11:16]}Z"
        return LeftOut(track, "did not cross", detail)


def _doubt(case: Case, doubts: Sequence[Said]) -> str:
    """Why the positions are not to be relied on; empty where nothing says so."""
    if case.elsewhere:
        return f"{case.elsewhere} reports under its number came from another place meanwhile"
    return doubts[0].summary if doubts else ""


def kind_of(ship_type: int) -> str:
    """The kind of ship by which a top speed is looked up."""
    kinds = (
        (shiptypes.TANKER, "tanker"), (frozenset(range(60, 70)), "passenger"), (shiptypes.MERCHANT, "cargo"),
        (shiptypes.HIGH_SPEED, "fast"), (shiptypes.FISHING, "fishing"), (shiptypes.TOWING, "tug"),
        (shiptypes.PLEASURE, "pleasure"),
    )  # fmt: skip
    return next((kind for types, kind in kinds if ship_type in types), "other")
