"""What came in since the last look: new lines of every feed, decoded, with the place to go on from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np

from watchkeeper.engine.ordering import in_time_order
from watchkeeper.model.records import Array, Batch, Positions, Quarantined, Statics
from watchkeeper.sources.live import LiveDecoder
from watchkeeper.sources.options import ReadOptions

BLOCK: Final = 4 << 20
"""Bytes of a feed that are taken at a time: some 60,000 sentences."""

MOST_HELD: Final = 10_000
"""Reports that a feed holds back before it is read on."""

_MOST: Final = 0.95


class Lines(Protocol):
    """The spool of a feed, read on."""

    name: str

    def read(self, most: int) -> tuple[bytes, int]:
        """Whole lines that were not read yet, at most so many bytes, and the number of the first; empty for none."""
        ...

    def seek(self, line: int) -> None:
        """Go on with this line, from 1."""
        ...


@dataclass(slots=True)
class Taken:
    """What one look gave: records in order of arrival, lines read, and what was counted on the way."""

    positions: Positions
    statics: Statics
    lines: int
    rows: Counter[str] = field(default_factory=Counter)
    quarantine: list[Quarantined] = field(default_factory=list)


class Takes(Protocol):
    """Where a watch takes its records from: feeds, or a replay."""

    def take(self, now: int) -> Taken:
        """What is new at a time [ms UTC]."""
        ...

    def places(self) -> dict[str, int]:
        """The next line of each feed."""
        ...

    def snapshot(self) -> dict[str, Array]:
        """What is remembered, as named arrays."""
        ...

    def restore(self, state: dict[str, Array], places: dict[str, int]) -> None:
        """Go on from a snapshot."""
        ...


class Intake:
    """The feeds of a watch, in the order of their numbers.

    Feeds are kept in step: where one has more waiting than a block, as after the work stood still, the others give only
    what is not newer than what it has given, so that its reports do not come too late. What they hold back is part of
    the state.
    """

    def __init__(self, feeds: Sequence[Lines], options: ReadOptions) -> None:
        self._feeds = list(feeds)
        self._decoders = [LiveDecoder(k, feed.name, options) for k, feed in enumerate(feeds)]
        self._next = [1] * len(self._feeds)
        self._held = [_Held() for _ in self._feeds]

    def take(self, now: int) -> Taken:
        """New lines of every feed, at most a block of each. ``now`` [ms UTC]: later times are out of range."""
        # All are read before any is decoded, which may take its time: what came meanwhile is for the next look.
        blocks = [
            ([], True) if len(held) > MOST_HELD else _blocks(feed)
            for feed, held in zip(self._feeds, self._held, strict=True)
        ]
        taken = Taken(Positions.empty(), Statics.empty(), 0)
        for k, (read, _) in enumerate(blocks):
            for block, first in read:
                self._decode(k, block, first, now, taken)
        until = min(
            (held.until for held, (_, more) in zip(self._held, blocks, strict=True) if more and held),
            default=None,
        )
        given = [held.give(until) for held in self._held]
        positions = Positions.concat(p for p, _ in given)
        several = sum(len(p) > 0 for p, _ in given) > 1
        taken.positions = in_time_order(positions) if several else positions
        taken.statics = Statics.concat(s for _, s in given)
        return taken

    def _decode(self, k: int, block: bytes, first: int, now: int, taken: Taken) -> None:
        batches: list[Batch] = list(self._decoders[k].push(block, first, now))
        count = block.count(b"\n")
        self._next[k] = first + count
        taken.lines += count
        taken.rows += sum((b.rows for b in batches), Counter())
        taken.quarantine += [q for b in batches for q in b.quarantine]
        held = self._held[k]
        held.positions = Positions.concat([held.positions, *(b.positions for b in batches)])
        held.statics = Statics.concat([held.statics, *(b.statics for b in batches)])

    def places(self) -> dict[str, int]:
        """The next line of each feed."""
        return {feed.name: at for feed, at in zip(self._feeds, self._next, strict=True)}

    def snapshot(self) -> dict[str, Array]:
        """What the decoders remember and what is held back, as named arrays."""
        state = {f"{k}.{n}": a for k, d in enumerate(self._decoders) for n, a in d.snapshot().items()}
        for k, held in enumerate(self._held):
            if held:
                state |= {f"{k}.held.{n}": a for n, a in held.snapshot().items()}
        return state

    def restore(self, state: dict[str, Array], places: dict[str, int]) -> None:
        """Go on from a snapshot. A feed that is new begins with its first line."""
        for k, (feed, decoder) in enumerate(zip(self._feeds, self._decoders, strict=True)):
            mine = {n.partition(".")[2]: a for n, a in state.items() if n.partition(".")[0] == str(k)}
            held = {n.removeprefix("held."): mine.pop(n) for n in [*mine] if n.startswith("held.")}
            if held:
                self._held[k] = _Held.restored(held)
            if mine:
                decoder.restore(mine)
            self._next[k] = places.get(feed.name, 1)
            feed.seek(self._next[k])


class _Held:
    """What a feed has brought and not given yet."""

    def __init__(self) -> None:
        self.positions, self.statics = Positions.empty(), Statics.empty()

    def __len__(self) -> int:
        return len(self.positions) + len(self.statics)

    @property
    def until(self) -> int:
        """How far its feed has come [ms UTC]: a few whose clocks are ahead do not count."""
        t = self.positions.t if len(self.positions) else self.statics.t
        return int(np.quantile(t, _MOST, method="lower"))

    def give(self, until: int | None) -> tuple[Positions, Statics]:
        """What is not newer than a time [ms UTC]; everything, where none is given."""
        positions, statics = self.positions, self.statics
        if until is None:
            self.positions, self.statics = Positions.empty(), Statics.empty()
            return positions, statics
        self.positions, self.statics = positions.take(positions.t > until), statics.take(statics.t > until)
        return positions.take(positions.t <= until), statics.take(statics.t <= until)

    def snapshot(self) -> dict[str, Array]:
        kinds = {"positions": self.positions, "statics": self.statics}
        return {f"{kind}.{n}": getattr(r, n) for kind, r in kinds.items() for n in r.DTYPES}

    @classmethod
    def restored(cls, state: dict[str, Array]) -> "_Held":
        held = cls()
        held.positions = Positions(**{n: state[f"positions.{n}"] for n in Positions.DTYPES})
        held.statics = Statics(**{n: state[f"statics.{n}"] for n in Statics.DTYPES})
        return held


def _blocks(feed: Lines) -> tuple[list[tuple[bytes, int]], bool]:
    """What waits, a block at most, and whether more does."""
    blocks: list[tuple[bytes, int]] = []
    left = BLOCK
    while left > 0:
        block, first = feed.read(left)
        if not block:
            return blocks, False
        blocks.append((block, first))
        left -= len(block)
        if left < BLOCK // 4:
            return blocks, True
    return blocks, True
