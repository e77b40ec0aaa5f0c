"""``anchor-drag``: a ship under way loses speed against its own habit while it crosses something on the bottom."""

from dataclasses import dataclass

import numpy as np

from watchkeeper.behaviours.infrastructure.common import (
    CHANGES_SPEED,
    SPARSE_S,
    Company,
    arriving,
    bend_deg,
    capped,
    known,
    near_port,
    straightness,
)
from watchkeeper.kernels.habit import slower_than_usual
from watchkeeper.model.asset import LINE_KINDS
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Confidence, Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.time import HOUR
from watchkeeper.model.units import Count, Degrees, Hours, Knots, Metres, Minutes, NauticalMiles, Ratio

_CROSSED_M = -1.0
_HOUR_MIN = 60.0


@behaviour(
    id="anchor-drag",
    version=2,
    references=(
        Reference(
            "Newnew Polar Bear, 2023-10-08 (ERR 1609134998)",
            "err.ee",
            "11 kn to 9.5 kn and back within minutes while crossing: 14 %",
        ),
        Reference(
            "Yi Peng 3, 2024-11-17 (Swedish Accident Investigation Authority)",
            "SHK",
            "9.5 kn to 7 kn for more than a day: 26 %; no loss when the anchor dropped",
        ),
        Reference("Eagle S, 2024-12-25 (EADaily from AIS)", "press", "8.5 kn to 6.3 kn: 26 %"),
        Reference(
            "Wachta D6",
            "cable rule over a Danish AIS day",
            "35 alarms a day over 904 ships near cables from 1-7 kn and course spread; none of the incidents",
        ),
    ),
    monotone={
        "long_deficit": +1,
        "max_distance": -1,
        "min_straight": +1,
        "max_bend": -1,
        "shared_ships": -1,
        "habit_ships": -1,
    },
)
def anchor_drag(
    fix: Fixes,
    *,
    min_deficit: Ratio = 0.10,
    min_brief: Minutes = 2.5,
    max_brief: Minutes = 20.0,
    long_deficit: Ratio = 0.15,
    bridge: Minutes = 5.0,
    min_speed: Knots = 3.0,
    min_usual: Knots = 6.0,
    max_distance: Metres = 1000.0,
    resumes: Ratio = 0.95,
    stop_within: Hours = 2.0,
    min_straight: Ratio = 0.85,
    max_bend: Degrees = 25.0,
    shared_ships: Count = 3,
    shared_radius: NauticalMiles = 20.0,
    habit_ships: Count = 4,
    habit_radius: NauticalMiles = 1.5,
    scatter: Ratio = 0.97,
    crab: Degrees = 8.0,
) -> Episodes:
    """Anchor drag: a ship under way is slower than its own usual speed while it crosses an asset.

    A loss of minutes counts where the asset is crossed meanwhile and the ship regains its speed after; a longer one
    where it is deeper, and the asset is crossed or passed close by. Scatter of the course and a bow that points
    elsewhere than the ship goes support it.

    Why it matters: an anchor on the bottom brakes a ship; the public cases in the Baltic show such a loss.
    Innocent causes: engine trouble, head wind and sea, current, a speed rule, a turn, giving way, slowing for a pilot
    or a port. A dragged anchor need not slow a ship at all.
    Next step: ask the operator for a fault on that asset, look at the anchors, compare with ships beside it.
    """
    slower = slower_than_usual(
        fix.sog_kn, fix.baseline_kn, fix.leg_kn, fix.leg_s, min_deficit, min_speed, min_usual, SPARSE_S
    )
    found = fix.runs(
        slower,
        at_least_s=0.0,
        bridge_s=bridge * 60.0,
        silence_s=1800.0,
        value=fix.baseline_kn,
        low=_to_asset(fix, slower),
        courses=True,
    )
    lasted_s = (found.end - found.start) / 1000.0 + np.nan_to_num(found.every_s)
    return found.take(lasted_s >= min_brief * 60.0)


def _to_asset(fix: Fixes, slower: np.ndarray) -> np.ndarray:
    """Distance to the nearest asset [m], and less than that of any (inside a zone it is 0) after a line was crossed."""
    crossings = fix.crossings(slower)
    if not len(crossings):
        return fix.asset_m
    distance = fix.asset_m.astype(np.float64)
    near = np.flatnonzero(slower & (fix.asset >= 0))
    distance[near[np.isin(fix.row[near], crossings.last_row)]] = _CROSSED_M
    return distance


@dataclass(frozen=True, slots=True)
class _Loss:
    """How much speed was lost, for how long."""

    usual_kn: float
    meanwhile_kn: float
    deficit: float
    minutes: float

    @classmethod
    def of(cls, e: Episode) -> "_Loss":
        """Each report stands for the time before it. Where reports are sparse the way sailed says the speed."""
        every_s = 0.0 if np.isnan(e.every_s) else e.every_s
        between_s = (e.end - e.start) / 1000.0
        sailed = every_s >= SPARSE_S and between_s > 0
        speed = e.path_m / between_s * 3.6 / 1.852 if sailed else e.sog_mean
        return cls(e.value, speed, 1.0 - speed / e.value, (between_s + every_s) / 60.0)


@anchor_drag.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_deficit: Ratio,
    min_brief: Minutes,
    max_brief: Minutes,
    long_deficit: Ratio,
    min_speed: Knots,
    max_distance: Metres,
    resumes: Ratio,
    stop_within: Hours,
    min_straight: Ratio,
    max_bend: Degrees,
    shared_ships: Count,
    shared_radius: NauticalMiles,
    habit_ships: Count,
    habit_radius: NauticalMiles,
    scatter: Ratio,
    crab: Degrees,
) -> Verdict:
    """Only where an asset was crossed, by a ship that was not arriving, turning, fishing, in service or in company."""
    if not e.low <= max_distance or context.asset(e.asset).kind not in LINE_KINDS:
        return SetAside("no line near while slower")
    loss, crossed = _Loss.of(e), e.low < 0.0
    brief = loss.minutes < max_brief
    least = min_deficit if brief else long_deficit
    if brief and not crossed:
        return SetAside("slower for minutes, and no line crossed meanwhile")
    if loss.deficit < least:
        return SetAside("too little speed lost for so long a time")
    company = Company.of(e, context, shared_radius, habit_radius)
    reason = (
        _on_purpose(e, context, stop_within, min_speed)
        or _not_regained(e, context, loss, resumes if brief else 0.0)
        or _turned(e, loss, min_straight, max_bend)
        or company.explains(shared_ships, habit_ships)
    )
    if reason:
        return SetAside(reason)
    measured = (
        Measured("speed lost against the ship's own usual", round(loss.deficit, 3), "1", ">=", least),
        Measured("usual speed", round(loss.usual_kn, 1), "kn"),
        Measured("mean speed meanwhile", round(loss.meanwhile_kn, 1), "kn", ">=", min_speed),
        Measured("duration", round(loss.minutes, 1), "min", ">=", min_brief if brief else max_brief),
        Measured("least distance to the asset, 0 where crossed", round(max(e.low, 0.0)), "m", "<=",
                 0 if brief else max_distance),
        Measured("way made good over way sailed", round(straightness(e), 2), "1", ">=", min_straight),
        Measured("bend of the track", round(bend_deg(e)), "deg", "<=", max_bend),
        Measured("scatter of the course (1: none)", known(e.course_r, 3), "1", "<", scatter),
        Measured("heading off the course", known(e.crab_deg), "deg", ">=", crab),
        *company.measured(shared_ships, habit_ships),
    )  # fmt: skip
    asset = context.asset(e.asset)
    support = e.course_r < scatter or e.crab_deg >= crab
    confidence, why = capped(*_weighed(crossed, brief, support), asset)
    where = f"while it crossed {asset.name}" if crossed else f"{e.low:.0f} m from {asset.name} at the nearest"
    return Found(
        measured,
        f"{loss.deficit:.0%} below its usual {loss.usual_kn:.1f} kn for {loss.minutes:.0f} min, {where}.",
        confidence,
        why,
        ("slower from here", "slower until here", "crossed or nearest to the asset"),
        asset=e.asset,
    )


def _on_purpose(e: Episode, context: Context, stop_within: float, min_speed: float) -> str | None:
    """What a ship slows down for."""
    if context.ship(e.vessel).ship_type in CHANGES_SPEED:
        return "type of ship that often changes speed"
    if near_port(e, context):
        return "near a port or anchorage"
    return "stopped soon after: arriving" if arriving(e, context, stop_within, min_speed) else None


def _not_regained(e: Episode, context: Context, loss: _Loss, resumes: float) -> str | None:
    """A loss of minutes is one only where the usual speed comes back in the hours after."""
    after = context.max_speed(e.vessel, e.end + HOUR, e.end + 2 * HOUR)
    if resumes > 0.0 and not after >= resumes * loss.usual_kn:
        return "slower for minutes, and the usual speed not reached again"
    return None


def _turned(e: Episode, loss: _Loss, min_straight: float, max_bend: float) -> str | None:
    """A bend explains a loss that lasts about as long as the bend; over hours every lane bends."""
    bent = loss.minutes <= _HOUR_MIN and bend_deg(e) > max_bend
    return "turned meanwhile" if bent or straightness(e) < min_straight else None


def _weighed(crossed: bool, brief: bool, support: bool) -> tuple[Confidence, str]:
    """Of three signs (crossed, longer than minutes, course or heading unsteady) how many there are."""
    signs = {
        "the asset was crossed": crossed,
        "the loss lasted": not brief,
        "course or heading were unsteady": support,
    }
    shown = [name for name, holds in signs.items() if holds]
    confidence: Confidence = ("low", "low", "medium", "high")[len(shown)]
    return confidence, f"{' and '.join(shown)}; a ship ahead that it gave way to is not weighed"
