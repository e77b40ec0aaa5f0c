"""What would change a ship's rank: the smallest single changes of its findings that move it."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from watchkeeper.cases.scoring import ScoredShip, Scorer, Standing

SHOWN: Final = 3
"""Changes shown upwards, and downwards."""


class Change(msgspec.Struct, frozen=True, gc=False):
    """A single change, and the score and rank that the ship would have; no rank means no alert.

    ``text`` completes "the rank would be n if ..."; ``behaviour`` is the one concerned.
    """

    text: str
    behaviour: str
    score: float
    rank: int | None


def changes(ship: ScoredShip, scorer: Scorer, standings: Sequence[Standing]) -> tuple[Change, ...]:
    """The smallest changes that move a ship down, then those that move it up; the least change of score first.

    Args:
        ship: the ship.
        scorer: what scored it.
        standings: those of all ships with an alert, in order of rank.
    """
    here = ship.standing
    rank = bisect_left(standings, here) + 1
    down: list[Change] = []
    up: list[Change] = []
    for text, behaviour, there in _variants(ship, scorer):
        if there is None:
            down.append(Change(text, behaviour, 0.0, None))
            continue
        new = bisect_left(standings, there) + 1 - (here < there)
        if new != rank:
            (up if new < rank else down).append(Change(text, behaviour, -there[0], new))
    for some in (down, up):
        some.sort(key=lambda c: (abs(-here[0] - c.score), c.behaviour, c.text))
    return (*down[:SHOWN], *up[:SHOWN])


def _variants(ship: ScoredShip, scorer: Scorer) -> Iterator[tuple[str, str, Standing | None]]:
    """Each single change: in words, the behaviour, and where the ship would stand."""
    table = scorer.table
    for behaviour, findings in ship.by_behaviour.items():
        weight = table.of(behaviour)
        if not weight.weight:
            continue
        yield weight.explained, behaviour, scorer.without(ship, behaviour)
        best = max(findings, key=table.strength)
        if best.confidence != "high":
            surer = msgspec.structs.replace(best, confidence="high")
            yield f"the confidence of {behaviour} were high", behaviour, scorer.stronger(ship, best, surer)
        if table.trust_factor(best) < 1.0:
            trusted = msgspec.structs.replace(best, trust="trusted")
            yield "the ship's positions could be trusted", behaviour, scorer.stronger(ship, best, trusted)
