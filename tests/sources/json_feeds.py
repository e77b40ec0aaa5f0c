"""What every format of JSON messages has to keep, asked of each in its own tests."""

import io
import json
from itertools import pairwise
from typing import Any

import numpy as np

from watchkeeper.model.records import Batch, Positions, Statics
from watchkeeper.model.time import from_iso
from watchkeeper.sources.inputs import formats
from watchkeeper.sources.live import LiveDecoder
from watchkeeper.sources.options import ReadOptions

OPTIONS = ReadOptions(now=from_iso("2026-11-01"))


def lines_of(*messages: Any) -> bytes:
    return b"".join(
        (m if isinstance(m, bytes) else json.dumps(m, separators=(",", ":")).encode()) + b"\n"
        for m in messages
    )


def read(source: Any, content: bytes, options: ReadOptions = OPTIONS) -> Batch:
    parts = list(source.batches(io.BytesIO(content), 2, "feed", options))
    whole = Batch(2, Positions.concat(p.positions for p in parts), Statics.concat(p.statics for p in parts))
    for part in parts:
        whole.rows += part.rows
        whole.noticed += part.noticed
        whole.quarantine += part.quarantine
    assert whole.rows["read"] == sum(n for key, n in whole.rows.items() if key != "read"), (
        "every row is counted once"
    )
    return whole


def recognised(content: bytes) -> str:
    return next(s.NAME for s in formats() if s.sniff(content, "000000000001.ndjson"))


def same_by_pieces(source: Any, content: bytes, cuts: list[int]) -> None:
    """A feed that comes in pieces gives what the file gives."""
    lines = content.splitlines(keepends=True)
    edges = [0, *sorted(c % (len(lines) + 1) for c in cuts), len(lines)]
    decoder = LiveDecoder(2, "feed", OPTIONS)
    decoder._begin(source.NAME, b"")
    parts = [b for x, y in pairwise(edges) for b in decoder.push(b"".join(lines[x:y]), x + 1, OPTIONS.now)]
    whole = read(source, content)
    for kind in ("positions", "statics"):
        one = getattr(whole, kind)
        other = type(one).concat(getattr(p, kind) for p in parts)
        for name in one.DTYPES:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert [q.line for q in whole.quarantine] == [q.line for p in parts for q in p.quarantine]
