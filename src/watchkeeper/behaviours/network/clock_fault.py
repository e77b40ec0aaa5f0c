"""``clock-fault``: a ship is shown where she was some minutes before, or will be."""

import numpy as np

from watchkeeper.kernels.lags import lags_s
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.units import Count, Degrees, Hours, Knots, Minutes, Ratio


@behaviour(
    id="clock-fault",
    version=1,
    references=(
        Reference(
            "Global Fishing Watch, pipe-segment",
            "cli/commands/segment.py",
            "receiver hours whose clock is off by more than 30 s are dropped, an hour before and after too",
        ),
        Reference(
            "Detection of AIS spoofing and jamming (Korean waters), 2026",
            "arXiv 2603.11055, abstract",
            "wrong times, repeats and delays of stations first: false alarms fell by 98.6 %",
        ),
    ),
    monotone={"min_reports": +1, "min_returns": +1, "min_offset": +1, "max_offset": -1, "max_spread": -1},
    marks="suspect",
    explained_by=("position-frozen", "position-circle"),
)
def clock_fault(
    fix: Fixes,
    *,
    min_reports: Count = 5,
    min_returns: Count = 2,
    min_offset: Minutes = 4.0,
    max_offset: Hours = 2.5,
    max_spread: Ratio = 0.2,
    min_speed: Knots = 5.0,
    max_angle: Degrees = 12.0,
    bridge: Minutes = 20.0,
) -> Episodes:
    """Clock fault: reports lie on the ship's own line, ahead or astern of it by always the same time.

    Why it matters: such reports look like a second hull, a leap or a speed that no ship has, and are none of them.
    Innocent causes: it is one: a receiver or base station with a wrong clock or time zone, a network that delays, a
    satellite pass put down at the wrong time.
    Next step: see which receiver heard these reports, and leave them out.
    """
    lag = np.full(len(fix.t), np.nan)
    at = np.flatnonzero(fix.displaced & (fix.sog_kn >= min_speed))
    other = fix.other_lat[at], fix.other_lon[at], fix.apart_m[at], fix.other_s[at]
    lag[at] = lags_s(fix.lat[at], fix.lon[at], fix.sog_kn[at], fix.cog_deg[at], other, max_angle)
    on_line = np.abs(lag) <= max_offset * 3600.0
    least = fix.runs(
        on_line, at_least_s=0.0, bridge_s=bridge * 60.0, silence_s=bridge * 60.0, value=lag, low=lag
    )
    most = fix.runs(
        on_line,
        at_least_s=0.0,
        bridge_s=bridge * 60.0,
        silence_s=bridge * 60.0,
        value=fix.reentry.astype(float),
        low=-lag,
    )
    # Judging needs the spread of the offsets and the returns: they take the places of extent and least value.
    least.span_m = -most.low - least.low
    least.low = np.round(most.value * most.n)
    return least


@clock_fault.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_reports: Count,
    min_returns: Count,
    min_offset: Minutes,
    max_offset: Hours,
    max_spread: Ratio,
) -> Verdict:
    """Set aside what is no constant offset: a place off the line, another hull, a leap to a fixed point."""
    if e.n < min_reports:
        return SetAside("too few reports")
    if e.low < min_returns:
        return SetAside("no rightly stamped reports in between")
    offset_min, spread = e.value / 60.0, e.span_m / max(abs(e.value), 1.0)
    if abs(offset_min) < min_offset:
        return SetAside("offset too small")
    if spread > max_spread:
        return SetAside("not one offset: the place is wrong, not the time")
    if e.path_m < 0.5 * e.sog_mean * e.hours * 1852.0:
        return SetAside("the places stand still: the position is wrong, not the time")
    way = "late" if offset_min > 0 else "early"
    return Found(
        (
            Measured(f"time stamps too {way} by", round(abs(offset_min), 1), "min", ">=", min_offset),
            Measured("spread of the offsets, share of their mean", round(spread, 2), "1", "<=", max_spread),
            Measured("reports so stamped", e.n, "count", ">=", min_reports),
            Measured("returns from rightly stamped ones", int(e.low), "count", ">=", min_returns),
            Measured("duration", round(e.hours, 2), "h"),
        ),
        f"{e.n} reports show the ship on her own line, {abs(offset_min):.0f} min too {way}.",
        "high" if e.n >= 2 * min_reports and spread <= max_spread / 2.0 else "medium",
        f"{e.n} reports, offsets within {spread:.0%} of their mean",
        ("first report so stamped", "last report so stamped", ""),
        place=(e.lat0, e.lon0),
    )
