"""Which lines of a block are AIS sentences whose tag block tells their time: seen for all lines at once.

Most feeds either have such a tag block on every line or on none, and looking at each line by itself would take longer
than receiving it.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_NEWLINE, _BACKSLASH, _STAR, _BANG, _COMMA, _COLON = b"\n\\*!,:"
_C, _V, _D, _M, _O = b"cVDMO"
_SENTENCE_BYTES: Final = 7  # "!AIVDM,"

_HEX: Final = np.full(256, 255, np.uint8)
_HEX[48:58] = np.arange(10)
_HEX[65:71] = _HEX[97:103] = np.arange(10, 16)


def timed_sentences(block: bytes) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """For each line whether it is a valid tag block with a ``c:`` and right behind it an AIS sentence; and the edges.

    Args:
        block: whole lines, each ended by a newline.

    Returns:
        A mask ``(lines,)``, and where lines begin ``(lines + 1,)``, the last being the end of the block.
    """
    data = np.frombuffer(block, np.uint8)
    edges = np.concatenate([[0], np.flatnonzero(data == _NEWLINE) + 1])
    fine = np.zeros(len(edges) - 1, np.bool_)
    slashes = np.flatnonzero(data == _BACKSLASH)
    at = np.flatnonzero(data[edges[:-1]] == _BACKSLASH)  # lines that begin with a tag block
    if not len(at):
        return fine, edges
    begin, end = edges[:-1][at], edges[1:][at]
    after = np.searchsorted(slashes, begin) + 1
    close = np.append(slashes, len(data))[np.minimum(after, len(slashes))]
    shaped = (close - begin > 6) & (close + _SENTENCE_BYTES < end)
    at, begin, close = at[shaped], begin[shaped], close[shaped]
    if not len(at):
        return fine, edges
    star = close - 3
    written = (_HEX[data[close - 2]].astype(np.int16) << 4) | _HEX[data[close - 1]]
    spans = np.stack([begin + 1, star], 1).ravel()
    checked = np.bitwise_xor.reduceat(data, spans)[::2] == written
    kind = data[close + 6]
    sentence = (
        (data[close + 1] == _BANG)
        & (data[close + 4] == _V)
        & (data[close + 5] == _D)
        & ((kind == _M) | (kind == _O))
        & (data[close + 7] == _COMMA)
    )
    fine[at] = checked & (data[star] == _STAR) & sentence & _has_clock(data, begin, star)
    return fine, edges


def _has_clock(data: NDArray[np.uint8], begin: NDArray[Any], stop: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether a field ``c:`` with a digit stands in each span."""
    where = np.flatnonzero(data[1:-2] == _C) + 1
    before, digit = data[where - 1], data[where + 2] - 48  # a byte below "0" wraps to a large number
    is_field = ((before == _COMMA) | (before == _BACKSLASH)) & (data[where + 1] == _COLON) & (digit < 10)
    clocks = where[is_field]
    found: NDArray[np.bool_] = np.searchsorted(clocks, stop) > np.searchsorted(clocks, begin)
    return found
