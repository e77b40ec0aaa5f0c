"""A feed decoded piece by piece gives what the file gives, with the same line numbers, also across a restart."""

import io
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_dma, write_nmea
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import from_iso
from watchkeeper.sources import dma, nmea
from watchkeeper.sources.live import LiveDecoder
from watchkeeper.sources.options import ReadOptions

OPTIONS = ReadOptions(now=from_iso("2026-11-01"))


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, bytes]]:
    folder = tmp_path_factory.mktemp("live")
    day = simulate(SimulationSpec(seed=2, rows=6_000, hours=8.0, cases_per_behaviour=0, behaviours=()))
    write_nmea(day, folder / "day.nmea")
    write_dma(day, folder / "day.csv")
    broken = b"\\g:1-2-77*5A\\!AIVDM,2,1,1,A,garbage\r\n\x00\xff\n!AIVDM,1,1,,A,short,0*00\n"
    return {
        "nmea": (nmea, (folder / "day.nmea").read_bytes() + broken),
        "dma": (dma, (folder / "day.csv").read_bytes() + b"not,a,row\n"),
    }


def whole(source: Any, content: bytes) -> tuple[Positions, Statics, list[int]]:
    batches = list(source.batches(io.BytesIO(content), 3, "feed", OPTIONS))
    return (
        Positions.concat(b.positions for b in batches),
        Statics.concat(b.statics for b in batches),
        sorted(q.line for b in batches for q in b.quarantine),
    )


def by_pieces(content: bytes, cuts: list[int], restarts: bool) -> tuple[Positions, Statics, list[int]]:
    lines = content.splitlines(keepends=True)
    edges = [0, *sorted(c % (len(lines) + 1) for c in cuts), len(lines)]
    decoder = LiveDecoder(3, "feed", OPTIONS)
    batches = []
    for a, b in pairwise(edges):
        batches += list(decoder.push(b"".join(lines[a:b]), a + 1, OPTIONS.now))
        if restarts:
            state = decoder.snapshot()
            decoder = LiveDecoder(3, "feed", OPTIONS)
            decoder.restore(state)
    return (
        Positions.concat(b.positions for b in batches),
        Statics.concat(b.statics for b in batches),
        sorted(q.line for b in batches for q in b.quarantine),
    )


@pytest.mark.parametrize("format", ["nmea", "dma"])
@given(cuts=st.lists(st.integers(1, 100_000), max_size=6), restarts=st.booleans())
def test_pieces_give_what_the_whole_gives(
    logs: dict[str, tuple[Any, bytes]], format: str, cuts: list[int], restarts: bool
) -> None:
    source, content = logs[format]
    positions, statics, unreadable = whole(source, content)
    mine, said, quarantined = by_pieces(content, cuts, restarts)
    if format == "dma":  # the file's reader knows a row it has seen; a feed leaves that to the engine
        first = {int(r) for r in positions.row}
        mine = mine.take(np.array([int(r) in first for r in mine.row], bool))
        assert {int(r) for r in statics.row} <= {int(r) for r in said.row}
    else:
        for name in Statics.DTYPES:
            np.testing.assert_array_equal(getattr(said, name), getattr(statics, name), err_msg=name)
        assert quarantined == unreadable
    for name in Positions.DTYPES:
        np.testing.assert_array_equal(getattr(mine, name), getattr(positions, name), err_msg=name)


def test_a_banner_is_quarantined_and_the_feed_goes_on(logs: dict[str, tuple[Any, bytes]]) -> None:
    """The first lines are of no known format; what follows is read with its right numbers."""
    _, content = logs["nmea"]
    decoder = LiveDecoder(0, "odd", OPTIONS)
    (banner,) = decoder.push(b"welcome to the\nharbour's receiver\n", 1, OPTIONS.now)
    assert [(q.line, q.reason, q.text) for q in banner.quarantine] == [
        (1, "of no known format", "welcome to the"),
        (2, "of no known format", "harbour's receiver"),
    ]
    assert banner.rows["read"] == banner.rows["quarantined"] == 2
    batches = list(decoder.push(content, 3, OPTIONS.now))
    assert sum(len(b.positions) for b in batches) > 1_000


def test_nothing_gives_nothing() -> None:
    assert list(LiveDecoder(0, "feed", OPTIONS).push(b"", 1, OPTIONS.now)) == []
