"""``static-mismatch``: the size or type that a ship sends is not what it was, or what a register says."""

import numpy as np

from watchkeeper.behaviours.identity.by_register import other_size, other_type, why_not
from watchkeeper.kernels.said import changes, first_of, kept_min, stood_min
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.imo import valid_imos
from watchkeeper.model.picture import Context, Fleet
from watchkeeper.model.records import Array, Statics
from watchkeeper.model.shiptypes import CARGO, FISHING, PASSENGER, SERVICE, TANKER, TOWING, type_name
from watchkeeper.model.time import MINUTE
from watchkeeper.model.units import Days, Metres, Minutes, Ratio

LENGTH, TYPE, REGISTER = 1, 2, 4
GROUPS = (CARGO, TANKER, PASSENGER, FISHING, TOWING | SERVICE)
"""Types between which no ship changes: cargo, tanker, passenger, fishing, towing and service."""


@behaviour(
    id="static-mismatch",
    version=3,
    references=(
        Reference("OFAC/State/USCG advisory, 2020-05-14", "practice 2", "altering a vessel's identification"),
        Reference("ITU-R M.1371-5", "tables 52 and 53", "dimensions and type, set at installation"),
        Reference(
            "ITU-R M.1371-5", "annex 2, 4.2.1", "static data every 6 min: two of them confirm a change"
        ),
    ),
    observes="vessels",
    monotone={"min_difference": +1, "min_share": +1, "min_kept": +1, "min_beam": +1, "register_within": -1},
)
def static_mismatch(
    fleet: Fleet,
    *,
    min_difference: Metres = 20.0,
    min_share: Ratio = 0.2,
    min_kept: Minutes = 12.0,
    min_beam: Metres = 5.0,
    register_within: Days = 365.0,
) -> Episodes:
    """Static mismatch: under one MMSI, the length or the kind of ship becomes another, or size or kind are not those \
that a register of that year has.

    Why it matters: size and type belong to the hull: another hull sends this number, or it pretends to be another.
    Innocent causes: data put right, a tow counted in the length, a unit moved to another ship, two units on board, \
a conversion.
    Next step: compare with the register by IMO number, and with photographs of the ship.
    """
    s, by = fleet.statics, fleet.said_by
    kind = kinds(s.ship_type)
    a, b = changes(by, s.t, s.length_m, s.length_m > 0)
    other = np.abs(s.length_m[b] - s.length_m[a])
    large = (other >= min_difference) & (other >= min_share * np.maximum(s.length_m[a], s.length_m[b]))
    by_length = _episodes(fleet, a[large], b[large], LENGTH)
    by_type = _episodes(fleet, *changes(by, s.t, kind, kind >= 0), TYPE)
    last = _last_said(s, by, kind)
    return _together(Episodes.concat([by_length, by_type, _episodes(fleet, last, last, REGISTER)]))


def _last_said(s: Statics, by: Array, kind: Array) -> Array:
    """Of each vessel with an IMO number, the report since which it sends the size and type that it sends last."""
    at = np.flatnonzero(valid_imos(s.imo) & ((s.length_m > 0) | (kind >= 0)))
    at = at[np.lexsort((s.t[at], by[at]))]
    said = np.stack([by, s.imo, np.nan_to_num(s.length_m), np.nan_to_num(s.beam_m), s.ship_type], axis=1)[at]
    begins = at[np.append(True, (said[1:] != said[:-1]).any(axis=1))[: len(at)]]
    last: Array = begins[np.append(by[begins][1:] != by[begins][:-1], True)[: len(begins)]]
    return last


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
    """Length and type that change in one report are one change; what a register has of it belongs to it."""
    order = np.lexsort((said.value, said.first_row, said.start, said.vessel))
    e = said.take(order)
    if not len(e):
        return e
    same = (e.vessel[1:] == e.vessel[:-1]) & (e.first_row[1:] == e.first_row[:-1])
    first = np.flatnonzero(np.append(True, ~same))
    e.value[first] = np.add.reduceat(e.value, first)
    return e.take(first)


@static_mismatch.judge
def judge(
    e: Episode,
    context: Context,
    *,
    min_difference: Metres,
    min_share: Ratio,
    min_kept: Minutes,
    min_beam: Metres,
    register_within: Days,
) -> Verdict:
    """By the ship's own history, by registers, or both; set aside where neither says anything."""
    place = context.position(e.vessel, e.start)
    if place is None:
        return SetAside("no position heard")
    own = _by_history(e, context, min_kept) if int(e.value) & (LENGTH | TYPE) else ()
    told = (
        _by_register(e, context, min_difference, min_share, min_kept, min_beam, register_within)
        if int(e.value) & REGISTER
        else ()
    )
    measured = tuple(m for part in (own, told) if not isinstance(part, SetAside) for m in part)
    if not measured:
        return own if isinstance(own, SetAside) else told if isinstance(told, SetAside) else SetAside(_AGREES)
    by_own_history = not isinstance(own, SetAside) and bool(own)
    return Found(
        measured,
        ("Under one MMSI, " if by_own_history else "Beside a register, ") + _in_words(measured) + ".",
        ("low", "medium", "high")[by_own_history + (len(measured) > 1)],
        f"{len(measured)} of size and type differ from " + ("before" if by_own_history else "a register"),
        ("first report with these data", "", "report with the old data" if by_own_history else ""),
        place=place,
    )


_BACK = "the value before came back: see the finding of the change"
_AGREES = "size and type agree with the register, as far as it has them"


def _in_words(measured: tuple[Measured, ...]) -> str:
    return ", ".join(
        f"{m.name}: {m.value}{' m' * (m.unit == 'm')} instead of {m.threshold}{' m' * (m.unit == 'm')}"
        for m in measured
    )


def _by_history(e: Episode, context: Context, min_kept: Minutes) -> tuple[Measured, ...] | SetAside:
    """Set aside values that did not stay, tows, and ships that became another ship altogether."""
    s = context.statics(e.vessel)
    at = first_of(s.t, s.row, e.start, e.first_row)
    until = context.span(e.vessel)[1]
    kind = kinds(s.ship_type)
    measured = []
    if int(e.value) & LENGTH:
        known = s.length_m > 0
        if not _lasting(s, s.length_m, known, at, until, min_kept):
            return SetAside("the old or the new value did not stay")
        if _came_back(s.length_m, known, at):
            return SetAside(_BACK)
        if int(s.ship_type[s.ship_type > 0][-1:].sum()) in TOWING:
            return SetAside("towing: the tow is counted in the length")
        old = _before(s.length_m, known, at)
        measured.append(Measured("length sent", round(float(s.length_m[at])), "m", "!=", round(old)))
    if int(e.value) & TYPE:
        if not _lasting(s, kind, kind >= 0, at, until, min_kept):
            return SetAside("the old or the new value did not stay")
        if _came_back(kind, kind >= 0, at):
            return SetAside(_BACK)
        was, became = (type_name(int(c)) for c in (_before(s.ship_type, kind >= 0, at), s.ship_type[at]))
        measured.append(Measured("type sent", became, "", "!=", was))
    if _another_ship(s, e.start):
        return SetAside("the whole identity changed: see identity-change")
    return tuple(measured)


def _by_register(
    e: Episode,
    context: Context,
    min_difference: Metres,
    min_share: Ratio,
    min_kept: Minutes,
    min_beam: Metres,
    register_within: Days,
) -> tuple[Measured, ...] | SetAside:
    """Beside a register of about that time that has the ship under a name of hers."""
    facts, ship = context.register(e.vessel), context.ship(e.vessel)
    reason = why_not(facts, ship, e.start, register_within)
    if facts is None or reason:
        return SetAside(reason or _AGREES)
    s = context.statics(e.vessel)
    at = first_of(s.t, s.row, e.start, e.first_row)
    if context.span(e.vessel)[1] - e.start < min_kept * MINUTE:
        return SetAside("the old or the new value did not stay")
    code = int(s.ship_type[at])
    towing = ship.ship_type in TOWING
    return (
        *(() if towing else other_size(facts, "length", float(s.length_m[at]), min_difference, min_share)),
        *other_size(facts, "beam", float(s.beam_m[at]), min_beam, min_share),
        *(other_type(facts, code, type_name(code)) if kinds(s.ship_type[at : at + 1])[0] >= 0 else ()),
    )


def _lasting(s: Statics, column: Array, known: Array, at: int, until: int, min_kept: Minutes) -> bool:
    """Whether the value before and the value at a position were both said for long enough."""
    kept = kept_min(s.t, column, known, at, until)
    return min(kept, stood_min(s.t, column, known, at)) >= min_kept


def _came_back(column: Array, known: Array, at: int) -> bool:
    """Whether the value at a position is the one that the value before it had replaced."""
    said = column[: at + 1][known[: at + 1]]
    values = said[np.append(True, said[1:] != said[:-1])]
    return len(values) > 2 and bool(values[-1] == values[-3])


def _before(column: Array, known: Array, at: int) -> float:
    return float(column[np.flatnonzero(known[:at])[-1]])


def _another_ship(s: Statics, t: int) -> bool:
    """Whether name and IMO number both changed within ten minutes of a time."""
    near = np.abs(s.t - t) <= 10 * MINUTE

    def changed(column: Array, known: Array) -> bool:
        before, after = column[known & (s.t < t) & ~near], column[known & ((s.t >= t) | near)]
        return bool(len(before) and len(after) and before[-1] != after[-1])

    return changed(s.name, s.name != b"") and changed(s.imo, valid_imos(s.imo))
