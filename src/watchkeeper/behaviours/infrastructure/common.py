"""What the behaviours about assets share: how sure one can be near a drawn line, who works there, who is arriving."""

from dataclasses import dataclass
from math import degrees
from typing import Final

from watchkeeper.kernels.geodesy import angle_between_deg, bearing_deg, distance_m
from watchkeeper.model.asset import Asset, PositionClass
from watchkeeper.model.episodes import Episode
from watchkeeper.model.finding import Confidence, Measured
from watchkeeper.model.picture import Context
from watchkeeper.model.shiptypes import FISHING, HIGH_SPEED, PLEASURE, SERVICE, TOWING
from watchkeeper.model.time import HOUR
from watchkeeper.model.units import METRES_PER_NMI

CHANGES_SPEED: Final = FISHING | SERVICE | TOWING | PLEASURE | HIGH_SPEED
"""Types whose work or habit it is to change speed."""

SPARSE_S: Final = 120.0
"""Reports farther apart say less of the speed at an instant than the way between them [s]: ITU-R M.1371 has every
ship under way report at least each half minute, so several were lost."""

NEAR_PORT_M: Final = 5_000.0
LEAVING_PORT_M: Final = 3_000.0
"""Within these of a port or anchorage a ship may be arriving, leaving, or taking a pilot [m]."""

_ORDER: Final[tuple[Confidence, ...]] = ("low", "medium", "high")
_CAP: Final[dict[PositionClass, Confidence]] = {
    # IHO S-57/S-4 charted features carry a quality of position; maps made for overview or by hand do not, and are
    # kilometres off (PyPSA-Eur says so of its lines).
    "charted": "high",
    "schematic": "medium",
    "hand-drawn": "low",
    "unknown": "low",
}


def capped(confidence: Confidence, reason: str, asset: Asset) -> tuple[Confidence, str]:
    """The confidence, but not higher than the asset's position allows, and the reason with the asset's position."""
    cap = _CAP[asset.position_class]
    return min(confidence, cap, key=_ORDER.index), f"{reason}; the asset's position is {asset.position_class}"


def near_port(e: Episode, context: Context) -> bool:
    """Whether the episode begins or ends where ships slow down for a port, an anchorage or a pilot."""
    return bool(
        context.place_near(e.lat1, e.lon1, NEAR_PORT_M) or context.place_near(e.lat0, e.lon0, LEAVING_PORT_M)
    )


def arriving(e: Episode, context: Context, within_h: float, least_kn: float) -> bool:
    """Whether the ship lay still soon after, or was not under way any more in the whole hours after the next."""
    until = e.end + int(within_h * HOUR)
    if any(e.end < stop.end and stop.start <= until for stop in context.stops(e.vessel)):
        return True
    return context.max_speed(e.vessel, e.end + HOUR, e.end + int((within_h + 1.0) * HOUR)) < least_kn


@dataclass(frozen=True, slots=True)
class Company:
    """Others that slowed down: near at about the same time, and at the place at any time of the half days around."""

    meanwhile: int
    here: int

    @classmethod
    def of(cls, e: Episode, context: Context, radius_nmi: float, here_nmi: float) -> "Company":
        """Ask the context."""
        return cls(
            context.meanwhile(e, radius_nmi * METRES_PER_NMI),
            context.alike(e, here_nmi * METRES_PER_NMI, 12 * HOUR),
        )

    def explains(self, shared_ships: int, habit_ships: int) -> str | None:
        """Why the loss of speed is not the ship's own, or None."""
        if self.meanwhile >= shared_ships:
            return "others near slowed down at the same time: weather or traffic"
        if self.here >= habit_ships:
            return "others slow down at the same place: a speed rule, a pilot or a bend of the lane"
        return None

    def measured(self, shared_ships: int, habit_ships: int) -> tuple[Measured, Measured]:
        """Both numbers beside their thresholds."""
        return (
            Measured("others near that slowed down meanwhile", self.meanwhile, "count", "<", shared_ships),
            Measured("others that slowed down at that place", self.here, "count", "<", habit_ships),
        )


def straightness(e: Episode) -> float:
    """Way made good over way sailed; 1 for a straight line and for a single report.

    The way sailed is the shorter of two: from report to report, where errors of position add up, and by the log.
    """
    logged_m = e.sog_mean * METRES_PER_NMI * e.hours
    sailed_m = min(e.path_m, logged_m) if logged_m > 0 else e.path_m
    return min(1.0, distance_m(e.lat0, e.lon0, e.lat1, e.lon1) / sailed_m) if sailed_m > 0 else 1.0


def bend_deg(e: Episode) -> float:
    """By how much the track bends, as if it were an arc of a circle [deg].

    The mean position of an arc that turns by an angle lies beside its chord by about a twelfth of that angle (in
    radians) of the chord's length; random error to both sides lies on the chord.
    """
    chord = distance_m(e.lat0, e.lon0, e.lat1, e.lon1)
    beside = distance_m(e.lat0, e.lon0, e.lat, e.lon)
    if chord <= 0.0 or beside <= 0.0:
        return 0.0
    angle = angle_between_deg(
        bearing_deg(e.lat0, e.lon0, e.lat1, e.lon1), bearing_deg(e.lat0, e.lon0, e.lat, e.lon)
    )
    off = beside * min(angle, 90.0) / 57.29577951308232
    return degrees(12.0 * off / chord)


def known(value: float, digits: int = 1) -> float | None:
    """Rounded, or None where not known."""
    return None if value != value else round(value, digits)
