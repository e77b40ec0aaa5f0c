"""``static-mismatch``: the size or type that a ship sends is not what it was, or what a list says."""

import numpy as np

from watchkeeper.kernels.said import changes, first_of, kept_min, stood_min
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.imo import valid_imos
from watchkeeper.model.picture import Context, Fleet
from watchkeeper.model.records import Array, Statics
from watchkeeper.model.shiptypes import CARGO, FISHING, SERVICE, TANKER, TOWING, type_name
from watchkeeper.model.time import MINUTE
from watchkeeper.model.units import Metres, Minutes, Ratio

LENGTH, TYPE = 1, 2
GROUPS = (CARGO, TANKER, frozenset(range(60, 70)), FISHING, TOWING | SERVICE)
"""Types between which no ship changes: cargo, tanker, passenger, fishing, towing and service."""


@behaviour(
    id="static-mismatch",
    version=1,
    references=(
        Reference("OFAC/State/USCG advisory, 2020-05-14", "practice 2", "altering a vessel's identification"),
        Reference("ITU-R M.1371-5", "tables 52 and 53", "dimensions and type, set at installation"),
        Reference(
            "ITU-R M.1371-5", "annex 2, 4.2.1", "static data every 6 min: two of them confirm a change"
        ),
    ),
    observes="vessels",
    monotone={"min_difference": +1, "min_share": +1, "min_kept": +1},
)
def static_mismatch(
    fleet: Fleet, *, min_difference: Metres = 20.0, min_share: Ratio = 0.2, min_kept: Minutes = 12.0
) -> Episodes:
    """Static mismatch: under one MMSI, the length or the kind of ship becomes another.

    Why it matters: size and type belong to the hull: another hull sends this number, or it pretends to be another.
    Innocent causes: data put right, a tow counted in the length, a unit moved to another ship, two units on board.
    Next step: compare with the register by IMO number, and with photographs of the ship.
    """
    s, by = fleet.statics, fleet.said_by
    kind = kinds(s.ship_type)
    a, b = changes(by, s.t, s.length_m, s.length_m > 0)
    other = np.abs(s.length_m[b] - s.length_m[a])
    large = (other >= min_difference) & (other >= min_share * np.maximum(s.length_m[a], s.length_m[b]))
    by_length = _episodes(fleet, a[large], b[large], LENGTH)
    return _together(Episodes.concat([by_length, _episodes(fleet, *changes(by, s.t, kind, kind >= 0), TYPE)]))


def kinds(ship_type: Array) -> Array:
    """Number of the group of each type code ``(n,)``, -1 for those that say little (unknown, other, pleasure)."""
    table = np.full(101, -1, np.int8)
    for number, codes in enumerate(GROUPS):
        table[list(codes)] = number
    group: Array = table[np.clip(ship_type, -1, 99)]
    return group


def _episodes(fleet: Fleet, a: Array, b: Array, what: int) -> Episodes:
    s, vessel = fleet.statics, fleet.said_by[b]
    return Episodes.build(
        len(a),
        vessel=vessel,
        start=s.t[b],
        end=s.t[b],
        open=np.zeros(len(a), bool),
        first_row=s.row[b],
        other_row=s.row[a],
        low_t=s.t[a],
        lat0=fleet.first_lat[vessel],
        lon0=fleet.first_lon[vessel],
        n=np.ones(len(a)),
        value=np.full(len(a), what),
    )


def _together(said: Episodes) -> Episodes:
    """Length and type that change in one report are one change."""
    order = np.lexsort((said.value, said.first_row, said.start, said.vessel))
    e = said.take(order)
    again = np.zeros(len(e), bool)
    again[1:] = (e.vessel[1:] == e.vessel[:-1]) & (e.first_row[1:] == e.first_row[:-1])
    e.value[np.flatnonzero(again) - 1] = LENGTH | TYPE
    return e.take(~again)


@static_mismatch.judge
def judge(
    e: Episode, context: Context, *, min_difference: Metres, min_share: Ratio, min_kept: Minutes
) -> Verdict:
    """Set aside values that did not stay, tows, and ships that became another ship altogether."""
    place = context.position(e.vessel, e.start)
    if place is None:
        return SetAside("no position heard")
    s = context.statics(e.vessel)
    at = first_of(s.t, s.row, e.start, e.first_row)
    until = context.span(e.vessel)[1]
    kind = kinds(s.ship_type)
    measured = []
    if int(e.value) & LENGTH:
        known = s.length_m > 0
        if not _lasting(s, s.length_m, known, at, until, min_kept):
            return SetAside("the old or the new value did not stay")
        if int(s.ship_type[s.ship_type > 0][-1:].sum()) in TOWING:
            return SetAside("towing: the tow is counted in the length")
        old = _before(s.length_m, known, at)
        measured.append(Measured("length sent", round(float(s.length_m[at])), "m", "!=", round(old)))
    if int(e.value) & TYPE:
        if not _lasting(s, kind, kind >= 0, at, until, min_kept):
            return SetAside("the old or the new value did not stay")
        was, became = (type_name(int(c)) for c in (_before(s.ship_type, kind >= 0, at), s.ship_type[at]))
        measured.append(Measured("type sent", became, "", "!=", was))
    if _another_ship(s, e.start):
        return SetAside("the whole identity changed: see identity-change")
    what = ", ".join(f"{m.name} {m.threshold} became {m.value}{' m' * (m.unit == 'm')}" for m in measured)
    return Found(
        tuple(measured),
        f"Under one MMSI, {what}.",
        "high" if len(measured) > 1 else "medium",
        "size and type changed together" if len(measured) > 1 else "one of size and type changed",
        ("first report with the new data", "", "report with the old data"),
        place=place,
    )


def _lasting(s: Statics, column: Array, known: Array, at: int, until: int, min_kept: Minutes) -> bool:
    """Whether the value before and the value at a position were both said for long enough."""
    kept = kept_min(s.t, column, known, at, until)
    return min(kept, stood_min(s.t, column, known, at)) >= min_kept


def _before(column: Array, known: Array, at: int) -> float:
    return float(column[np.flatnonzero(known[:at])[-1]])


def _another_ship(s: Statics, t: int) -> bool:
    """Whether name and IMO number both changed within ten minutes of a time."""
    near = np.abs(s.t - t) <= 10 * MINUTE

    def changed(column: Array, known: Array) -> bool:
        before, after = column[known & (s.t < t) & ~near], column[known & ((s.t >= t) | near)]
        return bool(len(before) and len(after) and before[-1] != after[-1])

    return changed(s.name, s.name != b"") and changed(s.imo, valid_imos(s.imo))
