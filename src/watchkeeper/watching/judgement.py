"""What a watch finds at a moment: all candidates of the horizon judged anew, the engine left as it is."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from watchkeeper.cases.known import Known
from watchkeeper.engine.context import FeedOut, RunContext
from watchkeeper.engine.engine import Engine, Watch
from watchkeeper.engine.judging import Outcome, judge_all, why_not
from watchkeeper.engine.presence import Presence
from watchkeeper.engine.vessels import Vessels
from watchkeeper.lists.flags import flag_of_mmsi
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.finding import Finding
from watchkeeper.model.picture import Ship
from watchkeeper.model.records import CLASS_UNKNOWN, TYPE_UNKNOWN
from watchkeeper.surroundings import Surroundings

STILL: Final = "still"


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found, by whom what was set aside, and what is known of ships.

    ``reasons`` says of findings that are no longer found why their candidates are set aside now; ``context`` is the
    whole picture that the judges saw.
    """

    findings: list[Finding]
    outcomes: dict[str, Outcome]
    ship_of: Callable[[int], Ship]
    known_of: Callable[[int], Known]
    reasons: Callable[[Collection[Finding]], dict[str, str]]
    context: RunContext


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an engine remembers at a moment: candidates of all behaviours, ships, who was heard when, the newest
    time."""

    watches: list[Watch]
    vessels: Vessels
    presence: Presence
    data_end: int

    @classmethod
    def of(cls, engine: Engine) -> "Remembered":
        """As it is now, to be judged in another thread while the engine goes on."""
        watches = engine.standing()
        return cls(watches, engine.vessels.frozen(), engine.presence.frozen(), engine.data_end)


def judge_now(
    engine: Engine | Remembered,
    around: Surroundings,
    feeds: Sequence[str],
    outs: Sequence[FeedOut],
    realm: str,
) -> Judged:
    """Judge everything the engine remembers, as if the data ended now; they may have ended.

    Args:
        engine: its last watch learns where ships lie still. Or what it remembers.
        around: assets, places, lists.
        feeds: their names, by number.
        outs: when which feed was not live.
        realm: ``real`` or ``exercise:<id>``.
    """
    *watches, still = engine.standing() if isinstance(engine, Engine) else engine.watches
    assert still.behaviour.id == STILL
    context = context_of(engine, around, still, outs)
    outcomes = judge_all(watches, context, feeds, realm)
    findings = sorted(
        (f for o in outcomes.values() for f in o.findings), key=lambda f: (f.start, f.behaviour, f.mmsi)
    )
    ship_of, known_of = knowing(engine.vessels, context, around)

    def reasons(gone: Collection[Finding]) -> dict[str, str]:
        return _reasons(watches, context, feeds, realm, gone)

    return Judged(findings, outcomes, ship_of, known_of, reasons, context)


def knowing(
    vessels: Vessels, context: RunContext, around: Surroundings
) -> tuple[Callable[[int], Ship], Callable[[int], Known]]:
    """What was heard of a ship, and what is known of it."""
    numbers: dict[int, int] = {}

    def ship_of(mmsi: int) -> Ship:
        if not numbers:
            numbers.update(zip(vessels.mmsi.tolist(), range(vessels.count), strict=True))
        number = numbers.get(mmsi)
        return context.ship(number) if number is not None else _unheard(mmsi)

    def known_of(mmsi: int) -> Known:
        return around.known(ship_of(mmsi))

    return ship_of, known_of


def _unheard(mmsi: int) -> Ship:
    """A ship that this engine has not heard: its alert is older than the engine's memory."""
    return Ship(
        mmsi=mmsi,
        imo=0,
        name="",
        callsign="",
        flag=flag_of_mmsi(mmsi),
        ship_type=TYPE_UNKNOWN,
        ais_class=CLASS_UNKNOWN,
        length_m=float("nan"),
    )


def _reasons(
    watches: Sequence[Watch], context: RunContext, feeds: Sequence[str], realm: str, gone: Collection[Finding]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for watch in watches:
        mine = {f.id for f in gone if f.behaviour == watch.behaviour.id}
        if mine:
            found |= why_not(watch, context, feeds, realm, mine)
    return found


def context_of(
    engine: Engine | Remembered, around: Surroundings, still: Watch, outs: Sequence[FeedOut]
) -> RunContext:
    return RunContext(
        engine.vessels,
        engine.presence,
        engine.data_end,
        Episodes.concat(still.episodes),
        around.place_index,
        around.land,
        around.assets,
        around.list_matches,
        around.asset_index,
        around.register,
        outs,
    )
