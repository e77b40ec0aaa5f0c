"""What behaviours see: the reports of a batch, with shapes to find in them; and the whole picture when they judge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from watchkeeper.model.asset import Asset
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Confidence, TrustState
from watchkeeper.model.records import Array, Statics
from watchkeeper.model.register import ShipFacts
from watchkeeper.model.whereabouts import BothHeard, Port, Silence


@dataclass(frozen=True, slots=True)
class Ship:
    """What is known of a vessel at judging time. ``ship_type`` is the ITU-R M.1371 code or -1."""

    mmsi: int
    imo: int
    name: str
    callsign: str
    flag: str | None
    ship_type: int
    ais_class: int
    length_m: float


@dataclass(frozen=True, slots=True)
class ListMatch:
    """A vessel found on a list, in the words of the list; ``says`` are its fields for the ship, by name."""

    list_title: str
    entry: str
    by: str
    confidence: Confidence
    reason: str
    programs: str
    as_of: str
    says: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """A stretch of an hour or more in which a vessel lay still: time [ms UTC] and mean position [deg]."""

    start: int
    end: int
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """A way crosses an asset: its number, place [deg], the leg of the way (from 0) and how far along that leg [m]."""

    asset: int
    lat: float
    lon: float
    leg: int
    along_m: float


@dataclass(frozen=True, slots=True)
class Trust:
    """How far the positions that a ship reported can be relied on, why not further, and which behaviour says so."""

    state: TrustState = "trusted"
    reason: str = ""
    by: str = ""


class Fixes(Protocol):
    """Position reports of one batch, grouped by track and in time order within it, with their previous report.

    A *track* is one hull under one MMSI: where two ships send one MMSI they are two tracks. All columns
    have one length; values of the previous report (``..._before``, ``leg_...``) are NaN, or ``has_before`` is
    False, at the first report of a track.
    """

    t: Array
    lat: Array
    lon: Array
    sog_kn: Array
    cog_deg: Array
    heading_deg: Array
    nav_status: Array
    ais_class: Array
    row: Array
    vessel: Array

    has_before: Array
    t_before: Array
    lat_before: Array
    lon_before: Array
    sog_before: Array
    leg_m: Array
    leg_s: Array
    leg_kn: Array
    """Distance, duration and mean speed from the previous report of the track."""
    baseline_kn: Array
    """The ship's own usual speed under way, before this report; NaN until it is known."""
    asset: Array
    asset_m: Array
    """Nearest asset (its number, -1 for none within its reach) and the distance to it [m]."""
    zone: Array
    """Number of the zone in which, or in whose buffer, the report lies; -1 for none."""
    displaced: Array
    """Whether the report belongs to a second track that began by a jump from the first."""
    apart_m: Array
    """Distance from the vessel's other track, where displaced [m]."""
    other_lat: Array
    other_lon: Array
    other_s: Array
    """Last place on the vessel's other track [deg] and the time since then [s], where displaced; else NaN."""
    reentry: Array
    """Whether the vessel comes back with this report to a second track that it had left."""

    def pairs(self, mask: Array) -> Episodes:
        """Each report where ``mask`` holds, together with its previous one."""
        ...

    def silences(self, at_least_s: float, mask: Array) -> Episodes:
        """As ``pairs``, and when the data end, every track not heard for ``at_least_s`` seconds."""
        ...

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
    ) -> Episodes:
        """Stretches of a track where ``mask`` holds, interrupted for at most ``bridge_s`` seconds.

        A silence longer than ``silence_s`` ends the stretch. ``value`` is averaged; of ``low`` the least is kept,
        with its time, row and asset (the nearest, or the number in ``asset``). ``split_by_asset`` ends the stretch
        where that changes; with
        ``across_jumps`` it goes on where a track begins anew by a jump. ``courses`` asks for the mean course, its
        scatter and the difference of heading and course, ``circles`` for the circle that fits best.
        """
        ...

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
        """As ``runs``, each cut into stretches of at most ``length_s`` seconds from its beginning."""
        ...

    def crossings(self, mask: Array) -> Episodes:
        """Legs where ``mask`` holds that cross an asset's line: an episode for each crossing.

        ``start`` and ``end`` are the two reports, ``lat``, ``lon`` and ``low_t`` place and time of the crossing on the
        straight way between them, ``path_m`` and ``sog_mean`` length and speed of the leg (600 km at most).
        """
        ...

    def meetings(self, *, within_m: float, slower_kn: float, at_least_s: float, bridge_s: float) -> Episodes:
        """Pairs of vessels that stay near each other, on positions interpolated to every tenth minute."""
        ...


class Fleet(Protocol):
    """All vessels when the data end: what they said of themselves, and when they were heard.

    ``statics`` and ``said_by`` (vessel number of each): every static report that said something new, in order
    of arrival. One row a vessel: ``mmsi``, ``first_t``, ``last_t``, ``first_row``, ``reports``, ``first_lat``,
    ``first_lon``.
    """

    statics: Statics
    said_by: Array
    mmsi: Array
    first_t: Array
    last_t: Array
    first_row: Array
    reports: Array
    first_lat: Array
    first_lon: Array


class Context(Protocol):
    """The whole picture at judging time."""

    data_end: int

    def ship(self, vessel: int) -> Ship:
        """What is known of a vessel."""
        ...

    def place_near(self, lat: float, lon: float, within_m: float) -> str | None:
        """The port, anchorage or place where ships usually lie (learnt) within reach, in words."""
        ...

    def coast_m(self, lat: float, lon: float) -> float:
        """Distance to the nearest coast [m]; infinite beyond 100 km; NaN where land is not known."""
        ...

    def witnesses(self, vessel: int, lat: float, lon: float, start: int, end: int) -> "Witnesses":
        """Who else was heard near a place in a time."""
        ...

    def alike(self, episode: Episode, within_m: float, within_ms: int) -> int:
        """How many other vessels have a candidate of this behaviour that begins, or ends, near in place and time."""
        ...

    def event(self, episode: Episode) -> list[Episode]:
        """All candidates of the event that this one belongs to, itself included, in order of start.

        See :meth:`Behaviour.together`; a list of one for a behaviour that does not say which belong together.
        """
        ...

    def meanwhile(self, episode: Episode, within_m: float) -> int:
        """How many other vessels have a candidate of this behaviour near this one at about the same time.

        *About the same time*: what both have in common is half or more of what they cover together.
        """
        ...

    def crossed(self, lat: Sequence[float], lon: Sequence[float]) -> "list[Crossing]":
        """Where the straight ways from point to point cross the lines of assets, in order."""
        ...

    def heard(self, vessel: int, start: int, end: int) -> bool:
        """Whether the vessel itself was heard, on any track, strictly inside a time (in quarter hours)."""
        ...

    def max_speed(self, vessel: int, start: int, end: int) -> float:
        """The highest speed the vessel reported in the hours touching a time [kn]; NaN if not heard."""
        ...

    def stops(self, vessel: int) -> list[Stop]:
        """Where the vessel lay still for an hour or more, in time order."""
        ...

    def position(self, vessel: int, t: int) -> tuple[float, float] | None:
        """Where the vessel was heard nearest to a time, to a quarter hour [deg]; None if never."""
        ...

    def both_heard(self, vessel: int, other: int, max_kn: float) -> BothHeard:
        """Two vessels in the quarter hours in which both were heard; ``max_kn`` is what one ship can sail."""
        ...

    def silences_near(
        self, vessel: int, lat: float, lon: float, start: int, end: int, max_kn: float
    ) -> list[Silence]:
        """Silences (2 h or more) in which other vessels can have come to a place, lain there in a time, and gone."""
        ...

    def longest_silence(self, vessel: int, start: int, end: int) -> float:
        """The longest time the vessel was not heard within a time [h], to a quarter hour."""
        ...

    def distrusted_near(
        self, vessel: int, lat: float, lon: float, start: int, end: int, within_m: float
    ) -> int:
        """How many other vessels near a place had positions that cannot be relied on in a time."""
        ...

    def numbers_of(self, imo: int) -> list[int]:
        """The vessels heard that sent an IMO number, in order of when they were first heard."""
        ...

    def port_at(self, lat: float, lon: float, within_m: float) -> Port | None:
        """The port or anchorage of the layers given that reaches to ``within_m`` of a point."""
        ...

    def port_named(self, text: str) -> Port | None:
        """The port that a text of destination names, by UN/LOCODE or by name; None for none, or for several."""
        ...

    def trust(self, vessel: int, start: int, end: int) -> Trust:
        """Whether the vessel's own positions of a time can be relied on; see ``marks`` of :func:`behaviour`."""
        ...

    def asset(self, number: int) -> Asset:
        """An asset by its number."""
        ...

    def statics(self, vessel: int) -> Statics:
        """Every change of the vessel's static data, in time order."""
        ...

    def span(self, vessel: int) -> tuple[int, int]:
        """First and last time the vessel was heard [ms UTC]."""
        ...

    def list_matches(self, vessel: int) -> list[ListMatch]:
        """The list entries that name this vessel."""
        ...

    def register(self, vessel: int) -> ShipFacts | None:
        """What registers know of the hull with the IMO number that the vessel sends; None for nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Reception around a place in a time: quarter hours in all, with other ships heard, and the ships."""

    slots: int
    slots_heard: int
    ships: int
    heard_around: bool
    """Whether other ships were heard there in the two hours before or after."""

    @property
    def share(self) -> float:
        """Share of quarter hours in which others were heard."""
        return self.slots_heard / self.slots if self.slots else 0.0
