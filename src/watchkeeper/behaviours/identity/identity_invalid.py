"""``identity-invalid``: a ship sends an identity that no ship can have."""

from collections.abc import Iterator

import numpy as np

from watchkeeper.behaviours.identity.by_register import days_apart, other_flag, said_by, why_not
from watchkeeper.behaviours.identity.registries import LANDLOCKED, PLACEHOLDER_SERIALS, is_placeholder
from watchkeeper.kernels.said import PLACEHOLDER_IMOS
from watchkeeper.model.behaviour import Found, Reference, SetAside, Verdict, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Measured
from watchkeeper.model.imo import valid_imo
from watchkeeper.model.picture import Context, Fleet, ListMatch, Ship
from watchkeeper.model.records import CLASS_A, Statics
from watchkeeper.model.register import ShipFacts
from watchkeeper.model.shiptypes import MERCHANT
from watchkeeper.model.units import Count, Days, Metres


@behaviour(
    id="identity-invalid",
    version=2,
    references=(
        Reference("IMO A.1117(30)", "annex", "seven digits, the last a check digit"),
        Reference(
            "ITU-R M.585-9 and the ITU table of MIDs", "annex 1", "the first three digits name the state"
        ),
        Reference("RadianceFleet, stateless MMSI", "source", "unallocated or landlocked country code"),
        Reference("OFAC/State/USCG advisory, 2020-05-14", "practices 2 and 6", "false identity, false flag"),
    ),
    observes="vessels",
    at_once=True,
    monotone={"min_reports": +1, "min_length": +1, "list_within": -1},
)
def identity_invalid(
    fleet: Fleet, *, min_reports: Count = 3, min_length: Metres = 100.0, list_within: Days = 365.0
) -> Episodes:
    """Identity invalid: IMO number with a wrong check digit, country code of no state or of one far from the sea, \
a flag other than a list's or register's, or a placeholder for a name or number.

    Why it matters: an invented identity belongs to no state that answers for the ship.
    Innocent causes: a slip of the keys at installation, a unit never set up, a new country code, a list out of date.
    Next step: ask the ship, compare with the register by name and size, tell the flag state whose code is used.
    """
    heard = np.flatnonzero(fleet.reports >= max(min_reports, 1))
    return Episodes.build(
        len(heard),
        vessel=heard,
        start=fleet.first_t[heard],
        end=fleet.last_t[heard],
        open=np.ones(len(heard), bool),
        first_row=fleet.first_row[heard],
        lat0=fleet.first_lat[heard],
        lon0=fleet.first_lon[heard],
        n=fleet.reports[heard],
    )


@identity_invalid.judge
def judge(e: Episode, context: Context, *, min_length: Metres, list_within: Days) -> Verdict:
    """One finding a ship, with all that is not valid."""
    ship = context.ship(e.vessel)
    wrong = [
        *_imo(context.statics(e.vessel)),
        *_number(ship, min_length),
        *_name(ship),
        *_flag(ship, context.list_matches(e.vessel), context.register(e.vessel), e.end, list_within),
    ]
    if not wrong:
        return SetAside("nothing invalid")
    return Found(
        tuple(wrong),
        "Sends " + "; ".join(map(_in_words, wrong)) + ".",
        "high" if len(wrong) > 1 else "low" if wrong[0].name in (_BY_LIST, _BY_REGISTER) else "medium",
        f"{len(wrong)} part{'s' * (len(wrong) > 1)} of the identity, over {e.n} reports",
        ("first report heard", "", ""),
    )


def _in_words(m: Measured) -> str:
    return f"{m.name}: {m.value}" + (f", not {m.threshold}" if m.comparison == "!=" else "")


_BY_LIST = "flag by MMSI other than a list's"
_BY_REGISTER = "flag by MMSI other than a register's"


def _imo(statics: Statics) -> Iterator[Measured]:
    """The last number sent, if any was, where it is none that can be assigned."""
    sent = statics.imo[statics.imo > 0]
    if not len(sent):
        return
    last = int(sent[-1])
    if not valid_imo(last):
        yield Measured("IMO number with a wrong check digit", last, "", "is", "wrong check digit")
    elif last in PLACEHOLDER_IMOS:
        yield Measured("IMO number that fills the field", last, "", "is", "placeholder")


def _number(ship: Ship, min_length: Metres) -> Iterator[Measured]:
    if ship.flag is None:
        yield Measured("country code of no state", ship.mmsi // 1_000_000, "", "is", "not allocated")
    elif ship.flag in LANDLOCKED and ship.ship_type in MERCHANT and ship.length_m >= min_length:
        yield Measured(
            f"flag without a coast for a ship of {ship.length_m:.0f} m", ship.flag, "", "is", "landlocked"
        )
    if ship.mmsi % 1_000_000 in PLACEHOLDER_SERIALS:
        yield Measured("MMSI that looks like a default", ship.mmsi, "", "is", "placeholder")


def _name(ship: Ship) -> Iterator[Measured]:
    """Of merchant ships only: names of boats and buoys are often numbers."""
    if ship.ais_class == CLASS_A and ship.ship_type in MERCHANT and is_placeholder(ship.name, ship.mmsi):
        yield Measured("name that says nothing", ship.name, "", "is", "placeholder")


def _flag(
    ship: Ship, matches: list[ListMatch], facts: ShipFacts | None, t: int, list_within: Days
) -> Iterator[Measured]:
    """Against a list of about that time that names the ship by its IMO number: flags change over the years.

    A register is asked where no list names the flag: lists that state facts are registers too.
    """
    flags = [(match, flag) for match in matches if (flag := dict(match.says).get("flag"))]
    for match, flag in flags:
        other = bool(ship.flag and flag != ship.flag)
        if match.by == "imo" and other and days_apart(match.as_of, t) <= list_within:
            yield Measured(_BY_LIST, ship.flag, "", "!=", f"{flag} ({match.list_title}, {match.as_of})")
    if flags or facts is None or why_not(facts, ship, t, list_within):
        return
    if registered := other_flag(facts, ship):
        yield Measured(_BY_REGISTER, ship.flag, "", "!=", f"{registered} ({said_by(facts)})")
