"""The whole chain from records to findings, in memory: the same engine and judges as in a scan, without files."""

from collections.abc import Sequence
from typing import Final

from watchkeeper.behaviours import all_behaviours
from watchkeeper.engine.context import CoastLookup, RunContext
from watchkeeper.engine.engine import Engine, Watch
from watchkeeper.engine.judging import Outcome, judge_all
from watchkeeper.engine.places import still_watch
from watchkeeper.exercises.stage import SOURCE, Stage
from watchkeeper.layers.assets import Assets
from watchkeeper.layers.places import Places
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.settings import EngineSettings

BATCH_ROWS: Final = 150_000


def on_duty() -> list[Watch]:
    """Every declared behaviour with its default thresholds."""
    return [Watch(b, {n: t.default for n, t in b.thresholds.items()}) for b in all_behaviours().values()]


def detect(stage: Stage, watches: Sequence[Watch], coast: CoastLookup | None) -> RunContext:
    """Push the records through the engine; the watches hold their candidates, the context is what judges see."""
    still = Watch(still_watch(), {})
    index = Assets(stage.assets) if stage.assets else None
    reach_m = max((asset.buffer_m for asset in stage.assets), default=0.0)
    engine = Engine([*watches, still], EngineSettings(), index, reach_m, least_rows=BATCH_ROWS)
    said = 0
    for start in range(0, max(len(stage.positions), 1), BATCH_ROWS):
        positions = stage.positions.slice(start, start + BATCH_ROWS)
        last = start + BATCH_ROWS >= len(stage.positions)
        until = len(stage.statics) if last else int((stage.statics.row <= positions.row[-1]).sum())
        engine.push(positions, stage.statics.slice(said, until))
        said = until
    engine.finish()
    return RunContext(
        engine.vessels,
        engine.presence,
        engine.data_end,
        Episodes.concat(still.episodes),
        Places(stage.places) if stage.places else None,
        coast,
        stage.assets,
        stage.matches,
        facts=stage.registered.get,
    )


def rehearse(stage: Stage, realm: str, coast: CoastLookup | None = None) -> dict[str, Outcome]:
    """What every behaviour finds, with its default thresholds, by behaviour id."""
    watches = on_duty()
    return judge_all(watches, detect(stage, watches, coast), [SOURCE], realm)
