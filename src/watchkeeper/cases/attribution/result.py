"""What attribution answers with. Times are ISO 8601 UTC, places [lat, lon] in degrees, unknown values null."""

from typing import Any, Final, Literal

import msgspec

from watchkeeper.cases.attribution.anchor import Anchor
from watchkeeper.cases.tree import Node

VERSION: Final = 1

How = Literal["seen", "silent", "one end"]
Point = tuple[float, float]
TrackPoint = tuple[int, float, float, float | None, float | None]
"""Seconds since 1970 UTC, latitude, longitude, speed [kn], course [deg]."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked: asset, window, and the place of the fault where it is known."""

    asset: str
    asset_name: str
    kind: str
    position_class: str
    depth_m: float | None
    start: str
    end: str
    place: Point | None
    uncertainty_m: float | None
    stretch_km: float
    geometry: dict[str, Any]
    stretch: dict[str, Any]


class Crossing(msgspec.Struct, frozen=True, kw_only=True):
    """When and where. ``earliest`` equals ``latest`` where the crossing was seen between two reports.

    ``place_m``: distance from the place of the fault [m], null where no place was given. ``count``: how many times in
    the window; the one with the strongest evidence is given.
    """

    how: How
    earliest: str
    latest: str
    likeliest: str
    at: Point
    place_m: float | None
    count: int


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """Speeds [kn] and losses (shares of its usual speed, its own unevenness taken off).

    ``dip``: the lowest three minutes near the crossing against the two hours around; ``slow``: at the crossing against
    the ship's usual speed; ``silent``: over the silence, on the shortest way. ``others``: what other ships that were
    seen crossing lost. ``explained``: what would explain a loss, empty where nothing does.
    """

    at_kn: float | None
    usual_kn: float | None
    lowest_kn: float | None
    lowest_at: str | None
    dip: float
    slow: float
    silent: float
    others: float
    explained: tuple[str, ...]


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """Degrees: change of course over the crossing; steadiness of the course, and heading beside the course, then and
    by habit."""

    turn_deg: float | None
    scatter_deg: float | None
    usual_scatter_deg: float | None
    crab_deg: float | None
    usual_crab_deg: float | None


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which the ship was not heard, and what it could have done in it.

    ``start`` or ``end`` is null where the ship was not heard before, or not again. ``directness``: shortest way at all
    over shortest way by the stretch; ``evenness``: even speed over the speed needed to be there in the window.
    ``heard_there``: share of the window's quarter hours in which others were heard around the stretch. ``area``: where
    it can have been, as GeoJSON.
    """

    start: str | None
    end: str | None
    minutes: float
    before: Point | None
    after: Point | None
    top_speed_kn: float
    top_speed_from: str
    made_good_kn: float | None
    directness: float
    evenness: float
    heard_there: float
    round_land: bool
    area: dict[str, Any] | None


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Trust in the ship's positions, and why."""

    state: Literal["trusted", "suspect", "unreliable"]
    reason: str


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A ship that crossed, or could have. ``track``: some of its reports, around the window."""

    rank: int
    score: float
    summary: str
    mmsi: int
    imo: int | None
    name: str | None
    callsign: str | None
    flag: str | None
    ship_type: str
    ais_class: Literal["A", "B", "unknown"]
    length_m: float | None
    draught_m: float | None
    crossing: Crossing
    speed: Speed
    course: Course
    silence: Silence | None
    position: Position
    anchor: Anchor | None
    lists: tuple[str, ...]
    findings: tuple[str, ...]
    tree: Node
    track: tuple[TrackPoint, ...] = ()


class Excluded(msgspec.Struct, frozen=True, kw_only=True):
    """A ship that was near, or not heard, and did not cross: why, in a word and in a sentence."""

    mmsi: int
    name: str | None
    ship_type: str
    reason: Literal[
        "did not cross", "outside the window", "outside the stretch", "too far", "land", "lay still"
    ]
    detail: str


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. ``candidates`` in order of evidence; ``excluded`` by reason; ``notes`` say what limits it."""

    version: int
    question: Question
    simulated: bool
    data_start: str
    data_end: str
    ships_heard: int
    candidates: tuple[Candidate, ...]
    excluded: tuple[Excluded, ...]
    notes: tuple[str, ...]


def number(value: float, digits: int) -> float | None:
    """A measured value rounded, null where it is not known."""
    return round(float(value), digits) if value == value else None
