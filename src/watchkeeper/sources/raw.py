"""The raw record behind a reference: found by landmarks, or in one pass over the input as far as needed."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import BinaryIO, Final, cast

import numpy as np

from watchkeeper.kernels.csv_bytes import PADDING
from watchkeeper.kernels.newlines import STRETCH, newlines
from watchkeeper.sources.chunks import CHUNK_BYTES, fill
from watchkeeper.sources.inputs import recognised
from watchkeeper.sources.streams import Landmarks

TEXT_LIMIT: Final = 2_000
_NEWLINE: Final = 10
_BYTES: Final = 4 * TEXT_LIMIT
"""As many bytes as hold that many characters of UTF-8."""


def read_rows(path: str, rows: Sequence[int], landmarks: Landmarks | None = None) -> dict[int, str]:
    """The text of the lines ``rows`` (from 1) of an input as named by :class:`inputs.Input.path`, cut at
    2,000 characters; for JSON and Parquet, the elements as JSON. Lines the input does not have are left out.

    ``landmarks`` are those of the file when it was read (:attr:`inputs.Input.landmarks`).

    Raises:
        InputError: the input cannot be opened any more.
    """
    source, stream = recognised(path)
    with stream:
        raw_rows = getattr(source, "raw_rows", None)
        if raw_rows is None:
            return read_lines(cast(BinaryIO, stream), rows, landmarks=landmarks)
        found: dict[int, str] = raw_rows(stream, path, rows)
    return {row: text[:TEXT_LIMIT] for row, text in found.items()}


def read_lines(
    stream: BinaryIO,
    rows: Sequence[int],
    chunk_bytes: int = CHUNK_BYTES,
    landmarks: Landmarks | None = None,
) -> dict[int, str]:
    """The text of the physical lines ``rows`` (from 1) of a stream; with ``landmarks``, passing over the rest."""
    wanted = sorted(set(rows))
    found: dict[int, bytes] = {}
    data = np.zeros((STRETCH if landmarks else chunk_bytes) + PADDING, np.uint8)
    line = 1  # the line that goes on at the beginning of the chunk
    first = 0  # the first of the wanted rows that is not read to its end
    while first < len(wanted):
        if landmarks:
            offset, at = landmarks.before(wanted[first])
            if at > line:
                stream.seek(offset)
                line = at
        if not (size := fill(stream, data[:-PADDING])):
            break
        last = line + int(newlines(data, size).sum())
        if wanted[first] <= last:
            edges = np.concatenate([[-1], np.flatnonzero(data[:size] == _NEWLINE), [size]])
            for row in wanted[first : bisect_right(wanted, last)]:
                begin, end = int(edges[row - line]) + 1, int(edges[row - line + 1])
                text = data[begin : min(end, begin + _BYTES)].tobytes()
                found[row] = (found.get(row, b"") + text)[:_BYTES]
        line = last
        first = bisect_left(wanted, line)
    return {row: text.decode(errors="replace").rstrip("\r")[:TEXT_LIMIT] for row, text in found.items()}
