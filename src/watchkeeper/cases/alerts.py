"""One alert for each ship with findings, ranked by a sum whose every term is shown."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec

from watchkeeper.cases.combinations import Combination, built_in
from watchkeeper.cases.known import NOTHING, Difference, Known, differences
from watchkeeper.cases.matching import Held
from watchkeeper.cases.redflags import Shown, flags_shown
from watchkeeper.cases.scoring import ScoredShip, Scorer
from watchkeeper.cases.sensitivity import Change, changes
from watchkeeper.cases.tree import Node
from watchkeeper.cases.weights import weights
from watchkeeper.model.finding import Finding
from watchkeeper.model.picture import ListMatch, Ship
from watchkeeper.model.register import FlagStanding, ShipFacts
from watchkeeper.model.shiptypes import type_name

__all__ = ["Alert", "Combined", "Node", "raise_alerts"]


class Combined(msgspec.Struct, frozen=True, kw_only=True):
    """A combination that holds: its name and title, why it matters, what it adds, and the findings that make it."""

    name: str
    title: str
    why: str
    adds: float
    source: str
    finding_ids: tuple[str, ...]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A ship that needs attention. ``score`` is the value of ``tree``; ``reasons`` are its findings' summaries.

    ``combinations`` are findings that mean more together; ``red_flags`` what authorities say to look out for and
    the ship shows; ``sensitivity`` the smallest changes that would move its rank; ``lists`` every entry that names
    it, ``lists_differ`` where lists say different things; ``facts`` and ``flag_standing`` come from registers.
    """

    rank: int
    mmsi: int
    imo: int | None
    name: str | None
    flag: str | None
    ship_type: str
    headline: str
    score: float
    reasons: tuple[str, ...]
    finding_ids: tuple[str, ...]
    tree: Node
    combinations: tuple[Combined, ...] = ()
    red_flags: tuple[Shown, ...] = ()
    sensitivity: tuple[Change, ...] = ()
    lists: tuple[ListMatch, ...] = ()
    lists_differ: tuple[Difference, ...] = ()
    facts: ShipFacts | None = None
    flag_standing: FlagStanding | None = None


def raise_alerts(
    findings: Iterable[Finding],
    ship_of: Callable[[int], Ship],
    known_of: Callable[[int], Known] = lambda mmsi: NOTHING,
    combinations: Sequence[Combination] | None = None,
) -> list[Alert]:
    """Alerts in order of rank.

    A finding about two ships counts for both. Equal scores rank by the number of findings, then by MMSI. Findings
    that describe the network only (outages, interference) raise no alert.

    Args:
        findings: each once.
        ship_of: what is known of the ship with an MMSI.
        known_of: what lists and registers know of it.
        combinations: those to look for; the built-in ones where none are given.
    """
    scorer = Scorer(weights(), built_in() if combinations is None else combinations)
    ships = [
        scorer.score(mmsi, mine, known_of(mmsi))
        for mmsi, mine in _by_ship(findings).items()
        if scorer.matters(f.behaviour for f in mine)
    ]
    ships.sort(key=lambda ship: ship.standing)
    standings = [ship.standing for ship in ships]
    return [
        _alert(rank, ship, ship_of(ship.mmsi), changes(ship, scorer, standings))
        for rank, ship in enumerate(ships, 1)
    ]


def _by_ship(findings: Iterable[Finding]) -> dict[int, list[Finding]]:
    by_ship: defaultdict[int, list[Finding]] = defaultdict(list)
    for finding in sorted(findings, key=lambda f: (f.start, f.behaviour, f.id)):
        by_ship[finding.mmsi].append(finding)
        if finding.other_mmsi is not None and finding.other_mmsi != finding.mmsi:
            by_ship[finding.other_mmsi].append(finding)
    return by_ship


def _alert(rank: int, scored: ScoredShip, ship: Ship, sensitivity: tuple[Change, ...]) -> Alert:
    known = scored.known
    ordered = sorted(scored.findings, key=lambda f: (-scored.terms[f.behaviour].value, f.start))
    kinds = list(dict.fromkeys(f.behaviour for f in ordered))
    return Alert(
        rank=rank,
        mmsi=scored.mmsi,
        imo=ship.imo or None,
        name=ship.name or None,
        flag=ship.flag,
        ship_type=type_name(ship.ship_type),
        headline=ordered[0].summary + (f" Also: {', '.join(kinds[1:])}." if len(kinds) > 1 else ""),
        score=scored.tree.value,
        reasons=tuple(f"{f.behaviour}: {f.summary}" for f in ordered),
        finding_ids=tuple(f.id for f in ordered),
        tree=scored.tree,
        combinations=tuple(_combined(one, scored.terms) for one in scored.combined),
        red_flags=flags_shown(ordered, known),
        sensitivity=sensitivity,
        lists=known.lists,
        lists_differ=differences(known),
        facts=known.facts,
        flag_standing=known.standing,
    )


def _combined(one: Held, terms: dict[str, Node]) -> Combined:
    combination = one.combination
    return Combined(
        name=combination.name,
        title=combination.title,
        why=combination.why,
        adds=terms[combination.title].value,
        source=f"{combination.source}; {combination.origin}",
        finding_ids=tuple(f.id for f in one.members),
    )
