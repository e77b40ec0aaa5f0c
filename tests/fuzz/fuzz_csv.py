"""Fuzz everything that opens and reads tables and JSON: no input may raise anything but an ``InputError``.

    python tests/fuzz/fuzz_csv.py -max_total_time=600 [CORPUS]

Rows always add up, and reading in small chunks gives the same counts as reading at once.
"""

import io
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

# Imported before, so that they are not instrumented: numba compiles the bytecode of kernels.
import watchkeeper.kernels.csv_rows
import watchkeeper.kernels.csv_seen  # noqa: F401

with atheris.instrument_imports(include=["watchkeeper.sources"]):
    from watchkeeper.errors import InputError
    from watchkeeper.sources import digitraffic, dma, noaa, table
    from watchkeeper.sources.inputs import open_inputs
    from watchkeeper.sources.options import ReadOptions

OPTIONS = ReadOptions(now=1_777_600_000_000)
HEADERS = {
    dma: ("# " + ",".join(dma.COLUMNS)).encode(),
    noaa: ",".join(noaa.CAMEL_CASE).encode(),
    table: b"time;mmsi;lat;lon;name",
}


def counts(batches: object) -> Counter[str]:
    rows: Counter[str] = Counter()
    for batch in batches:  # type: ignore[attr-defined]
        assert sum(batch.rows.values()) == 2 * batch.rows["read"]
        rows += batch.rows
    return rows


def as_table(content: bytes) -> None:
    """The content as rows under each header, whole and in chunks."""
    for source, header in HEADERS.items():
        text = header + b"\n" + content
        try:
            whole = counts(source.batches(io.BytesIO(text), 0, "fuzz", OPTIONS))
            cut = counts(source.batches(io.BytesIO(text), 0, "fuzz", OPTIONS, chunk_bytes=256))
        except InputError:
            continue
        assert whole == cut


def as_file(content: bytes) -> None:
    """The content as a file of whatever format it seems to have."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fuzz.csv"
        path.write_bytes(content)
        try:
            for source in open_inputs([str(path)], OPTIONS):
                counts(source.batches())
        except InputError:
            return


def as_json(content: bytes) -> None:
    """The content inside a snapshot."""
    text = b'{"timestamp":"2026-04-26T00:00:00Z","vessels":[' + content + b"]}"
    try:
        counts(digitraffic.batches(io.BytesIO(text), 0, "fuzz", OPTIONS))
    except InputError:
        return


def test_one(content: bytes) -> None:
    [as_table, as_file, as_json][content[0] % 3 if content else 0](content[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one)
    atheris.Fuzz()
