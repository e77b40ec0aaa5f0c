"""The raw record behind a reference: one pass over the input, only as far as needed."""

from collections.abc import Sequence
from typing import BinaryIO, Final, cast

import numpy as np

from watchkeeper.sources.chunks import CHUNK_BYTES, fill
from watchkeeper.sources.inputs import recognised

TEXT_LIMIT: Final = 2_000
_NEWLINE: Final = 10
_BYTES: Final = 4 * TEXT_LIMIT
"""As many bytes as hold that many characters of UTF-8."""


def read_rows(path: str, rows: Sequence[int]) -> dict[int, str]:
    """The text of the lines ``rows`` (from 1) of an input as named by :class:`inputs.Input.path`, cut at
    2,000 characters; for JSON and Parquet, the elements as JSON. Lines the input does not have are left out.

    Raises:
        InputError: the input cannot be opened any more.
    """
    source, stream = recognised(path)
    with stream:
        raw_rows = getattr(source, "raw_rows", None)
        if raw_rows is None:
            return read_lines(cast(BinaryIO, stream), rows)
        found: dict[int, str] = raw_rows(stream, path, rows)
    return {row: text[:TEXT_LIMIT] for row, text in found.items()}


def read_lines(stream: BinaryIO, rows: Sequence[int], chunk_bytes: int = CHUNK_BYTES) -> dict[int, str]:
    """The text of the physical lines ``rows`` (from 1) of a stream."""
    wanted = sorted(set(rows))
    found: dict[int, bytes] = {}
    data = np.empty(chunk_bytes, np.uint8)
    line = 1  # the line that goes on at the beginning of the chunk
    while wanted and line <= wanted[-1] and (size := fill(stream, data)):
        is_end = data[:size] == _NEWLINE
        last = line + int(np.count_nonzero(is_end))
        here = [row for row in wanted if line <= row <= last]
        if here:
            edges = np.concatenate([[-1], np.flatnonzero(is_end), [size]])
            for row in here:
                begin, end = int(edges[row - line]) + 1, int(edges[row - line + 1])
                text = data[begin : min(end, begin + _BYTES)].tobytes()
                found[row] = (found.get(row, b"") + text)[:_BYTES]
        line = last
    return {row: text.decode(errors="replace").rstrip("\r")[:TEXT_LIMIT] for row, text in found.items()}
