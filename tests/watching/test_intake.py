"""Feeds that have waited are worked through in step, so that none of them comes too late."""

import numpy as np
import pytest

from watching.stand_ins import Spooled
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_nmea
from watchkeeper.model.records import Positions
from watchkeeper.model.time import MINUTE, NO_TIME, from_iso
from watchkeeper.sources.options import ReadOptions
from watchkeeper.watching import intake
from watchkeeper.watching.intake import Intake

NOW = from_iso("2026-11-01")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("day") / "day.nmea"
    write_nmea(simulate(SimulationSpec(seed=3, rows=40_000, hours=8.0, cases_per_behaviour=1)), path)
    return path.read_bytes()


def feeds(log: bytes) -> list[Spooled]:
    """A busy station, and one that hears a sentence in forty."""
    # Position reports: a simulated log begins with the static data of all.
    lines = [
        line
        for line in log.splitlines(keepends=True)
        if b"!AIVDM,1," in line and line.split(b",")[6][:1] in (b"1", b"B")
    ]
    quiet = lines[::40]
    return [Spooled("busy", b"".join(lines)), Spooled("quiet", b"".join(quiet))]


def everything(
    sources: list[Spooled], monkeypatch: pytest.MonkeyPatch, restart_at: int = -1
) -> tuple[Positions, int]:
    """All that is taken, and how far a report was behind the newest one before it [ms]."""
    monkeypatch.setattr(intake, "BLOCK", 8_000)
    monkeypatch.setattr(intake, "MOST_HELD", 50)
    taking = Intake(sources, ReadOptions(now=NOW))
    taking.restore({}, {})
    parts, newest, worst = [], NO_TIME, 0
    for turn in range(10_000):
        if turn == restart_at:
            state, places = taking.snapshot(), taking.places()
            taking = Intake(sources, ReadOptions(now=NOW))
            taking.restore(state, places)
        taken = taking.take(NOW)
        if not taken.lines and not len(taken.positions):
            break
        parts.append(taken.positions)
        if len(taken.positions):
            if newest != NO_TIME:
                worst = max(worst, newest - int(taken.positions.t.min()))
            newest = max(newest, int(taken.positions.t.max()))
    return Positions.concat(parts), worst


def test_a_quiet_feed_does_not_run_ahead(log: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = everything(feeds(log)[:1], monkeypatch)[1]
    positions, behind = everything(feeds(log), monkeypatch)
    assert behind <= alone + MINUTE, "hours, if each gave a block a turn"
    whole = everything(feeds(log), monkeypatch, restart_at=7)[0]
    assert len(positions) > 5_000
    for taken in (positions, whole):
        assert len(set(taken.row.tolist())) == len(taken) == len(positions)
    assert np.array_equal(np.sort(whole.row), np.sort(positions.row))
