"""Run the engine and the judges over a world, cut, delayed or resumed as a law wants, and say what they find."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from watchkeeper.behaviours import all_behaviours
from watchkeeper.engine.context import RunContext
from watchkeeper.engine.engine import Engine, Watch
from watchkeeper.engine.judging import Outcome, judge_all
from watchkeeper.engine.places import still_watch
from watchkeeper.layers.assets import Assets
from watchkeeper.layers.places import Places
from watchkeeper.model.asset import Asset
from watchkeeper.model.behaviour import Behaviour
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.finding import Finding
from watchkeeper.model.picture import ListMatch, Ship
from watchkeeper.model.records import Array, Positions, Statics
from watchkeeper.model.register import ShipFacts
from watchkeeper.model.settings import EngineSettings

SOURCES = ["invented.csv"]


@lru_cache(maxsize=8)
def _index(assets: bytes) -> Assets:
    """Building an index costs more than a small fleet: the same assets share one."""
    return Assets(msgspec.json.decode(assets, type=tuple[Asset, ...]))


Records = tuple[Positions, Statics]


@dataclass(frozen=True)
class World:
    """Records in order of arrival, ``row`` numbering both kinds as lines of one input, and what lies around them."""

    positions: Positions
    statics: Statics
    assets: tuple[Asset, ...] = ()
    places: tuple[Asset, ...] = ()
    matches: Callable[[Ship], list[ListMatch]] = lambda ship: []
    facts: Callable[[int], ShipFacts | None] = lambda imo: None

    @property
    def span(self) -> tuple[int, int]:
        """First and last line."""
        rows = np.concatenate([self.positions.row, self.statics.row, [1]])
        return int(rows.min()), int(rows.max())


def whole(world: World) -> list[Records]:
    """The stream as one batch."""
    return [(world.positions, world.statics)]


def cut(world: World, shares: Iterable[float]) -> list[Records]:
    """The stream cut at shares of its lines (0 to 1); a share given twice gives an empty batch."""
    first, last = world.span
    return _split(
        world,
        world.positions.row,
        world.statics.row,
        [first + s * (last + 1 - first) for s in sorted(shares)],
    )


def delayed(world: World, delay_ms: Callable[[int], Array], shares: Iterable[float]) -> list[Records]:
    """The stream in another order of arrival: each record ``delay_ms(n)`` after its own time; cut too."""
    p_at, s_at = (
        world.positions.t + delay_ms(len(world.positions)),
        world.statics.t + delay_ms(len(world.statics)),
    )
    late = replace(
        world,
        positions=world.positions.take(np.argsort(p_at, kind="stable")),
        statics=world.statics.take(np.argsort(s_at, kind="stable")),
    )
    first, last = int(min(p_at.min(), s_at.min())), int(max(p_at.max(), s_at.max()))
    return _split(
        late, np.sort(p_at), np.sort(s_at), [first + s * (last + 1 - first) for s in sorted(shares)]
    )


def _split(world: World, p_key: Array, s_key: Array, edges: Sequence[float]) -> list[Records]:
    p_cuts = [0, *np.searchsorted(p_key, edges).tolist(), len(p_key)]
    s_cuts = [0, *np.searchsorted(s_key, edges).tolist(), len(s_key)]
    return [
        (world.positions.slice(p_cuts[k], p_cuts[k + 1]), world.statics.slice(s_cuts[k], s_cuts[k + 1]))
        for k in range(len(edges) + 1)
    ]


@dataclass
class Duty:
    """An engine, the behaviours on duty, and the engine's own watch for places."""

    engine: Engine
    watches: list[Watch]
    still: Watch

    @classmethod
    def begin(
        cls,
        world: World,
        thresholds: dict[str, dict[str, float]] | None = None,
        behaviours: Sequence[Behaviour] | None = None,
        *,
        overlap: bool = False,
    ) -> "Duty":
        """Everything as the scan sets it up; ``thresholds`` replaces some defaults."""
        declared = all_behaviours().values() if behaviours is None else behaviours
        watches = [
            Watch(b, {n: t.default for n, t in b.thresholds.items()} | (thresholds or {}).get(b.id, {}))
            for b in declared
        ]
        still = Watch(still_watch(), {})
        index = _index(msgspec.json.encode(world.assets)) if world.assets else None
        reach = max((a.buffer_m for a in world.assets), default=0.0)
        return cls(Engine([*watches, still], EngineSettings(), index, reach, overlap=overlap), watches, still)

    def take(self, batches: Iterable[Records]) -> "Duty":
        """Push batches."""
        for positions, statics in batches:
            self.engine.push(positions, statics)
        return self

    def saved(self) -> dict[str, Array]:
        """The engine's state as it comes back from a file, without pickles."""
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, **self.engine.snapshot())
        file.seek(0)
        with np.load(file, allow_pickle=False) as loaded:
            return dict(loaded)

    def outcomes(self, world: World) -> dict[str, Outcome]:
        """The data end: every candidate is judged."""
        self.engine.finish()
        context = RunContext(
            self.engine.vessels,
            self.engine.presence,
            self.engine.data_end,
            Episodes.concat(self.still.episodes),
            Places(world.places) if world.places else None,
            None,
            world.assets,
            world.matches,
            facts=world.facts,
        )
        return judge_all(self.watches, context, SOURCES, "exercise:law")


def findings(world: World, batches: Iterable[Records] | None = None, **duty: Any) -> list[Finding]:
    """All findings of all behaviours, in order of behaviour and id; a behaviour that stopped is a failure here."""
    return found(Duty.begin(world, **duty).take(whole(world) if batches is None else batches).outcomes(world))


def found(outcomes: dict[str, Outcome]) -> list[Finding]:
    """The findings of outcomes, in order of behaviour and id."""
    assert {name: o.failure for name, o in outcomes.items() if o.failure} == {}
    return sorted((f for o in outcomes.values() for f in o.findings), key=lambda f: (f.behaviour, f.id))


def told(those: Iterable[Finding]) -> list[str]:
    """Findings as the text that would be written: every field, not available as null."""
    return [msgspec.json.format(msgspec.json.encode(f)).decode() for f in those]


def ids(those: Iterable[Finding]) -> list[tuple[str, str]]:
    """Behaviour and id."""
    return [(f.behaviour, f.id) for f in those]


def read_only(world: World) -> World:
    """The same world in arrays that refuse to be written to."""
    for records in (world.positions, world.statics):
        for name in records.DTYPES:
            getattr(records, name).flags.writeable = False
    return world
