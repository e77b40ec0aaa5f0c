"""``impossible-value``: a report says something that cannot be."""

import numpy as np

from watchkeeper.model.behaviour import Found, Reference, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.units import Hours, Knots


@behaviour(
    id="impossible-value",
    version=1,
    references=(
        Reference(
            "ITU-R M.1371-5", "table 48", "speed 102.2 kn is the field's end, 102.3 means not available"
        ),
        Reference(
            "Danish Maritime Authority, AisAbnormal, sudden speed change test",
            "github.com/dma-ais/AisAbnormal",
            "102.2 kn from a ship at anchor is a fault of the data, not a manoeuvre",
        ),
    ),
)
def impossible_value(
    fix: Fixes, *, max_speed: Knots = 60.0, max_moved: Knots = 30.0, merge: Hours = 24.0
) -> Episodes:
    """Impossible value: a ship reports a speed that no ship has, while its positions show that it did not move so.

    Why it matters: such a report must not start any other conclusion; many of them point to a fault or to tampering.
    Innocent causes: a satellite fix just regained, a faulty sensor, a decoding error.
    Next step: none for a single report; for many, tell the ship or its flag's authority that the unit is faulty.
    """
    absurd = (fix.sog_kn > max_speed) & ~(fix.leg_kn > max_moved)
    return fix.runs(
        absurd,
        at_least_s=0.0,
        bridge_s=merge * 3600.0,
        silence_s=merge * 3600.0,
        value=np.where(np.isnan(fix.leg_kn), 0.0, fix.leg_kn),
    )


@impossible_value.judge
def judge(e: Episode, context: Context, *, max_speed: Knots, max_moved: Knots) -> Verdict:
    """Every such report counts; one finding for all of a ship's within the merging time."""
    return Found(
        (
            Measured("speed reported", round(e.sog_max, 1), "kn", ">", max_speed),
            Measured("speed by its positions, mean", round(e.value, 1), "kn", "<=", max_moved),
            Measured("reports", e.n, "count"),
        ),
        f"Reported {e.sog_max:.1f} kn while its positions show {e.value:.1f} kn.",
        "high",
        "the value is outside what a ship can do",
        ("first such report", "last such report", ""),
        place=(e.lat0, e.lon0),
    )
