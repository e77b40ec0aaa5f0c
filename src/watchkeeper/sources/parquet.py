"""Parquet: watchkeeper's own tracks, and tables of positions of any make by their column names or a mapping.

A row's number is its place in the file, from 1.
"""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final

import msgspec
import numpy as np

from watchkeeper.errors import InputError, LimitError
from watchkeeper.model.records import Batch, Positions, Statics, pack_row
from watchkeeper.sources.chunks import Chunk, chunk_of
from watchkeeper.sources.cleaning import clean_positions
from watchkeeper.sources.delimited import read_delimited
from watchkeeper.sources.layout import NO_QUOTE, UNIT_SEPARATOR, Layout, slots_of_columns
from watchkeeper.sources.options import ReadOptions, TableMapping
from watchkeeper.sources.table import guess, time_format

NAME: Final = "Parquet"
OWN_KEY: Final = b"watchkeeper"
OWN_VALUE: Final = b"positions"
"""The schema metadata by which a file written by watchkeeper is recognised."""
BATCH_ROWS: Final = 100_000
MEMORY_LIMIT: Final = 2 << 30
"""A Parquet file inside another compression has to be held in memory."""
_MAGIC: Final = b"PAR1"


def sniff(head: bytes, filename: str) -> bool:
    """Whether it begins like a Parquet file."""
    return head.startswith(_MAGIC)


def batches(stream: BinaryIO, index: int, name: str, options: ReadOptions) -> Iterator[Batch]:
    """The records of a Parquet file.

    Raises:
        InputError: damaged, or a column is missing.
        LimitError: compressed once more, and too large for memory.
    """
    file = _opened(stream, name)
    if (file.schema_arrow.metadata or {}).get(OWN_KEY) == OWN_VALUE:
        yield from _own(file, index, name, options)
    else:
        yield from _table(file, index, name, options)


def raw_rows(stream: BinaryIO, name: str, rows: Sequence[int]) -> dict[int, str]:
    """The rows of the given numbers (from 1), as JSON."""
    found: dict[int, str] = {}
    start = 1
    for part in _opened(stream, name).iter_batches(BATCH_ROWS):
        for row in rows:
            if start <= row < start + part.num_rows:
                values = part.slice(row - start, 1).to_pylist()[0]
                found[row] = msgspec.json.encode(values).decode()
        start += part.num_rows
    return found


def _opened(stream: BinaryIO, name: str) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    source: Any = stream if stream.seekable() else io.BytesIO(_in_memory(stream, name))
    try:
        return pq.ParquetFile(source)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{name} is not a readable Parquet file: {error}.", "Write or download it again."
        ) from error


def _in_memory(stream: BinaryIO, name: str) -> bytes:
    content = bytearray()
    while block := stream.read(1 << 20):
        content += block
        if len(content) > MEMORY_LIMIT:
            raise LimitError(
                f"{name} is too large to be unpacked in memory.", "Unpack it and give the Parquet file."
            )
    return bytes(content)


def _parts(file: Any, columns: Sequence[str], name: str) -> Iterator[Any]:
    import pyarrow as pa

    try:
        yield from file.iter_batches(BATCH_ROWS, columns=list(columns))
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{name} is a damaged Parquet file: {error}.", "Write or download it again."
        ) from error


def _own(file: Any, index: int, name: str, options: ReadOptions) -> Iterator[Batch]:
    """Tracks as the engine writes them: the columns of :class:`Positions`, read as they are."""
    columns = [column for column in Positions.DTYPES if column != "row"]
    missing = [column for column in columns if column not in file.schema_arrow.names]
    if missing:
        raise InputError(
            f'{name} holds watchkeeper\'s positions, but no column "{missing[0]}".', "Write it again."
        )
    start = 1
    for part in _parts(file, columns, name):
        row = pack_row(index, np.arange(start, start + part.num_rows, dtype=np.int64))
        values = {column: _numpy(part.column(column), column) for column in columns}
        rows: Counter[str] = Counter(read=part.num_rows)
        noticed: Counter[str] = Counter()
        raw = Positions(row=row, **values)
        positions = clean_positions(raw, options, rows, noticed)
        rows["position"] = len(positions)
        yield Batch(index, positions, Statics.empty(), rows, noticed, senders=raw.mmsi)
        start += part.num_rows


def _numpy(column: Any, name: str) -> Any:
    import pyarrow as pa

    if name == "t" and not pa.types.is_integer(column.type):
        column = column.cast(pa.timestamp("ms")).cast(pa.int64())
    return column.to_numpy(zero_copy_only=False).astype(Positions.DTYPES[name])


def _table(file: Any, index: int, name: str, options: ReadOptions) -> Iterator[Batch]:
    """Any other table: its rows go the way of a text file's."""
    import pyarrow as pa

    mapping = options.table or TableMapping()
    header = [column.lower() for column in file.schema_arrow.names]
    _, names = guess(header, mapping, name)
    columns = [column for column in file.schema_arrow.names if names.get(column.lower())]
    slots = slots_of_columns([column.lower() for column in columns], names, name, NAME)
    time_column = int((slots == 0).argmax())
    parts = _lines(_parts(file, columns, name), columns)
    is_moment = pa.types.is_timestamp(file.schema_arrow.field(columns[time_column]).type)
    time, parts = time_format("ms" if is_moment else mapping.time, parts, time_column, UNIT_SEPARATOR)
    layout = Layout(slots, time, UNIT_SEPARATOR, NO_QUOTE, misshapen="not a row of the table")
    yield from read_delimited(parts, layout, index, name, options)


def _lines(parts: Iterator[Any], columns: Sequence[str]) -> Iterator[Chunk]:
    import pyarrow as pa
    import pyarrow.compute as pc

    start = 1
    for part in parts:
        texts = []
        for column in (part.column(name) for name in columns):
            if pa.types.is_timestamp(column.type):
                column = column.cast(pa.timestamp("ms", column.type.tz), safe=False).cast(pa.int64())
            text = column.cast(pa.string())
            texts.append(pc.replace_substring_regex(text, r"[\n\r\x1f]", " "))
        joined = pc.binary_join_element_wise(
            *texts, chr(UNIT_SEPARATOR), null_handling="replace", null_replacement=""
        )
        yield chunk_of([line.encode() for line in joined.to_pylist()], start)
        start += part.num_rows
