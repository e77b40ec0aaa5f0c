"""What an export writes and an import reads, whatever the format: findings, ships, assets, alerts, cases, listings.

Every format takes :class:`Things` and gives :class:`Incoming`. Nothing here knows a format.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from watchkeeper.cases.register.case import Case
from watchkeeper.cases.register.sources import Report
from watchkeeper.model.asset import Asset
from watchkeeper.model.behaviour import Behaviour
from watchkeeper.model.finding import REAL, Finding
from watchkeeper.model.marking import Marking
from watchkeeper.model.picture import ListMatch
from watchkeeper.model.register import ShipFacts

IndicatorKind = Literal["imo", "mmsi", "ipv4", "ipv6", "domain", "url", "email", "hash", "other"]
EXERCISE: Final = "exercise:"
UNMARKED: Final = Marking()


class Vessel(msgspec.Struct, frozen=True, kw_only=True):
    """A ship: what it said of itself, and what registers say of its hull.

    ``imo`` is a number whose check digit is right, else None; ``flag`` ISO 3166-1 alpha-2; ``ship_type`` the code of
    AIS; lengths in metres. ``mmsi`` is 0 for a ship that is known by its IMO number alone. ``as_of`` [ms UTC]: how old
    this is.
    """

    mmsi: int
    imo: int | None = None
    name: str | None = None
    callsign: str | None = None
    flag: str | None = None
    ship_type: int | None = None
    length_m: float | None = None
    draught_m: float | None = None
    facts: ShipFacts | None = None
    as_of: int


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """Where a ship last reported to be: time [ms UTC], degrees, knots; None where it did not say."""

    mmsi: int
    t: int
    lat: float
    lon: float
    sog_kn: float | None = None
    cog_deg: float | None = None
    heading_deg: float | None = None


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a sanctions or vessel list that names a ship."""

    mmsi: int
    match: ListMatch


class RaisedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert: the ship it is about, the findings it rests on, where it stands. Times in ms UTC, ``ends`` None while
    it lasts."""

    id: str
    mmsi: int
    name: str | None
    headline: str
    score: float
    state: str
    finding_ids: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    begins: int
    ends: int | None = None
    changed_at: int


class KnownCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case of the register, and its id and state (``open``, ``closed``)."""

    id: str
    state: str
    case: Case


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """Something to look for, as another organisation said: ``value`` of ``kind``, in the form by which it is sought.

    ``hash`` values begin with their algorithm (``sha-256:...``). ``object`` is the id of what said so, as it came;
    ``pattern`` the whole condition. ``alone`` is False where the value is one part of a larger condition. Times in ms
    UTC.
    """

    kind: IndicatorKind
    value: str
    object: str
    name: str = ""
    pattern: str = ""
    alone: bool = True
    valid_from: int | None = None
    valid_until: int | None = None
    revoked: bool = False
    marking: Marking = UNMARKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The markings of things: ``of`` names one (``finding:<id>``) or all of a kind (``evidence``); else ``default``.

    Kinds are ``vessel asset finding evidence alert case listing identity report``; the id of a vessel is its MMSI, or
    its IMO number where it has none, and that of evidence is its finding's. ``geometry`` (of assets) and ``notes`` (of
    cases) are parts that may be held more closely than the whole.
    """

    default: Marking = UNMARKED
    of: Mapping[str, Marking] = field(default_factory=dict)

    def marking(self, kind: str, id: str) -> Marking:
        """That of one thing."""
        return self.of.get(f"{kind}:{id}") or self.of.get(kind) or self.default


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """What is exported, or came in as such.

    ``author`` is the organisation that says all this. ``changed`` is when a finding was last told [ms UTC], by its id
    (else its end, or start). ``behaviours`` explain the findings' kinds, where their declarations are known.
    ``simulated`` marks data of the simulator. ``fixes`` are where ships were last, at most one a ship. ``version`` is
    that of the software that found it. ``thresholds`` are those in force, by behaviour (else the declared ones).
    ``passed_on`` are objects of others, given on byte for byte by formats that can.
    """

    author: str = ""
    realm: str = REAL
    simulated: bool = False
    version: str = ""
    findings: tuple[Finding, ...] = ()
    vessels: tuple[Vessel, ...] = ()
    fixes: tuple[Fix, ...] = ()
    assets: tuple[Asset, ...] = ()
    alerts: tuple[RaisedAlert, ...] = ()
    cases: tuple[KnownCase, ...] = ()
    listings: tuple[Listing, ...] = ()
    reports: tuple[Report, ...] = ()
    behaviours: Mapping[str, Behaviour] = field(default_factory=dict)
    markings: Marked = Marked()
    changed: Mapping[str, int] = field(default_factory=dict)
    thresholds: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    passed_on: "tuple[Kept, ...]" = ()


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An object that is kept byte for byte and passed on: its id, type and version in its own format.

    ``originator`` is the organisation that made it, if it says so. ``thing`` names what it is of ours, as
    :class:`Marked` does (``finding:<id>``). With ``revoked`` its maker has taken it back.
    """

    id: str
    type: str
    version: str
    data: bytes
    marking: Marking = UNMARKED
    originator: str = ""
    thing: str = ""
    revoked: bool = False


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the input that cannot be used: where it stands, why, and the beginning of its text."""

    where: str
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What a file of another organisation holds.

    ``things`` are ours (with their markings); ``indicators`` can be looked for; ``identities`` are names of
    organisations by the id of their object; ``kept`` is everything, as it came, to be passed on; ``refused`` what is
    none of that.
    """

    things: Things = Things()
    indicators: tuple[Indicator, ...] = ()
    identities: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[Kept, ...] = ()
    refused: tuple[Refused, ...] = ()
