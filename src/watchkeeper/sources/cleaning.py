"""What is dropped and what becomes *not available*, the same for every source, and counted.

The first check that fails decides what a row is counted as:

1. ``exact_duplicate`` (the source says which),
2. ``not_a_ship`` (the class of the MMSI, or the source says so),
3. ``out_of_range``: the time is before 1990, in the future, or days away from the rows around it,
4. ``outside_request``: the time is not in the window asked for,
5. ``no_position``: latitude 91, longitude 181 (ITU-R M.1371-5, table 48) or no number,
6. ``out_of_range``: latitude beyond 90 or longitude beyond 180 degrees,
7. ``outside_request``: the position is not in the box asked for.

``noticed`` counts values, over all rows handed in, whatever becomes of the row.
"""

from collections import Counter
from dataclasses import replace
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.model.mmsi import MmsiClass, classify
from watchkeeper.model.records import NAV_UNDEFINED, TYPE_UNKNOWN, Array, Positions, Statics
from watchkeeper.model.time import DAY
from watchkeeper.sources.options import BoundingBox, ReadOptions

Mask = NDArray[np.bool_]

# Not-available codes of ITU-R M.1371-5, tables 48 and 52.
LAT_NOT_AVAILABLE: Final = 91.0
LON_NOT_AVAILABLE: Final = 181.0
SOG_NOT_AVAILABLE_KN: Final = 102.3
COG_NOT_AVAILABLE_DEG: Final = 360.0
HEADING_NOT_AVAILABLE_DEG: Final = 511.0
_HALF_STEP: Final = 0.05
"""Half of a tenth, the step of SOG and COG: codes are compared as the float32 they are stored in."""

EARLIEST_MS: Final = 631_152_000_000
"""1990-01-01. No AIS existed before (IMO resolution MSC.74(69), 1998); clocks reset to 1970 or 1980 do."""
FUTURE_MS: Final = DAY
"""A clock may be wrong by a time zone, not by more than a day."""
STRAY_MS: Final = DAY
STRAY_QUANTILES: Final = (0.01, 0.99)
STRAY_LEAST_ROWS: Final = 100
"""A time more than a day outside the middle 98 % of its batch is a broken clock, if the batch can tell."""

_IMO_LEAST, _IMO_MOST = 1_000_000, 9_999_999


class Fate(IntEnum):
    """What became of a position row. The lower-case name is the key it is counted under."""

    KEPT = 0
    EXACT_DUPLICATE = 1
    NOT_A_SHIP = 2
    OUT_OF_RANGE = 3
    OUTSIDE_REQUEST = 4
    NO_POSITION = 5


def clean_positions(
    raw: Positions, options: ReadOptions, rows: Counter[str], noticed: Counter[str]
) -> Positions:
    """The rows that stay, with NaN where a value is not available.

    ``raw`` holds values as sent (lat 91, SOG 102.3 ...). ``rows`` gets every dropped row once, and
    ``noticed`` every peculiar value; the rows that stay are counted by the source, which knows what else
    they carry.
    """
    fates = position_fates(raw, options, noticed)
    count_fates(fates, rows)
    return available(raw.take(fates == Fate.KEPT))


def position_fates(
    raw: Positions,
    options: ReadOptions,
    noticed: Counter[str],
    duplicate: Mask | None = None,
    no_ship: Mask | None = None,
) -> NDArray[np.int8]:
    """The :class:`Fate` of each row, by the first check of the list above that fails; counts what it notices.

    ``duplicate`` and ``no_ship`` mark rows the source knows to be so.
    """
    _notice_positions(raw, noticed)
    stray = _time_out_of_range(raw.t, options.now, noticed)
    missing = _position_missing(raw)
    beyond = ~missing & ((np.abs(raw.lat) > 90.0) | (np.abs(raw.lon) > 180.0))
    _notice(noticed, lat_lon_not_available=missing, lat_lon_out_of_range=beyond)
    fates = np.zeros(len(raw), np.int8)
    # Later checks first: an earlier one then overwrites them.
    if options.bbox is not None:
        fates[~inside(raw.lat, raw.lon, options.bbox)] = Fate.OUTSIDE_REQUEST
    fates[beyond] = Fate.OUT_OF_RANGE
    fates[missing] = Fate.NO_POSITION
    fates[_outside_window(raw.t, options)] = Fate.OUTSIDE_REQUEST
    fates[stray] = Fate.OUT_OF_RANGE
    fates[_not_ships(raw.mmsi, noticed)] = Fate.NOT_A_SHIP
    if no_ship is not None:
        fates[no_ship] = Fate.NOT_A_SHIP
    if duplicate is not None:
        fates[duplicate] = Fate.EXACT_DUPLICATE
    return fates


def count_fates(fates: NDArray[np.int8], rows: Counter[str]) -> None:
    """Add the dropped rows to ``rows`` under the names of their fates."""
    counts = np.bincount(fates, minlength=len(Fate))
    rows.update({fate.name.lower(): int(counts[fate]) for fate in Fate if fate and counts[fate]})


def clean_statics(
    raw: Statics, options: ReadOptions, rows: Counter[str] | None, noticed: Counter[str]
) -> Statics:
    """The static rows that stay, not-available values blanked. ``rows`` is None where already counted."""
    fates = np.zeros(len(raw), np.int8)
    fates[_outside_window(raw.t, options)] = Fate.OUTSIDE_REQUEST
    fates[_time_out_of_range(raw.t, options.now, noticed)] = Fate.OUT_OF_RANGE
    fates[_not_ships(raw.mmsi, noticed)] = Fate.NOT_A_SHIP
    if rows is not None:
        count_fates(fates, rows)
        notice_statics(raw, noticed)
    return available_statics(raw.take(fates == Fate.KEPT))


def available_statics(raw: Statics) -> Statics:
    """The same rows, with NaN, 0 or -1 for a value that is not available or cannot be."""
    is_imo = (raw.imo >= _IMO_LEAST) & (raw.imo <= _IMO_MOST)
    is_type = (raw.ship_type > 0) & (raw.ship_type < 100)
    return replace(
        raw,
        imo=np.where(is_imo, raw.imo, 0).astype(np.int32),
        ship_type=np.where(is_type, raw.ship_type, TYPE_UNKNOWN).astype(np.int16),
        length_m=_blank(raw.length_m, ~(raw.length_m > 0)),
        beam_m=_blank(raw.beam_m, ~(raw.beam_m > 0)),
        draught_m=_blank(raw.draught_m, ~(raw.draught_m > 0)),
    )


def notice_statics(raw: Statics, noticed: Counter[str]) -> None:
    """Count the values that are not available (ITU-R M.1371-5, table 52) or are no IMO number."""
    _notice(
        noticed,
        imo_not_available=raw.imo == 0,
        imo_not_an_imo_number=(raw.imo != 0) & ((raw.imo < _IMO_LEAST) | (raw.imo > _IMO_MOST)),
        name_not_available=raw.name == b"",
        callsign_not_available=raw.callsign == b"",
        ship_type_not_available=raw.ship_type <= 0,
        length_not_available=~(raw.length_m > 0),
        beam_not_available=~(raw.beam_m > 0),
        draught_not_available=~(raw.draught_m > 0),
        destination_not_available=raw.destination == b"",
    )


def inside(lat: Array, lon: Array, bbox: BoundingBox) -> Mask:
    """Which positions [deg] lie in the box, borders included."""
    west, south, east, north = bbox
    across = (lon >= west) | (lon <= east) if west > east else (lon >= west) & (lon <= east)
    return across & (lat >= south) & (lat <= north)


def available(raw: Positions) -> Positions:
    """The same rows, with NaN for a value that is not available or cannot be.

    SOG 102.2 stays: it means *102.2 kn or more*, which is a statement, if a strange one.
    """
    sog, cog, heading = raw.sog_kn, raw.cog_deg, raw.heading_deg
    in_range = (raw.nav_status >= 0) & (raw.nav_status <= NAV_UNDEFINED)
    return replace(
        raw,
        sog_kn=_blank(sog, ~((sog >= 0) & (sog < SOG_NOT_AVAILABLE_KN - _HALF_STEP))),
        cog_deg=_blank(cog, ~((cog >= 0) & (cog < COG_NOT_AVAILABLE_DEG))),
        heading_deg=_blank(heading, ~((heading >= 0) & (heading < 360.0))),
        nav_status=np.where(in_range, raw.nav_status, NAV_UNDEFINED).astype(np.int8),
    )


def _notice_positions(raw: Positions, noticed: Counter[str]) -> None:
    sog, cog, heading = raw.sog_kn, raw.cog_deg, raw.heading_deg
    no_sog = np.isnan(sog) | (np.abs(sog - SOG_NOT_AVAILABLE_KN) < _HALF_STEP)
    no_cog = np.isnan(cog) | (cog == COG_NOT_AVAILABLE_DEG)
    no_heading = np.isnan(heading) | (heading == HEADING_NOT_AVAILABLE_DEG)
    _notice(
        noticed,
        sog_not_available=no_sog,
        sog_out_of_range=~no_sog & ((sog < 0) | (sog > SOG_NOT_AVAILABLE_KN)),
        cog_not_available=no_cog,
        cog_out_of_range=~no_cog & ((cog < 0) | (cog > COG_NOT_AVAILABLE_DEG)),
        heading_not_available=no_heading,
        heading_out_of_range=~no_heading & ((heading < 0) | (heading >= 360.0)),
        nav_status_unknown=(raw.nav_status < 0) | (raw.nav_status >= NAV_UNDEFINED),
    )


def _position_missing(raw: Positions) -> Mask:
    missing: Mask = np.isnan(raw.lat) | np.isnan(raw.lon)
    missing |= (raw.lat == LAT_NOT_AVAILABLE) | (np.abs(raw.lon) == LON_NOT_AVAILABLE)
    return missing


def _time_out_of_range(t: Array, now: int, noticed: Counter[str]) -> Mask:
    least, most = EARLIEST_MS, now + FUTURE_MS
    if len(t) >= STRAY_LEAST_ROWS:
        ranks = [int(q * (len(t) - 1)) for q in STRAY_QUANTILES]
        low, high = np.partition(t, ranks)[ranks]
        least, most = max(least, int(low) - STRAY_MS), min(most, int(high) + STRAY_MS)
    out = (t < least) | (t > most)
    _notice(noticed, time_out_of_range=out)
    return out


def _outside_window(t: Array, options: ReadOptions) -> Mask:
    outside = np.zeros(len(t), np.bool_)
    if options.t_from is not None:
        outside |= t < options.t_from
    if options.t_to is not None:
        outside |= t > options.t_to
    return outside


def _not_ships(mmsi: Array, noticed: Counter[str]) -> Mask:
    kinds = classify(mmsi)
    counts = np.bincount(kinds, minlength=len(MmsiClass))
    for kind in MmsiClass:
        if kind is not MmsiClass.SHIP and counts[kind]:
            noticed[f"mmsi_{kind.name.lower()}"] += int(counts[kind])
    others: Mask = kinds != MmsiClass.SHIP
    return others


def _notice(noticed: Counter[str], **where: Mask) -> None:
    for key, mask in where.items():
        if count := int(np.count_nonzero(mask)):
            noticed[key] += count


def _blank(values: Array, where: Mask) -> Array:
    return np.where(where, np.float32(np.nan), values).astype(np.float32, copy=False)
