"""The whole picture, as behaviours see it when they judge."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np

from watchkeeper.engine.fixes import AssetLookup
from watchkeeper.engine.memory import RowsByVessel
from watchkeeper.engine.places import LearntPlaces
from watchkeeper.engine.presence import Presence
from watchkeeper.engine.vessels import Vessels
from watchkeeper.kernels.geodesy import distance_m, distances_m, near_points
from watchkeeper.kernels.presence import AIS_CLASS, FIRST_T, LAST_T, REPORTS
from watchkeeper.layers.assets import Assets
from watchkeeper.layers.places import middle_of
from watchkeeper.lists.flags import flag_from_text, flag_of_mmsi
from watchkeeper.model.asset import Asset
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import TrustState
from watchkeeper.model.imo import valid_imo
from watchkeeper.model.picture import Crossing, ListMatch, Ship, Stop, Trust, Witnesses
from watchkeeper.model.records import Array, Statics, unpack_row
from watchkeeper.model.register import ShipFacts
from watchkeeper.model.time import HOUR
from watchkeeper.model.whereabouts import BothHeard, Port, Silence

COAST_REACH_M = 100_000.0

DARK_MS: Final = HOUR
"""A silence of its own while the feed was live: the least that ais-gap looks at."""

TRUST_STATES: Final[tuple[TrustState, ...]] = ("trusted", "suspect", "unreliable")
"""From best to worst."""


class CoastLookup(Protocol):
    """Distances to the coast."""

    def coast_distance_m(self, lat: Array, lon: Array, max_m: float) -> Array:
        """Distance of each position to the coast [m], infinite beyond ``max_m``."""
        ...


class GivenPlaces(Protocol):
    """Ports and anchorages of the layers given."""

    def near(self, lat: float, lon: float, within_m: float) -> str | None:
        """The name of a place that reaches to ``within_m`` of the point."""
        ...

    def at(self, lat: float, lon: float, within_m: float) -> Asset | None:
        """That place itself."""
        ...

    def named(self, text: str) -> Asset | None:
        """The one place a text of destination names."""
        ...


@dataclass(frozen=True, slots=True)
class FeedOut:
    """A time in which a feed was not live [ms UTC]: its number among the inputs, its name, and from when to when."""

    feed: int
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Moments:
    """When and where candidates begin (or end), in order of time."""

    t: Array
    lat: Array
    lon: Array
    vessel: Array

    @classmethod
    def of(cls, t: Array, lat: Array, lon: Array, vessel: Array) -> "_Moments":
        order = np.argsort(t, kind="stable")
        return cls(t[order], lat[order], lon[order], vessel[order])

    def near(self, t: int, lat: float, lon: float, vessel: int, within_m: float, within_ms: int) -> int:
        """How many other vessels."""
        lo, hi = np.searchsorted(self.t, (t - within_ms, t + within_ms + 1))
        here = slice(int(lo), int(hi))
        close = near_points(self.lat[here], self.lon[here], lat, lon, within_m)
        return len(set(self.vessel[here][close].tolist()) - {vessel})


class RunContext:
    """See :class:`watchkeeper.model.picture.Context`."""

    def __init__(
        self,
        vessels: Vessels,
        presence: Presence,
        data_end: int,
        still: Episodes,
        given: GivenPlaces | None,
        coast: CoastLookup | None,
        assets: Sequence[Asset],
        matches: Callable[[Ship], list[ListMatch]],
        lookup: AssetLookup | None = None,
        facts: Callable[[int], ShipFacts | None] = lambda imo: None,
        feeds_out: Sequence[FeedOut] = (),
    ) -> None:
        self.data_end = data_end
        self._feeds_out = feeds_out
        self._vessels = vessels
        self._presence = presence
        self._still = still.take(np.lexsort((still.start, still.vessel)))
        self._learnt = LearntPlaces.learn(still)
        self._marks: defaultdict[int, list[tuple[int, int, Trust]]] = defaultdict(list)
        self._given = given
        self._coast = coast
        self._assets = assets
        self._matches = matches
        self._given_lookup = lookup
        self._facts = facts
        self._still_of = RowsByVessel(self._still.vessel)
        self._ships: dict[int, Ship] = {}
        self._statics: dict[int, Statics] = {}
        self._heard: dict[tuple[int, int, int], bool] = {}
        self.begin(Episodes.empty())

    def begin(self, candidates: Episodes, event: Array | None = None) -> None:
        """From now on the candidates of one behaviour are judged; ``event`` numbers what belongs together."""
        self._events = {} if event is None else _by_event(candidates, event)
        self._candidates = candidates
        closed, going_on = candidates.take(~candidates.open), candidates.take(candidates.open)
        self._starts = _Moments.of(closed.start, closed.lat0, closed.lon0, closed.vessel)
        self._ends = _Moments.of(closed.end, closed.lat1, closed.lon1, closed.vessel)
        self._open = _Moments.of(going_on.start, going_on.lat0, going_on.lon0, going_on.vessel)

    def alike(self, episode: Episode, within_m: float, within_ms: int) -> int:
        """Other vessels with a candidate that begins, or one that ends, near in place and time; the larger number.

        What has ended is compared with what has ended, what still goes on with what still goes on.
        """
        e = episode
        if e.open:
            return self._open.near(e.start, e.lat0, e.lon0, e.vessel, within_m, within_ms)
        return max(
            self._starts.near(e.start, e.lat0, e.lon0, e.vessel, within_m, within_ms),
            self._ends.near(e.end, e.lat1, e.lon1, e.vessel, within_m, within_ms),
        )

    def event(self, episode: Episode) -> list[Episode]:
        """The candidates of the event that this one belongs to, in order of start."""
        return self._events.get((episode.vessel, episode.start, episode.first_row), [episode])

    def meanwhile(self, episode: Episode, within_m: float) -> int:
        """Other vessels with a candidate near and at about the same time: common time half of the joint time."""
        c, e = self._candidates, episode
        common = np.minimum(c.end, e.end) - np.maximum(c.start, e.start)
        joint = np.maximum(c.end, e.end) - np.minimum(c.start, e.start)
        at = np.flatnonzero((2 * common >= joint) & (common > 0) & (c.vessel != e.vessel))
        away = distances_m(c.lat[at], c.lon[at], np.full(len(at), e.lat), np.full(len(at), e.lon))
        return len(set(c.vessel[at][away <= within_m].tolist()))

    @cached_property
    def _lookup(self) -> AssetLookup:
        return self._given_lookup or Assets(self._assets)

    def crossed(self, lat: Sequence[float], lon: Sequence[float]) -> list[Crossing]:
        """Where the straight ways from point to point cross lines."""
        lats, lons = np.asarray(lat, np.float64), np.asarray(lon, np.float64)
        leg, asset, share = self._lookup.crossings(lats[:-1], lons[:-1], lats[1:], lons[1:])
        length = distances_m(lats[:-1], lons[:-1], lats[1:], lons[1:])[leg]
        at_lat = lats[leg] + share * (lats[leg + 1] - lats[leg])
        turn = (lons[leg + 1] - lons[leg] + 540.0) % 360.0 - 180.0
        at_lon = (lons[leg] + share * turn + 540.0) % 360.0 - 180.0
        columns = (asset, at_lat, at_lon, leg, share * length)
        return [Crossing(*values) for values in zip(*(c.tolist() for c in columns), strict=True)]

    def ship(self, vessel: int) -> Ship:
        """The last known value of each thing the vessel said of itself."""
        known = self._ships.get(vessel)
        if known is None:
            known = self._ships[vessel] = self._describe(vessel)
        return known

    def _describe(self, vessel: int) -> Ship:
        statics = self.statics(vessel)
        mmsi = int(self._vessels.mmsi[vessel])
        imos = [int(i) for i in statics.imo if valid_imo(int(i))]
        types = statics.ship_type[statics.ship_type > 0]
        lengths = statics.length_m[statics.length_m > 0]
        heard_class = int(self._register[vessel, AIS_CLASS]) if vessel < len(self._register) else 0
        return Ship(
            mmsi=mmsi,
            imo=imos[-1] if imos else 0,
            name=_last_text(statics.name),
            callsign=_last_text(statics.callsign),
            flag=flag_of_mmsi(mmsi),
            ship_type=int(types[-1]) if len(types) else -1,
            ais_class=heard_class,
            length_m=float(lengths[-1]) if len(lengths) else float("nan"),
        )

    @cached_property
    def _register(self) -> Array:
        return self._presence.register(self._vessels.count)

    @cached_property
    def _said(self) -> tuple[Statics, Array]:
        statics, vessel = self._vessels.changes()
        order = np.lexsort((statics.t, vessel))
        return statics.take(order), vessel[order]

    @cached_property
    def _said_by(self) -> RowsByVessel:
        return RowsByVessel(self._said[1])

    def statics(self, vessel: int) -> Statics:
        """Every change of the vessel's static data, in time order."""
        if vessel not in self._statics:
            rows = self._said_by[vessel]
            self._statics[vessel] = self._said[0].slice(rows.start, rows.stop)
        return self._statics[vessel]

    def place_near(self, lat: float, lon: float, within_m: float) -> str | None:
        """A given place, else a learnt one."""
        if self._given is not None:
            name = self._given.near(lat, lon, within_m)
            if name:
                return name
        ships = self._learnt.ships_near(lat, lon, within_m)
        return f"where {ships} ships lay still" if ships else None

    def coast_m(self, lat: float, lon: float) -> float:
        """Distance to the nearest coast [m]."""
        if self._coast is None:
            return float("nan")
        return float(self._coast.coast_distance_m(np.array([lat]), np.array([lon]), COAST_REACH_M)[0])

    def witnesses(self, vessel: int, lat: float, lon: float, start: int, end: int) -> Witnesses:
        """Who else was heard near a place in a time."""
        return self._presence.witnesses(vessel, lat, lon, start, end)

    def heard(self, vessel: int, start: int, end: int) -> bool:
        """Whether the vessel was heard inside a time."""
        key = (vessel, start, end)
        known = self._heard.get(key)
        if known is None:  # every ship of an outage asks it of all the others
            known = self._heard[key] = self._presence.heard(vessel, start, end)
        return known

    def max_speed(self, vessel: int, start: int, end: int) -> float:
        """The highest speed in the hours touching a time [kn]."""
        return self._presence.max_speed(vessel, start, end)

    def stops(self, vessel: int) -> list[Stop]:
        """Where the vessel lay still for an hour or more."""
        rows = self._still_of[vessel]
        here = self._still.slice(rows.start, rows.stop)
        return [Stop(s.start, s.end, s.lat, s.lon) for s in here]

    def position(self, vessel: int, t: int) -> tuple[float, float] | None:
        """Where the vessel was heard nearest to a time."""
        return self._presence.sightings().position(vessel, t)

    def both_heard(self, vessel: int, other: int, max_kn: float) -> BothHeard:
        """Two vessels in the quarter hours in which both were heard."""
        return self._presence.sightings().both_heard(vessel, other, max_kn)

    def silences_near(
        self, vessel: int, lat: float, lon: float, start: int, end: int, max_kn: float
    ) -> list[Silence]:
        """Silences in which other vessels can have lain at a place in a time."""
        return self._presence.sightings().silences_near(vessel, lat, lon, start, end, max_kn)

    def longest_silence(self, vessel: int, start: int, end: int) -> float:
        """The longest time the vessel was not heard within a time [h]."""
        return self._presence.sightings().longest_silence(vessel, start, end)

    def distrusted_near(
        self, vessel: int, lat: float, lon: float, start: int, end: int, within_m: float
    ) -> int:
        """How many other vessels near a place had positions that cannot be relied on in a time."""
        near = 0
        for other, marks in self._marks.items():
            first = min((a for a, b, _ in marks if a <= end and b >= start), default=None)
            if other == vessel or first is None:
                continue
            # Where she was before: her positions since then are what cannot be relied on.
            at = self.position(other, first - HOUR // 4)
            near += at is not None and distance_m(*at, lat, lon) <= within_m
        return near

    def numbers_of(self, imo: int) -> list[int]:
        """The vessels heard that sent an IMO number."""
        return self._numbers.get(imo, [])

    @cached_property
    def _numbers(self) -> dict[int, list[int]]:
        statics, by = self._said
        numbers: defaultdict[int, set[int]] = defaultdict(set)
        for imo, vessel in zip(statics.imo.tolist(), by.tolist(), strict=True):
            if imo and self._register[vessel, REPORTS]:
                numbers[imo].add(vessel)
        return {imo: sorted(v, key=lambda k: (self.span(k)[0], k)) for imo, v in numbers.items()}

    def port_at(self, lat: float, lon: float, within_m: float) -> Port | None:
        """The given port or anchorage at a point."""
        return _port(self._given.at(lat, lon, within_m) if self._given is not None else None)

    def port_named(self, text: str) -> Port | None:
        """The given port that a text of destination names."""
        return _port(self._given.named(text) if self._given is not None else None)

    def feed_out(self, row: int, start: int, end: int) -> str | None:
        """The feed of a raw row, if it was so often not live in a time that what is left is no silence of its own.

        What is left must have a stretch of half the time, or of :data:`DARK_MS`, in which the feed was live.
        """
        feed, _ = unpack_row(row)
        outs = sorted((o.start, o.end, o.name) for o in self._feeds_out if o.feed == feed)
        left, longest, feed_name = start, 0, None
        for begin, until, name in outs:
            if begin < end and until > start:
                longest, left, feed_name = max(longest, begin - left), max(left, until), name
        return None if max(longest, end - left) >= min(DARK_MS, (end - start) / 2) else feed_name

    def mark(self, vessel: int, start: int, end: int, trust: Trust) -> None:
        """Note that the vessel's positions of a time are not to be relied on."""
        self._marks[vessel].append((start, end, trust))

    def trust(self, vessel: int, start: int, end: int) -> Trust:
        """The worst of what was noted about a time."""
        touching = [t for a, b, t in self._marks.get(vessel, ()) if a <= end and b >= start]
        return max(touching, key=lambda t: TRUST_STATES.index(t.state), default=Trust())

    def marked(self, vessel: int, start: int, end: int, by: Sequence[str]) -> str | None:
        """Which of the behaviours ``by`` noted something about a time; None for none of them."""
        noted = {t.by for a, b, t in self._marks.get(vessel, ()) if a <= end and b >= start}
        return next((name for name in by if name in noted), None)

    def asset(self, number: int) -> Asset:
        """An asset by its number."""
        return self._assets[number]

    def span(self, vessel: int) -> tuple[int, int]:
        """First and last time heard."""
        return int(self._register[vessel, FIRST_T]), int(self._register[vessel, LAST_T])

    def list_matches(self, vessel: int) -> list[ListMatch]:
        """The list entries that name this vessel."""
        return self._matches(self.ship(vessel))

    def register(self, vessel: int) -> ShipFacts | None:
        """What registers know of the hull, by the IMO number last sent."""
        imo = self.ship(vessel).imo
        return self._facts(imo) if imo else None


def _by_event(candidates: Episodes, event: Array) -> dict[tuple[int, int, int], list[Episode]]:
    """The members of each candidate's event; those of one event share a list."""
    members: defaultdict[int, list[Episode]] = defaultdict(list)
    found = {}
    order = np.lexsort((candidates.first_row, candidates.start))
    for number, episode in zip(event[order].tolist(), candidates.take(order), strict=True):
        members[number].append(episode)
        found[episode.vessel, episode.start, episode.first_row] = members[number]
    return found


def _port(place: Asset | None) -> Port | None:
    if place is None:
        return None
    locode = place.locode or ""
    country = flag_from_text(place.country) or flag_from_text(locode[:2])
    lat, lon = middle_of(place)
    return Port(place.name, country, place.locode, lat, lon)


def _last_text(column: Array) -> str:
    known = column[column != b""]
    return known[-1].decode("utf-8", "replace") if len(known) else ""
