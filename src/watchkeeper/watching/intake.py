"""What came in since the last look: new lines of every feed, decoded, with the place to go on from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from watchkeeper.model.records import Array, Batch, Positions, Quarantined, Statics
from watchkeeper.sources.live import LiveDecoder
from watchkeeper.sources.options import ReadOptions

BLOCK: Final = 4 << 20
"""Bytes of a feed that are taken at a time: some 60,000 sentences."""


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
    """The feeds of a watch, in the order of their numbers."""

    def __init__(self, feeds: Sequence[Lines], options: ReadOptions) -> None:
        self._feeds = list(feeds)
        self._decoders = [LiveDecoder(k, feed.name, options) for k, feed in enumerate(feeds)]
        self._next = [1] * len(self._feeds)

    def take(self, now: int) -> Taken:
        """New lines of every feed, at most a block of each. ``now`` [ms UTC]: later times are out of range."""
        batches: list[Batch] = []
        lines = 0
        for k, feed in enumerate(self._feeds):
            block, first = feed.read(BLOCK)
            if not block:
                continue
            batches += self._decoders[k].push(block, first, now)
            count = block.count(b"\n")
            self._next[k] = first + count
            lines += count
        return Taken(
            Positions.concat(b.positions for b in batches),
            Statics.concat(b.statics for b in batches),
            lines,
            sum((b.rows for b in batches), Counter()),
            [q for b in batches for q in b.quarantine],
        )

    def places(self) -> dict[str, int]:
        """The next line of each feed."""
        return {feed.name: at for feed, at in zip(self._feeds, self._next, strict=True)}

    def snapshot(self) -> dict[str, Array]:
        """What the decoders remember, as named arrays."""
        return {f"{k}.{n}": a for k, d in enumerate(self._decoders) for n, a in d.snapshot().items()}

    def restore(self, state: dict[str, Array], places: dict[str, int]) -> None:
        """Go on from a snapshot. A feed that is new begins with its first line."""
        for k, (feed, decoder) in enumerate(zip(self._feeds, self._decoders, strict=True)):
            mine = {n.partition(".")[2]: a for n, a in state.items() if n.partition(".")[0] == str(k)}
            if mine:
                decoder.restore(mine)
            self._next[k] = places.get(feed.name, 1)
            feed.seek(self._next[k])
