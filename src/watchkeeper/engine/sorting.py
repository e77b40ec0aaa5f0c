"""Inputs that are not in time order (sorted by ship, say): sorted by way of the disk, in bounded memory."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from watchkeeper.engine.ordering import Readable, Records, in_time_order
from watchkeeper.model.records import Batch, Positions, Statics
from watchkeeper.model.time import HOUR


def sorted_stream(
    inputs: Sequence[Readable], tally: Callable[[int, Batch], None], folder: Path
) -> Iterator[tuple[Positions, Statics]]:
    """All records of all inputs in time order, an hour of them in memory at a time.

    Args:
        inputs: the opened inputs.
        tally: called with the number of the input and each batch read.
        folder: where the hours are kept meanwhile; emptied as they are used.
    """
    spool = folder / "sorting"
    spool.mkdir()
    hours: set[int] = set()
    for k, one in enumerate(inputs):
        for batch in one.batches():
            tally(k, batch)
            hours |= _spread(batch.positions, spool) | _spread(batch.statics, spool)
    for hour in sorted(hours):
        yield _gather(Positions, hour, spool), _gather(Statics, hour, spool)
    spool.rmdir()


def _spread(records: Positions | Statics, spool: Path) -> set[int]:
    """Append each hour's records to that hour's file."""
    if not len(records):
        return set()
    hour = records.t // HOUR
    present = np.unique(hour).tolist()
    for h in present:
        rows = _packed(records.take(hour == h))
        with (spool / f"{type(records).__name__}-{h}").open("ab") as file:
            rows.tofile(file)
    return set(present)


def _layout(kind: type[Positions] | type[Statics]) -> "np.dtype[np.void]":
    return np.dtype([(name, dtype) for name, dtype in kind.DTYPES.items()])


def _packed(records: Positions | Statics) -> "np.ndarray[tuple[int], np.dtype[np.void]]":
    rows = np.empty(len(records), _layout(type(records)))
    for name in records.DTYPES:
        rows[name] = getattr(records, name)
    return rows


def _gather(kind: type[Records], hour: int, spool: Path) -> Records:
    path = spool / f"{kind.__name__}-{hour}"
    if not path.exists():
        return kind.empty()
    rows = np.fromfile(path, _layout(kind))
    path.unlink()
    return in_time_order(kind(*(np.ascontiguousarray(rows[name]) for name in kind.DTYPES)))
