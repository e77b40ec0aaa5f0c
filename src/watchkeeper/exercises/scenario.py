"""Scenarios: small TOML files that say what ships do and what must, or must not, be found.

Times are minutes from ``start``, positions ``[lat,
lon]`` in degrees except for the ``coordinates`` of assets,
which are ``[lon,
lat]`` as in GeoJSON. Unknown keys are refused. ``docs/explanation/simulator.md`` shows a file.
"""

from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from watchkeeper.errors import InputError
from watchkeeper.model.asset import DEFAULT_BUFFER_M, Asset, Kind, PositionClass
from watchkeeper.model.time import from_iso

Minutes = Annotated[float, Meta(ge=0, le=60 * 24 * 14)]
Lat = Annotated[float, Meta(ge=-90, le=90)]
Lon = Annotated[float, Meta(ge=-180, le=180)]
Mmsi = Annotated[int, Meta(ge=0, le=999_999_999)]
Name = Annotated[str, Meta(max_length=20)]
Callsign = Annotated[str, Meta(max_length=7)]
Knots = Annotated[float, Meta(ge=0, le=1_000)]
Degrees = Annotated[float, Meta(ge=0, lt=360)]

MOST_BYTES: Final = 1_000_000
MOST_REPORTS: Final = 500_000


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No key that is not known."""


class Leg(_Strict, frozen=True, kw_only=True):
    """Part of a voyage: so many minutes on a course, or to a point; at a speed."""

    speed_kn: Knots
    minutes: Minutes | None = None
    course_deg: Degrees | None = None
    to: tuple[Lat, Lon] | None = None


class Noise(_Strict, frozen=True, kw_only=True):
    """Standard deviations of the normal errors of each report, and the seed of the dice."""

    position_m: Annotated[float, Meta(ge=0)] = 0.0
    course_deg: Annotated[float, Meta(ge=0)] = 0.0
    speed_kn: Annotated[float, Meta(ge=0)] = 0.0
    seed: int = 0


class Change(_Strict, frozen=True, kw_only=True):
    """From a minute on (``once``: in one static message only) the static data read otherwise."""

    at: Minutes
    once: bool = False
    name: Name | None = None
    callsign: Callsign | None = None
    imo: int | None = None
    draught_m: float | None = None
    destination: Name | None = None
    length_m: float | None = None
    ship_type: Annotated[int, Meta(ge=0, le=99)] | None = None


class ScenarioShip(_Strict, frozen=True, kw_only=True):
    """A ship: who she is, where she goes (``track``, or ``begin`` and ``legs``), and what she says otherwise.

    ``silent`` spans send nothing. ``sog``, ``cog``, ``heading``, ``status`` give ``[from, to,
    value]``; ``moved``
    ``[from, to, lat, lon]`` puts the fixes of a span elsewhere. ``ship_type`` is a code of ITU-R M.1371.
    """

    mmsi: Mmsi
    name: Name = ""
    imo: int = 0
    callsign: Callsign = ""
    ship_type: Annotated[int, Meta(ge=-1, le=99)] = 70
    ais_class: Literal["A", "B"] = msgspec.field(name="class", default="A")
    length_m: float = 120.0
    beam_m: float = 20.0
    draught_m: float = 7.0
    destination: Name = ""
    nav_status: Annotated[int, Meta(ge=0, le=15)] = 0
    interval_s: Annotated[float, Meta(ge=1, le=3_600)] = 30.0
    static_every_s: Annotated[float, Meta(ge=10)] = 360.0
    noise: Noise = Noise()
    starts_at: Minutes = 0.0
    begin: tuple[Lat, Lon] | None = None
    legs: tuple[Leg, ...] = ()
    track: tuple[tuple[Minutes, Lat, Lon], ...] = ()
    silent: tuple[tuple[Minutes, Minutes], ...] = ()
    sog: tuple[tuple[Minutes, Minutes, float], ...] = ()
    cog: tuple[tuple[Minutes, Minutes, float], ...] = ()
    heading: tuple[tuple[Minutes, Minutes, float], ...] = ()
    status: tuple[tuple[Minutes, Minutes, int], ...] = ()
    moved: tuple[tuple[Minutes, Minutes, Lat, Lon], ...] = ()
    changes: tuple[Change, ...] = ()


class ScenarioAsset(_Strict, frozen=True, kw_only=True):
    """A line on the sea bed."""

    id: str
    name: str
    kind: Literal["cable", "pipeline", "power-line"] = "cable"
    coordinates: Annotated[tuple[tuple[Lon, Lat], ...], Meta(min_length=2)]
    buffer_m: float | None = None
    position_class: PositionClass = "charted"


class Place(_Strict, frozen=True, kw_only=True):
    """A port, an anchorage, or a round zone to be watched."""

    id: str
    name: str
    kind: Literal["port", "anchorage", "zone"]
    at: tuple[Lat, Lon]
    buffer_m: float | None = None
    country: str | None = None
    locode: str | None = None


class Listed(_Strict, frozen=True, kw_only=True):
    """An entry of the list."""

    imo: int | None = None
    mmsi: Mmsi | None = None
    name: str | None = None
    flag: str | None = None
    program: str = "INVENTED"
    source: str = "scenario"
    as_of: str = "2025-01-01"


class Registered(_Strict, frozen=True, kw_only=True):
    """What a register says of the hull with an IMO number; ``ship_type`` in its own words."""

    imo: int
    name: str | None = None
    length_m: float | None = None
    beam_m: float | None = None
    ship_type: str | None = None
    flag: str | None = None
    as_of: str | None = None


class Expect(_Strict, frozen=True, kw_only=True):
    """What must be found, or with ``found = false`` must not.

    ``start`` and ``end`` [minutes] are compared within ``tolerance`` [minutes] where given; ``open`` says
    that the finding has no end.
    """

    behaviour: str
    mmsi: Mmsi
    found: bool
    other_mmsi: Mmsi | None = None
    asset: str | None = None
    start: Minutes | None = None
    end: Minutes | None = None
    open: bool = False
    tolerance: Minutes = 15.0


class Scenario(_Strict, frozen=True, kw_only=True):
    """A whole scenario file. ``note`` says where it comes from."""

    title: Annotated[str, Meta(min_length=1)]
    note: Annotated[str, Meta(min_length=1)]
    start: str = "2025-03-01T00:00:00Z"
    ships: Annotated[tuple[ScenarioShip, ...], Meta(min_length=1)]
    assets: tuple[ScenarioAsset, ...] = ()
    places: tuple[Place, ...] = ()
    listed: tuple[Listed, ...] = ()
    registered: tuple[Registered, ...] = ()
    expect: Annotated[tuple[Expect, ...], Meta(min_length=1)]

    @property
    def start_ms(self) -> int:
        return from_iso(self.start)


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        InputError: the file cannot be read, is not TOML, has an unknown key or a value that does not fit.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}.", "Give a scenario file (.toml).") from error
    if len(data) > MOST_BYTES:
        raise InputError(f"{path}: larger than {MOST_BYTES} bytes.", "A scenario is a small file.")
    try:
        scenario = msgspec.toml.decode(data, type=Scenario)
        _check(scenario)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise InputError(
            f"{path}: {error}.", "Compare with the example in docs/explanation/simulator.md."
        ) from error
    return scenario


def _check(scenario: Scenario) -> None:
    """What the types cannot say.

    Raises:
        ValueError: with the ship and what does not fit.
    """
    from_iso(scenario.start)
    ships = {ship.mmsi for ship in scenario.ships}
    for ship in scenario.ships:
        if bool(ship.track) == bool(ship.legs):
            raise ValueError(f"ship {ship.mmsi} needs either `track` or `legs`")
        if ship.legs and ship.begin is None:
            raise ValueError(f"ship {ship.mmsi} has `legs` but no `begin = [lat, lon]`")
        minutes = [point[0] for point in ship.track]
        if ship.track and (len(minutes) < 2 or sorted(set(minutes)) != minutes):
            raise ValueError(f"ship {ship.mmsi}: the minutes of `track` must increase, two at least")
        for number, leg in enumerate(ship.legs, 1):
            _check_leg(ship.mmsi, number, leg)
        for spans in (ship.silent, ship.sog, ship.cog, ship.heading, ship.status, ship.moved):
            if any(span[0] > span[1] for span in spans):
                raise ValueError(f"ship {ship.mmsi}: a span ends before it begins")
    for expect in scenario.expect:
        if expect.mmsi not in ships:
            raise ValueError(f"`expect` names {expect.mmsi}, which is not among the ships")


def _check_leg(mmsi: int, number: int, leg: Leg) -> None:
    if leg.to is not None:
        if leg.minutes is not None or leg.course_deg is not None or leg.speed_kn == 0:
            raise ValueError(f"ship {mmsi}, leg {number}: `to` goes with a speed only")
    elif leg.minutes is None or (leg.course_deg is None and leg.speed_kn > 0):
        raise ValueError(f"ship {mmsi}, leg {number}: give `to`, or `minutes` and `course_deg`")


def scenario_assets(scenario: Scenario) -> list[Asset]:
    """Lines and places as a layer."""
    lines = [
        _asset(
            a.id, a.name, a.kind, a.buffer_m,
            {"type": "LineString", "coordinates": [list(p) for p in a.coordinates]}, a.position_class,
        )
        for a in scenario.assets
    ]  # fmt: skip
    places = [
        msgspec.structs.replace(
            _asset(p.id, p.name, p.kind, p.buffer_m, {"type": "Point", "coordinates": [p.at[1], p.at[0]]}),
            country=p.country,
            locode=p.locode,
        )
        for p in scenario.places
    ]
    return lines + places


def _asset(
    ident: str,
    name: str,
    kind: Kind,
    buffer_m: float | None,
    geometry: dict[str, object],
    position_class: PositionClass = "charted",
) -> Asset:
    return Asset(
        id=ident, name=name, kind=kind, buffer_m=DEFAULT_BUFFER_M[kind] if buffer_m is None else buffer_m,
        geometry=geometry, source="scenario", position_class=position_class, layer="scenario",
    )  # fmt: skip
