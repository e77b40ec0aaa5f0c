"""What routes are given: the store, the users, the assets, a clock."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from watchkeeper.api.access.desk import Desk
from watchkeeper.api.access.limits import LOGINS, REQUESTS, Rate
from watchkeeper.api.figures import Figures
from watchkeeper.cases.attribution.result import Attribution
from watchkeeper.model.event import Decisions

if TYPE_CHECKING:
    from watchkeeper.api.access.oidc import Provider
    from watchkeeper.api.inventory import Inventory
    from watchkeeper.api.live import Live
    from watchkeeper.api.picture import Picture
    from watchkeeper.exchange.hub.hub import Hub
    from watchkeeper.exchange.ledger import Ledger
    from watchkeeper.exchange.things import Marked


class Observations(Protocol):
    """The lake, as the API sees it. Tables have the columns of positions; times are ms UTC."""

    def track(self, mmsi: int, t_from: int, t_to: int, realm: str = ...) -> Any:
        """Reports of one ship, in order of time."""
        ...

    def box(
        self, west: float, south: float, east: float, north: float, t: int, within_ms: int, realm: str = ...
    ) -> Any:
        """The last report of every ship in a box, at most so long before a time."""
        ...

    def statics(self, t_from: int, t_to: int, mmsi: Sequence[int] | None = None, realm: str = ...) -> Any:
        """What ships said of themselves, in order of time."""
        ...

    def span(self, realm: str = ...) -> tuple[int, int] | None:
        """First and last report; None where there is none."""
        ...


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who could have crossed an asset? Times as ISO 8601; ``place`` is [lat, lon] of the fault, if it was measured."""

    asset: str
    start: str
    end: str
    place: tuple[float, float] | None = None
    uncertainty_m: float | None = None


Attribute = Callable[[Question], Attribution]
CaseObjects = Callable[[str, str, str, "Marked"], list[dict[str, Any]]]
"""The STIX objects of a case (by its id), in a realm, as an organisation tells them, under its markings."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller may ask of the server."""

    body_bytes: int = 1 << 20
    body_seconds: float = 10.0
    requests: Rate = REQUESTS
    logins: Rate = LOGINS
    attributions_at_once: int = 2
    attributions_waiting: int = 8
    streams: int = 200
    heartbeat_s: float = 15.0
    send_seconds: float = 15.0
    poll_s: float = 0.5


@dataclass(slots=True)
class Services:
    """Everything behind the routes. ``now`` is the clock [ms UTC]; ``workers`` runs what takes seconds."""

    lake: Observations
    decisions: Decisions
    desk: Desk
    now: Callable[[], int]
    live: "Live"
    picture: "Picture"
    inventory: "Inventory"
    hub: "Hub"
    ledger: "Ledger"
    workers: Executor
    limits: Limits = field(default_factory=Limits)
    attribute: Attribute | None = None
    case_objects: CaseObjects | None = None
    provider: "Provider | None" = None
    figures: Figures = field(default_factory=Figures)
    asking: int = 0
    tiles: dict[str, bytes] = field(default_factory=dict)
    """Tiles that were made, by their tags, the latest last: many people look at the same water."""
