"""The engine: takes records as they come, gives candidate episodes of every behaviour.

The same object reads a file quickly or a feed slowly. What it finds does not depend on how the stream is cut,
and a snapshot taken between two batches continues elsewhere as if nothing had happened.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from watchkeeper.engine.fixes import LAST_REPORT_WIDTH, AssetLookup, Columns, Moment, View, empty_columns
from watchkeeper.engine.fleet import FleetColumns, fleet_of
from watchkeeper.engine.meetings import Meetings
from watchkeeper.engine.memory import Memory
from watchkeeper.engine.ordering import DisorderedError, Reorder
from watchkeeper.engine.presence import Presence
from watchkeeper.engine.vessels import Vessels
from watchkeeper.kernels import tracks as tr
from watchkeeper.kernels.group import group_order
from watchkeeper.kernels.legs import KNOTS, LAT, LON, METRES, SECONDS, SOG, USUAL, T, legs
from watchkeeper.model.behaviour import Behaviour
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.records import Array, Positions, Statics
from watchkeeper.model.settings import EngineSettings
from watchkeeper.model.time import MINUTE, NO_TIME, SECOND

_COUNTS = ("taken", "late", "late_static", "receiver_duplicate")
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Watch:
    """A behaviour on duty: its declaration, thresholds in force, memory, what it found, or why it stopped."""

    behaviour: Behaviour
    thresholds: dict[str, float]
    memory: Memory = field(default_factory=Memory)
    meetings: dict[int, Meetings] = field(default_factory=dict)
    episodes: list[Episodes] = field(default_factory=list)
    failure: str | None = None


GroupedSink = Callable[[Columns], None]


class Engine:
    """See the module.

    Args:
        watches: the behaviours to run, with thresholds.
        settings: the engine's own figures.
        assets: where assets are, or None where no layer was given.
        asset_reach_m: how far an asset is looked for [m].
        least_rows: work only when so many new reports wait (0 for feeds).
        overlap: let behaviours look at a batch in a thread of their own while the next one is grouped.
        sink: called with each grouped batch (for the track file); not part of the state.
        said: called with static reports that say something new of their ship.
    """

    def __init__(
        self,
        watches: Sequence[Watch],
        settings: EngineSettings,
        assets: AssetLookup | None = None,
        asset_reach_m: float = 0.0,
        sink: GroupedSink | None = None,
        least_rows: int = 0,
        overlap: bool = False,
        said: Callable[[Statics], object] = lambda news: None,
    ) -> None:
        self.watches = list(watches)
        self.settings = settings
        self.assets = assets
        self.asset_reach_m = asset_reach_m
        self.sink = sink
        self.said = said
        self.vessels = Vessels()
        self.presence = Presence()
        self.counts: Counter[str] = Counter()
        self._memory = Memory()
        self._reorder = Reorder(Positions, int(settings.lateness * MINUTE), least_rows)
        self._static_order = Reorder(Statics, int(settings.lateness * MINUTE), least_rows)
        self._heard_until = NO_TIME
        self._ended = False
        self._beside = ThreadPoolExecutor(1, "behaviours") if overlap else None
        self._looking: Future[None] | None = None

    def push(self, positions: Positions, statics: Statics) -> None:
        """Take records in order of arrival."""
        said, said_late = self._static_order.push(statics)
        self.counts["late_static"] += len(said_late)
        self.said(self.vessels.learn(said))
        ready, late = self._reorder.push(positions)
        self.counts["late"] += len(late)
        self.counts["taken"] += len(positions) - len(late)
        self._hear(late)
        self._process(ready)

    def check_order(self) -> None:
        """Stop where the input is plainly not in time order, so that it can be sorted instead.

        Raises:
            DisorderedError: more than 2 % of at least 20,000 reports were late.
        """
        late = self.counts["late"]
        if late > 400 and late > 0.02 * (late + self.counts["taken"]):
            raise DisorderedError

    def finish(self) -> None:
        """The data end: work through what waits, close what is open."""
        self.said(self.vessels.learn(self._static_order.finish()))
        self._process(self._reorder.finish())
        self._settle()
        if self._beside is not None:
            self._beside.shutdown()
        self._ended = True
        for watch, found in zip(self.watches, self._as_if_ended(), strict=True):
            watch.episodes.append(found)

    def standing(self) -> list[Watch]:
        """The behaviours with all that they found, and what goes on now as if the data ended here. Changes nothing.

        What waits for its place in time is not seen yet.
        """
        self._settle()
        if self._ended:
            return self.watches
        return [
            replace(watch, episodes=[*watch.episodes, found])
            for watch, found in zip(self.watches, self._as_if_ended(), strict=True)
        ]

    def at_once(self) -> list[Watch]:
        """The behaviours that need not wait for the whole picture, with what they see now. Changes nothing."""
        self._settle()
        fleet = fleet_of(self.vessels, self.presence)
        return [
            replace(watch, episodes=[self._detected(watch, fleet)])
            for watch in self.watches
            if watch.behaviour.at_once
        ]

    def _as_if_ended(self) -> list[Episodes]:
        moment, columns = self._moment(closing=True), empty_columns()
        fleet = fleet_of(self.vessels, self.presence)
        return [
            self._detected(
                watch,
                View(columns, moment, watch.memory, watch.meetings)
                if watch.behaviour.observes == "fixes"
                else fleet,
            )
            for watch in self.watches
        ]

    def forget(self, before: int) -> None:
        """Drop what is closed, and who was heard, before a time [ms UTC]; what ships last said of themselves stays."""
        self._settle()
        for watch in self.watches:
            found = Episodes.concat(watch.episodes)
            watch.episodes = [found.take(found.end >= before)]
        self.presence.forget(before)
        self.vessels.forget(before)

    @property
    def data_end(self) -> int:
        """The newest event time worked through [ms UTC]."""
        return self._heard_until

    def _hear(self, late: Positions) -> None:
        """What comes too late to be worked through still shows that its sender was heard."""
        if len(late):
            vessel = self.vessels.assign(late.mmsi)
            self.presence.push_late(vessel, late.t, late.lat, late.lon, self.vessels.count)

    def _process(self, positions: Positions) -> None:
        if not len(positions):
            return
        self._heard_until = int(positions.t[-1])
        columns = self._group(positions)
        if not len(columns.t):
            return
        self.presence.push(columns, self.vessels.count)
        self._settle()
        moment = self._moment(closing=False)
        if self._beside is None:
            self._look(columns, moment)
        else:
            self._looking = self._beside.submit(self._look, columns, moment)
        if self.sink is not None:
            self.sink(columns)

    def _look(self, columns: Columns, moment: Moment) -> None:
        for watch in self.watches:
            if watch.behaviour.observes == "fixes":
                found = self._detected(watch, View(columns, moment, watch.memory, watch.meetings))
                if len(found):
                    watch.episodes.append(found)

    def _settle(self) -> None:
        """Wait until the behaviours have looked at the batch handed to them."""
        if self._looking is not None:
            self._looking.result()
            self._looking = None

    @staticmethod
    def _detected(watch: Watch, observed: View | FleetColumns) -> Episodes:
        if watch.failure is not None:
            return Episodes.empty()
        try:
            return watch.behaviour.detect(observed, **watch.thresholds)
        except Exception as error:  # noqa: BLE001 - a behaviour that raises stops itself, loudly: its coverage is unknown
            watch.failure = f"{type(error).__name__}: {error}"
            _LOG.exception("behaviour %s stopped", watch.behaviour.id)
            return Episodes.empty()

    def _moment(self, *, closing: bool) -> Moment:
        count = 2 * self.vessels.count
        state = self._memory.rows("legs", count, LAST_REPORT_WIDTH, np.float64, 0.0)
        return Moment(count, state, self._heard_until, closing, self.assets, self.asset_reach_m)

    def _group(self, p: Positions) -> Columns:
        """Bring the rows of each track together, drop second receptions, join with the report before."""
        vessel = self.vessels.assign(p.mmsi)
        scratch = np.full(self.vessels.count, -1, np.int32)
        order = group_order(vessel, scratch)
        p, vessel = p.take(order), vessel[order]
        bits, other = self._separate(p, vessel)
        keep = tr.partition(vessel, bits)
        self.counts["receiver_duplicate"] += len(p) - len(keep)
        if len(keep) < len(p) or (bits & tr.SECOND).any():
            p, vessel, bits, other = p.take(keep), vessel[keep], bits[keep], other[:, keep]
        track = 2 * vessel + ((bits & tr.SECOND) > 0)
        begins = (bits & tr.BEGINS) > 0
        before, row_before = self._legs(p, track, begins)
        asset, asset_m = self._nearest(p)
        return Columns(
            t=p.t,
            lat=p.lat,
            lon=p.lon,
            sog_kn=p.sog_kn,
            cog_deg=p.cog_deg,
            heading_deg=p.heading_deg,
            nav_status=p.nav_status,
            ais_class=p.ais_class,
            row=p.row,
            mmsi=p.mmsi,
            vessel=vessel,
            track=track,
            begins=begins,
            has_before=row_before >= 0,
            t_before=before[T],
            row_before=row_before,
            lat_before=before[LAT],
            lon_before=before[LON],
            sog_before=before[SOG],
            leg_m=before[METRES],
            leg_s=before[SECONDS],
            leg_kn=before[KNOTS],
            baseline_kn=before[USUAL],
            asset=asset,
            asset_m=asset_m,
            zone=self._zones(p),
            displaced=(bits & tr.DISPLACED) > 0,
            reentry=(bits & tr.REENTRY) > 0,
            apart_m=other[0],
            other_lat=other[1],
            other_lon=other[2],
            other_s=other[3],
        )

    def _separate(self, p: Positions, vessel: Array) -> tuple[Array, Array]:
        s = self.settings
        count = self.vessels.count
        bits, other = tr.separate(
            vessel,
            p.t,
            p.lat,
            p.lon,
            tr.sameness(p.t, p.lat, p.lon, p.sog_kn, p.cog_deg),
            self._memory.rows("tracks", count, tr.STATE, np.float64, 0.0),
            self._memory.rows("recent", count, tr.RECENT, np.uint64, 0),
            self._memory.rows("recent_t", count, tr.RECENT, np.int64, NO_TIME // 2),
            s.max_speed,
            s.jump_slack,
            int(s.receiver_repeat * SECOND),
            int(s.receiver_echo * SECOND),
        )
        return bits, other

    def _legs(self, p: Positions, track: Array, begins: Array) -> tuple[Array, Array]:
        s = self.settings
        state = self._memory.rows("legs", 2 * self.vessels.count, LAST_REPORT_WIDTH, np.float64, 0.0)
        before, row_before = legs(
            track,
            begins,
            p.t,
            p.lat,
            p.lon,
            p.sog_kn,
            p.row,
            state,
            s.under_way,
            s.usual_rise * 60.0,
            s.usual_fall * 3600.0,
            s.usual_known * 60.0,
        )
        return before, row_before

    def _nearest(self, p: Positions) -> tuple[Array, Array]:
        if self.assets is None or self.asset_reach_m <= 0:
            return np.full(len(p), -1, np.int32), np.full(len(p), np.inf, np.float32)
        return self.assets.nearest(p.lat, p.lon, self.asset_reach_m)

    def _zones(self, p: Positions) -> Array:
        if self.assets is None:
            return np.full(len(p), -1, np.int32)
        return self.assets.zones(p.lat, p.lon)

    def snapshot(self) -> dict[str, Array]:
        """The whole state as named arrays."""
        self._settle()
        state = {f"pending.{name}": getattr(self._reorder.pending, name).copy() for name in Positions.DTYPES}
        _put(
            state,
            "pending_static",
            {n: getattr(self._static_order.pending, n).copy() for n in Statics.DTYPES},
        )
        state["clock"] = np.array([self._reorder.newest, self._static_order.newest, self._heard_until])
        state["counts"] = np.array([self.counts[name] for name in _COUNTS])
        _put(state, "engine", self._memory.snapshot())
        _put(state, "vessels", self.vessels.snapshot())
        _put(state, "presence", self.presence.snapshot())
        for watch in self.watches:
            prefix = f"watch.{watch.behaviour.id}"
            _put(state, f"{prefix}.memory", watch.memory.snapshot())
            state[f"{prefix}.failure"] = np.array([watch.failure or ""])
            found = Episodes.concat(watch.episodes)
            _put(state, f"{prefix}.found", {n: getattr(found, n).copy() for n in Episodes.DTYPES})
            for k, meetings in watch.meetings.items():
                _put(state, f"{prefix}.meetings.{k}", meetings.snapshot())
        return state

    def restore(self, state: dict[str, Array]) -> None:
        """Go on from a snapshot of an engine with the same behaviours and settings."""
        self._reorder.pending = Positions(**_get(state, "pending"))
        self._static_order.pending = Statics(**_get(state, "pending_static"))
        self._reorder.newest, self._static_order.newest, self._heard_until = (int(x) for x in state["clock"])
        self.counts = Counter(dict(zip(_COUNTS, state["counts"].tolist(), strict=True)))
        self._memory.restore(_get(state, "engine"))
        self.vessels = Vessels.restored(_get(state, "vessels"))
        self.presence.restore(_get(state, "presence"))
        for watch in self.watches:
            prefix = f"watch.{watch.behaviour.id}"
            watch.memory.restore(_get(state, f"{prefix}.memory"))
            watch.failure = str(state[f"{prefix}.failure"][0]) or None
            watch.episodes = [Episodes(**_get(state, f"{prefix}.found"))]
            watch.meetings = {}
            for k in {int(name.split(".")[0]) for name in _get(state, f"{prefix}.meetings")}:
                watch.meetings[k] = Meetings.restored(_get(state, f"{prefix}.meetings.{k}"))


def _put(state: dict[str, Array], prefix: str, arrays: dict[str, Any]) -> None:
    state |= {f"{prefix}.{name}": array for name, array in arrays.items()}


def _get(state: dict[str, Array], prefix: str) -> dict[str, Array]:
    return {name[len(prefix) + 1 :]: array for name, array in state.items() if name.startswith(prefix + ".")}
