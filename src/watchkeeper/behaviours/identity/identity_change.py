"""``identity-change``: a ship begins to call itself something else."""

import numpy as np
from rapidfuzz.distance import Levenshtein

from watchkeeper.kernels.said import changes
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.imo import valid_imos
from watchkeeper.model.picture import Context, Fleet
from watchkeeper.model.records import Array, Statics
from watchkeeper.model.time import DAY, MINUTE
from watchkeeper.model.units import Count, Minutes

FIELDS = ("name", "callsign", "imo")
FLAG_DAYS = (90, 365)


@behaviour(
    id="identity-change",
    version=2,
    references=(
        Reference("OFAC/State/USCG advisory, 2020-05-14", "practice 2", "altering a vessel's identification"),
        Reference("IMO A.1192(33), 2023-12-06", "paragraph 2", "concealing a ship's identity"),
        Reference(
            "RadianceFleet, flag hopping", "config/risk_scoring.yaml", "2 or 3 flags in 90 d, 5 in 365 d"
        ),
        Reference(
            "ITU-R M.1371-5", "annex 2, 4.2.1", "static data every 6 min: two of them confirm a change"
        ),
    ),
    observes="vessels",
    monotone={"min_kept": +1, "min_letters": +1},
)
def identity_change(fleet: Fleet, *, min_kept: Minutes = 12.0, min_letters: Count = 3) -> Episodes:
    """Identity change: a number begins to send another name, call sign or IMO number, or an IMO number another MMSI.

    Why it matters: ships take other identities to leave a list, a flag or a history behind.
    Innocent causes: sale, new flag or new name that day, a unit set up anew, a spelling put right, a decoding error.
    Next step: compare with the register and the flag's notices for that day, and with size and type sent.
    """
    said = [_changes(fleet.statics, fleet.said_by, k, name) for k, name in enumerate(FIELDS)]
    return Episodes.concat([_together(Episodes.concat(said), fleet), _renumbered(fleet)])


def _changes(statics: Statics, vessel: Array, field: int, name: str) -> Episodes:
    """Consecutive known values of one field of one vessel that differ; ``value`` is the bit of the field."""
    column = getattr(statics, name)
    known = valid_imos(column) if name == "imo" else column != b""
    a, b = changes(vessel, statics.t, column, known)
    return Episodes.build(
        len(a),
        vessel=vessel[a],
        start=statics.t[b],
        end=statics.t[b],
        open=np.zeros(len(a), bool),
        first_row=statics.row[b],
        other_row=statics.row[a],
        low_t=statics.t[a],
        n=np.ones(len(a)),
        value=np.full(len(a), 1 << field),
    )


def _together(changes: Episodes, fleet: Fleet) -> Episodes:
    """Changes of several fields within a few minutes are one: ``value`` gets all their bits."""
    order = np.lexsort((changes.start, changes.vessel))
    kept: list[int] = []
    for k in order.tolist():
        last = kept[-1] if kept else -1
        if (
            kept
            and changes.vessel[last] == changes.vessel[k]
            and changes.start[k] - changes.start[last] <= 10 * MINUTE
        ):
            changes.value[last] = int(changes.value[last]) | int(changes.value[k])
        else:
            kept.append(k)
    merged = changes.take(np.array(kept, np.int64))
    merged.lat0[:] = fleet.first_lat[merged.vessel]
    merged.lon0[:] = fleet.first_lon[merged.vessel]
    return merged


def _renumbered(fleet: Fleet) -> Episodes:
    """An IMO number that continues under another MMSI: ``other`` is the vessel before, ``value`` 8."""
    valid = np.flatnonzero(valid_imos(fleet.statics.imo))
    imo, vessel = fleet.statics.imo[valid], fleet.said_by[valid]
    _, first = np.unique(np.stack([imo, vessel]), axis=1, return_index=True)
    first = first[np.lexsort((fleet.mmsi[vessel[first]], fleet.first_t[vessel[first]], imo[first]))]
    imo, vessel = imo[first], vessel[first]
    t, row = fleet.statics.t[valid[first]], fleet.statics.row[valid[first]]
    after = np.flatnonzero(
        (imo[1:] == imo[:-1]) & (fleet.reports[vessel[1:]] > 0) & (fleet.reports[vessel[:-1]] > 0)
    )
    a, b = vessel[after], vessel[after + 1]
    return Episodes.build(
        len(after),
        vessel=b,
        other=a,
        start=fleet.first_t[b],
        end=np.maximum(fleet.first_t[b], t[after + 1]),
        open=np.zeros(len(after), bool),
        first_row=fleet.first_row[b],
        last_row=row[after + 1],
        other_row=row[after],
        low_t=t[after],
        lat0=fleet.first_lat[b],
        lon0=fleet.first_lon[b],
        n=np.ones(len(after)),
        value=np.full(len(after), 8),
        low=(fleet.first_t[b] - fleet.last_t[a]) / MINUTE,
    )


@identity_change.judge
def judge(e: Episode, context: Context, *, min_kept: Minutes, min_letters: Count) -> Verdict:
    """Set aside spellings, values that did not stay, and numbers used side by side."""
    if e.other >= 0:
        return _judge_renumbered(e, context)
    place = context.position(e.vessel, e.start)
    if place is None:
        return SetAside("no position heard")
    statics = context.statics(e.vessel)
    at = int(np.searchsorted(statics.t, e.start, side="left"))
    measured = []
    for k, name in enumerate(FIELDS):
        if not int(e.value) & (1 << k):
            continue
        old, new, kept_min, before = _values(statics, name, at, e, context)
        if kept_min < min_kept:
            return SetAside("the new value did not stay")
        if before:
            return SetAside("back to an earlier value")
        if name != "imo" and Levenshtein.distance(old.upper(), new.upper()) < min_letters:
            continue
        measured.append(Measured(name, new, "", "!=", old))
    if not measured:
        return SetAside("a spelling, not another name")
    what = ", ".join(f"{m.name} {m.threshold} became {m.value}" for m in measured)
    several = len(measured) > 1 or any(m.name == "imo" for m in measured)
    return Found(
        tuple(measured),
        f"Under one MMSI, {what}.",
        "high" if several else "medium",
        "several parts of the identity changed together" if several else "one part of the identity changed",
        ("first report with the new identity", "", "report with the old identity"),
        place=place,
    )


def _judge_renumbered(e: Episode, context: Context) -> Verdict:
    if e.low < -10.0:
        return SetAside("two numbers with one IMO number at the same time")
    new, old = context.ship(e.vessel), context.ship(e.other)
    return Found(
        (
            Measured("MMSI", new.mmsi, "", "!=", old.mmsi),
            Measured(
                "flag by MMSI",
                new.flag or "unknown",
                "",
                "!=" if new.flag != old.flag else "",
                old.flag or "unknown",
            ),
            Measured("time between the two", round(e.low), "min"),
            *(
                Measured(f"flags of this IMO number in {d} d", _flags(new.imo, e.start, d, context), "count")
                for d in FLAG_DAYS
            ),
            Measured("name", new.name, "", "!=" if new.name != old.name else "==", old.name),
        ),
        f"IMO {new.imo} was heard under MMSI {old.mmsi}, then under {new.mmsi}.",
        "high",
        "one valid IMO number, one MMSI after the other",
        (
            "first report under the new number",
            "static report under the new number",
            "static report under the old number",
        ),
    )


def _flags(imo: int, t: int, days: int, context: Context) -> int:
    """Under how many flags an IMO number was heard in the days up to a time."""
    heard = [
        v for v in context.numbers_of(imo) if context.span(v)[0] <= t and context.span(v)[1] >= t - days * DAY
    ]
    return len({context.ship(v).flag for v in heard})


def _values(
    statics: Statics, name: str, at: int, e: Episode, context: Context
) -> tuple[str, str, float, bool]:
    """Old value, new value, how long the new one was kept [min], and whether it had been said earlier."""
    column = getattr(statics, name)
    known = valid_imos(column) if name == "imo" else column != b""
    before = np.flatnonzero(known[:at])
    old = column[before[-1]]
    # Fields that changed a few minutes apart are one change, which begins with the first of them.
    after = at + np.flatnonzero(known[at:])
    after = after[np.argmax(column[after] != old) :]
    new = column[after[0]]
    returns = after[column[after] != new]
    until = statics.t[returns[0]] if len(returns) else context.span(e.vessel)[1]
    kept = float(until - statics.t[after[0]]) / MINUTE
    return _text(old), _text(new), kept, bool((column[before] == new).any())


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
