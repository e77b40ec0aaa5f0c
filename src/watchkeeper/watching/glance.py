"""What shows of a ship as soon as it is heard or says something, found without the rest of the picture."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from watchkeeper.engine.engine import Engine
from watchkeeper.engine.judging import judge
from watchkeeper.model.records import Array
from watchkeeper.surroundings import Surroundings
from watchkeeper.watching.judgement import Judged, context_of, knowing

MOST: Final = 1_000
"""Candidates of a behaviour that are looked at in one glance, the newest; where more are new at once, as when a watch
begins, the rest waits for the judging of everything."""


class Glance:
    """Looks at what is new since it last looked: candidates of the behaviours that say ``at_once``.

    What was there when it first looked is left to :func:`~watchkeeper.watching.judgement.judge_now`, as is all else.
    """

    def __init__(self) -> None:
        self._seen: dict[str, Array] = {}

    def look(
        self,
        engine: Engine,
        around: Surroundings,
        feeds: Sequence[str],
        realm: str,
        talked: Collection[int],
    ) -> Judged | None:
        """What is found of ships that are new as candidates, or said something new; None where there are none.

        Args:
            engine: its last watch learns where ships lie still.
            around: assets, places, lists.
            feeds: their names, by number.
            realm: ``real`` or ``exercise:<id>``.
            talked: the MMSI of those that said something new.
        """
        count = engine.vessels.count
        fresh = np.zeros(count, bool)
        fresh[np.isin(engine.vessels.mmsi, np.fromiter(talked, np.int32, len(talked)))] = True
        watches = []
        for watch in engine.at_once():
            candidates = watch.episodes[0]
            new = self._new(watch.behaviour.id, candidates.vessel, count) | fresh[candidates.vessel]
            if new.any():
                watches.append(replace(watch, episodes=[candidates.take(np.flatnonzero(new)[-MOST:])]))
        if not watches:
            return None
        context = context_of(engine, around, replace(engine.watches[-1], episodes=[]), ())
        outcomes = {w.behaviour.id: judge(w, context, feeds, realm) for w in watches}
        findings = [f for o in outcomes.values() for f in o.findings]
        ship_of, known_of = knowing(engine.vessels, context, around)
        return Judged(findings, outcomes, ship_of, known_of, lambda gone: {}, context)

    def _new(self, behaviour: str, vessel: Array, count: int) -> Array:
        """Which candidates were not there before; none the first time."""
        seen = self._seen.get(behaviour)
        now = np.zeros(count, bool)
        now[vessel] = True
        self._seen[behaviour] = now
        if seen is None:
            return np.zeros(len(vessel), bool)
        before = np.zeros(count, bool)
        before[: len(seen)] = seen[:count]
        return ~before[vessel]
