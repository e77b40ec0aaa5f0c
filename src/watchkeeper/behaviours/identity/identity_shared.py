"""``identity-shared``: one IMO number, or one name with call sign, on two hulls."""

import numpy as np

from watchkeeper.kernels.said import PLACEHOLDER_IMOS
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.imo import valid_imos
from watchkeeper.model.picture import Context, Fleet
from watchkeeper.model.records import Array, Statics
from watchkeeper.model.units import Count, Kilometres, Knots

BY_IMO, BY_NAME = 1, 2
LEAST_CALLSIGN = 4
"""Shorter call signs are fillers; ITU Radio Regulations, article 19: letters of the state and at least two signs."""


@behaviour(
    id="identity-shared",
    version=1,
    references=(
        Reference("IMO A.1117(30)", "paragraph 1", "one number for one hull, for life"),
        Reference(
            "RadianceFleet, IMO checks", "source", "one IMO number in use more than 500 nmi apart at once"
        ),
        Reference("Wachta D2", "identity.py", "20 km apart, at least 3 fixes each"),
    ),
    observes="vessels",
    monotone={"min_times": +1, "min_separation": +1, "max_speed": +1},
)
def identity_shared(
    fleet: Fleet, *, min_times: Count = 3, min_separation: Kilometres = 20.0, max_speed: Knots = 60.0
) -> Episodes:
    """Identity shared: two MMSIs send one IMO number, or one name and call sign, too far apart for one ship.

    Why it matters: a ship sails under the identity of another, often of one that was scrapped.
    Innocent causes: a number typed wrongly, a second unit with old data, sister craft named and numbered alike.
    Next step: compare size, type and class sent under both numbers with the register; look at both ships.
    """
    s, by = fleet.statics, fleet.said_by
    heard = fleet.reports[by] > 0
    by_imo = heard & valid_imos(s.imo) & ~np.isin(s.imo, PLACEHOLDER_IMOS)
    by_name = heard & (s.name != b"") & (np.char.str_len(s.callsign) >= LEAST_CALLSIGN)
    both = np.char.add(np.char.add(s.name, b"\x1f"), s.callsign)
    pairs = {
        pair: rows
        for column, where in ((both, by_name), (s.imo, by_imo))
        for pair, rows in _pairs(column, by, s.row, np.flatnonzero(where), fleet.mmsi).items()
    }
    # One number and one name on the same two are one episode, shown by the number.
    a, b = np.array(list(pairs), np.int64).reshape(-1, 2).T
    row_a, row_b, kind = np.array(list(pairs.values()), np.int64).reshape(-1, 3).T
    start = np.maximum(fleet.first_t[a], fleet.first_t[b])
    return Episodes.build(
        len(a),
        vessel=a,
        other=b,
        start=start,
        end=np.maximum(start, np.minimum(fleet.last_t[a], fleet.last_t[b])),
        open=np.zeros(len(a), bool),
        first_row=row_a,
        other_row=row_b,
        lat0=fleet.first_lat[a],
        lon0=fleet.first_lon[a],
        n=np.ones(len(a)),
        value=kind,
    )


def _pairs(
    column: Array, by: Array, row: Array, where: Array, mmsi: Array
) -> dict[tuple[int, int], tuple[int, int, int]]:
    """Vessels next to each other, by MMSI, among those that sent one value; the first row of each and the kind."""
    kind = BY_IMO if column.dtype.kind == "i" else BY_NAME
    _, value = np.unique(column[where], return_inverse=True)
    order = np.lexsort((row[where], mmsi[by[where]], value))
    at, value = where[order], value[order]
    first = np.ones(len(at), bool)
    first[1:] = (value[1:] != value[:-1]) | (by[at[1:]] != by[at[:-1]])
    at, value = at[first], value[first]
    next_to = np.flatnonzero(value[1:] == value[:-1])
    i, j = at[next_to], at[next_to + 1]
    found = zip(by[i].tolist(), by[j].tolist(), row[i].tolist(), row[j].tolist(), strict=True)
    return {(a, b): (row_a, row_b, kind) for a, b, row_a, row_b in found}


def _what(statics: Statics, e: Episode) -> str:
    """What both sent, as the one sent it first."""
    at = int(np.argmax(statics.row == e.first_row))
    if e.value == BY_IMO:
        return f"IMO number {statics.imo[at]}"
    name, callsign = (column[at].decode("utf-8", "replace") for column in (statics.name, statics.callsign))
    return f"name {name} and call sign {callsign}"


@identity_shared.judge
def judge(
    e: Episode, context: Context, *, min_times: Count, min_separation: Kilometres, max_speed: Knots
) -> Verdict:
    """Set aside one ship after the other, two units of one ship, and what one ship could have sailed."""
    both = context.both_heard(e.vessel, e.other, max_speed)
    if not both.slots:
        return SetAside("not heard in the same time: see identity-change")
    if both.most_m < min_separation * 1000.0:
        return SetAside("close together: two units of one ship, or her boat")
    if both.too_far < min_times:
        return SetAside("one ship can have been at both places")
    one, two = context.ship(e.vessel), context.ship(e.other)
    what = _what(context.statics(e.vessel), e)
    return Found(
        (
            Measured("sent by both", what, ""),
            Measured("MMSI", two.mmsi, "", "!=", one.mmsi),
            Measured("quarter hours too far apart for one ship", both.too_far, "count", ">=", min_times),
            Measured("quarter hours in which both were heard", both.slots, "count"),
            Measured("greatest distance", round(both.most_m / 1000.0), "km", ">=", min_separation),
            Measured("least distance", round(both.least_m / 1000.0), "km"),
        ),
        f"MMSI {one.mmsi} and {two.mmsi} send one {what}, up to {both.most_m / 1000.0:.0f} km apart.",
        "high" if e.value == BY_IMO and both.too_far >= 2 * min_times else "medium",
        f"heard in the same quarter hour {both.slots} times",
        ("static report of the one", "", "static report of the other"),
        start=both.t,
        place=context.position(e.vessel, both.t),
    )
